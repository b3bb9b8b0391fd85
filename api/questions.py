"""What-ifs of a region side by side: which are the same question, and when somebody asks as if to find out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

Question = tuple[tuple[Any, ...], ...]
"""One tuple for each change: lever, place, what, side, from, to, amount. The same question is the same tuple."""


def question_of(changes: Sequence[Mapping[str, Any]]) -> Question:
    """Changes as they are stored, without what they may be written with or without."""
    return tuple(_part(one) for one in changes)


def _part(one: Mapping[str, Any]) -> tuple[Any, ...]:
    side = (one.get("side") or "help") if one["lever"] == "decline" else ""
    what = one.get("what") or "all"
    return one["lever"], one["place"], what, side, one.get("from_h") or 0, one.get("to_h"), _amount(one.get("change"))


def _amount(text: str | None) -> str:
    """``0.7``, ``x0.7`` and ``x0.70`` are one factor; ``+5`` and ``+05`` one addition."""
    if not text:
        return ""
    value = Fraction(text.lstrip("x+-"))
    return f"{text[0] if text[0] in '+-' and value else 'x' if text[0] not in '+-' else '+'}{value}"


def sizes_tried(questions: Sequence[Question]) -> dict[tuple[Any, ...], int]:
    """Lever (at a place, of a kind, for a time) -> how many sizes of it the questions try."""
    found: dict[tuple[Any, ...], set[str]] = {}
    for one in questions:
        for *lever, amount in one:
            found.setdefault(tuple(lever), set()).add(amount)
    return {lever: len(amounts) for lever, amounts in found.items()}


def alarms(before: Sequence[Question], now: Question, many: int, sizes: int) -> dict[str, int]:
    """What is worth an alarm about one more question of a region about a plan: kind -> count.

    ``many``: every so many different questions; ``sizes``: every so many sizes of one lever, as who bisects tries.
    """
    known = list(dict.fromkeys(before))
    if now in known:
        return {}
    found = {"many": len(known) + 1} if (len(known) + 1) % many == 0 else {}
    old, new = sizes_tried(known), sizes_tried([*known, now])
    more = max((count for lever, count in new.items() if count > old.get(lever, 0)), default=0)
    return found | ({"sizes": more} if more and more % sizes == 0 else {})
