"""Rules and goals of receiving sites, places abroad and reserves, of evenness and nearness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks.case import Case, share
from nspl_opt.plan.checks.derived import beds_freed
from nspl_opt.plan.checks.limits import reserve_need, reserve_use
from nspl_opt.plan.checks.origins import origins
from nspl_opt.plan.checks.report import Tally, allowance
from nspl_opt.plan.checks.rule import Rule, Value
from nspl_opt.reference.reference import MICRO


def load_levels(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """The largest peaks of regions, as many as the level says, added up [percent above capacity]."""
    peaks = sorted(_peaks(case), reverse=True)
    return 100 * sum(peaks[: int(goal["level"])], Fraction(0))


def _peaks(case: Case) -> list[Fraction]:
    """By how much each region at home is above its weighted beds at its worst, as a share of them."""
    categories, weights = case.situation.categories, {}
    for category in categories:
        known = weights.get(category.bed_type, category.severity_weight)
        weights[category.bed_type] = min(known, category.severity_weight)
    found = []
    for region, sites in case.region_sites.items():
        beds = sum(
            weights.get(bed.code, 0) * case.beds[b][i][0]
            for b, bed in enumerate(case.situation.bed_types)
            for i in sites
        )
        if not beds or region in case.situation.external_regions:
            continue
        most = max(
            sum(one.severity_weight * case.grids["present"][k][i][t] for k, one in enumerate(categories) for i in sites)
            for t in range(len(case.situation.periods))
        )
        found.append(max(Fraction(0), Fraction(most, MICRO * beds) - 1))
    return found


def postponed_evenly(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """The largest share of any region's planned care that is postponed, of what the notice lets be [percent]."""
    largest, delay = share(case.option("elective", "largest_share", 0)), case.option("elective", "delay_h", 24)
    worst = Fraction(0)
    for sites in case.region_sites.values():
        postponed = could_be = Fraction(0)
        for d, hours in enumerate(case.block_hours):
            if case.block_starts[d] < delay:
                continue
            for i in sites:
                postponed += hours * beds_freed(case, i, d)
                could_be += hours * largest * sum(bed[i] for bed in case.planned)
        if could_be:
            worst = max(worst, postponed / could_be)
    return 100 * worst


