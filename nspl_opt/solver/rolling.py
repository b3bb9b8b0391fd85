"""Planning in windows: what the solver process does with a job whose settings say ``rolling``.

(1) The relaxation of the whole horizon gives the bound of the first goal and, for costs in which later
goals weigh a little, the prices of all rows. (2) Window after window is decided at these prices
(``window.py``), whole in the step that is executed. (3) What came of it is a plan like any other: held
to every row of the matrix, and set beside the bounds of the whole relaxation, goal by goal.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nspl_opt.solver import highs as hs
from nspl_opt.solver.ahead import folded
from nspl_opt.solver.confirm import confirm_infeasible
from nspl_opt.solver.relaxation import PRIMAL, Relaxation
from nspl_opt.solver.search import COST_SCALE, Reached, Search
from nspl_opt.solver.stages import run_stages
from nspl_opt.solver.window import Horizon, Roll, Window

WINDOW_GAP_SHARE = 0.002
"""How near to its bound a window is decided: the gaps of windows add up."""
WINDOW_SHARE = 0.4
"""Share of the time left that a window may use: the first ones have most to decide."""
WINDOWS_SHARE = 0.8
"""Share of the time left for all windows; the rest is for the bounds of later goals."""


def run_job(search: Search) -> str:
    """Decide the horizon as cut by the setting ``rolling``: ``window`` and ``step``."""
    cut = search.settings["rolling"]
    horizon = Horizon(search.parts["periods"], int(cut["window"]), int(cut["step"]))
    return run_windows(search, horizon)


def run_windows(search: Search, horizon: Horizon) -> str:
    """Decide the whole horizon window by window; returns a status of the closed list."""
    aimed = replace(search, parts=folded(search.parts))
    relaxed = Relaxation(aimed.parts, search.options(), lambda: search.stopped() or hs.now() > search.deadline)
    bound, point, status = relaxed.solve(0, search.deadline)
    if status == "Infeasible":
        return confirm_infeasible(search.parts, search.options(), search.stopped, search.deadline)
    if bound is None:
        return "cancelled" if search.stopped() else "no_solution_in_time"
    bound = max(bound, 0.0)  # goals are sums of things that cannot be negative
    search.news(search.main, "relaxation", bound)
    aimed.aim(0, bound, point, trace=True)
    prices = row_prices(aimed, relaxed)
    if prices is None:
        return "cancelled" if search.stopped() else "no_solution_in_time"
    roll = Roll(aimed.parts, horizon, aimed.costs, float(aimed.parts["goal_offset"][0]), prices)
    until = hs.now() + max(search.deadline - hs.now(), 0.0) * WINDOWS_SHARE

    endings = []

    def decide(window: Window) -> tuple[np.ndarray | None, float, str]:
        left = max(until - hs.now(), 0.0)
        found = decide_whole(search, window, left if window.end == horizon.count else WINDOW_SHARE * left)
        endings.append(found[2])
        search.news(search.main, "search", bound)
        return found

    found, status = roll.run(decide)
    aimed.take(found)
    search.plan = aimed.plan
    if search.plan is None:
        return "cancelled" if search.stopped() else "no_solution_in_time"
    if search.main:  # goals ahead were priced in: each has its own bound
        relaxed = Relaxation(search.parts, search.options(), relaxed.stopped)
        bound = relaxed.solve(0, search.deadline)[0] or 0.0
    _bound_all(search, relaxed, max(bound, 0.0), "time" if "feasible_time_limit" in endings else "windows")
    return _status(search)


def row_prices(search: Search, relaxed: Relaxation) -> np.ndarray | None:
    """(rows,) duals of the whole relaxation for the search's costs; None without an optimum in time."""
    relaxed.aim(search.costs * COST_SCALE)
    if relaxed.settle(search.deadline, PRIMAL).status != "Optimal":
        return None
    return relaxed.duals()[: int(search.parts["shape"][0])] / COST_SCALE


def decide_relaxed(search: Search, window: Window) -> tuple[np.ndarray | None, float, str]:
    """The relaxation of a window: nothing whole."""
    relaxed = Relaxation(window.parts, search.options(), search.stopped)
    value, point, status = relaxed.solve(0, search.deadline)
    return (None, np.inf, status) if value is None else (point, value, status)


def decide_whole(search: Search, window: Window, seconds: float) -> tuple[np.ndarray | None, float, str]:
    """A window with the whole columns of its first step whole, by the stages of any other plan."""
    if not window.parts["whole"].any():
        return decide_relaxed(search, window)
    gap = min(float(search.settings["gap_share"]), WINDOW_GAP_SHARE)
    settings = {**search.settings, "time_limit_s": seconds, "gap_share": gap}
    inner = Search(window.parts, settings, search.stopped, lambda news: None, lambda plan: None)
    status = run_stages(inner)
    if inner.plan is None:
        return None, np.inf, "Infeasible" if status.startswith("infeasible") else status
    return inner.plan, inner.value(0, inner.plan), status


def _bound_all(search: Search, relaxed: Relaxation, first: float, limited: str) -> None:
    """What no plan can beat, goal by goal, among those as good in the goals before; nought where time ran out."""
    bound, before = first, search.started
    for goal in range(len(search.parts["goal_offset"])):
        if goal:
            share, amount = search.parts["holds"][goal - 1]
            held = search.reached[-1].value
            relaxed.hold(goal - 1, held + share * held + amount + 1e-6 * max(1.0, held))
            found, _, status = relaxed.solve(goal, search.deadline)
            bound = max(found or 0.0, 0.0) if status == "Optimal" else 0.0
            limited = limited if status == "Optimal" else "time"
        value = search.value(goal, search.plan)
        search.reached.append(Reached(value, min(bound, value), hs.now() - before, limited))
        search.news(goal, "held", bound)
        before = hs.now()


def _status(search: Search) -> str:
    if search.stopped():
        return "cancelled"
    goals = zip(search.reached, search.parts["tolerances"], strict=True)
    if all(goal.value - goal.bound <= max(1e-6 * goal.value, float(tolerance)) for goal, tolerance in goals):
        return "optimal"
    return "feasible_time_limit" if any(goal.limited == "time" for goal in search.reached) else "feasible_gap"
