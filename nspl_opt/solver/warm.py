r"""A base solved once, and changed cases solved from its basis.

The base's relaxation is solved for its first goal with a trace of the later ones: without the trace
tens of thousands of columns tie, and the dual simplex wanders among them. The trace is much larger
than in the search for a plan, so that ties are truly broken. A changed case starts from the base's basis:
dual simplex over the active columns, those outside priced in, and last primal simplex for the first
goal alone, a few steps from there. So the bound is that of the whole changed relaxation for the first
goal, as if solved cold.

Every case starts from the same state, whatever was solved before it.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nspl_opt.solver import highs as hs
from nspl_opt.solver.change import MatrixChange
from nspl_opt.solver.dive import Dive, sizes
from nspl_opt.solver.primal import polish
from nspl_opt.solver.relaxation import DUAL, PRIMAL, Relaxation, basis_of
from nspl_opt.solver.search import COST_SCALE, Search, below
from nspl_opt.solver.stages import run_stages

TRACE = 30.0
"""How many times heavier the later goals weigh here than in the search for a plan."""
PACE = 0.05
"""Share of the large columns that a dive fixes in one step."""
DIVE_SHARE = 0.5
"""Share of the time that a dive may use; it mostly ends long before."""
ROUNDED_UP = (0.5, 1.0 - 1e-6)
"""What a dive left in parts is rounded up from these parts on: first the nearest, then hardly anything."""
MOVED = 1e-6
"""A column of the relaxation that moved by less stands where it stood."""

Parts = dict[str, np.ndarray]


@dataclass(frozen=True)
class Base:
    """A base solved: what ``Warm`` starts from. Plain arrays, so that it can be sent to another process.

    ``order`` are the active columns and ``columns``, ``rows`` the statuses of its basis, empty when the
    relaxation has no optimum; ``point`` is the relaxation's optimum by ``costs`` and ``pure`` that of the
    first goal alone; ``plan`` is whole, None if none was asked for or found.
    """

    parts: Parts
    settings: dict[str, Any]
    status: str
    order: np.ndarray
    columns: np.ndarray
    rows: np.ndarray
    costs: np.ndarray
    bound: float
    point: np.ndarray | None
    pure: np.ndarray | None
    plan: np.ndarray | None
    seconds: float


@dataclass(frozen=True)
class Resolved:
    """What came of a case.

    ``bound`` of the first goal holds for every plan of the case (-inf without proof); ``value`` and ``goals``
    are those of the whole plan ``point``. Without a plan asked for, ``point`` is the relaxation's, ``value``
    None and ``goals`` empty.
    """

    name: str
    status: str
    value: float | None
    bound: float
    goals: tuple[float, ...]
    point: np.ndarray | None
    seconds: float


def solve_base(parts: Parts, settings: dict[str, Any], whole: bool = True) -> Base:
    """Solve the base: its relaxation, and with ``whole`` a plan.

    Raises
    ------
    SolverFault
        HiGHS took in something other than what it was given.
    """
    start = hs.now()
    search = _search(parts, settings)
    relaxed = Relaxation(parts, search.options(), lambda: False)
    bound, pure, status = relaxed.solve(0, search.deadline)
    none = np.zeros(0, dtype=np.int64)
    if bound is None or pure is None:
        return Base(parts, settings, status, none, none, none, parts["goals"][0], -np.inf, None, None, None, 0.0)
    search.aim(0, bound, pure, trace=True)
    first = parts["goals"][0]
    search.costs = COST_SCALE * (first + TRACE * (search.costs - first))
    relaxed.aim(search.costs)
    solved = relaxed.settle(search.deadline, PRIMAL)
    point = pure if solved.point is None else solved.point
    by_number = np.argsort(relaxed.order, kind="stable")
    columns, rows = relaxed.basis()
    order, columns = relaxed.order[by_number], columns[by_number]
    plan = None
    if whole:
        planned = _search(parts, settings)
        run_stages(planned)
        if planned.plan is not None:
            search.costs = _light(search.costs, parts)
            search.plan = planned.plan  # cases are planned by these costs: the base too, or they could not be compared
            _take_better(search, polish(search, relaxed, planned.plan, hs.now() + float(settings["time_limit_s"])))
        plan = search.plan
    return Base(
        parts, settings, status, order, columns, rows, relaxed.costs, bound, point, pure, plan, hs.now() - start
    )


class _Start:
    """A relaxation that is never solved again, what HiGHS is to hold of it, and the basis of its optimum."""

    def __init__(self, relaxed: Relaxation, basis: Any) -> None:
        self.relaxed, self.basis = relaxed, basis
        self.held = relaxed.held()


class Warm:
    """Solves changed cases from a base, each as if it were the first. Not to be shared between threads."""

    def __init__(self, base: Base) -> None:
        self.base = base
        active = np.zeros(len(base.costs), dtype=bool)
        active[base.order] = True
        self._options = _search(base.parts, base.settings).options(presolve="off")
        self._light = _light(base.costs, base.parts)
        relaxed = Relaxation(base.parts, self._options, lambda: False, active if len(base.order) else None)
        relaxed.aim(base.costs)
        self._free = _Start(relaxed, basis_of(base.columns, base.rows) if len(base.order) else None)
        self._size = sizes(base.parts)

    @cached_property
    def _fixed(self) -> _Start:
        """The base's relaxation with the whole columns of its plan: at its optimum."""
        base, plan = self.base, self.base.plan
        active = self._free.relaxed.active | (np.abs(plan) > MOVED)
        relaxed = Relaxation(base.parts, self._options, lambda: False, active)
        relaxed.aim(self._light)
        whole = np.flatnonzero(base.parts["whole"])
        relaxed.bind(whole, plan[whole], plan[whole])
        relaxed.run(hs.now() + float(base.settings["time_limit_s"]), DUAL)
        return _Start(relaxed, basis_of(*relaxed.basis()))

    def resolve(self, change: MatrixChange | None, whole: bool = True) -> Resolved:
        """The case solved: its bound, and with ``whole`` a plan; None or an empty change is the base itself."""
        start = hs.now()
        base = self.base
        if change is None or change.empty:
            name, point = "" if change is None else change.name, base.plan if whole else base.pure
            return self._told(name, base.status, base.bound, point, whole, start)
        free = self._living(self._free)
        free.change(change)
        deadline = start + float(base.settings["time_limit_s"])
        status, bound, point, pure = self._bound(free, deadline)
        if whole and base.plan is not None and point is not None:
            pure = self._plan(change, point, bound, deadline)
        return self._told(change.name, status, bound, pure, whole, start)

    def _living(self, start: _Start) -> Relaxation:
        """A relaxation at that start, in a HiGHS of its own: a used one remembers."""
        living = copy(start.relaxed)
        for name in ("active", "row_lower", "row_upper", "col_lower", "col_upper"):
            setattr(living, name, getattr(living, name).copy())
        living.highs = hs.new_solver(self._options)
        hs.load(living.highs, start.held, living.costs[living.order], 0.0, whole=False)
        if start.basis is not None:
            living.restore(start.basis)
        return living

    def _bound(self, free: Relaxation, deadline: float) -> tuple[str, float, np.ndarray | None, np.ndarray | None]:
        """Status, bound of the first goal, the relaxation's optimum by the base's costs and by that goal alone."""
        solved = free.settle(deadline, DUAL)
        if solved.status != "Optimal":
            return solved.status, -np.inf, None, None
        point = solved.point
        free.aim(COST_SCALE * self.base.parts["goals"][0])
        solved = free.settle(deadline, PRIMAL)
        if solved.status != "Optimal":
            return solved.status, -np.inf, point, None
        bound = max(solved.objective / COST_SCALE + float(self.base.parts["goal_offset"][0]), 0.0)
        return solved.status, bound, point, solved.point

    def _plan(self, change: MatrixChange, point: np.ndarray, bound: float, deadline: float) -> np.ndarray | None:
        """The best whole plan found near the base's; ``point`` is the changed relaxation's optimum.

        First the base's whole columns where they still can be, then a dive over those whole columns
        that moved between the two relaxations, the others as in the base.
        """
        base = self.base
        fixed = self._living(self._fixed)
        whole = np.flatnonzero(base.parts["whole"])
        fixed.bind(whole, base.parts["col_lower"][whole], base.parts["col_upper"][whole])
        fixed.change(change)
        rows = {"data": fixed.rows.data, "indices": fixed.rows.indices, "indptr": fixed.rows.indptr}
        sides = ("row_lower", "row_upper", "col_lower", "col_upper")
        search = _search({**base.parts, **rows, **{name: getattr(fixed, name).copy() for name in sides}}, base.settings)
        search.costs = self._light
        least, most = fixed.col_lower[whole].copy(), fixed.col_upper[whole].copy()
        if ((base.plan >= fixed.col_lower - MOVED) & (base.plan <= fixed.col_upper + MOVED)).all():
            search.take(base.plan)
        kept = _kept(fixed, base.plan, whole)
        for amounts in (kept[whole], least):
            fixed.bind(whole, amounts, amounts)
            solved = fixed.run(deadline, DUAL)
            if solved.status == "Optimal":
                _take_better(search, solved.point)
                break
        moved = np.abs(point - base.point)[whole] > MOVED
        worse = search.plan is None or search.value(0, search.plan) - bound > (1 + MOVED) * self._gap + MOVED
        if not (worse and moved.any()):
            return search.plan
        fixed.bind(whole[moved], least[moved], most[moved])
        solved = fixed.run(deadline, DUAL)
        if solved.status == "Optimal" and solved.point is not None:
            until = hs.now() + DIVE_SHARE * (deadline - hs.now())
            _finish(search, fixed, Dive(search, fixed, self._size, PACE, until).run(solved.point), deadline)
        return search.plan

    @property
    def _gap(self) -> float:
        """How far the base's plan is from its bound: a case as near as that is near enough."""
        goals = self.base.parts["goals"][0] @ self.base.plan + self.base.parts["goal_offset"][0]
        return max(float(goals) - self.base.bound, 0.0)

    def _told(
        self, name: str, status: str, bound: float, point: np.ndarray | None, whole: bool, start: float
    ) -> Resolved:
        goals: tuple[float, ...] = ()
        if whole and point is not None:
            parts = self.base.parts
            goals = tuple(float(goal) for goal in parts["goals"] @ point + parts["goal_offset"])
        value = goals[0] if goals else None
        bound = bound if value is None else min(bound, value)
        return Resolved(name, status, value, bound, goals, point, hs.now() - start)


