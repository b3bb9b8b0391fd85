r"""A base solved once, and changed cases solved from its basis.

The bound of a case is that of the whole changed relaxation for the first goal, as if solved cold. Where only
bounds are asked for they come from the base's optimum for that goal (``stretch``). Where plans are asked for, a
case starts from the optimum with a trace of later goals: dual simplex over the active columns, those outside
priced in, and last primal simplex for the first goal alone, a few steps from there.

Every case starts from the same state, whatever was solved before it.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nspl_opt.solver import highs as hs
from nspl_opt.solver.base import MOVED, Base, Parts, light, quiet_search, take_better
from nspl_opt.solver.by_period import ByPeriod
from nspl_opt.solver.change import MatrixChange
from nspl_opt.solver.dive import Dive, sizes
from nspl_opt.solver.relaxation import DUAL, OPTIONS, PRIMAL, Relaxation, basis_of
from nspl_opt.solver.search import COST_SCALE, Search
from nspl_opt.solver.stretch import AT_LOWER, changed, fits, rows_of, solve_stretched, stays

PACE = 0.3
"""Share of the large columns that a dive fixes in one step."""
NEAR = 0.02
"""Share of its value by which a case's plan may be further from its bound than the base's from its own."""
WIDE = 0.1
"""The same share from which on a plan is made better period by period, where that is asked for."""
MOST_ROUNDS = 2
"""Rounds of that; another one only where the last gained more than ``LEAST_GAIN`` of the plan's value."""
LEAST_GAIN = 0.02
DIVE_SHARE = 0.5
"""Share of the time that a dive may use; it mostly ends long before."""


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


class _Start:
    """A relaxation that is never solved again, what HiGHS is to hold of it, and the basis of its optimum."""

    def __init__(self, relaxed: Relaxation, basis: Any) -> None:
        self.relaxed, self.basis = relaxed, basis
        self.held = relaxed.held()


