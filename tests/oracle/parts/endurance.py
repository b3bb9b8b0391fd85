"""Endurance: extra hours for a time, and rest after them."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

NAME = "endurance"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """A quarter or a half more people on duty, for one or two days, then a day of rest."""
    options = {"professions": ["nurse"], "extra_share": rng.choice((0.25, 0.5)), "work_h": rng.choice((24, 48)),
               "rest_h": rng.choice((0, 24))}  # fmt: skip
    families = {"staff": {"contingency": True, "within_region_share": 0.25}} | model["families"] | {NAME: options}
    return situation, travel, model | {"families": families}


def add(oracle: Any) -> None:
    """Extra people's worth of hours per region and block: limited at once, and over every run with its rest."""
    options, case, hours = oracle.families[NAME], oracle.c, oracle.block_hours
    share, grid = Fraction(str(options["extra_share"])), oracle.grid
    work, rest = Fraction(str(options["work_h"])), Fraction(str(options["rest_h"]))
    runs = []
    for first in range(len(hours)):
        for last in range(first, len(hours)):
            if sum(hours[first : last + 1]) >= work + rest:
                runs.append((first, last))
                break
    oracle.own[NAME] = {}
    for c, profession in enumerate(case["professions"]):
        if profession["code"] not in options["professions"]:
            continue
        duty = Fraction(profession["on_duty_micro"], oracle.micro)
        for r in sorted(set(oracle.region.values()) - set(case["external_regions"])):
            members = [i for i, site in enumerate(oracle.sites) if site["region"] == r]
            there = []
            for d in range(len(hours)):
                times = [t for t, period in enumerate(oracle.periods) if period["block"] == d]
                there.append(min(sum(case["staff"][c][i][t] for i in members) for t in times))
            extra = [
                oracle.m.new_int_var(0, int(share * people * grid), f"extra{c}{r}{d}") for d, people in enumerate(there)
            ]
            for d, variable in enumerate(extra):
                oracle.own[NAME][c, r, d] = variable
                for t, period in enumerate(oracle.periods):
                    if period["block"] == d:
                        oracle.more["staff.region"][c, r, t].append((-duty / grid, variable))
                        for i in members:
                            oracle.more["staff.site"][c, i, t].append((-duty / grid, variable))
            for first, last in runs:
                terms = [(Fraction(hours[d], grid), extra[d]) for d in range(first, last + 1)]
                oracle.le(terms, share * min(there[first : last + 1]) * work)


def tell(oracle: Any, value: Any) -> list:
    """(profession, region, block, people)"""
    return [[*key, value(v) / oracle.grid] for key, v in oracle.own[NAME].items() if value(v)]


def tables(maker: Any) -> dict[str, list[dict[str, Any]]]:
    """Extra hours worked, as people's worth."""
    rows = []
    for c, r, d, people in maker.d.more[NAME]:
        start = next(t for t, period in enumerate(maker.s.periods) if period.block == d)
        rows.append({
            "block": d, "start": maker.time[start], "region": r, "profession": maker.s.professions[c].code,
            "people": math.floor(people * 1e6 + 1e-6) / 1e6,
        })  # fmt: skip
    rows = [row for row in rows if row["people"]]
    return {"extra_hours": sorted(rows, key=lambda row: (row["block"], row["region"], row["profession"]))}


def used(answer: dict[str, Any]) -> bool:
    """Whether anybody works extra hours."""
    return bool(answer["more"][NAME])
