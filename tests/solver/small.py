"""Small models as matrices, and two ways to solve them: in a child process, and here without one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from nspl_opt.solver import child, relaxation
from nspl_opt.solver.matrix import Matrix

SETTINGS: dict[str, Any] = {
    "time_limit_s": 20.0,
    "gap_share": 0.0,
    "seed": 0,
    "memory_limit_mb": 2000,
    "work_limit": 100_000,
    "effort": "quick",
}


def settings(**changes: Any) -> dict[str, Any]:
    """Settings of a small solve to the end."""
    return {**SETTINGS, **changes}


def matrix(
    goals: Any, rows: Any, lower: Any, upper: Any, *,
    col_lower: Any = 0.0, col_upper: Any = 10.0, whole: Any = False, lazy: Any = False, roundable: Any = None,
    offset: Any = 0.0, holds: Any = None, tolerances: Any = 1e-6,
) -> Matrix:  # fmt: skip
    """A matrix from dense rows; single numbers are spread over columns or goals."""
    goals = np.atleast_2d(np.asarray(goals, dtype=float))
    count, columns = goals.shape
    dense = np.asarray(rows, dtype=float)
    dense = dense if dense.ndim == 2 else dense.reshape(-1, columns)

    def spread(values: Any, length: int, kind: type) -> np.ndarray:
        return np.broadcast_to(np.asarray(values, dtype=kind), (length,)).copy()

    return Matrix(
        a=sparse.csr_array(dense),
        row_lower=spread(lower, len(dense), float),
        row_upper=spread(upper, len(dense), float),
        col_lower=spread(col_lower, columns, float),
        col_upper=spread(col_upper, columns, float),
        whole=spread(whole, columns, bool),
        lazy=spread(lazy, columns, bool),
        roundable=spread(whole if roundable is None else roundable, columns, bool),
        goals=goals,
        goal_offset=spread(offset, count, float),
        holds=np.zeros((count, 2)) if holds is None else np.asarray(holds, dtype=float),
        tolerances=spread(tolerances, count, float),
    )


@dataclass(frozen=True)
class Here:
    """What the child's own work gave, without a process."""

    status: str
    point: np.ndarray | None
    goals: list[dict[str, Any]]


def solve_here(model: Matrix, folder: Path, few: int | None = None, **changes: Any) -> Here:
    """The child's work in this process: quick enough for hundreds. ``few=0`` prices every lazy column in."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
    model.save(folder / "matrix.npz")
    with pytest.MonkeyPatch.context() as patch:
        if few is not None:
            patch.setattr(relaxation, "FEW", few)
            patch.setattr(relaxation, "LEAST_BATCH", 3)  # or one round of pricing would take all
        result = child._solve(folder, settings(**changes))
    json.dumps(result)  # what cannot be written would be lost on the way
    kept = folder / "best.npy"
    return Here(result["status"], np.load(kept) if kept.exists() else None, result["reached"])
