"""The independent checker of a dispatch: from its tables, the plan, the situation and the travel times.

It shares nothing with the code that assembles a dispatch but the contract of the tables.
``docs/dispatch.md`` says in words what each rule here holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise

from nspl_opt.dispatch.paper import Paper, check_names, rows_within
from nspl_opt.dispatch.reading import Boarded, Ride, read_away, read_rides, read_unplaced
from nspl_opt.dispatch.tables import Tables
from nspl_opt.network.travel import TravelTimes
from nspl_opt.plan.checks.report import CheckReport, Tally, Violation
from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO, Reference
from nspl_opt.scenario.situation import Situation

ROUNDING_MIN = 2
"""Legs are rounded up to whole minutes one by one: together they may differ so much from the whole [min]."""


def check_dispatch(
    tables: Tables, plan: Plan, situation: Situation, travel: TravelTimes, reference: Reference, hours: int
) -> CheckReport:
    """Check every rule of a dispatch of the plan's first ``hours`` hours. The plan itself must be verified before."""
    form = Tally()
    rides = read_rides(tables, situation, form)
    paper = Paper(
        plan, situation, travel, reference, hours, rides,
        read_unplaced(tables, situation, form), read_away(tables, situation, form),
        rows_within(plan, situation, "trips", hours), rows_within(plan, situation, "transfers", hours),
    )  # fmt: skip
    check_names(paper, form)
    tallies = {"form": form}
    left_out = {}
    for name, rule in RULES.items():
        if form.breaches:
            left_out[name] = "form"
        else:
            tallies[name] = Tally()
            rule(paper, tallies[name])
    violations = [
        Violation(
            f"dispatch.{name}", where, expected, found,
            f"{where}: should be {expected}, is {found}", f"{where}: ska vara {expected}, är {found}",
        )
        for name, tally in tallies.items()
        for where, expected, found in tally.breaches
    ]  # fmt: skip
    checked = {f"dispatch.{name}": tally.rows for name, tally in tallies.items()}
    return CheckReport(checked, {f"dispatch.{name}": why for name, why in left_out.items()}, tuple(violations))


def totals(paper: Paper, tally: Tally) -> None:
    """Driven and left out together are the plan, to the millionth."""
    for what, rows, column in (("trips", paper.trips, "trips"), ("patients", paper.transfers, "patients")):
        found: dict[str, int] = defaultdict(int)
        for ride in paper.rides:
            if not ride.serves and what == "trips":
                found[ride.trip] += MICRO
            for one in ride.boarded if not ride.serves and what == "patients" else ():
                found[one.transfer] += one.patients * MICRO
        for left in paper.unplaced:
            found[left.id] += left.amount_micro if left.what == what else 0
        for name, row in sorted(rows.items()):
            tally.equal_micro((what, name), round(getattr(row, column) * MICRO), found[name])


def capacity(paper: Paper, tally: Tally) -> None:
    """The shares of a vehicle's room that its patients take sum to one at most; a feeder has one patient."""
    vehicles, categories = paper.named("vehicle_types"), paper.named("categories")
    for ride in paper.rides:
        where = ("dispatch", "run", ride.run)
        if ride.serves:
            tally.equal((*where, "patients"), 1, sum(one.patients for one in ride.boarded))
            continue
        room = vehicles[ride.vehicle_type].capacity
        places = [(one.patients, room.get(categories[one.category].patient_kind, 0)) for one in ride.boarded]
        tally.holds(where, all(place for _, place in places), "a place for the kind of patient", "none")
        if all(place for _, place in places):
            tally.at_most(where, sum((Fraction(n, place) for n, place in places), Fraction(0)), 1, Fraction(0))


def one_thing_at_a_time(paper: Paper, tally: Tally) -> None:
    """No vehicle is in two places: its next run leaves when it is back, or later."""
    by_vehicle: dict[tuple[str, int], list[Ride]] = defaultdict(list)
    for ride in paper.rides:
        if ride.pool:
            by_vehicle[ride.pool, ride.vehicle].append(ride)
            tally.holds(("dispatch", "run", ride.run), ride.vehicle >= 1, "a vehicle from 1 on", ride.vehicle)
            tally.holds(("dispatch", "run", ride.run), ride.leave >= 0, "not before the plan starts", ride.leave)
    for (pool, vehicle), rides in sorted(by_vehicle.items()):
        rides.sort(key=lambda ride: (ride.leave, ride.ready))
        for before, after in pairwise(rides):
            where = ("dispatch", pool, vehicle, "runs", before.run, after.run)
            tally.holds(where, before.ready <= after.leave, f"back by minute {after.leave}", before.ready)


