"""The state of a solve: the matrix, the plan at hand, the goals held, and what counts as better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs

COST_SCALE = 1000.0
"""Lifts the trace of later goals above the solver's tolerance on costs."""
TRACE_SHARE = 0.002
"""Share of a goal's bound that all later goals together may weigh in its searches."""
ROW_TOLERANCE = 1e-6
"""How far a plan may break a row, relative to the size of what is summed."""


FRACTION = 1e-6
"""Distance from a whole number that counts as none."""


def below(amounts: np.ndarray) -> np.ndarray:
    """The largest whole numbers not above, a whisker forgiven."""
    return np.floor(amounts + FRACTION)


def above(amounts: np.ndarray) -> np.ndarray:
    """The least whole numbers not below, a whisker forgiven."""
    return np.ceil(amounts - FRACTION)


@dataclass
class Reached:
    """What one goal came to; ``limited``: '' (its gap closed), time, work, gap, polish or stop."""

    value: float
    bound: float
    seconds: float
    limited: str = ""


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
    traced: bool = False
    """Whether later goals weigh in the costs: then what branch and bound proves is no bound for the goal."""
    costs: np.ndarray | None = None
    """What searches minimise at the present goal: the goal, and a trace of the later ones."""

    def aim(self, goal: int, bound: float, point: np.ndarray | None, trace: bool) -> None:
        """Set the costs of a goal's searches.

        A search for one goal alone does silly things elsewhere (postpones care for nothing). So each
        later goal joins with a weight at which its value in the relaxation costs a small share of
        this goal's bound: too little to matter here, enough to break ties its way. Without ``trace``
        the goal stands alone, so that what branch and bound proves is a bound for the goal.
        """
        count = len(self.parts["goal_offset"])
        self.traced = trace and goal + 1 < count
        self.costs = self.parts["goals"][goal].copy()
        slack = float(self.parts["holds"][goal][1])
        worth = max(TRACE_SHARE * bound, slack / 2, TRACE_SHARE * float(self.parts["tolerances"][goal])) / count
        for later in range(goal + 1, count if trace else 0):
            known = [self.value(later, p) for p in (point, self.plan) if p is not None]
            self.costs += worth / max([*known, float(self.parts["tolerances"][later])]) * self.parts["goals"][later]

    def merit(self, point: np.ndarray) -> float:
        """The present costs of a point."""
        return float(self.costs @ point)

    @property
    def deadline(self) -> float:
        """When all solving must end, on the clock of ``now``."""
        return self.started + float(self.settings["time_limit_s"])

    @property
    def whole(self) -> np.ndarray:
        """Which columns must be whole."""
        return self.parts["whole"].astype(bool)

    @property
    def main(self) -> int:
        """The goal that most work goes into; what stands before it is settled at once on most data."""
        return int(self.parts.get("main", 0))

    def value(self, goal: int, point: np.ndarray) -> float:
        """A goal's value at a point."""
        return float(self.parts["goals"][goal] @ point + self.parts["goal_offset"][goal])

    def options(self, **more: Any) -> dict[str, Any]:
        """HiGHS options of this solve."""
        return {"random_seed": int(self.settings["seed"]), **more}

    def news(self, goal: int, stage: str, bound: float, value: float | None = None) -> None:
        """Tell how far the goal is."""
        if value is None and self.plan is not None:
            value = self.value(goal, self.plan)
        self.tell({"stage": stage, "goal": goal, "value": value, "bound": bound, "seconds": hs.now() - self.started})

    def take(self, point: np.ndarray | None) -> None:
        """Make a point the plan at hand if it is whole and better for the present goal."""
        if point is None:
            return
        clean = point.copy()
        clean[self.whole] = np.round(clean[self.whole])
        if np.abs(clean - point).max(initial=0.0) > 1e-5 or not self.obeys(clean):
            return
        if self.plan is None or self.merit(clean) < self.merit(self.plan):
            self.plan = clean
            self.keep(clean)

    def obeys(self, point: np.ndarray) -> bool:
        """Whether a point keeps every row: one that only looks good must not displace a plan."""
        parts = self.parts
        matrix = sparse.csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"]))
        rows, scale = matrix @ point, ROW_TOLERANCE * (1.0 + abs(matrix) @ np.abs(point))
        return bool((rows >= parts["row_lower"] - scale).all() and (rows <= parts["row_upper"] + scale).all())

    def closed(self, goal: int, bound: float, share: float | None = None) -> bool:
        """Whether the plan at hand is as near to the bound as is asked for."""
        if self.plan is None:
            return False
        value = self.value(goal, self.plan)
        share = float(self.settings["gap_share"]) if share is None else share
        return value - bound <= max(share * abs(value), float(self.parts["tolerances"][goal]))
