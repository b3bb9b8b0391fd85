"""Trips of vehicles: how long one of a pool is busy with one run, from its base and back to it."""

from __future__ import annotations

import math
from collections.abc import Mapping

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
from nspl_opt.reference.reference import Pool, Site, VehicleType


def trip_minutes(
    pool: Pool, vehicle: VehicleType, network: OpenNetwork, stands: Mapping[str, Site], start: str, end: str
) -> int | None:
    """Minutes [min] of positioning, loading, haul, unloading, return and turnaround; None where not possible.

    Region-scope vehicles stand at the end that lies in their own region: one way with the patient,
    one way without. National ones come from their base and go back to it.
    """
    if vehicle.scope == "scheduled" or vehicle.mode in network.closed_modes or start == end:
        return None
    keys = [_terminal_key(vehicle.mode, code, network, stands) for code in (start, end)]
    if None in keys:
        return None
    if vehicle.scope == "region":
        if pool.region not in {network.graph.nodes[key]["region"] for key in keys}:
            return None
        moving = 2 * _hop(vehicle, network, *keys)
    else:
        moving = _round(pool, vehicle, network, *keys)
    total = moving + 2 * vehicle.loading_min + vehicle.turnaround_min
    return whole_minutes(total) if math.isfinite(total) else None


def _round(pool: Pool, vehicle: VehicleType, network: OpenNetwork, start: str, end: str) -> float:
    """Base to start to end to base [min]; infinite where one of the three cannot be done."""
    haul = _hop(vehicle, network, start, end)
    if vehicle.mode not in AIR_MODES:
        base = node_key(pool.node)
        return _hop(vehicle, network, base, start) + haul + _hop(vehicle, network, end, base)
    if _grounded(pool, network):
        return math.inf
    return _ferry_flight(pool, vehicle, network, start) + haul + _ferry_flight(pool, vehicle, network, end)


def _hop(vehicle: VehicleType, network: OpenNetwork, a: str, b: str) -> float:
    if vehicle.mode == "road":
        return network.roads(vehicle.speed_kmh).between(a, b)
    if vehicle.mode == "rail":
        return network.rails(vehicle.speed_kmh).between(a, b)
    km = apart_km(network.graph.nodes[a], network.graph.nodes[b])
    return flight_min(km, vehicle.speed_kmh) if km <= vehicle.range_km else math.inf


def _ferry_flight(pool: Pool, vehicle: VehicleType, network: OpenNetwork, terminal: str) -> float:
    """An empty flight between base and terminal [min]; none at all for an aircraft that stands there."""
    km = apart_km({"lat": pool.lat, "lon": pool.lon}, network.graph.nodes[terminal])
    if km <= SAME_PLACE_KM:
        return 0.0
    return flight_min(km, vehicle.speed_kmh) if km <= vehicle.range_km else math.inf


def _grounded(pool: Pool, network: OpenNetwork) -> bool:
    """Whether the pool stands at a closed airfield."""
    return any(
        apart_km({"lat": pool.lat, "lon": pool.lon}, field) <= SAME_PLACE_KM for field in network.closed_airfields
    )


def _terminal_key(mode: str, code: str, network: OpenNetwork, stands: Mapping[str, Site]) -> str | None:
    """Name in the open graph of what a journey calls its terminal; None where it is closed or unknown."""
    if mode == "road":
        names = [site_key(stands[code].code)] if code in stands else []
    elif mode in AIR_MODES:
        names = [airfield_key(code), site_key(code)]
    else:
        names = [node_key(code)]
    return next((name for name in names if name in network.graph), None)
