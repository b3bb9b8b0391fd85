"""Which transfers are offered, and on which runs: everything left out is counted, by reason."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from nspl_opt.instance.arc_rules import ArcRules
from nspl_opt.instance.instance import ALWAYS, Arc, Cell, Run, TripCell
from nspl_opt.instance.sailings import TOO_LATE, cells_in_time
from nspl_opt.instance.trips import NOT_THERE, served, trips_of
from nspl_opt.network.travel import Journey, TravelTimes
from nspl_opt.scenario.situation import Situation, arrival_period


class _Offer:
    """Collects arcs, cells, runs and trips while journeys are gone through in canonical order."""

    def __init__(self, situation: Situation, travel: TravelTimes, rules: ArcRules, can_care: np.ndarray) -> None:
        self.situation, self.travel, self.rules, self.can_care = situation, travel, rules, can_care.tolist()
        self.site = {site.code: index for index, site in enumerate(situation.sites)}
        self.pruned: Counter[str] = Counter()
        self.why: dict[tuple[int, ...], Counter[str]] = {}
        self.bed_of = [
            [bed.code for bed in situation.bed_types].index(category.bed_type) for category in situation.categories
        ]
        # Exactly: in binary 0.29 times 100 is less than 29.
        factor = None if rules.longest_journey_factor is None else Fraction(str(rules.longest_journey_factor))
        self.longest = [
            math.inf if factor is None else math.floor(category.longest_journey_min * factor)
            for category in situation.categories
        ]
        self.most_beds = (situation.beds + situation.surge_beds).max(axis=2).tolist()
        self.feeder_pool = self._feeder_pools()
        self.loading = {vehicle.code: vehicle.loading_min for vehicle in situation.vehicle_types}
        self.region = [site.region for site in situation.sites]
        self.open_border = self._open_borders()
        self.serving = [self._serving(state) for state in range(len(situation.closures))]

    def leave_out(self, reason: str, *key: int, period: int = ALWAYS) -> None:
        """Count a transfer that is not offered; of those to be kept, by category, origin, destination, vehicle too."""
        self.pruned[reason] += 1
        if key[:3] in self.rules.offer.keep:
            self.why.setdefault((*key, period), Counter())[reason] += 1

    def tell_lost(self, keys: list[tuple[int, int, int, int]], cells: Iterable[Cell], reason: str) -> None:
        """Say of cells that are lost, and counted already, why: of those to be kept."""
        for cell in cells:
            if keys[cell.arc][:3] in self.rules.offer.keep:
                self.why.setdefault((*keys[cell.arc], cell.period), Counter())[reason] += 1

    def _feeder_pools(self) -> dict[tuple[str, str], int]:
        """(region, patient kind) -> pool that drives the legs to and from terminals."""
        kinds = {vehicle.code: vehicle.feeder_for for vehicle in self.situation.vehicle_types}
        found: dict[tuple[str, str], int] = {}
        for index, pool in enumerate(self.situation.pools):
            for kind in kinds[pool.vehicle_type]:
                found.setdefault((pool.region, kind), index)
        return found

    def _open_borders(self) -> dict[tuple[str, str], bool]:
        """(region, region) -> whether patients may go from the one to the other."""
        grouping, same_area = self.rules.closed_grouping, self.situation.same_area
        codes = sorted(set(self.region))
        return {(a, b): not grouping or same_area(grouping, a, b) for a in codes for b in codes}

    def _serving(self, state: int) -> dict[str, set[str]]:
        """What can be used in some period of the network state: "pool" (vehicle types with vehicles that go
        anywhere), a vehicle type (regions that have some of their own), "line" (ferry lines that sail)."""
        situation = self.situation
        periods = [period.index for period in situation.periods if period.network_state == state]
        found: dict[str, set[str]] = {"pool": set(), "line": set()}
        scopes = {vehicle.code: vehicle.scope for vehicle in situation.vehicle_types}
        for index, pool in enumerate(situation.pools):
            if situation.pool_quantity[index, periods].any():
                if scopes[pool.vehicle_type] == "national":
                    found["pool"].add(pool.vehicle_type)
                found.setdefault(pool.vehicle_type, set()).add(pool.region)
        found["line"] |= {line for line, sails in situation.departures.items() if sails[periods].any()}
        return found

    def is_served(self, state: int, journey: Journey, vehicle: int) -> bool:
        """Whether some vehicle can make the journey in some period of the network state."""
        kind, serving = self.situation.vehicle_types[vehicle], self.serving[state]
        if kind.scope == "scheduled":
            return journey.line in serving["line"]
        homes = serving.get(kind.code, ())
        origin, destination = self.site[journey.origin], self.site[journey.destination]
        return kind.code in serving["pool"] or self.region[origin] in homes or self.region[destination] in homes

    def _refusals(self, k: int) -> list[str]:
        """(site,) why the category cannot be received there; "" where it can."""
        return [
            ("" if beds or (self.bed_of[k], j) in self.rules.lent else "receiver has no such beds")
            if able
            else "receiver lacks capability"
            for j, (able, beds) in enumerate(zip(self.can_care[k], self.most_beds[self.bed_of[k]], strict=True))
        ]

    def reason_on_the_way(self, state: int, journey: Journey, vehicle: int, kinds: set[str]) -> dict[str, str]:
        """Patient kind -> why nobody of that kind can make the journey, however long it takes; "" for who can."""
        ends = self.region[self.site[journey.origin]], self.region[self.site[journey.destination]]
        if not self.open_border[ends]:
            return dict.fromkeys(kinds, "border closed")
        if self.rules.vehicles and not self.is_served(state, journey, vehicle):
            return dict.fromkeys(kinds, "no vehicle")
        found = dict.fromkeys(kinds, "")
        for region, minutes in zip(ends, (journey.feeder_from_min, journey.feeder_to_min), strict=True):
            driven = minutes and self.rules.vehicles and region not in self.situation.external_regions
            for kind in kinds if driven else ():
                if (region, kind) not in self.feeder_pool:
                    found[kind] = "no vehicle to the terminal"
        return found

    def candidates(self, state: int) -> dict[tuple[int, int, int], list[Journey]]:
        """(category, origin, vehicle type) -> journeys it could make in the network state."""
        found: dict[tuple[int, int, int], list[Journey]] = {}
        refuse = self.rules.offer.refuse
        refused = [self._refusals(k) for k in range(len(self.situation.categories))]
        for v, vehicle in enumerate(self.situation.vehicle_types):
            users = [
                (k, self.longest[k], category.patient_kind)
                for k, category in enumerate(self.situation.categories)
                if vehicle.code in category.vehicle_types and vehicle.capacity.get(category.patient_kind, 0) > 0
            ]
            kinds = {kind for _, _, kind in users}
            for journey in self.travel.journeys(state, vehicle.code) if users else ():
                i, j = self.site[journey.origin], self.site[journey.destination]
                on_the_way = self.reason_on_the_way(state, journey, v, kinds)
                for k, longest, kind in users:
                    too_long = "journey too long" if journey.minutes > longest else ""
                    said = refuse(k, i, j) if refuse else ""
                    if reason := refused[k][j] or too_long or on_the_way[kind] or said:
                        self.leave_out(reason, k, i, j, v)
                    else:
                        found.setdefault((k, i, v), []).append(journey)
        return found

    def kept(self, found: dict[tuple[int, int, int], list[Journey]]) -> dict[tuple[int, int, int, int], Journey]:
        """What is left after distance (beyond the nearest and largest) and dominance (other vehicles do better)."""
        ways: dict[tuple[int, int], dict[int, list[tuple[int, Journey]]]] = {}
        for (k, i, v), journeys in sorted(found.items()):
            for journey in journeys:
                ways.setdefault((k, i), {}).setdefault(self.site[journey.destination], []).append((v, journey))
        kept: dict[tuple[int, int, int, int], Journey] = {}
        for (k, i), by_destination in ways.items():
            quickest = {j: min(way[1].minutes for way in choices) for j, choices in by_destination.items()}
            beds = self.most_beds[self.bed_of[k]]
            near = sorted(quickest, key=lambda j: (quickest[j], j))[: self.rules.nearest]
            large = sorted(quickest, key=lambda j: (-beds[j], j))[: self.rules.largest]
            for j, choices in by_destination.items():
                stays = j in near or j in large or (k, i, j) in self.rules.offer.keep
                chosen = dict(self.best_vehicles(k, choices)) if stays else {}
                reason = "vehicle no quicker and no larger than another" if chosen else "beyond the nearest and largest"
                self.pruned[reason] += 0
                for v, journey in choices:
                    if v in chosen or (k, i, j, v) in self.rules.offer.ways:
                        kept[k, i, j, v] = journey
                    else:
                        self.leave_out(reason, k, i, j, v)
        return kept

    def best_vehicles(self, k: int, choices: list[tuple[int, Journey]]) -> list[tuple[int, Journey]]:
        """One vehicle of each sort: for one patient or several, on the surface or in the air.

        For one: the quickest. For several: the largest, and in the air the quickest too. What flies
        must be quicker than the road.
        """
        kinds, patient = self.situation.vehicle_types, self.situation.categories[k].patient_kind
        sorts: dict[tuple[bool, bool], list[tuple[int, Journey]]] = {}
        for v, journey in choices:
            flies = kinds[v].mode in ("fixed_wing", "helicopter")
            sorts.setdefault((kinds[v].carries_several, flies), []).append((v, journey))
        road = min((journey.minutes for _, journey in sorts.get((False, False), ())), default=None)
        kept: dict[int, Journey] = {}
        for (several, flies), ways in sorts.items():
            useful = [way for way in ways if not flies or road is None or way[1].minutes < road]
            if useful and (not several or flies):
                kept |= dict([min(useful, key=lambda way: (way[1].minutes, way[0]))])
            if useful and several:
                kept |= dict([min(useful, key=lambda way: (-kinds[way[0]].capacity[patient], way[1].minutes, way[0]))])
        return sorted(kept.items())


def offer_transfers(
    situation: Situation, travel: TravelTimes, rules: ArcRules, can_care: np.ndarray
) -> tuple[
    tuple[Arc, ...],
    tuple[Cell, ...],
    tuple[Run, ...],
    tuple[TripCell, ...],
    dict[str, int],
    dict[tuple[int, ...], str],
]:
    """Arcs, their cells by period, the runs they ride and the trips that serve them, all sorted.

    Returns
    -------
    arcs, cells, runs, trips, and how many possible transfers were left out per reason
    (counted per category, pair, vehicle type and network state), and why those to be kept were, if they were.
    """
    offer = _Offer(situation, travel, rules, can_care)
    by_state = [offer.kept(offer.candidates(state)) for state in range(len(situation.closures))]
    keys = sorted(set().union(*by_state)) if by_state else []
    arcs = tuple(Arc(*key) for key in keys)
    runs = _runs(situation, by_state)
    run_of = {run: index for index, run in enumerate(runs)}
    cells = _cells(offer, by_state, keys, run_of)
    trips: list[TripCell] = []
    if rules.vehicles:
        in_time = cells_in_time(situation, cells, runs, keys, by_state, offer.feeder_pool, offer.pruned)
        offer.tell_lost(keys, set(cells) - set(in_time) if offer.rules.offer.keep else (), TOO_LATE)
        trips = trips_of(situation, travel, runs, in_time)
        cells = served(in_time, trips, offer.pruned)
        offer.tell_lost(keys, set(in_time) - set(cells) if offer.rules.offer.keep else (), NOT_THERE)
    return arcs, tuple(cells), runs, tuple(trips), dict(sorted(offer.pruned.items())), _most_said(offer.why)


def _most_said(why: dict[tuple[int, ...], Counter[str]]) -> dict[tuple[int, ...], str]:
    """The reason most often given for each; of several the first by alphabet."""
    return {key: min(said, key=lambda reason: (-said[reason], reason)) for key, said in sorted(why.items())}


def _cells(
    offer: _Offer,
    by_state: list[dict[tuple[int, int, int, int], Journey]],
    keys: list[tuple[int, int, int, int]],
    run_of: dict[Run, int],
) -> list[Cell]:
    """What is offered in each period, in the order of the keys, that ends before the horizon does."""
    refuse = offer.rules.offer.refuse_cell
    ways: list[list[tuple[int, int, int, tuple[tuple[int, float], ...]]]] = []
    for kept in by_state:
        offered = [(arc, key, kept[key]) for arc, key in enumerate(keys) if key in kept]
        ways.append(
            [(arc, way.minutes, run_of[_run(key[3], way)], _feeders(offer, key[0], way)) for arc, key, way in offered]
        )
    cells: list[Cell] = []
    periods = offer.situation.periods
    for period in periods:
        arrivals: dict[int, int | None] = {}
        for arc, minutes, run, feeders in ways[period.network_state]:
            if minutes not in arrivals:
                arrivals[minutes] = arrival_period(periods, period.index, minutes)
            arrival = arrivals[minutes]
            if arrival is None:
                offer.leave_out("ends after the horizon", *keys[arc], period=period.index)
            elif refuse and (reason := refuse(*keys[arc][:3], period.index)):
                offer.leave_out(reason, *keys[arc], period=period.index)
            else:
                cells.append(Cell(arc, period.index, arrival, minutes, run, feeders))
    return cells


def _run(vehicle: int, journey: Journey) -> Run:
    return Run(vehicle, journey.from_terminal, journey.to_terminal, journey.line)


def _runs(situation: Situation, by_state: Iterable[dict[tuple[int, int, int, int], Journey]]) -> tuple[Run, ...]:
    found = {_run(key[3], journey) for kept in by_state for key, journey in kept.items()}
    return tuple(sorted(found, key=lambda r: (r.vehicle_type, r.from_terminal, r.to_terminal, r.line)))


def _feeders(offer: _Offer, k: int, journey: Journey) -> tuple[tuple[int, float], ...]:
    """Hours per patient of the road vehicles that drive to and from the terminals."""
    if not offer.rules.vehicles:
        return ()
    situation = offer.situation
    kind = situation.categories[k].patient_kind
    found: dict[int, int] = {}
    ends = ((journey.origin, journey.feeder_from_min), (journey.destination, journey.feeder_to_min))
    for site, minutes in ends:
        region = offer.region[offer.site[site]]
        if minutes and region not in situation.external_regions:  # abroad the host drives
            pool = offer.feeder_pool[region, kind]
            there = 2 * minutes + offer.loading[situation.pools[pool].vehicle_type]
            found[pool] = found.get(pool, 0) + there
    return tuple((pool, minutes / 60) for pool, minutes in sorted(found.items()))
