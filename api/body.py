"""Reading a body: JSON and nothing that only looks like it. Refused before any model sees it.

``json.loads`` takes NaN, 1e400, the same key twice, lone surrogates and numbers of any length; each of them ends as
an error inside the service sooner or later. Whole numbers written ``12.0`` are whole numbers here, as in JSON Schema.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from .problems import Fault, Refusal

DEPTH = 32
DIGITS = 20
LARGEST = 2**53
"""Beyond this, whole numbers are not the same in every reader of JSON."""
MOST_VALUES = 50_000


class _Bad(ValueError):
    """A rule of this module broken; the text says which."""


def read_json(raw: bytes) -> Any:
    """The value of a body.

    Raises
    ------
    Refusal
        ``invalid``, with the rule that is broken and never with what was sent.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _refused("is not UTF-8", "send UTF-8 without a byte order mark") from None
    if text.startswith("\ufeff"):
        raise _refused("begins with a byte order mark", "send UTF-8 without one")
    _measure(text)
    try:
        value = _sound(_DECODER.decode(text))
    except _Bad as bad:
        raise _refused(str(bad), "write it otherwise") from None
    except (ValueError, RecursionError):
        raise _refused("is not JSON", "send one JSON object") from None
    return value


def _refused(rule: str, remedy: str) -> Refusal:
    return Refusal("invalid", [Fault("body", rule, remedy)])


def _measure(text: str) -> None:
    """Depth and number of values, before anything is built."""
    depth, values = 0, 1
    for found in _MARKS.finditer(text):
        sign = found[0]
        if sign in "[{":
            depth += 1
            if depth > DEPTH:
                raise _refused(f"is nested more than {DEPTH} deep", "send a flatter one")
        elif sign in "]}":
            depth -= 1
        if sign in "[{,":
            values += 1
            if values > MOST_VALUES:
                raise _refused(f"holds more than {MOST_VALUES} values", "send less at a time")


_MARKS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},]', re.DOTALL)
"""Strings, also unfinished ones, so that the search never starts again inside one; and what makes structure."""


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > DIGITS:
        raise _Bad(f"holds a number of more than {DIGITS} digits")
    value = int(text)
    if abs(value) > LARGEST:
        raise _Bad("holds a whole number beyond 2^53")
    return value


def _number(text: str) -> float | int:
    if len(text) > DIGITS + 10:
        raise _Bad(f"holds a number of more than {DIGITS} digits")
    value = float(text)
    if not math.isfinite(value):
        raise _Bad("holds a number that is not finite")
    if value.is_integer() and abs(value) <= LARGEST:
        return round(value)
    return value


def _constant(_: str) -> Any:
    raise _Bad("holds NaN or Infinity, which are not JSON")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        _sound_text(key)
        if key in found:
            raise _Bad("holds the same key twice")
        found[key] = _sound(value)
    return found


def _sound(value: Any) -> Any:
    if isinstance(value, str):
        _sound_text(value)
    elif isinstance(value, list):
        for one in value:
            _sound(one)
    return value


def _sound_text(text: str) -> None:
    if "\0" in text:
        raise _Bad("holds a NUL character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _Bad("holds half a surrogate pair") from None


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_whole, parse_float=_number, parse_constant=_constant, strict=True
)
