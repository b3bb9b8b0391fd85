"""What a plan costs, from its tables and the prices of the situation."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks.case import Case
from nspl_opt.plan.checks.derived import beds_freed
from nspl_opt.plan.checks.surge_beds import ready
from nspl_opt.plan.checks.transports import _feeder_legs
from nspl_opt.reference.reference import MICRO

ALL = ("vehicles", "loans", "openings", "surge_beds", "postponed", "stocks", "journeys")


def cost(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """The parts that the goal counts, added up [currency]."""
    return sum((_OF[part](case) for part in goal.get("parts", ALL)), Fraction(0)) / MICRO


def _vehicles(case: Case) -> Fraction:
    if "transports" not in case.families:
        return Fraction(0)
    price, pools = case.situation.costs.vehicle_hour, {pool.code: pool for pool in case.situation.pools}
    total = sum(row.trips * row.minutes * price.get(row.vehicle_type, 0) for row in case.rows["trips"])
    for row, _, leg in _feeder_legs(case):
        if leg is not None:
            total += row.patients * leg[1] * price.get(pools[leg[0]].vehicle_type, 0)
    return Fraction(total, 60 * MICRO)


def _loans(case: Case) -> Fraction:
    price, hours = case.situation.costs.loan_day, case.block_hours
    total = 0
    for (profession, _, _), people in case.lent.items():
        total += price.get(profession, 0) * sum(many * length for many, length in zip(people, hours, strict=True))
    return Fraction(total, 24)


def _openings(case: Case) -> Fraction:
    units = case.situation.surge_units
    return Fraction(sum(row.opened * units[row.unit].opening_cost_micro for row in case.rows["surge_units"]))


def _surge_beds(case: Case) -> Fraction:
    total = Fraction(0)
    for row in case.rows["surge_units"]:
        unit = case.situation.surge_units[row.unit]
        for period in case.situation.periods:
            if period.block == row.block and ready(case.situation, unit, period.index):
                beds = row.units * int(unit.beds[period.index])
                total += Fraction(beds * period.length_h, 24 * unit.units)
    return total * case.situation.costs.surge_bed_day


def _postponed(case: Case) -> Fraction:
    sites, hours = range(len(case.situation.sites)), case.block_hours
    days = sum((beds_freed(case, i, d) * length for i in sites for d, length in enumerate(hours)), Fraction(0)) / 24
    return days * case.situation.costs.postponed_bed_day


def _stocks(case: Case) -> Fraction:
    price = case.situation.costs.stock_move
    return Fraction(sum(row.amount * price.get(row.stock, 0) for row in case.rows["stock_moves"]), MICRO)


def _journeys(case: Case) -> Fraction:
    hours = Fraction(sum(row.patients * row.minutes for row in case.rows["transfers"]), 60 * MICRO)
    return hours * case.situation.costs.journey_hour


_OF = {
    "vehicles": _vehicles, "loans": _loans, "openings": _openings, "surge_beds": _surge_beds, "postponed": _postponed,
    "stocks": _stocks, "journeys": _journeys,
}  # fmt: skip
