"""Small whole-number programs, solved to the end by HiGHS, the same way every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from nspl_opt.solver.highs import load, new_solver, run

MOST_NODES = 2_000
"""Branch-and-bound nodes after which the best found is taken: a count, so that every run is the same."""
LONGEST_S = 3_600.0
"""A limit that is never met: MOST_NODES comes first."""


@dataclass(frozen=True)
class Best:
    """Whole values of the columns, None where none were found, and whether nothing can be better."""

    values: np.ndarray | None
    proven: bool


def maximise(
    gain: Sequence[float],
    most: Sequence[float],
    rows: Sequence[tuple[Sequence[tuple[int, float]], float, float]],
) -> Best:
    """Maximise ``gain @ x`` over whole ``0 <= x <= most`` with ``low <= row <= high`` for every row.

    ``rows`` are (terms, low, high), terms being (column, factor).
    """
    columns = len(gain)
    entries = [(number, column, factor) for number, (terms, _, _) in enumerate(rows) for column, factor in terms]
    at, index, data = zip(*entries, strict=True) if entries else ((), (), ())
    matrix = csr_array((np.array(data, dtype=float), (at, index)), shape=(len(rows), columns))
    parts = {
        "shape": np.array(matrix.shape),
        "col_lower": np.zeros(columns),
        "col_upper": np.array(most, dtype=float),
        "row_lower": np.array([low for _, low, _ in rows], dtype=float),
        "row_upper": np.array([high for _, _, high in rows], dtype=float),
        "indptr": matrix.indptr.astype(np.int32),
        "indices": matrix.indices.astype(np.int32),
        "data": matrix.data,
        "whole": np.ones(columns, dtype=bool),
    }
    highs = new_solver({"mip_rel_gap": 0.0, "mip_max_nodes": MOST_NODES, "random_seed": 0})
    load(highs, parts, -np.array(gain, dtype=float), 0.0, whole=True)
    solved = run(highs, LONGEST_S)
    if solved.point is None:
        return Best(None, False)
    return Best(np.rint(solved.point).astype(np.int64), solved.finished)
