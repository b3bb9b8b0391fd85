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
        needs: dict[str, list[int]] = defaultdict(list)
        for e in members:
            needs[oracle.c["categories"][oracle.transfers[e]["k"]]["bed_type"]].append(e)
        for bed, some in sorted(needs.items()):
            patients = [(Fraction(1), oracle.x[e]) for e in some]
            oracle.le([*patients, (-_room(oracle, end, bed), used)], 0)
        if options["smallest_group"] > 1:
            oracle.m.add(moved >= options["smallest_group"] * used)
        receivers[start, d].append(used)
    if options["partners"] != "any":
        for used in receivers.values():
            oracle.m.add(sum(used) <= int(options["partners"]))


def _room(oracle: Any, end: str, bed: str) -> Fraction:
    """Patients of a bed type for whom there are beds at their most, of the type and of those that serve it there."""
    case, i = oracle.c, [site["code"] for site in oracle.sites].index(end)
    most = {
        one["code"]: Fraction(max(map(sum, zip(case["beds"][b][i], case["surge_beds"][b][i], strict=True))))
        for b, one in enumerate(case["bed_types"])
    }
    return most[bed] + sum(
        most[pair["gives"]] * oracle.micro / pair["beds_micro"] for pair in case["bed_substitutes"]
        if pair["serves"] == bed and (pair["gives"], bed, i) in oracle.serves
    )  # fmt: skip


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
