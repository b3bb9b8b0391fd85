"""How one gets there: journeys of patients and trips of vehicles, with their minutes and paths."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from nspl_opt.network import journeys as ways
from nspl_opt.network.journeys import Journey, Journeys
from nspl_opt.network.modes import AIR_MODES, node_key, site_key, whole_minutes
from nspl_opt.network.open_network import OpenNetwork, ShortestWays
from nspl_opt.network.paths import Leg, legs_of, links_of
from nspl_opt.network.terminals import Terminal, terminals_of
from nspl_opt.network.trips import trip_minutes
from nspl_opt.reference.reference import FerryLine, Reference, Site
from nspl_opt.scenario.situation import Situation

__all__ = ["Journey", "Leg", "TravelTimes"]


class TravelTimes:
    """All journeys and trips of a situation. Made by ``network.graph.travel_times``."""

    def __init__(self, reference: Reference, situation: Situation, graph: nx.MultiGraph) -> None:
        self._reference = reference
        self._situation = situation
        self._graph = graph
        self._vehicles = {vehicle.code: vehicle for vehicle in situation.vehicle_types}
        self._pools = {pool.code: pool for pool in situation.pools}
        self._hospitals = {site.code: site for site in reference.sites}
        feeders = [vehicle.speed_kmh for vehicle in situation.vehicle_types if vehicle.feeder_for]
        # Which of the feeders drives depends on the patient: the slowest keeps the promise for all.
        self._feeder_kmh = min(feeders, default=None)
        self._homes = self._found_homes()
        self._networks: dict[int, OpenNetwork] = {}
        self._stands: dict[int, dict[str, Site]] = {}
        self._terminals: dict[tuple[int, str], dict[str, Terminal]] = {}
        self._journeys: dict[tuple[int, str], Journeys] = {}
        self._trips: dict[tuple[int, str, str, str], int | None] = {}

    def journeys(self, state: int, vehicle_type: str) -> Iterator[Journey]:
        """Every possible journey between two different sites, sorted by origin, destination."""
        return iter(self._all(state, vehicle_type).values())

    def journey(self, state: int, vehicle_type: str, origin: str, destination: str) -> Journey | None:
        """The journey, or None where there is none (no terminal, out of range, closed)."""
        return self._all(state, vehicle_type).get((origin, destination))

    def trip_min(self, state: int, pool: str, from_terminal: str, to_terminal: str) -> int | None:
        """Minutes one vehicle of the pool is busy with one trip: from its base and back to it.

        Positioning, loading, line haul, unloading, empty return, turnaround. A pool of scope
        ``region`` stands at the end of the journey that lies in its own region, and serves no
        journey that has neither end there (None).
        """
        asked = (state, pool, from_terminal, to_terminal)
        if asked not in self._trips:
            base = self._pools[pool]
            vehicle = self._vehicles[base.vehicle_type]
            at = (self._network(state), self._standing(state))
            self._trips[asked] = trip_minutes(base, vehicle, *at, from_terminal, to_terminal)
        return self._trips[asked]

    def path(self, state: int, journey: Journey) -> tuple[Leg, ...]:
        """The legs of a journey in order, for maps and explanations.

        A feeder leg appears where the terminal is not at the site's own door. Road and rail legs
        have a point for every node passed, ferry and air legs only their ends.
        """
        return legs_of(*self._asked(state, journey))

    def links(self, state: int, journey: Journey) -> tuple[str, ...]:
        """Codes of the links and ferry line that a journey runs over, feeders included, in order."""
        return links_of(*self._asked(state, journey))

    def region_minutes(self, region_a: str, region_b: str) -> int | None:
        """Minutes [min] for people between the places of two regions, in network state 0.

        By car between the largest hospitals (open or closed: people may go there), without loading.
        Where no road joins them: door to door by what runs to a timetable (ferries), else by any
        other vehicle type, the quickest one. None where there is no way at all.
        """
        if region_a == region_b:
            return 0
        if region_a not in self._homes or region_b not in self._homes:
            return None
        (site_a, a), (site_b, b) = self._homes[region_a], self._homes[region_b]
        roads = self._network(0).roads(None)
        by_car = a.access_min + roads.between(node_key(a.node), node_key(b.node)) + b.access_min
        if by_car != float("inf"):
            return whole_minutes(by_car)
        offers = []
        for code, vehicle in self._vehicles.items():
            journey = self.journey(0, code, site_a, site_b) if vehicle.mode != "road" else None
            if journey is not None:
                offers.append((vehicle.scope != "scheduled", journey.minutes))
        return min(offers)[1] if offers else None

    def nearest_regions(self, number: int | None = None) -> dict[str, tuple[str, ...]]:
        """Region -> the ``number`` nearest other regions (all that can be reached if None), ties by code."""
        codes = sorted(region.code for region in self._situation.regions)
        found = {}
        for code in codes:
            reached = [(self.region_minutes(code, other), other) for other in codes if other != code]
            ranked = sorted(pair for pair in reached if pair[0] is not None)
            found[code] = tuple(other for _, other in ranked[:number])
        return found

    def _asked(self, state: int, journey: Journey) -> tuple:
        """What the legs of a journey are told from: the vehicle, the open network, its doors and terminals."""
        vehicle, network, stands = self._vehicles[journey.vehicle_type], self._network(state), self._standing(state)
        ends = journey.origin, journey.destination
        doors = stands[ends[0]], stands[ends[1]]
        terminals = None
        if vehicle.mode not in ("road", "ferry"):
            known = self._terminals_of(state, vehicle.mode)
            terminals = known[ends[0]], known[ends[1]]
        return journey, vehicle, network, doors, terminals, self._feeders(network)

    def _all(self, state: int, vehicle_type: str) -> Journeys:
        if (state, vehicle_type) not in self._journeys:
            self._journeys[state, vehicle_type] = self._worked_out(state, vehicle_type)
        return self._journeys[state, vehicle_type]

    def _worked_out(self, state: int, vehicle_type: str) -> Journeys:
        vehicle, network = self._vehicles[vehicle_type], self._network(state)
        if vehicle.mode in network.closed_modes:
            return {}
        if vehicle.mode == "road":
            return ways.road_journeys(vehicle, network, self._standing(state))
        if vehicle.mode == "ferry":
            stands, lines = self._standing(state), self._sailing(state)
            return ways.ferry_journeys(vehicle, network, stands, self._feeders(network), lines)
        terminals = self._terminals_of(state, vehicle.mode)
        if vehicle.mode in AIR_MODES:
            return ways.flown_journeys(vehicle, terminals)
        return ways.rail_journeys(vehicle, network, terminals)

    def _network(self, state: int) -> OpenNetwork:
        if state not in self._networks:
            closure = self._situation.closures[state]
            self._networks[state] = OpenNetwork(self._graph, closure, self._situation.sites)
        return self._networks[state]

    def _feeders(self, network: OpenNetwork) -> ShortestWays:
        return network.roads(self._feeder_kmh)

    def _standing(self, state: int) -> dict[str, Site]:
        """Planning site -> the hospital whose place and roads stand for it; closed ones are left out."""
        if state not in self._stands:
            network = self._network(state)
            self._stands[state] = {
                site.code: self._hospitals[site.place]
                for site in sorted(self._situation.sites, key=lambda site: site.code)
                if not {site.code, site.place} & network.closed_places and site_key(site.place) in network.graph
            }
        return self._stands[state]

    def _by_size(self, hospitals: tuple[str, ...]) -> list[str]:
        """Hospitals by staffed beds, most first, ties by code."""
        beds = dict.fromkeys(hospitals, 0)
        for stock in self._reference.beds:
            if stock.site in beds:
                beds[stock.site] += stock.staffed
        return sorted(beds, key=lambda code: (-beds[code], code))

    def _found_homes(self) -> dict[str, tuple[str, Site]]:
        """Region -> its largest hospital, from which people set out, and the planning site it belongs to."""
        homes = {}
        for region in sorted({site.region for site in self._situation.sites}):
            members = [site for site in self._situation.sites if site.region == region]
            by_hospital = {hospital: site.code for site in members for hospital in site.hospitals}
            largest = self._by_size(tuple(by_hospital))[0]
            homes[region] = (by_hospital[largest], self._hospitals[largest])
        return homes

    def _terminals_of(self, state: int, mode: str) -> dict[str, Terminal]:
        if (state, mode) not in self._terminals:
            network = self._network(state)
            at = (network, self._standing(state), self._feeders(network))
            self._terminals[state, mode] = terminals_of(mode, self._reference, *at)
        return self._terminals[state, mode]

    def _sailing(self, state: int) -> tuple[FerryLine, ...]:
        """Lines with a departure in the state: a line that rests all winter is no way to travel."""
        periods = [period.index for period in self._situation.periods if period.network_state == state]
        timetable = self._situation.departures
        running = []
        for line in self._reference.ferries:
            if line.code in timetable and periods:
                runs = timetable[line.code][periods].sum() > 0
            else:
                runs = bool(line.departures_min)
            if runs:
                running.append(line)
        return tuple(running)
