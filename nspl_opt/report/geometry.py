"""Shapes of regions for the map: GeoJSON brought to a drawing of fixed height, once for all periods."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyproj import CRS, Transformer
from shapely.geometry import Polygon
from shapely.ops import polylabel

HEIGHT = 1000.0
"""Height of the drawing [drawing units]; the width follows the country."""

MARGIN, SIDE = 14.0, 36.0
"""Free space above and below, left and right: flows bend outside the outlines."""

STEP = 0.5
"""Points closer than this to the one before are left out [drawing units]."""

LEAST_RING = 3.0
"""Islands smaller than this are left out, unless they are all there is [drawing units squared]."""

Point = tuple[float, float]
Ring = list[Point]


@dataclass(frozen=True)
class Shapes:
    """Outlines by region, where to write on them, where their seats lie; all in drawing units."""

    width: float
    height: float
    outlines: Mapping[str, str]
    labels: Mapping[str, Point]
    seats: Mapping[str, Point]
    rooms: Mapping[str, float]
    """Radius of the free circle around each label: how large the text may be."""


def read_shapes(path: Path, seats: Mapping[str, Point]) -> Shapes:
    """Read the outlines; ``seats`` are (lat, lon) per region.

    The file is in SWEREF 99 TM (coordinates in metres) or WGS 84 (degrees); both are drawn in
    SWEREF 99 TM unless the file names another plane system. A region without outline has only its seat.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    rings = _rings(document["features"])
    system = CRS.from_user_input(document.get("crs", {}).get("properties", {}).get("name", 3006))
    plane = system if system.is_projected else CRS.from_epsg(3006)
    to_metres = Transformer.from_crs(4326, plane, always_xy=True).transform
    if all(abs(x) <= 180 and abs(y) <= 90 for parts in rings.values() for ring in parts for x, y in ring[:1]):
        rings = {region: [[to_metres(x, y) for x, y in ring] for ring in parts] for region, parts in rings.items()}
    points = {region: to_metres(lon, lat) for region, (lat, lon) in sorted(seats.items())}
    everything = [point for parts in rings.values() for ring in parts for point in ring] + list(points.values())
    left, top = min(x for x, _ in everything), max(y for _, y in everything)
    scale = (HEIGHT - 2 * MARGIN) / max(top - min(y for _, y in everything), 1.0)
    width = (max(x for x, _ in everything) - left) * scale + 2 * SIDE

    def place(point: Point) -> Point:
        return SIDE + (point[0] - left) * scale, MARGIN + (top - point[1]) * scale

    drawn = {region: _kept([[place(point) for point in ring] for ring in parts]) for region, parts in rings.items()}
    circles = {region: _label(parts) for region, parts in drawn.items() if parts}
    spots = {region: place(point) for region, point in points.items()}
    return Shapes(
        width=round(width, 1),
        height=HEIGHT,
        outlines={region: "".join(_path(ring) for ring in drawn.get(region, ())) for region in {**spots, **drawn}},
        labels={region: circles[region][0] if region in circles else spots[region] for region in spots},
        seats=spots,
        rooms={region: circles[region][1] if region in circles else 0.0 for region in spots},
    )


def _rings(features: list) -> dict[str, list[Ring]]:
    """Region -> outer rings, largest first. Holes (lakes) are not drawn."""
    rings: dict[str, list[Ring]] = {}
    for feature in features:
        rings.setdefault(str(feature["properties"]["region"]), []).extend(_outer(feature["geometry"]))
    return {region: sorted(rings[region], key=_area, reverse=True) for region in sorted(rings)}


def _outer(geometry: Mapping) -> Iterator[Ring]:
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for part in parts:
        yield [(float(point[0]), float(point[1])) for point in part[0]]


def _area(ring: Ring) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _kept(rings: list[Ring]) -> list[Ring]:
    thinned = [_thin(ring) for ring in rings]
    large = [ring for ring in thinned if len(ring) >= 4 and _area(ring) >= LEAST_RING]
    return large or [ring for ring in thinned[:1] if len(ring) >= 4]


def _thin(ring: Ring) -> Ring:
    kept = ring[:1]
    for point in ring[1:-1]:
        if math.dist(point, kept[-1]) >= STEP:
            kept.append(point)
    return kept + ring[-1:]


def _label(rings: list[Ring]) -> tuple[Point, float]:
    """Middle of the largest circle inside the largest part, and its radius."""
    polygon = Polygon(rings[0]).buffer(0)
    polygon = max(polygon.geoms, key=lambda part: part.area) if polygon.geom_type == "MultiPolygon" else polygon
    spot = polylabel(polygon, tolerance=1.0)
    return (spot.x, spot.y), float(polygon.exterior.distance(spot))


def _path(ring: Ring) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring[:-1]) + "Z"
