"""Goal after goal: bound by the relaxation, plan by search, hold, go on.

For each goal: (1) the relaxation under the goals already held gives the bound; (2) the plan at hand
is polished: with its whole columns as they are, then with those of the relaxation, rounded; (3) on a
large model a quick dive, made whole period by period, finds a good plan soon, for a later goal where
its gap is wide; for the main goal cuts then raise the bound, and a dive from there, made whole and
improved period by period, finds a better plan; (4) branch and bound over those whole columns that the
relaxation or the plan at hand uses; (5) branch and bound over all active columns, as far as work and
time allow. Then the goal is held at what was reached, plus its slack. Nothing here knows what a column
means. A bound is always that of the whole relaxation, cuts included, or of branch and bound over all
columns for the goal alone: never of a restricted search.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nspl_opt.solver import highs as hs
from nspl_opt.solver.by_period import ByPeriod
from nspl_opt.solver.confirm import confirm_infeasible
from nspl_opt.solver.cuts import tighten
from nspl_opt.solver.dive import Dive, sizes
from nspl_opt.solver.primal import branch, candidates, finish, graver, polish
from nspl_opt.solver.relaxation import DUAL, PRIMAL, Relaxation
from nspl_opt.solver.search import COST_SCALE, Reached, Search
from nspl_opt.solver.switches import settle_switches

AHEAD_SHARE, MAIN_SHARE = 0.2, 0.7
"""Share of the time left that a goal before the main one may use, and that one; the others share what is left."""
RESTRICTED_SHARE = 0.6
"""Share of a goal's time for the search over columns in use, when another follows."""
LAST_CHANCE_S = 3.0
"""Time beyond a goal's own for the plan that leaves every whole column at its least."""
LEAST_GAIN = 1e-3
"""Share of the plan's value that a round of improvements must gain for another to follow."""
SMALL = 6000
"""Active columns up to which every search is quick."""
USED = 1e-6
PACE = 0.0
"""Share of the large columns that one step of a dive rounds up; one at least."""
CUTS_SHARE = 0.4
"""Share of the first goal's time for cuts."""
WIDE = 0.5
"""Gap of a later goal after polishing from which on it gets a dive of its own."""
QUICK_PACE = 0.3
"""The same for dives that are to find a good plan soon: the first, and those for later goals."""
QUICK_FROM = 20_000
"""Active columns up to which the quick dive takes more from the cuts and the dive after them than it gives."""
LARGE, LARGE_PACE = 60_000, 0.2
"""Active columns beyond which a round of cuts takes longer than it is worth, and dives take longer steps."""


def run_stages(search: Search) -> str:
    """Work through all goals; returns a status of the closed list."""
    relaxed = Relaxation(search.parts, search.options(), lambda: search.stopped() or hs.now() > search.deadline)
    count = len(search.parts["goal_offset"])
    for goal in range(count):
        before = hs.now()
        bound, points, status = _relax(search, relaxed, goal)
        if status == "Infeasible" and search.plan is None:
            return confirm_infeasible(search.parts, search.options(), search.stopped, search.deadline)
        until = hs.now() + max(search.deadline - hs.now(), 0.0) * _share(search.main, goal, count)
        limited, proven = _improve(search, relaxed, goal, bound, points, until)
        if search.plan is None:
            if limited == "infeasible" and relaxed.complete:
                return confirm_infeasible(search.parts, search.options(), search.stopped, search.deadline, whole=True)
            return "cancelled" if search.stopped() else "no_solution_in_time"
        value, bound = search.value(goal, search.plan), max(bound, proven)
        if not search.closed(goal, bound) and (status != "Optimal" or hs.now() > until):
            limited = "time"
        search.reached.append(Reached(value, min(bound, value), hs.now() - before, limited))
        search.news(goal, "held", bound)
        if search.stopped():
            return "cancelled"
        _hold(search, relaxed, goal, value)
    return _status(search)


def _share(main: int, goal: int, count: int) -> float:
    """Share of the time left that a goal may use: what comes before the main one, that itself, and what follows."""
    if goal == count - 1:
        return 1.0
    return AHEAD_SHARE if goal < main else MAIN_SHARE if goal == main else 1.0 / (count - goal)


def _relax(search: Search, relaxed: Relaxation, goal: int) -> tuple[float, list[np.ndarray], str]:
    """Bound of the goal, the points of its relaxation (its own, then one kind to later goals), status."""
    bound, point, status = relaxed.solve(goal, search.deadline)
    if bound is not None and bound < -float(search.parts["tolerances"][goal]) - USED:
        raise hs.SolverFault(f"goal {goal} can be {bound:g}, below 0: something in it has lost its bound")
    # Goals are sums of things that cannot be negative: 0 is a bound when there is no better.
    bound = max(bound or 0.0, 0.0)
    search.news(goal, "relaxation", bound)
    search.aim(goal, bound, point, trace=not relaxed.complete)
    points = [point]
    if point is not None and not relaxed.complete and goal + 1 < len(search.parts["goal_offset"]):
        points.append(relaxed.refine(search.costs * COST_SCALE, search.deadline))
    return bound, [known for known in points if known is not None], status


