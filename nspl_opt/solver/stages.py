"""Goal after goal: bound by the relaxation, plan by restricted and full branch and bound, hold, go on.

For each goal: (1) the relaxation under the goals already held gives the bound; (2) branch and bound
over only those whole columns that the relaxation or the plan at hand uses finds a good whole plan
quickly; (3) branch and bound over all whole columns closes what is left, as far as time allows.
Then the goal is held at what was reached, plus its slack. Nothing here knows what a column means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nspl_opt.solver import highs as hs

WHOLE_TOLERANCE = 1e-6
RESTRICTED_SHARE = 0.6
"""Share of a goal's time that the restricted search may use before all columns are opened."""
FIRST_GOAL_SHARE = 0.45
"""Share of all time that the first goal may use; the others share what is left."""


@dataclass
class Reached:
    """What one goal came to."""

    value: float
    bound: float
    seconds: float
    limited: str = ""
    """What ended the search before the gap was closed: '', time, nodes or stop."""


@dataclass
class Search:
    """The state of a solve: the parts of the matrix, the plan at hand, what was reached."""

    parts: dict[str, np.ndarray]
    settings: dict[str, Any]
    stopped: Callable[[], bool]
    tell: Callable[[dict[str, Any]], None]
    keep: Callable[[np.ndarray], None]
    started: float = field(default_factory=hs.now)
    plan: np.ndarray | None = None
    reached: list[Reached] = field(default_factory=list)

    @property
    def deadline(self) -> float:
        """When all solving must end, on the clock of ``now``."""
        return self.started + float(self.settings["time_limit_s"])

    def value(self, goal: int, point: np.ndarray) -> float:
        """A goal's value at a point."""
        return float(self.parts["goals"][goal] @ point + self.parts["goal_offset"][goal])

    def options(self, **more: Any) -> dict[str, Any]:
        """HiGHS options of this solve."""
        return {"random_seed": int(self.settings["seed"]), **more}


def run_stages(search: Search) -> str:
    """Work through all goals; returns a status of the closed list."""
    relaxed = _Relaxation(search)
    count = len(search.parts["goal_offset"])
    for goal in range(count):
        before = hs.now()
        bound, point, status = relaxed.solve(goal)
        if status == "Infeasible" and search.plan is None:
            return relaxed.confirm_infeasible()
        search.tell(_news(search, goal, "relaxation", bound))
        limited = _search_whole(search, goal, bound, point, _share_of_time(search, goal, count))
        if search.plan is None:
            return "cancelled" if search.stopped() else "no_solution_in_time"
        value = search.value(goal, search.plan)
        bound = max(bound, relaxed.better_bound)
        search.reached.append(Reached(value, min(bound, value), hs.now() - before, limited))
        search.keep(search.plan)
        search.tell(_news(search, goal, "held", bound))
        relaxed.hold(goal, value)
    return _status(search)


def _share_of_time(search: Search, goal: int, count: int) -> float:
    """Until when the goal may be searched."""
    left = max(search.deadline - hs.now(), 0.0)
    share = FIRST_GOAL_SHARE if goal == 0 and count > 1 else 1.0 / (count - goal)
    return hs.now() + left * share


def _status(search: Search) -> str:
    if search.stopped():
        return "cancelled"
    gaps = [reached.value - reached.bound for reached in search.reached]
    sizes = [abs(reached.value) for reached in search.reached]
    tolerances = search.parts["tolerances"]
    if all(gap <= max(1e-6 * size, tol) for gap, size, tol in zip(gaps, sizes, tolerances, strict=True)):
        return "optimal"
    share = float(search.settings["gap_share"])
    near = all(gap <= max(share * size, tol) for gap, size, tol in zip(gaps, sizes, tolerances, strict=True))
    return "feasible_gap" if near else "feasible_time_limit"


def _news(search: Search, goal: int, stage: str, bound: float) -> dict[str, Any]:
    value = None if search.plan is None else search.value(goal, search.plan)
    return {"stage": stage, "goal": goal, "value": value, "bound": bound, "seconds": hs.now() - search.started}


