"""The map of the regions: one valid shape for each, in the coordinates the package promises."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from nspl_opt.problems import Problem, did_you_mean
from nspl_opt.reference.descriptor import Descriptor, read_json

MAX_GEOJSON_BYTES = 5_000_000
MAX_POINTS = 200_000
_NAMES = {"EPSG:3006": ("EPSG::3006", "EPSG:3006"), "EPSG:4326": ("CRS84", "EPSG::4326", "EPSG:4326")}


def check_geometry(folder: Path, descriptor: Descriptor, regions: Iterable[str], problems: list[Problem]) -> None:
    """Every region has one shape that is valid, not empty and within the promised extent (``R201``)."""
    where = descriptor.geometry
    raw = read_json(folder / where, problems, where, "R201", MAX_GEOJSON_BYTES, folder)
    if raw is None:
        return

    def refuse(place: str, what: str, remedy: str) -> None:
        problems.append(Problem("R201", f"{where}{place}", what, remedy))

    features = raw.get("features") if isinstance(raw, dict) else None
    if not isinstance(features, list) or not all(isinstance(item, dict) for item in features):
        return refuse("", "this is not a GeoJSON FeatureCollection", "export the regions as GeoJSON")
    stated = _stated_crs(raw)
    if not any(stated.endswith(name) for name in _NAMES[descriptor.crs]):
        return refuse(
            ", field crs", f"'{stated[:40]}' is not {descriptor.crs}", f"reproject the shapes to {descriptor.crs}"
        )
    known = sorted(regions)
    seen: set[str] = set()
    for index, feature in enumerate(features):
        properties = feature.get("properties")
        code = properties.get("region") if isinstance(properties, dict) else None
        place = f", features[{index}]"
        if not isinstance(code, str) or code not in known:
            refuse(place, f"'{str(code)[:40]}' is no region of the package", did_you_mean(str(code), known))
        elif code in seen:
            refuse(place, f"the region '{code}' has two shapes", "join them to one MultiPolygon")
        elif fault := _shape_fault(feature.get("geometry"), descriptor.extent):
            refuse(place, f"region '{code}': {fault[0]}", fault[1])
        seen.add(str(code))
    for code in known:
        if code not in seen:
            refuse("", f"the region '{code}' has no shape", "add a feature with that region")


def _stated_crs(raw: dict[str, Any]) -> str:
    """The name of the coordinate system; a file that states none is in longitude and latitude."""
    crs = raw.get("crs")
    if crs is None:
        return "CRS84"
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return str(properties.get("name")) if isinstance(properties, dict) else ""


def _shape_fault(geometry: Any, extent: tuple[float, float, float, float]) -> tuple[str, str] | None:
    """What is wrong with a shape and what to do about it, or None."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return "the shape is missing or no Polygon or MultiPolygon", "give the region an area"
    try:
        area = shape(geometry)
        points = int(shapely.get_num_coordinates(area))
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return "the coordinates cannot be read", "export the shape afresh"
    if area.is_empty:
        return "the shape is empty", "give the region an area"
    if points > MAX_POINTS:
        return f"{points} points; at most {MAX_POINTS}", "simplify the shape"
    if not area.is_valid:
        return f"the shape is not valid ({shapely.is_valid_reason(area)[:80].lower()})", "mend the outline"
    west, south, east, north = area.bounds
    if west < extent[0] or south < extent[1] or east > extent[2] or north > extent[3]:
        corner = f"{west:.0f} {south:.0f} {east:.0f} {north:.0f}"
        return (
            f"the shape ({corner}) lies outside the extent of the package",
            "check the order of the coordinates (east, north) and the coordinate system",
        )
    return None
