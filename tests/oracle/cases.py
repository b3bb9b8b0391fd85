"""Small made-up planning cases: two to four sites, two to four periods, every family of the page.

Figures are friendly to integers: nobody recovers within the horizon (stays of a hundred thousand years),
patients come whole, ratios and shares are halves and quarters. So the best plan is exact.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.network.travel import Journey, Leg, TravelTimes
from nspl_opt.reference.reference import MICRO, Area, BedType, CareCategory, Pool, Profession, Region, VehicleType
from nspl_opt.scenario.situation import Closure, Period, PlanningSite, Situation, Timetable

from .parts import MODULES

NEVER_H = 1_000_000_000
"""A mean stay so long that nobody leaves within the horizon: the share discharged rounds to nought."""


class TinyTravel(TravelTimes):
    """Journeys and trips written down one by one."""

    def __init__(self, journeys: list[tuple[int, Journey]], trips: Mapping[tuple[int, str, str, str], int]) -> None:
        self.by_key = {(state, j.vehicle_type, j.origin, j.destination): j for state, j in journeys}
        self.trips = dict(trips)

    def journeys(self, state: int, vehicle_type: str) -> Iterator[Journey]:
        for key in sorted(self.by_key):
            if key[:2] == (state, vehicle_type):
                yield self.by_key[key]

    def journey(self, state: int, vehicle_type: str, origin: str, destination: str) -> Journey | None:
        return self.by_key.get((state, vehicle_type, origin, destination))

    def trip_min(self, state: int, pool: str, from_terminal: str, to_terminal: str) -> int | None:
        return self.trips.get((state, pool, from_terminal, to_terminal))

    def region_minutes(self, region_a: str, region_b: str) -> int | None:
        """Any order will do: the cases let every region lend to every other."""
        return 60

    def path(self, state: int, journey: Journey) -> tuple[Leg, ...]:
        return ()


VEHICLES = (
    VehicleType("amb", "Ambulans", "Ambulance", "road", {"icu": 1, "stretcher": 1, "seated": 1}, 90, 15, 15, 0, 900,
                "region", ("icu", "stretcher", "seated")),
    VehicleType("bus", "Sjuktransportbuss", "Bus", "road", {"stretcher": 3, "seated": 6}, 80, 30, 30, 0, 900,
                "national", ()),
    VehicleType("ferry", "Färja", "Ferry", "ferry", {"icu": 2, "stretcher": 4}, 40, 30, 0, 0, 900, "scheduled", ()),
    VehicleType("plane", "Flygplan", "Aeroplane", "fixed_wing", {"icu": 2, "stretcher": 4}, 400, 30, 30, 0, 3000,
                "national", ()),
)  # fmt: skip

BEDS = (BedType("icu", "Intensivvård", "Intensive care"), BedType("ward", "Vårdavdelning", "Ward"))


def random_case(seed: int) -> tuple[Situation, TinyTravel, dict[str, Any]]:
    """A situation, its journeys and a model (families, goals, solver) with every option filled in."""
    rng = random.Random(seed)
    count = rng.randint(2, 4)
    sites = _sites(rng, count)
    regions = sorted({site.region for site in sites})
    periods = _periods(rng)
    categories = _categories(rng)
    pools = _pools(rng, regions)
    shape = (len(sites), len(periods))
    beds = np.array([[[rng.randint(0, 4)] * shape[1] for _ in sites] for _ in BEDS], dtype=np.int64)
    planned = np.array([[min(rng.randint(0, 2), int(beds[b, i, 0])) for i in range(shape[0])] for b in range(2)])
    surge = np.array([[[rng.choice((0, 0, 1, 2)) if t else 0 for t in range(shape[1])] for _ in sites] for _ in BEDS])
    staff = np.array([[[people] * shape[1] for people in (rng.randint(4, 20) for _ in sites)]])
    arrivals = np.array([[[rng.choice((0, 0, 0, 1, 2, 6)) for _ in periods] for _ in sites] for _ in categories])
    initial = np.array([[rng.randint(0, 3) for _ in sites] for _ in categories])
    quantity = np.array([[pool.quantity if t or rng.random() < 0.8 else 0 for t in range(shape[1])] for pool in pools])
    situation = Situation(
        scenario=f"random-{seed}", title_sv="Slumpat fall", title_en="Random case", marking="exercise",
        level="hospital", start=datetime(2026, 11, 23, 6), notice_sv="", notice_en="", assumptions_sv=(),
        assumptions_en=(), regions=tuple(Region(r, f"Region {r}", r, 60.0, 15.0) for r in regions),
        groupings={"civil_area": _areas(regions)}, sites=sites, periods=periods, bed_types=BEDS,
        professions=(Profession("nurse", "Sjuksköterskor", "Nurses", 500_000),), categories=categories,
        vehicle_types=VEHICLES, pools=pools, closures=(Closure(), Closure(modes=("fixed_wing",))),
        beds=frozen(beds), surge_beds=frozen(surge), planned_beds=frozen(planned), staff=frozen(staff),
        planned_staff=frozen(np.array([[rng.randint(0, 2) for _ in sites]])),
        arrivals_micro=frozen(arrivals * MICRO), initial_micro=frozen(initial * MICRO),
        pool_quantity=frozen(quantity),
        timetables={"L1": _some_time(seed, periods, [rng.randint(0, 2) for _ in periods])},
        input_hashes={"scenario/scenario.toml": f"{seed:064x}"},
    )  # fmt: skip
    return situation, _travel(rng, situation), _model(rng)


def sailing(periods: tuple[Period, ...], numbers: Iterable[int]) -> Timetable:
    """So many sailings in each period, all in its last minutes: whoever can leave in the period is in time."""
    ends = [60 * (period.start_h + period.length_h) for period in periods]
    return Timetable(0, tuple(tuple(range(end - number, end)) for end, number in zip(ends, numbers, strict=True)))


def _some_time(seed: int, periods: tuple[Period, ...], numbers: list[int]) -> Timetable:
    """So many sailings in each period, at any minute: some too soon after its beginning."""
    rng = random.Random(f"sailings {seed}")
    found = []
    for period, number in zip(periods, numbers, strict=True):
        begin, minutes = 60 * period.start_h, rng.sample(range(60 * period.length_h), number)
        found.append(tuple(sorted(begin + minute for minute in minutes)))
    return Timetable(60, tuple(found))


def frozen(values: np.ndarray) -> np.ndarray:
    result = np.ascontiguousarray(values, dtype=np.int64)
    result.setflags(write=False)
    return result


def _sites(rng: random.Random, count: int) -> tuple[PlanningSite, ...]:
    two_in_one = rng.random() < 0.4 and count > 2
    regions = [0, 0, *range(1, count - 1)] if two_in_one else list(range(count))
    return tuple(
        PlanningSite(f"h{i}", f"Sjukhus {i}", f"r{r}", rng.choice(("county", "university")),
                     ("burns",) if rng.random() < 0.6 else (), (f"h{i}",), f"h{i}")
        for i, r in enumerate(regions)
    )  # fmt: skip


def _periods(rng: random.Random) -> tuple[Period, ...]:
    lengths = [rng.choice((6, 12, 24)) for _ in range(rng.randint(2, 4))]
    periods, start, block, filled = [], 0, 0, 0
    for index, length in enumerate(lengths):
        periods.append(Period(index, start, length, block, int(index == 1 and rng.random() < 0.3)))
        start, filled = start + length, filled + length
        if filled >= 24:
            block, filled = block + 1, 0
    return tuple(periods)


def _categories(rng: random.Random) -> tuple[CareCategory, ...]:
    icu = CareCategory(
        "icu", "Intensivvård", "Intensive care", "icu", "icu", rng.randint(5, 10), NEVER_H, rng.choice((120, 240, 480)),
        ("amb", "ferry", "plane"), "burns" if rng.random() < 0.3 else "",
        rng.choice(("district", "county", "university")),
        {"conventional": {"nurse": MICRO}, "contingency": {"nurse": MICRO // 2}}, {"nurse": rng.choice((0, MICRO))},
    )  # fmt: skip
    ward = CareCategory(
        "ward", "Vårdavdelning", "Ward", "ward", "stretcher", rng.randint(1, 3), NEVER_H, rng.choice((240, 600)),
        rng.choice((("amb", "bus", "plane"), ("amb", "bus", "plane"), ("amb", "ferry", "plane"),
                    ("amb", "bus", "ferry", "plane"))), "", "district",
        {"conventional": {"nurse": MICRO // 2}, "contingency": {"nurse": MICRO // 4}}, {},
    )  # fmt: skip
    return (icu, ward) if rng.random() < 0.7 else (icu,)


def _pools(rng: random.Random, regions: list[str]) -> tuple[Pool, ...]:
    pools = [Pool(f"amb-{r}", "amb", r, r, 60.0, 15.0, rng.randint(0, 2)) for r in regions if rng.random() < 0.9]
    pools += [Pool(f"bus-{n}", "bus", regions[0], regions[0], 60.0, 15.0, 1) for n in range(rng.randint(0, 2))]
    if rng.random() < 0.7:
        pools.append(Pool("plane-0", "plane", regions[-1], regions[-1], 60.0, 15.0, 1))
    return tuple(sorted(pools, key=lambda pool: pool.code))


def _areas(regions: list[str]) -> tuple[Area, ...]:
    # an area may share a region with another, as Halland does
    middle = (len(regions) + 1) // 2
    return (Area("a1", "Område 1", tuple(regions[:middle])), Area("a2", "Område 2", tuple(regions[middle:])))


def _travel(rng: random.Random, situation: Situation) -> TinyTravel:
    journeys: list[tuple[int, Journey]] = []
    trips: dict[tuple[int, str, str, str], int] = {}
    region = {site.code: site.region for site in situation.sites}
    pools: dict[str, list[Pool]] = {}
    for pool in situation.pools:
        pools.setdefault(pool.vehicle_type, []).append(pool)
    for state in (0, 1):
        for one in region:
            for other in region:
                if one == other:
                    continue
                road = 60 * rng.randint(1, 8)
                for vehicle in ("amb", "bus"):
                    journeys.append((state, Journey(vehicle, one, other, road, one, other, 0, 0, "")))
                    for pool in pools.get(vehicle, ()):
                        if vehicle == "bus" or pool.region in (region[one], region[other]):
                            trips[state, pool.code, one, other] = 2 * road + 30 * rng.randint(0, 2)
                if state == 0:
                    start, end = f"air-{region[one]}", f"air-{region[other]}"
                    if start != end:
                        minutes = 60 * rng.randint(1, 3)
                        minutes = minutes if minutes < road or rng.random() < 0.05 else road - 30
                        journeys.append(
                            (0, Journey("plane", one, other, minutes, start, end, 30, rng.choice((0, 30)), ""))
                        )
                        for pool in pools.get("plane", ()):
                            trips.setdefault((0, pool.code, start, end), 60 * rng.randint(2, 6))
        codes = list(region)
        for one, other, start, end in (
            (codes[0], codes[-1], "port-a", "port-b"),
            (codes[-1], codes[0], "port-b", "port-a"),
        ):
            journeys.append((state, Journey("ferry", one, other, 60 * rng.randint(3, 12), start, end, 15, 15, "L1")))
    return TinyTravel(journeys, trips)


def _model(rng: random.Random) -> dict[str, Any]:
    families: dict[str, dict[str, Any]] = {
        "beds": {},
        "transports": {"trips_whole_until_h": "all", "patients_whole_until_h": "all",
                       "duty_share": rng.choice((0.5, 0.6, 1.0))},
        "travel_time": {"longest_journey_factor": rng.choice((1.0, 1.5)), "nearest": 10, "largest": 10},
    }  # fmt: skip
    if rng.random() < 0.8:
        families["capability"] = {}
    if rng.random() < 0.8:
        families["staff"] = {"contingency": rng.random() < 0.6, "within_region_share": 0.25}
        if rng.random() < 0.7:
            families["staff_loans"] = {
                "professions": ["nurse"], "share": rng.choice((0.1, 0.25, 0.5)), "yield_share": rng.choice((0.5, 1.0)),
                "shortest_stay_h": rng.choice((0, 24, 48)), "longest_stay_h": rng.choice((24, 48, 336)),
                "travel_h": rng.choice((0, 6, 12)), "partners": 10,
            }  # fmt: skip
    if rng.random() < 0.6:
        families["elective"] = {"steps": rng.choice((1, 2)), "largest_share": rng.choice((0.5, 1.0)),
                                "delay_h": rng.choice((0, 24))}  # fmt: skip
    if rng.random() < 0.4:
        families["areas"] = {"grouping": rng.choice(("civil_area", "region")),
                             "border": rng.choice(("open", "closed"))}  # fmt: skip
    if rng.random() < 0.5:
        families["reserve"] = {"grouping": rng.choice(("civil_area", "region")), "bed_types": ["icu"],
                               "free_share": rng.choice((0.25, 0.5))}  # fmt: skip
    return {
        "name": "random", "title_sv": "Slumpad", "title_en": "Random", "families": families,
        "goals": [{"name": "unmet_care", "slack_share": 0.0, "slack": 0.0}],
        "solver": {"time_limit_s": 60, "gap_share": 0.0, "seed": 0, "work_limit": 2000},  # to the proof
    }  # fmt: skip


def whole_case(seed: int) -> tuple[Situation, TinyTravel, dict[str, Any]]:
    """A case in which every family that the oracle has a part for may be on, and in every eighth all are.

    The model is one that the product has read: every option has its value.
    """
    situation, travel, model = random_case(seed)
    situation = with_room(random.Random(f"room {seed}"), situation)
    everything = seed % 8 == 0
    if everything:
        model["families"] = EVERYTHING | model["families"]
    for part in MODULES:
        rng = random.Random(f"{part.NAME} {seed}")  # its own, so that another part changes nothing here
        if everything or rng.random() < 0.33:
            situation, travel, model = part.draw(rng, situation, travel, model)
    if everything:  # with so many rules few could be moved: some of them are mild, and there is room once more
        situation = with_room(random.Random(f"more room {seed}"), situation)
        for name, options in MILD.items():
            model["families"][name] = model["families"][name] | options
    return situation, travel, model_from_dict(model, "random").as_dict()


def with_room(rng: random.Random, situation: Situation) -> Situation:
    """The same with four patients more of each category at one place, and at another beds and people for them.

    And with vehicles to go there. Nobody comes to places abroad, and groups are as large as they are.
    """
    here = [i for i, site in enumerate(situation.sites) if site.region not in situation.external_regions]
    i, j = rng.sample(here, 2) if len(here) > 1 else here * 2
    beds, staff, arrivals = situation.beds.copy(), situation.staff.copy(), situation.arrivals_micro.copy()
    beds[:, i] += 4
    staff[:, i] += 20
    arrivals[[k for k, one in enumerate(situation.categories) if not one.parent], j, rng.choice((0, 0, 1))] += 4 * MICRO
    more = {"beds": beds, "staff": staff, "arrivals_micro": arrivals,
            "pool_quantity": situation.pool_quantity + rng.choice((0, 2, 4))}  # fmt: skip
    return replace(situation, **{name: frozen(values) for name, values in more.items()})


MILD = {
    "areas": {"border": "open"},
    "travel_time": {"longest_journey_factor": 1.5},
    "reserve": {"free_share": 0.25, "region_bed_types": []},
    "stability": {"most_new": 8},
    "allowed_pairs": {"list": "forbid"},
    "reception": {"per_day_share": "off"},
    "batching": {"smallest_group": 2, "gap_h": "off"},
}
"""Options of the cases in which every family is on."""

EVERYTHING = {
    "capability": {},
    "elective": {"steps": 2, "largest_share": 0.5, "delay_h": 0},
    "staff": {"contingency": True, "within_region_share": 0.25},
    "staff_loans": {"professions": ["nurse"], "share": 0.5, "shortest_stay_h": 0, "travel_h": 0, "partners": 10},
}
