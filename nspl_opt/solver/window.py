r"""Windows of a matrix: decide some periods, execute the first of them, look on, decide again.

Every column has a period, the first in which it acts. A window's problem has the columns of its
periods; earlier ones stand as they were decided, later ones are absent. A row whose last column comes
after the window is not enforced but priced: with the duals :math:`\pi` of one relaxation over the
whole horizon a column of the window costs

.. math:: c_j - \sum_{r \mathrm{\ outside}} \pi_r A_{rj},

so whatever the window leaves behind at its end has its worth there (end-of-window prices: a Lagrangian
relaxation of the rows outside). Such a row still binds as far as no later column can mend it: hours of
a day that are used up stay used up. With the constants carried along, the value of a window that is
solved to the end is a bound for all plans that agree with what is decided so far; for the first window
it is that of the whole relaxation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

Parts = dict[str, np.ndarray]
STANDING = -1
"""Period of a column that acts in every period: it is decided anew in every window."""
NOTHING = 1e-8
"""Costs this small are what is left of prices that cancel."""
OF_COLUMNS = ("col_lower", "col_upper", "lazy", "roundable", "switch")
"""What a window has of the matrix, column by column."""


@dataclass(frozen=True)
class Horizon:
    """How a matrix is cut: (columns,) period of each, periods in a window, periods executed of each."""

    periods: np.ndarray
    window: int
    step: int

    @property
    def count(self) -> int:
        """Periods in all."""
        return int(self.periods.max(initial=STANDING)) + 1


@dataclass(frozen=True)
class Window:
    """The problem of periods ``start`` to ``end``: its parts, and the numbers of its columns."""

    parts: Parts
    columns: np.ndarray
    start: int
    end: int


Solve = Callable[[Window], tuple[np.ndarray | None, float, str]]
"""Solves a window: point of its columns (None without one), value, status in HiGHS' words."""


