"""Journeys of patients: every possible one of a vehicle type through one open network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nspl_opt.network.modes import (
    FERRY_UNLOADING_SHARE,
    flight_min,
    great_circle_km,
    node_key,
    site_key,
    whole_minutes,
)
from nspl_opt.network.open_network import OpenNetwork, ShortestWays
from nspl_opt.network.terminals import Terminal
from nspl_opt.reference.reference import FerryLine, Site, VehicleType


@dataclass(frozen=True, slots=True)
class Journey:
    """One way for a patient from site to site with one vehicle type, in one network state.

    ``minutes`` [min] is door to door: feeder leg, loading, line haul, unloading, feeder leg.
    A road vehicle runs from door to door: its terminals are the codes of the two sites and both
    feeders are 0. Other vehicles run between terminals (airfield or helipad, station, port);
    then a road vehicle drives the patient ``feeder_from_min`` and ``feeder_to_min`` [min, one way].
    ``line`` is the ferry line, empty for all other modes.
    """

    vehicle_type: str
    origin: str
    destination: str
    minutes: int
    from_terminal: str
    to_terminal: str
    feeder_from_min: int
    feeder_to_min: int
    line: str


Journeys = dict[tuple[str, str], Journey]
"""(origin, destination) -> journey, in that order."""


def road_journeys(vehicle: VehicleType, network: OpenNetwork, stands: Mapping[str, Site]) -> Journeys:
    """Door to door: loading, the way at the vehicle's speed, unloading."""
    keys = [site_key(site.code) for site in stands.values()]
    minutes = network.roads(vehicle.speed_kmh).table(keys, keys) + 2 * vehicle.loading_min
    doors = {code: Terminal(code, key, 0.0, 0.0, 0.0) for code, key in zip(stands, keys, strict=True)}
    return _listed(vehicle, minutes, doors)


def flown_journeys(vehicle: VehicleType, terminals: Mapping[str, Terminal]) -> Journeys:
    """Feeder, loading, one hop within range, unloading, feeder."""
    lat, lon = (np.array([getattr(stop, name) for stop in terminals.values()]) for name in ("lat", "lon"))
    km = great_circle_km(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
    haul = np.where(km <= vehicle.range_km, flight_min(km, vehicle.speed_kmh), np.inf)
    return _listed(vehicle, _door_to_door(vehicle, haul, terminals), terminals)


def rail_journeys(vehicle: VehicleType, network: OpenNetwork, terminals: Mapping[str, Terminal]) -> Journeys:
    """Feeder, loading, the way by rail, unloading, feeder."""
    keys = [stop.key for stop in terminals.values()]
    haul = network.rails(vehicle.speed_kmh).table(keys, keys)
    return _listed(vehicle, _door_to_door(vehicle, haul, terminals), terminals)


def ferry_journeys(
    vehicle: VehicleType,
    network: OpenNetwork,
    stands: Mapping[str, Site],
    feeders: ShortestWays,
    lines: tuple[FerryLine, ...],
) -> Journeys:
    """Feeder, loading of the line, sailing, unloading, feeder: by the quickest line, ties by code.

    A line serves who reaches its near port by road but not its far one, towards who reaches the far
    port by road: nobody sails round to his own side.
    """
    keys = [site_key(site.code) for site in stands.values()]
    best: dict[tuple[str, str], tuple[float, str, Journey]] = {}
    for line in lines:
        if not network.graph.has_edge(node_key(line.a), node_key(line.b), line.code):
            continue
        if {line.a, line.b} & network.closed_places:
            continue
        at_sea = line.loading_min * (1 + FERRY_UNLOADING_SHARE) + line.minutes
        for port, other in ((line.a, line.b), (line.b, line.a)):
            near, far = feeders.table(keys, [node_key(port), node_key(other)]).T
            crossing = np.isfinite(near)[:, None] & ~np.isfinite(far)[:, None] & np.isfinite(far)[None, :]
            for i, j in np.argwhere(crossing):
                pair = tuple(stands)[i], tuple(stands)[j]
                total = float(near[i] + at_sea + far[j])
                ends = (port, other, whole_minutes(near[i]), whole_minutes(far[j]), line.code)
                offer = (total, line.code, Journey(vehicle.code, *pair, whole_minutes(total), *ends))
                best[pair] = min(best.get(pair, offer), offer, key=lambda one: one[:2])
    return {pair: best[pair][2] for pair in sorted(best)}


def _door_to_door(vehicle: VehicleType, haul: np.ndarray, terminals: Mapping[str, Terminal]) -> np.ndarray:
    """(origin, destination) minutes; infinite between sites that share a terminal."""
    feeder = np.array([stop.feeder_min for stop in terminals.values()])
    codes = np.array([stop.code for stop in terminals.values()])
    total = feeder[:, None] + haul + 2 * vehicle.loading_min + feeder[None, :]
    return np.where(codes[:, None] == codes[None, :], np.inf, total)


def _listed(vehicle: VehicleType, minutes: np.ndarray, terminals: Mapping[str, Terminal]) -> Journeys:
    """The journeys of a table of minutes, one per pair of different sites that it joins."""
    stops = [(code, stop.code, whole_minutes(stop.feeder_min)) for code, stop in terminals.items()]
    whole = np.ceil(np.where(np.isfinite(minutes), minutes, -1.0) - 1e-9).astype(int).tolist()
    found: Journeys = {}
    for (origin, start, before), row in zip(stops, whole, strict=True):
        for (destination, end, after), total in zip(stops, row, strict=True):
            if total >= 0 and origin != destination:
                journey = Journey(vehicle.code, origin, destination, total, start, end, before, after, "")
                found[origin, destination] = journey
    return found
