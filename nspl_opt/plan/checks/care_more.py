"""Rules and goals of care: other beds, paths, who may move, discharge-ready, endurance."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks import care, staff
from nspl_opt.plan.checks.case import Case
from nspl_opt.plan.checks.rule import Rule, Value
from nspl_opt.reference.reference import MICRO


def crisis_standard(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """Patient-hours by the crisis standard."""
    periods = case.situation.periods
    return Fraction(sum(row.crisis * periods[row.period].length_h for row in case.rows["census"]), MICRO)


RULES_HERE: Mapping[str, Rule] = {
    "core.steps": Rule(
        care.steps, "", "who goes on to other care is the stated share", "de som går vidare i vården är den angivna andelen"
    ),
    "staff.crisis": Rule(
        staff.crisis, "", "the crisis standard only where it is unlocked", "krisstandard bara där den är upplåst"
    ),
}
GOALS_HERE: Mapping[str, Value] = {"crisis_standard": crisis_standard}
