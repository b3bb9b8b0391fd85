r"""Mixed-integer rounding of rows of the simplex tableau (Gomory 1960; Nemhauser and Wolsey 1990).

A basic whole column that is not whole at the relaxation's optimum has a tableau row: a combination
:math:`\lambda` of the rows of the matrix. Rounding that combination, over *all* columns, gives a row
that every whole plan keeps and the optimum breaks. Columns outside the relaxation get their
coefficient from the same :math:`\lambda`, so the bound stays one for the whole model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from nspl_opt.solver.relaxation import Relaxation
from nspl_opt.solver.search import above, below

AWAY = 0.02
"""How far from whole a value and a right side must be to be rounded."""
MOST_TERMS = 1_000
"""Denser rows make every later solve slow and cut off little."""
LARGEST_RATIO = 1e6
"""Between the coefficients of one row: beyond that its rounding errors matter."""
NOTHING = 1e-10
"""Coefficients this small, relative to the largest, are rounding errors."""
BEYOND_ANY = 1e5
"""No column is larger in any plan; errors dropped are made up for on the right side by this much."""
LEAST_DEPTH = 1e-4
"""Distance from the point to the cut."""


@dataclass(frozen=True)
class _Rows:
    """Rows and right sides in the form ``a x + slack = right``, slack >= 0 or none."""

    a: sparse.csr_array
    right: np.ndarray
    equal: np.ndarray


def tableau_cuts(relaxed: Relaxation, whole: np.ndarray, point: np.ndarray) -> tuple[sparse.csr_array, np.ndarray]:
    """Rows ``... <= upper`` over all columns that cut the relaxation's optimum off and no whole plan.

    ``point`` is the optimum over all columns, just found. Deepest first.
    """
    upper = np.where(np.isfinite(relaxed.row_upper), relaxed.row_upper, relaxed.row_lower)
    rows = _Rows(relaxed.rows, upper, relaxed.row_lower == relaxed.row_upper)
    usable = (relaxed.row_lower == relaxed.row_upper) | np.isneginf(relaxed.row_lower)
    weights = _tableau(relaxed, whole, point)
    weights = weights[abs(weights) @ ~usable == 0] if weights.shape[0] else weights
    sums, rights = (weights @ rows.a).tocsr(), weights @ rows.right
    found = []
    for n in range(weights.shape[0]):
        one = sums[[n]].tocsr(), weights[[n]].tocsr(), float(rights[n])
        cut = _round(relaxed, rows, whole, point, *one)
        if cut is not None:
            found.append(cut)
    found.sort(key=lambda cut: -cut[0])
    if not found:
        return sparse.csr_array((0, len(whole))), np.zeros(0)
    return sparse.vstack([cut[1] for cut in found]).tocsr(), np.array([cut[2] for cut in found])


def _tableau(relaxed: Relaxation, whole: np.ndarray, point: np.ndarray) -> sparse.csr_array:
    """(cuts, rows) the combination of rows behind each basic whole column that is not whole."""
    if not relaxed.highs.getNumNz():  # solved without a basis: HiGHS dies when asked for one
        return sparse.csr_array((0, relaxed.rows.shape[0]))
    _, basic = relaxed.highs.getBasicVariables()
    basic = np.asarray(basic)
    columns = np.where(basic >= 0, relaxed.order[np.maximum(basic, 0)], -1)
    part = point - below(point)
    places = np.flatnonzero((basic >= 0) & whole[columns] & (part[columns] > AWAY) & (part[columns] < 1 - AWAY))
    found = [_combination(relaxed, int(place)) for place in places]
    if not found:
        return sparse.csr_array((0, relaxed.rows.shape[0]))
    weights = sparse.vstack(found).tocsr()
    weights.data[np.abs(weights.data) < 1e-11] = 0.0
    weights.eliminate_zeros()
    return weights


def _combination(relaxed: Relaxation, place: int) -> sparse.csr_array:
    """(1, rows) the rows of the matrix, by weight, that make the tableau's row at this place of the basis."""
    weights = np.asarray(relaxed.highs.getBasisInverseRow(place)[1])
    used = np.flatnonzero(weights)
    entries = weights[used], relaxed.row_order[used], np.array([0, len(used)])
    return sparse.csr_array(entries, shape=(1, len(relaxed.row_lower)))


def _round(
    relaxed: Relaxation, rows: _Rows, whole: np.ndarray, point: np.ndarray,
    total: sparse.csr_array, weights: sparse.csr_array, right: float,
) -> tuple[float, sparse.csr_array, float] | None:  # fmt: skip
    """The rounded combination: its distance from the point, the row and its right side; None if it is no use."""
    columns, values = total.indices, total.data
    lower, upper = relaxed.col_lower[columns], relaxed.col_upper[columns]
    # Rounding counts from whole numbers: a bound of two and a half is one of two.
    lower = np.where(whole[columns], above(lower), lower)
    upper = np.where(whole[columns], below(upper), upper)
    # Whole columns are counted from the bound they stand at, all others from their least.
    turned = whole[columns] & np.isfinite(upper) & (point[columns] > upper - 1e-6) & (upper > lower)
    sign, base = np.where(turned, -1.0, 1.0), np.where(turned, upper, lower)
    if not np.isfinite(base).all():
        return None
    beta = right - float(values @ base)
    part = beta - np.floor(beta)
    if not AWAY < part < 1 - AWAY:
        return None
    moved = values * sign
    rounded = np.where(whole[columns], _step(moved, part), np.minimum(moved, 0.0) / (1 - part)) * sign
    limit = np.floor(beta) + float(rounded @ base)
    slacks = np.where(rows.equal[weights.indices], 0.0, np.minimum(weights.data, 0.0) / (1 - part))
    back = sparse.csr_array((slacks, weights.indices, weights.indptr), shape=weights.shape)
    cut = sparse.csr_array((rounded, columns, total.indptr), shape=total.shape) - back @ rows.a
    return _clean(sparse.csr_array(cut), limit - float((back @ rows.right)[0]), point, relaxed.col_lower)


def _step(entries: np.ndarray, part: float) -> np.ndarray:
    """The mixed-integer rounding function."""
    floor = np.floor(entries + 1e-9)
    return floor + np.maximum(entries - floor - part, 0.0) / (1 - part)


def _clean(
    cut: sparse.csr_array, limit: float, point: np.ndarray, lower: np.ndarray
) -> tuple[float, sparse.csr_array, float] | None:
    """Without rounding errors, scaled; None when too dense, too wide or too shallow."""
    if not cut.nnz:
        return None
    largest = np.abs(cut.data).max()
    tiny = np.abs(cut.data) < NOTHING * largest
    dropped, least = cut.data[tiny], np.maximum(lower[cut.indices[tiny]], -BEYOND_ANY)
    limit -= float(np.minimum(dropped * np.where(dropped > 0, least, BEYOND_ANY), 0.0).sum())
    cut.data[tiny] = 0.0
    cut.eliminate_zeros()
    cut.sum_duplicates()
    if not 0 < cut.nnz <= MOST_TERMS or largest > LARGEST_RATIO * np.abs(cut.data).min():
        return None
    depth = (float((cut @ point)[0]) - limit) / float(np.linalg.norm(cut.data))
    return (depth, cut / largest, limit / largest) if depth > LEAST_DEPTH else None
