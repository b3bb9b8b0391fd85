"""Who the patients are, by class of origin: the classes add up to the census, and nobody changes class."""

from __future__ import annotations

from collections import defaultdict

from nspl_opt.plan.checks.case import Case
from nspl_opt.plan.checks.report import Tally

SUMMED = ("arrived", "moved_out", "moved_in", "discharged", "present")


def origins(case: Case) -> Tally:
    """Classes of origin add up to the census and keep their patients, region by region."""
    tally, rows = Tally(), case.rows["origins"]
    given = case.situation.origin_micro
    if len(given) < 2:
        tally.equal(("origins", "rows of one class"), 0, len(rows))
        return tally
    _as_in_census(case, tally)
    _kept(case, tally)
    for number, row in enumerate(rows, start=1):
        tally.holds(("origins", "row", number), row.origin_class in given, ", ".join(sorted(given)), row.origin_class)
    return tally


def _as_in_census(case: Case, tally: Tally) -> None:
    """Per period, region and category the classes add up; who came is who the scenario says."""
    sums: dict[tuple, int] = defaultdict(int)
    came: dict[tuple, int] = defaultdict(int)
    for row in case.rows["origins"]:
        for column in SUMMED:
            sums[row.period, row.region, row.category, column] += getattr(row, column)
        came[row.period, row.region, row.category, row.origin_class] += row.arrived
    for code, sites in case.region_sites.items():
        for category, k in case.category.items():
            for t in range(len(case.situation.periods)):
                for column in SUMMED:
                    whole = sum(case.grids[column][k][i][t] for i in sites)
                    tally.equal_micro((t, code, category, column), whole, sums[t, code, category, column])
                for origin, array in case.situation.origin_micro.items():
                    stated = sum(int(array[k, i, t]) for i in sites)
                    tally.equal_micro((t, code, category, origin), stated, came[t, code, category, origin])


def _kept(case: Case, tally: Tally) -> None:
    """Of each class, who is in a region is who was there, came and was moved in, less who left it; and whoever is
    moved out of one region comes to another."""
    change: dict[tuple, int] = defaultdict(int)
    there: dict[tuple, int] = defaultdict(int)
    balance: dict[str, int] = defaultdict(int)
    for row in case.rows["origins"]:
        change[row.period, row.region, row.origin_class] += row.arrived + row.moved_in - row.moved_out - row.discharged
        there[row.period, row.region, row.origin_class] += row.present
        balance[row.origin_class] += row.moved_in - row.moved_out
    first = case.situation.initial_micro.tolist()
    for code, sites in case.region_sites.items():
        for origin in sorted(case.situation.origin_micro):
            before = sum(first[k][i] for k in range(len(first)) for i in sites) if origin == "civilian" else 0
            for t in range(len(case.situation.periods)):
                expected = before + change[t, code, origin]
                tally.equal_micro((t, code, origin, "present"), expected, there[t, code, origin])
                before = there[t, code, origin]
    for origin, left in sorted(balance.items()):
        tally.equal_micro(("moved", origin), 0, left)
