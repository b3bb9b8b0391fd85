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
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs

REDUCED_COST = -1e-6
"""Columns with a reduced cost below are let in (HiGHS holds its own duals to 1e-7)."""
LEAST_BATCH, BATCH_SHARE = 1000, 0.02
"""At most so many columns a round: the most negative first."""
FEW = 4000
"""With no more lazy columns than this, all are active from the start."""


class Relaxation:
    """One living LP through all goals; knows which columns are active."""

    def __init__(self, parts: dict[str, np.ndarray], options: dict[str, Any], stopped: Callable[[], bool]) -> None:
        self.parts, self.stopped = parts, stopped
        lazy = parts["lazy"].astype(bool)
        self.active = ~lazy if lazy.sum() > FEW else np.ones(len(lazy), dtype=bool)
        self.batch = max(LEAST_BATCH, round(BATCH_SHARE * len(lazy)))
        self.highs = hs.new_solver(options)
        first = dict(parts, col_upper=np.where(self.active, parts["col_upper"], parts["col_lower"]))
        hs.load(self.highs, first, parts["goals"][0], float(parts["goal_offset"][0]), whole=False)
        hs.watch(self.highs, stopped)
        self.columns = np.arange(len(lazy), dtype=np.int32)
        self._matrix = sparse.csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"]))
        self._by_column = self._matrix.tocsc()
        self.rounds = 0

    @property
    def complete(self) -> bool:
        """Whether every column is active."""
        return bool(self.active.all())

    def solve(self, goal: int, deadline: float) -> tuple[float | None, np.ndarray | None, str]:
        """Bound (None without proof), point and status of a goal under the goals held so far."""
        parts = self.parts
        hs.must(self.highs.changeColsCost(len(self.columns), self.columns, parts["goals"][goal]), "costs")
        hs.must(self.highs.changeObjectiveOffset(float(parts["goal_offset"][goal])), "offset")
        while True:
            solved = hs.run(self.highs, deadline - hs.now())
            self.rounds += 1
            if solved.status == "Infeasible" and not self.complete:
                self._let_in(np.flatnonzero(~self.active))  # perhaps only without the lazy columns
                continue
            if solved.status != "Optimal":
                return None, solved.point, solved.status
            wanted = self._wanted(goal)
            if not len(wanted):
                return solved.objective, solved.point, solved.status
            self._let_in(wanted)
            self._prefer_primal_simplex()

    def refine(self, costs: np.ndarray, deadline: float) -> np.ndarray | None:
        """A point near the optimum just found that is also good by these costs; None if time runs out.

        Only active columns take part: the point is for rounding, its value proves nothing.
        """
        hs.must(self.highs.changeColsCost(len(self.columns), self.columns, costs), "costs")
        self._prefer_primal_simplex()
        solved = hs.run(self.highs, deadline - hs.now())
        return solved.point if solved.status == "Optimal" else None

    def _prefer_primal_simplex(self) -> None:
        """New columns leave the basis primal feasible: go on from there."""
        hs.must(self.highs.setOptionValue("simplex_strategy", 4), "primal simplex")

    def _let_in(self, wanted: np.ndarray) -> None:
        parts = self.parts
        self.active[wanted] = True
        index = wanted.astype(np.int32)
        lower, upper = parts["col_lower"][wanted], parts["col_upper"][wanted]
        hs.must(self.highs.changeColsBounds(len(index), index, lower, upper), "columns let in")

    def _wanted(self, goal: int) -> np.ndarray:
        """Columns to let in: the most negative reduced costs, and what their rows need with them."""
        if self.complete:
            return np.zeros(0, dtype=np.int64)
        duals = np.asarray(self.highs.getSolution().row_dual)[: self._matrix.shape[0]]
        held = np.asarray(self.highs.getSolution().row_dual)[self._matrix.shape[0] :]
        reduced = self.parts["goals"][goal] - self._by_column.T @ duals - self._held_part(held)
        free_rows = self._free_rows()
        touched = self._matrix[free_rows].tocoo()
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
        touching = np.diff(self._matrix[:, np.flatnonzero(self.active)].tocsr().indptr)
        upper = self.parts["row_upper"][: self._matrix.shape[0]]
        lower = self.parts["row_lower"][: self._matrix.shape[0]]
        return np.flatnonzero((touching == 0) & (upper == 0) & np.isneginf(lower))

    def _best_duals(self, reduced: np.ndarray, touched: sparse.coo_array, rows: int) -> np.ndarray:
        """What the best dual of each free row adds to the reduced costs."""
        most = np.full(rows, np.inf)
        giving = touched.data < 0
        np.minimum.at(most, touched.row[giving], np.maximum(reduced[touched.col[giving]], 0.0) / -touched.data[giving])
        most[~np.isfinite(most)] = 0.0
        added = np.zeros(len(reduced))
        np.add.at(added, touched.col, touched.data * most[touched.row])
        return added

    def _held_part(self, duals: np.ndarray) -> np.ndarray:
        """The part of the reduced costs that comes from the goals held."""
        if not len(duals):
            return np.zeros(len(self.active))
        return np.asarray([self.parts["goals"][g] for g in self.held_goals]).T @ duals

    held_goals: tuple[int, ...] = ()

    def hold(self, goal: int, limit: float) -> None:
        """From now on the goal may be at most ``limit``."""
        terms = np.flatnonzero(self.parts["goals"][goal]).astype(np.int32)
        if len(terms):
            right = limit - float(self.parts["goal_offset"][goal])
            hs.must(self.highs.addRow(-np.inf, right, len(terms), terms, self.parts["goals"][goal][terms]), "hold")
            self.held_goals = (*self.held_goals, goal)

    def confirm_infeasible(self, options: dict[str, Any], deadline: float, whole: bool = False) -> str:
        """Ask a second time, over all columns, without presolve and with a tighter tolerance."""
        again = hs.new_solver({**options, "presolve": "off", "primal_feasibility_tolerance": 1e-8})
        hs.load(again, self.parts, self.parts["goals"][0], 0.0, whole=whole)
        hs.watch(again, self.stopped)
        solved = hs.run(again, max(deadline - hs.now(), 5.0))
        return "infeasible_confirmed" if solved.status == "Infeasible" else "infeasible_unconfirmed"
