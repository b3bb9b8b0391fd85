"""An island in trouble, by hand: three regions, five periods, every table of a plan filled.

Visby has two beds for intensive care and gets six patients; four leave by air, by sea and by road
on the mainland. Everything is small enough to follow on paper.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np

from nspl_opt.network.travel import Journey
from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO, Area, BedType, CareCategory, Pool, Profession, Region, VehicleType
from nspl_opt.scenario.situation import Closure, Period, PlanningSite, Situation, discharge_micro

from ..oracle.assemble import Decisions, assemble
from ..oracle.cases import TinyTravel, sailing

HOURS = (6, 6, 12, 24, 24)
BLOCKS = (0, 0, 0, 1, 2)
SITES = ("huddinge", "uppsala", "visby")

VEHICLES = (
    VehicleType("amb", "Ambulans", "Ambulance", "road", {"icu": 1, "stretcher": 1}, 90, 15, 15, 0, 900, "region",
                ("icu", "stretcher")),
    VehicleType("ferry", "Färja", "Ferry", "ferry", {"stretcher": 4}, 40, 30, 0, 0, 900, "scheduled", ()),
    VehicleType("plane", "Flygplan", "Aeroplane", "fixed_wing", {"icu": 2, "stretcher": 4}, 400, 30, 30, 0, 3000,
                "national", ()),
)  # fmt: skip


def situation() -> Situation:
    """Beds, staff and patients of the three sites."""
    periods = tuple(
        Period(t, sum(HOURS[:t]), length, BLOCKS[t], 0) for t, length in enumerate(HOURS)
    )  # fmt: skip
    sites = tuple(
        PlanningSite(code, code.title(), region, level, (), (code,), code)
        for code, region, level in zip(SITES, ("ab", "c", "i"), ("university", "university", "county"), strict=True)
    )
    ratio = {"conventional": {"nurse": MICRO}, "contingency": {"nurse": 600_000}}
    lighter = {"conventional": {"nurse": 250_000}, "contingency": {"nurse": 125_000}}
    categories = (
        CareCategory("icu", "Intensivvård", "Intensive care", "icu", "icu", 9, 120, 300, ("amb", "plane"), "", "county",
                     ratio, {"nurse": MICRO}),
        CareCategory("ward", "Vårdavdelning", "Ward", "ward", "stretcher", 2, 96, 600, ("amb", "ferry"), "", "district",
                     lighter, {}),
    )  # fmt: skip

    def grid(rows: list[list[list[int]]]) -> np.ndarray:
        return np.array(rows, dtype=np.int64)

    flat = [[[12] * 5, [12] * 5, [2] * 5], [[30] * 5, [30] * 5, [8] * 5]]
    surge = [[[0, 0, 2, 2, 2], [0] * 5, [0, 0, 1, 1, 1]], [[0] * 5, [0] * 5, [0] * 5]]
    arrivals = [[[0] * 5, [0] * 5, [5, 1, 0, 0, 0]], [[2] * 5, [1] * 5, [6, 4, 0, 0, 0]]]
    return Situation(
        scenario="island", title_sv="Ö i nöd", title_en="An island in trouble", marking="exercise", level="hospital",
        start=datetime(2026, 11, 23, 6), notice_sv="", notice_en="", assumptions_sv=(), assumptions_en=(),
        regions=tuple(Region(code, code.upper(), code, 59.0, 17.0) for code in ("ab", "c", "i")),
        groupings={"civil_area": (Area("mitt", "Mitt", ("c",)), Area("ost", "Öst", ("ab", "i")))},
        sites=sites, periods=periods, bed_types=(BedType("icu", "IVA", "ICU"), BedType("ward", "Avdelning", "Ward")),
        professions=(Profession("nurse", "Sjuksköterskor", "Nurses", 250_000),), categories=categories,
        vehicle_types=VEHICLES,
        pools=tuple(Pool(code, kind, region, region, 59.0, 17.0, count) for code, kind, region, count in (
            ("amb-ab", "amb", "ab", 4), ("amb-c", "amb", "c", 4), ("amb-i", "amb", "i", 3),
            ("plane-ab", "plane", "ab", 1),
        )),
        closures=(Closure(),), beds=grid(flat), surge_beds=grid(surge), planned_beds=grid([[3, 3, 1], [6, 6, 2]]),
        staff=grid([[[100] * 5, [100] * 5, [30] * 5]]), planned_staff=grid([[10, 10, 3]]),
        arrivals_micro=grid(arrivals) * MICRO, initial_micro=grid([[5, 5, 1], [20, 20, 5]]) * MICRO,
        pool_quantity=grid([[4] * 5, [4] * 5, [3] * 5, [0, 1, 1, 1, 1]]),
        timetables={"GOT": sailing(periods, [0, 1, 1, 2, 2])}, input_hashes={"scenario/scenario.toml": "0" * 64},
    )  # fmt: skip


def travel() -> TinyTravel:
    """A road on the mainland, an air route and a ferry to the island."""
    journeys = [
        Journey("amb", "huddinge", "uppsala", 75, "huddinge", "uppsala", 0, 0, ""),
        Journey("amb", "uppsala", "huddinge", 75, "uppsala", "huddinge", 0, 0, ""),
        Journey("ferry", "visby", "huddinge", 420, "port-visby", "port-nynas", 10, 45, "GOT"),
        Journey("plane", "visby", "huddinge", 150, "air-visby", "air-bromma", 10, 25, ""),
        Journey("plane", "visby", "uppsala", 160, "air-visby", "air-arlanda", 10, 30, ""),
    ]
    trips = {
        (0, "amb-ab", "huddinge", "uppsala"): 165, (0, "amb-c", "huddinge", "uppsala"): 180,
        (0, "amb-ab", "uppsala", "huddinge"): 180, (0, "amb-c", "uppsala", "huddinge"): 165,
        (0, "plane-ab", "air-visby", "air-bromma"): 200, (0, "plane-ab", "air-visby", "air-arlanda"): 230,
    }  # fmt: skip
    return TinyTravel([(0, journey) for journey in journeys], trips)


def model() -> dict[str, Any]:
    """Every family, every goal."""
    names = ("unmet_care", "worst_region", "postponed_care", "patient_hours_in_transit", "crossings", "staff_away",
             "contingency_care")  # fmt: skip
    return {
        "name": "island", "title_sv": "Ö", "title_en": "Island",
        "families": {
            "beds": {}, "capability": {}, "staff": {"contingency": True, "within_region_share": 0.25},
            "staff_loans": {"professions": ["nurse"], "share": 0.08, "yield_share": 0.9, "shortest_stay_h": 24,
                            "longest_stay_h": 48, "travel_h": 12, "partners": 2},
            "transports": {"trips_whole_until_h": 48, "patients_whole_until_h": 24, "duty_share": 0.6},
            "travel_time": {"longest_journey_factor": 1.0, "nearest": 6, "largest": 3},
            "elective": {"steps": 3, "largest_share": 1.0, "delay_h": 24},
            "areas": {"grouping": "civil_area", "border": "open"},
            "reserve": {"grouping": "civil_area", "bed_types": ["icu"], "free_share": 0.2},
        },
        "goals": [{"name": name, "slack_share": 0.0, "slack": 0.0, "grouping": "civil_area"} for name in names],
        "solver": {"time_limit_s": 60, "gap_share": 0.01, "seed": 0},
    }  # fmt: skip


def plan() -> Plan:
    """Two by air to Huddinge and one to Uppsala, wards by ferry, two nurses lent, planned care put off."""
    decisions = Decisions(
        transfers=[
            (1, "visby", "huddinge", "icu", "plane", Fraction(2)),
            (2, "visby", "uppsala", "icu", "plane", Fraction(1)),
            (2, "visby", "huddinge", "ward", "ferry", Fraction(4)),
            (3, "huddinge", "uppsala", "ward", "amb", Fraction(5, 2)),
        ],
        trips=[
            (1, "plane", "plane-ab", "", "air-visby", "air-bromma", Fraction(1)),
            (2, "plane", "plane-ab", "", "air-visby", "air-arlanda", Fraction(1)),
            (2, "ferry", "", "GOT", "port-visby", "port-nynas", Fraction(1)),
            (3, "amb", "amb-ab", "", "huddinge", "uppsala", Fraction(3, 2)),
            (3, "amb", "amb-c", "", "huddinge", "uppsala", Fraction(1)),
        ],
        loans=[("nurse", "ab", "i", 0, 1, 3), ("nurse", "c", "i", 1, 2, 2)],
        steps={(2, 1): 3, (2, 2): 2, (0, 1): 1},
    )  # fmt: skip
    here, way, chosen = situation(), travel(), model()
    fill_beds(here, way, decisions, chosen["families"]["elective"]["steps"])
    return assemble(here, way, chosen, decisions)


def fill_beds(s: Situation, way: TinyTravel, decisions: Decisions, steps: int) -> None:
    """Care for as many as have a bed; one patient in Visby by the contingency standard."""
    from nspl_opt.scenario.situation import arrival_period

    moved = np.zeros((len(s.categories), len(s.sites), len(s.periods)), dtype=np.int64)
    code = {site.code: i for i, site in enumerate(s.sites)}
    kind = {category.code: k for k, category in enumerate(s.categories)}
    for t, start, end, category, vehicle, patients in decisions.transfers:
        minutes = way.journey(0, vehicle, start, end).minutes
        moved[kind[category], code[start], t] -= int(patients * MICRO)
        moved[kind[category], code[end], arrival_period(s.periods, t, minutes)] += int(patients * MICRO)
    for k, category in enumerate(s.categories):
        for i in range(len(s.sites)):
            present = cared = int(s.initial_micro[k, i])
            for t, period in enumerate(s.periods):
                left = round(Fraction(discharge_micro(category.mean_stay_h, period.length_h) * cared, MICRO))
                present += int(s.arrivals_micro[k, i, t] + moved[k, i, t]) - left
                kept = 1 - Fraction(decisions.steps.get((i, period.block), 0), steps)
                room = int(s.beds[k, i, t] + s.surge_beds[k, i, t]) - int(s.planned_beds[k, i]) * kept
                cared = min(present, int(room * MICRO))
                short = min(cared, MICRO) if (k, i) == (0, 2) else 0
                decisions.cared[0, k, i, t], decisions.cared[1, k, i, t] = cared - short, short