class _Relaxation:
    """The relaxation, living through all goals: interior point first, then primal simplex from its basis."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.better_bound = -np.inf
        parts = search.parts
        self.highs = hs.new_solver(search.options(solver="ipx", run_crossover="on"))
        hs.load(self.highs, parts, parts["goals"][0], float(parts["goal_offset"][0]), whole=False)
        hs.watch(self.highs, lambda: search.stopped() or hs.now() > search.deadline)
        self.columns = np.arange(int(parts["shape"][1]), dtype=np.int32)

    def solve(self, goal: int) -> tuple[float, np.ndarray | None, str]:
        """Bound, point and status of a goal under the goals held so far."""
        parts = self.search.parts
        if goal:
            hs.must(self.highs.setOptionValue("solver", "simplex"), "solver")
            hs.must(self.highs.setOptionValue("simplex_strategy", 4), "primal simplex")
            hs.must(self.highs.changeColsCost(len(self.columns), self.columns, parts["goals"][goal]), "costs")
            hs.must(self.highs.changeObjectiveOffset(float(parts["goal_offset"][goal])), "offset")
        self.better_bound = -np.inf
        solved = hs.run(self.highs, self.search.deadline - hs.now())
        # Goals are sums of things that cannot be negative: 0 is a bound when time ran out.
        return max(solved.bound, 0.0) if solved.finished else 0.0, solved.point, solved.status

    def hold(self, goal: int, value: float) -> None:
        """From now on the goal may be no worse than reached, but for its slack."""
        parts = self.search.parts
        share, amount = parts["holds"][goal]
        limit = value + share * abs(value) + amount + 1e-6 * max(1.0, abs(value))
        terms = np.flatnonzero(parts["goals"][goal]).astype(np.int32)
        right = limit - float(parts["goal_offset"][goal])
        if not len(terms):
            return
        coefficients = parts["goals"][goal][terms]
        hs.must(self.highs.addRow(-np.inf, right, len(terms), terms, coefficients), "hold")
        parts["data"] = np.concatenate([parts["data"], coefficients])
        parts["indices"] = np.concatenate([parts["indices"], terms])
        parts["indptr"] = np.append(parts["indptr"], len(parts["data"])).astype(parts["indptr"].dtype)
        parts["row_lower"] = np.append(parts["row_lower"], -np.inf)
        parts["row_upper"] = np.append(parts["row_upper"], right)
        parts["shape"] = np.array([len(parts["row_lower"]), parts["shape"][1]])

    def confirm_infeasible(self) -> str:
        """Ask a second time, without presolve and with a tighter tolerance."""
        parts = self.search.parts
        again = hs.new_solver(self.search.options(presolve="off", primal_feasibility_tolerance=1e-8))
        hs.load(again, parts, parts["goals"][0], 0.0, whole=False)
        solved = hs.run(again, max(self.search.deadline - hs.now(), 5.0))
        return "infeasible_confirmed" if solved.status == "Infeasible" else "infeasible_unconfirmed"


def _search_whole(search: Search, goal: int, bound: float, relaxed: np.ndarray | None, until: float) -> str:
    """Improve the plan for the goal until its gap closes or its time is up; what limited it, if anything."""
    if _closed(search, goal, bound):
        return ""
    whole = search.parts["whole"].astype(bool)
    if not whole.any() and relaxed is not None:
        _take(search, goal, relaxed)
        return ""
    limited = ""
    used = np.zeros(len(whole), dtype=bool)
    for point in (relaxed, search.plan):
        if point is not None:
            used |= np.abs(point) > WHOLE_TOLERANCE
    idle = whole & ~used
    steps = [(idle, hs.now() + (until - hs.now()) * RESTRICTED_SHARE), (np.zeros_like(idle), until)]
    if relaxed is None or not idle.any():
        steps = steps[1:]
    for closed_columns, deadline in steps:
        limited = _branch(search, goal, closed_columns, deadline, bound)
        if search.stopped() or _closed(search, goal, bound):
            return "stop" if search.stopped() else ""
    if search.plan is None:
        _plan_of_nothing(search, goal, whole)
    return limited or "gap"


def _closed(search: Search, goal: int, bound: float) -> bool:
    if search.plan is None:
        return False
    value = search.value(goal, search.plan)
    return value - bound <= max(float(search.settings["gap_share"]) * abs(value), float(search.parts["tolerances"][goal]))


def _branch(search: Search, goal: int, closed: np.ndarray, deadline: float, bound: float) -> str:
    """Branch and bound with some whole columns held at nothing; takes the plan it finds."""
    if hs.now() >= deadline and search.plan is not None:
        return "time"
    parts = dict(search.parts)
    parts["col_upper"] = np.where(closed, np.maximum(parts["col_lower"], 0.0), parts["col_upper"])
    highs = hs.new_solver(
        search.options(
            mip_rel_gap=float(search.settings["gap_share"]) / 2,
            mip_lp_solver="ipx",
            mip_max_nodes=int(search.settings["node_limit"]),
        )
    )
    hs.load(highs, parts, parts["goals"][goal], float(parts["goal_offset"][goal]), whole=True)

    def improved(objective: float, proven: float, point: np.ndarray) -> None:
        search.tell({**_news(search, goal, "search", max(bound, 0.0)), "value": objective})
        if goal == 0 or search.plan is not None:
            search.keep(point)

    hs.watch(highs, lambda: search.stopped() or hs.now() > deadline, improved)
    if search.plan is not None:
        import highspy

        start = highspy.HighsSolution()
        start.col_value = list(search.plan)
        highs.setSolution(start)
    solved = hs.run(highs, deadline - hs.now())
    if solved.point is not None:
        _take(search, goal, solved.point)
    if solved.finished:
        return ""
    return "nodes" if "olution limit" in solved.status or "odes" in solved.status else "time"


def _take(search: Search, goal: int, point: np.ndarray) -> None:
    """Make a point the plan at hand if it is whole, feasible and no worse for the goal."""
    whole = search.parts["whole"].astype(bool)
    clean = point.copy()
    clean[whole] = np.round(clean[whole])
    if np.abs(clean[whole] - point[whole]).max(initial=0.0) > 1e-5:
        return
    if search.plan is None or search.value(goal, clean) <= search.value(goal, search.plan) + 1e-9:
        search.plan = clean
        search.keep(clean)


def _plan_of_nothing(search: Search, goal: int, whole: np.ndarray) -> None:
    """The plan with every whole column at its least: it exists because want is never infeasible."""
    parts = dict(search.parts)
    parts["col_upper"] = np.where(whole, parts["col_lower"], parts["col_upper"])
    highs = hs.new_solver(search.options(solver="ipx"))
    hs.load(highs, parts, parts["goals"][goal], float(parts["goal_offset"][goal]), whole=False)
    hs.watch(highs, search.stopped)
    solved = hs.run(highs, 60.0)
    if solved.finished and solved.point is not None:
        _take(search, goal, solved.point)