def fleet(paper: Paper, tally: Tally) -> None:
    """At no moment are more vehicles of a pool away than the period has."""
    for place, pool in enumerate(paper.situation.pools):
        rides = [ride for ride in paper.rides if ride.pool == pool.code]
        starts = [paper.minutes(period.index)[0] for period in paper.situation.periods]
        for moment in sorted({*(ride.leave for ride in rides), *(starts if rides else ())}):
            away = sum(ride.leave <= moment < ride.ready for ride in rides)
            period = max((n for n, start in enumerate(starts) if start <= moment), default=0)
            there = int(paper.situation.pool_quantity[place][period])
            tally.at_most(("dispatch", pool.code, "minute", moment), away, there, Fraction(0))


def minutes(paper: Paper, tally: Tally) -> None:
    """Times come in their order, and every run lasts as long as the plan says."""
    loading = {vehicle.code: vehicle.loading_min for vehicle in paper.situation.vehicle_types}
    for ride in paper.rides:
        where = ("dispatch", "run", ride.run)
        order = [ride.leave, ride.loading, ride.depart, ride.arrive, ride.unloaded, ride.ready]
        tally.equal((*where, "order"), sorted(order), order)
        for one in ride.boarded:
            trip = paper.journey(paper.transfers[one.transfer])
            before, after = trip.feeder_from_min, trip.feeder_to_min
            if ride.kind in ("trip", "sailing"):
                least = trip.minutes - before - after - ROUNDING_MIN
                tally.holds(where, ride.unloaded - ride.loading >= least, f"{least} min or more", order)
            else:
                way = before if ride.kind == "to_terminal" else after
                tally.equal((*where, "way"), way, ride.arrive - ride.depart)
                tally.equal((*where, "minutes"), 2 * way + loading[ride.vehicle_type], ride.ready - ride.leave)
                extra = ride.depart - ride.loading if ride.kind == "to_terminal" else ride.unloaded - ride.arrive
                tally.equal((*where, "loading"), loading[ride.vehicle_type], extra)
        if ride.kind == "trip":
            state = paper.situation.periods[ride.period].network_state
            busy = paper.travel.trip_min(state, ride.pool, ride.from_place, ride.to_place)
            tally.equal((*where, "minutes"), busy, ride.ready - ride.leave)


Rule = Callable[[Paper, Tally], None]


def _feeders_of(paper: Paper) -> dict[tuple[str, str, str], list[tuple[Ride, Boarded]]]:
    """(run served, transfer, kind) -> the feeder runs, each with its patient."""
    found: dict[tuple[str, str, str], list[tuple[Ride, Boarded]]] = defaultdict(list)
    for ride in paper.rides:
        for one in ride.boarded if ride.serves else ():
            found[ride.serves, one.transfer, ride.kind].append((ride, one))
    return found


def feeders(paper: Paper, tally: Tally) -> None:
    """Who travels between terminals has a vehicle at each end with a leg, of the right pool and in time."""
    pools, categories = paper.named("pools"), paper.named("categories")
    kinds = {vehicle.code: vehicle.feeder_for for vehicle in paper.situation.vehicle_types}
    legs = _feeders_of(paper)
    wanted = set()
    for ride in paper.rides:
        for one in ride.boarded if not ride.serves else ():
            row = paper.transfers[one.transfer]
            trip = paper.journey(row)
            ends = (
                ("to_terminal", trip.feeder_from_min, row.from_region),
                ("from_terminal", trip.feeder_to_min, row.to_region),
            )
            for kind, way, region in ends:
                mine = legs.get((ride.run, one.transfer, kind), [])
                wanted.add((ride.run, one.transfer, kind))
                where = ("dispatch", "run", ride.run, one.transfer, kind)
                tally.equal(where, one.patients if way else 0, len(mine))
                for leg, _ in mine:
                    pool = pools.get(leg.pool)
                    right = pool is not None and pool.region == region and pool.vehicle_type == leg.vehicle_type
                    fit = right and categories[one.category].patient_kind in kinds[pool.vehicle_type]
                    tally.holds((*where, leg.run), fit, f"a feeder of {region} for {one.category}", leg.pool)
                    there = (one.from_site, ride.from_place) if kind == "to_terminal" else (ride.to_place, one.to_site)
                    tally.equal((*where, leg.run), there, (leg.from_place, leg.to_place))
                    on_time = leg.arrive <= ride.loading if kind == "to_terminal" else leg.loading >= ride.unloaded
                    tally.holds((*where, leg.run), on_time, "there in time", (leg.arrive, leg.loading))
    for key in sorted(set(legs) - wanted):
        tally.holds(("dispatch", *key), False, "no feeder run", len(legs[key]))


