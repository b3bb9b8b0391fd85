"""Surge units: beds that open whole, after their lead time, for so long, and not again at once."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any

NAME = "surge"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """A line or two of one to three units at most places, of one or two beds each; the surge beds are theirs."""
    import numpy as np

    from nspl_opt.scenario.parts import SurgeUnit

    lines, surge = [], np.zeros_like(situation.surge_beds)
    for i, site in enumerate(situation.sites):
        for b, bed in enumerate(situation.bed_types):
            if site.region in situation.external_regions or rng.random() < 0.3:
                continue
            for stage in range(rng.choice((1, 1, 2))):
                units, lead = rng.randint(1, 3), rng.choice((0, 0, 6, 12, 24))
                standard = "crisis" if stage and situation.crisis_open is not None else "conventional"
                beds = np.full(len(situation.periods), units * rng.choice((1, 2)), dtype=np.int64)
                beds.setflags(write=False)
                longest, teardown = rng.choice((None, 12, 24, 48)), rng.choice((0, 0, 24, 48))
                lines.append(SurgeUnit(site.code, bed.code, stage, units, lead, longest, teardown, 0, standard, beds))
                open_there = [lead <= period.start_h for period in situation.periods]
                if standard == "crisis":
                    open_there = [one and bool(situation.crisis_open[i, t]) for t, one in enumerate(open_there)]
                surge[b, i] += np.where(open_there, beds, 0)
    surge = surge * rng.choice((1, 1, 1, 2))  # as a what-if may change them
    surge.setflags(write=False)
    options = {"notice_h": rng.choice((0, 0, 12)), "longest_factor": rng.choice((1.0, 1.0, 2.0)),
               "teardown_factor": rng.choice((0.0, 1.0)), "stay_open": rng.random() < 0.3}  # fmt: skip
    families = model["families"] | {NAME: options}
    return replace(situation, surge_units=tuple(lines), surge_beds=surge), travel, model | {"families": families}


def add(oracle: Any) -> None:
    """Units open, opened and closed, line by line; their beds instead of all that could be open."""
    case = oracle.c
    codes = [bed["code"] for bed in case["bed_types"]], [site["code"] for site in oracle.sites]
    places = [(codes[0].index(line["bed_type"]), codes[1].index(line["site"])) for line in case["surge_units"]]
    times = range(len(oracle.periods))
    for b in range(len(codes[0])):
        for i in range(len(codes[1])):
            for t in times:
                oracle.room["beds.capacity"][b, i, t] -= case["surge_beds"][b][i][t]
    known: dict[tuple[int, int, int], int] = defaultdict(int)
    for line, (b, i) in zip(case["surge_units"], places, strict=True):
        for t in times:
            known[b, i, t] += line["beds"][t] * _ready(oracle, line, i, t)
    oracle.own[NAME] = {}
    for u, (line, (b, i)) in enumerate(zip(case["surge_units"], places, strict=True)):
        course = _course(oracle, u, line, i)
        for t in times:
            if _ready(oracle, line, i, t) and known[b, i, t]:
                each = Fraction(line["beds"][t] * case["surge_beds"][b][i][t], line["units"] * known[b, i, t])
                units = course[oracle.periods[t]["block"]][0]
                oracle.more["beds.capacity"][b, i, t].append((-each, units))


def _ready(oracle: Any, line: dict[str, Any], i: int, t: int) -> bool:
    """Whether the lead time has passed when the period begins, and the standard may be used."""
    unlocked = oracle.c["crisis_open"]
    may = line["standard"] != "crisis" or bool(unlocked and unlocked[i][t])
    return may and line["lead_h"] <= oracle.periods[t]["start_h"]


def _course(oracle: Any, u: int, line: dict[str, Any], i: int) -> list[tuple[Any, Any, Any]]:
    """Block by block: units open, opened and closed."""
    options, m, most = oracle.families[NAME], oracle.m, line["units"]
    notice, hours = Fraction(str(options["notice_h"])), oracle.block_hours
    starts = [oracle._block_start(d) for d in range(len(hours))]
    found = []
    for d, start in enumerate(starts):
        there = all(
            line["standard"] != "crisis" or _ready(oracle, line, i, t)
            for t, period in enumerate(oracle.periods) if period["block"] == d
        )  # fmt: skip
        top = most if there and start >= line["lead_h"] + notice else 0
        columns = [m.new_int_var(0, top, f"open{u}{d}"), *(m.new_int_var(0, most, f"{w}{u}{d}") for w in ("up", "off"))]
        before = found[-1][0] if found else 0
        m.add(columns[0] == before + columns[1] - columns[2])
        if options["stay_open"] and found:
            m.add(columns[0] >= before)
        found.append(tuple(columns))
        oracle.own[NAME][u, d] = found[-1]
        if line["longest_h"] is not None:
            longest = line["longest_h"] * Fraction(str(options["longest_factor"]))
            young = [found[e][1] for e in range(d + 1) if e == d or start + hours[d] - starts[e] <= longest]
            m.add(columns[0] <= sum(young))
        pause = line["teardown_h"] * Fraction(str(options["teardown_factor"]))
        shut = [found[e][2] for e in range(d + 1) if start - starts[e] < pause]
        m.add(columns[0] + sum(shut) <= most)
    return found


def tell(oracle: Any, value: Any) -> list:
    """(line, block, open, opened, closed)"""
    return [[*key, *map(value, three)] for key, three in oracle.own[NAME].items() if any(map(value, three))]


def tables(maker: Any) -> dict[str, list[dict[str, Any]]]:
    """Units by line and block, with their beds in the first period of the block."""
    rows = []
    for u, d, units, opened, closed in maker.d.more[NAME]:
        line = maker.s.surge_units[u]
        (region,) = (site.region for site in maker.s.sites if site.code == line.site)
        rows.append({
            "unit": u, "block": d, "start": maker.time[maker.first(d)], "region": region, "site": line.site,
            "bed_type": line.bed_type, "stage": line.stage, "units": units, "opened": opened, "closed": closed,
            "beds": round(maker.own[NAME].get((u, d), 0) * 1_000_000) / 1_000_000,
        })  # fmt: skip
    return {"surge_units": sorted(rows, key=lambda row: (row["unit"], row["block"]))}


def lies(maker: Any) -> dict[str, Any]:
    """Nobody lies otherwise for it; the beds of the units that are open, for the table of surge beds."""
    s, known = maker.s, defaultdict(int)
    sites, beds = [site.code for site in s.sites], [bed.code for bed in s.bed_types]
    places = [(beds.index(line.bed_type), sites.index(line.site)) for line in s.surge_units]
    there = [[int(line.beds[t]) * _counts(s, line, i, t) for t in range(len(s.periods))]
             for line, (_, i) in zip(s.surge_units, places, strict=True)]  # fmt: skip
    for stated, place in zip(there, places, strict=True):
        for t, number in enumerate(stated):
            known[*place, t] += number
    found = maker.own["open surge"] = defaultdict(Fraction)
    maker.own[NAME] = {}
    for u, d, units, *_ in maker.d.more[NAME]:
        for t, period in enumerate(s.periods):
            if period.block == d and there[u][t]:
                cell = *places[u], t
                own = Fraction(there[u][t] * int(s.surge_beds[cell]), known[cell] * s.surge_units[u].units)
                found[cell] += units * own
                maker.own[NAME].setdefault((u, d), units * own if maker.first(d) == t else 0)
    return {}


def _counts(s: Any, line: Any, i: int, t: int) -> bool:
    may = line.standard != "crisis" or (s.crisis_open is not None and bool(s.crisis_open[i, t]))
    return may and line.lead_h <= s.periods[t].start_h


def used(answer: dict[str, Any]) -> bool:
    """Whether units open that are not open from the start to the end, and some close."""
    return any(closed for *_, closed in answer["more"][NAME])
