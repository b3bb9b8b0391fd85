"""What is done that no other goal counts, from the tables of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks.case import Case
from nspl_opt.reference.reference import MICRO

ALL = ("stocks", "extra_hours", "surge_units", "other_beds")


def effort(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """The parts that the goal counts, added up [units and days]."""
    return sum((_OF[part](case) for part in goal.get("parts", ALL)), Fraction(0))


def _stocks(case: Case) -> Fraction:
    return Fraction(sum(row.amount for row in case.rows["stock_moves"]), MICRO)


def _extra_hours(case: Case) -> Fraction:
    return Fraction(sum(row.people * case.block_hours[row.block] for row in case.rows["extra_hours"]), 24 * MICRO)


def _surge_units(case: Case) -> Fraction:
    return sum(
        (row.opened + Fraction(row.units * case.block_hours[row.block], 24) for row in case.rows["surge_units"]),
        Fraction(0),
    )


def _other_beds(case: Case) -> Fraction:
    periods = case.situation.periods
    return Fraction(sum(row.patients * periods[row.period].length_h for row in case.rows["bed_use"]), 24 * MICRO)


_OF = {"stocks": _stocks, "extra_hours": _extra_hours, "surge_units": _surge_units, "other_beds": _other_beds}
