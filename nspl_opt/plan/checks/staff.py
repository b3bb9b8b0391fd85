"""Staff: the people that care and escorts take, the people there are, and those on loan."""

from __future__ import annotations

from fractions import Fraction

from nspl_opt.plan.checks.case import Case, share
from nspl_opt.plan.checks.report import Tally, allowance
from nspl_opt.reference.reference import MICRO, STANDARDS

_DOUBLE = MICRO * MICRO
"""A ratio in millionths times patients in millionths."""


def _need(case: Case, profession: str) -> tuple[list[list[Fraction]], Fraction]:
    """People on duty needed, [site][period], with the largest ratio of the rows."""
    situation = case.situation
    periods = range(len(situation.periods))
    ratios = [[k.staff_micro.get(g, {}).get(profession, 0) for g in STANDARDS] for k in situation.categories]
    need = [[0] * len(periods) for _ in situation.sites]
    for k, by_standard in enumerate(ratios):
        for standard, ratio in zip(STANDARDS, by_standard, strict=True):
            for total, patients in zip(need, case.grids[standard][k], strict=True) if ratio else ():
                for t in periods:
                    total[t] += ratio * patients[t]
    result = [[Fraction(value, _DOUBLE) if value else Fraction(0) for value in site] for site in need]
    largest = max((ratio for pair in ratios for ratio in pair), default=0)
    waiting = share(case.option("discharge_ready", "staff_share", 0))
    for row in case.rows["ready"]:
        usual = ratios[case.category[row.category]][0]
        result[case.site[row.site]][row.period] += waiting * Fraction(usual * row.housed, _DOUBLE)
    for row in case.rows["transfers"]:
        category = situation.categories[case.category[row.category]]
        escorts = category.escort_micro.get(profession, 0)
        if escorts:
            half_hours = 30 * situation.periods[row.period].length_h
            away = Fraction(min(row.minutes, half_hours), half_hours)
            result[case.site[row.from_site]][row.period] += Fraction(escorts * row.patients, _DOUBLE) * away
            largest = max(largest, escorts)
    return result, Fraction(largest, MICRO)


def _people(case: Case, c: int) -> list[list[Fraction]]:
    """People in care less those held by planned care that goes on, [site][period]."""
    heads, planned = case.situation.staff[c].tolist(), case.situation.planned_staff[c].tolist()

    def free(i: int, t: int, block: int) -> Fraction:
        held = min(planned[i], heads[i][t])
        return heads[i][t] - held * case.kept(i, block) if held else Fraction(heads[i][t])

    return [[free(i, p.index, p.block) for p in case.situation.periods] for i in range(len(heads))]


def _borrowed(case: Case, profession: str, region: str, block: int) -> Fraction:
    """People that borrowed staff make up for, less the time they lose on the way."""
    travel = Fraction(case.option("staff_loans", "travel_h", 0))
    lost = min(Fraction(1), travel / case.block_hours[block])
    here = Fraction(0)
    for (c, _, to_region), people in case.lent.items():
        if c == profession and to_region == region:
            here += people[block]
    for (c, _, to_region), people in case.started.items():
        if c == profession and to_region == region:
            here -= people[block] * lost
    return share(case.option("staff_loans", "yield_share", 1)) * here


def _lent(case: Case, profession: str, region: str, block: int) -> int:
    return sum(people[block] for (c, out, _), people in case.lent.items() if c == profession and out == region)


def _extra(case: Case, profession: str, region: str, block: int) -> Fraction:
    """People's worth of extra hours."""
    key = profession, region, block
    rows = case.rows["extra_hours"]
    return Fraction(sum(row.people for row in rows if (row.profession, row.region, row.block) == key), MICRO)


def region(case: Case) -> Tally:
    """No region uses more staff than it has on duty, loans and escorts counted."""
    return _each(case, sites=False)


def site(case: Case) -> Tally:
    """No site uses more staff than it has and can get from its own region and from loans."""
    return _each(case, sites=True)


