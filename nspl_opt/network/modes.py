"""How long one movement takes by each mode: the arithmetic, without any network.

=============  ==========================================================================
mode           minutes of one movement
=============  ==========================================================================
road, rail     per link the larger of its own minutes and km / speed of the vehicle
fixed_wing,    great circle / speed + ``FLIGHT_EXTRA_MIN``
helicopter
ferry          minutes of the line
=============  ==========================================================================

Loading and unloading take ``loading_min`` of the vehicle type each. On a ferry loading takes
``loading_min`` of the line, unloading ``FERRY_UNLOADING_SHARE`` of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the earth (IUGG) [km]."""

FLIGHT_EXTRA_MIN = 10.0
"""Take-off, climb, approach and landing beyond level flight [min per hop]. An estimate."""

SAME_PLACE_KM = 2.0
"""An aircraft whose base is this near a terminal stands there: no positioning flight [km]. An estimate."""

FERRY_UNLOADING_SHARE = 0.5
"""Driving off takes this share of the line's loading time. An estimate."""

ROAD_MODES = ("road", "access")
"""Modes of edges that road vehicles use: roads, and the legs from a site or airfield to its node."""

AIR_MODES = ("fixed_wing", "helicopter")


def node_key(code: str) -> str:
    """Name of a road or rail node in the graph: codes of nodes, sites and airfields may coincide."""
    return f"node:{code}"


def site_key(code: str) -> str:
    """Name of a hospital in the graph."""
    return f"site:{code}"


def airfield_key(code: str) -> str:
    """Name of an airfield in the graph."""
    return f"airfield:{code}"


def whole_minutes(minutes: float) -> int:
    """Minutes rounded up to whole ones; 1e-9 forgives the noise of a floating-point sum."""
    return math.ceil(minutes - 1e-9)


def driving_min(minutes: float, km: float, speed_kmh: int | None) -> float:
    """Minutes for a link [min]: a vehicle slower than the link's own speed needs longer. None: a car or any train."""
    return minutes if speed_kmh is None else max(minutes, km / speed_kmh * 60)


def great_circle_km(lat_a, lon_a, lat_b, lon_b):
    """Distance on the sphere [km]; takes degrees, numbers or arrays that broadcast (haversine)."""
    lat_a, lon_a, lat_b, lon_b = (np.radians(np.asarray(value, dtype=float)) for value in (lat_a, lon_a, lat_b, lon_b))
    chord = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))


def apart_km(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Distance on the sphere between two places with ``lat`` and ``lon`` in degrees [km]."""
    lat_a, lat_b = math.radians(one["lat"]), math.radians(other["lat"])
    half_east = math.sin(math.radians(other["lon"] - one["lon"]) / 2)
    chord = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * half_east**2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


def flight_min(km, speed_kmh: int):
    """Minutes of one hop with passengers or without [min], take-off and landing included."""
    return km / speed_kmh * 60 + FLIGHT_EXTRA_MIN
