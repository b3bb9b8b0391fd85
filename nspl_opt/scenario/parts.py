"""Parts of a situation that only some scenarios have. Each has an empty value that means: none of it.

Quantities are integers; those ending in ``_micro`` are in millionths. Arrays are read-only int64.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class BedSubstitute:
    """Beds of type ``gives`` that may hold patients who need ``serves``, ``beds_micro`` beds per patient."""

    gives: str
    serves: str
    beds_micro: int
    sites: tuple[str, ...] = ()
    """Codes of planning sites; none: everywhere."""


@dataclass(frozen=True, slots=True)
class CarePath:
    """The share of those who leave a category that goes on to another one."""

    category: str
    next: str
    share_micro: int
    stage: bool = False
    """The next stage of the same stay: it always binds."""


@dataclass(frozen=True, slots=True, eq=False)
class Municipal:
    """Who waits for a municipal place after care, and how many can be taken."""

    ready_micro: np.ndarray
    """(category,) share of those who leave that needs a municipal place."""
    places_micro: np.ndarray
    """(region, period) patients who can be taken in the period."""
    limited: np.ndarray
    """(region,) bool; False: the region takes everybody."""


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """Equipment that is used and comes back, or supplies that are used up. ``kind`` is equipment or supply."""

    code: str
    name_sv: str
    name_en: str
    unit: str
    kind: str
    use_micro: Mapping[str, int]
    """Category -> units per patient cared for (equipment) or per patient-day (supply)."""
    held_micro: np.ndarray
    """(region,) at the start."""
    floor_micro: np.ndarray
    """(region,) units that never leave."""
    delivered_micro: np.ndarray
    """(region, period) delivered to the region."""
    national_micro: np.ndarray
    """(period,) released to whoever needs."""


@dataclass(frozen=True, slots=True, eq=False)
class SurgeUnit:
    """Surge beds that open as whole units at a planning site."""

    site: str
    bed_type: str
    stage: int
    units: int
    lead_h: int
    longest_h: int | None
    teardown_h: int
    opening_cost_micro: int
    standard: str
    beds: np.ndarray
    """(period,) beds of all its units together, injects applied."""


@dataclass(frozen=True, slots=True)
class PatientGroup:
    """Patients who move together or not at all. ``category`` is the group's own clone."""

    code: str
    category: str
    site: str
    period: int
    patients_micro: int


@dataclass(frozen=True, slots=True)
class ReceptionLimit:
    """So many patients a day may come to the sites together. ``bed_type`` may be "all"."""

    sites: tuple[str, ...]
    bed_type: str
    from_h: int
    to_h: int
    per_day_micro: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """A line with a state of ``extras.agreements.STATES``. ``kind`` is patients or staff."""

    code: str
    state: str
    kind: str
    from_sites: tuple[str, ...]
    to_sites: tuple[str, ...]
    from_region: str
    to_region: str
    what: str
    """Category or profession; "all" for what is declined."""
    vehicle_type: str
    from_h: int
    to_h: int
    amount_micro: int
    reason: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class RegionOffer:
    """What a region offers to ``give`` or ``take`` in a window. ``what``: category, bed type, profession or all."""

    region: str
    side: str
    what: str
    from_h: int
    to_h: int
    amount_micro: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of places on a list of pairs. ``category`` may be "all"."""

    from_sites: tuple[str, ...]
    to_sites: tuple[str, ...]
    category: str


@dataclass(frozen=True, slots=True)
class Costs:
    """What things cost, in millionths of the currency."""

    currency: str = "SEK"
    vehicle_hour: Mapping[str, int] = field(default_factory=dict)
    """Vehicle type -> one hour of one vehicle."""
    loan_day: Mapping[str, int] = field(default_factory=dict)
    """Profession -> one day of one person."""
    stock_move: Mapping[str, int] = field(default_factory=dict)
    """Stock -> one unit moved."""
    surge_bed_day: int = 0
    postponed_bed_day: int = 0
    journey_hour: int = 0
    """One patient, one hour on the way."""
