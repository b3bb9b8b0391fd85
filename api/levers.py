"""What a what-if names, looked up before it is taken: the places and kinds of the plan that it is asked beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nspl_opt.scenario.what_if_text import FORMS, KINDS, Known, parse_what_if, unknown_codes

from .problems import Fault


def unknown_in(changes: Sequence[Any], known: Known) -> list[Fault]:
    """What in the changes names nothing that is there, or is not written as its lever wants it.

    What was sent is not repeated: only what it is not.
    """
    faults = []
    for number, one in enumerate(changes):
        where, what_if = f"body.changes.{number}", parse_what_if(one.lever, one.as_text())
        if what_if is None:
            faults.append(Fault(where, "W101: is not of the form", f"write {FORMS[one.lever]}"))
            continue
        for field, remedy in unknown_codes(what_if, known):
            name = "what" if field in KINDS else "place"
            faults.append(Fault(f"{where}.{name}", f"W102: is no {field.replace('_', ' ')} of the plan", remedy))
    return faults
