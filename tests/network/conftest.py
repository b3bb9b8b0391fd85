r"""A tiny country: three towns on a road, an island, four hospitals. Every time can be checked by hand.

Alvik --road 60 km, 40 min-- Berga --bridge 90 km, 60 min-- Ceder        Alvik --ferry 100 min-- Holmen
  \______________ old road, 200 km, 130 min ______________/              Alvik --rail 150 km, 100 min-- Ceder
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from nspl_opt.network.graph import travel_times
from nspl_opt.reference.reference import (
    Airfield,
    BedStock,
    FerryLine,
    Link,
    Node,
    Pool,
    Reference,
    Region,
    Site,
    VehicleType,
)
from nspl_opt.scenario.situation import Closure, Period, PlanningSite, Situation, Timetable

REGIONS = ("R1", "R2", "R3", "R4")


def vehicle(code: str, mode: str, speed_kmh: int, loading_min: int, **more) -> VehicleType:
    fields = {
        "turnaround_min": 30,
        "mobilisation_min": 0,
        "range_km": 1000,
        "scope": "national",
        "feeder_for": (),
        "capacity": {"icu": 1, "stretcher": 1, "seated": 0},
    }
    return VehicleType(code, code, code, mode, speed_kmh=speed_kmh, loading_min=loading_min, **{**fields, **more})


VEHICLES = (
    vehicle("aeroplane", "fixed_wing", 600, 30, range_km=500, turnaround_min=60),
    vehicle("ambulance", "road", 90, 10, scope="region", feeder_for=("stretcher",)),
    vehicle("bus", "road", 60, 30, capacity={"icu": 0, "stretcher": 12, "seated": 0}),
    vehicle("ferry", "ferry", 40, 45, scope="scheduled"),
    vehicle("helicopter", "helicopter", 240, 15, range_km=250),
    vehicle("train", "rail", 200, 90),
)


@pytest.fixture(scope="session")
def tiny() -> Reference:
    """The tiny country as a reference package."""
    towns = {"alvik": (60.0, 15.0, "R1"), "berga": (60.5, 15.0, "R2"), "ceder": (61.2, 15.0, "R3")}
    towns["holmen"] = (59.5, 17.0, "R4")
    nodes = tuple(Node(code, code.title(), region, lat, lon) for code, (lat, lon, region) in towns.items())
    sites = tuple(
        Site(code, code, region, "county", *towns[town][:2], town, access, helipad, ())
        for code, region, town, access, helipad in (
            ("a1", "R1", "alvik", 3, True),
            ("b1", "R2", "berga", 5, False),
            ("c1", "R3", "ceder", 2, False),
            ("holmen", "R4", "holmen", 4, True),
        )
    )
    fields = tuple(
        Airfield(code, code, town, road_min, *towns[town][:2], fixed_wing)
        for code, town, road_min, fixed_wing in (
            ("FA", "alvik", 10, True),
            ("FB", "berga", 7, False),
            ("FC", "ceder", 12, True),
            ("FH", "holmen", 5, True),
        )
    )
    links = (
        Link("bridge", "road", "berga", "ceder", 90.0, 60.0, "The bridge"),
        Link("coast", "road", "alvik", "berga", 60.0, 40.0, "Coast road"),
        Link("iron", "rail", "alvik", "ceder", 150.0, 100.0, "Railway"),
        Link("old", "road", "alvik", "ceder", 200.0, 130.0, "Old road"),
    )
    lines = (
        FerryLine("sea", "alvik", "holmen", "Alvik-Holmen", 100, 60, (480,)),
        FerryLine("summer", "alvik", "holmen", "Alvik-Holmen fast", 50, 60, ()),
    )
    pools = (
        Pool("air", "aeroplane", "R1", "alvik", 60.0, 15.0, 1),
        Pool("amb_R1", "ambulance", "R1", "alvik", 60.0, 15.0, 5),
        Pool("amb_R2", "ambulance", "R2", "berga", 60.5, 15.0, 5),
        Pool("buses", "bus", "R2", "berga", 60.5, 15.0, 1),
        Pool("heli", "helicopter", "R2", "berga", 60.5, 15.0, 1),
        Pool("rails", "train", "R3", "ceder", 61.2, 15.0, 1),
    )
    beds = tuple(BedStock(site.code, "ward", 10, 0) for site in sites)
    regions = tuple(Region(code, code, town, *towns[town][:2]) for code, town in zip(REGIONS, towns, strict=True))
    return Reference(
        "tiny", "Tiny", "1", "", "", regions, {}, sites, (), beds, (), (), (), (), VEHICLES, pools, nodes, links,
        lines, fields, (), Path("none"),
    )  # fmt: skip


def _planning_sites(reference: Reference) -> tuple[PlanningSite, ...]:
    """Every hospital a site of its own."""
    return tuple(
        PlanningSite(site.code, site.name, site.region, site.level, (), (site.code,), site.code)
        for site in reference.sites
    )


def _situation_of(reference: Reference, *closures: Closure, **changes) -> Situation:
    """A situation with one period per state of closures; nothing but the network matters in it."""
    states = closures or (Closure(),)
    none = np.zeros((0, 0, 0), dtype=np.int64)
    periods = tuple(Period(n, 6 * n, 6, 0, n) for n in range(len(states)))
    timetables = {
        line.code: Timetable(line.loading_min, (line.departures_min,) * len(states)) for line in reference.ferries
    }
    plain = Situation(
        "s", "", "", "", "hospital", datetime(2026, 1, 1), "", "", (), (), reference.regions, reference.groupings,
        _planning_sites(reference), periods, (), (), (), reference.vehicle_types, reference.pools, states,
        none, none, none, none, none, none, none, none, timetables, {},
    )  # fmt: skip
    return replace(plain, **changes)


@pytest.fixture(scope="session")
def situation_of():
    """A function: reference, closures by state, other fields by name -> situation."""
    return _situation_of


@pytest.fixture
def travel_in(tiny):
    """A function: closures by state, other fields by name -> travel times in the tiny country."""
    return lambda *closures, **changes: travel_times(tiny, _situation_of(tiny, *closures, **changes))


@pytest.fixture(scope="session")
def sweden() -> Reference:
    """The shipped reference package."""
    from nspl_opt.reference.package import load_reference

    return load_reference()
