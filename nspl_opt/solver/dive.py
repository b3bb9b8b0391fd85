"""Diving: whole columns are fixed a few at a time, largest first, and the relaxation says what follows.

Each step is one warm solve over all active columns, so that what was fixed pulls the rest into
place. A column's size is what one unit of it lets through (patients per trip): a step fixes the
fractions that matter most first. What cannot be rounded up, or costs too much, is rounded down.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs
from nspl_opt.solver.relaxation import Relaxation
from nspl_opt.solver.search import FRACTION, Search, above, below

NEAR = 0.85
"""Parts from here on are rounded up beside the largest."""
SMALL_PART = 0.5
"""Of columns that let one unit through, parts below are rounded down."""
BULK = 0.34
"""Share of the columns of size one that are fixed in one step."""
DOWN_AT_ONCE = 2
"""Columns with no room for one more that go down in one step."""
MOST_ITERATIONS = 4_000
"""Simplex iterations of one step; a step that needs more is taken back."""
WORSE = 2.0
"""A step that makes the goal this many times its bound is taken back."""


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
        self.steps_of = search.parts["roundable"].astype(bool) & ~search.parts["lazy"].astype(bool)
        self.kept = relaxed.col_lower.copy(), relaxed.col_upper.copy()
        self.steps = 0

    def run(self, point: np.ndarray) -> np.ndarray | None:
        """A whole point, or None when the way ended; ``point`` is the optimum to start from."""
        ceiling = WORSE * max(abs(self.search.merit(point)), 1.0) + self._worst()
        try:
            while len(fractional := self._fractional(point)):
                if self.search.stopped() or hs.now() > self.until:
                    return None
                following = self._step(point, fractional, ceiling)
                if following is None:
                    return None
                point = following
            return point
        finally:
            changed = np.flatnonzero(
                (self.relaxed.col_lower != self.kept[0]) | (self.relaxed.col_upper != self.kept[1])
            )
            self.relaxed.bind(changed, self.kept[0][changed], self.kept[1][changed])

    def _worst(self) -> float:
        """Merit of the plan at hand: a dive far above it is given up."""
        return abs(self.search.merit(self.search.plan)) if self.search.plan is not None else np.inf

    def _fractional(self, point: np.ndarray) -> np.ndarray:
        return np.flatnonzero(self.whole & (np.abs(point - np.round(point)) > FRACTION))

    def _step(self, point: np.ndarray, fractional: np.ndarray, ceiling: float) -> np.ndarray | None:
        """Fix some columns and solve; what fails is rounded down instead. None when even that fails."""
        part = point[fractional] - below(point[fractional])
        size, steps = self.size[fractional], self.steps_of[fractional]
        large = size > 1
        if large.any():
            order = np.flatnonzero(large)
            order = order[np.argsort(-(size * part)[order], kind="stable")]
            rising, enough = part[order] > 0, max(1, int(self.pace * len(order)))
        else:
            order = np.argsort(-np.abs(part - SMALL_PART), kind="stable")
            order = order[: max(1, int(BULK * len(order)))]
            rising, enough = steps[order] | (part[order] >= SMALL_PART), len(order)
        up, down = [], []
        room = self._room()
        for n, rises in zip(order, rising, strict=True):
            j = fractional[n]
            if len(up) >= enough and not (large.any() and part[n] > NEAR):
                continue
            if len(down) >= DOWN_AT_ONCE and large.any():
                break
            rises = rises and self._fits(room, j, above(point[j]))
            (up if rises else down).append(j)
        return self._fix(point, np.array(up, dtype=int), np.array(down, dtype=int), ceiling)

    def _room(self) -> np.ndarray:
        """(rows,) what is left of each right side when every column stands where it uses least of it."""
        rows, relaxed = self.relaxed.rows, self.relaxed
        upper = np.where(relaxed.active, relaxed.col_upper, relaxed.col_lower)
        with np.errstate(invalid="ignore"):
            terms = rows.data * np.where(rows.data > 0, relaxed.col_lower[rows.indices], upper[rows.indices])
        terms = np.where(rows.data == 0, 0.0, terms)
        return relaxed.row_upper - np.add.reduceat(np.append(terms, 0.0), rows.indptr[:-1]) * (np.diff(rows.indptr) > 0)

    def _fits(self, room: np.ndarray, j: int, value: float) -> bool:
        """Whether a column can be at least this; its room is taken if so."""
        column = self.relaxed.column(j)
        rise = column.data * (value - self.relaxed.col_lower[j])
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
        # Take it back: the first one at least goes down, the others may try again.
        relaxed.bind(up, before_up, relaxed.col_upper[up])
        relaxed.bind(down, relaxed.col_lower[down], before_down)
        lowered = up[:1] if len(up) > 1 and self.size[up].max() > 1 else up
        relaxed.bind(lowered, relaxed.col_lower[lowered], below(point[lowered]))
        return self._solve(np.inf)

    def _solve(self, ceiling: float) -> np.ndarray | None:
        self.steps += 1
        solved = self.relaxed.run(self.until, iterations=MOST_ITERATIONS)
        if solved.status != "Optimal" or solved.objective > ceiling:
            return None
        return solved.point
