"""What-ifs as they are told: whole to the secretariat, rounded and without other regions to a region."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from .base import REGION, Answer

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


class WhatIfSeen(Answer):
    """What a change of the region's own came to. Severity-weighted patient-hours without care.

    On the safe side, for it is reckoned as if other regions had less room left than they have: what the plan leaves
    them is taken up to ``others_room_ratio`` times lower. So ``own_after`` and ``country_change`` are rather too high
    than too low. ``own_before`` and ``own_after`` are rounded to ``step_h``; the country's change to one figure and no
    finer than ``country_step_h``. What other regions have, do or lose is not told.
    """

    audiences: ClassVar[frozenset[str]] = REGION
    id: str
    region: str
    base_plan: str
    changes: tuple[dict[str, Any], ...]
    at: str
    state: str
    why: str
    own_before: int | None = None
    own_after: int | None = None
    country_change: int | None = None
    step_h: int
    country_step_h: int
    others_room_ratio: float

    def may_see(self, region: str) -> bool:
        return region == self.region


def own_figures(result: Mapping[str, Any], region: str) -> dict[str, int]:
    """What a region is told of a result: ``own_before``, ``own_after`` and ``country_change``, rounded."""
    row = next((one for one in result["regions"] if one["region"] == region), {"before": 0.0, "after": 0.0})
    change = result["unmet"]["after"] - result["unmet"]["before"]
    return {
        "own_before": _stepped(row["before"], STEP_H),
        "own_after": _stepped(row["after"], STEP_H),
        "country_change": _rough(change),
    }


def _stepped(hours: float, step: int) -> int:
    return step * round(hours / step)


def _rough(hours: float) -> int:
    """One figure, and no finer than the country's step."""
    if abs(hours) < COUNTRY_STEP_H / 2:
        return 0
    step = max(COUNTRY_STEP_H, 10 ** math.floor(math.log10(abs(hours))))
    return _stepped(hours, step)