def _hold(search: Search, relaxed: Relaxation, goal: int, value: float) -> None:
    """From now on the goal may be no worse than reached, but for its slack."""
    share, amount = search.parts["holds"][goal]
    limit = value + share * abs(value) + amount + 1e-6 * max(1.0, abs(value))
    relaxed.hold(goal, limit)


def _improve(
    search: Search, relaxed: Relaxation, goal: int, bound: float, points: list[np.ndarray], until: float
) -> tuple[str, float]:
    """Improve the plan until its gap closes or its time is up: what limited it, and a bound if one was proven."""
    whole = search.whole
    for point in points:
        if np.abs(point - np.round(point))[whole].max(initial=0.0) <= USED:
            search.take(point)
    for candidate in candidates(search, points[-1] if points else None):
        search.take(polish(search, relaxed, candidate, until))
        dives = not relaxed.complete and (goal == search.main or not search.closed(goal, bound, WIDE))
        if search.plan is not None and dives:
            search.news(goal, "polish", bound)
            break  # a plan to begin with: the dive finds better
        if search.stopped() or search.closed(goal, bound) or hs.now() > until:
            break
    if search.closed(goal, bound):
        return "", bound
    cut = ""
    if points and not relaxed.complete and hs.now() < until:
        if goal == search.main:
            bound, points, cut = _tighten(search, relaxed, bound, points, until)
        elif not search.closed(goal, bound, WIDE):
            cut = _quick_dive(search, relaxed, goal, points[-1], bound, until)
        if search.closed(goal, bound):
            return cut, bound
    used = np.zeros(len(whole), dtype=bool)
    for known in (*points, search.plan):
        used |= False if known is None else np.abs(known) > USED
    limited, proven = "polish", bound
    for open_columns, deadline in _searches(search, relaxed, goal, used, until):
        limited, at_best = branch(search, relaxed, goal, open_columns, bound, deadline)
        cut = "time" if limited == "time" else cut  # what time cut short once does not repeat, however it ends
        if open_columns.all() and not search.traced:
            proven = max(proven, at_best)
        if search.stopped() or search.closed(goal, max(bound, proven)):
            return ("stop" if search.stopped() else cut), proven
    if search.plan is None:
        search.take(polish(search, relaxed, None, until + LAST_CHANCE_S))
    return cut or limited or "gap", proven


def _tighten(
    search: Search, relaxed: Relaxation, bound: float, points: list[np.ndarray], until: float
) -> tuple[float, list[np.ndarray], str]:
    """A quick dive for a plan soon, cuts for a better bound of the first goal, and a dive from there.

    Bound, points, "time" if it cut them short.
    """
    began, limited = hs.now(), ""
    if len(points) > 1 and len(relaxed.order) > QUICK_FROM:
        limited = _quick_dive(search, relaxed, search.main, points[-1], bound, until)
    quick = hs.now() - began
    relaxed.aim(search.parts["goals"][search.main])
    solved = relaxed.settle(until, PRIMAL)  # back from the point kind to later goals
    if solved.status != "Optimal" or solved.point is None:
        return bound, points, "time"
    large, point, left = len(relaxed.order) > LARGE, solved.point, max(until - hs.now(), 0.0)
    if not large:
        share = hs.now() + left * CUTS_SHARE
        tightened, point = tighten(relaxed, search.whole, point, bound, share)
        bound = max(bound, tightened)  # a bound of nothing must not turn into a little less
        search.news(search.main, "cuts", bound)
        limited = graver(limited, "time" if hs.now() > share else "")
    refined = relaxed.refine(search.costs * COST_SCALE, until)
    if refined is None:
        return bound, [point], "time"
    if until - hs.now() < quick:  # no second dive would end: the plan at hand is made better instead
        relaxed.aim(search.costs)
        _better(search, relaxed, search.main, ByPeriod(search, relaxed, until), bound)
        return bound, [point, refined], "time"
    dive = Dive(search, relaxed, sizes(search.parts), LARGE_PACE if large else PACE, until)
    limited = graver(limited, _dive(search, relaxed, search.main, dive, refined, bound))
    return bound, [point, refined], "time" if limited == "time" else ""


def _quick_dive(search: Search, relaxed: Relaxation, goal: int, point: np.ndarray, bound: float, until: float) -> str:
    """Take the plan that a dive in long steps leads to; the relaxation stands as before. What limited it."""
    basis = relaxed.basis()
    dive = Dive(search, relaxed, sizes(search.parts), QUICK_PACE, until)
    limited = _dive(search, relaxed, goal, dive, point, bound, once=True)
    relaxed.recall(basis)
    return limited


