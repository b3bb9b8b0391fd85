"""What offers and stability have in common: lines of patients and staff. Not a family itself."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any

MICRO = 1_000_000
ORDER = ("directed", "accepted", "countered", "offered", "proposed")
"""Whose part of what is moved comes first."""


def drawn(rng: random.Random, situation: Any) -> Any:
    """The situation with one to four lines of patients, each between another pair of sites, and some of staff."""
    from nspl_opt.scenario.parts import Agreement

    sites, kinds = situation.sites, [one.code for one in situation.categories if not one.parent]
    ends = [(one, other) for one in sites for other in sites if one.region != other.region]
    last = situation.periods[-1]
    end = last.start_h + last.length_h
    found = []
    for one, other in rng.sample(ends, rng.randint(1, min(4, len(ends)))):
        what, vehicle = rng.choice(kinds), rng.choice(("", "", "amb", "plane"))
        window = rng.choice((0, 0, situation.periods[1].start_h)), rng.choice((end, end, max(24, last.start_h)))
        for state in rng.sample((*ORDER, "accepted", "declined"), rng.choice((1, 1, 2))):
            found.append(
                Agreement(f"p{len(found):02d}", state, "patients", (one.code,), (other.code,), one.region, other.region,
                          rng.choice((what, "all")) if state == "declined" else what,
                          "" if state == "declined" else vehicle, *window, rng.randint(1, 3) * MICRO,
                          "beds" if state == "declined" else "", "")
            )  # fmt: skip
    for one, other in rng.sample(ends, rng.randint(0, 2)):
        state = rng.choice((*ORDER, "accepted", "declined"))
        sends, takes = (tuple(s.code for s in sites if s.region == end.region) for end in (one, other))
        found.append(
            Agreement(f"s{len(found):02d}", state, "staff", sends, takes, one.region, other.region, "nurse", "", 0,
                      rng.choice((24, end)), rng.randint(1, 2) * MICRO, "staff" if state == "declined" else "", "")
        )  # fmt: skip
    staff = {(line.from_region, line.to_region): line for line in found if line.kind == "staff"}
    found = [line for line in found if line.kind == "patients"] + list(staff.values())
    return replace(situation, agreements=tuple(sorted(found, key=lambda line: line.code)))


def together(lines: list[dict[str, Any]], kind: str) -> list[list[dict[str, Any]]]:
    """Lines that stand, those for the same journeys or loans as one, in the order in which they are kept."""
    found: dict[tuple, list] = defaultdict(list)
    for line in lines:
        if line["kind"] == kind and line["state"] in ORDER:
            key = [tuple(line["from_sites"]), tuple(line["to_sites"])]
            found[(*key, *(line[name] for name in ("what", "vehicle_type", "from_h", "to_h")))].append(line)
    return [sorted(some, key=lambda line: (ORDER.index(line["state"]), line["code"])) for some in found.values()]


def covers(what: str, category: dict[str, Any]) -> bool:
    """Whether a code means the category, or the one that it is a group or a stage of."""
    return what in ("all", category["code"], category["parent"])


def departs(period: dict[str, Any], line: dict[str, Any]) -> bool:
    """Whether the middle of the period lies in the window."""
    return line["from_h"] <= Fraction(2 * period["start_h"] + period["length_h"], 2) < line["to_h"]


def is_on(oracle: Any, transfer: dict[str, Any], line: dict[str, Any]) -> bool:
    """Whether a line is about a transfer."""
    return (
        transfer["origin"] in line["from_sites"] and transfer["destination"] in line["to_sites"]
        and covers(line["what"], oracle.c["categories"][transfer["k"]])
        and line["vehicle_type"] in ("", transfer["vehicle_type"]) and departs(oracle.periods[transfer["t"]], line)
    )  # fmt: skip


def columns_on(oracle: Any, line: dict[str, Any]) -> list:
    """The transfers that a line is about."""
    return [oracle.x[e] for e, one in enumerate(oracle.transfers) if is_on(oracle, one, line)]


def blocks(oracle: Any, line: dict[str, Any]) -> list[int]:
    """Staff blocks that start in the window."""
    return [d for d in range(len(oracle.block_hours)) if line["from_h"] <= oracle._block_start(d) < line["to_h"]]


def amount(lines: list[dict[str, Any]], *states: str) -> int:
    """Patients or people, of lines in some state."""
    return sum(line["amount_micro"] for line in lines if line["state"] in states) // MICRO
