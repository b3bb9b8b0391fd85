"""The instance: only sets and numbers from here on, indexed by integers in canonical order.

Indices: k category, i site, t period, d staff block, c profession, b bed type, r region,
v vehicle type, p pool, q run, a arc. All orders are those of the situation, or sorted by code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np

from nspl_opt.instance.paths import Step
from nspl_opt.scenario.situation import Situation

ALWAYS = -1
"""In the place of a period: all of them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One possible transfer in one period: the column ``move[arc, period]``.

    ``run`` says from which terminal to which. ``feeder_h`` are (pool, hours per patient).
    """

    arc: int
    period: int
    arrival: int
    minutes: int
    run: int
    feeder_h: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Arc:
    """A transfer that is offered: category, sending and receiving site, vehicle type."""

    category: int
    origin: int
    destination: int
    vehicle_type: int


@dataclass(frozen=True, slots=True)
class Run:
    """Trips of one vehicle type between two terminals (``line``: the ferry line that sails them)."""

    vehicle_type: int
    from_terminal: str
    to_terminal: str
    line: str


@dataclass(frozen=True, slots=True)
class TripCell:
    """Trips of one pool on one run in one period: the column ``trips[index]``. ``pool`` -1: scheduled.

    ``implied`` trips have no column: they are the patients of the run less the trips of other pools.
    """

    run: int
    pool: int
    period: int
    hours: float
    minutes: int
    implied: bool = False


@dataclass(frozen=True)
class Moves:
    """Cells as arrays, one number each: what ``Arc`` and ``Cell`` say, and the feeder legs one by one."""

    category: np.ndarray
    origin: np.ndarray
    destination: np.ndarray
    vehicle_type: np.ndarray
    period: np.ndarray
    arrival: np.ndarray
    minutes: np.ndarray
    run: np.ndarray
    fed_cell: np.ndarray
    """(leg,) cell of which it is part."""
    fed_pool: np.ndarray
    fed_hours: np.ndarray
    """(leg,) hours per patient [h]."""


@dataclass(frozen=True)
class Trips:
    """Trips as arrays, one number each: what ``TripCell`` says."""

    run: np.ndarray
    pool: np.ndarray
    period: np.ndarray
    hours: np.ndarray
    implied: np.ndarray


@dataclass(frozen=True)
class Instance:
    """Sets and numbers of one model. Floats are exact multiples of a millionth where data are."""

    situation: Situation
    site_region: np.ndarray
    """(site,) index of its region."""
    region_sites: tuple[tuple[int, ...], ...]
    bed_of: np.ndarray
    """(category,) bed type it needs."""
    weight: np.ndarray
    """(category,) severity weight."""
    discharge: np.ndarray
    """(category, period) share of the cared-for that leaves in the period."""
    arrivals: np.ndarray
    """(category, site, period) [patients]."""
    initial: np.ndarray
    """(category, site) [patients]."""
    free_beds: np.ndarray
    """(bed_type, site, period) staffed + surge - planned [beds]."""
    planned_beds: np.ndarray
    """(bed_type, site, period) staffed beds that planned care holds if not postponed [beds]."""
    can_care: np.ndarray
    """(category, site) whether the site may care for the category at all."""
    hours: np.ndarray
    """(period,) [h]."""
    block: np.ndarray
    """(period,) staff block."""
    block_hours: np.ndarray
    """(block,) [h]."""
    arcs: tuple[Arc, ...]
    cells: tuple[Cell, ...]
    runs: tuple[Run, ...]
    trips: tuple[TripCell, ...]
    pool_hours: np.ndarray
    """(pool, period) vehicle hours there are [h]."""
    pruned: Mapping[str, int]
    steps: tuple[Step, ...] = ()
    """Care paths that bind."""
    why_not: Mapping[tuple[int, ...], str] = field(default_factory=dict)
    """(category, origin, destination, vehicle type, period or ``ALWAYS``) of what ``Offer.keep`` names -> why it is not
    offered."""

    @cached_property
    def block_start(self) -> np.ndarray:
        """(staff block,) its first period."""
        return np.searchsorted(self.block, np.arange(len(self.block_hours)))

    @cached_property
    def moves(self) -> Moves:
        """The cells as arrays."""
        arcs = _columns_of(self.arcs, "category", "origin", "destination", "vehicle_type")
        arc, *rest = _columns_of(self.cells, "arc", "period", "arrival", "minutes", "run")
        fed = [(n, legs) for n, legs in enumerate(map(attrgetter("feeder_h"), self.cells)) if legs]
        legs = [leg for _, some in fed for leg in some]
        return Moves(
            *(part[arc] for part in arcs), *rest,
            fed_cell=np.repeat([n for n, _ in fed], [len(some) for _, some in fed]).astype(np.int64),
            fed_pool=np.array([pool for pool, _ in legs], dtype=np.int64),
            fed_hours=np.array([hours for _, hours in legs], dtype=float),
        )  # fmt: skip

    @cached_property
    def made(self) -> Trips:
        """The trips as arrays."""
        run, pool, period, implied = _columns_of(self.trips, "run", "pool", "period", "implied")
        hours = np.fromiter(map(attrgetter("hours"), self.trips), float, len(self.trips))
        return Trips(run, pool, period, hours, implied.astype(bool))


def _columns_of(some: Sequence[Any], *names: str) -> list[np.ndarray]:
    """Fields of many objects, an array of whole numbers each."""
    return [np.fromiter(map(attrgetter(name), some), np.int64, len(some)) for name in names]
