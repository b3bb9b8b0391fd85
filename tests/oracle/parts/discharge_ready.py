"""Ready for discharge: patients who need no more care wait for a municipal place, in a bed or without one."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any

MICRO = 1_000_000
NAME = "discharge_ready"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Half of those who leave, or all, wait for two places a day, in some regions without a limit."""
    import numpy as np

    from nspl_opt.scenario.parts import Municipal

    ready = np.array([rng.choice((500_000, 1_000_000)) for _ in situation.categories], dtype=np.int64)
    places = np.array([[rng.choice((0, 1, 2)) * period.length_h * 1_000_000 // 24 for period in situation.periods]
                       for _ in situation.regions], dtype=np.int64)  # fmt: skip
    limited = [region.code not in situation.external_regions and rng.random() < 0.8 for region in situation.regions]
    for grid in (ready, places, limited := np.array(limited, dtype=bool)):
        grid.setflags(write=False)
    if situation.leave_micro is None:
        leave = [[0 if one.parent else 1_000_000] * len(situation.periods) for one in situation.categories]
        all_leave = np.array(leave, dtype=np.int64)
        all_leave.setflags(write=False)
        situation = replace(situation, leave_micro=all_leave)
    options = {"share_factor": rng.choice((0.5, 1.0)), "staff_share": rng.choice((0.25, 0.5)), "start_days": 0.0}
    families = model["families"] | {NAME: options}
    return replace(situation, municipal=Municipal(ready, places, limited)), travel, model | {"families": families}


def add(oracle: Any) -> None:
    """Who waits, who lies in a bed meanwhile, who is placed; where the municipalities take everybody nobody waits."""
    town, one = oracle.c["municipal"], Fraction(1, oracle.grid)
    regions = [region["code"] for region in oracle.c["regions"]]
    placed_in: dict[tuple[int, int], list] = defaultdict(list)
    oracle.own[NAME] = {}
    for k in range(len(oracle.c["categories"])):
        ready = _ready(oracle, k)
        for i, site in enumerate(oracle.sites):
            r = regions.index(site["region"])
            if not ready or not town["limited"][r]:
                continue
            before: list = []
            for t in range(len(oracle.periods)):
                waiting, housed, placed = three = _columns(oracle, k, i, t)
                oracle.own[NAME][k, i, t] = three
                became = ready * oracle.leaves(k, t)
                start = Fraction(oracle.c["initial_micro"][k][i], MICRO) * became if not t else Fraction(0)
                left = [(-became * one, v) for (_, a, j, u), v in oracle.s.items()
                        if became and (a, j, u) == (k, i, t - 1)]  # fmt: skip
                oracle.eq([(one, waiting), (one, placed), *((-one, v) for v in before), *left], start)
                before = [waiting]
                oracle.m.add(housed <= waiting)
                placed_in[r, t].append((one, placed))
                _lie(oracle, k, i, t, waiting, housed)
    for (r, t), terms in sorted(placed_in.items()):
        oracle.le(terms, Fraction(town["places_micro"][r][t], MICRO))


def _ready(oracle: Any, k: int) -> Fraction:
    """Share of those who leave a category who become ready: of those who go on to other care nobody does."""
    home = 1 - sum((q for flows in oracle.flows.values() for a, q in flows if a == k), Fraction(0))
    factor = Fraction(str(oracle.families[NAME]["share_factor"]))
    return Fraction(oracle.c["municipal"]["ready_micro"][k], MICRO) * factor * home


def own_waiting(oracle: Any) -> list[list[list[Fraction]]]:
    """(site, category, period) who would wait if nobody moved and all were cared for.

    Places go to the categories in their order, and to the sites in theirs.
    """
    town, kinds, times = oracle.c["municipal"], range(len(oracle.c["categories"])), range(len(oracle.periods))
    need = [oracle.own_need(i) for i in range(len(oracle.sites))]
    found = [[[Fraction(0)] * len(times) for _ in kinds] for _ in oracle.sites]
    for r, region in enumerate(oracle.c["regions"]):
        here = [i for i, site in enumerate(oracle.sites) if site["region"] == region["code"]]
        for t in times if town["limited"][r] else ():
            left = Fraction(town["places_micro"][r][t], MICRO)
            for k in kinds:
                for i in here:
                    before = need[i][k][t - 1] if t else Fraction(oracle.c["initial_micro"][k][i], MICRO)
                    there = _ready(oracle, k) * oracle.leaves(k, t) * before + (found[i][k][t - 1] if t else 0)
                    placed = min(there, left)
                    found[i][k][t], left = there - placed, left - placed
    return found


def _columns(oracle: Any, k: int, i: int, t: int) -> tuple[Any, Any, Any]:
    """Waiting, housed and placed. ``most`` counts who is there; nobody waits twice."""
    most = 2 * oracle.most * oracle.grid
    waiting, housed, placed = (
        oracle.m.new_int_var(0, most, f"{word}{k}{i}{t}") for word in ("waiting", "housed", "placed")
    )
    return waiting, housed, placed


def _lie(oracle: Any, k: int, i: int, t: int, waiting: Any, housed: Any) -> None:
    """Who waits in a bed takes it and some people's time; who waits without one goes without care."""
    case, category, site = oracle.c, oracle.c["categories"][k], oracle.sites[i]["region"]
    b = [bed["code"] for bed in case["bed_types"]].index(category["bed_type"])
    oracle.more["beds.capacity"][b, i, t].append((Fraction(1, oracle.grid), housed))
    if oracle.families.get("reserve", {}).get("waiting"):
        oracle.more["reserve.used"][b, i, t].append((Fraction(1, oracle.grid), housed))
    share = Fraction(str(oracle.families[NAME]["staff_share"]))
    for c, profession in enumerate(case["professions"]):
        ratio = category["staff_micro"].get("conventional", {}).get(profession["code"], 0)
        people = share * Fraction(ratio, MICRO) / oracle.grid
        oracle.more["staff.region"][c, site, t].append((people, housed))
        oracle.more["staff.site"][c, i, t].append((people, housed))
    hours = Fraction(category["severity_weight"] * oracle.periods[t]["length_h"], oracle.grid)
    oracle.unmet += [(hours, waiting), (-hours, housed)]


def tell(oracle: Any, value: Any) -> list:
    """(category, site, period, housed, placed)"""
    return [
        [*key, value(housed) / oracle.grid, value(placed) / oracle.grid]
        for key, (_, housed, placed) in oracle.own[NAME].items()
    ]


def lies(maker: Any) -> dict[str, dict[tuple[int, int, int], Fraction]]:
    """The course of who waits, in millionths, from who has left care; and the beds in which they lie."""
    factor = Fraction(str(maker.families[NAME]["share_factor"]))
    shares = [round(factor * int(one)) for one in maker.s.municipal.ready_micro]
    beds = [bed.code for bed in maker.s.bed_types]
    there: dict[tuple[int, int], int] = defaultdict(int)
    course, later = {}, {}
    lie: dict[tuple[int, int, int], Fraction] = defaultdict(Fraction)
    for k, i, t, housed, placed in sorted(maker.d.more[NAME], key=lambda row: row[2]):
        became = round(Fraction(shares[k] * maker.left[k, i, t], MICRO))
        gone = min(math.floor(placed * MICRO + 1e-6), there[k, i] + became)
        there[k, i] += became - gone
        stay = min(math.floor(housed * MICRO + 1e-6), there[k, i])
        course[k, i, t], later[k, i, t] = (became, gone, there[k, i], stay), became - gone
        lie[beds.index(maker.s.categories[k].bed_type), i, t] += Fraction(stay, MICRO)
    maker.own |= {NAME: course, "not yet": later}
    return {"housed": lie}


def unmet(maker: Any) -> Fraction:
    """Hours of those who wait without a bed."""
    return sum(
        (Fraction(waiting - housed, MICRO) * maker.s.categories[k].severity_weight * maker.s.periods[t].length_h
         for (k, _, t), (_, _, waiting, housed) in maker.own[NAME].items()), Fraction(0),
    )  # fmt: skip


def tables(maker: Any) -> dict[str, list[dict[str, Any]]]:
    """Who is ready and waits."""
    rows = []
    for (k, i, t), (became, placed, waiting, housed) in sorted(maker.own[NAME].items()):
        if became or placed or waiting or housed:
            site = maker.s.sites[i]
            rows.append({
                "period": t, "start": maker.time[t], "region": site.region, "site": site.code,
                "category": maker.s.categories[k].code, "became": became / MICRO, "placed": placed / MICRO,
                "waiting": waiting / MICRO, "housed": housed / MICRO,
            })  # fmt: skip
    return {"ready": sorted(rows, key=lambda row: (row["period"], row["site"], row["category"]))}


def used(answer: dict[str, Any]) -> bool:
    """Whether anybody waits in a bed and is placed."""
    return any(housed for *_, housed, _ in answer["more"][NAME]) and any(row[-1] for row in answer["more"][NAME])
