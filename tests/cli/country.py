"""A country of three regions cut out of the shipped one, and a small scenario in it: plans in a second or two."""

import csv
import json
from pathlib import Path

from nspl_opt.shipped import shipped_dir

REGIONS = ("17", "18", "19")

SCENARIO = """\
name = "small-exercise"
title_sv = "ÖVNING: tre regioner"
title_en = "EXERCISE: three regions"
marking = "exercise"
start = 2027-01-11T06:00:00
grid = [[12, 2], [24, 1]]
level = "region"
categories = ["icu_general"]
assumptions_sv = ["ÖVNING. Påhittat."]
assumptions_en = ["EXERCISE. Invented."]

[[demand]]
file = "demand.csv"
basis = "invented"
source = "exercise"
"""

DEMAND = "from_h,to_h,place,category,patients\n0,12,18,icu_general,60\n"


def small_reference(folder: Path) -> Path:
    """The shipped reference package less everything that does not lie in, or hang on, ``REGIONS``."""
    shipped = shipped_dir("data/reference")
    description = json.loads((shipped / "datapackage.json").read_text(encoding="utf-8"))
    tables = {part["name"]: _rows(shipped / part["path"]) for part in description["resources"]}
    tables["regions"] = [row for row in tables["regions"] if row["code"] in REGIONS]
    _drop_what_hangs_on_it(description, tables)
    abilities = {""} | {row["capability"] for row in tables["capabilities"]}
    tables["care_categories"] = [row for row in tables["care_categories"] if row["capability"] in abilities]
    _drop_what_hangs_on_it(description, tables)
    people = {}
    for row in tables["population"]:
        people[row["date"]] = people.get(row["date"], 0) + int(row["inhabitants"])
    kept = [row for row in tables["population_national"] if row["date"] in people]
    tables["population_national"] = [row | {"inhabitants": people[row["date"]]} for row in kept]
    (folder / "geo").mkdir(parents=True)
    for part in description["resources"]:
        _write(folder / part["path"], [field["name"] for field in part["schema"]["fields"]], tables[part["name"]])
    (folder / "datapackage.json").write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
    for file in sorted((shipped / "geo").glob("*.geojson")):
        shapes = json.loads(file.read_text(encoding="utf-8"))
        shapes["features"] = [one for one in shapes["features"] if one["properties"].get("region") in REGIONS]
        (folder / "geo" / file.name).write_text(json.dumps(shapes), encoding="utf-8")
    return folder


def _drop_what_hangs_on_it(description: dict, tables: dict) -> None:
    """Drop every row that names something that is gone, until none does."""
    dropped = True
    while dropped:
        dropped = False
        for part in description["resources"]:
            for key in part["schema"].get("foreignKeys", []):
                left = [row for row in tables[part["name"]] if _held(row, key, tables)]
                dropped |= len(left) < len(tables[part["name"]])
                tables[part["name"]] = left


def small_scenario(folder: Path, **files: str) -> Path:
    """The scenario's folder; ``files`` replace or add files by their name without the ending."""
    folder.mkdir(parents=True)
    (folder / "scenario.toml").write_text(files.get("scenario", SCENARIO), encoding="utf-8")
    (folder / "demand.csv").write_text(files.get("demand", DEMAND), encoding="utf-8")
    return folder


def _held(row: dict, key: dict, tables: dict) -> bool:
    theirs = key["reference"]["fields"][0]
    known = {other[theirs] for other in tables[key["reference"]["resource"]]}
    return row[key["fields"][0]] in known


def _rows(path: Path) -> list[dict]:
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, columns: list[str], rows: list[dict]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)
