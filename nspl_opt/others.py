"""What a region may be told of what it does not own: a what-if reckoned with the others' room rounded down.

Answers that are rounded can be bisected: many fine questions add up to a neighbour's beds. So here the figures that
the answer comes from are rounded, before anything is solved. What the others have left beside the plan, in beds,
people and vehicles, is rounded down to 1, 3.2, 10, 32 and so on, and its course over time to quarters of that. Every
answer is then the same for all neighbours who round alike, whatever is asked and however often.

The plan itself stays what it is: what it gives the region it gives here too. Only what is left is less, never more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

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
    "beds.capacity": ("site", 1, 0),
    "bed_substitution.share": ("site", 1, 0),
    "staff.region": ("region", 1, 0),
    "staff.site": ("region", 1, 0),
    "staff_loans.share": ("region", 1, 0),
    "discharge_ready.places": ("region", 0, 0),
    "reserve.floor": ("area", 0, 1),
    "reserve.region_floor": ("region", 0, 1),
    "reserve.helper": ("region", 0, 1),
    "reception.intake": ("limit", 0, 0),
    "transports.vehicles": ("pool", 0, 0),
    "transports.duty": ("pool", 0, 0),
}
"""Rule -> what its rows are of, the axis of the key that says of which, and the axis that says of what kind."""
RAISED = (("elective", "step"), ("surge", "open"))
"""Variables that make room when they are raised: planned care postponed, units opened."""


def round_room(amount: float) -> float:
    """The largest of the steps that is not more than an amount; 0 of less than ``LEAST``."""
    if amount < LEAST:
        return 0.0
    # A hair below a step is that step: logarithms are not exact.
    return float(10 ** (math.floor(STEPS * math.log10(amount) + 1e-9) / STEPS))


def with_less_room(living: Any, change: MatrixChange, region: str) -> MatrixChange:
    """The change, and the others' room rounded down with it, for a region that asks.

    Parameters
    ----------
    living
        The case, its base solved with a plan: room is what that plan leaves.
    change
        What the region would have otherwise.
    region
        Code of the region: its own rows stay exact.
    """
    found = _Rounded(living, region)
    for rule in RULES:
        if rule in living.m.writers:
            found.add(rule)
    return found.merged(change)


@dataclass(slots=True)
class _Cut:
    """Row -> how much its upper side is lowered; (row, column) -> the coefficient it gets."""

    sides: dict[int, float]
    entries: dict[tuple[int, int], float]


class _Rounded:
    """Rows of the others, rounded rule by rule."""

    def __init__(self, living: Any, region: str) -> None:
        self.living, self.region, self.cut = living, region, _Cut({}, {})
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

    def add(self, rule: str) -> None:
        """Round the rows of a rule, figure by figure: one for each place and kind, over all periods."""
        sort, place, kind = RULES[rule]
        figures: dict[tuple[Any, int], list[int]] = {}
        for key, made in self.living.m.writers[rule].component.items():
            row, owner = self.number.get(id(made), -1), self._owner(sort, key[place])
            if row >= 0 and owner != self.region and np.isfinite(self.upper[row]):
                figures.setdefault((owner, key[kind]), []).append(row)
        for several in figures.values():
            self._round(np.array(several, dtype=np.int64))

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

    def _round(self, rows: np.ndarray) -> None:
        a = self.living.compiled.matrix.a[rows].tocoo()
        steps = self.step[a.col] & (a.data < 0)
        more = np.bincount(a.row[steps], -a.data[steps] * self.left[a.col[steps]], len(rows))
        slack = np.maximum(self.upper[rows] - self.taken[rows], 0.0)
        mean = float((slack + more).mean())
        rounded = round_room(mean)
        scale, part = (rounded / mean, rounded / PARTS) if rounded else (0.0, 1.0)
        lowered = slack - _floored(slack * scale, part)
        for at, column, old in zip(a.row[steps].tolist(), a.col[steps].tolist(), a.data[steps].tolist(), strict=True):
            new = -float(_floored(-old * scale, part))
            new = 0.0 if abs(new) < SMALLEST else new
            self.cut.entries[int(rows[at]), column] = new
            lowered[at] += (old - new) * self.point[column]  # what the plan itself has raised stays raised
        self.cut.sides |= dict(zip(rows.tolist(), lowered.tolist(), strict=True))

    def merged(self, change: MatrixChange) -> MatrixChange:
        """Both at once; where both speak of a coefficient the change does, for it is of the region's own."""
        matrix = self.living.compiled.matrix
        upper, lower = matrix.row_upper.copy(), matrix.row_lower
        upper[change.rows] = change.row_upper
        cut = np.array([row for row, by in self.cut.sides.items() if abs(by) > 0], dtype=np.int64)
        upper[cut] -= np.array([self.cut.sides[row] for row in cut.tolist()])
        rows = np.union1d(change.rows, cut).astype(np.int64)
        sides = lower.copy()
        sides[change.rows] = change.row_lower
        own = zip(change.entry_rows.tolist(), change.entry_columns.tolist(), strict=True)
        entries = self.cut.entries | dict(zip(own, change.entry_values.tolist(), strict=True))
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


def _floored(amount: Any, part: float) -> Any:
    """Whole parts; a hair below a whole part is that part."""
    return part * np.floor(amount / part + 1e-9)
