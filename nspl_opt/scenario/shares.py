"""Whole numbers shared out so that nothing is lost: largest remainder, ties by order."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Whole parts of ``total`` in proportion to ``weights`` [any unit], summing exactly to it.

    Each part is its exact share rounded down; what is left goes, one by one, to the largest
    remainders, the first in order when equal. All weights 0: the first gets everything.
    """
    whole = sum(weights)
    if whole == 0:
        return [total, *([0] * (len(weights) - 1))]
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts


def overlap(from_a: int, to_a: int, from_b: int, to_b: int) -> int:
    """How long two windows share, in their own unit."""
    return max(0, min(to_a, to_b) - max(from_a, from_b))


def half_even(value: Fraction) -> int:
    """The nearest whole number, halves to the even one."""
    return round(value)
