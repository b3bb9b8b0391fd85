"""Tables that follow from others: unmet care, discharges, load, the ledger, beds freed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks.case import Case, share
from nspl_opt.plan.checks.report import TOLERANCE, Tally
from nspl_opt.reference.reference import MICRO

_LAST_DIGIT = Fraction(1, MICRO)


def _compare(tally: Tally, table: str, rows: Any, key: tuple[str, ...], expected: Mapping[tuple, tuple]) -> None:
    """Every stated row has the expected figures; a row may be left out only if it would be all nought.

    ``expected`` maps a key to (column, figure) pairs; figures are exact, and stated to six decimals.
    A third part allows more where the figure is a sum of figures that were rounded before.
    """
    stated = {tuple(getattr(row, column) for column in key): row for row in rows}
    for place in sorted(set(stated) | set(expected), key=str):
        row, figures = stated.get(place), expected.get(place, ())
        if row is None:
            tally.holds((table, *place), not any(figure for _, figure, *_ in figures), "a row", "none")
            continue
        if not figures:
            tally.holds((table, *place), False, "no such row", "a row")
        for column, figure, *more in figures:
            shown = getattr(row, column)
            if figure is None or shown is None:
                tally.equal((table, *place, column), figure, shown)
                continue
            found = Fraction(shown, MICRO)
            near = abs(found - figure) <= (more[0] if more else _LAST_DIGIT)
            tally.holds((table, *place, column), near, float(figure), float(found))


def unmet(case: Case) -> Tally:
    """The table of unmet care repeats the census, times the hours of each period.

    What is within the tolerance of an expected value may be left out.
    """
    tally, expected = Tally(), {}
    shown = {(row.period, row.site, row.category) for row in case.rows["unmet"]}
    for row in case.rows["census"]:
        if row.unmet <= TOLERANCE and (row.period, row.site, row.category) not in shown:
            continue
        patients = Fraction(row.unmet, MICRO)
        hours = patients * case.situation.periods[row.period].length_h
        expected[(row.period, row.site, row.category)] = (("unmet", patients), ("patient_hours", hours))
    _compare(tally, "unmet", case.rows["unmet"], ("period", "site", "category"), expected)
    return tally


def discharges(case: Case) -> Tally:
    """The table of discharges repeats the census; who is ready and waits has not left, who is placed has."""
    tally, left = Tally(), defaultdict(Fraction)
    for row in case.rows["census"]:
        left[row.period, row.site, row.category] += Fraction(row.discharged, MICRO)
    for row in case.rows["ready"]:
        left[row.period, row.site, row.category] += Fraction(row.placed - row.became, MICRO)
    expected = {key: (("patients", patients),) for key, patients in left.items()}
    _compare(tally, "discharges", case.rows["discharges"], ("period", "site", "category"), expected)
    return tally


def load(case: Case) -> Tally:
    """The load of each region: present, cared for, beds, and the share of them that is free."""
    tally, expected = Tally(), {}
    whole_surge: dict[tuple, int] = {}
    for b, bed in enumerate(case.situation.bed_types):
        kinds = case.of_bed_type(bed.code)
        for region, members in case.region_sites.items():
            for t in range(len(case.situation.periods)):
                present = Fraction(sum(case.grids["present"][k][i][t] for k in kinds for i in members), MICRO)
                cared = Fraction(sum(case.cared(k, i, t) for k in kinds for i in members), MICRO)
                staffed = sum((case.staffed(b, i, t) for i in members), Fraction(0))
                surge = sum(case.surge[b][i][t] for i in members)
                more = {
                    name: sum((use.get((b, i, t), Fraction(0)) for i in members), Fraction(0))
                    for name, use in case.bed_use.items()
                }
                used = cared + more["lent"] - more["borrowed"] + more["housed"]
                free = 1 - used / (staffed + surge) if staffed + surge else None
                key = (t, region, bed.code)
                whole_surge[key] = surge
                figures = (("present", present), ("cared", cared), ("staffed", staffed), ("free_share", free))
                expected[key] = (*figures, *((name, beds, _LAST_DIGIT * 100) for name, beds in more.items()))
    _compare(tally, "load", case.rows["load"], ("period", "region", "bed_type"), expected)
    for row in case.rows["load"]:
        key = (row.period, row.region, row.bed_type)
        tally.equal(("load", *key, "surge"), whole_surge[key], row.surge)
    return tally


def freed(case: Case) -> Tally:
    """Beds freed at a site are the share of its planned care that is postponed."""
    tally = Tally()
    for row in case.rows["postponed"]:
        beds = beds_freed(case, case.site[row.site], row.block)
        found = Fraction(row.beds_freed, MICRO)
        where = ("postponed", row.site, "block", row.block)
        tally.holds(where, abs(beds - found) <= _LAST_DIGIT, float(beds), float(found))
    return tally


def beds_freed(case: Case, site: int, block: int) -> Fraction:
    """Beds of planned care, all types, that are free for others."""
    step = case.step[site][block]
    if not step:
        return Fraction(0)
    largest = share(case.option("elective", "largest_share", 0))
    return largest * Fraction(step, case.option("elective", "steps", 3)) * sum(bed[site] for bed in case.planned)


def ledger(case: Case) -> Tally:
    """What each region gives and takes is the sum of the other tables."""
    tally = Tally()
    sums: dict[str, dict[str, Fraction]] = {code: defaultdict(Fraction) for code in case.region_sites}
    for row in case.rows["transfers"]:
        if row.from_region != row.to_region:
            sums[row.from_region]["patients_sent"] += Fraction(row.patients, MICRO)
            sums[row.to_region]["patients_received"] += Fraction(row.patients, MICRO)
    for row in case.rows["loans"]:
        days = Fraction(row.persons * sum(case.block_hours[row.first_block : row.last_block + 1]), 24)
        sums[row.from_region]["staff_days_lent"] += days
        sums[row.to_region]["staff_days_borrowed"] += days
    for row in case.rows["census"]:
        hours = case.situation.periods[row.period].length_h
        sums[row.region]["patient_hours_unmet"] += Fraction(row.unmet * hours, MICRO)
    rounded: dict[str, Fraction] = defaultdict(lambda: _LAST_DIGIT)
    for i, site in enumerate(case.situation.sites):
        for block, hours in enumerate(case.block_hours):
            beds = beds_freed(case, i, block)
            sums[site.region]["bed_hours_postponed"] += hours * beds
            rounded[site.region] += hours * _LAST_DIGIT if beds else 0
    columns = ("patients_sent", "patients_received", "patient_hours_unmet", "staff_days_lent", "staff_days_borrowed",
               "bed_hours_postponed")  # fmt: skip
    expected = {
        (code,): tuple(
            (column, figures[column], rounded[code] if column == "bed_hours_postponed" else _LAST_DIGIT)
            for column in columns
        )
        for code, figures in sums.items()
    }
    _compare(tally, "ledger", case.rows["ledger"], ("region",), expected)
    return tally
