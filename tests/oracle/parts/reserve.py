"""Reserve: an area cares for others only while a share of its beds stays free."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

NAME = "reserve"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Areas or regions, a quarter or a half of one bed type or of both."""
    options = {
        "grouping": rng.choice(("civil_area", "region")),
        "bed_types": rng.choice((["icu"], ["icu", "ward"])),
        "free_share": rng.choice((0.25, 0.5)),
    }
    return situation, travel, model | {"families": model["families"] | {NAME: options}}


def add(oracle: Any) -> None:
    """One floor per area, bed type and period."""
    options, case = oracle.families[NAME], oracle.c
    if options["grouping"] == "region":
        areas = [[region["code"]] for region in case["regions"]]
    else:
        areas = [area["regions"] for area in case["groupings"][options["grouping"]]]
    need = [oracle.own_need(i) for i in range(len(oracle.sites))]
    for b, bed in enumerate(case["bed_types"]):
        kinds = [k for k, category in enumerate(case["categories"]) if category["bed_type"] == bed["code"]]
        if bed["code"] not in options["bed_types"] or not kinds:
            continue
        for regions in areas:
            members = [i for i, site in enumerate(oracle.sites) if site["region"] in regions]
            for t in range(len(oracle.periods)):
                held = [min(case["planned_beds"][b][i], case["beds"][b][i][t]) for i in members]
                beds = sum(case["beds"][b][i][t] + case["surge_beds"][b][i][t] for i in members) - sum(held)
                own = sum((need[i][k][t] for k in kinds for i in members), Fraction(0))
                limit = max((1 - Fraction(str(options["free_share"]))) * beds, own)
                cared = [(Fraction(1, oracle.grid), v) for (_, k, i, u), v in oracle.s.items()
                         if k in kinds and i in members and u == t]  # fmt: skip
                more = [term for i in members for term in oracle.more["reserve.used"][b, i, t]]
                oracle.le([*cared, *more], limit)
