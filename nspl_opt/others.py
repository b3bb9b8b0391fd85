"""What a region may be told of what it does not own: a what-if reckoned with the others' room in rough steps.

Answers that are rounded can be bisected: many fine questions add up to a neighbour's beds. So here the figures that
the answer comes from are rounded, before anything is solved. What the others have left beside the plan, in beds,
people and vehicles, is rounded to 1, 3.2, 10, 32 and so on, and its course over time to quarters of that: down for the
most that may come to lack, up for the least, where something is taken away. Every answer is then the same for all
neighbours who round alike, whatever is asked and however often.

The plan itself stays what it is: what it gives the region it gives here too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nspl_opt.scenario.what_if import Amount, Beds, Declines, Staff, WhatIf
from nspl_opt.solver.change import MatrixChange

STEPS = 2
"""Steps of room to a power of ten: 1, 3.2, 10, 32, 100."""
RATIO = 10 ** (1 / STEPS)
"""What is left is reckoned as up to so many times less than it is. With a little more than 3, whoever knows the step
and guesses as well as can be is 20 % off or more for half of all truths; with 2.5 it is 18 %, with 2 14 %."""
PARTS = 4
"""Room in a period is a whole number of such parts of the mean room."""
LEAST = 0.1
"""Less room than this, in the mean, is none [beds, people, vehicle hours]."""
SMALLEST = 1e-3
"""Coefficients below are nothing: solvers misread them."""

RULES = {
    "beds.capacity": ("beds", "site", 1, 0),
    "bed_substitution.share": ("beds", "site", 1, 0),
    "reserve.floor": ("beds", "area", 0, 1),
    "reserve.region_floor": ("beds", "region", 0, 1),
    "reserve.helper": ("beds", "region", 0, 1),
    "staff.region": ("staff", "region", 1, 0),
    "staff.site": ("staff", "region", 1, 0),
    "staff_loans.share": ("loans", "region", 1, 0),
    "discharge_ready.places": ("places", "region", 0, 0),
    "reception.intake": ("intake", "limit", 0, 0),
    "transports.vehicles": ("vehicles", "pool", 0, 0),
    "transports.duty": ("vehicles", "pool", 0, 0),
}
"""Rule -> what it limits, what its rows are of, the axis of the key that says of which, and the axis that says of what
kind. Rules that limit the same of the same leave the same room, that of the scarcest: two roundings of one secret would
tell more of it than one."""
RAISED = (("elective", "step"), ("surge", "open"))
"""Variables that make room when they are raised: planned care postponed, units opened."""


def round_room(amount: float) -> float:
    """The largest of the steps that is not more than an amount; 0 of less than ``LEAST``."""
    if amount < LEAST:
        return 0.0
    # A hair below a step is that step: logarithms are not exact.
    return float(10 ** (math.floor(STEPS * math.log10(amount) + 1e-9) / STEPS))


def takes_away(what_ifs: Sequence[WhatIf]) -> bool:
    """Whether nothing can be better with these changes: fewer beds, fewer people, a no."""
    return all(isinstance(one, Declines) or (isinstance(one, Beds | Staff) and _fewer(one.amount)) for one in what_ifs)


def _fewer(amount: Amount) -> bool:
    return amount.added < 0 if amount.added is not None else amount.factor is not None and amount.factor <= 1


def with_rough_room(living: Any, change: MatrixChange, region: str, up: bool = False) -> MatrixChange:
    """The change, and the others' room rounded with it, for a region that asks.

    Parameters
    ----------
    living
        The case, its base solved with a plan: room is what that plan leaves.
    change
        What the region would have otherwise.
    region
        Code of the region: its own rows stay exact.
    up
        Round up, so that the others have rather more than they have.
    """
    return _Rounded(living, region, up).merged(change)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a rule that make one figure: ``numbers`` in the matrix, ``units`` of the right side that are one of what
    is limited, and in how many periods or blocks."""

    numbers: np.ndarray
    units: np.ndarray
    times: int


