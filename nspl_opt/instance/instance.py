"""The instance: only sets and numbers from here on, indexed by integers in canonical order.

Indices: k category, i site, t period, d staff block, c profession, b bed type, r region,
v vehicle type, p pool, q run, a arc. All orders are those of the situation, or sorted by code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nspl_opt.scenario.situation import Situation


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

    def cells_out(self) -> dict[tuple[int, int, int], list[int]]:
        """(category, site, period of departure) -> cells."""
        found: dict[tuple[int, int, int], list[int]] = {}
        for index, cell in enumerate(self.cells):
            arc = self.arcs[cell.arc]
            found.setdefault((arc.category, arc.origin, cell.period), []).append(index)
        return found

    def cells_in(self) -> dict[tuple[int, int, int], list[int]]:
        """(category, site, period of arrival) -> cells."""
        found: dict[tuple[int, int, int], list[int]] = {}
        for index, cell in enumerate(self.cells):
            arc = self.arcs[cell.arc]
            found.setdefault((arc.category, arc.destination, cell.arrival), []).append(index)
        return found