def trips(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """All trips."""
    return Fraction(sum(row.trips for row in case.rows["trips"]), MICRO)


def inside_first(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """Patients moved, each by the weight of the nearest ring in which the receiving region lies."""
    weights = [share(weight) for weight in goal["weights"]]
    grouping, situation = goal.get("grouping") or "civil_area", case.situation
    areas = case.areas(grouping)
    beside = situation.neighbours.get(grouping, frozenset())
    total = Fraction(0)
    for row in case.rows["transfers"]:
        ends = row.from_region, row.to_region
        own, other = ([code for code, members in areas if end in members] for end in ends)
        if ends[0] == ends[1]:
            ring = 0
        elif any(end in situation.external_regions for end in ends):
            ring = 4
        elif set(own) & set(other):
            ring = 1
        else:
            ring = 2 if any((a, b) in beside for a in own for b in other) else 3
        total += weights[ring] * row.patients
    return total / MICRO


def intake(case: Case) -> Tally:
    """No place takes in more patients in a day than it can receive."""
    tally = Tally()
    bed_of = {one.code: one.bed_type for one in case.situation.categories}
    limits = case.situation.reception if case.option("reception", "limits", True) else ()
    for number, limit in enumerate(limits):
        inside = [t for t, one in enumerate(case.situation.periods)
                  if limit.from_h <= Fraction(2 * one.start_h + one.length_h, 2) < limit.to_h]  # fmt: skip
        coming = [row for row in case.rows["transfers"]
                  if row.to_site in limit.sites and row.from_site not in limit.sites
                  and limit.bed_type in ("all", bed_of[row.category]) and row.arrival_period in inside]  # fmt: skip
        for d, patients in _by_block(case, coming).items():
            hours = sum(case.situation.periods[t].length_h for t in inside if case.situation.periods[t].block == d)
            room = Fraction(limit.per_day_micro * hours, 24 * MICRO)
            tally.at_most(("limit", number, *limit.sites, limit.bed_type, "block", d), patients, room, allowance())
    largest = case.option("reception", "per_day_share", "off")
    for b, bed in enumerate(case.situation.bed_types if largest != "off" else ()):
        for site, i in case.site.items():
            coming = [row for row in case.rows["transfers"] if row.to_site == site and bed_of[row.category] == bed.code]
            for d, patients in _by_block(case, coming).items():
                beds = sum(
                    case.beds[b][i][one.index] * one.length_h for one in case.situation.periods if one.block == d
                )
                tally.at_most((site, bed.code, "block", d), patients, share(largest) * beds / 24, allowance())
    return tally


def abroad_open(case: Case) -> Tally:
    """Nobody is sent over the country's border unless the model lets them."""
    tally, abroad = Tally(), case.situation.external_regions
    may = "external" in case.families and case.option("external", "send", True)
    for row in case.rows["transfers"]:
        crosses = bool({row.from_region, row.to_region} & abroad)
        pair = f"{row.from_region} to {row.to_region}"
        tally.holds(("transfers", row.id), may or not crosses, "both ends at home", pair)
    return tally


def abroad_places(case: Case) -> Tally:
    """No more patients are at a place abroad than it has places that are counted on."""
    tally, own = Tally(), None
    counted = share(case.option("external", "share", 1)) if "external" in case.families else Fraction(0)
    for code, i in case.site.items():
        if case.situation.sites[i].region not in case.situation.external_regions:
            continue
        own = own or case.own_patients()
        for b, bed in enumerate(case.situation.bed_types):
            kinds = case.of_bed_type(bed.code)
            for t in range(len(case.situation.periods)):
                there = Fraction(sum(case.grids["present"][k][i][t] for k in kinds), MICRO)
                mine = Fraction(sum(own[k][i][t] for k in kinds), MICRO)
                room = max(Fraction(counted * case.beds[b][i][t] // 1), mine)
                tally.at_most((code, bed.code, "period", t), there, room, allowance())
    return tally


def region_floor(case: Case) -> Tally:
    """A region cares for others' patients only while its own reserve of beds stays free."""
    tally, own = Tally(), reserve_need(case)
    kept = share(case.option("reserve", "region_free_share", 0.1))
    for region, b, t, kinds, sites in _at_home(case, "region_bed_types", ()):
        cared = Fraction(sum(case.cared(k, i, t) for k in kinds for i in sites), MICRO)
        cared += sum((reserve_use(case, b, i, t) for i in sites), Fraction(0))
        mine = Fraction(sum(own[k][i][t] for k in kinds for i in sites), MICRO)
        limit = max((1 - kept) * _beds(case, b, sites, t), mine)
        tally.at_most((region, case.situation.bed_types[b].code, "period", t), cared, limit, allowance())
    return tally


def helper(case: Case) -> Tally:
    """No region takes so many guests that, its own need counted, it is fuller than a helper may be."""
    tally, load = Tally(), case.option("reserve", "helper_load", "off")
    if load == "off":
        return tally
    own, guests = reserve_need(case), _guests(case)
    for region, b, t, kinds, sites in _at_home(case, "helper_bed_types", ("icu",)):
        there = sum((guests[k, region][t] for k in kinds if (k, region) in guests), Fraction(0))
        mine = Fraction(sum(own[k][i][t] for k in kinds for i in sites), MICRO)
        room = max(Fraction(0), share(load) * _beds(case, b, sites, t) - mine)
        tally.at_most((region, case.situation.bed_types[b].code, "period", t), there, room, allowance())
    return tally


def _at_home(case: Case, option: str, default: tuple[str, ...]) -> Iterator[tuple[str, int, int, list[int], list[int]]]:
    """Region at home, bed type that the option names, period; the categories and the sites concerned."""
    for region, sites in case.region_sites.items():
        for b, bed in enumerate(case.situation.bed_types):
            if region not in case.situation.external_regions and bed.code in case.option("reserve", option, default):
                for t in range(len(case.situation.periods)):
                    yield region, b, t, case.of_bed_type(bed.code), sites


def _beds(case: Case, bed: int, sites: list[int], period: int) -> int:
    """Beds that are there, surge too, less those of planned care when nothing is postponed."""
    return sum(case.beds[bed][i][period] - case.held(bed, i, period) + case.surge[bed][i][period] for i in sites)


def _guests(case: Case) -> dict[tuple[int, str], list[Fraction]]:
    """(category, region) -> patients per period who came from other regions, if all were cared for since."""
    situation, periods = case.situation, len(case.situation.periods)
    leaves = situation.leaves().tolist()
    came: dict[tuple[int, str], list[Fraction]] = {}
    for row in case.rows["transfers"]:
        if row.from_region != row.to_region:
            for k in range(len(situation.categories)):  # those they may become have a course too
                came.setdefault((k, row.to_region), [Fraction(0)] * periods)
            came[case.category[row.category], row.to_region][row.arrival_period] += Fraction(row.patients, MICRO)
    paths = [(one, other, Fraction(part, MICRO)) for one, other, part in case.steps]
    for t in range(1, periods):
        for (k, _), course in came.items():
            course[t] += course[t - 1] * (1 - Fraction(leaves[k][t], MICRO))
        for (k, region), course in came.items():
            for one, other, part in paths:
                if one == k:
                    came[other, region][t] += part * Fraction(leaves[k][t], MICRO) * course[t - 1]
    return came


def _by_block(case: Case, transfers: list[Any]) -> dict[int, Fraction]:
    """Staff block -> patients who arrive in it."""
    found: dict[int, Fraction] = {}
    for row in transfers:
        block = case.situation.periods[row.arrival_period].block
        found[block] = found.get(block, Fraction(0)) + Fraction(row.patients, MICRO)
    return found


RULES_HERE: Mapping[str, Rule] = {
    "reception.intake": Rule(
        intake, "reception", "no place takes in more than it can receive", "ingen plats tar emot fler än den klarar"
    ),
    "derived.origins": Rule(
        origins, "", "classes of origin add up to the census", "ursprungsklasserna summerar till beläggningen"
    ),
    "external.border": Rule(
        abroad_open,
        "",
        "patients go abroad only where the model lets them",
        "patienter sänds bara utomlands där det får ske",
    ),
    "external.places": Rule(
        abroad_places,
        "external",
        "no more are abroad than there are places counted on",
        "inte fler är utomlands än de platser man räknar med",
    ),
    "reserve.region_floor": Rule(
        region_floor,
        "reserve",
        "each region's reserve stays free of outside patients",
        "varje regions reserv hålls fri från andras patienter",
    ),
    "reserve.helper": Rule(
        helper, "reserve", "no helper is filled beyond its share", "ingen som hjälper fylls mer än sin andel"
    ),
}
GOALS_HERE: Mapping[str, Value] = {
    function.__name__: function for function in (load_levels, postponed_evenly, trips, inside_first)
}
