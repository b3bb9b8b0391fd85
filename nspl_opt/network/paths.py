"""The legs of a journey with their points on the map."""

from __future__ import annotations

from dataclasses import dataclass

from nspl_opt.network.journeys import Journey
from nspl_opt.network.modes import AIR_MODES, flight_min, great_circle_km, node_key, site_key, whole_minutes
from nspl_opt.network.open_network import OpenNetwork, ShortestWays
from nspl_opt.network.terminals import Terminal
from nspl_opt.reference.reference import Site, VehicleType


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a path on the map: ``points`` are (lat, lon) from end to end.

    ``minutes`` [min] is the time under way, without loading and unloading.
    """

    mode: str
    from_place: str
    to_place: str
    minutes: int
    km: float
    points: tuple[tuple[float, float], ...]


def legs_of(
    journey: Journey,
    vehicle: VehicleType,
    network: OpenNetwork,
    doors: tuple[Site, Site],
    terminals: tuple[Terminal, Terminal] | None,
    feeders: ShortestWays,
) -> tuple[Leg, ...]:
    """Feeder, haul, feeder; a road vehicle has the haul alone, a terminal at the door no feeder.

    ``doors`` are the hospitals at both ends, ``terminals`` those of air and rail journeys.
    """
    start, board, leave, end = _stops(journey, vehicle, doors, terminals)
    if vehicle.mode == "road":
        return (_along(network, network.roads(vehicle.speed_kmh), "road", start, end, _ends(journey)),)
    haul = _crossing if vehicle.mode == "ferry" else _haul
    legs = [haul(network, journey, vehicle, board, leave)]
    if start != board:
        legs.insert(0, _along(network, feeders, "road", start, board, (journey.origin, journey.from_terminal)))
    if leave != end:
        legs.append(_along(network, feeders, "road", leave, end, (journey.to_terminal, journey.destination)))
    return tuple(legs)


def links_of(
    journey: Journey,
    vehicle: VehicleType,
    network: OpenNetwork,
    doors: tuple[Site, Site],
    terminals: tuple[Terminal, Terminal] | None,
    feeders: ShortestWays,
) -> tuple[str, ...]:
    """Codes of the roads, railways and ferry line that a journey runs over, feeders included, in order."""
    start, board, leave, end = _stops(journey, vehicle, doors, terminals)
    if vehicle.mode == "road":
        return _links_along(network.roads(vehicle.speed_kmh), start, end)
    if vehicle.mode == "ferry":
        haul = (journey.line,)
    else:
        haul = () if vehicle.mode in AIR_MODES else _links_along(network.rails(vehicle.speed_kmh), board, leave)
    return (*_links_along(feeders, start, board), *haul, *_links_along(feeders, leave, end))


def _stops(
    journey: Journey, vehicle: VehicleType, doors: tuple[Site, Site], terminals: tuple[Terminal, Terminal] | None
) -> tuple[str, str, str, str]:
    """Door, place of boarding, place of leaving, door; by road the doors are both."""
    start, end = (site_key(site.code) for site in doors)
    if vehicle.mode == "road":
        return start, start, end, end
    if vehicle.mode == "ferry":
        return start, node_key(journey.from_terminal), node_key(journey.to_terminal), end
    board, leave = (stop.key for stop in terminals)
    return start, board, leave, end


def _links_along(ways: ShortestWays, a: str, b: str) -> tuple[str, ...]:
    """Codes along the way, without the legs from doors to the road, which nothing but a place closes."""
    return tuple(code for code in ways.links(ways.way(a, b)) if not code.startswith("access:"))


def _ends(journey: Journey) -> tuple[str, str]:
    return journey.from_terminal, journey.to_terminal


def _along(network: OpenNetwork, ways: ShortestWays, mode: str, a: str, b: str, ends: tuple[str, str]) -> Leg:
    way = ways.way(a, b)
    points = tuple(_point(network, place) for place in way)
    return Leg(mode, *ends, whole_minutes(ways.between(a, b)), round(ways.length_km(way), 1), points)


def _haul(network: OpenNetwork, journey: Journey, vehicle: VehicleType, a: str, b: str) -> Leg:
    if vehicle.mode not in AIR_MODES:
        return _along(network, network.rails(vehicle.speed_kmh), vehicle.mode, a, b, _ends(journey))
    points = _point(network, a), _point(network, b)
    km = float(great_circle_km(*points[0], *points[1]))
    return Leg(vehicle.mode, *_ends(journey), whole_minutes(flight_min(km, vehicle.speed_kmh)), round(km, 1), points)


def _crossing(network: OpenNetwork, journey: Journey, vehicle: VehicleType, a: str, b: str) -> Leg:
    line = network.graph.edges[a, b, journey.line]
    points = _point(network, a), _point(network, b)
    return Leg(vehicle.mode, *_ends(journey), whole_minutes(line["minutes"]), round(line["km"], 1), points)


def _point(network: OpenNetwork, place: str) -> tuple[float, float]:
    attributes = network.graph.nodes[place]
    return attributes["lat"], attributes["lon"]
