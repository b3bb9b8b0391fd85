"""The form of a help request: a JSON Schema in a file per version, so that another form needs no other code."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nspl_opt.cells import Complaint, refuse_person
from nspl_opt.problems import did_you_mean
from nspl_opt.store.errors import BadForm, NotThere

_NAME = re.compile(r"help_request\.v([0-9]{1,4})\.json", re.ASCII)
_FOLDER = Path(__file__).parent / "schemas"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}", re.ASCII)
Codes = Mapping[str, Collection[str]]
"""Table of a reference package -> its codes."""
NO_CODES: Codes = MappingProxyType({})
_PERSON = "looks like a personal identity number"
MOST_FAULTS = 50
"""Told of one form."""


@cache
def versions() -> tuple[str, ...]:
    """Versions of the form, the oldest first; the last is the one for new requests."""
    found = [match[1] for path in _FOLDER.iterdir() if (match := _NAME.fullmatch(path.name))]
    return tuple(sorted(found, key=int))


@cache
def _text(version: str) -> str:
    return (_FOLDER / f"help_request.v{version}.json").read_text(encoding="utf-8")


def schema(version: str | None = None) -> dict[str, Any]:
    """The JSON Schema of a version of the form, the latest unless given; ``NotThere`` when there is none such."""
    version = version or versions()[-1]
    if version not in versions():
        raise NotThere("L401")
    return json.loads(_text(version))


def check_form(body: Any, version: str, codes: Codes = NO_CODES) -> None:
    """Check a help request against its form, and what it asks for against the ``codes`` that there are.

    Raises
    ------
    BadForm
        ``L302`` with every fault: the field as a path (``lines.0.quantity``) and the rule; never the value.
    NotThere
        No such version of the form.
    """
    import jsonschema_rs

    form = schema(version)
    found = jsonschema_rs.validator_for(form).iter_errors(body)
    faults = [_fault(one) for _, one in zip(range(MOST_FAULTS), found, strict=False)]
    if not faults:
        people = [(path, _PERSON) for path, text in _texts(body) if _names_person(text)]
        faults = [*_times(body), *_windows(body), *_unknown(body, form, codes), *people]
    if faults:
        raise BadForm("L302", faults=tuple(dict.fromkeys(faults)))


def _fault(error: Any) -> tuple[str, str]:
    """Where, and what the form asks for there: in its own words, never in those of the request."""
    kind = error.kind
    if (say := _RULES.get(kind.name)) is None:
        rule = f"breaks the rule {kind.name} of the form"
    else:
        told = {name: getattr(kind, name, "") for name in ("property", "limit")}
        options = ", ".join(map(str, getattr(kind, "options", ())))
        rule = say.format(**told, options=options)
    return ".".join(map(str, error.instance_path)), rule


_RULES = {
    "additionalProperties": "has a field that the form does not know",
    "required": "lacks the field {property}",
    "enum": "is none of {options}",
    "type": "is of another type than the form says",
    "pattern": "is not written as the form says",
    "minimum": "is less than {limit}",
    "maximum": "is more than {limit}",
    "minItems": "has fewer than {limit} entries",
    "maxItems": "has more than {limit} entries",
    "uniqueItems": "says the same twice",
}


def _times(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Days that no calendar has."""
    for path, text in _texts(body):
        if _TIME.fullmatch(text):
            try:
                datetime.fromisoformat(text)
            except ValueError:
                yield path, "is a day that the calendar does not have"


def _unknown(body: Mapping[str, Any], form: Mapping[str, Any], codes: Codes) -> Iterator[tuple[str, str]]:
    """Codes of what is asked for that are none; ``x-codes`` of the form tells of which table each must be."""
    kinds = form["$defs"]["line"].get("x-codes", {})
    tables = [(f"lines.{place}.what", kinds.get(line["help_kind"]), line["what"])
              for place, line in enumerate(body["lines"])]  # fmt: skip
    category = form["properties"]["consequence"]["items"].get("x-codes")
    for place, one in enumerate(body.get("consequence", ())):
        tables.append((f"consequence.{place}.what", category, one["what"]))
    for path, table, code in tables:
        if table in codes and code not in codes[table]:
            yield path, f"is no code of {table.replace('_', ' ')}: {did_you_mean(code, codes[table])}"


def _windows(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a JSON Schema cannot say: an end after its start, no minimum above the whole."""
    for place, line in enumerate(body.get("lines", ())):
        if "earliest" in line and "latest" in line and line["latest"] < line["earliest"]:
            yield f"lines.{place}.latest", "comes before earliest"
        if line.get("minimum_useful", 0) > line.get("quantity", 0):
            yield f"lines.{place}.minimum_useful", "is more than quantity"


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(one, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from _texts(one, f"{path}.{place}" if path else str(place))


def _names_person(text: str) -> bool:
    try:
        refuse_person(text)
    except Complaint:
        return True
    return False
