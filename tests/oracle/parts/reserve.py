"""Reserve: areas and regions care for others only while a share of their beds stays free; helpers are not filled."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from .discharge_ready import own_waiting

NAME = "reserve"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Areas or regions, a quarter or a half of one bed type or of both; now and then helpers that stay half empty."""
    options = {
        "grouping": rng.choice(("civil_area", "region")),
        "bed_types": rng.choice((["icu"], ["icu", "ward"])),
        "free_share": rng.choice((0.25, 0.25, 0.5)),
        "region_bed_types": rng.choice(([], [], ["ward"], ["icu"])),
        "region_free_share": rng.choice((0.25, 0.5)),
        "helper_load": rng.choice(("off", 0.5, 0.75)),
        "helper_bed_types": rng.choice((["icu"], ["icu", "ward"])),
        "waiting": rng.random() < 0.5,
    }
    return situation, travel, model | {"families": model["families"] | {NAME: options}}


def add(oracle: Any) -> None:
    """One floor per area, bed type and period; one for regions besides; and what helpers may take in."""
    options, case = oracle.families[NAME], oracle.c
    regions = [[region["code"]] for region in case["regions"]]
    areas = regions
    if options["grouping"] != "region":
        areas = [area["regions"] for area in case["groupings"][options["grouping"]]]
    need = [oracle.own_need(i) for i in range(len(oracle.sites))]
    if options["waiting"] and "discharge_ready" in oracle.families:
        need = [[list(map(sum, zip(*pair, strict=True))) for pair in zip(*site, strict=True)]
                for site in zip(need, own_waiting(oracle), strict=True)]  # fmt: skip
    for b, bed in enumerate(case["bed_types"]):
        if bed["code"] in options["bed_types"]:
            _floors(oracle, need, areas, b, Fraction(str(options["free_share"])))
        if bed["code"] in options["region_bed_types"]:
            _floors(oracle, need, regions, b, Fraction(str(options["region_free_share"])))
        if bed["code"] in options["helper_bed_types"] and options["helper_load"] != "off":
            _helpers(oracle, need, b, Fraction(str(options["helper_load"])))


def _floors(oracle: Any, need: list, areas: list[list[str]], b: int, share: Fraction) -> None:
    for regions in areas:
        members = _members(oracle, regions)
        for t in range(len(oracle.periods)):
            own = sum((need[i][k][t] for k in _kinds(oracle, b) for i in members), Fraction(0))
            limit = max((1 - share) * _beds(oracle, b, members, t), own)
            cared = [(Fraction(1, oracle.grid), v) for (_, k, i, u), v in oracle.s.items()
                     if k in _kinds(oracle, b) and i in members and u == t]  # fmt: skip
            more = [term for i in members for term in oracle.more["reserve.used"][b, i, t]]
            if cared or more:  # beds that nobody's category needs may hold others
                oracle.le([*cared, *more], limit)


def _helpers(oracle: Any, need: list, b: int, load: Fraction) -> None:
    for r in sorted(set(oracle.region.values()) - set(oracle.c["external_regions"])):
        members = _members(oracle, [r])
        guests: list[dict[int, Fraction]] = [{} for _ in oracle.c["categories"]]
        for t in range(len(oracle.periods)):
            guests = [_hosted(oracle, guests, k, r, t) for k in range(len(guests))]
            terms = [(a, oracle.x[e]) for k in _kinds(oracle, b) for e, a in sorted(guests[k].items())]
            own = sum((need[i][k][t] for k in _kinds(oracle, b) for i in members), Fraction(0))
            oracle.le(terms, max(Fraction(0), load * _beds(oracle, b, members, t) - own))


def _hosted(oracle: Any, before: list[dict[int, Fraction]], k: int, r: str, t: int) -> dict[int, Fraction]:
    """Guests of a category: how much of each transfer is there, if all are cared for and none moves on."""
    found = {e: a * (1 - oracle.leaves(k, t)) for e, a in before[k].items()}
    for other, share in oracle.flows[k]:
        for e, a in before[other].items():
            found[e] = found.get(e, Fraction(0)) + share * oracle.leaves(other, t) * a
    for e, one in enumerate(oracle.transfers):
        ends = oracle.region[one["origin"]], oracle.region[one["destination"]]
        if one["k"] == k and one["arrival"] == t and ends[1] == r != ends[0]:
            found[e] = Fraction(1)
    return found


def _members(oracle: Any, regions: list[str]) -> list[int]:
    abroad = oracle.c["external_regions"]
    return [i for i, site in enumerate(oracle.sites) if site["region"] in regions and site["region"] not in abroad]


def _kinds(oracle: Any, b: int) -> list[int]:
    code = oracle.c["bed_types"][b]["code"]
    return [k for k, category in enumerate(oracle.c["categories"]) if category["bed_type"] == code]


def _beds(oracle: Any, b: int, members: list[int], t: int) -> int:
    """Beds staffed and surge, without those of planned care."""
    case = oracle.c
    held = [min(case["planned_beds"][b][i], case["beds"][b][i][t]) for i in members]
    return sum(case["beds"][b][i][t] + case["surge_beds"][b][i][t] for i in members) - sum(held)
