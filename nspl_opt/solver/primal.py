"""Finding whole plans: polishing a plan's continuous part, and branch and bound over chosen columns."""

from __future__ import annotations

from collections.abc import Iterator

import highspy
import numpy as np

from nspl_opt.solver import highs as hs
from nspl_opt.solver.refine import refined
from nspl_opt.solver.relaxation import Relaxation
from nspl_opt.solver.search import Search
from nspl_opt.solver.switches import set_switches

Parts = dict[str, np.ndarray]
KEPT = 1e-6
"""How far a row of fixed columns may be broken, by rounding."""


def restricted(relaxed: Relaxation, open_columns: np.ndarray, fixed: np.ndarray | None) -> tuple[Parts, np.ndarray]:
    """The rows over the open columns alone, goals held and cuts included; the others stay at ``fixed`` or their least.

    Returns
    -------
    Its parts and the numbers of its columns. Rows without open columns are left out; ``kept`` says
    whether the fixed columns keep them.
    """
    parts, matrix = relaxed.parts, relaxed.rows
    rest = np.where(open_columns, 0.0, parts["col_lower"] if fixed is None else fixed)
    lower, upper = relaxed.row_lower, relaxed.row_upper
    taken = matrix @ rest
    columns = np.flatnonzero(open_columns)
    small = matrix[:, columns].tocsr()
    rows = np.flatnonzero(np.diff(small.indptr))
    apart = np.diff(small.indptr) == 0
    broken = np.maximum(lower - taken, taken - upper)[apart]
    small = small[rows]
    chosen = {
        "data": small.data,
        "indices": small.indices.astype(np.int32),
        "indptr": small.indptr.astype(np.int32),
        "shape": np.array(small.shape),
        "row_lower": (lower - taken)[rows],
        "row_upper": (upper - taken)[rows],
        "col_lower": parts["col_lower"][columns],
        "col_upper": parts["col_upper"][columns],
        "whole": parts["whole"][columns],
        "rest": rest,
        "kept": np.array(broken.max(initial=0.0) <= KEPT),
    }
    return chosen, columns


ROUNDED_DOWN = (0.3, 1e-6)
"""What is rounded down of a whole column that is not lazy (steps): some, then next to nothing."""
LAZY_ROUNDED_DOWN = 0.15
"""The same for lazy ones (trips)."""


def candidates(search: Search, relaxed: np.ndarray | None) -> Iterator[np.ndarray]:
    """Whole columns worth polishing: those of the plan at hand, then roundings of the relaxation.

    Rounded are first only the columns that are not lazy, beside the plan's own trips; then all.
    """
    if search.plan is not None:
        yield search.plan
    if relaxed is None:
        return
    lazy, upper = search.parts["lazy"].astype(bool), search.parts["col_upper"]
    held = search.parts["col_lower"] if search.plan is None else search.plan
    point, switched = relaxed, "switch" in search.parts and search.parts["switch"].any()
    relaxed = np.where(search.parts["roundable"].astype(bool), relaxed, held)
    for down in ROUNDED_DOWN:
        rounded = np.minimum(np.ceil(relaxed - np.where(lazy, LAZY_ROUNDED_DOWN, down)), upper)
        if switched:
            rounded = set_switches(search.parts, point, rounded)
        # Beside the plan's own trips, or none: that is feasible whatever the roundings are.
        yield np.where(lazy, held, rounded)
    yield rounded


def polish(search: Search, relaxed: Relaxation, plan: np.ndarray | None, until: float) -> np.ndarray | None:
    """The best plan with the whole columns of ``plan``; without a plan, with every whole column at its least.

    The second exists whenever the model is right: want of capacity never makes it infeasible.
    """
    open_columns = relaxed.active & ~search.whole
    small, columns = restricted(relaxed, open_columns, plan)
    if not small["kept"]:
        return None  # trips rounded up may need more hours than there are
    highs = hs.new_solver(search.options())
    hs.load(highs, small, search.costs[columns], 0.0, whole=False)
    hs.watch(highs, lambda: (search.stopped() and search.plan is not None) or hs.now() > until)
    solved = hs.run(highs, until - hs.now())
    if solved.status != "Optimal" or solved.point is None:
        return None
    point = small["rest"].copy()
    point[columns] = refined(highs, small, solved.point, until - hs.now())
    return point


