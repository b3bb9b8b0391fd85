"""Rows that no column in use touches wait outside with the columns; what is told is told of all rows."""

from __future__ import annotations

import numpy as np
import pytest

from nspl_opt.solver.change import MatrixChange
from nspl_opt.solver.mixed_integer import tableau_cuts
from nspl_opt.solver.relaxation import basis_of

from .mixed import INF, relaxed_of, soon
from .small import matrix


def hospitals():
    """Unmet, then per hospital one move and one trip of three places; a row of need, two of trips."""
    rows = [[1, 1, 0, 1, 0], [0, 1, -3, 0, 0], [0, 0, 0, 1, -3]]
    return matrix(
        [[9, 1, 1, 2, 50]], rows, [4, -INF, -INF], [INF, 0, 0],
        col_upper=[9, 9, 9, 9, 9], lazy=[False, True, True, True, True],
    )  # fmt: skip


def test_a_hospital_that_nobody_is_sent_to_needs_no_row():
    relaxed = relaxed_of(hospitals())
    assert list(relaxed.row_order) == [0]
    assert relaxed.solve(0, soon())[0] == pytest.approx(4 + 4 / 3)
    assert list(relaxed.row_order) == [0, 1] and list(np.flatnonzero(relaxed.active)) == [0, 1, 2]
    assert relaxed.held()["row_upper"].tolist() == [INF, 0]


def test_prices_are_told_of_every_row_and_are_nought_where_nobody_goes():
    relaxed = relaxed_of(hospitals())
    relaxed.solve(0, soon())
    assert relaxed.duals() == pytest.approx([4 / 3, -1 / 3, 0])
    assert relaxed.reduced_costs()[:3] == pytest.approx([9 - 4 / 3, 0, 0])


def test_hospitals_no_longer_used_keep_their_place_when_the_first_basis_comes_back():
    relaxed = relaxed_of(hospitals())
    relaxed.solve(0, soon())
    columns, rows = relaxed.basis()
    assert len(columns) == 3 and len(rows) == 3 and rows[2] == 1
    relaxed.change(MatrixChange("", columns=np.array([4]), col_lower=np.ones(1), col_upper=np.ones(1)))
    assert relaxed.solve(0, soon())[0] == pytest.approx(50 + 4 + 4 / 3)
    assert sorted(relaxed.row_order) == [0, 1, 2]
    relaxed.change(MatrixChange("", columns=np.array([4]), col_lower=np.zeros(1), col_upper=np.full(1, 9.0)))
    relaxed.forget(3)
    relaxed.restore(basis_of(columns, rows))
    assert relaxed.solve(0, soon())[0] == pytest.approx(4 + 4 / 3)


def test_a_row_whose_right_side_nobody_staying_keeps_comes_in_by_itself():
    """One must be sent to the second hospital: its row, untouched before, can no longer be left out."""
    model = matrix(
        [[9, 1, 2]], [[1, 1, 1], [0, 0, 1]], [4, 0], [INF, INF], col_upper=[9, 9, 9], lazy=[False, False, True]
    )
    relaxed = relaxed_of(model)
    assert list(relaxed.row_order) == [0] and relaxed.solve(0, soon())[0] == pytest.approx(4)
    relaxed.change(MatrixChange("", rows=np.array([1]), row_lower=np.ones(1), row_upper=np.full(1, INF)))
    assert relaxed.solve(0, soon())[0] == pytest.approx(3 + 2)


def test_a_coefficient_brings_the_row_in_where_a_column_in_use_gets_it():
    """Staying comes to need a place of the second hospital's, two for each: only half may stay."""
    model = matrix(
        [[1, 9, 0]], [[1, 1, 0], [0, 0, 1]], [4, -INF], [INF, 4], col_upper=[9, 9, 9], lazy=[False, False, True]
    )
    relaxed = relaxed_of(model)
    assert relaxed.solve(0, soon())[0] == pytest.approx(4) and list(relaxed.row_order) == [0]
    change = MatrixChange("", entry_rows=np.array([1]), entry_columns=np.array([0]), entry_values=np.array([2.0]))
    back = relaxed.change(change)
    assert relaxed.solve(0, soon())[0] == pytest.approx(2 + 2 * 9)
    relaxed.change(back)
    assert relaxed.solve(0, soon())[0] == pytest.approx(4)


def test_a_cut_from_the_tableau_is_written_over_the_rows_of_the_matrix():
    """A trip's row stands third in the matrix and second in the solver: the cut is a whole trip for two, not half."""
    rows = [[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 1, -4]]
    model = matrix(
        [[9, 1, 0, 8]], rows, [2, -INF, -INF], [2, 5, 0], col_upper=[9, 9, 9, 5],
        whole=[False, False, False, True], lazy=[False, True, True, True],
    )  # fmt: skip
    relaxed = relaxed_of(model)
    bound, point, _ = relaxed.solve(0, soon())
    assert bound == pytest.approx(4) and sorted(relaxed.row_order) == [0, 2]
    cuts, upper = tableau_cuts(relaxed, model.whole, point)
    assert cuts.shape[0] >= 1 and (cuts @ point > upper + 1e-3).any()
    for trips in range(3):
        for sent in range(min(4 * trips, 2) + 1):
            plan = np.array([2.0 - sent, 0, sent, trips])
            assert (cuts @ plan <= upper + 1e-9).all(), (trips, sent)
    relaxed.add(cuts, upper)
    assert relaxed.solve(0, soon())[0] == pytest.approx(8, abs=1e-6)
