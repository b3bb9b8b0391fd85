"""Pydantic's findings in plain sentences: address as the author wrote it, value, rule, remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from nspl_opt.problems import Problem, did_you_mean
from nspl_opt.tables import ascii_safe

_QUOTED = re.compile(r"'([^']+)'")
SHOWN_CHARACTERS = 60
SHOWN_AT_ONCE = 50


def address(parts: tuple[int | str, ...]) -> str:
    """``("injects", 2, "from_h")`` as ``injects[2].from_h``. Parts that cannot be printed are escaped."""
    out = ""
    for part in parts:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            name = ascii_safe(part)[1:-1]
            out += ("." if out else "") + (name if len(name) <= SHOWN_CHARACTERS else f"{name[:57]}...")
    return out


def shown(value: Any) -> str:
    """A value as the author may recognise it, short and printable."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "the table"
    if isinstance(value, list | tuple):
        return "the list"
    if isinstance(value, int) and abs(value) > 10**18:
        return "a very large number"
    text = str(value)
    short = text if len(text) <= SHOWN_CHARACTERS else f"{text[:57]}..."
    return ascii_safe(short) if isinstance(value, str) else short


def tell(error: ValidationError, model: type[BaseModel], where: str) -> list[Problem]:
    """One problem per finding: ``S103`` missing, ``S104`` unknown key, ``S105`` a value against its rule."""
    findings = error.errors(include_url=False)
    misspelt = _misspelt(findings[: 4 * SHOWN_AT_ONCE])
    return first((_problem(finding, model, where) for finding in findings if finding["loc"] not in misspelt), where)


def first(problems: Iterable[Problem], where: str) -> list[Problem]:
    """The first fifty; that there are more is the last of them (``S109``), and they are not worked out."""
    ahead = iter(problems)
    told = list(islice(ahead, SHOWN_AT_ONCE))
    if next(ahead, None) is not None:
        what = f"more than {SHOWN_AT_ONCE} problems of one kind"
        told.append(Problem("S109", where, what, "mend these first, then check again"))
    return told


def _misspelt(findings: list[dict[str, Any]]) -> set[tuple[int | str, ...]]:
    """Missing keys that an unknown key of the same table was surely meant for: told once, as unknown."""
    missing = [finding["loc"] for finding in findings if finding["type"] == "missing"]
    meant: set[tuple[int | str, ...]] = set()
    for finding in findings:
        if finding["type"] == "extra_forbidden":
            beside = {loc[-1]: loc for loc in missing if loc[:-1] == finding["loc"][:-1]}
            meant |= {
                beside[name] for name in get_close_matches(str(finding["loc"][-1])[:100], beside, n=1, cutoff=0.6)
            }
    return meant


def _problem(finding: dict[str, Any], model: type[BaseModel], where: str) -> Problem:
    loc, kind = finding["loc"], finding["type"]
    place = f"{where}: {address(loc)}" if loc else where
    if kind == "missing":
        field = _model_at(model, loc[:-1]).model_fields[loc[-1]]
        return Problem("S103", place, "is missing", f"add it: {field.description or loc[-1]}")
    if kind == "extra_forbidden":
        known = _model_at(model, loc[:-1]).model_fields
        return Problem("S104", place, f"unknown key {shown(str(loc[-1]))}", did_you_mean(str(loc[-1]), known))
    value, context = finding["input"], finding.get("ctx", {})
    if kind == "rule":
        return Problem("S105", place, f"{shown(value)}: {context['rule']}", context["remedy"])
    if kind == "literal_error":
        choices = _QUOTED.findall(context["expected"])
        remedy = did_you_mean(value if isinstance(value, str) else "", choices)
        return Problem("S105", place, f"{shown(value)}: not one of the allowed values", remedy)
    rule, remedy = _STRUCTURE.get(kind, ("does not fit here", "compare with a scenario made by nspl-opt new"))
    what = f"{shown(value)}: {rule}".replace("@most", str(context.get("max_length", "")))
    return Problem("S105", place, what, remedy)


_STRUCTURE = {
    "tuple_type": ("must be a list", "write it in square brackets, or as [[...]] when it is a list of tables"),
    "model_type": ("must be a table", "write it as [[name]] with keys below it, or as { key = value }"),
    "model_attributes_type": ("must be a table", "write it as [[name]] with keys below it, or as { key = value }"),
    "too_long": ("has more than @most entries", "split or shorten it"),
    "too_short": ("is empty", "give at least one entry"),
}


def _model_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel]:
    """The model that stands at an address."""
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            model = _inner(model.model_fields[part].annotation) or model
    return model


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        if found := _inner(part):
            return found
    return None
