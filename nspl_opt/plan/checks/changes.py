"""What differs from an earlier plan, judged from the transfers and the scenario's lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks.case import Case, share
from nspl_opt.plan.checks.lines import BINDING, is_on, together
from nspl_opt.plan.checks.report import Tally, allowance
from nspl_opt.plan.checks.rule import Rule, Value
from nspl_opt.reference.reference import MICRO


def _new(case: Case) -> Counter[tuple[str, str, str]]:
    """(from region, to region, category) -> patients on no line, while some line lasts [millionths]."""
    groups = together(case, "patients")
    last = max((line.to_h for some in groups for line in some.lines), default=None)
    found: Counter[tuple[str, str, str]] = Counter()
    for row in case.rows["transfers"]:
        early = last is None or case.situation.periods[row.period].start_h < last
        if early and not any(is_on(case, row, some.lines[0]) for some in groups):
            found[row.from_region, row.to_region, row.category] += row.patients
    return found


def _beyond(case: Case) -> int:
    """Patients moved on lines beyond what these amount to [millionths]."""
    return sum(some.beyond for some in together(case, "patients"))


def most_new(case: Case) -> Tally:
    """No more patients are moved otherwise than by the earlier plan."""
    tally, most = Tally(), case.option("stability", "most_new", "any")
    if most != "any":
        new = sum(_new(case).values()) + _beyond(case)
        tally.at_most(("new",), Fraction(new, MICRO), share(most), allowance())
    return tally


def told(case: Case) -> Tally:
    """The table of changes has every line of patients before and now, and what is new."""
    tally, expected = Tally(), {}
    for some in together(case, "patients"):
        for line, part in some.parts():
            more = some.beyond if line is some.lines[-1] else 0
            expected[line.code, line.from_region, line.to_region, line.what] = line.amount_micro, part + more
    expected |= {("", *ends): (0, patients) for ends, patients in _new(case).items()}
    stated = {(row.agreement, row.from_region, row.to_region, row.what): row for row in case.rows["changes"]}
    tally.equal(("changes",), sorted(expected), sorted(stated))
    for key, (before, now) in expected.items():
        if key in stated:
            row = stated[key]
            figures = {"before": before, "now": now, "change": now - before}
            for column, figure in figures.items():
                tally.equal_micro((*key, column), figure, getattr(row, column))
    return tally


def changes(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """Patients dropped from lines, those offered weighing more, and patients moved otherwise."""
    keeps = "offers" in case.families and case.option("offers", "answers", True)
    gone = Fraction(0)
    for some in together(case, "patients"):
        for line, part in some.parts():
            if not (keeps and line.state in BINDING):
                weight = Fraction(1) if line.state == "proposed" else share(goal["offered_weight"])
                gone += weight * (line.amount_micro - part)
    new = sum(_new(case).values()) + _beyond(case)
    return (share(goal["weight_gone"]) * gone + share(goal["weight_new"]) * new) / MICRO


RULES_HERE: Mapping[str, Rule] = {
    "stability.most_new": Rule(
        most_new,
        "stability",
        "no more is new than may be",
        "inte mer är nytt än vad som får vara det",
    ),
    "stability.changes": Rule(
        told,
        "stability",
        "the table of changes follows from lines and transfers",
        "tabellen över ändringar följer av rader och överflyttningar",
        owns=("changes",),
    ),
}
GOALS_HERE: Mapping[str, Value] = {"changes": changes}
