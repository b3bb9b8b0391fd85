"""Transfers that are not gathered, where the model says that they are."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

from nspl_opt.plan.plan import Plan
from nspl_opt.scenario.situation import Situation

from ...formulation.small import planned, small
from .making import Spoil


@cache
def sound() -> tuple[Plan, Situation, Any]:
    """Two from the north come to the middle while its own two go on to the south."""
    case = small(
        {"mitt": "m", "norr": "n", "syd": "s"},
        beds={("icu", "mitt"): 2, ("icu", "syd"): 9},
        initial={("icu", "norr"): 2, ("icu", "mitt"): 2},
        roads={("norr", "mitt"): 60, ("mitt", "syd"): 60},
    )
    made = planned(case, {"beds": {}, "batching": {"most_in_all": 4}}).made
    return made.plan, case.situation, case.travel


def _with(**options: Any) -> Spoil:
    """The model gathers otherwise than it was planned by."""

    def spoil(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        families = plan.model["families"]
        mine = {**families, "batching": {**families["batching"], **options}}
        return replace(plan, model={**plan.model, "families": mine})

    return spoil


KINDS_HERE: dict[str, Spoil] = {}
DEEP_HERE: dict[str, tuple[Spoil, str]] = {
    "a group smaller than the smallest": (_with(smallest_group=3), "batching.group"),
    "a receiver too many": (_with(partners=0), "batching.few"),
    "a place that sends and receives": (_with(gap_h=0.0), "batching.gap"),
    "more in all than the budget": (_with(most_in_all=3), "batching.budgets"),
    "more between two places than the budget": (_with(most_per_pair=1), "batching.budgets"),
    "more at a place a day than the budget": (_with(most_per_site_day=3), "batching.budgets"),
    "more a day than the budget": (_with(most_per_day=3), "batching.budgets"),
}
