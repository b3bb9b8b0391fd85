"""Time: how a horizon is cut into periods, staff blocks, and which closures are in force when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.scenario.situation import Period

BLOCK_H = 24
"""A staff block lasts at least this long [h]."""

MOST_PERIODS = 400
LONGEST_PERIOD_H = 168

GROWING = ((6, 48), (12, 48))
"""Of a growing grid: period length and for how long [h]; after that days. Near days are planned finely, far ones
coarsely: they are planned anew before they come."""
MOST_DAYS = MOST_PERIODS - sum(span // length - span // 24 for length, span in GROWING)
"""Days that a growing grid can have."""


def growing_grid(horizon_h: int) -> tuple[int, ...]:
    """Period lengths [h]: 6 h for the first 48 h, 12 h for the next 48 h, then 24 h.

    A rest shorter than its period is a period of its own, the last. A week is 8 × 6, 4 × 12, 3 × 24.
    """
    lengths: list[int] = []
    left = horizon_h
    for length, span in (*GROWING, (24, horizon_h)):
        part = min(span, left)
        lengths += uniform_grid(part, length)
        left -= part
    return tuple(lengths)


def uniform_grid(horizon_h: int, length_h: int) -> tuple[int, ...]:
    """Period lengths [h], all ``length_h`` but the last, which takes what is left."""
    number, rest = divmod(horizon_h, length_h)
    return (*[length_h] * number, *([rest] if rest else []))


def parse_grid(text: str, horizon_h: int, file: str = "grid") -> tuple[int, ...]:
    """Period lengths [h] from ``growing``, one length (``12``) or parts (``6x8,12x4,24x3``), over the same horizon.

    Raises
    ------
    InvalidInput
        ``S111`` when it is none of these, has too many or too long periods, or another horizon.
    """
    remedy = "write growing, one length in hours as 12, or parts as 6x8,12x4,24x3"
    shown = ascii(text if len(text) <= 60 else f"{text[:57]}...")

    def refuse(what: str, better: str = remedy) -> InvalidInput:
        return InvalidInput(file, [Problem("S111", f"grid {shown}", what, better)])

    if text == "growing":
        lengths = growing_grid(horizon_h)
    elif re.fullmatch("[0-9]{1,4}(x[0-9]{1,4}(,[0-9]{1,4}x[0-9]{1,4}){0,399})?", text):
        pairs = [[int(number) for number in part.split("x")] for part in text.split(",")]
        if any(not 1 <= pair[0] <= LONGEST_PERIOD_H for pair in pairs):
            raise refuse(f"a period lasts 1 to {LONGEST_PERIOD_H} h")
        if any(not 1 <= number <= MOST_PERIODS for pair in pairs for number in pair[1:]):
            raise refuse(f"there are 1 to {MOST_PERIODS} periods of a length")
        several = [length for pair in pairs if len(pair) == 2 for length in [pair[0]] * pair[1]]
        lengths = tuple(several) or uniform_grid(horizon_h, pairs[0][0])
    else:
        raise refuse("is no grid")
    if sum(lengths) != horizon_h:
        better = "let length times number sum to the horizon of the scenario"
        raise refuse(f"lasts {sum(lengths)} h, the scenario {horizon_h} h", better)
    if len(lengths) > MOST_PERIODS:
        raise refuse(f"has {len(lengths)} periods, at most {MOST_PERIODS} are allowed", "use longer periods")
    return lengths


def pairs_of(lengths: Sequence[int]) -> list[list[int]]:
    """Lengths as pairs [length in hours, number of periods], as scenario.toml writes them."""
    return [[length, len(list(same))] for length, same in groupby(lengths)]


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
