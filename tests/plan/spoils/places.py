"""Receivers and helpers filled beyond what they said, with every figure that follows from it."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import ReceptionLimit
from nspl_opt.scenario.situation import Situation

from ...formulation.small import planned, small
from ..spoiling import decisions_in, rebuilt
from .making import Spoil

MODEL = {
    "beds": {}, "reception": {}, "external": {},
    "reserve": {
        "bed_types": [], "region_bed_types": ["icu"], "region_free_share": 0.2, "helper_load": 0.9,
        "helper_bed_types": ["icu"],
    },
}  # fmt: skip


@cache
def sound() -> tuple[Plan, Situation, Any]:
    """South may take three a day by its limit, has four beds above its reserve, and five as a helper. Oslo offers two
    places."""
    case = small(
        {"norr": "n", "oslo": "o", "syd": "s", "vast": "v"},
        beds={("icu", "syd"): 10, ("icu", "vast"): 20, ("icu", "oslo"): 2},
        initial={("icu", "norr"): 20, ("icu", "syd"): 4},
    ).having(external_regions=frozenset("o"), reception=[ReceptionLimit(("syd",), "icu", 0, 48, 3 * MICRO),
                        ReceptionLimit(("vast",), "all", 0, 48, 14 * MICRO)])  # fmt: skip
    made = planned(case, MODEL).made
    return made.plan, case.situation, case.travel


def more_to(site: str, extra: int, cared: bool) -> Spoil:
    """More of those who wait in the north come to a site, and have a bed there or not."""

    def spoil(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        d = decisions_in(plan, situation)
        n = rng.choice([n for n, row in enumerate(d.transfers) if row[2] == site])
        d.transfers[n] = (*d.transfers[n][:5], d.transfers[n][5] + extra)
        if cared:
            i = [one.code for one in situation.sites].index(site)
            d.cared[0, 0, i, 0] = d.cared.get((0, 0, i, 0), 0) + extra * MICRO
        return rebuilt(plan, situation, d)

    return spoil


def cared_for(site: str, extra: int) -> Spoil:
    """More are moved, and cared for, than the region's reserve of beds lets be."""
    return more_to(site, extra, cared=True)


def kept_at_home(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """The model says that nobody may be sent abroad, and two are."""
    families = {**plan.model["families"], "external": {**plan.model["families"]["external"], "send": False}}
    return replace(plan, model={**plan.model, "families": families})


KINDS_HERE: dict[str, Spoil] = {}
DEEP_HERE: dict[str, tuple[Spoil, str]] = {
    "one more a day than the place can receive": (more_to("syd", 1, cared=False), "reception.intake"),
    "a region's reserve used for others": (cared_for("syd", 2), "reserve.region_floor"),
    "one more abroad than there are places": (more_to("oslo", 1, cared=False), "external.places"),
    "abroad although it is closed": (kept_at_home, "external.border"),
    "a helper filled beyond its share": (more_to("vast", 6, cared=False), "reserve.helper"),
}
