r"""The first goal of a changed case, from the base's optimum: what no longer fits is stretched, and drawn back.

A lost hospital breaks a few rows of the base's optimum. Dual simplex mends them one at a time and wanders; the first
phase of primal simplex forgets what was good. So every broken row gets a column of its own that takes up
what is too much, at a price as high as the highest of the base, and a closed column may stay where it was at
that price. Then the base's optimum is a point of the stretched case, and primal simplex draws the stretch back
from there. When it is gone the optimum is that of the changed case, over all its columns.

A change that touches nothing which the base's optimum uses or pays for leaves it the optimum: there is
nothing to solve. That is proven by its duals, which hold in the changed case as they do in the base.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs
from nspl_opt.solver.change import MatrixChange
from nspl_opt.solver.relaxation import DUAL, PRIMAL, Relaxation, basis_of

AT_LOWER, AT_UPPER = 0, 2
"""HiGHS' numbers of a basis's statuses."""
NOTHING = 1e-9
"""Less than this is no amount and no price."""
KEPT = 1e-7
"""How far HiGHS lets a point break a row."""
SIDES = ("row_lower", "row_upper", "col_lower", "col_upper")

Parts = dict[str, np.ndarray]


@dataclass(frozen=True)
class Optimum:
    """An optimum of a relaxation: ``order`` the active columns, ``columns`` and ``rows`` the statuses of its basis.

    ``point`` is over all columns, ``duals`` over all rows, both of the matrix.
    """

    order: np.ndarray
    columns: np.ndarray
    rows: np.ndarray
    point: np.ndarray
    duals: np.ndarray

    @classmethod
    def of(cls, relaxed: Relaxation, point: np.ndarray) -> Optimum:
        """That of a relaxation just solved; active columns by number."""
        by_number = np.argsort(relaxed.order, kind="stable")
        columns, rows = relaxed.basis()
        return cls(relaxed.order[by_number], columns[by_number], rows, point, relaxed.duals().copy())

    @property
    def active(self) -> np.ndarray:
        """(columns,) whether a column is active."""
        found = np.zeros(len(self.point), dtype=bool)
        found[self.order] = True
        return found


def changed(parts: Parts, change: MatrixChange) -> Parts:
    """The parts of the matrix with a change in them; what was given stays as it was."""
    new = {name: parts[name].copy() for name in SIDES}
    new["row_lower"][change.rows], new["row_upper"][change.rows] = change.row_lower, change.row_upper
    new["col_lower"][change.columns], new["col_upper"][change.columns] = change.col_lower, change.col_upper
    if len(change.entry_rows):
        at, rows = (change.entry_rows, change.entry_columns), rows_of(parts)
        old = np.asarray(rows[at]).ravel()
        rows = (rows + sparse.csr_array((change.entry_values - old, at), shape=rows.shape)).tocsr()
        new |= {"data": rows.data, "indices": rows.indices, "indptr": rows.indptr}
    return {**parts, **new}


def stays(base: Optimum, parts: Parts, new: Parts, change: MatrixChange) -> bool:
    """Whether the base's optimum is the changed case's: it keeps what changed, and its duals pay for nothing of it."""
    touched, columns, rows = _touched(change), change.columns, rows_of(new)
    if np.abs(base.duals[touched]).max(initial=0.0) > NOTHING:
        return False
    # A row that no active column touches was priced with a dual of its own, unseen here.
    if (abs(rows[touched]) @ base.active.astype(float) == 0).any():
        return False
    loosened = (new["col_lower"] < parts["col_lower"]) | (new["col_upper"] > parts["col_upper"])
    return not loosened[columns].any() and fits(base.point, rows, new, change)


def fits(point: np.ndarray, rows: sparse.csr_array, new: Parts, change: MatrixChange) -> bool:
    """Whether a point keeps the rows and bounds that changed."""
    touched, columns = _touched(change), change.columns
    taken, there = rows[touched] @ point, point[columns]
    kept = (taken <= new["row_upper"][touched] + KEPT) & (taken >= new["row_lower"][touched] - KEPT)
    within = (there <= new["col_upper"][columns] + KEPT) & (there >= new["col_lower"][columns] - KEPT)
    return bool(kept.all() and within.all())


def solve_stretched(
    base: Optimum, new: Parts, change: MatrixChange, options: dict[str, Any], deadline: float
) -> hs.Solved:
    """The optimum of the changed case for the first goal, without its offset; the point is over all columns."""
    if (new["col_lower"] > new["col_upper"]).any() or (new["row_lower"] > new["row_upper"]).any():
        return hs.Solved("Infeasible", None, np.inf, -np.inf, 0)
    goal, point, count = new["goals"][0], base.point, len(base.point)
    price = max(float(np.abs(base.duals).max(initial=0.0)), float(np.abs(goal).max(initial=0.0)), 1.0)
    rows, stretch, signs = _stretch(base, new, change)
    columns, number = change.columns, len(rows)
    over = columns[point[columns] > new["col_upper"][columns] + NOTHING]
    under = columns[point[columns] < new["col_lower"][columns] - NOTHING]
    costs, lower, upper = goal.copy(), new["col_lower"].copy(), new["col_upper"].copy()
    costs[over] += price
    costs[under] -= price
    upper[over], lower[under] = point[over], point[under]
    matrix = rows_of(new)
    eased = sparse.csr_array((-np.ones(number), (rows, np.arange(number))), shape=(matrix.shape[0], number))
    matrix = sparse.hstack([matrix, eased]).tocsr()
    parts = {
        **new, "data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr,
        "shape": np.array(matrix.shape), "goals": np.append(costs, price * signs)[None, :],
        "col_lower": np.append(lower, np.minimum(stretch, 0.0)),
        "col_upper": np.append(upper, np.maximum(stretch, 0.0)),
        "lazy": np.append(new["lazy"], np.zeros(number, dtype=bool)),
    }  # fmt: skip
    relaxed = Relaxation(parts, options, lambda: False, np.append(base.active, np.ones(number, dtype=bool)))
    statuses = np.append(base.columns, np.where(stretch > 0, AT_UPPER, AT_LOWER))
    relaxed.restore(basis_of(statuses, base.rows))
    solved = relaxed.settle(deadline, PRIMAL)
    left = 0.0 if solved.point is None else np.abs(solved.point[count:]).max(initial=0.0)
    relaxed.bind(np.arange(count, count + number), np.zeros(number), np.zeros(number))
    relaxed.bind(columns, new["col_lower"][columns], new["col_upper"][columns])
    relaxed.aim(np.append(goal, np.zeros(number)))
    solved = relaxed.settle(deadline, DUAL if left > NOTHING else PRIMAL)
    if solved.point is None:
        return solved
    return hs.Solved(solved.status, solved.point[:count], solved.objective, solved.bound, solved.nodes)


def _stretch(base: Optimum, new: Parts, change: MatrixChange) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows to be stretched, by how much, and the sign of the price: 0 where the change lets go."""
    touched = _touched(change)
    taken, upper, lower = rows_of(new)[touched] @ base.point, new["row_upper"][touched], new["row_lower"][touched]
    kind = base.rows[touched]
    side = np.where(kind == AT_UPPER, upper, np.where(kind == AT_LOWER, lower, np.clip(taken, lower, upper)))
    side = np.where(np.isfinite(side), side, np.clip(taken, lower, upper))
    amount = taken - side
    sign = np.where(taken > upper + NOTHING, 1.0, np.where(taken < lower - NOTHING, -1.0, 0.0))
    chosen = np.abs(amount) > NOTHING
    return touched[chosen], amount[chosen], sign[chosen]


def _touched(change: MatrixChange) -> np.ndarray:
    """Rows that a change touches, sorted."""
    return np.union1d(change.rows, change.entry_rows).astype(np.int64)


def rows_of(parts: Parts) -> sparse.csr_array:
    """The matrix itself."""
    return sparse.csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"]))
