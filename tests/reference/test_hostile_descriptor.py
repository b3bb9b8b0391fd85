"""A spoilt descriptor or map in a reference package: one clear message with place, rule, remedy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .spoilt import Spoilt, check_told, content, swap

MAP = "geo/regions.geojson"
PACKAGE = "datapackage.json"


def document(file: str, change: Callable[[dict], None]) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        raw = json.loads((folder / file).read_text(encoding="utf-8"))
        change(raw)
        (folder / file).write_text(json.dumps(raw), encoding="utf-8")

    return act


def shape(change: Callable[[dict], None]) -> Callable[[Path], None]:
    return document(MAP, lambda raw: change(raw["features"][0]))


def mirrored(raw: dict) -> None:
    flip = [[[point[::-1] for point in ring] for ring in polygon] for polygon in raw["geometry"]["coordinates"]]
    raw["geometry"]["coordinates"] = flip


BOW_TIE = {"type": "Polygon", "coordinates": [[[6e5, 65e5], [7e5, 66e5], [7e5, 65e5], [6e5, 67e5], [6e5, 65e5]]]}

HOSTILE = [
    Spoilt("no package", lambda folder: shutil.rmtree(folder), None, "R901", "no such folder", "datapackage.json"),
    Spoilt("no descriptor", lambda folder: (folder / PACKAGE).unlink(), PACKAGE, "R901", "not exist", "add"),
    Spoilt(
        "a descriptor cut in half",
        content(PACKAGE, lambda old: old[: len(old) // 2]),
        None,
        "R101",
        "not JSON",
        "restore",
    ),
    Spoilt("a descriptor as a list", content(PACKAGE, lambda _: b"[]"), PACKAGE, "R101", "one JSON object", "{"),
    Spoilt("a key twice", swap(PACKAGE, '"name"', '"title"'), PACKAGE, "R101", "'title' occurs twice", "correct"),
    Spoilt("NaN in the descriptor", swap(PACKAGE, "69.5", "NaN"), PACKAGE, "R101", "NaN", "correct"),
    Spoilt("a bottomless descriptor", content(PACKAGE, lambda _: b"[" * 100_000), PACKAGE, "R101", "nested", "restore"),
    Spoilt(
        "no word on what the data are",
        document(PACKAGE, lambda raw: raw.pop("notice_sv")),
        f"{PACKAGE}, field notice_sv",
        "R101",
        "missing",
        "notice_sv",
    ),
    Spoilt(
        "a path out of the package", swap(PACKAGE, '"beds.csv"', '"../beds.csv"'), None, "R101", "../beds.csv", "below"
    ),
    Spoilt("an address for a path", swap(PACKAGE, '"beds.csv"', '"http://x.se/b"'), None, "R101", "http", "below"),
    Spoilt(
        "a table nobody knows",
        swap(PACKAGE, '"name": "population_national"', '"name": "weather"'),
        None,
        "R101",
        "",
        "",
    ),
    Spoilt(
        "a map in other coordinates",
        swap(MAP, "EPSG::3006", "EPSG::3021"),
        f"{MAP}, field crs",
        "R201",
        "3021",
        "reproject",
    ),
    Spoilt(
        "a map without its system",
        document(MAP, lambda raw: raw.pop("crs")),
        f"{MAP}, field crs",
        "R201",
        "CRS84",
        "reproject",
    ),
    Spoilt("swapped coordinates", shape(mirrored), f"{MAP}, features[0]", "R201", "outside the extent", "order"),
    Spoilt(
        "a crossing outline",
        shape(lambda one: one.update(geometry=BOW_TIE)),
        f"{MAP}, features[0]",
        "R201",
        "not valid",
        "mend",
    ),
    Spoilt(
        "an empty shape",
        shape(lambda one: one["geometry"].update(coordinates=[])),
        f"{MAP}, features[0]",
        "R201",
        "empty",
        "area",
    ),
    Spoilt("no shape", shape(lambda one: one.update(geometry=None)), f"{MAP}, features[0]", "R201", "missing", "area"),
    Spoilt(
        "text for coordinates",
        shape(lambda one: one["geometry"].update(coordinates=[[["x", "y"]]])),
        f"{MAP}, features[0]",
        "R201",
        "cannot be read",
        "export",
    ),
    Spoilt(
        "a region off the map",
        document(MAP, lambda raw: raw["features"].pop(0)),
        MAP,
        "R201",
        "'01' has no shape",
        "add",
    ),
    Spoilt(
        "a region twice on the map",
        document(MAP, lambda raw: raw["features"].append(raw["features"][0])),
        f"{MAP}, features[21]",
        "R201",
        "two shapes",
        "join",
    ),
]

SEVERAL = ("a table nobody knows",)
"""Also the table that has lost its name is missed."""


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name)
def test_a_spoilt_descriptor_or_map_is_told_once_with_its_place_and_remedy(case, tmp_path):
    check_told(case, tmp_path, several=case.name in SEVERAL)