@dataclass
class Roll:
    """One run through all windows: what is minimised, at which prices, what is decided so far."""

    parts: Parts
    horizon: Horizon
    costs: np.ndarray
    offset: float
    prices: np.ndarray
    """(rows,) worth of a unit more on the right side of each row; nought: windows see no further than their end."""

    def __post_init__(self) -> None:
        parts, periods = self.parts, self.horizon.periods
        self.matrix = sparse.csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"]))
        self.row_periods = np.full(self.matrix.shape[0], STANDING)
        entries = self.matrix.tocoo()
        np.maximum.at(self.row_periods, entries.row, periods[entries.col])
        self.point = parts["col_lower"].copy()
        self.values: list[float] = []

    def run(self, solve: Solve) -> tuple[np.ndarray | None, str]:
        """Decide window after window; the point of all columns (None without one), and the last window's status.

        Where what was decided leaves a window without a plan, the run goes a step back and looks twice as far.
        """
        start, window, count = 0, self.horizon.window, self.horizon.count
        while start < count:
            part = self.cut(start, min(start + window, count))
            found, value, status = solve(part)
            if status == "Infeasible" and (start or part.end < count):
                start, window = max(start - self.horizon.step, 0), 2 * window
                continue
            if found is None:
                return None, status
            self.values.append(value)
            self.point[part.columns] = np.clip(found, part.parts["col_lower"], part.parts["col_upper"])
            done = part.end == count and not self._whole_after(start + self.horizon.step)
            start = count if done else start + self.horizon.step
        return self.point, "Optimal"

    def _whole_after(self, period: int) -> bool:
        """Whether anything must be whole from the period on."""
        return bool(self.parts["whole"][self.horizon.periods >= period].any())

    def cut(self, start: int, end: int) -> Window:
        """The problem of the periods ``start`` to ``end`` (not included), whole in its first step alone."""
        parts, periods = self.parts, self.horizon.periods
        later = periods >= end
        decided = (periods < start) & (periods != STANDING)
        rest = np.where(decided, self.point, 0.0)
        taken = self.matrix @ rest
        columns = np.flatnonzero(~later & ~decided)
        outside = self.row_periods >= end
        lower, upper = parts["row_lower"] - taken, parts["row_upper"] - taken
        priced = np.where(outside, self.prices, 0.0)
        costs = self.costs - self.matrix.T @ priced
        costs[np.abs(costs) < NOTHING] = 0.0
        offset = self.offset + self.costs @ rest + _worth(priced, lower, upper) + self._later(costs, later)
        least, most = self._reach(outside, later)
        lower, upper = lower - most, upper - least
        small = self.matrix[:, columns].tocsr()
        rows = np.flatnonzero((np.diff(small.indptr) > 0) & (np.isfinite(lower) | np.isfinite(upper)))
        small = small[rows]
        whole = parts["whole"][columns].astype(bool) & (periods < start + self.horizon.step)[columns]
        chosen = {
            "data": small.data,
            "indices": small.indices.astype(np.int32),
            "indptr": small.indptr.astype(np.int32),
            "shape": np.array(small.shape),
            "row_lower": lower[rows],
            "row_upper": upper[rows],
            **{name: parts[name][columns] for name in OF_COLUMNS if name in parts},
            "whole": whole,
            "goals": costs[columns][None, :],
            "goal_offset": np.array([offset]),
            "holds": np.zeros((1, 2)),
            "tolerances": parts["tolerances"][:1],
            **_hours(parts, columns[whole], columns, rows, taken),
        }
        return Window(chosen, columns, start, end)

    def _later(self, costs: np.ndarray, later: np.ndarray) -> float:
        """The least that later columns can cost at these prices; what rounding makes endless counts as nothing."""
        bounds = np.where(costs > 0, self.parts["col_lower"], self.parts["col_upper"])[later]
        return float(np.where(np.isfinite(bounds), bounds, 0.0) @ costs[later])

    def _reach(self, outside: np.ndarray, later: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(rows,) least and most that later columns can add to each row; nought inside the window."""
        entries = self.matrix.tocoo()
        mine = outside[entries.row] & later[entries.col] & (entries.data != 0)
        rows, columns, data = entries.row[mine], entries.col[mine], entries.data[mine]
        ends = data * self.parts["col_lower"][columns], data * self.parts["col_upper"][columns]
        least, most = np.zeros(len(outside)), np.zeros(len(outside))
        np.add.at(least, rows, np.minimum(*ends))
        np.add.at(most, rows, np.maximum(*ends))
        return least, most


def _worth(prices: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """What the right sides of priced rows are worth: the side that the sign of the price calls for."""
    side = np.where(prices > 0, lower, upper)
    return float(np.where(np.isfinite(side), side, 0.0) @ prices)


def _hours(parts: Parts, whole: np.ndarray, columns: np.ndarray, rows: np.ndarray, taken: np.ndarray) -> Parts:
    """Rows of vehicle hours that a window has, with trips all of which are whole in it: only those can be rounded."""
    certain = np.zeros(len(parts["whole"]), dtype=bool)
    certain[whole] = True
    row_place, place = np.full(len(taken), -1), np.full(len(parts["whole"]), -1)
    row_place[rows], place[columns] = np.arange(len(rows)), np.arange(len(columns))
    groups, uses, starts = parts["hours_row"], parts["use_group"], parts["use_indptr"]
    owner = np.repeat(np.arange(len(uses)), np.diff(starts))
    kept = row_place[groups] >= 0
    kept[uses[owner[~certain[parts["use_indices"]]]]] = False
    number = np.cumsum(kept) - 1
    used = kept[uses]
    return {
        "hours_row": row_place[groups[kept]],
        "hours_limit": (parts["hours_limit"] - taken[groups])[kept],
        "use_group": number[uses[used]],
        "use_hours": parts["use_hours"][used],
        "use_indptr": np.cumsum([0, *np.diff(starts)[used]], dtype=np.int64),
        "use_indices": place[parts["use_indices"][used[owner]]],
        "use_data": parts["use_data"][used[owner]],
    }
