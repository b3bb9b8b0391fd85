"""Groups kept together: whole, to one place, in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from nspl_opt.plan.checks.case import Case, share
from nspl_opt.plan.checks.report import Tally
from nspl_opt.plan.checks.rule import Rule


def _moved(case: Case) -> dict[str, dict[tuple[str, int], int]]:
    """Group -> (destination, period) -> patients [millionths]."""
    found: dict[str, dict[tuple[str, int], int]] = {one.code: defaultdict(int) for one in case.situation.groups}
    group = {one.category: one.code for one in case.situation.groups}
    for row in case.rows["transfers"]:
        if row.category in group:
            found[group[row.category]][row.to_site, row.period] += row.patients
    return found


def _stated(case: Case) -> dict[str, Any]:
    return {row.group: row for row in case.rows["groups"]}


def together(case: Case) -> Tally:
    """A group goes whole or not at all, and the table of groups says where."""
    tally, moved, stated = Tally(), _moved(case), _stated(case)
    tally.equal(("groups",), [one.code for one in case.situation.groups], [row.group for row in case.rows["groups"]])
    for group in case.situation.groups:
        row, where = stated.get(group.code), ("groups", group.code)
        for ends, patients in moved[group.code].items():
            tally.equal_micro((*where, "to", *ends), group.patients_micro, patients)
        if row is not None:
            there = (group.category, group.site, group.patients_micro)
            tally.equal(where, there, (row.category, row.from_site, row.patients))
            went = sorted(moved[group.code]) or [("", None)]
            tally.equal((*where, "to"), went, [(row.to_site, row.period)])
    return tally


def one_place(case: Case) -> Tally:
    """A group goes to one place, once."""
    tally = Tally()
    for code, ends in _moved(case).items():
        tally.holds(("groups", code), len(ends) <= 1, "one place, once", len(ends))
    return tally


def deadline(case: Case) -> Tally:
    """A group sets out from where it came, after it has come, and in time."""
    tally, hours = Tally(), share(case.option("single_source", "deadline_h", 48))
    group = {one.category: one for one in case.situation.groups}
    starts = [period.start_h for period in case.situation.periods]
    for row in case.rows["transfers"]:
        one = group.get(row.category)
        if one is not None:
            where = ("transfers", row.id)
            tally.equal((*where, "from"), one.site, row.from_site)
            late = starts[row.period] - starts[one.period]
            tally.holds((*where, "depart"), 0 <= late <= hours, f"within {float(hours):g} h", late)
    return tally


RULES_HERE: Mapping[str, Rule] = {
    "single_source.together": Rule(
        together, "single_source", "a group moves together", "en grupp flyttas tillsammans", owns=("groups",)
    ),
    "single_source.one_place": Rule(
        one_place, "single_source", "a group goes to one place, once", "en grupp flyttas till en plats, en gång"
    ),
    "single_source.deadline": Rule(
        deadline, "single_source", "a group sets out from its place in time", "en grupp ger sig av från sin plats i tid"
    ),
}