def _dive(
    search: Search,
    relaxed: Relaxation,
    goal: int,
    dive: Dive,
    point: np.ndarray,
    bound: float,
    once: bool = False,
) -> str:
    """Take the plans that a dive from this point leads to, made whole, and ``once`` or improved. What limited it."""
    relaxed.aim(search.costs)
    dived = dive.run(_switched(search, relaxed, point, dive.until))
    limited = "" if dived is None else _make_whole(search, relaxed, goal, dived, dive, bound, once)
    search.news(goal, "dive", bound)
    return graver("time" if dive.hurried or hs.now() > dive.until else "", limited)


def _switched(search: Search, relaxed: Relaxation, point: np.ndarray, until: float) -> np.ndarray:
    """The optimum with each switch open or shut, as the point or the plan at hand would have them, whichever is better.

    The dive puts their bounds back.
    """
    if not search.parts.get("switch", np.zeros(1)).any():
        return point

    def solve() -> np.ndarray | None:
        solved = relaxed.settle(until, DUAL)
        return solved.point if solved.status == "Optimal" else None

    numbers = np.flatnonzero(search.parts["switch"])
    before = relaxed.col_lower[numbers].copy(), relaxed.col_upper[numbers].copy()
    found = settle_switches(search.parts, point, relaxed.bind, solve)
    if search.plan is not None and (found is None or search.merit(found) >= search.merit(search.plan)):
        relaxed.bind(numbers, search.plan[numbers], search.plan[numbers])
        found = solve()
    if found is None:
        relaxed.bind(numbers, *before)
    return point if found is None else found


def _make_whole(
    search: Search, relaxed: Relaxation, goal: int, dived: np.ndarray, dive: Dive, bound: float, once: bool
) -> str:
    """Take the plan that a dive leads to, and better ones: period by period, or all at once. What limited it."""
    size, until = dive.size, dive.until
    done = search.whole & ((size > 1) | ~search.parts["lazy"].astype(bool))
    rounding = ByPeriod(search, relaxed, until, widen=goal == search.main)
    whole = rounding.run(dived, done)
    if whole is None and goal != search.main:
        return rounding.limited
    if whole is None:
        return graver(rounding.limited, finish(search, relaxed, goal, dived, size, bound, until))
    search.take(whole)
    return rounding.limited if once else _better(search, relaxed, goal, rounding, bound)


def _better(search: Search, relaxed: Relaxation, goal: int, rounding: ByPeriod, bound: float) -> str:
    """Improve the plan at hand period by period, in rounds as long as one gains enough. What limited it."""
    gained = np.inf
    while search.plan is not None and gained > LEAST_GAIN and not search.closed(goal, bound):
        search.news(goal, "dive", bound)
        before = search.merit(search.plan)
        rounding.improve(search.plan)
        gained = (before - search.merit(search.plan)) / max(abs(before), 1.0)
        if hs.now() > rounding.until:
            return "time"
    return rounding.limited


def _searches(
    search: Search, relaxed: Relaxation, goal: int, used: np.ndarray, until: float
) -> Iterator[tuple[np.ndarray, float]]:
    """The searches worth their time: over which columns, and until when.

    Whole columns in use first. All active columns where that is quick, or thoroughness is asked
    for. On large models a later goal is left to polishing: there a search found next to nothing.
    A goal ahead of the main one is a promise: a dive weighs it against all that follows, so what it
    breaks is looked for among all active columns, where it is found in seconds.
    """
    thorough = search.settings["effort"] == "thorough"
    small = relaxed.active.sum() <= SMALL
    in_use = relaxed.active & (used | ~search.whole)
    if goal < search.main and not small:
        yield relaxed.active, until
        return
    if goal > search.main and not small and not thorough:
        return
    both = (small or thorough) and bool((relaxed.active & ~in_use).any())
    if used.any():
        yield in_use, hs.now() + (until - hs.now()) * RESTRICTED_SHARE if both else until
    if both or not used.any():
        yield relaxed.active, until


def _status(search: Search) -> str:
    """A goal is judged by what was reached before later goals took their slack back."""

    def near(share: float) -> bool:
        tolerances = search.parts["tolerances"]
        goals = zip(search.reached, tolerances, strict=True)
        return all(r.value - r.bound <= max(share * abs(r.value), tolerance) for r, tolerance in goals)

    if near(1e-6):
        return "optimal"
    cut_short = any(r.limited == "time" for r in search.reached) and not near(float(search.settings["gap_share"]))
    return "feasible_time_limit" if cut_short else "feasible_gap"
