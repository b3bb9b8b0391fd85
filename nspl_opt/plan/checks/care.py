"""Patients and beds: who is where, who is cared for, in which beds."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from nspl_opt.plan.checks.case import Case, half_even
from nspl_opt.plan.checks.report import TOLERANCE, Tally, allowance
from nspl_opt.reference.reference import HOSPITAL_LEVELS, MICRO
from nspl_opt.scenario.situation import arrival_period


def _moves(case: Case) -> tuple[dict[tuple[int, int, int], int], dict[tuple[int, int, int], int]]:
    """Patients moved in and out [millionths] by (category, site, period), summed from the transfers."""
    moved_in: dict[tuple[int, int, int], int] = {}
    moved_out: dict[tuple[int, int, int], int] = {}
    for row in case.rows["transfers"]:
        k = case.category[row.category]
        out, into = (k, case.site[row.from_site], row.period), (k, case.site[row.to_site], row.arrival_period)
        moved_out[out] = moved_out.get(out, 0) + row.patients
        moved_in[into] = moved_in.get(into, 0) + row.patients
    return moved_in, moved_out


def _places(case: Case):
    """Every (category, site, period) with its indexes and the words for it."""
    for k, category in enumerate(case.situation.categories):
        for i, site in enumerate(case.situation.sites):
            for t in range(len(case.situation.periods)):
                yield k, i, t, (site.code, category.code, "period", t)


def arrivals(case: Case) -> Tally:
    """The arrivals in the census are the scenario's."""
    tally = Tally()
    came = case.situation.arrivals_micro.tolist()
    for k, i, t, where in _places(case):
        tally.equal_micro(where, came[k][i][t], case.grids["arrived"][k][i][t])
    return tally


def moves(case: Case) -> Tally:
    """What the census says moved in and out is the sum of the transfers."""
    tally = Tally()
    moved_in, moved_out = _moves(case)
    for k, i, t, where in _places(case):
        tally.equal_micro((*where, "in"), moved_in.get((k, i, t), 0), case.grids["moved_in"][k][i][t])
        tally.equal_micro((*where, "out"), moved_out.get((k, i, t), 0), case.grids["moved_out"][k][i][t])
    return tally


def _before(case: Case):
    """For every place and period: patients present before it, and of them cared for [millionths]."""
    initial = case.situation.initial_micro.tolist()
    for k, i, t, where in _places(case):
        if t:
            yield k, i, t, where, case.grids["present"][k][i][t - 1], case.cared(k, i, t - 1)
        else:
            yield k, i, t, where, initial[k][i], initial[k][i]


def discharge(case: Case) -> Tally:
    """Of those cared for, the stated share leaves, for home or other care; who is not cared for does not recover."""
    tally = Tally()
    leaves = case.situation.leaves().tolist()
    for k, i, t, where, _, cared in _before(case):
        expected = half_even(Fraction(leaves[k][t] * cared, MICRO)) if cared else 0
        left = case.grids["discharged"][k][i][t] + case.grids["stepped_out"][k][i][t]
        tally.equal_micro(where, expected, left)
    return tally


def steps(case: Case) -> Tally:
    """Of those who leave a category, the stated share comes on to the next one at the same site."""
    tally = Tally()
    kinds, steps = range(len(case.category)), {k for step in case.steps for k in step[:2]}
    left = [case.grids[name] for name in ("discharged", "stepped_out")]
    for site, i in case.site.items():
        for t in range(len(case.situation.periods)):
            gone = [left[0][k][i][t] + left[1][k][i][t] for k in kinds]
            into, out = case.goes_on(gone) if steps else (gone, gone)
            for k in kinds:
                where = (site, case.situation.categories[k].code, "period", t)
                stated = [case.grids[name][k][i][t] for name in ("stepped_in", "stepped_out")]
                expected = (into[k], out[k]) if k in steps else (0, 0)
                tally.equal_micro((*where, "in"), expected[0], stated[0])
                tally.equal_micro((*where, "out"), expected[1], stated[1])
    return tally


def balance(case: Case) -> Tally:
    """Who is present: who was, less who left, with who came and who was moved; to the millionth."""
    tally = Tally()
    moved_in, moved_out = _moves(case)
    came = case.situation.arrivals_micro.tolist()
    for k, i, t, where, present, _ in _before(case):
        left, on, here = (case.grids[name][k][i][t] for name in ("discharged", "stepped_out", "stepped_in"))
        expected = present - left - on + here + came[k][i][t] + moved_in.get((k, i, t), 0) - moved_out.get((k, i, t), 0)
        tally.equal_micro(where, expected, case.grids["present"][k][i][t])
    return tally


