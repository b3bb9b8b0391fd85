"""What-ifs as they are told: whole to the secretariat, rounded and without other regions to a region."""

from __future__ import annotations

from typing import Any, ClassVar

from .base import REGION, Answer


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

    ``own_before`` and ``own_after`` are rounded to ``step_h``; the country's change to one figure and no finer than
    ``country_step_h``. What other regions have, do or lose is not told.
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

    def may_see(self, region: str) -> bool:
        return region == self.region
