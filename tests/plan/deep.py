"""Decisions spoiled: a rule is broken and every table agrees with it."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation

from ..oracle.assemble import Decisions
from .spoiling import Inapplicable, decisions_in, rebuilt, travel_in


def _pick(rows: list, rng: random.Random):
    if not rows:
        raise Inapplicable("nothing to spoil")
    return rng.choice(rows)


def _options(plan: Plan, family: str) -> Mapping:
    if family not in plan.model["families"]:
        raise Inapplicable(family)
    return plan.model["families"][family]


def send_who_is_not_there(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """Fifty more leave than there are."""
    d = decisions_in(plan, s)
    n = _pick(list(range(len(d.transfers))), rng)
    t, start, _, category, *_ = d.transfers[n]
    census = plan.tables["census"]
    there = census[(census.period == t) & (census.site == start) & (census.category == category)]
    extra = int(there["present"].sum() + there["arrived"].sum()) + 50
    d.transfers[n] = (*d.transfers[n][:5], d.transfers[n][5] + extra)
    return rebuilt(plan, s, d)


def care_for_absent(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """One more cared for than is present."""
    d = decisions_in(plan, s)
    row = plan.tables["census"].iloc[_pick(list(range(len(plan.tables["census"]))), rng)]
    k = [c.code for c in s.categories].index(row.category)
    i = [c.code for c in s.sites].index(row.site)
    d.cared[0, k, i, int(row.period)] = round((row.present - row.contingency + 1) * MICRO)
    return rebuilt(plan, s, d)


def _full_places(plan: Plan, s: Situation) -> list[tuple[int, int, int, Fraction]]:
    """(category, site, period, patients to add) where the unmet would fill more than the open beds."""
    census = plan.tables["census"]
    bed = {c.code: c.bed_type for c in s.categories}
    kept = {(r.site, int(r.block)): int(r.step) for r in plan.tables["postponed"].itertuples()}
    elective = plan.model["families"].get("elective", {"steps": 1, "largest_share": 0})
    found = []
    sites, kinds = [x.code for x in s.sites], [c.code for c in s.categories]
    groups = census.assign(bed=census["category"].map(bed)).groupby(["period", "site", "bed"])
    for (t, site, bed_type), rows in groups:
        i, b = sites.index(site), [x.code for x in s.bed_types].index(bed_type)
        freed = Fraction(kept.get((site, s.periods[t].block), 0), elective["steps"]) * Fraction(
            str(elective["largest_share"])
        )
        beds = int(s.beds[b, i, t] + s.surge_beds[b, i, t]) - int(s.planned_beds[b, i]) * (1 - freed)
        cared = rows["conventional"].sum() + rows["contingency"].sum()
        add = max(Fraction(0), beds) - Fraction(str(round(cared, 6))) + Fraction(1, 100)
        for row in rows.itertuples():
            if row.unmet >= add > 0:
                found.append((kinds.index(row.category), i, int(t), add))
    return found


def overfill_beds(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """A hundredth of a patient more than there are beds."""
    _options(plan, "beds")
    d = decisions_in(plan, s)
    k, i, t, add = _pick(_full_places(plan, s), rng)
    d.cared[0, k, i, t] = d.cared.get((0, k, i, t), 0) + int(add * MICRO) + 1
    return rebuilt(plan, s, d)


def drop_a_trip(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """Half a trip too few, or none at all."""
    _options(plan, "transports")
    d = decisions_in(plan, s)
    n = _pick(list(range(len(d.transfers))), rng)
    row = plan.tables["transfers"].iloc[n]
    run = (int(row.period), row.vehicle_type, row.line, row.from_terminal, row.to_terminal)
    d.trips = [trip for trip in d.trips if (trip[0], trip[1], *trip[3:6]) != run]
    return rebuilt(plan, s, d)


def overload_a_trip(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """A few more patients than the trips have room for."""
    _options(plan, "transports")
    d = decisions_in(plan, s)
    n = _pick(list(range(len(d.transfers))), rng)
    row = plan.tables["transfers"].iloc[n]
    run = (int(row.period), row.vehicle_type, row.line, row.from_terminal, row.to_terminal)
    trips = sum((trip[6] for trip in d.trips if (trip[0], trip[1], *trip[3:6]) == run), Fraction(0))
    room = max(next(v.capacity for v in s.vehicle_types if v.code == row.vehicle_type).values())
    d.transfers[n] = (*d.transfers[n][:5], Fraction(int(trips * room) + 1))
    return rebuilt(plan, s, d)


def drive_too_much(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """One trip more than the pool has hours for."""
    _options(plan, "transports")
    d = decisions_in(plan, s)
    n = _pick([n for n, trip in enumerate(d.trips) if trip[2]], rng)
    t, _, pool = d.trips[n][:3]
    minutes = int(plan.tables["trips"].iloc[n]["minutes"])
    if not minutes:
        raise Inapplicable("minutes")
    p = [one.code for one in s.pools].index(pool)
    hours = int(s.pool_quantity[p, t]) * s.periods[t].length_h
    busy = min(Fraction(minutes, 60), Fraction(s.periods[t].length_h))
    d.trips[n] = (*d.trips[n][:6], Fraction(hours // busy + 1))
    return rebuilt(plan, s, d)


def wrong_pool(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """A trip made by vehicles of another type."""
    _options(plan, "transports")
    d, travel = decisions_in(plan, s), travel_in(plan, s)
    n = _pick([n for n, trip in enumerate(d.trips) if trip[2]], rng)
    t, vehicle, _, _, start, end, _ = d.trips[n]
    other = _pick([pool.code for pool in s.pools if pool.vehicle_type != vehicle], rng)
    d.trips[n] = (t, vehicle, other, *d.trips[n][3:])
    travel.trips[s.periods[t].network_state, other, start, end] = int(plan.tables["trips"].iloc[n]["minutes"])
    return rebuilt(plan, s, d, travel)


def crowd_a_ferry(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """More departures than the timetable has."""
    _options(plan, "transports")
    d = decisions_in(plan, s)
    n = _pick([n for n, trip in enumerate(d.trips) if trip[3]], rng)
    d.trips[n] = (*d.trips[n][:6], Fraction(int(s.departures[d.trips[n][3]][d.trips[n][0]]) + 1))
    return rebuilt(plan, s, d)


def halve_a_patient(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """Half a patient too few, where patients are whole."""
    d = decisions_in(plan, s)
    n = _pick([n for n, whole in enumerate(plan.tables["transfers"]["whole"]) if whole], rng)
    d.transfers[n] = (*d.transfers[n][:5], d.transfers[n][5] - Fraction(1, 2))
    return rebuilt(plan, s, d)


def halve_a_trip(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """Half a trip more, where trips are whole."""
    d = decisions_in(plan, s)
    n = _pick([n for n, whole in enumerate(plan.tables["trips"]["whole"]) if whole], rng)
    d.trips[n] = (*d.trips[n][:6], d.trips[n][6] + Fraction(1, 2))
    return rebuilt(plan, s, d)


def send_elsewhere(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """To another place, as if the road led there just as well."""
    d, travel = decisions_in(plan, s), travel_in(plan, s)
    n = _pick(list(range(len(d.transfers))), rng)
    t, start, end, category, vehicle, patients = d.transfers[n]
    taken = {(x[0], x[1], x[2], x[3], x[4]) for x in d.transfers}
    others = [
        x.code for x in s.sites if x.code not in (start, end) and (t, start, x.code, category, vehicle) not in taken
    ]
    other, state = _pick(others, rng), s.periods[t].network_state
    journey = travel.journey(state, vehicle, start, end)
    travel.by_key[state, vehicle, start, other] = replace(journey, destination=other, minutes=journey.minutes + 7)
    d.transfers[n] = (t, start, other, category, vehicle, patients)
    return rebuilt(plan, s, d, travel)


def travel_faster(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """A minute or more saved on the way."""
    d, travel = decisions_in(plan, s), travel_in(plan, s)
    t, start, end, _, vehicle, _ = _pick(d.transfers, rng)
    key = (s.periods[t].network_state, vehicle, start, end)
    travel.by_key[key] = replace(travel.by_key[key], minutes=travel.by_key[key].minutes - rng.randint(1, 5))
    return rebuilt(plan, s, d, travel)


def lend_too_many(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """Everybody lent, and one more."""
    d = decisions_in(plan, s)
    n = _pick(list(range(len(d.loans))), rng)
    d.loans[n] = (*d.loans[n][:5], int(s.staff.sum()) + 1)
    return rebuilt(plan, s, d)


def call_home_early(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """A loan shorter than the shortest, or longer than the longest."""
    d, options, hours = decisions_in(plan, s), _options(plan, "staff_loans"), s.block_hours
    last = len(hours) - 1
    short = [(n, x[3]) for n, x in enumerate(d.loans) if x[3] < last and hours[x[3]] < options["shortest_stay_h"]]
    long = [(n, last) for n, x in enumerate(d.loans) if x[3] < last and sum(hours[x[3] :]) > options["longest_stay_h"]]
    n, end = _pick(short + long, rng)
    d.loans[n] = (*d.loans[n][:4], end, d.loans[n][5])
    return rebuilt(plan, s, d)


def one_step_too_far(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """More planned care postponed than there is, or before the notice has passed."""
    d, options = decisions_in(plan, s), _options(plan, "elective")
    places = [(i, blk) for i in range(len(s.sites)) for blk in range(len(s.block_hours))]
    first = [(i, 0) for i in range(len(s.sites)) if options["delay_h"] > 0]
    if first and rng.random() < 0.5:
        d.steps[_pick(first, rng)] = 1
    else:
        d.steps[_pick(places, rng)] = options["steps"] + 1
    return rebuilt(plan, s, d)


def cross_a_closed_border(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """Every region is to help itself, and somebody moves all the same."""
    d, model = decisions_in(plan, s), copy.deepcopy(dict(plan.model))
    table = plan.tables["transfers"]
    if not len(d.loans) and not (table["from_region"] != table["to_region"]).any():
        raise Inapplicable("no border is crossed")
    model["families"] = {**model["families"], "areas": {"grouping": "region", "border": "closed"}}
    return rebuilt(plan, s, d, model=model)


def forbid_the_journey(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """Journeys longer than the model allows."""
    d, model = decisions_in(plan, s), copy.deepcopy(dict(plan.model))
    if not d.transfers:
        raise Inapplicable("transfers")
    model["families"] = {**model["families"], "travel_time": {"longest_journey_factor": 0.001}}
    return rebuilt(plan, s, d, model=model)


def hide_a_standard(plan: Plan, s: Situation, rng: random.Random) -> Plan:
    """Care by the contingency standard where the model forbids it."""
    d, model = decisions_in(plan, s), copy.deepcopy(dict(plan.model))
    k, i, t = _pick([key[1:] for key in d.cared if d.cared[key] > 0], rng)
    half = d.cared.get((0, k, i, t), 0) // 2
    if half:
        d.cared[0, k, i, t] -= half
        d.cared[1, k, i, t] = d.cared.get((1, k, i, t), 0) + half
    model["families"] = {**model["families"], "staff": {"contingency": False, "within_region_share": 0.25}}
    return rebuilt(plan, s, d, model=model)


DEEP: Mapping[str, tuple[Callable[[Plan, Situation, random.Random], Plan], str]] = {
    "send_who_is_not_there": (send_who_is_not_there, "core.movable"),
    "care_for_absent": (care_for_absent, "core.cared"),
    "overfill_beds": (overfill_beds, "beds.capacity"),
    "drop_a_trip": (drop_a_trip, "transports.load"),
    "overload_a_trip": (overload_a_trip, "transports.load"),
    "drive_too_much": (drive_too_much, "transports.vehicles"),
    "wrong_pool": (wrong_pool, "transports.pools"),
    "crowd_a_ferry": (crowd_a_ferry, "transports.departures"),
    "halve_a_patient": (halve_a_patient, "core.whole"),
    "halve_a_trip": (halve_a_trip, "core.whole"),
    "send_elsewhere": (send_elsewhere, "network.journeys"),
    "travel_faster": (travel_faster, "network.journeys"),
    "lend_too_many": (lend_too_many, "staff_loans.share"),
    "call_home_early": (call_home_early, "staff_loans.stay"),
    "one_step_too_far": (one_step_too_far, "elective.steps"),
    "cross_a_closed_border": (cross_a_closed_border, "areas.border"),
    "forbid_the_journey": (forbid_the_journey, "travel_time.longest_journey"),
    "hide_a_standard": (hide_a_standard, "staff.contingency"),
}


def unspoiled(plan: Plan, situation: Situation) -> Plan:
    """The plan taken apart and put together again, as a control: it must still hold."""
    decisions: Decisions = decisions_in(plan, situation)
    return rebuilt(plan, situation, decisions)
