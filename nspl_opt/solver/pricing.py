"""Which columns outside a relaxation come in: those with the most negative reduced costs, and what they need.

A row that no active column touches has any dual that complementary slackness allows. For rows
``... <= 0`` the largest is taken that keeps the row's cheap side dual feasible: so a transfer
outside is priced with the vehicle it would need, not as if it walked.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

REDUCED_COST = -1e-6
"""Columns with a reduced cost below are let in (HiGHS holds its own duals to 1e-7)."""


def wanted_columns(
    rows: sparse.csr_array, free_rows: np.ndarray, active: np.ndarray, reduced: np.ndarray, most: int
) -> np.ndarray:
    """Numbers of the columns to let in, in order: at most so many, and what their free rows need with them.

    ``free_rows`` are rows ``... <= 0`` that no active column touches; ``reduced`` are (columns,) reduced costs
    with duals of 0 there. None wanted proves that the active columns hold the optimum of all.
    """
    touched = rows[free_rows].tocoo()
    reduced = reduced + _best_duals(reduced, touched, len(free_rows))
    outside = np.flatnonzero(~active & (reduced < REDUCED_COST))
    if not len(outside):
        return outside
    mask = np.zeros(len(active), dtype=bool)
    mask[outside[np.argsort(reduced[outside], kind="stable")[:most]]] = True
    needing = np.unique(touched.row[mask[touched.col]])
    mask[touched.col[np.isin(touched.row, needing) & (touched.data < 0)]] = True
    return np.flatnonzero(mask & ~active)


def _best_duals(reduced: np.ndarray, touched: sparse.coo_array, rows: int) -> np.ndarray:
    """What the best dual of each free row adds to the reduced costs."""
    most = np.full(rows, np.inf)
    giving = touched.data < 0
    np.minimum.at(most, touched.row[giving], np.maximum(reduced[touched.col[giving]], 0.0) / -touched.data[giving])
    most[~np.isfinite(most)] = 0.0
    added = np.zeros(len(reduced))
    np.add.at(added, touched.col, touched.data * most[touched.row])
    return added
