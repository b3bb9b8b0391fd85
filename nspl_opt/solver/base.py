"""The base of what-ifs and sweeps, solved: what cases start from.

The relaxation is solved for the first goal, goals ahead of the main one priced into it. Where plans are asked for
it is also solved with a trace of the later goals: without the trace tens of thousands of columns tie, and the dual
simplex wanders among them. The trace is much larger than in the search for a plan, so that ties are truly broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nspl_opt.solver import highs as hs
from nspl_opt.solver.ahead import folded
from nspl_opt.solver.primal import polish
from nspl_opt.solver.relaxation import PRIMAL, Relaxation
from nspl_opt.solver.search import COST_SCALE, Search
from nspl_opt.solver.stages import run_stages
from nspl_opt.solver.stretch import Optimum

TRACE = 30.0
"""How many times heavier the later goals weigh here than in the search for a plan."""
MOVED = 1e-6
"""A column of the relaxation that moved by less stands where it stood."""

Parts = dict[str, np.ndarray]


@dataclass(frozen=True)
class Base:
    """A base solved: what ``Warm`` starts from. Plain arrays, so that it can be sent to another process.

    ``first`` is the relaxation's optimum for the first goal, None when there is none, and ``bound`` its value;
    ``traced`` is that by ``costs``, and ``plan`` is whole: None if no plan was asked for or found.
    """

    parts: Parts
    settings: dict[str, Any]
    status: str
    bound: float
    first: Optimum | None
    costs: np.ndarray
    traced: Optimum | None
    plan: np.ndarray | None
    seconds: float


def solve_base(parts: Parts, settings: dict[str, Any], whole: bool = True) -> Base:
    """Solve the base: its relaxation, and with ``whole`` a plan.

    Raises
    ------
    SolverFault
        HiGHS took in something other than what it was given.
    """
    start, parts = hs.now(), folded(parts)
    search = quiet_search(parts, settings)
    relaxed = Relaxation(parts, search.options(), lambda: False)
    bound, pure, status = relaxed.solve(0, search.deadline)
    goal = parts["goals"][0]
    if bound is None or pure is None:
        return Base(parts, settings, status, -np.inf, None, goal, None, None, hs.now() - start)
    first = Optimum.of(relaxed, pure)
    if not whole:
        return Base(parts, settings, status, bound, first, goal, None, None, hs.now() - start)
    search.aim(0, bound, pure, trace=True)
    search.costs = COST_SCALE * (goal + TRACE * (search.costs - goal))
    relaxed.aim(search.costs)
    solved = relaxed.settle(search.deadline, PRIMAL)
    traced = Optimum.of(relaxed, solved.point) if solved.status == "Optimal" else None
    planned = quiet_search(parts, settings)
    run_stages(planned)
    if planned.plan is not None:
        search.costs = light(search.costs, parts)
        search.plan = planned.plan  # cases are planned by these costs: the base too, or they could not be compared
        take_better(search, polish(search, relaxed, planned.plan, hs.now() + float(settings["time_limit_s"])))
    return Base(parts, settings, status, bound, first, relaxed.costs, traced, search.plan, hs.now() - start)


def take_better(search: Search, point: np.ndarray | None) -> None:
    """Take a plan that is better by more than dust: what does not matter stays as it was."""
    if point is None:
        return
    if search.plan is None or search.merit(point) < search.merit(search.plan) - MOVED * abs(search.merit(search.plan)):
        search.take(point)


def light(costs: np.ndarray, parts: Parts) -> np.ndarray:
    """Costs of plans, the base's and the cases': here the later goals weigh next to nothing."""
    first = COST_SCALE * parts["goals"][0]
    return first + (costs - first) / TRACE


def quiet_search(parts: Parts, settings: dict[str, Any]) -> Search:
    """A search that tells and keeps nothing."""
    return Search(parts, settings, lambda: False, lambda _: None, lambda _: None)
