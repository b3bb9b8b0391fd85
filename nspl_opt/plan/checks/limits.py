"""Planned care postponed, borders between areas, and the reserve that stays free."""

from __future__ import annotations

from fractions import Fraction

from nspl_opt.plan.checks.case import Case, share
from nspl_opt.plan.checks.ready import own_waiting
from nspl_opt.plan.checks.report import Tally, allowance
from nspl_opt.reference.reference import MICRO


def steps(case: Case) -> Tally:
    """Planned care is postponed in whole steps, and not before the notice it needs."""
    tally = Tally()
    count = case.option("elective", "steps", 3)
    delay = case.option("elective", "delay_h", 24)
    for row in case.rows["postponed"]:
        where = ("postponed", row.site, "block", row.block)
        tally.equal((*where, "steps"), count, row.steps)
        tally.at_most((*where, "step"), row.step, count, allowance(whole=True))
        early = row.step > 0 and case.block_starts[row.block] < delay
        tally.holds((*where, "notice"), not early, f"nothing before {delay} h", case.block_starts[row.block])
        beds = sum(bed[case.site[row.site]] for bed in case.planned)
        tally.holds((*where, "planned care"), beds > 0 or row.step == 0, "a site with planned beds", beds)
    return tally


def switched_off(case: Case) -> Tally:
    """What the model has switched off does not appear in the plan."""
    tally = Tally()
    for table, owners in case.owners.items():
        if not set(owners) & set(case.families):
            tally.equal((table, "rows without", " or ".join(owners)), 0, len(case.rows[table]))
    return tally


def border(case: Case) -> Tally:
    """Nobody is moved or lent over a closed border."""
    tally = Tally()
    if case.option("areas", "border", "open") != "closed":
        return tally
    grouping = case.option("areas", "grouping", "civil_area")
    for table in ("transfers", "loans"):
        for row in case.rows[table]:
            same = case.situation.same_area(grouping, row.from_region, row.to_region)
            pair = f"{row.from_region} to {row.to_region}"
            tally.holds((table, row.id), same, f"both ends in one area of {grouping}", pair)
    return tally


def floor(case: Case) -> Tally:
    """Outside patients are taken only while the area's reserve of beds stays free."""
    tally = Tally()
    free = share(case.option("reserve", "free_share", "0.2"))
    chosen = case.option("reserve", "bed_types", None)
    own = reserve_need(case)
    places = {site.code: i for i, site in enumerate(case.situation.sites)}
    for area, regions in case.areas(case.option("reserve", "grouping", "civil_area")):
        home = set(regions) - case.situation.external_regions
        members = [places[site.code] for site in case.situation.sites if site.region in home]
        for b, bed in enumerate(case.situation.bed_types):
            if chosen is not None and chosen != "all" and bed.code not in chosen:
                continue
            kinds = case.of_bed_type(bed.code)
            for t in range(len(case.situation.periods)):
                cared = Fraction(sum(case.cared(k, i, t) for k in kinds for i in members), MICRO)
                cared += sum((reserve_use(case, b, i, t) for i in members), Fraction(0))
                if not cared:
                    continue
                beds = sum(case.beds[b][i][t] - case.held(b, i, t) + case.surge[b][i][t] for i in members)
                mine = Fraction(sum(own[k][i][t] for k in kinds for i in members), MICRO)
                limit = max((1 - free) * beds, mine)
                tally.at_most((area, bed.code, "period", t), cared, limit, allowance())
    return tally


def _waiting_counts(case: Case) -> bool:
    return "discharge_ready" in case.families and case.option("reserve", "waiting", False)


def reserve_need(case: Case) -> list[list[list[int]]]:
    """[category][site][period] patients present if nobody moved and all were cared for, and who would wait for a
    municipal place where the reserve counts them [millionths]."""
    need = case.own_patients()
    if not _waiting_counts(case):
        return need
    waiting = own_waiting(case)
    return [
        [[a + b for a, b in zip(*site, strict=True)] for site in zip(*kind, strict=True)]
        for kind in zip(need, waiting, strict=True)
    ]


def reserve_use(case: Case, bed: int, site: int, period: int) -> Fraction:
    """Beds used beyond those of the type's own patients in care: lent, and of who waits where the reserve counts it."""
    if _waiting_counts(case):
        return case.other_use(bed, site, period)
    return case.lent_beds(bed, site, period)
