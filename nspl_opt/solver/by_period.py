r"""What a dive leaves in parts is made whole period by period: patients of the first hours, one to a column.

They are many and hang together, so that rounding them one by one ends nowhere, and branch and bound
over all periods is slow. But a period alone is small: a window of it and the next ones, whole in the
period itself, with what comes after at its prices (``window.py``). After each window the relaxation of
all periods is solved with what was decided: it says what that is worth, and gives the next prices.
"""

from __future__ import annotations

import numpy as np

from nspl_opt.solver import highs as hs
from nspl_opt.solver.primal import graver, search_whole
from nspl_opt.solver.relaxation import Relaxation
from nspl_opt.solver.search import FRACTION, Search
from nspl_opt.solver.window import STANDING, Horizon, Roll, Window

AHEAD = 4
"""Periods of a window, if that is enough for a plan to exist."""
GAP_SHARE = 0.005
"""How near to its bound a window is decided."""
ROOM = 1e-3
"""A period is decided anew if its relaxation says that more than this share can be gained."""
GRACE_S = 3.0
"""What the last solve of the relaxation may take beyond the time given: without it all was for nothing [s]."""
WINDOWS_SHARE = 0.8
"""Share of the time for the windows' own searches; the rest is for the relaxation between them."""
TIED = 5e-4
"""Reduced cost, as a share of the largest cost, up to which an idle lazy column may come into use in a window."""


class ByPeriod:
    """Makes whole what a point leaves in parts, and plans better; bounds of columns are put back at the end.

    Without ``widen`` a period whose first window leaves no plan is the end of the way: wide windows take long.
    """

    def __init__(self, search: Search, relaxed: Relaxation, until: float, widen: bool = True) -> None:
        self.search, self.relaxed, self.until, self.widen = search, relaxed, until, widen
        self.periods = search.parts["periods"]
        self.kept = relaxed.col_lower.copy(), relaxed.col_upper.copy()
        self.window_until, self.limited = until, ""

    def run(self, point: np.ndarray, done: np.ndarray) -> np.ndarray | None:
        """A whole point; None when the way ended. Of the whole columns ``done`` stand as in ``point``.

        Where others have no period of their own there is no way.
        """
        whole = self.search.whole
        if (whole & ~done & (self.periods == STANDING)).any():
            return None
        try:
            found = self._decide(np.flatnonzero(whole & done), point)
            open_periods = np.unique(self.periods[whole & ~done & self.relaxed.active])
            for count, period in zip(range(len(open_periods), 0, -1), open_periods, strict=True):
                if found is None:
                    return None
                self.window_until = hs.now() + WINDOWS_SHARE * (self.until - hs.now()) / count
                if np.abs(found - np.round(found))[whole & (self.periods == period)].max(initial=0.0) > FRACTION:
                    found = self._period(int(period), found)
                else:
                    found = self._decide(np.flatnonzero(whole & (self.periods == period)), found)
            return None if found is None else self.relaxed.refined(found, self.until + GRACE_S)
        finally:
            self._put_back()

    def improve(self, plan: np.ndarray) -> None:
        """Better plans: each period decided anew in turn, all its whole columns open, the others as in the plan."""
        whole, merit = np.flatnonzero(self.search.whole), self.search.merit
        try:
            self.window_until = self.until
            for period in np.unique(self.periods[self.search.whole & self.relaxed.active]):
                if hs.now() > self.until:
                    break
                mine = np.flatnonzero(self.search.whole & (self.periods == period))
                self.relaxed.bind(mine, self.kept[0][mine], self.kept[1][mine])
                others = np.setdiff1d(whole, mine)
                free = self._decide(others, plan)
                if free is None or period == STANDING or merit(plan) - merit(free) <= ROOM * abs(merit(plan)):
                    continue
                found = self._period(int(period), free)
                if found is not None and merit(found) < merit(plan):
                    self.search.take(self.relaxed.refined(found, self.until + GRACE_S))
                    plan = found
        finally:
            self._put_back()

    def _put_back(self) -> None:
        relaxed = self.relaxed
        changed = np.flatnonzero((relaxed.col_lower != self.kept[0]) | (relaxed.col_upper != self.kept[1]))
        relaxed.bind(changed, self.kept[0][changed], self.kept[1][changed])

    def _period(self, period: int, point: np.ndarray) -> np.ndarray | None:
        """Decide a period; where the rest has no plan with that, look on twice as far."""
        count = int(self.periods.max()) + 1
        mine = np.flatnonzero(self.search.whole & (self.periods == period))
        before = self.relaxed.col_lower[mine].copy(), self.relaxed.col_upper[mine].copy()
        useful, prices, ahead = self._useful(point), self.relaxed.duals(), AHEAD
        while hs.now() < self.until and not self.search.stopped():
            decided = self._window(self._cut(period, min(period + ahead, count), point, prices, useful), point)
            if decided is not None and (found := self._decide(mine, decided)) is not None:
                return found
            self.relaxed.bind(mine, *before)
            if period + ahead >= count or not self.widen:
                return None
            ahead *= 2
        self.limited = "time"
        return None

    def _useful(self, point: np.ndarray) -> np.ndarray:
        """Columns that are in use or cost next to nothing to bring into use; the others have little to offer."""
        lazy, most = self.search.parts["lazy"].astype(bool), np.abs(self.search.costs).max()
        return self.relaxed.active & (~lazy | (point > FRACTION) | (self.relaxed.reduced_costs() <= TIED * most))

    def _window(self, window: Window, point: np.ndarray) -> np.ndarray | None:
        """The point with the columns of a window decided anew, those of its first period whole."""
        found, limited = search_whole(self.search, window.parts, GAP_SHARE, self.window_until)
        self.limited = graver(self.limited, limited)
        if found is None:
            return None
        decided = point.copy()
        decided[window.columns] = found
        return decided

    def _cut(self, start: int, end: int, point: np.ndarray, prices: np.ndarray, useful: np.ndarray) -> Window:
        relaxed = self.relaxed
        rows = {"data": relaxed.rows.data, "indices": relaxed.rows.indices, "indptr": relaxed.rows.indptr}
        upper = np.where(useful, relaxed.col_upper, relaxed.col_lower)
        parts = {
            **self.search.parts, **rows, "shape": np.array(relaxed.rows.shape), "row_lower": relaxed.row_lower,
            "row_upper": relaxed.row_upper, "col_lower": relaxed.col_lower, "col_upper": upper,
        }  # fmt: skip
        roll = Roll(parts, Horizon(self.periods, end - start, 1), self.search.costs, 0.0, prices)
        roll.point = point
        return roll.cut(start, end)

    def _decide(self, columns: np.ndarray, point: np.ndarray) -> np.ndarray | None:
        """The relaxation with these columns as in the point."""
        amounts = np.round(point[columns])
        self.relaxed.bind(columns, amounts, amounts)
        solved = self.relaxed.run(self.until + GRACE_S)
        if solved.status not in ("Optimal", "Infeasible"):
            self.limited = "time"
        return solved.point if solved.status == "Optimal" else None
