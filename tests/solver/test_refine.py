"""An optimum from an ill-conditioned basis keeps its rows once it is refined."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs
from nspl_opt.solver.refine import refined

STEPS, LEFT = 30, 0.275
"""A stay short against the period: of those cared for, 0.725 leave in each of 30 periods."""


def short_stays():
    """present[t] = 0.275 present[t-1] + arrivals[t]: as a basis from the end backwards, 3.6 to the power of 30."""
    rows = sparse.diags_array([np.ones(STEPS), np.full(STEPS - 1, -LEFT)], offsets=[0, -1]).tocsr()
    arrivals = 1.0 + np.arange(STEPS) % 3
    return {
        "data": rows.data, "indices": rows.indices.astype(np.int32), "indptr": rows.indptr.astype(np.int32),
        "shape": np.array(rows.shape), "row_lower": arrivals, "row_upper": arrivals,
        "col_lower": np.zeros(STEPS), "col_upper": np.full(STEPS, np.inf),
    }  # fmt: skip


def solved():
    held = short_stays()
    highs = hs.new_solver({"presolve": "off"})
    hs.load(highs, held, np.ones(STEPS), 0.0, whole=False)
    rows = sparse.csr_array((held["data"], held["indices"], held["indptr"]), shape=tuple(held["shape"]))
    return highs, held, rows, hs.run(highs, 10.0).point


def test_patients_that_an_optimum_lost_in_rounding_are_found_again():
    highs, held, rows, point = solved()
    lost = point.copy()
    lost[STEPS // 2] += 1e-4  # what HiGHS was seen to be out by
    found = refined(highs, held, lost, 10.0)
    assert np.abs(rows @ found - held["row_lower"]).max() < 1e-9


def test_the_solver_has_its_own_rows_again_after_refinement():
    highs, held, _, point = solved()
    refined(highs, held, point + 1e-4, 10.0)
    again = hs.run(highs, 10.0).point
    assert np.allclose(again, point, atol=1e-9)


def test_an_exact_optimum_is_left_alone():
    highs, held, _, point = solved()
    assert refined(highs, held, point, 10.0) is point
