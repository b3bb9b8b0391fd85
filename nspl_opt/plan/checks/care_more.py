"""Rules and goals of care: other beds, paths, who may move, discharge-ready, endurance, the crisis standard."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks import care, ready, staff
from nspl_opt.plan.checks.case import Case, share
from nspl_opt.plan.checks.report import Tally, allowance
from nspl_opt.plan.checks.rule import Rule, Value
from nspl_opt.reference.reference import MICRO


def crisis_standard(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """Patient-hours by the crisis standard."""
    periods = case.situation.periods
    return Fraction(sum(row.crisis * periods[row.period].length_h for row in case.rows["census"]), MICRO)


def listed(case: Case) -> Tally:
    """Beds hold other patients only by pairs that the scenario lists, at the sites it names, by types that may give."""
    tally, may = Tally(), case.option("bed_substitution", "types", "all")
    pairs = {(pair.gives, pair.serves): pair for pair in case.situation.bed_substitutes}
    for row in case.rows["bed_use"]:
        where = ("bed_use", row.period, row.site, row.bed_type, row.used_by)
        pair = pairs.get((row.bed_type, row.used_by))
        fit = pair is not None and (not pair.sites or row.site in pair.sites) and (may == "all" or row.bed_type in may)
        tally.holds(where, fit, "a listed pair of bed types", "another")
        if pair is not None:
            beds = Fraction(row.patients * pair.beds_micro, MICRO * MICRO)
            tally.holds(
                (*where, "beds"), abs(Fraction(row.beds, MICRO) - beds) <= Fraction(1, MICRO), float(beds), row.beds
            )
        tally.holds((*where, "patients"), row.patients > 0, "somebody", row.patients)
    return tally


def lent_share(case: Case) -> Tally:
    """No more beds of a type serve other care than the share of its open beds that may."""
    tally, most = Tally(), share(case.option("bed_substitution", "largest_share", 1))
    for (b, i, t), beds in sorted(case.bed_use["lent"].items()):
        where = (case.situation.sites[i].code, case.situation.bed_types[b].code, "period", t)
        tally.at_most(where, beds, most * (case.staffed(b, i, t) + case.surge[b][i][t]), allowance(4))
    return tally


def needed(case: Case) -> Tally:
    """Only patients who are cared for lie in beds of another type."""
    tally = Tally()
    for (b, i, t), patients in sorted(case.bed_use["borrowed"].items()):
        kinds = case.of_bed_type(case.situation.bed_types[b].code)
        cared = Fraction(sum(case.cared(k, i, t) for k in kinds), MICRO)
        tally.at_most((case.situation.sites[i].code, b, "period", t), patients, cared, allowance())
    return tally


def who(case: Case) -> Tally:
    """Only who has just come, or has gone without care, is moved, as the option says."""
    tally, whom = Tally(), case.option("eligibility", "who", "all")
    if whom == "all":
        return tally
    moved: dict[tuple[int, int, int], int] = {}
    for row in case.rows["transfers"]:
        key = case.category[row.category], case.site[row.from_site], row.period
        moved[key] = moved.get(key, 0) + row.patients
    came = case.situation.arrivals_micro
    for (k, i, t), patients in sorted(moved.items()):
        may = int(came[k, i, t])
        if whom == "unmet" and t:
            may += case.grids["present"][k][i][t - 1] - case.cared(k, i, t - 1)
        where = (case.situation.categories[k].code, case.situation.sites[i].code, "period", t)
        tally.at_most(where, Fraction(patients, MICRO), Fraction(may, MICRO), allowance())
    return tally


def limit(case: Case) -> Tally:
    """Extra hours are worked by the professions named, and no more than the share of the people there."""
    tally, among = Tally(), case.option("endurance", "professions", ())
    most = share(case.option("endurance", "extra_share", 0))
    for row in case.rows["extra_hours"]:
        where = ("extra_hours", row.block, row.region, row.profession)
        tally.holds((*where, "profession"), row.profession in among, ", ".join(among), row.profession)
        there = most * _people(case, row.profession, row.region, row.block)
        tally.at_most(where, Fraction(row.people, MICRO), there, allowance())
        tally.holds((*where, "people"), row.people > 0, "somebody", row.people)
    return tally


def rest(case: Case) -> Tally:
    """Who has worked extra hours for as long as can be borne rests from them."""
    tally, most = Tally(), share(case.option("endurance", "extra_share", 0))
    work, pause = (share(case.option("endurance", name, default)) for name, default in (("work_h", 96), ("rest_h", 24)))
    worked: dict[tuple[str, str], dict[int, Fraction]] = {}
    for row in case.rows["extra_hours"]:
        worked.setdefault((row.profession, row.region), {})[row.block] = Fraction(row.people, MICRO)
    for (profession, region), people in sorted(worked.items()):
        for first in range(len(case.block_hours)):
            last, hours = first, case.block_hours[first]
            while hours < work + pause and last + 1 < len(case.block_hours):
                last += 1
                hours += case.block_hours[last]
            if hours < work + pause:
                break  # the horizon ends before the rest must have come
            run = range(first, last + 1)
            done = sum((case.block_hours[d] * people.get(d, Fraction(0)) for d in run), Fraction(0))
            there = min(_people(case, profession, region, d) for d in run)
            tally.at_most(
                (profession, region, "blocks", first, last), done, most * work * there, allowance(max(1, hours))
            )
    return tally


def _people(case: Case, profession: str, region: str, block: int) -> int:
    """People of the region, the fewest in any period of the block."""
    c = [one.code for one in case.situation.professions].index(profession)
    periods = [p.index for p in case.situation.periods if p.block == block]
    return min(int(case.situation.staff[c, case.region_sites[region], t].sum()) for t in periods)


RULES_HERE: Mapping[str, Rule] = {
    "core.steps": Rule(
        care.steps, "", "who goes on to other care is the stated share",
        "de som går vidare i vården är den angivna andelen",
    ),
    "care_paths.steps": Rule(
        care.steps, "care_paths", "care paths are followed as stated", "vårdkedjorna följs som angivet"
    ),
    "staff.crisis": Rule(
        staff.crisis, "", "the crisis standard only where it is unlocked", "krisstandard bara där den är upplåst"
    ),
    "bed_substitution.listed": Rule(
        listed, "bed_substitution", "beds hold others only as listed",
        "vårdplatser används för annan vård bara enligt listan", owns=("bed_use",),
    ),
    "bed_substitution.share": Rule(
        lent_share, "bed_substitution", "no more beds are lent to other care than may be",
        "inte fler vårdplatser än tillåtet används för annan vård",
    ),
    "bed_substitution.needed": Rule(
        needed, "bed_substitution", "only who is cared for lies in other beds",
        "bara den som vårdas ligger på annan vårdplats",
    ),
    "eligibility.who": Rule(who, "eligibility", "only who may be moved is moved", "bara den som får flyttas flyttas"),
    "discharge_ready.waits": Rule(
        ready.waits, "discharge_ready", "who becomes ready waits until there is a place",
        "den som är utskrivningsklar väntar tills det finns plats", owns=("ready",),
    ),
    "discharge_ready.places": Rule(
        ready.places, "discharge_ready", "the municipalities take in no more than they can",
        "kommunerna tar inte emot fler än de kan",
    ),
    "discharge_ready.housed": Rule(
        ready.housed, "discharge_ready", "only who waits lies in a bed to wait",
        "bara den som väntar upptar en plats i väntan",
    ),
    "endurance.limit": Rule(
        limit, "endurance", "no more extra hours than may be worked", "inte mer extra arbetstid än tillåtet",
        owns=("extra_hours",),
    ),
    "endurance.rest": Rule(
        rest, "endurance", "extra hours are followed by rest", "extra arbetstid följs av vila"
    ),
}  # fmt: skip
GOALS_HERE: Mapping[str, Value] = {"crisis_standard": crisis_standard}
