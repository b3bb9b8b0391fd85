"""What the country is: regions, groupings, sites, beds, staff, fleets and its network.

Everything is immutable and sorted by key. Nothing here names a country: another package of the
same shape makes another country. Shares and ratios are integers in millionths (``_micro``), so
that code which checks a plan can compute exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MICRO = 1_000_000
"""One unit in millionths; every ``_micro`` figure is an integer multiple of it."""

PATIENT_KINDS = ("icu", "stretcher", "seated")
STANDARDS = ("conventional", "contingency", "crisis")
"""Standards of care. A category without people per patient for ``crisis`` cannot be cared for by it."""
MODES = ("road", "rail", "ferry", "fixed_wing", "helicopter")
HOSPITAL_LEVELS = ("district", "county", "university")


@dataclass(frozen=True, slots=True)
class Region:
    """A self-governing region. ``node`` is the road node of its seat."""

    code: str
    name: str
    node: str
    lat: float
    lon: float
    country: str = ""
    """Where it is when it is a place abroad, which only a scenario adds; empty at home."""


@dataclass(frozen=True, slots=True)
class Area:
    """One area of a grouping (a civil area, a healthcare region): a name and its member regions."""

    code: str
    name: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """A hospital. ``level`` is one of HOSPITAL_LEVELS; ``access_min`` [min] leads to its road node."""

    code: str
    name: str
    region: str
    level: str
    lat: float
    lon: float
    node: str
    access_min: int
    has_helipad: bool
    capabilities: tuple[str, ...]
    entry: bool = False
    """A place without beds where patients only arrive, which only a scenario adds."""


@dataclass(frozen=True, slots=True)
class BedType:
    """A kind of bed (icu, ward, burns)."""

    code: str
    name_sv: str
    name_en: str


@dataclass(frozen=True, slots=True)
class BedStock:
    """Beds of one type at one site [beds]. ``planned`` of the ``staffed`` hold planned care."""

    site: str
    bed_type: str
    staffed: int
    planned: int


@dataclass(frozen=True, slots=True)
class SurgeStage:
    """Beds that can be opened beyond the staffed ones, ``lead_h`` [h] after the start.

    ``unit_beds`` of them open together (None: all), for at most ``longest_h`` (None: any time); a unit that has
    closed stays so for ``teardown_h``. ``standard`` is that of the care there.
    """

    site: str
    bed_type: str
    stage: int
    beds: int
    lead_h: int
    unit_beds: int | None = None
    longest_h: int | None = None
    teardown_h: int = 0
    opening_cost_micro: int = 0
    standard: str = "conventional"


@dataclass(frozen=True, slots=True)
class Profession:
    """A staff group. ``on_duty_micro`` of its people are at work at any one time."""

    code: str
    name_sv: str
    name_en: str
    on_duty_micro: int


@dataclass(frozen=True, slots=True)
class StaffStock:
    """People of one profession in inpatient care at one site; ``planned`` of them in planned care."""

    site: str
    profession: str
    people: int
    planned: int


@dataclass(frozen=True, slots=True)
class CareCategory:
    """A category of patients: what they need, how long they stay, how they may travel.

    ``mean_stay_h`` [h] of a geometric stay; ``longest_journey_min`` [min] door to door;
    ``staff_micro[standard][profession]`` people on duty per patient; ``escort_micro[profession]``
    people of the sender's that travel with each patient.
    """

    code: str
    name_sv: str
    name_en: str
    bed_type: str
    patient_kind: str
    severity_weight: int
    mean_stay_h: int
    longest_journey_min: int
    vehicle_types: tuple[str, ...]
    capability: str
    minimum_level: str
    staff_micro: Mapping[str, Mapping[str, int]]
    escort_micro: Mapping[str, int]
    parent: str = ""
    """The category whose stage or group it is, made by a scenario; empty for those of the package."""
    stage: tuple[int, int] | None = None
    """Number of the stage and how many there are."""

    def is_called(self, code: str) -> bool:
        """Whether the code of a category means this one: its own, or its parent's where it is a stage."""
        return code == self.code or (self.stage is not None and code == self.parent)

    @property
    def takes_arrivals(self) -> bool:
        """Whether patients who come begin here: not in a later stage, nor in a group, which is there or not."""
        return not self.parent or (self.stage is not None and self.stage[0] == 1)


@dataclass(frozen=True, slots=True)
class VehicleType:
    """A kind of vehicle. ``capacity[kind]`` patients of one kind alone (the kinds are alternatives).

    ``scope`` is ``region`` (pools serve journeys from or to their own region and stand close to
    every site of it), ``national`` (pools go anywhere from their base) or ``scheduled`` (runs by
    timetable on its line, no pool). ``feeder_for`` lists the patient kinds that this type drives
    between a site and a terminal.
    """

    code: str
    name_sv: str
    name_en: str
    mode: str
    capacity: Mapping[str, int]
    speed_kmh: int
    loading_min: int
    turnaround_min: int
    mobilisation_min: int
    range_km: int
    scope: str
    feeder_for: tuple[str, ...]

    @property
    def carries_several(self) -> bool:
        """Whether trips must be assembled: more than one patient of some kind fits."""
        return max(self.capacity.values()) > 1


@dataclass(frozen=True, slots=True)
class Pool:
    """Vehicles of one type at one base, of which ``quantity`` may be used for transfers."""

    code: str
    vehicle_type: str
    region: str
    node: str
    lat: float
    lon: float
    quantity: int


@dataclass(frozen=True, slots=True)
class Node:
    """A place on the road or rail network."""

    code: str
    name: str
    region: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Link:
    """A road or rail link, the same both ways. ``mode`` is ``road`` or ``rail``."""

    code: str
    mode: str
    a: str
    b: str
    km: float
    minutes: float
    name: str


@dataclass(frozen=True, slots=True)
class FerryLine:
    """A ferry line, both ways. ``departures_min`` [min after midnight] from each end alike."""

    code: str
    a: str
    b: str
    name: str
    minutes: int
    loading_min: int
    departures_min: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Airfield:
    """An airfield that aircraft and helicopters may use, ``road_min`` [min] from its road node."""

    code: str
    name: str
    node: str
    road_min: int
    lat: float
    lon: float
    fixed_wing: bool


@dataclass(frozen=True, slots=True)
class Population:
    """Inhabitants of a region on a date (ISO)."""

    region: str
    date: str
    inhabitants: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference package, read and checked. Tuples are sorted by code, mappings by key."""

    name: str
    title: str
    version: str
    notice_sv: str
    notice_en: str
    regions: tuple[Region, ...]
    groupings: Mapping[str, tuple[Area, ...]]
    sites: tuple[Site, ...]
    bed_types: tuple[BedType, ...]
    beds: tuple[BedStock, ...]
    surge: tuple[SurgeStage, ...]
    professions: tuple[Profession, ...]
    staff: tuple[StaffStock, ...]
    categories: tuple[CareCategory, ...]
    vehicle_types: tuple[VehicleType, ...]
    pools: tuple[Pool, ...]
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    ferries: tuple[FerryLine, ...]
    airfields: tuple[Airfield, ...]
    population: tuple[Population, ...]
    geometry: Path
    """GeoJSON with one feature per region (property ``region``), SWEREF 99 TM or WGS 84 as its name says."""
