"""A tiny country with a road, an airfield and a ferry, plans written by hand, and one plan that was solved."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nspl_opt.dispatch.make import make_dispatch
from nspl_opt.network.graph import travel_times
from nspl_opt.plan.plan import TABLES, Plan
from nspl_opt.reference.reference import CareCategory, Pool
from nspl_opt.scenario.situation import Period, Timetable, arrival_period

TESTS = Path(__file__).resolve().parent.parent


def load(path):
    spec = importlib.util.spec_from_file_location(f"borrowed_{path.parent.name}_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def category(code, kind, weight, **escorts):
    means = ("aeroplane", "ambulance", "bus", "ferry", "helicopter")
    return CareCategory(code, code, code, "ward", kind, weight, 96, 999, means, "", "district", {}, escorts)


CATEGORIES = (category("grave", "icu", 10, nurse=1_000_000), category("ward", "stretcher", 2))
HOMES = {"a1": "R1", "b1": "R2", "c1": "R3", "holmen": "R4"}


class Country:
    """The tiny country with ambulances everywhere; ``plan`` writes one, ``dispatch`` assembles it."""

    def __init__(self, hours=(6, 6, 12), quantity=None, capacity=None, departures=(480, 1080)):
        network = load(TESTS / "network" / "conftest.py")
        reference = network.tiny.__wrapped__()  # the country itself, not the fixture
        more = tuple(Pool(f"amb_{home}", "ambulance", home, town, 60.0, 15.0, 1) for home, town in
                     (("R3", "ceder"), ("R4", "holmen")))  # fmt: skip
        vehicles = tuple(
            replace(one, capacity=(capacity or {}).get(one.code, one.capacity),
                    feeder_for=("icu", "stretcher") if one.code == "ambulance" else ())
            for one in reference.vehicle_types
        )  # fmt: skip
        pools = tuple(sorted((*reference.pools, *more), key=lambda pool: pool.code))
        pools = tuple(replace(pool, quantity=(quantity or {}).get(pool.code, pool.quantity)) for pool in pools)
        ferries = tuple(replace(line, departures_min=departures) for line in reference.ferries if line.code == "sea")
        self.reference = replace(reference, pools=pools, vehicle_types=vehicles, ferries=ferries)
        starts = np.cumsum([0, *hours])
        periods = tuple(Period(n, int(starts[n]), length, 0, 0) for n, length in enumerate(hours))
        inside = tuple(tuple(at for at in departures if p.start_h <= at / 60 < p.start_h + p.length_h) for p in periods)
        self.situation = network._situation_of(
            self.reference, periods=periods, categories=CATEGORIES, vehicle_types=vehicles, pools=pools,
            pool_quantity=np.array([[pool.quantity] * len(periods) for pool in pools]),
            timetables={line.code: Timetable(line.loading_min, inside) for line in ferries},
        )  # fmt: skip
        self.travel = travel_times(self.reference, self.situation)

    def plan(self, *moves, trips=None):
        """``moves``: (period, category, from, to, vehicle type, patients, pool, trips)."""
        transfers, made = [], {}
        for period, kind, origin, destination, vehicle, patients, pool, number in moves:
            journey = self.travel.journey(0, vehicle, origin, destination)
            ends = (journey.from_terminal, journey.to_terminal)
            minutes = self.travel.trip_min(0, pool, *ends) if pool else 0
            arrives = arrival_period(self.situation.periods, period, journey.minutes)
            transfers.append({
                "id": f"{kind}-{origin}-{destination}-{vehicle}-{period:03d}", "period": period,
                "arrival_period": arrives, "from_site": origin, "to_site": destination,
                "from_region": HOMES[origin], "to_region": HOMES[destination], "home_region": HOMES[origin],
                "category": kind, "vehicle_type": vehicle, "from_terminal": ends[0], "to_terminal": ends[1],
                "line": journey.line, "patients": float(patients), "whole": True, "minutes": journey.minutes,
            })  # fmt: skip
            name = f"{pool or journey.line}-{ends[0]}-{ends[1]}-{period:03d}"
            row = made.setdefault(name, {
                "id": name, "period": period, "vehicle_type": vehicle, "pool": pool, "line": journey.line,
                "from_terminal": ends[0], "to_terminal": ends[1], "trips": 0.0, "whole": True, "minutes": minutes,
            })  # fmt: skip
            row["trips"] += number
        tables = {name: _frame(name, rows) for name, rows in (("transfers", transfers), ("trips", list(made.values())))}
        return Plan(
            "s", "", "", "", "hospital", "", "optimal", {"families": {"transports": {}}}, (), tables, {}, {}, {}
        )

    def dispatch(self, *moves, hours=24):
        """The dispatch of such a plan, which must have passed its own checker."""
        made = make_dispatch(self.plan(*moves), self.situation, self.travel, self.reference, hours)
        assert made.report.ok, made.report.text("en")
        return made


def _frame(name, rows):
    kinds = {"text": "", "time": "", "whole": 0, "number": 0.0, "flag": False}
    empty = {column.name: kinds[column.kind] for column in TABLES[name]}
    return pd.DataFrame([empty | row for row in rows], columns=list(empty))


@pytest.fixture(scope="session")
def country():
    """A function: options by name -> Country."""
    return Country


@pytest.fixture(scope="session")
def solved(tmp_path_factory):
    """A plan of three real regions, as it comes from the solver."""
    from nspl_opt.pipeline import make_plan

    folder = tmp_path_factory.mktemp("solved")
    small = load(TESTS / "cli" / "country.py")
    small.small_reference(folder / "reference")
    small.small_scenario(folder / "scenario")
    made = make_plan(folder / "scenario", reference=folder / "reference", time_limit_s=20)
    assert made.check.ok
    return made
