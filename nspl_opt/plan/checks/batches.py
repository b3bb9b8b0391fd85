"""Batched transfers, judged from the transfers alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks.case import Case
from nspl_opt.plan.checks.report import TOLERANCE, Tally, allowance
from nspl_opt.plan.checks.rule import Rule
from nspl_opt.reference.reference import MICRO


def _option(case: Case, name: str) -> Any:
    return case.option("batching", name, {"smallest_group": 0, "gap_h": "off"}.get(name, "any"))


def _gathers(case: Case) -> bool:
    return _option(case, "smallest_group") > 1 or _option(case, "partners") != "any"


def _lanes(case: Case) -> Counter[tuple[str, str, int]]:
    """(from, to, staff block of departure) -> patients [millionths]."""
    found: Counter[tuple[str, str, int]] = Counter()
    for row in case.rows["transfers"]:
        found[row.from_site, row.to_site, case.situation.periods[row.period].block] += row.patients
    return found


def group(case: Case) -> Tally:
    """No group is larger than the beds that the receiver has for it, nor smaller than the smallest."""
    tally = Tally()
    if not _gathers(case):
        return tally
    least = Fraction(_option(case, "smallest_group"))
    for (start, end, d), patients in _lanes(case).items():
        where = (start, "to", end, "block", d)
        if least > 1 and patients > TOLERANCE:
            tally.at_most((*where, "smallest"), least - Fraction(patients, MICRO), 0, allowance(least))
    types = {one.code: one.bed_type for one in case.situation.categories}
    typed: Counter[tuple[str, str, int, str]] = Counter()
    for row in case.rows["transfers"]:
        typed[row.from_site, row.to_site, case.situation.periods[row.period].block, types[row.category]] += row.patients
    for (start, end, d, bed), patients in typed.items():
        room = _room(case, case.site[end], bed)
        tally.at_most((start, "to", end, "block", d, bed), Fraction(patients, MICRO), room, allowance(room))
    return tally


def _room(case: Case, site: int, bed: str) -> Fraction:
    """Patients of a bed type for whom a site has beds, of the type or of others that may serve it, at their most."""
    codes = [one.code for one in case.situation.bed_types]

    def most(code: str) -> Fraction:
        b = codes.index(code)
        periods = range(len(case.situation.periods))
        return Fraction(max(case.beds[b][site][t] + case.surge[b][site][t] for t in periods))

    found, may = most(bed), case.option("bed_substitution", "types", "all")
    for pair in case.situation.bed_substitutes if "bed_substitution" in case.families else ():
        here = not pair.sites or case.situation.sites[site].code in pair.sites
        if pair.serves == bed and here and (may == "all" or pair.gives in may):
            found += most(pair.gives) * MICRO / pair.beds_micro
    return found


def few(case: Case) -> Tally:
    """No site sends to more receivers in a staff block than it may."""
    tally, most = Tally(), _option(case, "partners")
    if most == "any":
        return tally
    receivers: Counter[tuple[str, int]] = Counter()
    for (start, _, d), patients in _lanes(case).items():
        receivers[start, d] += patients > TOLERANCE
    for (start, d), count in receivers.items():
        tally.at_most((start, "block", d), count, most, allowance(whole=True))
    return tally


def gap(case: Case) -> Tally:
    """No site sends and receives a category within the gap."""
    tally, hours = Tally(), _option(case, "gap_h")
    if hours == "off":
        return tally
    block = [period.block for period in case.situation.periods]
    sent: Counter[tuple[str, str, int]] = Counter()
    come: Counter[tuple[str, str, int]] = Counter()
    for row in case.rows["transfers"]:
        sent[row.category, row.from_site, block[row.period]] += row.patients
        come[row.category, row.to_site, block[row.arrival_period]] += row.patients
    for (category, site, d), patients in sent.items():
        for e, start in enumerate(case.block_starts):
            near = d == e or abs(case.block_starts[d] - start) < hours
            both = min(patients, come[category, site, e])
            if near and both:
                tally.holds((category, site, "blocks", d, e), both <= TOLERANCE, "sent or received", "both")
    return tally


def budgets(case: Case) -> Tally:
    """No pair, no site in a day, no day and not the whole plan moves more than its budget."""
    tally = Tally()
    pairs, sites, days = Counter(), Counter(), Counter()
    for (start, end, d), patients in _lanes(case).items():
        pairs[start, end] += patients
        days["block", d] += patients
        for site in (start, end):
            sites[site, "block", d] += patients
    for name, sums, daily in (
        ("most_per_pair", pairs, False),
        ("most_per_site_day", sites, True),
        ("most_per_day", days, True),
        ("most_in_all", Counter({("all",): sum(pairs.values())}), False),
    ):
        most = _option(case, name)
        for where, patients in sums.items() if most != "any" else ():
            limit = Fraction(most * case.block_hours[where[-1]], 24) if daily else Fraction(most)
            tally.at_most((name, *where), Fraction(patients, MICRO), limit, allowance())
    return tally


RULES_HERE: Mapping[str, Rule] = {
    "batching.group": Rule(
        group,
        "batching",
        "groups are neither too small nor larger than the receiver's beds",
        "grupperna är varken för små eller större än mottagarens platser",
    ),
    "batching.few": Rule(
        few,
        "batching",
        "no site sends to more receivers than it may",
        "ingen plats skickar till fler mottagare än den får",
    ),
    "batching.gap": Rule(
        gap,
        "batching",
        "no site sends and receives a category within the gap",
        "ingen plats både skickar och tar emot en vårdkategori inom mellanrummet",
    ),
    "batching.budgets": Rule(
        budgets,
        "batching",
        "no budget of patients moved is exceeded",
        "ingen budget för flyttade patienter överskrids",
    ),
}
