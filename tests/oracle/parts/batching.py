"""Batched transfers: smallest groups, few receivers, gaps between sending and receiving, budgets."""

from __future__ import annotations

import random
from collections import defaultdict
from fractions import Fraction
from typing import Any

NAME = "batching"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Groups of two or three, one receiver or two, and now and then a budget."""
    options = {
        "smallest_group": rng.choice((0, 2, 2, 3)), "partners": rng.choice(("any", 1, 1, 2)),
        "gap_h": rng.choice(("off", "off", 0, 24, 48)), "most_per_pair": rng.choice(("any", "any", "any", 2, 4)),
        "most_per_site_day": rng.choice(("any", "any", "any", 2, 4)),
        "most_per_day": rng.choice(("any", "any", "any", 3, 5)),
        "most_in_all": rng.choice(("any", "any", "any", 4, 8)),
    }  # fmt: skip
    return situation, travel, model | {"families": model["families"] | {NAME: options}}


def add(oracle: Any) -> None:
    """By lane (from, to, staff block of departure), by category and site, and in all."""
    options = oracle.families[NAME]
    lanes: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for e, one in enumerate(oracle.transfers):
        lanes[one["origin"], one["destination"], oracle.periods[one["t"]]["block"]].append(e)
    if options["smallest_group"] > 1 or options["partners"] != "any":
        _gather(oracle, lanes, options)
    if options["gap_h"] != "off":
        _part(oracle, Fraction(str(options["gap_h"])))
    sums: dict[str, dict[tuple, list]] = {name: defaultdict(list) for name in BUDGETS}
    for (start, end, d), members in lanes.items():
        moved = [(Fraction(1), oracle.x[e]) for e in members]
        sums["most_per_pair"][start, end] += moved
        sums["most_per_day"][(d,)] += moved
        sums["most_in_all"][()] += moved
        for site in (start, end):
            sums["most_per_site_day"][site, d] += moved
    for name, daily in BUDGETS.items():
        if options[name] != "any":
            for where, moved in sums[name].items():
                days = Fraction(oracle.block_hours[where[-1]], 24) if daily else 1
                oracle.le(moved, Fraction(str(options[name])) * days)


BUDGETS = {"most_per_pair": False, "most_per_site_day": True, "most_per_day": True, "most_in_all": False}
"""Budget -> whether it is for a day."""


def _gather(oracle: Any, lanes: dict[tuple[str, str, int], list[int]], options: dict[str, Any]) -> None:
    """Nobody or a group, no larger than the beds for it; to few receivers."""
    receivers: dict[tuple[str, int], list] = defaultdict(list)
    for (start, end, d), members in sorted(lanes.items()):
        used = oracle.m.new_bool_var(f"used{start}{end}{d}")
        moved = sum(oracle.x[e] for e in members)
        oracle.m.add(moved <= _beds(oracle, end, {oracle.transfers[e]["k"] for e in members}) * used)
        if options["smallest_group"] > 1:
            oracle.m.add(moved >= options["smallest_group"] * used)
        receivers[start, d].append(used)
    if options["partners"] != "any":
        for used in receivers.values():
            oracle.m.add(sum(used) <= int(options["partners"]))


def _beds(oracle: Any, end: str, kinds: set[int]) -> int:
    case, i = oracle.c, [site["code"] for site in oracle.sites].index(end)
    most = {
        bed["code"]: max(case["beds"][b][i][t] + case["surge_beds"][b][i][t] for t in range(len(oracle.periods)))
        for b, bed in enumerate(case["bed_types"])
    }
    needed = sum(most[bed] for bed in {case["categories"][k]["bed_type"] for k in kinds})
    return needed or sum(most.values())


def _part(oracle: Any, gap: Fraction) -> None:
    """A category does not leave a site and come to it in blocks that start within the gap."""
    leave: dict[tuple[int, str, int], list] = defaultdict(list)
    come: dict[tuple[int, str, int], list] = defaultdict(list)
    for e, one in enumerate(oracle.transfers):
        leave[one["k"], one["origin"], oracle.periods[one["t"]]["block"]].append(oracle.x[e])
        come[one["k"], one["destination"], oracle.periods[one["arrival"]]["block"]].append(oracle.x[e])
    flags = {}
    for number, moves in enumerate((leave, come)):
        for key, moved in sorted(moves.items()):
            flags[number, key] = oracle.m.new_bool_var(f"flag{number}{key}")
            for x in moved:
                oracle.m.add(x == 0).only_enforce_if(flags[number, key].negated())
    for k, i, d in sorted(leave):
        for e in range(len(oracle.block_hours)):
            near = d == e or abs(oracle._block_start(d) - oracle._block_start(e)) < gap
            if near and (k, i, e) in come:
                oracle.m.add_bool_or(flags[0, (k, i, d)].negated(), flags[1, (k, i, e)].negated())
