"""The situation a plan is made for: reference and scenario brought to one grid of sites and periods.

Everything a planner may rely on, and nothing of any solver: the model is built from it, and the
independent checker re-verifies every plan against it. All quantities are integers; those ending
in ``_micro`` are in millionths. Arrays have the axes their comment states, in the order of the
tuples ``bed_types``, ``professions``, ``categories``, ``sites``, ``periods``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, getcontext
from functools import cache, cached_property

import numpy as np

from nspl_opt.reference.reference import (
    MICRO,
    Area,
    BedType,
    CareCategory,
    Pool,
    Profession,
    Region,
    VehicleType,
)
from nspl_opt.scenario.parts import (
    Agreement,
    BedSubstitute,
    CarePath,
    Costs,
    Municipal,
    Pair,
    PatientGroup,
    ReceptionLimit,
    RegionOffer,
    Stock,
    SurgeUnit,
)


@dataclass(frozen=True, slots=True)
class Period:
    """A period of the grid: starts ``start_h`` [h] after the start, lasts ``length_h`` [h].

    ``block`` numbers the staff blocks: consecutive periods joined until they last 24 h or more.
    ``network_state`` numbers the set of closures in force (0 is the first met).
    """

    index: int
    start_h: int
    length_h: int
    block: int
    network_state: int


@dataclass(frozen=True, slots=True)
class PlanningSite:
    """A place with capacity: a hospital, or a region taken as one (then ``code`` is the region's).

    ``hospitals`` are the reference sites it stands for; ``node`` and the position are those of the
    largest of them. ``level`` is the highest of theirs, ``capabilities`` their union.
    """

    code: str
    name: str
    region: str
    level: str
    capabilities: tuple[str, ...]
    hospitals: tuple[str, ...]
    place: str
    """The reference site (hospital code) whose position and roads stand for this site."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What cannot be used in one network state: links, ferry lines, whole modes, places."""

    links: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    """Sites, airfields or nodes where no transfer may start, end or pass."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a ferry line sails, from each end alike, what is closed taken out.

    ``sailings_min`` are per period the minutes of departure [min after the start], in order. Who
    goes along is at the port when loading begins, ``loading_min`` [min] before.
    """

    loading_min: int
    sailings_min: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Situation:
    """Sets and numbers of one planning case. Immutable; arrays are read-only int64."""

    scenario: str
    title_sv: str
    title_en: str
    marking: str
    level: str
    start: datetime
    notice_sv: str
    notice_en: str
    assumptions_sv: tuple[str, ...]
    assumptions_en: tuple[str, ...]

    regions: tuple[Region, ...]
    groupings: Mapping[str, tuple[Area, ...]]
    sites: tuple[PlanningSite, ...]
    periods: tuple[Period, ...]
    bed_types: tuple[BedType, ...]
    professions: tuple[Profession, ...]
    categories: tuple[CareCategory, ...]
    """Only the categories that occur in the scenario, with the scenario's own changes applied."""
    vehicle_types: tuple[VehicleType, ...]
    """With the scenario's own mobilisation."""
    pools: tuple[Pool, ...]
    closures: tuple[Closure, ...]
    """One per network state, in the order of ``Period.network_state``."""

    beds: np.ndarray
    """(bed_type, site, period) staffed beds, those of planned care included [beds]."""
    surge_beds: np.ndarray
    """(bed_type, site, period) beds beyond the staffed ones that can be open in the period [beds]."""
    planned_beds: np.ndarray
    """(bed_type, site) beds that planned care holds when nothing is postponed [beds]."""
    staff: np.ndarray
    """(profession, site, period) people in inpatient care, those in planned care included."""
    planned_staff: np.ndarray
    """(profession, site) people in planned care when nothing is postponed."""
    arrivals_micro: np.ndarray
    """(category, site, period) patients who come during the period [patients / 1e6]."""
    initial_micro: np.ndarray
    """(category, site) patients already present and cared for at the start [patients / 1e6]."""
    pool_quantity: np.ndarray
    """(pool, period) vehicles that may be used for transfers; 0 before mobilisation."""
    timetables: Mapping[str, Timetable]
    """Ferry line -> when it sails."""
    input_hashes: Mapping[str, str]
    """File (relative name) -> SHA-256 of what was read, reference and scenario."""

    bed_substitutes: tuple[BedSubstitute, ...] = ()
    crisis_open: np.ndarray | None = None
    """(site, period) bool, where the crisis standard is unlocked; None: nowhere."""
    leave_micro: np.ndarray | None = None
    """(category, period) share of the cared-for that leaves; None: geometric stays. Read by ``leaves``."""
    paths: tuple[CarePath, ...] = ()
    municipal: Municipal | None = None
    stocks: tuple[Stock, ...] = ()
    surge_units: tuple[SurgeUnit, ...] = ()
    """By site, bed type and stage: the units that ``surge_beds`` are made of."""
    groups: tuple[PatientGroup, ...] = ()
    reception: tuple[ReceptionLimit, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    offers: tuple[RegionOffer, ...] = ()
    pairs: tuple[Pair, ...] = ()
    external_regions: frozenset[str] = frozenset()
    """Regions that are places abroad."""
    neighbours: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    """Grouping -> ordered pairs of areas that touch."""
    entries: frozenset[str] = frozenset()
    """Planning sites where patients only arrive."""
    origin_micro: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Origin class -> (category, site, period), adding up to ``arrivals_micro``; none: all civilian."""
    unknown_patients: int = 0
    """Patients left out because they are not known of yet [patients / 1e6]."""
    costs: Costs = field(default_factory=Costs)

    def leaves(self) -> np.ndarray:
        """(category, period) share of the cared-for that leaves during a period [1e-6], read-only int64."""
        return self._geometric if self.leave_micro is None else self.leave_micro

    @cached_property
    def _geometric(self) -> np.ndarray:
        shares = [[discharge_micro(c.mean_stay_h, p.length_h) for p in self.periods] for c in self.categories]
        found = np.array(shares, dtype=np.int64).reshape(len(self.categories), len(self.periods))
        found.setflags(write=False)
        return found

    @cached_property
    def departures(self) -> Mapping[str, np.ndarray]:
        """Ferry line -> (period,) departures from each end during the period."""
        found = {}
        for line, table in self.timetables.items():
            found[line] = np.array([len(sailings) for sailings in table.sailings_min], dtype=np.int64)
            found[line].setflags(write=False)
        return found

    @property
    def block_hours(self) -> tuple[int, ...]:
        """Length of each staff block [h]."""
        hours = [0] * (self.periods[-1].block + 1)
        for period in self.periods:
            hours[period.block] += period.length_h
        return tuple(hours)

    def same_area(self, grouping: str, one: str, other: str) -> bool:
        """Whether two regions share an area of the grouping; ``"region"`` means the region itself."""
        if one == other:
            return True
        return any(one in area.regions and other in area.regions for area in self.groupings.get(grouping, ()))


@cache
def discharge_micro(mean_stay_h: int, length_h: int) -> int:
    """Share of the cared-for that leaves during a period, in millionths: 1 - exp(-length / mean stay).

    A geometric stay: the chance to leave does not depend on the days already spent. Rounded half
    to even, computed with 28 digits, so that model and checker mean the very same number.
    """
    getcontext().prec = 28
    share = 1 - (Decimal(-length_h) / Decimal(mean_stay_h)).exp()
    return int((share * MICRO).to_integral_value(rounding=ROUND_HALF_EVEN))


def arrival_period(periods: tuple[Period, ...], departure: int, minutes: int) -> int | None:
    """Index of the period in which a journey ends that starts in the middle of ``departure``.

    None when it ends after the horizon: such a journey is not offered.
    """
    leave_x2 = (2 * periods[departure].start_h + periods[departure].length_h) * 60  # half minutes
    arrive_x2 = leave_x2 + 2 * minutes
    for period in periods[departure:]:
        if arrive_x2 < 2 * 60 * (period.start_h + period.length_h):
            return period.index
    return None
