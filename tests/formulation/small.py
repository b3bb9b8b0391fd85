"""Tiny planning cases written in words, for tests whose every number can be checked by hand.

Nobody recovers unless a test says so, every road takes two hours, and nothing is there that is not asked for.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from nspl_opt.network.travel import Journey
from nspl_opt.pipeline import Made, plan_situation
from nspl_opt.reference.reference import MICRO, Area, CareCategory, Pool, Profession, Region
from nspl_opt.scenario.situation import Closure, Period, PlanningSite, Situation
from nspl_opt.solver.outcome import GoalOutcome, Outcome, is_plan
from nspl_opt.solver.stages import Search, run_stages

from ..oracle.cases import BEDS, NEVER_H, VEHICLES, TinyTravel, sailing

USUAL = [{"name": "unmet_care"}, {"name": "patient_hours_in_transit"}]
Numbers = int | float | Sequence[float]

ICU = CareCategory(
    "icu", "Intensivvård", "Intensive care", "icu", "icu", 10, NEVER_H, 480, ("amb", "plane", "ferry"), "", "district",
    {"conventional": {"nurse": MICRO}, "contingency": {"nurse": MICRO // 2}}, {},
)  # fmt: skip
WARD = CareCategory(
    "ward", "Vårdavdelning", "Ward", "ward", "stretcher", 1, NEVER_H, 480, ("amb", "bus", "plane", "ferry"), "",
    "district", {"conventional": {"nurse": MICRO // 2}, "contingency": {"nurse": MICRO // 4}}, {},
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A situation and its journeys."""

    situation: Situation
    travel: TinyTravel

    def but(self, **changes: Any) -> Case:
        """The same case with other fields of the situation."""
        return Case(replace(self.situation, **changes), self.travel)

    def having(self, **more: Any) -> Case:
        """The same case with more in its situation: lists become tuples, and arrays are whole numbers."""
        found = {}
        for name, value in more.items():
            if isinstance(value, np.ndarray):
                value = value.copy() if value.dtype == bool else value.astype(np.int64)
                value.setflags(write=False)
            found[name] = tuple(value) if isinstance(value, list) else value
        return self.but(**found)


def small(
    sites: Mapping[str, str],
    hours: Sequence[int] = (24,),
    categories: Iterable[CareCategory] = (ICU,),
    beds: Mapping[tuple[str, str], Numbers] = {},
    surge: Mapping[tuple[str, str], Numbers] = {},
    planned: Mapping[tuple[str, str], int] = {},
    staff: Mapping[str, Numbers] | int = 1000,
    planned_staff: Mapping[str, int] = {},
    on_duty: float = 0.5,
    initial: Mapping[tuple[str, str], float] = {},
    arrivals: Mapping[tuple[str, str], Numbers] = {},
    roads: Mapping[tuple[str, str], int] | None = None,
    journeys: Iterable[Journey] = (),
    fleet: Mapping[str, Numbers] | None = None,
    trips: Mapping[tuple[str, str, str], int] = {},
    departures: Numbers = 0,
    areas: Mapping[str, Sequence[str]] | None = None,
    levels: Mapping[str, str] = {},
    able: Mapping[str, tuple[str, ...]] = {},
) -> Case:  # fmt: skip
    """A case from words.

    ``sites`` names each site's region. Figures are for all periods alike or one per period; keys are
    (bed type, site), (category, site) or site. ``roads`` are minutes both ways (None: two hours between all).
    ``fleet`` counts vehicles per pool ``type-region``; None means ten ambulances in every region.
    ``trips`` are minutes per (pool, from, to), else twice the journey.
    """
    regions = sorted(set(sites.values()))
    codes, kinds = sorted(sites), [bed.code for bed in BEDS]
    categories = tuple(sorted(categories, key=lambda category: category.code))
    names = [category.code for category in categories]
    fleet = {f"amb-{region}": 10 for region in regions} if fleet is None else fleet
    pools = tuple(Pool(p, *p.split("-")[:2], p.split("-")[1], 60.0, 15.0, 1) for p in sorted(fleet))
    if isinstance(staff, int):
        staff = dict.fromkeys(codes, staff)

    def grid(rows: list[str], given: Mapping[tuple[str, str], Numbers], unit: int = 1) -> np.ndarray:
        return _whole(
            [[np.broadcast_to(given.get((row, site), 0), len(hours)) for site in codes] for row in rows], unit
        )

    case = Situation(
        scenario="small", title_sv="Litet fall", title_en="Small case", marking="exercise", level="hospital",
        start=datetime(2026, 11, 23, 6), notice_sv="", notice_en="", assumptions_sv=(), assumptions_en=(),
        regions=tuple(Region(r, f"Region {r}", r, 60.0, 15.0) for r in regions),
        groupings={"civil_area": tuple(
            Area(area, area, tuple(members)) for area, members in (areas or {r: (r,) for r in regions}).items()
        )},
        sites=tuple(
            PlanningSite(s, s.title(), sites[s], levels.get(s, "university"), able.get(s, ()), (s,), s) for s in codes
        ),
        periods=periods_of(hours), bed_types=BEDS,
        professions=(Profession("nurse", "Sjuksköterskor", "Nurses", round(on_duty * MICRO)),),
        categories=categories, vehicle_types=VEHICLES, pools=pools, closures=(Closure(),),
        beds=grid(kinds, beds), surge_beds=grid(kinds, surge),
        planned_beds=_whole([[planned.get((b, s), 0) for s in codes] for b in kinds]),
        staff=_whole([[np.broadcast_to(staff.get(s, 0), len(hours)) for s in codes]]),
        planned_staff=_whole([[planned_staff.get(s, 0) for s in codes]]),
        arrivals_micro=grid(names, arrivals, MICRO),
        initial_micro=_whole([[initial.get((k, s), 0) for s in codes] for k in names], MICRO),
        pool_quantity=_whole([np.broadcast_to(fleet[p], len(hours)) for p in sorted(fleet)]).reshape(-1, len(hours)),
        timetables={"L1": sailing(periods_of(hours), np.broadcast_to(departures, len(hours)))},
        input_hashes={"scenario/scenario.toml": "0" * 64},
    )  # fmt: skip
    return Case(case, _travel(case, roads, list(journeys), trips))


