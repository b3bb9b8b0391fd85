"""Rounds of cuts: rows that every whole plan keeps are added until they gain little."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs
from nspl_opt.solver.hours import hours_cuts
from nspl_opt.solver.mixed_integer import tableau_cuts
from nspl_opt.solver.relaxation import DUAL, Relaxation

MOST_ROUNDS = 6
LEAST_GAIN = 0.003
"""Share of the bound that a round must gain for another to follow."""


def tighten(
    relaxed: Relaxation, whole: np.ndarray, point: np.ndarray, bound: float, deadline: float
) -> tuple[float, np.ndarray]:
    """Bound and optimum after rounds of cuts, from an optimum over all columns for the present costs.

    The cuts stay in the relaxation. A round that ends at a limit leaves bound and point as they were.
    """
    offset = bound - float(relaxed.costs @ point)
    for _ in range(MOST_ROUNDS):
        found = [hours_cuts(relaxed.parts, point), tableau_cuts(relaxed, whole, point)]
        rows = sparse.vstack([cuts for cuts, _ in found]).tocsr()
        if not rows.shape[0] or hs.now() > deadline:
            break
        relaxed.add(rows, np.concatenate([upper for _, upper in found]))
        solved = relaxed.settle(deadline, DUAL)
        if solved.status != "Optimal" or solved.point is None:
            break
        gain, bound, point = solved.objective + offset - bound, solved.objective + offset, solved.point
        if gain < LEAST_GAIN * abs(bound):
            break
    return bound, point
