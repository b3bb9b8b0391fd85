"""Surge beds that are open: all that can be, or those of the units that a plan opens."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import SurgeUnit
from nspl_opt.scenario.situation import Situation

CRISIS = "crisis"
Cell = tuple[int, int, int]
"""Bed type, site, period."""


def open_surge_micro(situation: Situation, units: Mapping[tuple[int, int], int] | None) -> np.ndarray:
    """(bed_type, site, period) open surge beds [beds / 1e6], rounded down.

    ``units`` are (line, staff block) -> units open; None where surge beds are not opened unit by unit.
    """
    if units is None:
        return situation.surge_beds * MICRO
    place, found = _place(situation), {}
    for (u, t), each in beds_per_unit(situation).items():
        if count := units.get((u, situation.periods[t].block), 0):
            cell = *place[u], t
            found[cell] = found.get(cell, Fraction(0)) + count * each
    beds = np.zeros(situation.surge_beds.shape, dtype=np.int64)
    for cell, number in found.items():
        beds[cell] = int(number * MICRO)
    return beds


def beds_per_unit(situation: Situation) -> dict[tuple[int, int], Fraction]:
    """(line, period) -> beds that one unit of a line adds: its share of the surge beds of its place."""
    place = _place(situation)
    ready = [
        (u, t, int(line.beds[t]))
        for u, line in enumerate(situation.surge_units)
        for t, period in enumerate(situation.periods)
        if line.lead_h <= period.start_h and _unlocked(situation, line, place[u][1], t)
    ]
    stated: dict[Cell, int] = {}
    for u, t, beds in ready:
        stated[*place[u], t] = stated.get((*place[u], t), 0) + beds
    return {
        (u, t): Fraction(int(situation.surge_beds[*place[u], t]) * beds, stated[*place[u], t] * units)
        for u, t, beds in ready
        for units in (situation.surge_units[u].units,)
        if stated[*place[u], t]
    }


def _place(situation: Situation) -> list[tuple[int, int]]:
    """Bed type and site of each line."""
    sites = {site.code: i for i, site in enumerate(situation.sites)}
    types = {bed.code: b for b, bed in enumerate(situation.bed_types)}
    return [(types[line.bed_type], sites[line.site]) for line in situation.surge_units]


def _unlocked(situation: Situation, line: SurgeUnit, site: int, period: int) -> bool:
    """Whether care of the line's standard may be given there."""
    open_there = situation.crisis_open is not None and bool(situation.crisis_open[site, period])
    return line.standard != CRISIS or open_there


def units_in(plan: Plan) -> dict[tuple[int, int], int] | None:
    """(line, staff block) -> units open, as a plan says; None where its model has no family surge."""
    if "surge" not in plan.model["families"]:
        return None
    return {(int(row.unit), int(row.block)): int(row.units) for row in plan.table("surge_units").itertuples()}
