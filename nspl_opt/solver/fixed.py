"""A plan's own neighbourhood: some columns stand as in the plan, the rest is optimal. One base for many questions.

The base is solved once for a plan: its decisions stand, and what follows from them is at its best. A question gives
some columns other bounds; those and what follows from decisions are all that moves. That is a small problem, solved
by branch and bound where whole columns may move: in a third of the time that dual simplex takes from the base's basis,
for presolve leaves little of it. So every answer is a whole plan, and none hangs on what was asked before.

The costs are those by which plans are searched: the main goal, and a trace of the later ones to break ties. What is
agreed comes before it, and is priced into it as in what-ifs (``solver.ahead``): an answer breaks an agreement only
where it cannot be kept. Values of goals are told one by one all the same.
The rows are as loose as the plan needs them: a plan obeys them to the tolerance of plans, not of HiGHS.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs
from nspl_opt.solver.ahead import folded
from nspl_opt.solver.basis import basis_of
from nspl_opt.solver.pricing import wanted_columns
from nspl_opt.solver.relaxation import DUAL, PRIMAL, Relaxation
from nspl_opt.solver.search import COST_SCALE, Search

NEVER = 1e12
"""Reduced cost of a column that may not leave 0: nothing can make it wanted."""
USED = 1e-7
KEPT = 1e-6
"""How far a row in which nothing may move may be broken, by rounding."""
WORK = 25
"""Steps of branch and bound per question: unlike seconds, they repeat."""
LEAN = {
    "presolve": "choose", "mip_rel_gap": 0.0, "mip_heuristic_effort": 0.0, "mip_detect_symmetry": False,
    "mip_root_presolve_only": True,
}  # fmt: skip
"""How HiGHS answers one question: the plan is near the answer, so looking around costs a quarter of the time."""

Parts = dict[str, np.ndarray]


@dataclass(frozen=True)
class Question:
    """Other bounds of some columns, and perhaps at most ``most`` for the sum of ``summed`` columns."""

    columns: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    summed: np.ndarray | None = None
    most: float = np.inf


@dataclass(frozen=True)
class Answer:
    """What a question came to: ``goals`` (goal,) and ``point`` (columns,), None where there is no such plan.

    ``limited`` is "" when nothing near the plan is better, "work" or "time" when a better one may be there.
    """

    status: str
    goals: np.ndarray | None
    point: np.ndarray | None
    limited: str = ""


class _Standing(Relaxation):
    """A relaxation in which most columns outside may not leave 0: those are never let in."""

    def _wanted(self) -> np.ndarray:
        if self.complete:
            return np.zeros(0, dtype=np.int64)
        idle = abs(self.rows) @ self.active.astype(float) == 0
        free_rows = np.flatnonzero(idle & (self.row_upper == 0) & np.isneginf(self.row_lower))
        shut = ~self.active & (self.col_upper <= 0)
        reduced = np.where(shut, NEVER, self.reduced_costs())
        return wanted_columns(self.rows, free_rows, self.active | shut, reduced, self.batch)


class FixedPlan:
    """One plan, the rest at its best, and what it answers. Not to be shared between threads.

    Parameters
    ----------
    parts, settings
        The matrix as plain arrays and the model's solver settings, as for ``Search``.
    plan
        (columns,) a whole plan of this matrix.
    standing
        (columns,) whether a column stands as in the plan; whole ones stand in any case.
    deadline
        When the first solve must end, on the clock of ``solver.highs.now`` [s].

    Raises
    ------
    SolverFault
        The relaxation of the plan could not be solved in time.
    """

    def __init__(
        self,
        parts: Parts,
        settings: dict[str, Any],
        plan: np.ndarray,
        standing: np.ndarray,
        deadline: float,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.parts, self.whole = parts, parts["whole"].astype(bool)
        self.plan = np.clip(np.where(self.whole, np.round(plan), plan), parts["col_lower"], parts["col_upper"])
        aims = folded(parts)
        search = Search(aims, settings, stopped, lambda _: None, lambda _: None)
        search.plan, self._first = self.plan, aims["goals"][0]
        search.aim(0, search.value(0, self.plan), None, trace=True)
        self._options = search.options(presolve="off")
        self._enough = COST_SCALE * float(aims["tolerances"][0])
        active = ~parts["lazy"].astype(bool) | (np.abs(plan) > USED)
        relaxed = _Standing(self._loosened(), self._options, stopped, active)
        fixed = np.flatnonzero(self.whole | standing)
        relaxed.bind(fixed, self.plan[fixed], self.plan[fixed])
        relaxed.aim(COST_SCALE * search.costs)
        solved = relaxed.settle(deadline, DUAL)
        if solved.status != "Optimal" or solved.point is None:
            raise hs.SolverFault(f"the relaxation of the plan ended as {solved.status}")
        self._relaxed, self._basis = relaxed, relaxed.basis()
        self._held = relaxed.held()
        self.base = self._answer(solved.status, solved.point)

    @property
    def costs(self) -> np.ndarray:
        """(columns,) what is minimised."""
        return self._relaxed.costs / COST_SCALE

    def ask(self, question: Question, deadline: float) -> Answer:
        """The best plan with these bounds, whole columns whole; decisions that the question leaves out stand."""
        relaxed = self._relaxed
        lower, upper = relaxed.col_lower.copy(), relaxed.col_upper.copy()
        lower[question.columns], upper[question.columns] = question.lower, question.upper
        free = relaxed.active.copy()
        free[question.columns] = True
        free &= lower < upper
        rest = np.where(free, 0.0, lower)
        rows, limits = relaxed.rows, (relaxed.row_lower, relaxed.row_upper)
        if (row := self._sum(question)) is not None:
            rows = sparse.vstack([rows, row]).tocsr()
            limits = np.append(limits[0], -np.inf), np.append(limits[1], question.most)
        columns, taken = np.flatnonzero(free), rows @ rest
        small = rows[:, columns].tocsr()
        some = np.diff(small.indptr) > 0
        broken = np.maximum(limits[0] - taken, taken - limits[1])[~some]
        if broken.max(initial=0.0) > KEPT:
            return Answer("Infeasible", None, None)
        small = small[np.flatnonzero(some)]
        parts = {
            "data": small.data, "indices": small.indices.astype(np.int32), "indptr": small.indptr.astype(np.int32),
            "shape": np.array(small.shape), "whole": self.whole[columns],
            "row_lower": (limits[0] - taken)[some], "row_upper": (limits[1] - taken)[some],
            "col_lower": lower[columns], "col_upper": upper[columns],
        }  # fmt: skip
        highs = hs.new_solver({**self._options, **LEAN, "mip_abs_gap": self._enough})
        whole = bool(parts["whole"].any())
        hs.load(highs, parts, relaxed.costs[columns], 0.0, whole)
        end = _Work(relaxed.stopped)
        if whole:
            hs.watch_search(highs, end, lambda _: None)
        else:
            hs.watch(highs, relaxed.stopped)
        solved = hs.run(highs, deadline - hs.now())
        if solved.point is None:
            return Answer(solved.status, None, None, end.by)
        point = rest.copy()
        point[columns] = np.where(parts["whole"], np.round(solved.point), solved.point)
        return self._answer("Optimal", point, "" if solved.finished else end.by or "time")

    def prices(self, deadline: float) -> np.ndarray | None:
        """(rows,) what one unit more on the right of each row saves of the main goal alone; None without time.

        They hold for small changes, whole numbers as they stand. A row that must be met exactly has none.
        """
        relaxed = self._living()
        relaxed.aim(COST_SCALE * self._first)
        if relaxed.settle(deadline, PRIMAL).status != "Optimal":
            return None
        equal = self.parts["row_lower"] == self.parts["row_upper"]
        return np.where(equal, 0.0, np.maximum(-relaxed.duals() / COST_SCALE, 0.0))

    @cached_property
    def slack(self) -> np.ndarray:
        """(rows,) distance of the plan, expected values at their best, from the upper side of each row."""
        return self.parts["row_upper"] - self._relaxed.rows @ self.base.point

    def _loosened(self) -> Parts:
        parts = self.parts
        rows = sparse.csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"]))
        taken, lower, upper = rows @ self.plan, parts["row_lower"], parts["row_upper"]
        return {**parts, "row_lower": np.minimum(lower, taken), "row_upper": np.maximum(upper, taken)}

    def _living(self) -> _Standing:
        """The relaxation at its optimum, in a HiGHS of its own: a used one remembers."""
        living = copy(self._relaxed)
        for name in ("active", "col_lower", "col_upper"):
            setattr(living, name, getattr(living, name).copy())
        living.highs = hs.new_solver(self._options)
        hs.load(living.highs, self._held, living.costs[living.order], 0.0, whole=False)
        hs.watch(living.highs, living.stopped)
        living.restore(basis_of(*self._basis))
        return living

    def _sum(self, question: Question) -> sparse.csr_array | None:
        """The row of what is summed, if anything is."""
        if question.summed is None or not len(question.summed):
            return None
        ones = np.ones(len(question.summed)), question.summed, np.array([0, len(question.summed)])
        return sparse.csr_array(ones, shape=(1, len(self.plan)))

    def _answer(self, status: str, point: np.ndarray, limited: str = "") -> Answer:
        return Answer(status, self.parts["goals"] @ point + self.parts["goal_offset"], point, limited)


class _Work:
    """Ends branch and bound after so many of the steps at which HiGHS lets itself be stopped, or when told to."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self.stopped, self.by = stopped, ""
        self._steps = itertools.count(1)

    def __call__(self, _: int) -> bool:
        if next(self._steps) > WORK:
            self.by = "work"
        elif self.stopped():
            self.by = "time"
        return bool(self.by)
