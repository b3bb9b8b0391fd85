"""Rounded rows of the simplex tableau: every whole plan keeps them, the point they come from does not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from nspl_opt.solver import mixed_integer as mi

from .mixed import INF, aims, fleet, least, mixed, parts_of, relaxed_of, soon, whole_points, with_rows
from .small import matrix

CLOSE = {"rel": 1e-6, "abs": 1e-6}


def rounded(model, goal=0, rounds=2, outside=True):
    """All cuts of some rounds, each round from the optimum that the round before left."""
    relaxed = relaxed_of(model, outside)
    _, point, status = relaxed.solve(goal, soon())
    first = relaxed.rows.shape[0]
    for _ in range(rounds):
        if status != "Optimal":
            break
        rows, upper = mi.tableau_cuts(relaxed, model.whole, point)
        if not rows.shape[0]:
            break
        assert (rows @ point > upper + mi.LEAST_DEPTH / 10).all(), "a cut cuts its point off"
        assert np.abs(rows.data).max() == pytest.approx(1.0) and np.isfinite(upper).all()
        relaxed.add(rows, upper)
        solved = relaxed.settle(soon(), 1)
        point, status = solved.point, solved.status
    return relaxed.rows[first:], relaxed.row_upper[first:], relaxed


@pytest.mark.parametrize("start", range(0, 150, 50))
def test_no_whole_plan_is_lost_when_every_one_of_them_is_tried(start):
    cuts = tried = 0
    for seed in range(start, start + 50):
        model = mixed(seed, whole=True)
        points = whole_points(model)
        for goal in range(2):
            rows, upper, _ = rounded(model, goal, rounds=3)
            assert (points @ rows.T.toarray() <= upper + 1e-6).all(), (seed, goal)
            cuts, tried = cuts + len(upper), tried + len(points)
    assert cuts > 40 and tried > 2000


@pytest.mark.parametrize("start", range(0, 120, 40))
def test_the_best_whole_plan_is_as_good_with_the_cuts_whatever_is_wanted(start):
    cuts = outside = 0
    for seed in range(start, start + 40):
        for model in (mixed(seed), mixed(1000 + seed), fleet(seed)):
            rows, upper, relaxed = rounded(model)
            cuts, outside = cuts + len(upper), outside + int((~relaxed.active).sum())
            rng = np.random.default_rng(seed)
            wanted = [model.goals[0], *(aims(rng, model.col_lower, model.col_upper) for _ in range(2))]
            for costs in wanted if len(upper) else []:
                assert least(with_rows(model, rows, upper), costs) == pytest.approx(least(model, costs), **CLOSE), seed
    assert cuts > 30 and outside > 60, "columns that wait outside are part of it"


def test_two_and_a_half_trips_become_three():
    """Five patients, two to a trip: moved <= 2 trips, moved = 5; the relaxation makes two trips and a half."""
    model = matrix([0, 1], [[1, -2], [1, 0]], [-INF, 5], [0, 5], whole=[False, True])
    relaxed = relaxed_of(model)
    bound, point, _ = relaxed.solve(0, soon())
    assert bound == pytest.approx(2.5)
    relaxed.add(*mi.tableau_cuts(relaxed, model.whole, point))
    assert relaxed.settle(soon(), 1).objective == pytest.approx(3)


def test_trips_at_their_most_are_counted_down_from_there():
    """Seven hours of three-hour trips, four at most of another kind: one trip of the first fits beside them."""
    model = matrix([-2, -3], [[3, 1]], -INF, 8, whole=True, col_upper=[9, 4])
    relaxed = relaxed_of(model)
    _, point, _ = relaxed.solve(0, soon())
    assert point == pytest.approx([4 / 3, 4])
    rows, upper = mi.tableau_cuts(relaxed, model.whole, point)
    assert len(upper) == 1 and (whole_points(model) @ rows.T.toarray() <= upper + 1e-9).all()
    relaxed.add(rows, upper)
    assert relaxed.settle(soon(), 1).objective == pytest.approx(-14)


def test_a_bound_of_two_and_a_half_trips_is_one_of_two():
    model = matrix([-1, -1], [[2, 2]], -INF, 9, whole=True, col_upper=[2.5, 2.5])
    rows, upper, relaxed = rounded(model, rounds=5)
    assert (np.array([[2, 2], [2, 0], [0, 2]]) @ rows.T.toarray() <= upper + 1e-9).all()
    assert relaxed.settle(soon(), 1).objective <= -4 + 1e-9


def test_what_has_no_least_value_or_sides_both_ways_is_not_rounded():
    free = matrix([0, 1], [[1, -2], [1, 0]], [-INF, 5], [0, 5], col_lower=[-INF, 0], whole=[False, True])
    for model in (free, matrix([0, 1], [[1, -2], [1, 0]], [-9, 5], [0, 5], whole=[False, True])):
        rows, upper, relaxed = rounded(model)
        assert relaxed.settle(soon(), 1).objective <= 3 + 1e-9
        for moved, trips in ((5, 3), (5, 4)):
            assert (rows @ np.array([moved, trips], dtype=float) <= upper + 1e-9).all()


def test_a_model_whose_first_columns_touch_no_row_gives_no_cut_and_does_not_die():
    """HiGHS solves it without a basis, and ends the process when asked for one."""
    model = matrix([[1, 0, 0]], [[0, 1, 1]], -INF, 5, col_lower=[0.5, 0, 0], whole=True, lazy=[False, True, True])
    rows, upper, relaxed = rounded(model)
    assert rows.shape == (0, 3) and len(upper) == 0 and not relaxed.complete


def test_rounding_errors_left_out_of_a_row_never_make_it_tighter():
    """1e-11 of a column that may be large, with either sign, or below 0."""
    lower = np.array([0.0, 0.0, -1e4, -INF])
    for entries in ([1, 1e-11, 0, 0], [1, -1e-11, 0, 0], [1, 0, 1e-11, 0], [1, 0, -1e-11, 0], [1, 0, 0, 1e-11]):
        kept = mi._clean(sparse.csr_array([entries]), 2.0, np.array([9.0, 0, 0, 0]), lower)
        _, row, limit = kept
        assert row.nnz == 1
        for others in (np.maximum(lower[1:], -mi.BEYOND_ANY), np.full(3, mi.BEYOND_ANY)):
            most = 2.0 - np.asarray(entries[1:]) @ others  # of the first column, by the row as it was
            assert most <= limit + 1e-12


def test_a_row_is_dropped_when_too_wide_too_shallow_or_empty():
    point, lower = np.array([1.0, 1.0]), np.zeros(2)
    assert mi._clean(sparse.csr_array([[1.0, 1e-7]]), 0.0, point, lower) is None
    assert mi._clean(sparse.csr_array([[1.0, 1.0]]), 2.0 - 1e-5, point, lower) is None
    assert mi._clean(sparse.csr_array((1, 2)), -1.0, point, lower) is None
    assert mi._clean(sparse.csr_array([[1.0, 1.0]]), 1.0, point, lower) is not None


def test_nothing_is_whole_nothing_is_rounded():
    model = mixed(3)
    relaxed = relaxed_of(model)
    _, point, _ = relaxed.solve(0, soon())
    rows, upper = mi.tableau_cuts(relaxed, np.zeros_like(model.whole), point)
    assert rows.shape == (0, len(point)) and len(upper) == 0 and "use_hours" in parts_of(model)