def _kept(relaxed: Relaxation, plan: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """(columns,) whole columns as in the plan, within the bounds; where they alone break a row, at their least."""
    kept = relaxed.col_lower.copy()
    kept[whole] = np.clip(plan, relaxed.col_lower, relaxed.col_upper)[whole]
    alone = np.ones(len(plan), dtype=bool)
    alone[whole] = False
    alone = abs(relaxed.rows) @ alone.astype(float) == 0
    taken = relaxed.rows @ kept
    broken = np.flatnonzero(alone & ((taken > relaxed.row_upper + MOVED) | (taken < relaxed.row_lower - MOVED)))
    columns = np.intersect1d(relaxed.rows[broken].indices, whole)
    kept[columns] = relaxed.col_lower[columns]
    return kept


def _finish(search: Search, relaxed: Relaxation, point: np.ndarray | None, deadline: float) -> None:
    """Round what a dive left in parts, and take what comes of it; bounds are put back."""
    if point is None:
        return
    whole = np.flatnonzero(search.whole)
    least, most = relaxed.col_lower[whole].copy(), relaxed.col_upper[whole].copy()
    for part in ROUNDED_UP:
        amounts = np.clip(below(point[whole] + 1.0 - part), least, most)
        relaxed.bind(whole, amounts, amounts)
        solved = relaxed.run(deadline, DUAL)
        if solved.status == "Optimal":
            _take_better(search, solved.point)
    relaxed.bind(whole, least, most)


def _take_better(search: Search, point: np.ndarray | None) -> None:
    """Take a plan that is better by more than dust: what does not matter stays as it was."""
    if point is None:
        return
    if search.plan is None or search.merit(point) < search.merit(search.plan) - MOVED * abs(search.merit(search.plan)):
        search.take(point)


def _light(costs: np.ndarray, parts: Parts) -> np.ndarray:
    """Costs of plans, the base's and the cases': here the later goals weigh next to nothing."""
    first = COST_SCALE * parts["goals"][0]
    return first + (costs - first) / TRACE


def _search(parts: Parts, settings: dict[str, Any]) -> Search:
    """A search that tells and keeps nothing."""
    return Search(parts, settings, lambda: False, lambda _: None, lambda _: None)