def movable(case: Case) -> Tally:
    """Nobody is sent on in the period of arrival."""
    tally = Tally()
    _, moved_out = _moves(case)
    came = case.situation.arrivals_micro.tolist()
    for k, i, t, where, present, _ in _before(case):
        out = moved_out.get((k, i, t), 0)
        if out:
            left, on, here = (case.grids[name][k][i][t] for name in ("discharged", "stepped_out", "stepped_in"))
            there = present - left - on + here + came[k][i][t]
            tally.at_most(where, Fraction(out, MICRO), Fraction(there, MICRO), allowance())
    return tally


def cared(case: Case) -> Tally:
    """No more are cared for than are present, and the rest are stated as unmet."""
    tally = Tally()
    for k, i, t, where in _places(case):
        present, served = case.grids["present"][k][i][t], case.cared(k, i, t)
        tally.holds(where, served <= present + TOLERANCE, f"at most {present / MICRO:g}", served / MICRO)
        tally.equal_micro((*where, "unmet"), present - served, case.grids["unmet"][k][i][t])
    return tally


def arrival(case: Case) -> Tally:
    """A journey starts in the middle of its period and ends in the period stated, inside the horizon."""
    tally = Tally()
    for row in case.rows["transfers"]:
        expected = arrival_period(case.situation.periods, row.period, row.minutes)
        tally.equal(("transfers", row.id), expected, row.arrival_period)
    return tally


def capacity(case: Case) -> Tally:
    """No site cares for more patients of a bed type than it has open beds."""
    tally = Tally()
    for b, bed in enumerate(case.situation.bed_types):
        kinds = case.of_bed_type(bed.code)
        for i, site in enumerate(case.situation.sites):
            for t in range(len(case.situation.periods)):
                lie = Fraction(sum(case.cared(k, i, t) for k in kinds), MICRO) + case.other_use(b, i, t)
                limit = case.open_beds(b, i, t) if lie else 0
                tally.at_most((site.code, bed.code, "period", t), lie, limit, allowance())
    return tally


def surge_table(case: Case) -> Tally:
    """The surge beds to hold open are those that the patients need, and no more than can be open."""
    tally = Tally()
    stated = {(row.site, row.bed_type, row.period): row for row in case.rows["surge"]}
    for b, bed in enumerate(case.situation.bed_types):
        kinds = case.of_bed_type(bed.code)
        for i, site in enumerate(case.situation.sites):
            for t in range(len(case.situation.periods)):
                lie = Fraction(sum(case.cared(k, i, t) for k in kinds), MICRO) + case.other_use(b, i, t)
                needed = max(Fraction(0), lie - case.staffed(b, i, t)) if lie else Fraction(0)
                row, where = stated.get((site.code, bed.code, t)), (site.code, bed.code, "period", t)
                if row is None:
                    tally.holds(where, needed <= allowance(), f"a row: {float(needed):.6f} needed", "none")
                    continue
                shown = Fraction(row.needed, MICRO)
                tally.holds(where, abs(shown - needed) <= Fraction(1, MICRO), f"{float(needed):.6f}", float(shown))
                least, most = -((-(needed - allowance())) // 1), -(-needed // 1)
                right = least <= row.open <= most and row.open <= row.available
                tally.holds((*where, "open"), right, f"{max(0, least)} to {min(most, row.available)}", row.open)
                tally.equal((*where, "available"), ceil(case.open_surge(b, i, t)), row.available)
    return tally


def capable(case: Case) -> Tally:
    """Patients are cared for and sent only where the capability and the level of hospital exist."""
    tally = Tally()
    able = [[_is_capable(site, category) for site in case.situation.sites] for category in case.situation.categories]
    for k, i, t, where in _places(case):
        if not able[k][i]:
            tally.equal_micro(where, 0, case.cared(k, i, t))
    for row in case.rows["transfers"]:
        fit = able[case.category[row.category]][case.site[row.to_site]]
        tally.holds(("transfers", row.id), fit, "a site with the capability and level", row.to_site)
    return tally


def _is_capable(site, category) -> bool:
    level = not category.minimum_level or (
        HOSPITAL_LEVELS.index(site.level) >= HOSPITAL_LEVELS.index(category.minimum_level)
    )
    return level and (not category.capability or category.capability in site.capabilities)
