"""Diving: large whole columns are fixed a few at a time, largest first; the relaxation says what follows.

Each step is one warm solve over all active columns, so that what was fixed pulls the rest into
place. A column's size is what one unit of it lets through (patients per trip): a step fixes the
fractions that matter most first. What cannot be rounded up, or only to something worse than the plan
at hand, is rounded down.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs
from nspl_opt.solver.relaxation import Relaxation
from nspl_opt.solver.search import FRACTION, Search, above, below

NEAR = 0.85
"""Parts from here on are rounded up beside the largest."""
SLIGHT = 0.15
"""Parts of large columns up to here are rounded down when their turn comes."""
CHEAP = 5e-4
"""A step that costs less than this share is followed by one that takes twice as many columns."""
IDLE_FROM = 0.5
"""Share of the large columns from which on, when none goes up in a step, those that are idle stay so."""
DOWN_AT_ONCE = 4
"""Columns with no room for one more that go down in one step."""
A_STEP = 4
"""Large columns that a step at the least pace decides, up and down together."""
TIME_SHARE = 0.5
"""Share of the time left within which a dive means to end: it goes faster when its steps are too slow for that."""
MOST_ITERATIONS = 10_000
"""Simplex iterations of one step; a step that needs more is taken back."""


def sizes(parts: dict[str, np.ndarray]) -> np.ndarray:
    """(columns,) what one unit of each lazy column lets through in rows ``... <= 0``; 1 for all others."""
    rows = sparse.csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"])).tocoo()
    opening = (parts["row_upper"] == 0) & np.isneginf(parts["row_lower"])
    least = np.full(rows.shape[0], np.inf)
    passing = opening[rows.row] & (rows.data > 0)
    np.minimum.at(least, rows.row[passing], rows.data[passing])
    giving = opening[rows.row] & (rows.data < 0) & np.isfinite(least[rows.row])
    found = np.ones(rows.shape[1])
    np.maximum.at(found, rows.col[giving], -rows.data[giving] / least[rows.row[giving]])
    return np.where(parts["lazy"].astype(bool), found, 1.0)


class Dive:
    """One dive from the relaxation's optimum; bounds of columns are put back at its end."""

    def __init__(self, search: Search, relaxed: Relaxation, size: np.ndarray, pace: float, until: float) -> None:
        self.search, self.relaxed, self.size, self.pace, self.until = search, relaxed, size, pace, until
        self.whole = search.whole
        lazy = search.parts["lazy"].astype(bool)
        self.easy = search.parts["roundable"].astype(bool) & ~lazy
        """Columns that may always go up: steps."""
        self.bound_up = ~search.parts["roundable"].astype(bool)
        """Columns that hang together and go down together: loans."""
        self.kept = relaxed.col_lower.copy(), relaxed.col_upper.copy()
        self.steps, self.haste, self.most, self.may_rest = 0, 1, 0, True
        self.began, self.hurried = hs.now(), False
        self.late = self.began + TIME_SHARE * (until - self.began)

    def run(self, point: np.ndarray) -> np.ndarray | None:
        """A point whose large columns, steps and loans are whole; None when the way ended.

        ``point`` is the optimum to start from. Whole columns that let one unit through (patients of the
        first hours) are not rounded here: they are many, and hang together.
        """
        ceiling = np.inf if self.search.plan is None else self.search.merit(self.search.plan)
        try:
            while len(fractional := self._open(point)):
                if self.search.stopped() or hs.now() > self.until:
                    return None
                following = self._step(point, fractional, ceiling)
                if following is None:
                    return None
                rise = self.search.merit(following) - self.search.merit(point)
                self.haste = self.haste * 2 if rise < CHEAP * abs(self.search.merit(point)) else 1
                point = following
            return point
        finally:
            changed = np.flatnonzero(
                (self.relaxed.col_lower != self.kept[0]) | (self.relaxed.col_upper != self.kept[1])
            )
            self.relaxed.bind(changed, self.kept[0][changed], self.kept[1][changed])

    def _open(self, point: np.ndarray) -> np.ndarray:
        """Columns that a dive has still to make whole: the large ones, steps and loans."""
        own = self.whole & ((self.size > 1) | self.easy | self.bound_up)
        return np.flatnonzero(own & (np.abs(point - np.round(point)) > FRACTION))

    def _step(self, point: np.ndarray, fractional: np.ndarray, ceiling: float) -> np.ndarray | None:
        """Fix some columns and solve; what fails is rounded down instead. None when even that fails."""
        part = point[fractional] - below(point[fractional])
        large, easy = self.size[fractional] > 1, self.easy[fractional]
        self.most = max(self.most, int(large.sum()))
        if large.any():
            up, down = self._choose(point, fractional, part, np.flatnonzero(large))
            if not len(up) and large.sum() <= IDLE_FROM * self.most and self.may_rest:
                return self._rest(point, down, ceiling)
        else:
            up, down = fractional[easy], fractional[self.bound_up[fractional]]
        return self._fix(point, up, down, ceiling)

    def _choose(
        self, point: np.ndarray, fractional: np.ndarray, part: np.ndarray, large: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Of the large ones: what lets most through goes up, what is nearly whole too; what has no room goes down."""
        order = large[np.argsort(-(self.size[fractional] * part)[large], kind="stable")]
        haste = max(self.haste, self._hurry(len(order)))
        enough = max(haste, round(self.pace * len(order)))
        up, down, room = [], [], self._room()
        for n in order:
            if len(down) >= DOWN_AT_ONCE * haste or (len(up) >= enough and part[n] <= NEAR):
                continue
            rises = part[n] > SLIGHT and self._fits(room, fractional[n], point)
            (up if rises else down).append(fractional[n])
        return np.array(up, dtype=int), np.array(down, dtype=int)

    def _rest(self, point: np.ndarray, down: np.ndarray, ceiling: float) -> np.ndarray | None:
        """Large columns that stand still stay so: towards a dive's end each would come in for another's rest."""
        relaxed = self.relaxed
        still = np.abs(point - np.round(point)) <= FRACTION
        idle = np.flatnonzero(self.whole & (self.size > 1) & relaxed.active & still & (point < relaxed.col_upper))
        before = relaxed.col_upper[idle].copy()
        found = self._fix(point, down[:0], np.append(down, idle), ceiling)
        if found is None:  # one of them is needed: not again in this dive
            self.may_rest = False
            relaxed.bind(idle, relaxed.col_lower[idle], before)
            found = self._fix(point, down[:0], down, ceiling)
        return found

    def _hurry(self, count: int) -> int:
        """How many times the least pace it takes to decide so many columns in time."""
        step = (hs.now() - self.began) / max(self.steps, 1)
        times = int(count * step / (A_STEP * max(self.late - hs.now(), step))) if self.steps else 1
        self.hurried |= times > 1
        return times

    def _room(self) -> np.ndarray:
        """(rows,) what is left of each right side when every column stands where it uses least of it."""
        rows, relaxed = self.relaxed.rows, self.relaxed
        upper = np.where(relaxed.active, relaxed.col_upper, relaxed.col_lower)
        with np.errstate(invalid="ignore"):
            terms = rows.data * np.where(rows.data > 0, relaxed.col_lower[rows.indices], upper[rows.indices])
        terms = np.where(rows.data == 0, 0.0, terms)
        return relaxed.row_upper - np.add.reduceat(np.append(terms, 0.0), rows.indptr[:-1]) * (np.diff(rows.indptr) > 0)

    def _fits(self, room: np.ndarray, j: int, point: np.ndarray) -> bool:
        """Whether a column can be rounded up; its room is taken if so."""
        column = self.relaxed.column(j)
        rise = column.data * (above(point[j]) - self.relaxed.col_lower[j])
        takes = rise > 0
        if (rise[takes] > room[column.indices[takes]] + FRACTION).any():
            return False
        room[column.indices[takes]] -= rise[takes]
        return True

    def _fix(self, point: np.ndarray, up: np.ndarray, down: np.ndarray, ceiling: float) -> np.ndarray | None:
        relaxed = self.relaxed
        before_up, before_down = relaxed.col_lower[up].copy(), relaxed.col_upper[down].copy()
        relaxed.bind(up, above(point[up]), relaxed.col_upper[up])
        relaxed.bind(down, relaxed.col_lower[down], below(point[down]))
        found = self._solve(ceiling)
        if found is not None or not len(up):
            return found
        if len(up) > 1 and self.size[up].max() > 1:  # too much at once: the one that matters most alone
            relaxed.bind(up, before_up, relaxed.col_upper[up])
            relaxed.bind(down, relaxed.col_lower[down], before_down)
            return self._fix(point, up[:1], down[:0], ceiling)
        # Take it back: the first of the large ones goes down and the others may try again; of the small ones, all.
        relaxed.bind(up, before_up, relaxed.col_upper[up])
        relaxed.bind(down, relaxed.col_lower[down], before_down)
        lowered = up[:1] if self.size[up].max() > 1 else np.append(up[~self.easy[up]], down)
        lowered = lowered if len(lowered) else up  # or nothing is fixed, and the same point comes again for ever
        relaxed.bind(lowered, relaxed.col_lower[lowered], below(point[lowered]))
        return self._solve(np.inf)

    def _solve(self, ceiling: float) -> np.ndarray | None:
        self.steps += 1
        solved = self.relaxed.run(self.until, iterations=MOST_ITERATIONS)
        if solved.status != "Optimal" or solved.objective > ceiling:
            return None
        return solved.point
