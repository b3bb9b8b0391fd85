"""Is a plan what it says it is? Computed anew from the input, in exact numbers, without any solver.

Written from ``docs/mathematics.md`` alone. It shares nothing with the model that made the plan:
it may import neither the instance, the formulation nor the solver, and a test holds that.
"""

from __future__ import annotations

from nspl_opt.network.travel import TravelTimes
from nspl_opt.plan.checks import tables
from nspl_opt.plan.checks.case import open_case
from nspl_opt.plan.checks.catalogue import CODES, FORM, OWNERS, RULES
from nspl_opt.plan.checks.form import read_rows
from nspl_opt.plan.checks.report import CheckReport, Tally, Violation
from nspl_opt.plan.plan import TABLES, Plan
from nspl_opt.scenario.situation import Situation

__all__ = ["RULES", "CheckReport", "Violation", "verify"]


def verify(plan: Plan, situation: Situation, travel: TravelTimes) -> CheckReport:
    """Check every rule of the plan's model against the situation and the network.

    Parameters
    ----------
    plan
        As made or as read from its folder; ``plan.model["families"]`` says which rules apply.
    situation, travel
        What the plan claims to be made for, from the input files and not from the plan.

    Returns
    -------
    A report with the rows checked per rule and every violation, in the order of ``RULES``.
    Tables that do not fit the contract are reported and nothing else is tried.
    """
    form, checked = Tally(), {}
    rows = {name: read_rows(name, plan.tables.get(name), form) for name in TABLES}
    violations = list(_told("tables.form", form, *FORM))
    checked["tables.form"] = form.rows
    if not violations:
        known = tables.codes(rows, situation)
        violations = list(_told("tables.codes", known, *CODES))
        checked["tables.codes"] = known.rows
    if violations:
        return CheckReport(checked, dict.fromkeys(RULES, "form"), tuple(violations))
    case = open_case(plan, situation, travel, rows, OWNERS)
    left_out = {}
    for name, rule in RULES.items():
        if rule.family and rule.family not in case.families:
            left_out[name] = "off"
            continue
        tally = rule.check(case)
        checked[name] = tally.rows
        violations += _told(name, tally, rule.sentence_en, rule.sentence_sv)
    return CheckReport(checked, left_out, tuple(violations))


def _told(rule: str, tally: Tally, sentence_en: str, sentence_sv: str) -> list[Violation]:
    return [
        Violation(
            rule, where, expected, found,
            f"{sentence_en}: {where}: expected {expected}, found {found}",
            f"{sentence_sv}: {where}: väntat {expected}, funnet {found}",
        )
        for where, expected, found in tally.breaches
    ]  # fmt: skip