def periods(paper: Paper, tally: Tally) -> None:
    """Patients leave in the period of the plan, and how much later or earlier they arrive is said."""
    for ride in paper.rides:
        begin, end = paper.minutes(ride.period)
        for one in ride.boarded:
            row = paper.transfers[one.transfer]
            trip, where = paper.journey(row), ("dispatch", "run", ride.run, one.transfer)
            leaves = ride.depart if ride.kind == "to_terminal" else ride.loading
            if ride.kind == "to_terminal" or (not ride.serves and not trip.feeder_from_min):
                tally.holds((*where, "leaves"), begin <= leaves < end, f"minute {begin} to {end}", leaves)
            final = ride.kind == "from_terminal" or (not ride.serves and not trip.feeder_to_min)
            at = ride.arrive if ride.kind == "from_terminal" else ride.unloaded
            came = [p.index for p in paper.situation.periods if at < paper.minutes(p.index)[1]]
            came_in = came[0] if came else len(paper.situation.periods)
            tally.equal((*where, "late_periods"), came_in - int(row.arrival_period) if final else 0, one.late_periods)


def departures(paper: Paper, tally: Tally) -> None:
    """A sailing is a departure of the timetable in its period, used once each way, and no more than run."""
    lines = {line.code: line for line in paper.reference.ferries}
    late = 60 * paper.situation.start.hour + paper.situation.start.minute
    used: dict[tuple[str, str, int], set[int]] = defaultdict(set)
    for ride in paper.rides:
        if ride.kind != "sailing":
            continue
        where, (begin, end) = ("dispatch", "run", ride.run), paper.minutes(ride.period)
        line = lines[ride.line]
        in_table = (ride.depart + late) % 1440 in line.departures_min and begin <= ride.depart < end
        tally.holds((*where, "depart"), in_table, f"a departure of {ride.line}", ride.depart)
        tally.equal((*where, "minutes"), line.minutes, ride.arrive - ride.depart)
        tally.equal((*where, "loading"), line.loading_min, ride.depart - ride.loading)
        before = used[ride.line, ride.from_place, ride.period]
        tally.holds((*where, "depart"), ride.depart not in before, "a departure of its own", ride.depart)
        before.add(ride.depart)
    for (line, start, period), sailed in sorted(used.items()):
        limit = int(paper.situation.departures[line][period])
        tally.at_most((line, start, "period", period), len(sailed), limit, Fraction(0))


def duty(paper: Paper, tally: Tally) -> None:
    """No pool drives for more than the duty share of its hours in a block of the plan."""
    share = Fraction(str(paper.plan.model["families"]["transports"].get("duty_share", "0.6")))
    blocks = paper.situation.periods[-1].block + 1
    for place, pool in enumerate(paper.situation.pools):
        for block in range(blocks):
            mine = [period for period in paper.situation.periods if period.block == block]
            inside = {period.index for period in mine}
            busy = sum(r.ready - r.leave for r in paper.rides if r.pool == pool.code and r.period in inside)
            if busy:
                hours = sum(int(paper.situation.pool_quantity[place][p.index]) * p.length_h for p in mine)
                tally.at_most((pool.code, "block", block), Fraction(busy, 60), share * hours, Fraction(0))


def crews(paper: Paper, tally: Tally) -> None:
    """Every run of a pool has a crew for all of it; patients have those with them whom their category asks for."""
    pools, categories = paper.named("pools"), paper.named("categories")
    expected: dict[tuple[str, str, str, str], Fraction] = defaultdict(Fraction)
    spans: dict[tuple[str, str, str, str], tuple[int, int]] = {}
    for ride in paper.rides:
        if ride.pool:
            key = (ride.run, pools[ride.pool].region, "vehicle_crew", "")
            expected[key] += 1
            spans[key] = (ride.leave, ride.ready)
        for one in ride.boarded if not ride.serves else ():
            row, escorts = paper.transfers[one.transfer], categories[one.category].escort_micro
            trip = paper.journey(row)
            out = ride.loading - trip.feeder_from_min
            for profession, micro in escorts.items():
                if micro:
                    key = (ride.run, row.from_region, profession, one.transfer)
                    expected[key] += Fraction(one.patients * micro, MICRO)
                    spans[key] = (out, out + 2 * trip.minutes)
    found: dict[tuple[str, str, str, str], Fraction] = defaultdict(Fraction)
    for one in paper.away:
        key = (one.run, one.region, one.who, one.transfer)
        found[key] += one.number
        if key in spans:
            tally.equal(("dispatch_crews", *key, "away"), spans[key], (one.start, one.end))
    for key in sorted(set(expected) | set(found)):
        tally.equal(("dispatch_crews", *key), expected.get(key, Fraction(0)), found.get(key, Fraction(0)))


RULES: Mapping[str, Rule] = {
    "totals": totals,
    "capacity": capacity,
    "one_thing_at_a_time": one_thing_at_a_time,
    "fleet": fleet,
    "minutes": minutes,
    "feeders": feeders,
    "periods": periods,
    "departures": departures,
    "duty": duty,
    "crews": crews,
}
