"""Transports: journeys that exist, vehicles that suffice, whole trips where trips are whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks.case import Case, share
from nspl_opt.plan.checks.report import Tally, allowance
from nspl_opt.reference.reference import MICRO

Run = tuple[str, str, str, str, int]
"""Vehicle type, from terminal, to terminal, ferry line, period."""


def _run(row: Any) -> Run:
    return (row.vehicle_type, row.from_terminal, row.to_terminal, row.line, row.period)


def journeys(case: Case) -> Tally:
    """Every transfer is a journey of the network as it is in that period, with its minutes and terminals."""
    tally = Tally()
    for row in case.rows["transfers"]:
        where = ("transfers", row.id)
        state = case.situation.periods[row.period].network_state
        journey = case.travel.journey(state, row.vehicle_type, row.from_site, row.to_site)
        tally.holds(where, journey is not None, "a journey that exists", f"{row.from_site} to {row.to_site}")
        if journey is not None:
            stated = (row.minutes, row.from_terminal, row.to_terminal, row.line)
            tally.equal(where, (journey.minutes, journey.from_terminal, journey.to_terminal, journey.line), stated)
        tally.holds((*where, "patients"), row.patients > 0, "more than nobody", row.patients)
    return tally


def vehicle_types(case: Case) -> Tally:
    """Patients travel by vehicles fit for their category."""
    tally = Tally()
    vehicles = {vehicle.code: vehicle for vehicle in case.situation.vehicle_types}
    for row in case.rows["transfers"]:
        category = case.situation.categories[case.category[row.category]]
        fit = row.vehicle_type in category.vehicle_types
        room = vehicles[row.vehicle_type].capacity.get(category.patient_kind, 0) > 0
        tally.holds(("transfers", row.id), fit and room, "a vehicle fit for the category", row.vehicle_type)
    return tally


def closures(case: Case) -> Tally:
    """Nothing starts, ends or runs where the scenario has closed it."""
    tally = Tally()
    modes = {vehicle.code: vehicle.mode for vehicle in case.situation.vehicle_types}
    place = {site.code: site.place for site in case.situation.sites}
    for row in case.rows["transfers"]:
        closed = case.situation.closures[case.situation.periods[row.period].network_state]
        where, mode = ("transfers", row.id), modes[row.vehicle_type]
        used = {row.from_site, row.to_site, row.from_terminal, row.to_terminal}
        shut = sorted((used | {place[row.from_site], place[row.to_site]}) & set(closed.places))
        tally.holds((*where, "mode"), mode not in closed.modes, "an open mode", mode)
        tally.holds((*where, "place"), not shut, "open places", ", ".join(shut))
        tally.holds((*where, "line"), not row.line or row.line not in closed.links, "an open line", row.line)
    return tally


def longest_journey(case: Case) -> Tally:
    """No journey is longer than patients of the category may travel."""
    tally = Tally()
    factor = share(case.option("travel_time", "longest_journey_factor", 1))
    longest = {k.code: k.longest_journey_min * factor // 1 for k in case.situation.categories}
    for row in case.rows["transfers"]:
        tally.at_most(("transfers", row.id), row.minutes, longest[row.category], allowance(whole=True))
    return tally


def _until(value: Any, start_h: int) -> bool:
    return value == "all" or start_h < value


def whole(case: Case) -> Tally:
    """Patients and trips near in time are whole, and marked so; what is marked whole is whole."""
    tally = Tally()
    patients = case.option("transports", "patients_whole_until_h", 24)
    trips = case.option("transports", "trips_whole_until_h", 48)
    several = {vehicle.code: vehicle.carries_several for vehicle in case.situation.vehicle_types}
    starts = [period.start_h for period in case.situation.periods]
    for row in case.rows["transfers"]:
        expected = _until(patients, starts[row.period])
        tally.equal(("transfers", row.id, "whole"), expected, row.whole)
        tally.holds(("transfers", row.id, "patients"), not (row.whole or expected) or row.patients % MICRO == 0,
                    "whole patients", Fraction(row.patients, MICRO))  # fmt: skip
    for row in case.rows["trips"]:
        # A vehicle for one makes whole trips as long as patients are whole.
        expected = _until(trips if several[row.vehicle_type] else patients, starts[row.period])
        tally.equal(("trips", row.id, "whole"), expected, row.whole)
        tally.holds(("trips", row.id, "trips"), not (row.whole or expected) or row.trips % MICRO == 0,
                    "whole trips", Fraction(row.trips, MICRO))  # fmt: skip
    return tally


def load(case: Case) -> Tally:
    """No run carries more patients than the trips made have room for."""
    tally = Tally()
    capacity = {vehicle.code: vehicle.capacity for vehicle in case.situation.vehicle_types}
    used: dict[Run, Fraction] = defaultdict(Fraction)
    offered: dict[Run, int] = defaultdict(int)
    fractional: set[Run] = set()
    for row in case.rows["transfers"]:
        kind = case.situation.categories[case.category[row.category]].patient_kind
        room = capacity[row.vehicle_type].get(kind, 0)
        if room:
            used[_run(row)] += Fraction(row.patients, MICRO * room)
        if row.patients % MICRO:
            fractional.add(_run(row))
    for row in case.rows["trips"]:
        offered[_run(row)] += row.trips
        if row.trips % MICRO:
            fractional.add(_run(row))
    for run in sorted(used):
        there = Fraction(offered.get(run, 0), MICRO)
        tally.at_most((*run[:4], "period", run[4]), used[run], there, allowance(whole=run not in fractional))
    return tally


def pools(case: Case) -> Tally:
    """Each trip is made by a pool that exists, of the right type, that may serve the run, in its stated minutes."""
    tally = Tally()
    by_code = {pool.code: pool for pool in case.situation.pools}
    scope = {vehicle.code: vehicle.scope for vehicle in case.situation.vehicle_types}
    ends: dict[Run, set[str]] = defaultdict(set)
    for row in case.rows["transfers"]:
        ends[_run(row)] |= {row.from_region, row.to_region}
    for row in case.rows["trips"]:
        where, pool = ("trips", row.id), by_code.get(row.pool)
        if scope[row.vehicle_type] == "scheduled":
            tally.equal((*where, "pool"), "", row.pool)
            tally.equal((*where, "minutes"), 0, row.minutes)
            continue
        fit = pool is not None and pool.vehicle_type == row.vehicle_type
        tally.holds((*where, "pool"), fit, f"a pool of {row.vehicle_type}", row.pool)
        if not fit:
            continue
        state = case.situation.periods[row.period].network_state
        minutes = case.travel.trip_min(state, row.pool, row.from_terminal, row.to_terminal)
        tally.equal((*where, "minutes"), minutes, row.minutes)
        served = ends.get(_run(row))
        if scope[row.vehicle_type] == "region" and served:
            tally.holds((*where, "pool"), pool.region in served, f"a pool of {', '.join(sorted(served))}", pool.region)
    return tally


def _feeder_pools(case: Case) -> Mapping[tuple[str, str], tuple[str, int, int]]:
    """(region, patient kind) -> the pool that drives to the terminals, its minutes of loading and mobilisation."""
    found: dict[tuple[str, str], tuple[str, int, int]] = {}
    for vehicle in case.situation.vehicle_types:
        for pool in case.situation.pools:
            if pool.vehicle_type == vehicle.code:
                for kind in vehicle.feeder_for:
                    there = (pool.code, vehicle.loading_min, vehicle.mobilisation_min)
                    found.setdefault((pool.region, kind), there)
    return found


def _feeder_legs(case: Case):
    """Each feeder leg of each transfer: row, region at that end, (pool, minutes per patient) or None."""
    feeders = _feeder_pools(case)
    for row in case.rows["transfers"]:
        state = case.situation.periods[row.period].network_state
        journey = case.travel.journey(state, row.vehicle_type, row.from_site, row.to_site)
        if journey is None:
            continue
        kind = case.situation.categories[case.category[row.category]].patient_kind
        ends = ((row.from_region, journey.feeder_from_min), (row.to_region, journey.feeder_to_min))
        for region, minutes in ends:
            if minutes > 0 and region not in case.situation.external_regions:  # abroad the host drives
                feeder = feeders.get((region, kind))
                yield row, region, feeder and (feeder[0], 2 * minutes + feeder[1])


def feeder(case: Case) -> Tally:
    """Where a vehicle must drive the patient to or from a terminal, the region has such vehicles."""
    tally = Tally()
    for row, region, leg in _feeder_legs(case):
        tally.holds(("transfers", row.id), leg is not None, f"a feeder pool in {region}", "none")
    return tally


def _busy(case: Case) -> tuple[dict, dict, dict]:
    """Per (pool, period): minutes within the period, minutes of whole trips (both in millionths), largest minutes."""
    within: dict[tuple[str, int], int] = defaultdict(int)
    full: dict[tuple[str, int], int] = defaultdict(int)
    largest: dict[tuple[str, int], int] = defaultdict(int)
    for row in case.rows["trips"]:
        key, length = (row.pool, row.period), 60 * case.situation.periods[row.period].length_h
        within[key] += row.trips * min(row.minutes, length)
        full[key] += row.trips * row.minutes
        if row.trips % MICRO:
            largest[key] = max(largest[key], row.minutes)
    for row, _, leg in _feeder_legs(case):
        if leg is not None:
            key = (leg[0], row.period)
            within[key] += row.patients * leg[1]
            full[key] += row.patients * leg[1]
            if row.patients % MICRO:
                largest[key] = max(largest[key], leg[1])
    return within, full, largest


def vehicles(case: Case) -> Tally:
    """No pool is busy for more vehicle hours in a period than it has vehicles."""
    tally = Tally()
    within, _, largest = _busy(case)
    quantity = case.situation.pool_quantity.tolist()
    for p, pool in enumerate(case.situation.pools):
        for period in case.situation.periods:
            busy = within.get((pool.code, period.index), 0)
            if busy:
                limit, biggest = quantity[p][period.index] * period.length_h, largest.get((pool.code, period.index), 0)
                allowed = allowance(Fraction(biggest, 60), whole=not biggest)
                tally.at_most((pool.code, "period", period.index), Fraction(busy, 60 * MICRO), limit, allowed)
    return tally


def duty(case: Case) -> Tally:
    """No pool drives for more than the duty share of its hours in a block."""
    tally = Tally()
    _, full, largest = _busy(case)
    on_duty = share(case.option("transports", "duty_share", "0.6"))
    quantity = case.situation.pool_quantity.tolist()
    for p, pool in enumerate(case.situation.pools):
        for d in range(len(case.block_hours)):
            periods = [period for period in case.situation.periods if period.block == d]
            busy = sum(full.get((pool.code, period.index), 0) for period in periods)
            if busy:
                limit = on_duty * sum(quantity[p][period.index] * period.length_h for period in periods)
                biggest = max(largest.get((pool.code, period.index), 0) for period in periods)
                allowed = allowance(Fraction(biggest, 60), whole=not biggest)
                tally.at_most((pool.code, "block", d), Fraction(busy, 60 * MICRO), limit, allowed)
    return tally


def departures(case: Case) -> Tally:
    """A ferry line is used no more often, each way, than it departs."""
    tally = Tally()
    used: dict[tuple[str, str, str, int], int] = defaultdict(int)
    for row in case.rows["trips"]:
        if row.line:
            used[(row.line, row.from_terminal, row.to_terminal, row.period)] += row.trips
    for (line, start, end, t), trips in sorted(used.items()):
        limit = int(case.situation.departures[line][t])
        where = (line, start, end, "period", t)
        tally.at_most(where, Fraction(trips, MICRO), limit, allowance(whole=trips % MICRO == 0))
    return tally


def in_time(case: Case) -> Tally:
    """Who crosses the sea can be at the port when a ferry of the period begins to load.

    Nobody leaves before the period begins, nor before there is a vehicle that drives to the port.
    """
    tally = Tally()
    feeders = _feeder_pools(case)
    for row in case.rows["transfers"]:
        if not row.line:
            continue
        period, table = case.situation.periods[row.period], case.situation.timetables[row.line]
        journey = case.travel.journey(period.network_state, row.vehicle_type, row.from_site, row.to_site)
        at_port = 60 * period.start_h
        if journey is not None and journey.feeder_from_min > 0:
            kind = case.situation.categories[case.category[row.category]].patient_kind
            _, loading, mobilised = feeders.get((row.from_region, kind), ("", 0, 0))
            at_port = max(at_port, mobilised + loading) + journey.feeder_from_min
        loads = [sails - table.loading_min for sails in table.sailings_min[period.index]]
        found = max(loads, default="no sailing")
        tally.holds(("transfers", row.id), any(at_port <= at for at in loads), f"{row.line} from {at_port}", found)
    return tally
