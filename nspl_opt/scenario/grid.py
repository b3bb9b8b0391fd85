"""Time: periods, staff blocks, and which closures are in force when."""

from __future__ import annotations

from collections.abc import Sequence

from nspl_opt.scenario.situation import Period

BLOCK_H = 24
"""A staff block lasts at least this long [h]."""


def make_periods(lengths: Sequence[int], states: Sequence[int]) -> tuple[Period, ...]:
    """The grid. ``lengths`` [h] and the network state of each period.

    Periods join into staff blocks until a block lasts 24 h or more; the last may be shorter.
    """
    periods: list[Period] = []
    start = block = held = 0
    for index, (length, state) in enumerate(zip(lengths, states, strict=True)):
        periods.append(Period(index, start, length, block, state))
        start += length
        held += length
        if held >= BLOCK_H:
            block, held = block + 1, 0
    return tuple(periods)


def starts_of(lengths: Sequence[int]) -> list[int]:
    """The hour in which each period begins [h]."""
    starts, hour = [], 0
    for length in lengths:
        starts.append(hour)
        hour += length
    return starts


def holds_middle(from_h: int, to_h: int, start_h: int, length_h: int) -> bool:
    """Whether a window covers the middle of a period: journeys start then, so closures are judged there."""
    middle_x2 = 2 * start_h + length_h
    return 2 * from_h <= middle_x2 < 2 * to_h
