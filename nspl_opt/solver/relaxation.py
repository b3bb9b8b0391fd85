r"""The relaxation, solved by letting columns in only as their prices call for them.

Most transfers are idle in every plan. The relaxation therefore starts without the lazy columns,
prices all of them with the row duals :math:`\pi`, lets in those with the most negative reduced
cost :math:`d_j = c_j - \pi A_j`, and goes on with primal simplex from the basis at hand. When no
column outside has a negative reduced cost, the optimum is that of the whole relaxation, so its
value is a bound for every plan: this is column generation over an explicit matrix
(Gilmore and Gomory 1961; Dantzig and Wolfe 1960).

A row that no active column touches is left out as long as columns at 0 keep it; it comes in with the
first column that touches it.

Rows can be added as they are needed too: goals held, and cuts that every whole plan keeps. They are
kept over all columns, so that what waits outside is priced against them as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs
from nspl_opt.solver.basis import AT_LOWER, BASIC, places, statuses, within
from nspl_opt.solver.basis import basis_of as basis_of  # bases come and go by these statuses
from nspl_opt.solver.change import NO_VALUES, MatrixChange
from nspl_opt.solver.pricing import wanted_columns
from nspl_opt.solver.refine import refined

LEAST_BATCH, BATCH_SHARE = 250, 0.002
"""At most so many columns a round, and what they need: with few a round few are active in the end."""
PERTURBED = "primal_simplex_bound_perturbation_multiplier"
OPTIONS = {PERTURBED: 0.0, "simplex_scale_strategy": 4}
"""Perturbed bounds cost more iterations than stalling does; scaling by largest values saves a third on some goals."""
FEW = 4000
"""With no more lazy columns than this, all are active from the start."""
DUAL, PRIMAL = 1, 4
"""HiGHS' numbers of its simplex strategies."""
UNLIMITED = 2**31 - 1


