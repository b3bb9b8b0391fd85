r"""The relaxation, solved by letting columns in only as their prices call for them.

Most transfers are idle in every plan. The relaxation therefore starts without the lazy columns,
prices all of them with the row duals :math:`\pi`, lets in those with the most negative reduced
cost :math:`d_j = c_j - \pi A_j`, and goes on with primal simplex from the basis at hand. When no
column outside has a negative reduced cost, the optimum is that of the whole relaxation, so its
value is a bound for every plan: this is column generation over an explicit matrix
(Gilmore and Gomory 1961; Dantzig and Wolfe 1960).

A row that no active column touches has any dual that complementary slackness allows. For rows
``... <= 0`` the largest is taken that keeps the row's cheap side dual feasible: so a transfer
outside is priced with the vehicle it would need, not as if it walked.

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
from nspl_opt.solver.change import NO_VALUES, MatrixChange

REDUCED_COST = -1e-6
"""Columns with a reduced cost below are let in (HiGHS holds its own duals to 1e-7)."""
LEAST_BATCH, BATCH_SHARE = 1000, 0.02
"""At most so many columns a round: the most negative first."""
FEW = 4000
"""With no more lazy columns than this, all are active from the start."""
DUAL, PRIMAL = 1, 4
"""HiGHS' numbers of its simplex strategies."""
UNLIMITED = 2**31 - 1


