r"""Iterative refinement: an optimum that keeps its rows to many more digits than one run of HiGHS gives.

HiGHS takes row values from its factors, not from the matrix. Where stays are short against a period, a basis can
hold :math:`1/(1-\delta)` to the power of many periods, and what it calls feasible breaks rows by thousandths of a
patient. The error is solved for in the same way, magnified, from the same basis, and taken off
(Gleixner, Steffy and Wolter 2016).
"""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs

ENOUGH = 1e-8
"""How far a row may be broken, relative to the size of what is summed, without being refined."""
MOST_ROUNDS = 4
LARGEST = 1e6
"""What an error is magnified by at most."""


def refined(highs: highspy.Highs, held: dict[str, np.ndarray], point: np.ndarray, seconds: float) -> np.ndarray:
    """The point that HiGHS gave for the rows and bounds ``held``, refined until its rows are kept.

    HiGHS has these rows, bounds and costs again at the end. The best point is returned where that fails.
    """
    matrix = sparse.csr_array((held["data"], held["indices"], held["indptr"]), shape=tuple(held["shape"]))
    lower, upper, col_lower, col_upper = (held[k] for k in ("row_lower", "row_upper", "col_lower", "col_upper"))
    deadline, best, least = hs.now() + seconds, point, _broken(matrix, lower, upper, point)
    changed = False
    for _ in range(MOST_ROUNDS):
        if least <= ENOUGH or hs.now() > deadline:
            break
        taken, times = matrix @ best, min(1.0 / least, LARGEST)
        rows = times * (lower - taken), times * (upper - taken)
        _bounds(highs, *rows, times * (col_lower - best), times * (col_upper - best))
        changed = True
        solved = hs.run(highs, deadline - hs.now())
        if solved.status != "Optimal" or solved.point is None:
            break
        following = np.clip(best + solved.point / times, col_lower, col_upper)
        broken = _broken(matrix, lower, upper, following)
        if broken >= least:
            break
        best, least = following, broken
    if changed:
        _bounds(highs, lower, upper, col_lower, col_upper)
    return best


def _broken(matrix: sparse.csr_array, lower: np.ndarray, upper: np.ndarray, point: np.ndarray) -> float:
    taken = matrix @ point
    scale = 1.0 + abs(matrix) @ np.abs(point)
    return float((np.maximum(lower - taken, taken - upper) / scale).max(initial=0.0))


def _bounds(
    highs: highspy.Highs, lower: np.ndarray, upper: np.ndarray, col_lower: np.ndarray, col_upper: np.ndarray
) -> None:
    rows, columns = np.arange(len(lower), dtype=np.int32), np.arange(len(col_lower), dtype=np.int32)
    hs.must(highs.changeRowsBounds(len(rows), rows, lower, upper), "rows")
    hs.must(highs.changeColsBounds(len(columns), columns, col_lower, col_upper), "bounds")