class _Rounded:
    """Rows of the others, rounded rule by rule."""

    def __init__(self, living: Any, region: str, up: bool) -> None:
        self.living, self.region, self.up = living, region, up
        self.sides: dict[int, float] = {}
        """Row -> how much its upper side is lowered; raised where negative."""
        self.entries: dict[tuple[int, int], float] = {}
        """(row, column) -> the coefficient it gets."""
        matrix = living.compiled.matrix
        self.point, self.upper = living.base.plan, matrix.row_upper
        self.taken = matrix.a @ self.point
        self.number = {id(row): number for number, row in enumerate(living.compiled.rows)}
        steps: set[int] = set()
        for family, name in RAISED:
            if (block := living.m.component(family)) is not None:
                steps |= {id(variable) for variable in getattr(block, name).values()}
        self.step = np.array([id(column) in steps for column in living.compiled.columns], dtype=bool)
        # How much a step column could still be raised beside the plan.
        self.left = np.where(self.step & np.isfinite(matrix.col_upper), matrix.col_upper - self.point, 0.0)
        for figures in self._figures().values():
            rooms = [self._room(rows) for rows in figures.values()]
            told = round_room(min(rooms))
            if up:
                told = told * RATIO or LEAST
            for rows, room in zip(figures.values(), rooms, strict=True):
                self._round(rows, told, told / room if room else 0.0)

    def _figures(self) -> dict[tuple[str, Any, int], dict[str, _Rows]]:
        """What is limited, whose, of which kind -> rule -> its rows, in all periods."""
        found: dict[tuple[str, Any, int], dict[str, list[tuple[int, int]]]] = {}
        for rule, (limits, sort, place, kind) in RULES.items():
            writer = self.living.m.writers.get(rule)
            for key, made in () if writer is None else writer.component.items():
                row, owner = self.number.get(id(made), -1), self._owner(sort, key[place])
                if row >= 0 and owner != self.region and np.isfinite(self.upper[row]):
                    found.setdefault((limits, owner, key[kind]), {}).setdefault(rule, []).append((row, key[-1]))
        return {key: {rule: self._rows(rule, some) for rule, some in rules.items()} for key, rules in found.items()}

    def _rows(self, rule: str, some: list[tuple[int, int]]) -> _Rows:
        numbers, times = (np.array(part, dtype=np.int64) for part in zip(*some, strict=True))
        inst = self.living.inst
        hours = {"transports.vehicles": inst.hours, "transports.duty": inst.block_hours}.get(rule)
        units = np.ones(len(numbers)) if hours is None else np.asarray(hours, dtype=float)[times]
        return _Rows(numbers, units, len(np.unique(times)))

    def _owner(self, sort: str, number: int) -> Any:
        """Code of the region that a row is of, or something else where it is of several."""
        situation, sites = self.living.situation, self.living.inst.site_region
        if sort == "limit":
            stated = self.living.m.reception.stated
            if number < stated:
                return sort, number
            sort, number = "site", (number - stated) % len(sites)
        if sort == "area":
            homes = {situation.sites[i].region for i in self.living.m.reserve.members[number]}
            return homes.pop() if len(homes) == 1 else (sort, number)
        if sort == "pool":
            return situation.pools[number].region
        return situation.regions[sites[number] if sort == "site" else number].code

    def _room(self, rows: _Rows) -> float:
        """Room in the mean over time: what is left, and what raising steps would add."""
        at, _, coefficients, left = self._steps(rows)
        more = np.bincount(at, -coefficients * left, len(rows.numbers))
        return float(((self._slack(rows) + more) / rows.units).sum()) / rows.times

    def _slack(self, rows: _Rows) -> np.ndarray:
        return np.maximum(self.upper[rows.numbers] - self.taken[rows.numbers], 0.0)

    def _steps(self, rows: _Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Entries that make room: number among the rows, column, coefficient, how much it can be raised yet."""
        a = self.living.compiled.matrix.a[rows.numbers].tocoo()
        some = self.step[a.col] & (a.data < 0)
        return a.row[some], a.col[some], a.data[some], self.left[a.col[some]]

    def _round(self, rows: _Rows, told: float, scale: float) -> None:
        """Make the room in all ``told`` in the mean, in parts of what is a row's share of it."""
        parts = rows.units * told / PARTS * rows.times / len(rows.numbers)
        slack = self._slack(rows)
        lowered = slack - self._whole(slack * scale, parts)
        at, columns, coefficients, _ = self._steps(rows)
        new = -self._whole(-coefficients * scale, parts[at])
        new[np.abs(new) < SMALLEST] = 0.0
        # What the plan itself has raised stays raised.
        lowered += np.bincount(at, (coefficients - new) * self.point[columns], len(rows.numbers))
        self.entries |= dict(
            zip(zip(rows.numbers[at].tolist(), columns.tolist(), strict=True), new.tolist(), strict=True)
        )
        self.sides |= dict(zip(rows.numbers.tolist(), lowered.tolist(), strict=True))

    def _whole(self, amounts: np.ndarray, parts: np.ndarray) -> np.ndarray:
        """Whole parts, the way that room is rounded; a hair from a whole part is that part."""
        parts = np.where(parts > 0, parts, 1.0)
        return parts * (np.ceil(amounts / parts - 1e-9) if self.up else np.floor(amounts / parts + 1e-9))

    def merged(self, change: MatrixChange) -> MatrixChange:
        """Both at once; where both speak of a coefficient the change does, for it is of the region's own."""
        matrix = self.living.compiled.matrix
        upper, lower = matrix.row_upper.copy(), matrix.row_lower
        upper[change.rows] = change.row_upper
        cut = np.array([row for row, by in self.sides.items() if abs(by) > 0], dtype=np.int64)
        upper[cut] -= np.array([self.sides[row] for row in cut.tolist()])
        rows = np.union1d(change.rows, cut).astype(np.int64)
        sides = lower.copy()
        sides[change.rows] = change.row_lower
        own = zip(change.entry_rows.tolist(), change.entry_columns.tolist(), strict=True)
        entries = self.entries | dict(zip(own, change.entry_values.tolist(), strict=True))
        cells = sorted(entries)
        return MatrixChange(
            change.name,
            rows=rows,
            row_lower=sides[rows],
            row_upper=upper[rows],
            columns=change.columns,
            col_lower=change.col_lower,
            col_upper=change.col_upper,
            entry_rows=np.array([row for row, _ in cells], dtype=np.int64),
            entry_columns=np.array([column for _, column in cells], dtype=np.int64),
            entry_values=np.array([entries[cell] for cell in cells]),
        )
