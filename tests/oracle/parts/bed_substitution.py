"""Beds that serve one another: patients who need one type of bed lie in beds of another."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any

MICRO = 1_000_000
NAME = "bed_substitution"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Ward patients in intensive-care beds, one or two beds each, everywhere or at one site."""
    from nspl_opt.scenario.parts import BedSubstitute

    sites = () if rng.random() < 0.6 else (situation.sites[0].code,)
    gives, serves = rng.choice((("icu", "ward"), ("icu", "ward"), ("ward", "icu")))
    found = (BedSubstitute(gives, serves, rng.choice((1_000_000, 1_000_000, 2_000_000)), sites),)
    options = {"largest_share": rng.choice((0.5, 1.0)), "types": "all"}
    return replace(situation, bed_substitutes=found), travel, model | {"families": model["families"] | {NAME: options}}


def prepare(oracle: Any) -> None:
    """Which beds may hold whom, where."""
    types = oracle.families[NAME]["types"]
    for pair in oracle.c["bed_substitutes"]:
        if types == "all" or pair["gives"] in types:
            sites = [i for i, site in enumerate(oracle.sites) if not pair["sites"] or site["code"] in pair["sites"]]
            oracle.serves |= {(pair["gives"], pair["serves"], i) for i in sites}


def add(oracle: Any) -> None:
    """Who lies where they are not meant to: as many as are cared for, in a share of the giver's open beds."""
    case, options, grid = oracle.c, oracle.families[NAME], oracle.grid
    codes = [bed["code"] for bed in case["bed_types"]]
    share = Fraction(str(options["largest_share"]))
    oracle.own[NAME] = {}
    gives: dict[tuple[int, int, int], list] = {}
    serves: dict[tuple[int, int, int], list] = {}
    for p, one in enumerate(case["bed_substitutes"]):
        if options["types"] != "all" and one["gives"] not in options["types"]:
            continue
        giver, server, beds = (
            codes.index(one["gives"]),
            codes.index(one["serves"]),
            Fraction(one["beds_micro"], oracle.micro),
        )
        for i, site in enumerate(oracle.sites):
            if one["sites"] and site["code"] not in one["sites"]:
                continue
            for t in range(len(oracle.periods)):
                other = oracle.m.new_int_var(0, oracle.most * grid, f"other{p}{i}{t}")
                oracle.own[NAME][p, i, t] = other
                used, housed = (beds / grid, other), (Fraction(-1, grid), other)
                oracle.more["beds.capacity"][giver, i, t].append(used)
                oracle.more["beds.capacity"][server, i, t].append(housed)
                oracle.more["reserve.used"][giver, i, t].append(used)
                oracle.more["reserve.used"][server, i, t].append(housed)
                gives.setdefault((giver, i, t), []).append(used)
                serves.setdefault((server, i, t), []).append(housed)
    for (b, i, t), used in sorted(gives.items()):
        planned = case["planned_beds"][b][i]
        room = case["beds"][b][i][t] + case["surge_beds"][b][i][t] - planned
        freed = (-share * planned * oracle.freed(), oracle.z[i, oracle.periods[t]["block"]])
        oracle.le([*used, freed], share * room)
    for (b, i, t), housed in sorted(serves.items()):
        kinds = [k for k, category in enumerate(case["categories"]) if category["bed_type"] == codes[b]]
        cared = [(Fraction(-1, grid), v) for (_, k, j, u), v in oracle.s.items() if k in kinds and (j, u) == (i, t)]
        oracle.le([*((-a, v) for a, v in housed), *cared], 0)


def tell(oracle: Any, value: Any) -> list:
    """(pair, site, period, patients)"""
    return [[*key, value(v) / oracle.grid] for key, v in oracle.own[NAME].items() if value(v)]


def lies(maker: Any) -> dict[str, dict[tuple[int, int, int], Fraction]]:
    """Beds lent, and patients who have them."""
    codes = [bed.code for bed in maker.s.bed_types]
    lent: dict[tuple[int, int, int], Fraction] = defaultdict(Fraction)
    borrowed: dict[tuple[int, int, int], Fraction] = defaultdict(Fraction)
    for p, i, t, patients in maker.d.more[NAME]:
        one, number = maker.s.bed_substitutes[p], Fraction(math.floor(patients * MICRO + 1e-6), MICRO)
        lent[codes.index(one.gives), i, t] += number * Fraction(one.beds_micro, MICRO)
        borrowed[codes.index(one.serves), i, t] += number
    return {"lent": lent, "borrowed": borrowed}


def tables(maker: Any) -> dict[str, list[dict[str, Any]]]:
    """Who lies where."""
    rows = []
    for p, i, t, patients in maker.d.more[NAME]:
        one, number, site = maker.s.bed_substitutes[p], math.floor(patients * MICRO + 1e-6), maker.s.sites[i]
        if number:
            rows.append({
                "period": t, "start": maker.time[t], "region": site.region, "site": site.code, "bed_type": one.gives,
                "used_by": one.serves, "patients": number / MICRO,
                "beds": round(Fraction(number * one.beds_micro, MICRO)) / MICRO,
            })  # fmt: skip
    return {"bed_use": sorted(rows, key=lambda row: (row["period"], row["site"], row["bed_type"], row["used_by"]))}


def used(answer: dict[str, Any]) -> bool:
    """Whether anybody lies in a bed of another type."""
    return bool(answer["more"][NAME])
