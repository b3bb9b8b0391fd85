"""What the units of surge beds that a plan opens amount to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks.form import Rows
from nspl_opt.scenario.situation import Situation

Cell = tuple[int, int, int]
"""Bed type, site, period."""


def ready(situation: Situation, unit: Any, period: int) -> bool:
    """Whether a line counts among the surge beds: its lead time has passed, its standard of care may be used."""
    if unit.standard == "crisis":
        site = [one.code for one in situation.sites].index(unit.site)
        if situation.crisis_open is None or not situation.crisis_open[site, period]:
            return False
    return unit.lead_h <= situation.periods[period].start_h


def beds_per_unit(situation: Situation) -> dict[tuple[int, int], Fraction]:
    """(line, period) -> beds of one unit: its part of the surge beds of its bed type and site."""
    bed = {one.code: b for b, one in enumerate(situation.bed_types)}
    site = {one.code: i for i, one in enumerate(situation.sites)}
    stated: dict[Cell, int] = defaultdict(int)
    counted = [
        (u, (bed[unit.bed_type], site[unit.site], t), int(unit.beds[t]))
        for u, unit in enumerate(situation.surge_units)
        for t in range(len(situation.periods))
        if ready(situation, unit, t)
    ]
    for _, cell, beds in counted:
        stated[cell] += beds
    return {
        (u, cell[2]): Fraction(beds * int(situation.surge_beds[cell]), stated[cell] * situation.surge_units[u].units)
        for u, cell, beds in counted
        if stated[cell]
    }


def unit_beds(situation: Situation, rows: Rows) -> Mapping[Cell, Fraction]:
    """Beds of the units that are open, by bed type, site and period."""
    bed = {one.code: b for b, one in enumerate(situation.bed_types)}
    site = {one.code: i for i, one in enumerate(situation.sites)}
    each = beds_per_unit(situation)
    found: dict[Cell, Fraction] = defaultdict(Fraction)
    for row in rows:
        if 0 <= row.unit < len(situation.surge_units):
            unit = situation.surge_units[row.unit]
            for period in situation.periods:
                if period.block == row.block:
                    cell = bed[unit.bed_type], site[unit.site], period.index
                    found[cell] += row.units * each.get((row.unit, period.index), Fraction(0))
    return found
