"""A toy country: three regions, four hospitals, one island. Every number can be checked by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nspl_opt.reference.reference import (
    Airfield,
    Area,
    BedStock,
    BedType,
    CareCategory,
    FerryLine,
    Link,
    Node,
    Pool,
    Population,
    Profession,
    Reference,
    Region,
    Site,
    StaffStock,
    SurgeStage,
    VehicleType,
)
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.scenario import Scenario

PEOPLE = {"conventional": {"nurse": 1_000_000}, "contingency": {"nurse": 500_000}}

BASE = """\
name = "prov"
title_sv = "ÖVNING: prov"
title_en = "EXERCISE: test"
marking = "exercise"
start = 2026-11-28T06:00:00
grid = [[6, 4], [12, 2]]
categories = ["burns", "icu", "vent", "ward"]
"""
"""Four periods of 6 h and two of 12 h: 48 hours."""


def _category(code: str, bed_type: str, mean_stay_h: int, capability: str, level: str) -> CareCategory:
    return CareCategory(
        code,
        code,
        code,
        bed_type,
        "icu",
        5,
        mean_stay_h,
        240,
        ("car",),
        capability,
        level,
        PEOPLE,
        {"nurse": 1_000_000},
    )


def _vehicle(code: str, mode: str, mobilisation_min: int, scope: str) -> VehicleType:
    places = {"icu": 1, "stretcher": 1, "seated": 1}
    return VehicleType(code, code, code, mode, places, 90, 10, 10, mobilisation_min, 500, scope, ())


@pytest.fixture(scope="session")
def toy() -> Reference:
    """Region 01 has alfa and beta, 02 has gamma (burns), 03 is an island with delta."""
    return Reference(
        name="toy",
        title="Toy",
        version="1",
        notice_sv="Leksak.",
        notice_en="Toy.",
        regions=tuple(Region(code, f"Region {code}", code, 60.0, 15.0) for code in ("01", "02", "03")),
        groupings={"civil_area": (Area("norr", "Norr", ("01", "02")), Area("syd", "Syd", ("03",)))},
        sites=(
            Site("alfa", "Alfa", "01", "county", 60.0, 15.0, "alfa", 1, True, ()),
            Site("beta", "Beta", "01", "district", 60.1, 15.0, "bstad", 1, False, ()),
            Site("delta", "Delta", "03", "county", 57.0, 18.0, "delta", 1, True, ()),
            Site("gamma", "Gamma", "02", "university", 61.0, 15.0, "gstad", 1, True, ("burns",)),
        ),
        bed_types=tuple(BedType(code, code, code) for code in ("burns", "icu", "ward")),
        beds=(
            BedStock("alfa", "icu", 6, 1),
            BedStock("alfa", "ward", 40, 10),
            BedStock("beta", "icu", 3, 0),
            BedStock("beta", "ward", 20, 0),
            BedStock("delta", "icu", 2, 0),
            BedStock("delta", "ward", 10, 0),
            BedStock("gamma", "burns", 2, 0),
            BedStock("gamma", "icu", 10, 0),
            BedStock("gamma", "ward", 60, 0),
        ),
        surge=(
            SurgeStage("alfa", "icu", 0, 2, 6),
            SurgeStage("alfa", "icu", 1, 4, 24),
            SurgeStage("gamma", "icu", 0, 5, 6),
        ),
        professions=(Profession("nurse", "ssk", "nurse", 200_000),),
        staff=tuple(
            StaffStock(code, "nurse", people, 2) for code, people in (("alfa", 101), ("beta", 33), ("gamma", 77))
        ),
        categories=(
            _category("burns", "burns", 480, "burns", "university"),
            _category("icu", "icu", 48, "", "district"),
            _category("vent", "icu", 96, "", "county"),
            _category("ward", "ward", 120, "", ""),
        ),
        vehicle_types=(_vehicle("car", "road", 2, "region"), _vehicle("plane", "fixed_wing", 600, "national")),
        pools=(
            Pool("car_01", "car", "01", "alfa", 60.0, 15.0, 5),
            Pool("plane_02", "plane", "02", "gstad", 61.0, 15.0, 3),
        ),
        nodes=(
            Node("alfa", "Alfa", "01", 60.0, 15.0),
            Node("bstad", "Bstad", "01", 60.1, 15.0),
            Node("delta", "Delta", "03", 57.0, 18.0),
            Node("gstad", "Gstad", "02", 61.0, 15.0),
            Node("hamn", "Hamn", "03", 57.1, 18.0),
        ),
        links=(
            Link("r1", "road", "alfa", "bstad", 10.0, 10.0, ""),
            Link("r2", "road", "bstad", "gstad", 90.0, 60.0, ""),
            Link("r3", "road", "delta", "hamn", 5.0, 5.0, ""),
        ),
        ferries=(FerryLine("f1", "alfa", "hamn", "F1", 180, 30, (0, 420, 1020)),),
        airfields=(Airfield("XDEL", "Delta", "delta", 5, 57.0, 18.0, True),),
        population=(Population("01", "2026-06-30", 1000),),
        geometry=Path("nowhere/geo/regions.geojson"),
    )


@pytest.fixture()
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a scenario folder: what is added to the base file, and the CSV files by name."""

    def write(extra: str = "", base: str = BASE, folder: str = "prov", **tables: str) -> Path:
        place = tmp_path / folder
        place.mkdir()
        (place / "scenario.toml").write_text(base + extra, encoding="utf-8")
        for name, content in tables.items():
            (place / f"{name}.csv").write_text(content, encoding="utf-8")
        return place

    return write


@pytest.fixture()
def given(written: Callable[..., Path]) -> Callable[..., Scenario]:
    """The same, read."""

    def read(extra: str = "", **options: str) -> Scenario:
        return read_scenario(written(extra, **options))

    return read
