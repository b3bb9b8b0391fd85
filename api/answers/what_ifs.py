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
    down for ``own_after`` and ``country_change``, the most that comes to lack, and, where something is only taken away,
    rounded up for ``..._least``. The truth lies between, but for what a search in limited time leaves: among plans that
    are equally good for the country a region may have a little more or less. A region's own hours are rounded to
    ``step_h``; the country's to one figure and no finer than ``country_step_h``. What other regions have, do or lose is
    not told.
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


def own_figures(result: Mapping[str, Any], region: str) -> dict[str, int | None]:
    """What a region is told of a result, rounded: its own hours before and after, and what the country's change by.

    The least is told of what only takes away: then nothing gets better by it, whatever more room elsewhere would do.
    """
    before, after = _own(result, region)["before"], _own(result, region)["after"]
    change, least = _changed(result), result.get("least")
    own_least = country_least = None
    if least is not None:
        after, change = max(after, before), max(change, 0.0)
        own_least = _stepped(max(min(_own(least, region)["after"], after), before), STEP_H)
        country_least = _rough(max(min(_changed(least), change), 0.0))
    return {
        "own_before": _stepped(before, STEP_H),
        "own_after": _stepped(after, STEP_H),
        "own_after_least": own_least,
        "country_change": _rough(change),
        "country_change_least": country_least,
    }


def _changed(result: Mapping[str, Any]) -> float:
    return result["unmet"]["after"] - result["unmet"]["before"]


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
