"""What a what-if names, looked up before it is taken: the places and kinds of the plan that it is asked beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nspl_opt.problems import InvalidInput, did_you_mean
from nspl_opt.scenario.schema import EVERYWHERE
from nspl_opt.scenario.what_if_text import Known, parse_what_ifs

from .problems import Fault

KINDS = {
    "beds": ("place", "bed_type"),
    "staff": ("place", "profession"),
    "arrivals": ("place", "category"),
    "vehicles": ("pool", ""),
    "lose": ("hospital", ""),
    "close-link": ("link", ""),
    "decline": ("region", "category"),
}
"""Lever -> what its ``place`` is, and its ``what``."""
WORDS = {"bed_type": "bed type"}


def unknown_in(changes: Sequence[Any], known: Known) -> list[Fault]:
    """What in the changes names nothing that is there, or is not written as its lever wants it."""
    faults = []
    for number, one in enumerate(changes):
        try:
            parse_what_ifs([(one.lever, one.as_text())], known)
        except InvalidInput as refused:
            own = list(_unknown(number, one, known))
            form = Fault(f"body.changes.{number}", "W101: is not of the form", refused.problems[0].remedy)
            faults += own or [form]
    return faults


def _unknown(number: int, one: Any, known: Known) -> list[Fault]:
    """What was sent is not repeated: only what it is not."""
    faults = []
    for name, kind in zip(("place", "what"), KINDS[one.lever], strict=True):
        value = getattr(one, name)
        if not kind or value is None or value == EVERYWHERE or value in (codes := known.of_kind(kind)):
            continue
        what = f"W102: is no {WORDS.get(kind, kind)} of the plan"
        faults.append(Fault(f"body.changes.{number}.{name}", what, did_you_mean(value, codes)))
    return faults