def graver(*limits: str) -> str:
    """Of several limits the one that must be told: what time cut short does not repeat, work does."""
    return "time" if "time" in limits else next(filter(None, limits), "")


class _End:
    """When a search must end; ``by`` says what ended it: its work, its time (or a stop), nothing yet."""

    def __init__(self, search: Search, deadline: float) -> None:
        self.search, self.deadline, self.work = search, deadline, int(search.settings["work_limit"])
        self.by = ""

    def __call__(self, steps: int) -> bool:
        if steps > self.work:
            self.by = self.by or "work"
        elif self.search.stopped() or hs.now() > self.deadline:
            self.by = self.by or "time"
        return bool(self.by)

    def of(self, solved: hs.Solved) -> str:
        """What limited a search that has ended."""
        return "time" if solved.status == "Time limit reached" else self.by


def branch(
    search: Search,
    relaxed: Relaxation,
    goal: int,
    open_columns: np.ndarray,
    bound: float,
    deadline: float,
    limits: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[str, float]:
    """Branch and bound over the open columns; takes what it finds. What limited it, and the bound it proved for them.

    ``limits`` are other bounds of columns than the matrix has: what is proven then holds for them only.
    It stops after ``work_limit`` of the steps at which HiGHS lets itself be stopped: unlike seconds, they repeat.
    """
    if hs.now() >= deadline:
        return "time", -np.inf
    small, columns = restricted(relaxed, open_columns, None)
    if limits is not None:
        small["col_lower"], small["col_upper"] = limits[0][columns], limits[1][columns]
    highs = hs.new_solver(
        search.options(
            mip_rel_gap=float(search.settings["gap_share"]) / 2,
            mip_abs_gap=float(search.parts["tolerances"][goal]) / 2 if search.settings["gap_share"] else 0.0,
        )
    )
    hs.load(highs, small, search.costs[columns], 0.0, whole=True)

    def whole_point(part: np.ndarray) -> np.ndarray:
        point = small["rest"].copy()
        point[columns] = part
        return point

    def improved(part: np.ndarray) -> None:
        search.take(whole_point(part))
        search.news(goal, "search", bound)

    end = _End(search, deadline)
    # The plan may already be near enough to the bound of the whole relaxation: then this search is over.
    hs.watch_search(highs, lambda steps: end(steps) or search.closed(goal, bound), improved)
    if search.plan is not None and limits is None:
        start = highspy.HighsSolution()
        start.col_value = list(search.plan[columns])
        highs.setSolution(start)
    solved = hs.run(highs, deadline - hs.now())
    if solved.point is not None:
        search.take(whole_point(solved.point))
    if solved.status == "Infeasible" and search.plan is None:
        return "infeasible", -np.inf
    bound_here = solved.bound + float(search.costs @ small["rest"]) + float(search.parts["goal_offset"][goal])
    # HiGHS also ends by itself when the plan at hand is near enough, or nothing better is open.
    return ("" if solved.finished else end.of(solved)), bound_here


def search_whole(search: Search, parts: Parts, gap_share: float, deadline: float) -> tuple[np.ndarray | None, str]:
    """Branch and bound over a small problem of its own, to a gap: its best point, and what limited it."""
    highs = hs.new_solver(search.options(mip_rel_gap=gap_share))
    hs.load(highs, parts, parts["goals"][0], float(parts["goal_offset"][0]), whole=True)
    end = _End(search, deadline)
    hs.watch_search(highs, end, lambda point: None)
    solved = hs.run(highs, deadline - hs.now())
    return solved.point, end.of(solved)


def finish(
    search: Search, relaxed: Relaxation, goal: int, point: np.ndarray, size: np.ndarray, bound: float, deadline: float
) -> str:
    """Take the best plan that keeps a dive's large columns: those in use make the rest whole. What limited it.

    Branch and bound over the whole columns of size one that the dive's point uses.
    """
    if np.abs(point - np.round(point))[search.whole].max(initial=0.0) <= KEPT:
        search.take(relaxed.refined(point, deadline))
        return ""
    large = search.whole & (size > 1)
    lower, upper = relaxed.parts["col_lower"].copy(), relaxed.parts["col_upper"].copy()
    lower[large] = upper[large] = np.round(point[large])
    lazy = relaxed.parts["lazy"].astype(bool)
    open_columns = relaxed.active & (~lazy | (np.abs(point) > KEPT))
    return branch(search, relaxed, goal, open_columns, bound, deadline, (lower, upper))[0]
