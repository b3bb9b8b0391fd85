"""Vehicle hours with their whole trips: what a solver needs to cut off halves of trips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyomo.environ as pyo

from nspl_opt.formulation.arrays import Columns


@dataclass(frozen=True, slots=True)
class HoursRows:
    """Rows of vehicle hours (G of them) in which whole trips are used (U uses). In a plan no trip is negative.

    Use ``u`` of row ``rows[group[u]]`` takes ``hours[u]`` [h] a trip; ``counted[u]`` terms count its trips, one
    after the other: ``factor`` times variable number ``at`` of ``variables[which]``.
    """

    rows: list[Any]
    limit: np.ndarray
    group: np.ndarray
    hours: np.ndarray
    counted: np.ndarray
    variables: tuple[Columns, ...]
    which: np.ndarray
    at: np.ndarray
    factor: np.ndarray


@dataclass(frozen=True, slots=True)
class _Counts:
    """Terms that count trips: of trip ``trip``, ``factor`` times a variable, which is ``whole`` or not."""

    trip: np.ndarray
    which: np.ndarray
    at: np.ndarray
    factor: np.ndarray
    whole: np.ndarray


def hours_rows(m: pyo.ConcreteModel) -> HoursRows:
    """Rows of pools' hours in which whole trips are counted. The model has the family ``transports``."""
    made, hours = m.inst.made, m.inst.hours
    counts = _counts(m)
    ends = np.searchsorted(counts.trip, np.arange(len(made.pool) + 1))
    whole = np.ones(len(made.pool), dtype=bool)
    whole[counts.trip[~counts.whole]] = False
    shorter = np.minimum(made.hours, hours[made.period])
    ways = (("transports.vehicles", np.arange(len(hours)), shorter), ("transports.duty", m.inst.block, made.hours))
    rows, groups, trips, taken = [], [], [], []
    for name, time_of, per_trip in ways:
        writer = m.writers[name]
        place = writer.index.places(made.pool, time_of[made.period])
        row = np.where(place < 0, -1, np.append(writer.numbers, -1)[place])
        used = np.flatnonzero((row >= 0) & whole)
        used = used[np.argsort(row[used], kind="stable")]
        own, group = np.unique(row[used], return_inverse=True)
        groups.append(group + len(rows))
        rows += [(writer.component, number) for number in own.tolist()]
        trips.append(used)
        taken.append(per_trip[used])
    used = np.concatenate(trips)
    counted = np.diff(ends)[used]
    of_use = np.repeat(ends[used] - np.cumsum(counted) + counted, counted) + np.arange(counted.sum())
    listed = {id(one): list(one.values()) for one, _ in rows}
    return HoursRows(
        rows=[listed[id(one)][number] for one, number in rows],
        limit=np.array([one.row_upper[number] for one, number in rows], dtype=float),
        group=np.concatenate(groups),
        hours=np.concatenate(taken),
        counted=counted,
        variables=(m.move, m.transports.trips),
        which=counts.which[of_use],
        at=counts.at[of_use],
        factor=counts.factor[of_use],
    )


def _counts(m: pyo.ConcreteModel) -> _Counts:
    """The terms of every trip: its column, or the patients of the run less the other pools' trips."""
    parts = list(_parts(m))
    order = np.argsort(np.concatenate([part.trip for part in parts]), kind="stable")
    return _Counts(*(np.concatenate([getattr(part, one.name) for part in parts])[order] for one in fields(_Counts)))


def _parts(m: pyo.ConcreteModel) -> Iterator[_Counts]:
    riding, trips, (own,) = m.transports.riding, m.transports.trips, m.transports.trips.axes
    yield _Counts(own, np.ones_like(own), np.arange(len(own)), np.ones(len(own)), trips.whole)
    rides, relieves = np.flatnonzero(riding.cell_trip >= 0), np.flatnonzero(riding.own_trip >= 0)
    implied = riding.cell_trip[rides]
    yield _Counts(implied, np.zeros_like(implied), rides, riding.fills[rides], m.move.whole[rides])
    implied = riding.own_trip[relieves]
    yield _Counts(implied, np.ones_like(implied), relieves, np.full(len(relieves), -1.0), trips.whole[relieves])
