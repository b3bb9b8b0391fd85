"""Surge beds that are open: all that can be, or those of the units that a plan opens."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation


def open_surge_micro(situation: Situation, units: Mapping[tuple[int, int], int] | None) -> np.ndarray:
    """(bed_type, site, period) open surge beds [beds / 1e6], rounded down.

    ``units`` are (line, staff block) -> units open; None where surge beds are not opened unit by unit.
    """
    if units is None:
        return situation.surge_beds * MICRO
    sites = {site.code: i for i, site in enumerate(situation.sites)}
    types = {bed.code: b for b, bed in enumerate(situation.bed_types)}
    found: dict[tuple[int, int, int], Fraction] = {}
    for u, line in enumerate(situation.surge_units):
        for t, period in enumerate(situation.periods):
            if count := units.get((u, period.block), 0):
                cell = types[line.bed_type], sites[line.site], t
                found[cell] = found.get(cell, Fraction(0)) + count * beds_of_a_unit(situation, u, t)
    beds = np.zeros(situation.surge_beds.shape, dtype=np.int64)
    for cell, number in found.items():
        beds[cell] = int(number * MICRO)
    return beds


def beds_of_a_unit(situation: Situation, line: int, period: int) -> Fraction:
    """Beds that one unit of a line adds: its share of the surge beds of its place."""
    one, b = situation.surge_units[line], [bed.code for bed in situation.bed_types]
    i = [site.code for site in situation.sites].index(one.site)
    stated = sum(
        int(other.beds[period])
        for other in situation.surge_units
        if (other.site, other.bed_type) == (one.site, one.bed_type) and _ready(situation, other, i, period)
    )
    if not stated or not _ready(situation, one, i, period):
        return Fraction(0)
    now = Fraction(int(situation.surge_beds[b.index(one.bed_type), i, period]), stated)
    return now * int(one.beds[period]) / one.units


def _ready(situation: Situation, line: object, site: int, period: int) -> bool:
    locked = line.standard == "crisis" and (situation.crisis_open is None or not situation.crisis_open[site, period])
    return line.lead_h <= situation.periods[period].start_h and not locked


def units_in(plan: Plan) -> dict[tuple[int, int], int] | None:
    """(line, staff block) -> units open, as a plan says; None where its model has no family surge."""
    if "surge" not in plan.model["families"]:
        return None
    return {(int(row.unit), int(row.block)): int(row.units) for row in plan.table("surge_units").itertuples()}