def periods_of(hours: Sequence[int]) -> tuple[Period, ...]:
    """Periods of these lengths, joined to staff blocks of 24 hours or more."""
    found, start, block, filled = [], 0, 0, 0
    for index, length in enumerate(hours):
        found.append(Period(index, start, length, block, 0))
        start, filled = start + length, filled + length
        if filled >= 24:
            block, filled = block + 1, 0
    return tuple(found)


def _whole(values: Any, unit: int = 1) -> np.ndarray:
    result = np.rint(np.asarray(values, dtype=float) * unit).astype(np.int64)
    result.setflags(write=False)
    return result


def _travel(s: Situation, roads: Mapping | None, more: list[Journey], trips: Mapping) -> TinyTravel:
    codes = [site.code for site in s.sites]
    if roads is None:
        roads = {(a, b): 120 for a in codes for b in codes if a < b}
    journeys = [
        Journey(vehicle, *ends, minutes, *ends, 0, 0, "")
        for pair, minutes in roads.items() for ends in (pair, pair[::-1]) for vehicle in ("amb", "bus")
    ] + more  # fmt: skip
    region = {site.code: site.region for site in s.sites}
    busy = {}
    for journey in journeys:
        ends = {region[journey.origin], region[journey.destination]}
        run = journey.from_terminal, journey.to_terminal
        for pool in s.pools:
            if pool.vehicle_type == journey.vehicle_type and (pool.vehicle_type != "amb" or pool.region in ends):
                busy[0, pool.code, *run] = trips.get((pool.code, *run), 2 * journey.minutes)
    return TinyTravel([(0, journey) for journey in journeys], busy)


def by_air(origin: str, destination: str, minutes: int, feeders: tuple[int, int] = (0, 0)) -> Journey:
    """A flight between the airfields of two sites."""
    return Journey("plane", origin, destination, minutes, f"air-{origin}", f"air-{destination}", *feeders, "")


def by_sea(origin: str, destination: str, minutes: int, feeders: tuple[int, int] = (0, 0)) -> Journey:
    """A crossing by the ferry line."""
    return Journey("ferry", origin, destination, minutes, f"port-{origin}", f"port-{destination}", *feeders, "L1")


@dataclass(frozen=True)
class Result:
    """A plan that the checker has accepted, with questions to ask of it."""

    made: Made

    def goal(self, name: str = "unmet_care") -> Any:
        """The value of a goal, to be compared; later goals may give back a millionth of it."""
        return pytest.approx(self.value(name), rel=1e-5, abs=1e-4)

    def value(self, name: str = "unmet_care") -> float:
        """The value of a goal as it is."""
        return next(goal.value for goal in self.made.plan.goals if goal.name == name)

    def rows(self, table: str, **where: Any) -> Any:
        """The rows of a table in which the columns have these values."""
        frame = self.made.plan.tables[table]
        for column, value in where.items():
            frame = frame[frame[column] == value]
        return frame

    def total(self, table: str, column: str, **where: Any) -> float:
        """The sum of a column over those rows."""
        return float(self.rows(table, **where)[column].sum())

    def moved(self, **where: Any) -> float:
        """Patients moved."""
        return self.total("transfers", "patients", **where)


def solve_here(matrix: Any, settings: dict[str, Any], *_: Any) -> Outcome:
    """The same search as in the solver's process, but in this one: quicker for tiny cases."""
    file = io.BytesIO()
    matrix.save(file)
    file.seek(0)
    with np.load(file) as parts:
        search = Search({n: parts[n] for n in parts.files}, settings, lambda: False, lambda _: None, lambda _: None)
    status = run_stages(search)
    assert search.plan is None or is_plan(matrix, search.plan)
    return Outcome(status, "", search.plan, tuple(GoalOutcome(**vars(goal)) for goal in search.reached), 0.0)


def model(
    families: Mapping[str, Mapping[str, Any]] | Iterable[str], goals: Iterable[Any] = (), solver: Mapping[str, Any] = {}
) -> dict[str, Any]:
    """A model of these families; goals are names or tables (else unmet care, then journeys)."""
    if not isinstance(families, Mapping):
        families = {name: {} for name in families}
    chosen = [{"name": goal} if isinstance(goal, str) else dict(goal) for goal in goals] or USUAL
    return {"families": {name: dict(options) for name, options in families.items()}, "goals": chosen,
            "solver": {"gap_share": 0.0, **solver}}  # fmt: skip


def planned(case: Case, families: Any = ("beds",), goals: Iterable[Any] = (), **solver: Any) -> Result:
    """The plan of a case; the independent checker must accept it, and no goal may beat its bound."""
    with patch("nspl_opt.pipeline.solve", solve_here):
        made = plan_situation(case.situation, case.travel, model(families, goals, solver))
    assert made.plan is not None, made.why
    assert made.check.ok, made.check.text("en")
    assert all(goal.bound <= goal.value + 1e-6 for goal in made.plan.goals)
    return Result(made)
