"""What agreements, offers and pairs stand for in an instance: categories, sites, departures, staff blocks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from nspl_opt.formulation.stages import AGREED
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.grid import holds_middle
from nspl_opt.scenario.parts import Agreement
from nspl_opt.scenario.situation import Situation

ALL = "all"
CLAIMS = ("directed", "accepted", "countered", "offered", "proposed")
"""Of lines for the same journeys, whose is kept first."""


def categories_of(situation: Situation, what: str) -> np.ndarray:
    """(category,) bool: those of this code, its stages and groups, or all."""
    return np.array([what in (ALL, one.code, one.parent) for one in situation.categories], dtype=bool)


def sites_in(situation: Situation, codes: Collection[str]) -> np.ndarray:
    """(site,) bool: those of these codes."""
    return np.array([site.code in codes for site in situation.sites], dtype=bool)


def departs_in(situation: Situation, from_h: int, to_h: int) -> np.ndarray:
    """(period,) bool: those whose middle, when journeys start, lies in the window."""
    periods = situation.periods
    return np.array([holds_middle(from_h, to_h, one.start_h, one.length_h) for one in periods], dtype=bool)


def blocks_in(situation: Situation, from_h: int, to_h: int) -> np.ndarray:
    """(staff block,) bool: those that start in the window."""
    blocks = range(len(situation.block_hours))
    starts = [min(one.start_h for one in situation.periods if one.block == d) for d in blocks]
    return np.array([from_h <= start < to_h for start in starts], dtype=bool)


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines for quite the same journeys or loans, added up. The first of them are kept first."""

    lines: tuple[Agreement, ...]
    at: np.ndarray
    """Patients: the numbers of their cells. Staff: those of the columns of people away."""
    times: np.ndarray
    """Patients: periods of departure. Staff: staff blocks. The numbers of those in the window."""

    @property
    def agreed(self) -> float:
        """What is accepted or directed [patients, or people at once]."""
        return sum(line.amount_micro for line in self.lines if line.state in AGREED) / MICRO

    @property
    def binds(self) -> bool:
        """Whether the lines set a limit: something of them is agreed, or a party has named another figure."""
        return self.agreed > 0 or self.countered

    @property
    def countered(self) -> bool:
        """Whether a party has said what it would do at most."""
        return any(line.state == "countered" for line in self.lines)

    @property
    def all(self) -> float:
        """What all the lines amount to [patients, or people at once]."""
        return sum(line.amount_micro for line in self.lines) / MICRO


def patient_lines(inst: Instance) -> tuple[Lines, ...]:
    """Lines of patients that stand (not declined), in order of their first code."""
    situation, moves = inst.situation, inst.moves
    vehicles = np.array([vehicle.code for vehicle in situation.vehicle_types])
    found = []
    for lines in _alike(situation, "patients"):
        line = lines[0]
        then = departs_in(situation, line.from_h, line.to_h)
        among = (
            categories_of(situation, line.what)[moves.category]
            & sites_in(situation, line.from_sites)[moves.origin]
            & sites_in(situation, line.to_sites)[moves.destination]
            & then[moves.period]
        )
        if line.vehicle_type:
            among &= vehicles[moves.vehicle_type] == line.vehicle_type
        found.append(Lines(lines, np.flatnonzero(among), np.flatnonzero(then)))
    return tuple(found)


def staff_lines(m: Any, inst: Instance) -> tuple[Lines, ...]:
    """Lines of staff that stand (not declined), in order of their first code."""
    situation, loans = inst.situation, m.component("staff_loans")
    professions = [profession.code for profession in situation.professions]
    regions = [region.code for region in situation.regions]
    found = []
    for lines in _alike(situation, "staff"):
        line = lines[0]
        then = blocks_in(situation, line.from_h, line.to_h)
        at = np.zeros(0, dtype=np.int64)
        if loans is not None:
            c, r, q, d = loans.away.axes
            ends = (r == regions.index(line.from_region)) & (q == regions.index(line.to_region))
            at = np.flatnonzero((c == professions.index(line.what)) & ends & then[d])
        found.append(Lines(lines, at, np.flatnonzero(then)))
    return tuple(found)


def _alike(situation: Situation, kind: str) -> list[tuple[Agreement, ...]]:
    """Standing lines of a kind, those with the same places, what, vehicle and window together."""
    together: dict[tuple, list[Agreement]] = {}
    standing = (line for line in situation.agreements if line.kind == kind and line.state in CLAIMS)
    for line in sorted(standing, key=lambda line: (CLAIMS.index(line.state), line.code)):
        key = line.from_sites, line.to_sites, line.what, line.vehicle_type, line.from_h, line.to_h
        together.setdefault(key, []).append(line)
    return sorted(map(tuple, together.values()), key=lambda lines: min(line.code for line in lines))


def shared_out(lines: Lines, amount_micro: int) -> list[int]:
    """What each line gets of an amount, each as much as it asks for, in their order [millionths]."""
    found = []
    for line in lines.lines:
        found.append(min(line.amount_micro, amount_micro))
        amount_micro -= found[-1]
    return found