class Relaxation:
    """One living LP through all goals; knows which columns are active.

    ``rows`` are those of the matrix and those added since, over all columns; ``order`` the active
    columns and ``row_order`` the rows in the order in which HiGHS holds them. What goes in and comes out,
    duals and bases too, is numbered by the matrix's rows.
    """

    def __init__(
        self,
        parts: dict[str, np.ndarray],
        options: dict[str, Any],
        stopped: Callable[[], bool],
        active: np.ndarray | None = None,
    ) -> None:
        self.parts, self.stopped = parts, stopped
        lazy = parts["lazy"].astype(bool)
        if active is None:
            active = ~lazy if lazy.sum() > FEW else np.ones(len(lazy), dtype=bool)
        self.active = active.copy()
        self.batch = max(LEAST_BATCH, round(BATCH_SHARE * len(lazy)))
        self.rows = sparse.csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"]))
        self.row_lower, self.row_upper = parts["row_lower"].copy(), parts["row_upper"].copy()
        self.col_lower, self.col_upper = parts["col_lower"].copy(), parts["col_upper"].copy()
        self.costs = parts["goals"][0].copy()
        self._by_column = self.rows.tocsc()
        self.order = np.flatnonzero(self.active)
        self.row_order = self._busy_rows()
        self.highs = hs.new_solver({**OPTIONS, **options})
        hs.load(self.highs, self.held(), self.costs[self.order], 0.0, whole=False)
        hs.watch(self.highs, stopped)
        self.rounds = 0
        self._last: highspy.HighsBasis | None = None

    def held(self) -> dict[str, np.ndarray]:
        """What HiGHS holds: the rows that matter, over the active columns."""
        rows, columns = self.row_order, self.order
        small = self.rows[rows][:, columns].tocsr()
        return {
            "data": small.data, "indices": small.indices.astype(np.int32), "indptr": small.indptr.astype(np.int32),
            "shape": np.array(small.shape), "row_lower": self.row_lower[rows], "row_upper": self.row_upper[rows],
            "col_lower": self.col_lower[columns], "col_upper": self.col_upper[columns],
        }  # fmt: skip

    @property
    def complete(self) -> bool:
        """Whether every column is active."""
        return len(self.order) == len(self.active)

    def spread(self, held: np.ndarray) -> np.ndarray:
        """A point over all columns; those outside stand at their least."""
        point = self.col_lower.copy()
        point[self.order] = held
        return point

    def aim(self, costs: np.ndarray) -> None:
        """Set what is minimised."""
        self.costs = costs.copy()
        index = np.arange(len(self.order), dtype=np.int32)
        hs.must(self.highs.changeColsCost(len(index), index, self.costs[self.order]), "costs")

    def bind(self, columns: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """Other bounds for some columns."""
        self.col_lower[columns], self.col_upper[columns] = lower, upper
        # What is outside stands at 0 for HiGHS: a column that must stand elsewhere comes in.
        if len(forced := np.unique(columns[~self.active[columns] & (self.col_lower[columns] != 0)])):
            self._let_in(forced)
        held = columns[self.active[columns]]
        index = self._places()[held].astype(np.int32)
        hs.must(self.highs.changeColsBounds(len(index), index, self.col_lower[held], self.col_upper[held]), "bounds")

    def run(self, deadline: float, strategy: int = DUAL, iterations: int = UNLIMITED) -> hs.Solved:
        """Solve over the active columns alone, from the basis at hand; the point is over all columns."""
        hs.must(self.highs.setOptionValue("simplex_strategy", strategy), "simplex strategy")
        hs.must(self.highs.setOptionValue("simplex_iteration_limit", iterations), "iteration limit")
        solved = hs.run(self.highs, deadline - hs.now())
        # Rounding errors at the end: a fresh start from there mends them, or with bounds perturbed, or the other way.
        for mend in ({}, {PERTURBED: 1.0}, {PERTURBED: 1.0, "simplex_strategy": DUAL + PRIMAL - strategy}):
            if solved.status != "Unknown":
                break
            for name, value in mend.items():
                hs.must(self.highs.setOptionValue(name, value), name)
            solved = hs.run(self.highs, deadline - hs.now())
        hs.must(self.highs.setOptionValue(PERTURBED, OPTIONS[PERTURBED]), PERTURBED)
        solved = hs.accepted(self.highs, solved)
        if solved.status == "Optimal":
            self._last = self.highs.getBasis()
        elif self._last is not None:  # what ended elsewhere is no place to start from
            hs.must(self.highs.setBasis(self._last), "basis")
        if solved.point is None:
            return solved
        return hs.Solved(solved.status, self.spread(solved.point), solved.objective, solved.bound, solved.nodes)

    def refined(self, point: np.ndarray, deadline: float) -> np.ndarray:
        """The optimum that ``run`` just gave, with its rows kept to many more digits."""
        return self.spread(refined(self.highs, self.held(), point[self.order], deadline - hs.now()))

    def solve(self, goal: int, deadline: float) -> tuple[float | None, np.ndarray | None, str]:
        """Bound (None without proof), point and status of a goal under the goals held so far."""
        self.aim(self.parts["goals"][goal])
        solved = self.settle(deadline, DUAL if self.rounds == 0 else PRIMAL)
        if solved.status != "Optimal":
            return None, solved.point, solved.status
        return solved.objective + float(self.parts["goal_offset"][goal]), solved.point, solved.status

    def settle(self, deadline: float, strategy: int) -> hs.Solved:
        """Solve the whole relaxation for the present costs: let columns in until none is wanted."""
        while True:
            solved = self.run(deadline, strategy)
            self.rounds += 1
            if solved.status == "Infeasible" and not self.complete:
                self._let_in(np.flatnonzero(~self.active))  # perhaps only without the lazy columns
                continue
            if solved.status != "Optimal" or not len(wanted := self._wanted()):
                return solved
            self._let_in(wanted)
            strategy = PRIMAL  # new columns leave the basis primal feasible: go on from there

    def refine(self, costs: np.ndarray, deadline: float) -> np.ndarray | None:
        """A point near the optimum just found that is also good by these costs; None if time runs out.

        Only active columns take part: the point is for rounding, its value proves nothing.
        """
        self.aim(costs)
        solved = self.run(deadline, PRIMAL)
        return solved.point if solved.status == "Optimal" else None

    def hold(self, goal: int, limit: float) -> None:
        """From now on the goal may be at most ``limit``."""
        row = sparse.csr_array(self.parts["goals"][[goal]])
        if row.nnz:
            self.add(row, np.array([limit - float(self.parts["goal_offset"][goal])]))

    def add(self, rows: sparse.csr_array, upper: np.ndarray) -> None:
        """Add rows ``... <= upper`` over all columns."""
        held = rows[:, self.order].tocsr()
        lower = np.full(len(upper), -np.inf)
        starts, indices = held.indptr[:-1].astype(np.int32), held.indices.astype(np.int32)
        self._last = None
        hs.must(self.highs.addRows(len(upper), lower, upper, held.nnz, starts, indices, held.data), "rows added")
        self.row_order = np.append(self.row_order, self.rows.shape[0] + np.arange(len(upper)))
        self.rows = sparse.vstack([self.rows, rows]).tocsr()
        self.row_lower, self.row_upper = np.append(self.row_lower, lower), np.append(self.row_upper, upper)
        self._by_column = self.rows.tocsc()

    def change(self, change: MatrixChange) -> MatrixChange:
        """Apply a change to rows, bounds and coefficients; returns the change that takes it back."""
        rows, columns = change.rows, change.columns
        at = change.entry_rows, change.entry_columns
        old = np.asarray(self.rows[at[0], at[1]]).ravel() if len(at[0]) else NO_VALUES
        back = MatrixChange(
            change.name, rows, self.row_lower[rows], self.row_upper[rows],
            columns, self.col_lower[columns], self.col_upper[columns], *at, old,
        )  # fmt: skip
        self.row_lower[rows], self.row_upper[rows] = change.row_lower, change.row_upper
        self._take_rows(rows[(self.row_lower[rows] > 0) | (self.row_upper[rows] < 0)])
        row_place = self._row_places()
        if len(held := rows[row_place[rows] >= 0]):
            index = row_place[held].astype(np.int32)
            hs.must(self.highs.changeRowsBounds(len(index), index, self.row_lower[held], self.row_upper[held]), "rows")
        if len(columns):
            self.bind(columns, change.col_lower, change.col_upper)
        if len(at[0]):
            shape = self.rows.shape
            self.rows = (self.rows + sparse.csr_array((change.entry_values - old, at), shape=shape)).tocsr()
            self._by_column = self.rows.tocsc()
            self._take_rows(np.unique(at[0][self.active[at[1]] & (change.entry_values != 0)]))
            place, row_place = self._places(), self._row_places()
            for row, column, amount in zip(row_place[at[0]], place[at[1]], change.entry_values, strict=True):
                if row >= 0 and column >= 0:
                    hs.must(self.highs.changeCoeff(int(row), int(column), float(amount)), "coefficient")
        return back

    def forget(self, count: int) -> None:
        """Send out again all active columns but the first ``count`` and those that may not stand at 0."""
        index = np.arange(count, len(self.order))
        index = index[self.col_lower[self.order[index]] == 0]
        if len(index):
            self._last = None
            hs.must(self.highs.deleteCols(len(index), index.astype(np.int32)), "columns sent out")
            self.active[self.order[index]] = False
            self.order = np.delete(self.order, index)

    def _places(self) -> np.ndarray:
        """(columns,) where HiGHS holds each column; -1 for those outside."""
        return places(self.order, len(self.active))

    def _row_places(self) -> np.ndarray:
        """(rows,) where HiGHS holds each row; -1 for those it does not."""
        return places(self.row_order, len(self.row_lower))

    def _busy_rows(self) -> np.ndarray:
        """Rows that an active column touches, and those that columns at 0 do not keep."""
        return np.flatnonzero(self._touched() | (self.row_lower > 0) | (self.row_upper < 0))

    def _touched(self) -> np.ndarray:
        """(rows,) whether an active column touches them."""
        return abs(self.rows) @ self.active.astype(float) > 0

    def _take_rows(self, rows: np.ndarray) -> None:
        """Hand those of the rows to HiGHS that it does not hold: no active column touches them."""
        rows = np.setdiff1d(rows, self.row_order)
        if len(rows):
            self._last = None
            none, limits = np.zeros(len(rows), dtype=np.int32), (self.row_lower[rows], self.row_upper[rows])
            hs.must(self.highs.addRows(len(rows), *limits, 0, none, none[:0], np.zeros(0)), "rows taken in")
            self.row_order = np.append(self.row_order, rows)

    def _let_in(self, wanted: np.ndarray) -> None:
        self._last = None
        self.active[wanted] = True
        self.order = np.append(self.order, wanted)
        new = self._by_column[:, wanted].tocsc()
        self._take_rows(np.unique(new.indices))
        indices = self._row_places()[new.indices].astype(np.int32)
        bounds, starts = (self.col_lower[wanted], self.col_upper[wanted]), new.indptr[:-1].astype(np.int32)
        added = self.highs.addCols(len(wanted), self.costs[wanted], *bounds, new.nnz, starts, indices, new.data)
        hs.must(added, "columns let in")

    def column(self, j: int) -> sparse.csc_array:
        """One column of the rows, those added included."""
        return self._by_column[:, [j]]

    def duals(self) -> np.ndarray:
        """Prices of the rows at the last optimum."""
        duals = np.zeros(len(self.row_lower))
        duals[self.row_order] = self.highs.getSolution().row_dual
        return duals

    def reduced_costs(self) -> np.ndarray:
        """Reduced costs of all columns, those outside too, at the last optimum."""
        return self.costs - self._by_column.T @ self.duals()

    def _wanted(self) -> np.ndarray:
        """Columns to let in next; none when the optimum at hand is that of the whole relaxation."""
        if self.complete:
            return np.zeros(0, dtype=np.int64)
        free = np.flatnonzero(~self._touched() & (self.row_upper == 0) & np.isneginf(self.row_lower))
        return wanted_columns(self.rows, free, self.active, self.reduced_costs(), self.batch)

    def basis(self) -> tuple[np.ndarray, np.ndarray]:
        """(active columns,) and (rows,) statuses of the basis at hand, as HiGHS numbers them."""
        return statuses(self.highs.getBasis(), self.row_order, len(self.row_lower))

    def restore(self, basis: highspy.HighsBasis) -> None:
        """Start the next run from this basis of the active columns and all rows."""
        hs.must(self.highs.setBasis(within(basis, self.row_order)), "basis")

    def recall(self, basis: tuple[np.ndarray, np.ndarray]) -> None:
        """Go back to an earlier basis; columns let in since stand at their least, rows added since are slack."""
        columns, rows = basis
        columns = np.append(columns, np.full(len(self.order) - len(columns), AT_LOWER, dtype=columns.dtype))
        rows = np.append(rows, np.full(len(self.row_lower) - len(rows), BASIC, dtype=rows.dtype))
        self.restore(basis_of(columns, rows))
