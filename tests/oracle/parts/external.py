"""Places abroad: whom the model lets go, as many as it counts on; nothing else of ours is there."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

NAME = "external"
ALWAYS = True
"""Without the family the border is closed."""


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """One region is abroad: nobody comes there, and a few beds are offered, now and then not in the first period."""
    regions = sorted({site.region for site in situation.sites})
    options = {"send": rng.random() < 0.85, "share": rng.choice((0.5, 0.75, 1.0))}
    model = model | {"families": model["families"] | {NAME: options}}
    if len(regions) < 2:
        return situation, travel, model
    abroad = rng.choice(regions)
    here = [i for i, site in enumerate(situation.sites) if site.region == abroad]
    changed = {}
    for name in ("planned_beds", "surge_beds", "planned_staff", "arrivals_micro", "initial_micro", "beds"):
        changed[name] = getattr(situation, name).copy()
        changed[name][:, here] = rng.choice((1, 2, 3)) if name == "beds" else 0
    if rng.random() < 0.3:
        changed["beds"][:, here, 0] = 0
    for array in changed.values():
        array.setflags(write=False)
    return replace(situation, external_regions=frozenset({abroad}), **changed), travel, model


def prepare(oracle: Any) -> None:
    """Nobody is lent over the border, and without the family or ``send`` nobody is sent."""
    abroad, options = set(oracle.c["external_regions"]), oracle.families.get(NAME, {"send": False})

    def over(k: int, journey: dict[str, Any], t: int) -> bool:
        return bool({oracle.region[journey["origin"]], oracle.region[journey["destination"]]} & abroad)

    oracle.refuse_loan.append(lambda c, r, q, d: bool({r, q} & abroad))
    if not options["send"]:
        oracle.refuse.append(over)


def add(oracle: Any) -> None:
    """Who is there needs a place that is counted on: whole beds, or the need of its own."""
    if NAME not in oracle.families:
        return
    case, share = oracle.c, Fraction(str(oracle.families[NAME]["share"]))
    for i, site in enumerate(oracle.sites):
        if site["region"] not in case["external_regions"]:
            continue
        own = oracle.own_need(i)
        for b, bed in enumerate(case["bed_types"]):
            kinds = [k for k, one in enumerate(case["categories"]) if one["bed_type"] == bed["code"]]
            for t in range(len(oracle.periods)):
                places = Fraction(share * case["beds"][b][i][t] // 1)
                there = [(Fraction(1, oracle.grid), oracle.n[k, i, t]) for k in kinds]
                oracle.le(there, max(places, sum((own[k][t] for k in kinds), Fraction(0))))


def tell(oracle: Any, value: Any) -> dict[str, Any]:
    """How many patients are sent abroad."""
    abroad = set(oracle.c["external_regions"])
    sent = [x for one, x in zip(oracle.transfers, oracle.x, strict=True) if oracle.region[one["destination"]] in abroad]
    return {"sent": sum(value(x) for x in sent)}


def used(answer: dict[str, Any]) -> bool:
    """Whether somebody is sent abroad."""
    return answer["more"][NAME]["sent"] > 0
