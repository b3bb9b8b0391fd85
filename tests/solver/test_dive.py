"""Diving: a point whose trips, steps and loans are whole and that keeps every row, or none; nothing is left changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.solver import highs as hs
from nspl_opt.solver.dive import Dive, sizes
from nspl_opt.solver.outcome import is_plan
from nspl_opt.solver.search import Search

from .mixed import fleet, least, mixed, relaxed_of, soon
from .small import matrix, settings

MOST_STEPS = 200
"""No small model needs more; a dive without progress takes thousands."""


def ready(model, outside=True, stopped=lambda: False):
    """A search and its relaxation, aimed at the first goal, and the relaxation's optimum."""
    relaxed = relaxed_of(model, outside)
    search = Search(relaxed.parts, settings(), stopped, lambda news: None, lambda plan: None)
    bound, point, status = relaxed.solve(0, soon())
    assert status == "Optimal"
    search.aim(0, bound, point, trace=False)
    return search, relaxed, point, bound


def dived(model, pace=0.3, until=None, **how):
    """What a dive gave, beside search, relaxation and bound; the relaxation is as it was before."""
    search, relaxed, point, bound = ready(model, **how)
    before = relaxed.col_lower.copy(), relaxed.col_upper.copy(), relaxed.rows.toarray(), relaxed.order.copy()
    dive = Dive(search, relaxed, sizes(search.parts), pace, hs.now() + 3 if until is None else until)
    found = dive.run(point)
    assert dive.steps <= MOST_STEPS, "a dive that gets no further ends"
    now = relaxed.col_lower, relaxed.col_upper, relaxed.rows.toarray(), relaxed.order
    assert all((old == new).all() for old, new in zip(before, now, strict=True))
    assert (np.array(relaxed.highs.getLp().col_lower_) == relaxed.col_lower[relaxed.order]).all()
    assert (np.array(relaxed.highs.getLp().col_upper_) == relaxed.col_upper[relaxed.order]).all()
    assert relaxed.solve(0, soon())[0] == pytest.approx(bound, abs=1e-5), "the relaxation is solved as before"
    return found, search, bound


@pytest.mark.parametrize("start", range(0, 120, 40))
def test_what_a_dive_brings_up_is_a_whole_plan_no_better_than_the_best(start):
    reached = 0
    for seed in range(start, start + 40):
        for model in (mixed(seed), fleet(seed)):
            model.roundable[:] = model.whole & (np.random.default_rng(seed).random(len(model.whole)) < 0.7)
            found, search, bound = dived(model, pace=(0.05, 0.3, 1.0)[seed % 3], outside=seed % 4 != 0)
            if found is None:
                continue
            reached += 1
            rounded = replace(model, whole=model.whole & (~model.roundable | ~model.lazy | (sizes(search.parts) > 1)))
            clean = np.where(rounded.whole, np.round(found), found)
            assert np.abs(clean - found).max() <= 1e-5 and is_plan(rounded, clean), seed
            truth = least(rounded, model.goals[0]) + model.goal_offset[0]
            assert search.value(0, clean) >= truth - 1e-4 >= bound - 2e-4, seed
    assert reached > 50


def test_transfers_whose_trips_all_carry_several_are_found_a_plan():
    """Want of vehicles makes no model infeasible: who cannot be moved is unmet."""
    for seed in range(1, 40, 2):
        model = fleet(seed)
        found, search, _ = dived(model)
        assert found is not None, seed
        if (sizes(search.parts)[model.whole] > 1).all():
            search.take(found)
            assert search.plan is not None, seed


def test_a_dive_without_time_or_when_stopped_brings_nothing_and_leaves_nothing():
    model = matrix(
        [1, 0, 0], [[1, 1, 0], [0, 1, -3], [0, 0, 5]], [5, -np.inf, -np.inf], [np.inf, 0, 9],
        whole=[False, False, True], lazy=[False, True, True],
    )  # fmt: skip
    assert dived(model)[0] == pytest.approx([2, 3, 1])
    assert dived(model, until=0.0)[0] is None
    search, relaxed, point, _ = ready(model)
    search.stopped = lambda: True
    assert Dive(search, relaxed, sizes(search.parts), 0.3, soon()).run(point) is None
    assert (relaxed.col_lower == model.col_lower).all() and (relaxed.col_upper == model.col_upper).all()


def test_where_no_whole_plan_is_the_dive_says_so():
    """Twice the trips are three."""
    assert dived(matrix([1, 1], [[2, 0], [1, 1]], [3, 0], [3, 9], whole=True))[0] is None


def test_a_whole_optimum_is_the_plan_at_once():
    found, search, bound = dived(matrix([1, 1], [[2, 0], [1, 1]], [4, 3], [4, 9], whole=True))
    assert search.value(0, found) == pytest.approx(bound) == 3


def test_a_trip_is_as_large_as_what_it_lets_through():
    """Three to a trip by coach, one by car; a row of hours and a column that is not lazy count nothing."""
    rows = [[1, 0, -3, 0, 0], [0, 1, 0, -1, 0], [0, 0, 5, 1, 0], [0.5, 0, 0, 0, -4]]
    model = matrix(
        np.ones(5), rows, -np.inf, [0, 0, 9, 0], whole=[False, False, True, True, True],
        lazy=[True, True, True, True, False],
    )  # fmt: skip
    assert sizes(relaxed_of(model).parts) == pytest.approx([1, 1, 3, 1, 1])
