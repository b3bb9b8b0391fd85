"""Cuts from vehicle hours, against every pattern of whole trips that fits into a small pool's hours."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from scipy.optimize import linprog

from nspl_opt.solver import hours as hr


def pool(lengths, limit, group=None):
    """The parts of pools whose uses are one column each; lengths and limits in hours."""
    count, limits = len(lengths), np.atleast_1d(np.asarray(limit, dtype=float))
    return {
        "use_data": np.ones(count),
        "use_indices": np.arange(count),
        "use_indptr": np.arange(count + 1),
        "use_hours": np.asarray(lengths, dtype=float),
        "use_group": np.zeros(count, dtype=np.int64) if group is None else np.asarray(group),
        "hours_limit": limits,
    }


def patterns(minutes, limit) -> np.ndarray:
    """(patterns, lengths) all whole trips that fit; a length of nothing is left at 0 to 2."""
    ranges = [range((int(limit // m) if m else 2) + 1) for m in minutes]
    found = np.array(list(itertools.product(*ranges)))
    return found[found @ np.asarray(minutes) <= limit]


def weight(point, fitting) -> float:
    """Patterns needed at least to cover the point: above 1 it lies outside what whole trips can do."""
    found = linprog(np.ones(len(fitting)), A_ub=-fitting.T.astype(float), b_ub=-point)
    return float(found.fun) if found.status == 0 else np.inf


def whole_hours(seed):
    """Lengths [min] of two to four kinds of trips, a limit and some point that keeps the hours."""
    rng = np.random.default_rng(seed)
    count = rng.integers(2, 5)
    limit = int(rng.integers(120, 600))
    minutes = rng.integers(limit // 6, limit + 1, count)
    point = rng.random(count) * (rng.random(count) < 0.8)
    busy = point @ minutes
    return minutes, limit, point * (limit * rng.uniform(0.7, 1.0) / busy if busy else 0.0)


@pytest.mark.parametrize("start", range(0, 240, 80))
def test_a_cut_is_found_just_when_no_mix_of_whole_patterns_gives_the_point_and_no_pattern_breaks_it(start):
    found = 0
    for seed in range(start, start + 80):
        minutes, limit, point = whole_hours(seed)
        fitting = patterns(minutes, limit)
        rows, upper = hr.hours_cuts(pool(minutes / 60, limit / 60), point)
        needed = weight(point, fitting)
        if abs(needed - 1 - hr.LEAST_VIOLATION) > 1e-5:
            assert bool(len(upper)) == (needed > 1 + hr.LEAST_VIOLATION), (seed, needed)
        if len(upper):
            found += 1
            row = rows.toarray()[0]
            assert (fitting @ row <= upper[0] + 1e-9).all(), seed
            assert row @ point == pytest.approx(needed * upper[0], rel=1e-5), "the deepest there is"
    assert found > 25


def test_hours_that_are_no_whole_minutes_are_rounded_to_the_safe_side():
    """Patterns by the true hours, trips of the pool that the point does not use among them, and too long ones."""
    found = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        limit = rng.uniform(2, 9)
        lengths = np.append(rng.uniform(limit / 5, limit, 3), [rng.uniform(0.3, 1.2) * limit, 0.0])
        point = np.append(rng.random(3), [0.0, 0.4])
        point[:3] *= limit / (point[:3] @ lengths[:3])
        rows, upper = hr.hours_cuts(pool(lengths, limit), point)
        for row, most in zip(rows.toarray(), upper, strict=True):
            found += 1
            assert (patterns(lengths, limit) @ row <= most + 1e-9).all(), seed
            assert row @ point > most * (1 + hr.LEAST_VIOLATION / 2), seed
    assert found > 40


def test_sixths_of_an_hour_that_just_fill_a_shift_still_fill_it():
    """Seven trips of 10 minutes fill 70 minutes, whatever hours as fractions make of it."""
    for minutes, times in ((10, 7), (50, 6), (23, 9), (1, 541), (49, 3)):
        hours = minutes / 60
        for limit in (hours * times, sum([hours] * times), minutes * times / 60):
            lengths = [hours, hours * (times - 1) + hours / 2]
            rows, upper = hr.hours_cuts(pool(lengths, limit), np.array([1.0, (limit - hours) / lengths[1]]))
            assert (rows @ np.array([times, 0.0]) <= upper + 1e-9).all()


def test_two_trips_of_five_hours_do_not_fit_into_nine():
    rows, upper = hr.hours_cuts(pool([5.0], 9.0), np.array([1.8]))
    assert rows.toarray() / upper == pytest.approx(np.array([[1.0]]))


def test_each_pool_has_its_own_cut_and_columns_may_count_together():
    """A use counted by two columns; a second pool with room enough; a third, hardly used."""
    parts = {
        "use_data": np.ones(4), "use_indices": np.array([0, 1, 2, 3]), "use_indptr": np.array([0, 2, 3, 4]),
        "use_hours": np.array([5.0, 3.0, 5.0]), "use_group": np.array([0, 1, 2]),
        "hours_limit": np.array([9.0, 6.0, 9.0]),
    }  # fmt: skip
    rows, upper = hr.hours_cuts(parts, np.array([0.9, 0.9, 2.0, 0.2, 7.0]))
    assert rows.toarray() / upper[:, None] == pytest.approx(np.array([[1.0, 1.0, 0, 0, 0]]))


def test_pools_without_hours_or_uses_give_nothing():
    for parts, point in (
        (pool([2.0], 0.0), [0.0]),
        (pool([2.0], 0.01), [0.0]),
        (pool([], []), [1.0]),
        (pool([5.0], 4.0), [0.8]),
        (pool([0.0], 4.0), [99.0]),
        (pool([5.0], hr.LONGEST), [1.5]),
    ):
        rows, upper = hr.hours_cuts(parts, np.array(point))
        assert rows.shape == (0, len(point)) and len(upper) == 0


def test_the_best_filling_is_that_of_trying_one_trip_after_another():
    for seed in range(150):
        rng = np.random.default_rng(seed)
        limit = int(rng.integers(1, 60))
        lengths = rng.permutation(np.arange(1, 70))[: rng.integers(1, 6)]
        worths = np.where(rng.random(len(lengths)) < 0.2, 0.0, rng.integers(0, 9, len(lengths)) + rng.random() / 3)

        @cache
        def most(left, worths=tuple(worths), lengths=tuple(lengths)):
            fitting = [
                worth + most(left - length) for worth, length in zip(worths, lengths, strict=True) if length <= left
            ]
            return max(fitting, default=0.0)

        best, pattern = hr._fill(worths, lengths, limit)
        assert best == pytest.approx(np.array([most(left) for left in range(limit + 1)]), abs=1e-9), seed
        assert pattern @ lengths <= limit and pattern @ worths == pytest.approx(best[limit], abs=1e-9), seed
