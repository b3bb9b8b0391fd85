"""Toy countries as folders: a reference package from a few rows, a scenario, a model. Nothing in them is Swedish."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nspl_opt.shipped import shipped_dir

WEST, NORTH, APART = 15.0, 60.0, 0.2
"""The places lie on a line, so many degrees apart; roads take as long as the toy says."""
GIVEN = {
    "source": "toy", "basis": "assumed", "level": "university", "access_min": 0, "has_helipad": "false", "planned": 0,
    "patient_kind": "seated", "severity_weight": 1, "mean_stay_h": 8760, "longest_journey_min": 10_000,
    "minimum_level": "district", "on_duty_share": 1, "date": "2026-01-01", "inhabitants": 1000, "accuracy": "toy",
    "what": "toy", "mode": "road", "scope": "region", "capacity_icu": 0, "capacity_stretcher": 0, "capacity_seated": 1,
    "speed_kmh": 60, "loading_min": 0, "turnaround_min": 0, "mobilisation_min": 0, "range_km": 1000, "base": "toy",
    "transfer_share": 1, "vehicle_types": "car", "vehicle_type": "car",
}  # fmt: skip
"""What a row says that does not say otherwise."""


def write_reference(
    folder: Path,
    towns: Sequence[str],
    roads: Mapping[tuple[str, str], float],
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Path:
    """A reference package: each town is a region with one site of the same name.

    ``roads`` are minutes between towns; ``tables`` the rows of beds, bed_types, care_categories and whatever else the
    toy has, with only the columns that matter. There are cars for everybody, and a profession that nobody needs.
    """
    shipped = json.loads((shipped_dir("data/reference") / "datapackage.json").read_text(encoding="utf-8"))
    at = {town: {"lat": NORTH, "lon": round(WEST + APART * n, 6)} for n, town in enumerate(towns)}
    places = [{"code": town, "name": town, "region": town, "node": town, **at[town]} for town in towns]
    categories = [row["code"] for row in tables["care_categories"]]
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "sources": [{"key": "toy"}],
        "regions": places,
        "nodes": places,
        "sites": places,
        "groupings": [{"grouping": "land", "area": "all", "name": "All", "region": town} for town in towns],
        "links": [
            {"code": f"{a}-{b}", "a": a, "b": b, "km": 12 * len(towns), "minutes": minutes, "name": "road"}
            for (a, b), minutes in roads.items()
        ],
        "vehicle_types": [{"code": "car"}],
        "fleets": [{**place, "code": f"car-{place['code']}", "quantity": 10_000} for place in places],
        "population": [{"region": town} for town in towns],
        "professions": [{"code": "staff"}],
        "care_staffing": [
            {"category": code, "standard": standard, "profession": "staff", "persons_per_patient": 0}
            for code in categories
            for standard in ("conventional", "contingency")
        ],
        **tables,
    }
    folder.mkdir(parents=True)
    for part in shipped["resources"]:
        columns = [field["name"] for field in part["schema"]["fields"]]
        _write(folder / part["path"], columns, rows.get(part["name"], ()))
    shipped |= {"name": "toy", "bounds": {"lat": [NORTH - 1, NORTH + 1], "lon": [WEST - 1, WEST + len(towns)]}}
    extent = [WEST - 1, NORTH - 1, WEST + len(towns), NORTH + 1]
    shipped["geometry"] = {"path": "map.geojson", "crs": "EPSG:4326", "bounds": extent}
    (folder / "datapackage.json").write_text(json.dumps(shipped, ensure_ascii=False), encoding="utf-8")
    shapes = [{"type": "Feature", "properties": {"region": t}, "geometry": _square(**at[t])} for t in towns]
    collection = {"type": "FeatureCollection", "features": shapes}
    (folder / "map.geojson").write_text(json.dumps(collection), encoding="utf-8")
    return folder


def _square(lat: float, lon: float) -> dict[str, Any]:
    half = APART / 2
    ring = [(lon - half, lat - half), (lon + half, lat - half), (lon + half, lat + half), (lon - half, lat + half)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def write_scenario(folder: Path, text: str, **files: str) -> Path:
    """A scenario's folder; ``files`` by their name without the ending."""
    folder.mkdir(parents=True)
    head = 'marking = "exercise"\nstart = 2027-01-11T00:00:00\ntitle_sv = "ÖVNING: leksak"\n'
    (folder / "scenario.toml").write_text(f'{head}title_en = "EXERCISE: toy"\n{text}', encoding="utf-8")
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


def write_model(file: Path, families: str, goals: Sequence[str]) -> Path:
    """A model file: families as TOML, goals by name."""
    titles = 'title_sv = "Leksak"\ntitle_en = "Toy"\ndescription_sv = "Leksak."\ndescription_en = "Toy."\n'
    chosen = "".join(f'\n[[goals]]\nname = "{goal}"\n' for goal in goals)
    file.write_text(f"{titles}{families}{chosen}\n[solver]\ngap_share = 0.0\n", encoding="utf-8")
    return file


def _write(path: Path, columns: list[str], rows: Sequence[Mapping[str, Any]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        for row in rows:
            named = {name: row["code"] for name in ("name_sv", "name_en", "name") if "code" in row}
            full = GIVEN | named | dict(row)
            writer.writerow({column: full.get(column, "") for column in columns})
