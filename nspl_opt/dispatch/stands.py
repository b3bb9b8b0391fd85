"""Where vehicles stand: when a pool may drive, how many, and how far it is to where patients wait."""

from __future__ import annotations

import numpy as np

from nspl_opt.dispatch.wishes import Case, Group, Rider
from nspl_opt.network.graph import build_graph
from nspl_opt.network.modes import (
    AIR_MODES,
    SAME_PLACE_KM,
    airfield_key,
    apart_km,
    flight_min,
    node_key,
    site_key,
    whole_minutes,
)
from nspl_opt.network.open_network import OpenNetwork

AFTERWARDS_MIN = 3 * 24 * 60
"""Minutes beyond the plan's end for which its last vehicles are taken to be there still."""


class Stands:
    """What the pools of a case have and where; networks are opened when first asked for."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._graph = build_graph(case.reference)
        self._networks: dict[int, OpenNetwork] = {}

    def vehicles(self, pool: str) -> np.ndarray:
        """(minute,) vehicles of the pool there are: the period's number, none before the type is mobilised."""
        case = self.case
        place = [one.code for one in case.situation.pools].index(pool)
        lengths = [60 * period.length_h for period in case.situation.periods]
        quantity = case.situation.pool_quantity[place]
        there = np.repeat(np.append(quantity, quantity[-1]), [*lengths, AFTERWARDS_MIN])
        there[: case.vehicles[case.pools[pool].vehicle_type].mobilisation_min] = 0
        return there

    def positioning(self, group: Group, pool: str, rider: Rider) -> int:
        """Minutes [min] from where the vehicle stands to where it takes patients on board.

        A vehicle of scope ``region`` stands at the end that lies in its region, as in the plan.
        """
        kind, base = self.case.vehicles[group.vehicle_type], self.case.pools[pool]
        if kind.scope == "region":
            return 0 if base.region == rider.from_region else rider.line - 2 * kind.loading_min
        network = self._network(self.case.situation.periods[group.period].network_state)
        if kind.mode in AIR_MODES:
            places = (airfield_key(group.from_terminal), self._door(group.from_terminal))
            km = apart_km({"lat": base.lat, "lon": base.lon}, network.graph.nodes[_first(places, network)])
            return 0 if km <= SAME_PLACE_KM else whole_minutes(flight_min(km, kind.speed_kmh))
        ways = network.roads(kind.speed_kmh) if kind.mode == "road" else network.rails(kind.speed_kmh)
        start = self._door(group.from_terminal) if kind.mode == "road" else node_key(group.from_terminal)
        return whole_minutes(ways.between(node_key(base.node), start))

    def _door(self, code: str) -> str:
        """A planning site stands for its largest hospital; any other code for itself."""
        site = self.case.sites.get(code)
        return site_key(site.place if site else code)

    def _network(self, state: int) -> OpenNetwork:
        if state not in self._networks:
            situation = self.case.situation
            self._networks[state] = OpenNetwork(self._graph, situation.closures[state], situation.sites)
        return self._networks[state]

    def sailings(self, line: str, period: int) -> list[int]:
        """Departures of a ferry line in a period [min after the start], in order."""
        return list(self.case.situation.timetables[line].sailings_min[period])


def feeder_pools(case: Case) -> dict[tuple[str, str], str]:
    """(region, patient kind) -> pool that drives between sites and terminals."""
    found: dict[tuple[str, str], str] = {}
    for pool in case.situation.pools:
        for kind in case.vehicles[pool.vehicle_type].feeder_for:
            found.setdefault((pool.region, kind), pool.code)
    return found


def _first(places: tuple[str, ...], network: OpenNetwork) -> str:
    return next(place for place in places if place in network.graph)
