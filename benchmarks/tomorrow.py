"""A country of many smaller hospitals: a reference package made from another, with the same beds and people.

Every town of the road network without a hospital gets one, split off from the largest hospital of its
region; if that is not enough, the largest hospitals are split where they stand. What a region has in all
does not change, so the same patients meet the same care in more places. Invented, but for the country.
"""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

PART = 0.3
"""Share of each stock that a new hospital takes from the one it is split off from, rounded down."""
STOCKS = {"beds": ("bed_type", "staffed", "planned"), "staff": ("profession", "people", "planned")}
"""Table -> what its rows are of, and the columns that are shared out."""
NOT_SPLIT = ("burns",)
"""Bed types that stay where the special unit is."""
ORIGIN = {"basis": "assumed", "source": "benchmark_split"}
Rows = list[dict[str, str]]


@dataclass
class Package:
    """The tables of a package that change, by name."""

    folder: Path
    tables: dict[str, Rows]

    def of(self, table: str, site: str) -> Rows:
        """The rows of one site."""
        return [row for row in self.tables[table] if row["site"] == site]

    def wards(self, site: str) -> int:
        """Staffed beds in all."""
        return sum(int(row["staffed"]) for row in self.of("beds", site))


def write_tomorrow(folder: Path, package: Path, sites: int) -> Path:
    """Write the package with so many sites to ``folder``; returns it. The same input gives the same bytes.

    Raises
    ------
    ValueError
        More sites are asked for than towns and hospitals can give.
    """
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(package, folder)
    names = ("sites", "nodes", "beds", "staff", "surge", "sources")
    made = Package(folder, {name: _read(folder / f"{name}.csv") for name in names})
    hospitals = [row["code"] for row in made.tables["sites"]]
    taken = {row["node"] for row in made.tables["sites"]}
    towns = [node for node in made.tables["nodes"] if node["code"] not in taken]
    split = sorted(hospitals, key=lambda code: (-made.wards(code), code))
    wanted = sites - len(hospitals)
    if not 0 <= wanted <= len(towns) + len(split):
        raise ValueError(f"{sites} sites: {len(hospitals)} to {len(hospitals) + len(towns) + len(split)} can be made")
    for town in towns[:wanted]:
        _split(made, _largest(made, town["region"]), town, f"town_{town['code']}")
    nodes = {node["code"]: node for node in made.tables["nodes"]}
    homes = {row["code"]: row["node"] for row in made.tables["sites"]}
    for code in split[: max(wanted - len(towns), 0)]:
        _split(made, code, nodes[homes[code]], f"second_{code}")
    made.tables["sources"].append(
        {"key": ORIGIN["source"], "what": "hospitals split for benchmarks", "accuracy": "none, invented"}
    )
    for name in ("sites", "beds", "staff", "surge", "sources"):
        _write(folder / f"{name}.csv", made.tables[name])
    _rename(folder / "datapackage.json", sites)
    return folder


def _largest(made: Package, region: str) -> str:
    """The hospital of the region with most beds, ties by code."""
    codes = [row["code"] for row in made.tables["sites"] if row["region"] == region]
    return min(codes, key=lambda code: (-made.wards(code), code))


def _split(made: Package, mother: str, town: dict[str, str], code: str) -> None:
    """A new hospital in the town takes its part of what the mother has."""
    made.tables["sites"].append(
        {
            "code": code, "name": f"{town['name']} (påhittat)", "region": town["region"], "level": "district",
            "lat": town["lat"], "lon": town["lon"], "node": town["code"], "access_min": "2", "has_helipad": "false",
            **ORIGIN,
        }
    )  # fmt: skip
    for table, (kind, *amounts) in STOCKS.items():
        for row in made.of(table, mother):
            parts = {name: int(int(row[name]) * PART) for name in amounts}
            if row[kind] not in NOT_SPLIT and parts[amounts[0]]:
                made.tables[table].append(
                    row | {name: str(part) for name, part in parts.items()} | ORIGIN | {"site": code}
                )
                row.update({name: str(int(row[name]) - part) for name, part in parts.items()})
    has = {row["bed_type"] for row in made.of("beds", code)}
    for row in made.of("surge", mother):
        beds = int(int(row["beds"]) * PART)
        if beds and row["bed_type"] in has:
            made.tables["surge"].append(row | ORIGIN | {"site": code, "beds": str(beds)})
            row["beds"] = str(int(row["beds"]) - beds)


def _read(path: Path) -> Rows:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: Rows) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _rename(path: Path, sites: int) -> None:
    """The package says on its face that it is invented."""
    said = json.loads(path.read_text(encoding="utf-8"))
    said["name"] = f"benchmark-sites-{sites}"
    said["title"] = f"Prestandaprov: {sites} påhittade sjukhus"
    said["notice_sv"] = "PÅHITTADE DATA för prestandaprov, gjorda ur öppna referensdata. Ingen lägesbild."
    said["notice_en"] = "INVENTED DATA for benchmarks, made from open reference data. No operational picture."
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