class Relaxation:
    """One living LP through all goals; knows which columns are active.

    ``rows`` are those of the matrix and those added since, over all columns; ``order`` the active
    columns in the order in which HiGHS holds them.
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
        self.highs = hs.new_solver(options)
        hs.load(self.highs, self.held(), self.costs[self.order], 0.0, whole=False)
        hs.watch(self.highs, stopped)
        self.rounds = 0
        self._last: highspy.HighsBasis | None = None

    def held(self) -> dict[str, np.ndarray]:
        """What HiGHS holds: every row, over the active columns."""
        small = self.rows[:, self.order].tocsr()
        return {
            "data": small.data, "indices": small.indices.astype(np.int32), "indptr": small.indptr.astype(np.int32),
            "shape": np.array(small.shape), "row_lower": self.row_lower, "row_upper": self.row_upper,
            "col_lower": self.col_lower[self.order], "col_upper": self.col_upper[self.order],
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
        place = self._places()
        held = columns[place[columns] >= 0]
        index = place[held].astype(np.int32)
        hs.must(self.highs.changeColsBounds(len(index), index, self.col_lower[held], self.col_upper[held]), "bounds")

    def run(self, deadline: float, strategy: int = DUAL, iterations: int = UNLIMITED) -> hs.Solved:
        """Solve over the active columns alone, from the basis at hand; the point is over all columns."""
        hs.must(self.highs.setOptionValue("simplex_strategy", strategy), "simplex strategy")
        hs.must(self.highs.setOptionValue("simplex_iteration_limit", iterations), "iteration limit")
        solved = hs.run(self.highs, deadline - hs.now())
        if solved.status == "Unknown" and self._last is not None:
            # The optimum of the perturbed problem was none: another way from the last basis that was good.
            self.restore(self._last)
            hs.must(self.highs.setOptionValue("simplex_strategy", DUAL + PRIMAL - strategy), "simplex strategy")
            solved = hs.run(self.highs, deadline - hs.now())
            if solved.status == "Unknown":
                self.restore(self._last)
        if solved.status == "Optimal":
            self._last = self.highs.getBasis()
        if solved.point is None:
            return solved
        return hs.Solved(solved.status, self.spread(solved.point), solved.objective, solved.bound, solved.nodes)

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
        if len(rows):
            index = rows.astype(np.int32)
            hs.must(self.highs.changeRowsBounds(len(index), index, self.row_lower[rows], self.row_upper[rows]), "rows")
        if len(columns):
            self.bind(columns, change.col_lower, change.col_upper)
        if len(at[0]):
            shape = self.rows.shape
            self.rows = (self.rows + sparse.csr_array((change.entry_values - old, at), shape=shape)).tocsr()
            self._by_column = self.rows.tocsc()
            place = self._places()
            for row, column, amount in zip(*at, change.entry_values, strict=True):
                if place[column] >= 0:
                    hs.must(self.highs.changeCoeff(int(row), int(place[column]), float(amount)), "coefficient")
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
        place = np.full(len(self.active), -1)
        place[self.order] = np.arange(len(self.order))
        return place

    def _let_in(self, wanted: np.ndarray) -> None:
        self._last = None
        self.active[wanted] = True
        self.order = np.append(self.order, wanted)
        new = self._by_column[:, wanted].tocsc()
        hs.must(
            self.highs.addCols(
                len(wanted), self.costs[wanted], self.col_lower[wanted], self.col_upper[wanted],
                new.nnz, new.indptr[:-1].astype(np.int32), new.indices.astype(np.int32), new.data,
            ),
            "columns let in",
        )  # fmt: skip

    def column(self, j: int) -> sparse.csc_array:
        """One column of the rows, those added included."""
        return self._by_column[:, [j]]

    def duals(self) -> np.ndarray:
        """Prices of the rows at the last optimum."""
        return np.asarray(self.highs.getSolution().row_dual)

    def reduced_costs(self) -> np.ndarray:
        """Reduced costs of all columns, those outside too, at the last optimum."""
        return self.costs - self._by_column.T @ self.duals()

    def _wanted(self) -> np.ndarray:
        """Columns to let in: the most negative reduced costs, and what their rows need with them."""
        if self.complete:
            return np.zeros(0, dtype=np.int64)
        reduced = self.reduced_costs()
        free_rows = self._free_rows()
        touched = self.rows[free_rows].tocoo()
        reduced += self._best_duals(reduced, touched, len(free_rows))
        outside = np.flatnonzero(~self.active & (reduced < REDUCED_COST))
        if not len(outside):
            return outside
        chosen = outside[np.argsort(reduced[outside], kind="stable")[: self.batch]]
        mask = np.zeros(len(self.active), dtype=bool)
        mask[chosen] = True
        rows = np.unique(touched.row[mask[touched.col]])
        partners = touched.col[np.isin(touched.row, rows) & (touched.data < 0)]
        mask[partners] = True
        return np.flatnonzero(mask & ~self.active)

    def _free_rows(self) -> np.ndarray:
        """Rows ``... <= 0`` that no active column touches."""
        idle = abs(self.rows) @ self.active.astype(float) == 0
        return np.flatnonzero(idle & (self.row_upper == 0) & np.isneginf(self.row_lower))

    def _best_duals(self, reduced: np.ndarray, touched: sparse.coo_array, rows: int) -> np.ndarray:
        """What the best dual of each free row adds to the reduced costs."""
        most = np.full(rows, np.inf)
        giving = touched.data < 0
        np.minimum.at(most, touched.row[giving], np.maximum(reduced[touched.col[giving]], 0.0) / -touched.data[giving])
        most[~np.isfinite(most)] = 0.0
        added = np.zeros(len(reduced))
        np.add.at(added, touched.col, touched.data * most[touched.row])
        return added

    def basis(self) -> tuple[np.ndarray, np.ndarray]:
        """(active columns,) and (rows,) statuses of the basis at hand, as HiGHS numbers them."""
        held = self.highs.getBasis()
        return tuple(np.array([int(s) for s in part], dtype=np.int8) for part in (held.col_status, held.row_status))

    def restore(self, basis: highspy.HighsBasis) -> None:
        """Start the next run from this basis of the active columns and rows."""
        hs.must(self.highs.setBasis(basis), "basis")

    def confirm_infeasible(self, options: dict[str, Any], deadline: float, whole: bool = False) -> str:
        """Ask a second time, over all columns, without presolve and with a tighter tolerance."""
        again = hs.new_solver({**options, "presolve": "off", "primal_feasibility_tolerance": 1e-8})
        hs.load(again, self.parts, self.parts["goals"][0], 0.0, whole=whole)
        hs.watch(again, self.stopped)
        solved = hs.run(again, max(deadline - hs.now(), 5.0))
        return "infeasible_confirmed" if solved.status == "Infeasible" else "infeasible_unconfirmed"


def basis_of(columns: np.ndarray, rows: np.ndarray) -> highspy.HighsBasis:
    """HiGHS' basis from the statuses that ``Relaxation.basis`` gave."""
    kinds = {int(kind): kind for kind in highspy.HighsBasisStatus.__members__.values()}
    basis = highspy.HighsBasis()
    basis.col_status, basis.row_status = [kinds[int(s)] for s in columns], [kinds[int(s)] for s in rows]
    basis.valid = True
    return basis
