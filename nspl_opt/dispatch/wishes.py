"""What the plan wants driven within the hours: whole trips and whole patients, run by run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nspl_opt.network.travel import TravelTimes
from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO, CareCategory, Pool, Reference, VehicleType
from nspl_opt.scenario.situation import PlanningSite, Situation


@dataclass(frozen=True)
class Case:
    """A plan with everything it was made from, and the hours to dispatch [h]."""

    plan: Plan
    situation: Situation
    travel: TravelTimes
    reference: Reference
    hours: int
    vehicles: Mapping[str, VehicleType] = field(init=False)
    pools: Mapping[str, Pool] = field(init=False)
    sites: Mapping[str, PlanningSite] = field(init=False)
    categories: Mapping[str, CareCategory] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("vehicles", "pools", "sites", "categories"):
            source = "vehicle_types" if name == "vehicles" else name
            object.__setattr__(self, name, {one.code: one for one in getattr(self.situation, source)})

    def span(self, period: int) -> tuple[int, int]:
        """First minute of a period and first one after it [min after the start]."""
        one = self.situation.periods[period]
        return 60 * one.start_h, 60 * (one.start_h + one.length_h)

    def period_at(self, minute: int) -> int:
        """The period a minute lies in; after the last one, the number of periods."""
        for period in self.situation.periods:
            if minute < 60 * (period.start_h + period.length_h):
                return period.index
        return len(self.situation.periods)


@dataclass(frozen=True, slots=True)
class TripRow:
    """Whole trips of one row of the plan's table of trips."""

    id: str
    pool: str
    trips: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Rider:
    """Whole patients of one row of the plan's table of transfers, with the minutes of their journey.

    ``before`` and ``after`` [min] are the feeder legs, ``line`` what lies between: loading to unloading.
    """

    id: str
    category: str
    kind: str
    weight: int
    patients: int
    from_site: str
    to_site: str
    from_region: str
    to_region: str
    before: int
    line: int
    after: int
    arrival_period: int


@dataclass(frozen=True, slots=True)
class Group:
    """All trips and patients of one vehicle type between two terminals in one period."""

    vehicle_type: str
    from_terminal: str
    to_terminal: str
    line: str
    period: int
    trips: tuple[TripRow, ...]
    riders: tuple[Rider, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What is not driven: trips or patients, of which row of the plan, how many and why."""

    what: str
    id: str
    reason: str
    amount_micro: int
    window: tuple[int, int] | None = None
    minutes: int = 0


def read_wishes(case: Case) -> tuple[tuple[Group, ...], list[Left]]:
    """Groups in order of period, vehicle type and terminals, and the fractions that nobody can drive."""
    left: list[Left] = []
    trips: dict[tuple, list[TripRow]] = {}
    riders: dict[tuple, list[Rider]] = {}
    for row in _rows(case, "trips"):
        whole = _whole(left, "trips", row.id, row.trips)
        trips.setdefault(_key(row), []).append(TripRow(row.id, row.pool, whole, int(row.minutes)))
    for row in _rows(case, "transfers"):
        whole = _whole(left, "patients", row.id, row.patients)
        riders.setdefault(_key(row), []).append(_rider(case, row, whole))
    groups = []
    for key in sorted(set(trips) | set(riders)):
        period, vehicle, start, end, line = key
        groups.append(Group(vehicle, start, end, line, period, tuple(trips.get(key, ())), tuple(riders.get(key, ()))))
    return tuple(groups), left


def _rows(case: Case, table: str) -> Iterator[Any]:
    within = {period.index for period in case.situation.periods if period.start_h < case.hours}
    return (row for row in case.plan.tables[table].itertuples(index=False) if int(row.period) in within)


def _key(row: Any) -> tuple:
    return int(row.period), row.vehicle_type, row.from_terminal, row.to_terminal, row.line


def _whole(left: list[Left], what: str, name: str, value: float) -> int:
    """The whole part; the rest, if any, is left."""
    whole, rest = divmod(round(value * MICRO), MICRO)
    if rest:
        left.append(Left(what, name, "expected_value", rest))
    return whole


def _rider(case: Case, row: Any, patients: int) -> Rider:
    state = case.situation.periods[int(row.period)].network_state
    journey = case.travel.journey(state, row.vehicle_type, row.from_site, row.to_site)
    if journey is None:
        raise ValueError(f"{row.id}: no such journey; the plan does not pass its checks")
    category = case.categories[row.category]
    before, after = journey.feeder_from_min, journey.feeder_to_min
    return Rider(
        row.id, row.category, category.patient_kind, category.severity_weight, patients,
        row.from_site, row.to_site, row.from_region, row.to_region,
        before, journey.minutes - before - after, after, int(row.arrival_period),
    )  # fmt: skip
