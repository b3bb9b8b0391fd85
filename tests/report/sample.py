"""A made-up situation and a made-up plan with every table filled: 21 square regions, three days.

Nothing here is solved: the figures only have to be plausible and agree with one another.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from nspl_opt.plan.aggregate import ledger_table, load_table
from nspl_opt.plan.plan import TABLES, GoalResult, Plan
from nspl_opt.reference.reference import Area, BedType, CareCategory, Profession, Region, VehicleType
from nspl_opt.scenario.situation import Closure, Period, PlanningSite, Situation, discharge_micro

COLUMNS = 3
SIDE_M = 140_000
ISLAND = 20
NASTY = 'Region <b>Å & "Ö"</b>'


def sample_situation(
    periods: int = 12,
    per_region: int = 1,
    marking: str = "exercise",
    regions: int = 21,
    places: tuple[Region, ...] = (),
) -> Situation:
    """``regions`` square regions with ``per_region`` hospitals each; the last one is an island.

    ``places`` puts real regions in their stead.
    """
    length = 6
    grid = tuple(Period(t, t * length, length, t * length // 24, 0) for t in range(periods))
    places = places or tuple(_region(r) for r in range(regions))
    sites = tuple(_site(places[r], h, per_region) for r in range(regions) for h in range(per_region))
    codes = [place.code for place in places]
    shape = (2, len(sites), periods)
    beds = np.zeros(shape, dtype=np.int64)
    beds[0] = np.array([12 + 3 * (i % 4) for i in range(len(sites))])[:, None]
    beds[1] = np.array([300 + 60 * (i % 5) for i in range(len(sites))])[:, None]
    surge = np.zeros(shape, dtype=np.int64)
    surge[0, :, 2:] = 6
    arrivals = np.zeros(shape, dtype=np.int64)
    arrivals[0], arrivals[1] = 1_000_000, 14_000_000
    island = (ISLAND % regions) * per_region
    arrivals[0, island, :4] = 11_000_000
    arrivals[1, island, :4] = 60_500_000
    initial = np.stack([beds[0, :, 0] * 600_000, beds[1, :, 0] * 700_000])
    thirds = [tuple(codes[part::3]) for part in range(3)]
    return Situation(
        scenario="sample", title_sv="Masskada på en ö <övning>", title_en="Mass casualties on an island",
        marking=marking, level="region" if per_region == 1 else "hospital", start=datetime(2026, 11, 23, 6),
        notice_sv="Öppna uppgifter, delvis gamla och delvis uppskattade. Ingen lägesbild.",
        notice_en="Open data, partly old and partly estimated. Not a situation picture.",
        assumptions_sv=("Hälften av de skadade behöver intensivvård.",),
        assumptions_en=("Half of the casualties need intensive care.",),
        regions=places, groupings={"civil_area": tuple(Area(f"a{n}", f"Område {n}", third) for n, third in
                                                       enumerate(thirds, 1))},
        sites=sites, periods=grid,
        bed_types=(BedType("icu", "Intensivvård", "Intensive care"), BedType("ward", "Vårdavdelning", "Ward")),
        professions=(Profession("nurse", "Sjuksköterskor", "Nurses", 200_000),),
        categories=(_category("icu_general", "Intensivvård, allmän", "Intensive care, general", "icu", 9, 96),
                    _category("trauma", "Trauma, avdelning", "Trauma, ward", "ward", 3, 120)),
        vehicle_types=(_vehicle("ambulance", "Ambulans", "Ambulance", "road", 1),
                       _vehicle("ferry", "Färja", "Ferry", "ferry", 40),
                       _vehicle("plane", "Ambulansflyg", "Air ambulance", "fixed_wing", 2)),
        pools=(), closures=(Closure(),), beds=beds, surge_beds=surge, planned_beds=beds[:, :, 0] // 5,
        staff=np.full((1, len(sites), periods), 2400, dtype=np.int64),
        planned_staff=np.full((1, len(sites)), 200, dtype=np.int64), arrivals_micro=arrivals,
        initial_micro=initial, pool_quantity=np.zeros((0, periods), dtype=np.int64), timetables={},
        input_hashes={"scenario.toml": "ab" * 32, "reference/beds.csv": "cd" * 32},
    )  # fmt: skip


def sample_plan(situation: Situation) -> Plan:
    """A plan in which the island sends patients to five regions by sea, air and road."""
    transfers = _transfers(situation)
    census = _census(situation, transfers)
    starts = [_start(situation, p.index) for p in situation.periods]
    model = {"title_sv": "Nationell fördelning", "title_en": "National allocation",
             "families": {"elective": {"largest_share": 0.5, "steps": 3},
             "staff": {"contingency": False}}, "goals": [], "solver": {"gap_share": 0.01}}  # fmt: skip
    codes = [region.code for region in situation.regions]
    last = situation.periods[-1].block
    loans = _frame("loans", [("nurse|x", "nurse", codes[1], codes[ISLAND % len(codes)], 1, last, starts[4],
                              _start(situation, len(starts)), 12)])  # fmt: skip
    site = situation.sites[0]
    postponed = _frame("postponed", [(1, starts[4], site.region, site.code, 2, 3, 20.666667)])
    surge = _frame("surge", [(t, starts[t], site.region, site.code, "icu", 2.4, 3, 6) for t in (2, 3)])
    unmet = census[census["unmet"] > 0]
    unmet = unmet[["period", "start", "region", "site", "category", "unmet"]]
    unmet = unmet.assign(patient_hours=unmet["unmet"] * 6).reset_index(drop=True)
    left = census[["period", "start", "region", "site", "category"]].assign(patients=census["discharged"])
    trips = _frame("trips", [("t1", 0, starts[0], "ferry", "", "line", "A", "B", 1.0, True, 0)])
    rules = _frame("rules", [("beds.capacity", 504, 31, "No site cares for more than it has open beds.", "s \\le B",
                              "beds", 0.0), ("house.own", 3, 0, "A rule <of> the house.", "x", "", 2.5)])  # fmt: skip
    tables = {
        "transfers": transfers, "trips": trips, "loans": loans, "postponed": postponed, "surge": surge,
        "census": census, "unmet": unmet, "discharges": left, "rules": rules,
        "load": load_table(situation, model, census, postponed),
        "ledger": ledger_table(situation, transfers, loans, census, postponed),
    }  # fmt: skip
    hours = float((unmet["unmet"] * 6 * 9).sum())
    goals = (
        GoalResult("unmet_care", "severity-weighted patient-hours", hours, hours * 0.98, 0.02, 1.5, False),
        GoalResult("crossings", "patients", 31.0, 31.0, 0.0, 0.5, True),
    )
    return Plan(
        scenario="sample", title_sv=situation.title_sv, title_en=situation.title_en, marking=situation.marking,
        level=situation.level, start=situation.start.isoformat(), status="feasible_gap", model=model, goals=goals,
        tables=tables, pruned={"too long": 12}, size={"rows": 10, "columns": 20, "nonzeros": 40},
        provenance={"inputs": dict(situation.input_hashes), "nspl_opt": "0.1", "seed": 0, "repeatable": True},
    )  # fmt: skip


def sample_reference(situation: Situation, folder: Path) -> SimpleNamespace:
    """Geometry in SWEREF 99 TM written to ``folder``, and what else a report reads of a reference."""
    features = []
    for number, region in enumerate(situation.regions):
        x, y = 300_000 + SIDE_M * (number % COLUMNS), 7_000_000 - SIDE_M * (number // COLUMNS)
        side = SIDE_M * (0.6 if number == ISLAND else 1)
        ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"region": region.code}, "geometry": geometry})
    path = folder / "regions.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return SimpleNamespace(title="Squares <1>", version="1", notice_sv=situation.notice_sv,
                           notice_en=situation.notice_en, geometry=path, population=(), name="squares")  # fmt: skip


def _region(number: int) -> Region:
    name = NASTY if number == 0 else f"Region {chr(64 + number)}-stad"
    lat, lon = 62.5 - 1.25 * (number // COLUMNS), 12.5 + 2.6 * (number % COLUMNS)
    return Region(f"{number + 1:02}", name, f"n{number}", lat, lon)


def _site(region: Region, number: int, per_region: int) -> PlanningSite:
    code = region.code if per_region == 1 else f"{region.code}h{number}"
    name = region.name if per_region == 1 else f"Sjukhus {number} {region.name}"
    return PlanningSite(code, name, region.code, "county", ("burns",), (code,), code)


def _category(code: str, sv: str, en: str, bed: str, weight: int, stay: int) -> CareCategory:
    ratio = {"conventional": {"nurse": 1_000_000}, "contingency": {"nurse": 500_000}}
    return CareCategory(code, sv, en, bed, "icu" if bed == "icu" else "stretcher", weight, stay, 360,
                        ("ambulance", "ferry", "plane"), "", "district", ratio, {"nurse": 1_000_000})  # fmt: skip


def _vehicle(code: str, sv: str, en: str, mode: str, capacity: int) -> VehicleType:
    return VehicleType(code, sv, en, mode, {"icu": capacity, "stretcher": capacity, "seated": capacity}, 90, 20, 30,
                       0, 900, "scheduled" if mode == "ferry" else "region", ())  # fmt: skip


def _start(situation: Situation, index: int) -> str:
    return (situation.start + timedelta(hours=6 * index)).isoformat()


def _frame(table: str, rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[column.name for column in TABLES[table] if not column.optional])


def _transfers(situation: Situation) -> pd.DataFrame:
    codes = [region.code for region in situation.regions]
    island, count = codes[ISLAND % len(codes)], len(situation.sites) // len(codes)
    ways = (("ferry", 17, 4.0, "trauma", 330), ("plane", 18, 2.0, "icu_general", 140), ("plane", 4, 1.0, "icu_general",
            170), ("ferry", 14, 6.0, "trauma", 350), ("ambulance", 5, 1.0, "trauma", 210))  # fmt: skip
    rows = []
    for period in situation.periods[: min(8, len(situation.periods) - 1)]:
        whole = period.start_h < 24
        for vehicle, to, patients, category, minutes in ways:
            sender, target = (codes[17 % len(codes)] if vehicle == "ambulance" else island), codes[to % len(codes)]
            ends = [code if count == 1 else code + "h0" for code in (sender, target)]
            amount = patients if whole else patients * 0.37
            name = f"{category}|{sender}|{target}|{vehicle}|{period.index:02}"
            arrive = period.index + (1 if minutes > 180 else 0)
            rows.append((name, period.index, _start(situation, period.index), arrive, _start(situation, arrive), *ends,
                         sender, target, sender, category, vehicle, f"{sender}-T", f"{target}-T",
                         "line" if vehicle == "ferry" else "", amount, whole, minutes, "relief",
                         to % 3 != 2))  # fmt: skip
    return _frame("transfers", sorted(rows))


def _census(situation: Situation, transfers: pd.DataFrame) -> pd.DataFrame:
    """Follow the patients through time with greedy care; sums agree with the transfers."""
    rows = []
    bed_of = {item.code: number for number, item in enumerate(situation.bed_types)}
    for k, category in enumerate(situation.categories):
        mine = transfers[transfers["category"] == category.code]
        for i, site in enumerate(situation.sites):
            served = present = situation.initial_micro[k, i] / 1e6
            for period in situation.periods:
                t = period.index
                left = round(served * discharge_micro(category.mean_stay_h, period.length_h) / 1e6, 6)
                came = situation.arrivals_micro[k, i, t] / 1e6
                inn = mine[(mine["to_site"] == site.code) & (mine["arrival_period"] == t)]["patients"].sum()
                out = mine[(mine["from_site"] == site.code) & (mine["period"] == t)]["patients"].sum()
                present = round(present - left + came + inn - out, 6)
                b = bed_of[category.bed_type]
                room = situation.beds[b, i, t] + situation.surge_beds[b, i, t] - situation.planned_beds[b, i]
                served = min(present, float(room))
                rows.append((t, _start(situation, t), site.region, site.code, category.code, came, inn, out, left,
                             present, served, 0.0, round(present - served, 6)))  # fmt: skip
    table = _frame("census", rows)
    return table.sort_values(["period", "region", "site", "category"], kind="stable").reset_index(drop=True)
