"""Bases of a relaxation, numbered by all rows of the matrix though HiGHS holds only some of them."""

from __future__ import annotations

import highspy
import numpy as np

BASIC = int(highspy.HighsBasisStatus.kBasic)
AT_LOWER = int(highspy.HighsBasisStatus.kLower)


def places(order: np.ndarray, count: int) -> np.ndarray:
    """(count,) where in the order each number stands; -1 for those that do not."""
    place = np.full(count, -1)
    place[order] = np.arange(len(order))
    return place


def statuses(held: highspy.HighsBasis, row_order: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(active columns,) and (count,) statuses, as HiGHS numbers them; a row that HiGHS does not hold is basic."""
    rows = np.full(count, BASIC, dtype=np.int8)
    rows[row_order] = [int(s) for s in held.row_status]
    return np.array([int(s) for s in held.col_status], dtype=np.int8), rows


def basis_of(columns: np.ndarray, rows: np.ndarray) -> highspy.HighsBasis:
    """HiGHS' basis from the statuses that ``Relaxation.basis`` gave."""
    kinds = {int(kind): kind for kind in highspy.HighsBasisStatus.__members__.values()}
    basis = highspy.HighsBasis()
    basis.col_status, basis.row_status = [kinds[int(s)] for s in columns], [kinds[int(s)] for s in rows]
    basis.valid = True
    return basis


def within(basis: highspy.HighsBasis, row_order: np.ndarray) -> highspy.HighsBasis:
    """The same basis over the rows that HiGHS holds, in their order."""
    held, rows = highspy.HighsBasis(), basis.row_status
    held.col_status, held.row_status = basis.col_status, [rows[n] for n in row_order]
    held.valid = True
    return held