def _each(case: Case, sites: bool) -> Tally:
    tally = Tally()
    within = 1 + share(case.option("staff", "within_region_share", "0.25"))
    for c, profession in enumerate(case.situation.professions):
        need, largest = _need(case, profession.code)
        people = _people(case, c)
        duty, allowed = Fraction(profession.on_duty_micro, MICRO), allowance(largest)
        for code, members in case.region_sites.items():
            staffed = [i for i in members if case.situation.sites[i].code not in case.situation.entries]
            if not members or code in case.situation.external_regions or (sites and len(staffed) < 2):
                continue
            blocks = range(len(case.block_hours))
            borrowed = [_borrowed(case, profession.code, code, d) for d in blocks]
            lent = [_lent(case, profession.code, code, d) for d in blocks]
            extra = [_extra(case, profession.code, code, d) for d in blocks]
            for p in case.situation.periods:
                t, d, where = p.index, p.block, (profession.code, "period", p.index)
                if sites:
                    for i in staffed:
                        own = within * people[i][t]
                        place = (case.situation.sites[i].code, *where)
                        tally.at_most(place, need[i][t], duty * (own + borrowed[d] + extra[d]), allowed)
                else:
                    own = sum(people[i][t] for i in members)
                    there = duty * (own - lent[d] + borrowed[d] + extra[d])
                    tally.at_most((code, *where), sum(need[i][t] for i in members), there, allowed)
    return tally


def contingency(case: Case) -> Tally:
    """The contingency standard is used only where the model allows it."""
    tally = Tally()
    if case.option("staff", "contingency", True):
        return tally
    for row in case.rows["census"]:
        tally.equal_micro((row.site, row.category, "period", row.period), 0, row.contingency)
    return tally


def crisis(case: Case) -> Tally:
    """The crisis standard is used only where it is unlocked, and where there are people per patient for it."""
    tally, unlocked = Tally(), case.situation.crisis_open
    allowed = "staff" in case.families and case.option("staff", "crisis", True)
    categories = {category.code: category for category in case.situation.categories}
    for row in case.rows["census"]:
        known = any(categories[row.category].staff_micro.get("crisis", {}).values())
        if not (allowed and known and unlocked is not None and unlocked[case.site[row.site], row.period]):
            tally.equal_micro((row.site, row.category, "period", row.period), 0, row.crisis)
    return tally


def loan_share(case: Case) -> Tally:
    """No region lends more than the share of its people that it may lend, whole people."""
    tally = Tally()
    largest = share(case.option("staff_loans", "share", "0.08"))
    for c, profession in enumerate(case.situation.professions):
        heads = case.situation.staff[c].tolist()
        for code, members in case.region_sites.items():
            for d in range(len(case.block_hours)):
                lent = _lent(case, profession.code, code, d)
                if lent:
                    periods = [p.index for p in case.situation.periods if p.block == d]
                    may = largest * sum(min(heads[i][t] for t in periods) for i in members) // 1
                    tally.at_most((code, profession.code, "block", d), lent, may, allowance(whole=True))
    return tally


def loan_stay(case: Case) -> Tally:
    """Who is lent stays at least the shortest time, within the horizon, and no longer than the longest."""
    tally = Tally()
    shortest = Fraction(str(case.option("staff_loans", "shortest_stay_h", 0)))
    longest = case.option("staff_loans", "longest_stay_h", None)
    for row in case.rows["loans"]:
        hours = sum(case.block_hours[row.first_block : row.last_block + 1])
        where = ("loans", row.id)
        goes_home = row.last_block + 1 < len(case.block_hours)
        tally.holds((*where, "shortest"), hours >= shortest or not goes_home, f"at least {shortest} h", hours)
        if longest is not None:
            short = row.first_block == row.last_block or hours <= Fraction(str(longest))
            tally.holds((*where, "longest"), short, f"at most {longest} h", hours)
    return tally


def loan_people(case: Case) -> Tally:
    """Only whole people, at least one, of the professions that may be lent."""
    tally = Tally()
    among = case.option("staff_loans", "professions", None)
    for row in case.rows["loans"]:
        tally.holds(("loans", row.id), row.persons >= 1, "at least one", row.persons)
        if among and among != "all":
            tally.holds(("loans", row.id, "profession"), row.profession in among, ", ".join(among), row.profession)
    return tally
