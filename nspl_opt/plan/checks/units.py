"""Surge units: whole, after their notice, open for so long, and shut for a while before they open again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks.case import Case, share
from nspl_opt.plan.checks.report import Tally
from nspl_opt.plan.checks.rule import Rule
from nspl_opt.plan.checks.surge_beds import beds_per_unit, ready
from nspl_opt.reference.reference import MICRO


def _rows(case: Case) -> dict[tuple[int, int], Any]:
    return {(row.unit, row.block): row for row in case.rows["surge_units"]}


def _counts(case: Case) -> Iterator[tuple[int, Any, list[int], list[int], list[int]]]:
    """Every line with its units open, opened and closed, block by block."""
    rows, blocks = _rows(case), range(len(case.block_hours))
    for u, unit in enumerate(case.situation.surge_units):
        here = [rows.get((u, d)) for d in blocks]
        columns = [[getattr(row, name) if row else 0 for row in here] for name in ("units", "opened", "closed")]
        yield u, unit, *columns


def course(case: Case) -> Tally:
    """Units open were open before or have just opened, no more than there are; the line is the situation's."""
    tally, units = Tally(), case.situation.surge_units
    each = beds_per_unit(case.situation)
    first = {period.block: period.index for period in reversed(case.situation.periods)}
    for (u, d), row in _rows(case).items():
        where = ("surge_units", u, "block", d)
        tally.holds(where, 0 <= u < len(units), f"a line below {len(units)}", u)
        if 0 <= u < len(units):
            line = units[u]
            tally.equal(where, (line.site, line.bed_type, line.stage), (row.site, row.bed_type, row.stage))
            beds = row.units * each.get((u, first[d]), Fraction(0))
            near = abs(Fraction(row.beds, MICRO) - beds) <= Fraction(1, MICRO)
            tally.holds((*where, "beds"), near, float(beds), row.beds / MICRO)
    for u, line, count, opened, closed in _counts(case):
        for d in range(len(count)):
            where, before = ("surge_units", u, "block", d), count[d - 1] if d else 0
            tally.equal(where, before + opened[d] - closed[d], count[d])
            tally.holds(where, min(count[d], opened[d], closed[d]) >= 0, "nought or more", count[d])
            tally.holds(where, count[d] <= line.units, f"at most {line.units}", count[d])
    return tally


def lead(case: Case) -> Tally:
    """No unit is open before its lead time and the notice have passed."""
    tally, notice = Tally(), share(case.option("surge", "notice_h", 0))
    for u, line, count, _, _ in _counts(case):
        for d, units in enumerate(count):
            soon = case.block_starts[d] < line.lead_h + notice
            tally.holds(("surge_units", u, "block", d), not (units and soon), "none before its lead time", units)
    return tally


def unlocked(case: Case) -> Tally:
    """Units of crisis standard are open only where it is unlocked all through the block."""
    tally = Tally()
    for u, line, count, _, _ in _counts(case):
        if line.standard != "crisis":
            continue
        for period in case.situation.periods:
            where = ("surge_units", u, "period", period.index)
            locked = not ready(case.situation, line, period.index)
            tally.holds(where, not (locked and count[period.block]), "none where locked", count[period.block])
    return tally


def longest(case: Case) -> Tally:
    """No unit is open longer than it may be."""
    tally, factor = Tally(), share(case.option("surge", "longest_factor", 1))
    for u, line, count, opened, _ in _counts(case):
        for d in range(len(count)) if line.longest_h is not None else ():
            end, most = case.block_starts[d] + case.block_hours[d], factor * line.longest_h
            recent = sum(opened[e] for e in range(d + 1) if e == d or end - case.block_starts[e] <= most)
            tally.holds(("surge_units", u, "block", d), count[d] <= recent, f"at most {recent}", count[d])
    return tally


def teardown(case: Case) -> Tally:
    """A unit that has closed stays closed for a while."""
    tally, factor = Tally(), share(case.option("surge", "teardown_factor", 1))
    for u, line, count, _, closed in _counts(case):
        for d in range(len(count)):
            pause, starts = factor * line.teardown_h, case.block_starts
            recent = sum(closed[e] for e in range(d + 1) if starts[d] - starts[e] < pause)
            tally.holds(("surge_units", u, "block", d), count[d] + recent <= line.units, line.units, count[d] + recent)
    return tally


def stays(case: Case) -> Tally:
    """What has opened stays open, where the model says so."""
    tally = Tally()
    for u, _, count, _, _ in _counts(case):
        for d in range(1, len(count)) if case.option("surge", "stay_open", False) else ():
            tally.holds(("surge_units", u, "block", d), count[d] >= count[d - 1], f"{count[d - 1]} or more", count[d])
    return tally


RULES_HERE: Mapping[str, Rule] = {
    "surge.course": Rule(
        course, "surge", "units open and close whole, and beds follow", "enheter öppnas hela, platser följer",
        owns=("surge_units",),
    ),
    "surge.lead": Rule(lead, "surge", "no unit is open before its lead time", "ingen enhet är öppen före sin ledtid"),
    "surge.unlocked": Rule(
        unlocked, "surge", "units of crisis standard only where unlocked", "krisstandard bara där den är upplåst"
    ),
    "surge.longest_time": Rule(
        longest, "surge", "no unit is open longer than it may be", "ingen enhet är öppen längre än den får"
    ),
    "surge.teardown_time": Rule(
        teardown, "surge", "a closed unit stays closed for a while", "en stängd enhet är stängd en tid"
    ),
    "surge.stays": Rule(stays, "surge", "what has opened stays open", "det som har öppnats förblir öppet"),
}  # fmt: skip
