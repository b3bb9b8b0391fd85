"""Ready for discharge: who waits for a municipal place, who is placed, who waits in a bed."""

from __future__ import annotations

from fractions import Fraction

from nspl_opt.plan.checks.case import Case, half_even, share
from nspl_opt.plan.checks.report import Tally, allowance
from nspl_opt.reference.reference import MICRO


def _shares(case: Case) -> list[int]:
    """[category] of those who leave care, how many need a municipal place [1e-6]."""
    factor, municipal = share(case.option("discharge_ready", "share_factor", 1)), case.situation.municipal
    if municipal is None:
        return [0] * len(case.category)
    return [half_even(factor * int(one)) for one in municipal.ready_micro]


def _regions(case: Case) -> list[tuple[int, str]]:
    """(number, code) of the regions that take only so many."""
    municipal = case.situation.municipal
    regions = enumerate(case.situation.regions)
    return [(r, one.code) for r, one in regions if municipal is not None and municipal.limited[r]]


def _start(case: Case) -> dict[tuple[str, str], int]:
    """(category, site) -> who waits before the first period [millionths]."""
    found: dict[tuple[str, str], int] = {}
    days, shares, situation = share(case.option("discharge_ready", "start_days", 0)), _shares(case), case.situation
    for r, region in _regions(case):
        per_day = Fraction(24 * int(situation.municipal.places_micro[r, 0]), situation.periods[0].length_h)
        total = half_even(days * per_day)
        cells = [(k, i) for k, part in enumerate(shares) if part for i in case.region_sites[region]]
        weights = [shares[k] * int(situation.initial_micro[k, i]) for k, i in cells]
        names = [(situation.categories[k].code, situation.sites[i].code) for k, i in cells]
        if names:
            found |= dict(zip(names, _largest_remainder(total, weights), strict=True))
    return found


def _largest_remainder(total: int, weights: list[int]) -> list[int]:
    whole = sum(weights)
    if not whole:
        return [total] + [0] * (len(weights) - 1)
    exact = [Fraction(total * weight, whole) for weight in weights]
    parts = [int(one) for one in exact]
    first = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for n in first[: total - sum(parts)]:
        parts[n] += 1
    return parts


def own_waiting(case: Case) -> list[list[list[int]]]:
    """[category][site][period] who would wait if nobody moved and all were cared for [millionths]: places go to the
    categories in their order, to the sites in theirs."""
    situation, shares, start, need = case.situation, _shares(case), _start(case), case.own_patients()
    found = [[[0] * len(situation.periods) for _ in situation.sites] for _ in situation.categories]
    leaves, initial = situation.leaves().tolist(), situation.initial_micro.tolist()
    for r, region in _regions(case):
        here = case.region_sites[region]
        there = {(k, i): start.get((one.code, situation.sites[i].code), 0)
                 for k, one in enumerate(situation.categories) if shares[k] for i in here}  # fmt: skip
        for t in range(len(situation.periods)):
            left = int(situation.municipal.places_micro[r, t])
            for i in here:
                before = [need[k][i][t - 1] if t else initial[k][i] for k in range(len(shares))]
                gone = [half_even(Fraction(leaves[k][t] * many, MICRO)) for k, many in enumerate(before)]
                _, out = case.goes_on(gone)
                for k in range(len(shares)):
                    if shares[k]:
                        there[k, i] += half_even(Fraction(shares[k] * (gone[k] - out[k]), MICRO))
            for (k, i), many in there.items():
                placed = min(many, left)
                there[k, i], left = many - placed, left - placed
                found[k][i][t] = there[k, i]
    return found


def waits(case: Case) -> Tally:
    """Who waits is who waited, and became ready, less who was placed; to the millionth."""
    tally, shares, start = Tally(), _shares(case), _start(case)
    limited = {code for _, code in _regions(case)}
    rows = {(row.category, row.site, row.period): row for row in case.rows["ready"]}
    for k, category in enumerate(case.situation.categories):
        for i, site in enumerate(case.situation.sites):
            counts = bool(shares[k]) and site.region in limited
            waiting = start.get((category.code, site.code), 0) if counts else 0
            for t in range(len(case.situation.periods)):
                row, where = rows.get((category.code, site.code, t)), (site.code, category.code, "period", t)
                gone = case.grids["discharged"][k][i][t]
                became = half_even(Fraction(shares[k] * gone, MICRO)) if counts else 0
                tally.equal_micro((*where, "became"), became, row.became if row else 0)
                placed = row.placed if row else 0
                tally.holds((*where, "placed"), placed >= 0, "nobody or somebody", placed)
                waiting += became - placed
                tally.equal_micro((*where, "waiting"), waiting, row.waiting if row else 0)
                tally.holds(where, waiting >= 0, "nobody placed who is not there", waiting / MICRO)
    return tally


def places(case: Case) -> Tally:
    """No more are placed than the municipalities of the region take in."""
    tally, placed = Tally(), {}
    for row in case.rows["ready"]:
        placed[row.region, row.period] = placed.get((row.region, row.period), 0) + row.placed
    for r, region in _regions(case):
        for t in range(len(case.situation.periods)):
            most = Fraction(int(case.situation.municipal.places_micro[r, t]), MICRO)
            tally.at_most((region, "period", t), Fraction(placed.get((region, t), 0), MICRO), most, allowance())
    return tally


def housed(case: Case) -> Tally:
    """Only who waits lies in a bed."""
    tally = Tally()
    for row in case.rows["ready"]:
        where = ("ready", row.period, row.site, row.category)
        tally.at_most(where, Fraction(row.housed, MICRO), Fraction(row.waiting, MICRO), allowance())
        tally.holds((*where, "housed"), row.housed >= 0, "nobody or somebody", row.housed)
    return tally
