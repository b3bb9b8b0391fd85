"""What-ifs as they are told: whole to the secretariat, rounded and without other regions to a region."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .base import Answer, Own

STEP_H, COUNTRY_STEP_H = 10, 50
"""Steps in which a region is told of itself and of the country [severity-weighted patient-hours]."""


class WhatIfWhole(Answer):
    """A what-if with everything that came of it."""

    id: str
    region: str | None
    asked_by: str
    base_plan: str
    changes: tuple[dict[str, Any], ...]
    at: str
    state: str
    result: dict[str, Any]


class WhatIfSeen(Own):
    """What a change of the region's own came to. Severity-weighted patient-hours without care.

    What other regions have left beside the plan is reckoned with in rough steps, ``others_room_ratio`` apart: rounded
    down for ``own_after`` and ``country_change``, which are the most it may come to, rounded up for ``..._least``. The
    truth lies between, but for what a search in limited time leaves: among plans that are equally good for the country
    a region may have a little more or less. A region's own hours are rounded to ``step_h``; the
    country's to one figure and no finer than ``country_step_h``. What other regions have, do or lose is not told.
    """

    id: str
    base_plan: str
    changes: tuple[dict[str, Any], ...]
    at: str
    state: str
    why: str
    own_before: int | None = None
    own_after: int | None = None
    own_after_least: int | None = None
    country_change: int | None = None
    country_change_least: int | None = None
    step_h: int
    country_step_h: int
    others_room_ratio: float


def own_figures(result: Mapping[str, Any], region: str, worse: bool = False) -> dict[str, int]:
    """What a region is told of a result, rounded: its own hours before and after, and what the country's change by.

    ``worse``: the changes only take away. Then nothing gets better by them, whatever more room elsewhere would do.
    """
    most, least = result, result.get("least", result)
    before = _own(most, region)["before"]
    after = sorted((_own(most, region)["after"], _own(least, region)["after"]))
    change = sorted(one["unmet"]["after"] - one["unmet"]["before"] for one in (most, least))
    if worse:
        after, change = [max(hours, before) for hours in after], [max(hours, 0.0) for hours in change]
    return {
        "own_before": _stepped(before, STEP_H),
        "own_after": _stepped(after[1], STEP_H),
        "own_after_least": _stepped(after[0], STEP_H),
        "country_change": _rough(change[1]),
        "country_change_least": _rough(change[0]),
    }


def _own(result: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    return next((one for one in result["regions"] if one["region"] == region), {"before": 0.0, "after": 0.0})


def _stepped(hours: float, step: int) -> int:
    return step * round(hours / step)


def _rough(hours: float) -> int:
    """One figure, and no finer than the country's step."""
    if abs(hours) < COUNTRY_STEP_H / 2:
        return 0
    step = max(COUNTRY_STEP_H, 10 ** math.floor(math.log10(abs(hours))))
    return _stepped(hours, step)