class Warm:
    """Solves changed cases from a base, each as if it were the first. Not to be shared between threads."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self._options = quiet_search(base.parts, base.settings).options(presolve="off")
        self._light = light(base.costs, base.parts)

    @cached_property
    def _size(self) -> np.ndarray:
        return sizes(self.base.parts)

    @cached_property
    def _free(self) -> _Start:
        """The base's relaxation at its optimum by the traced costs."""
        traced = self.base.traced
        relaxed = Relaxation(self.base.parts, self._options, lambda: False, None if traced is None else traced.active)
        relaxed.aim(self.base.costs)
        return _Start(relaxed, None if traced is None else basis_of(traced.columns, traced.rows))

    @cached_property
    def _fixed(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Active columns, and the basis of all columns and rows, at the optimum with the plan's whole columns."""
        base, plan = self.base, self.base.plan
        active = self._free.relaxed.active | (np.abs(plan) > MOVED)
        relaxed = Relaxation(base.parts, self._options, lambda: False, active)
        relaxed.aim(self._light)
        whole = np.flatnonzero(base.parts["whole"])
        relaxed.bind(whole, plan[whole], plan[whole])
        relaxed.run(hs.now() + float(base.settings["time_limit_s"]), DUAL)
        columns, rows = relaxed.basis()
        statuses = np.full(len(plan), AT_LOWER)
        statuses[relaxed.order] = columns
        return active, statuses, rows

    def _near(self, new: Parts, active: np.ndarray) -> Relaxation:
        """The changed relaxation beside the base's plan, with the columns that it was found to want too."""
        mine, statuses, rows = self._fixed
        relaxed = Relaxation(new, self._options, lambda: False, mine | active)
        relaxed.aim(self._light)
        relaxed.restore(basis_of(statuses[relaxed.order], rows))
        return relaxed

    def resolve(self, change: MatrixChange | None, whole: bool = True, better: bool = False) -> Resolved:
        """The case solved: its bound, and with ``whole`` a plan; None or an empty change is the base itself.

        ``better`` takes more time for a plan that is far from its bound: worth it where one case is looked at closely.
        """
        start = hs.now()
        base = self.base
        if change is None or change.empty:
            return self._as_base("" if change is None else change.name, whole, start)
        deadline = start + float(base.settings["time_limit_s"])
        new = changed(base.parts, change)
        whole = whole and base.plan is not None
        kept = not whole or fits(base.plan, rows_of(new), new, change)
        if kept and base.first is not None and stays(base.first, base.parts, new, change):
            return self._as_base(change.name, whole, start)
        if not whole and base.first is not None:
            solved = solve_stretched(base.first, new, change, self._options, deadline)
            bound = max(solved.bound + float(base.parts["goal_offset"][0]), 0.0) if solved.finished else -np.inf
            return self._told(change.name, solved.status, bound, solved.point, False, start)
        free = self._living(self._free)
        free.change(change)
        status, bound, point, pure = self._bound(free, deadline)
        if whole and point is not None:
            pure = self._plan(new, free.active, point, bound, deadline, better)
        return self._told(change.name, status, bound, pure, whole, start)

    def _as_base(self, name: str, whole: bool, start: float) -> Resolved:
        """What the base is."""
        base = self.base
        point = base.plan if whole else None if base.first is None else base.first.point
        return self._told(name, base.status, base.bound, point, whole, start)

    def _living(self, start: _Start) -> Relaxation:
        """A relaxation at that start, in a HiGHS of its own: a used one remembers."""
        living = copy(start.relaxed)
        for name in ("active", "row_lower", "row_upper", "col_lower", "col_upper"):
            setattr(living, name, getattr(living, name).copy())
        living.highs = hs.new_solver({**OPTIONS, **self._options})
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

    def _plan(
        self, new: Parts, active: np.ndarray, point: np.ndarray, bound: float, deadline: float, better: bool
    ) -> np.ndarray | None:
        """The best whole plan found near the base's; ``new`` is the changed matrix, ``active`` what its relaxation
        wants, ``point`` its optimum.

        First the base's whole columns where they still can be; if that is not as near to its bound as the base is, a
        dive over those that moved between the two relaxations, the others as in the base, made whole period by period.
        What is still far from its bound is made ``better`` period by period, where that is wanted.
        """
        base, search = self.base, quiet_search(new, self.base.settings)
        fixed = self._near(new, active)
        whole = np.flatnonzero(base.parts["whole"])
        search.costs = self._light
        if ((base.plan >= fixed.col_lower - MOVED) & (base.plan <= fixed.col_upper + MOVED)).all():
            search.take(base.plan)
        least, most = fixed.col_lower[whole].copy(), fixed.col_upper[whole].copy()
        kept = _kept(fixed, base.plan, whole)[whole]
        fixed.bind(whole, kept, kept)
        solved = fixed.run(deadline, DUAL)
        if solved.status == "Optimal":
            take_better(search, fixed.refined(solved.point, deadline))
        moved = np.abs(point - (base.traced or base.first).point)[whole] > MOVED
        if moved.any() and not self._near_enough(search, bound):
            fixed.bind(whole, np.where(moved, least, kept), np.where(moved, most, kept))
            take_better(search, self._dive(search, fixed, deadline))
        if search.plan is None:  # not even that: patients of the first hours are free too, and less of all the rest
            free = moved | (new["lazy"].astype(bool) & (self._size <= 1))[whole]
            fixed.bind(whole, least, np.where(free, most, kept))
            take_better(search, self._dive(search, fixed, deadline))
        if search.plan is None:
            fixed.bind(whole, least, least)
            solved = fixed.run(deadline, DUAL)
            if solved.status == "Optimal":
                take_better(search, fixed.refined(solved.point, deadline))
        if better and search.plan is not None:
            fixed.bind(whole, least, most)
            self._better(search, fixed, bound, deadline)
        return search.plan

    def _better(self, search: Search, fixed: Relaxation, bound: float, deadline: float) -> None:
        """Decide each period of the plan anew, in rounds, as long as it is far from its bound and gains by it."""
        periods, gained = ByPeriod(search, fixed, deadline), np.inf
        for _ in range(MOST_ROUNDS):
            if gained <= LEAST_GAIN or self._near_enough(search, bound, WIDE) or hs.now() > deadline:
                return
            before = search.merit(search.plan)
            periods.improve(search.plan)
            gained = (before - search.merit(search.plan)) / max(abs(before), 1.0)

    def _dive(self, search: Search, fixed: Relaxation, deadline: float) -> np.ndarray | None:
        """A whole point from the relaxation with the columns that may move free; None where that leads nowhere."""
        solved = fixed.run(deadline, DUAL)
        if solved.status != "Optimal" or solved.point is None:
            return None
        until = hs.now() + DIVE_SHARE * (deadline - hs.now())
        dived = Dive(search, fixed, self._size, PACE, until).run(solved.point)
        if dived is None:
            return None
        done = search.whole & ((self._size > 1) | ~search.parts["lazy"].astype(bool))
        return ByPeriod(search, fixed, deadline).run(dived, done)

    def _near_enough(self, search: Search, bound: float, share: float = NEAR) -> bool:
        """Whether the plan is about as near to its bound as the base's is."""
        if search.plan is None:
            return False
        value = search.value(0, search.plan)
        return value - bound <= self._gap + share * abs(value) + MOVED

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
