"""Diving: a point whose trips, steps and loans are whole and that keeps every row, or none; nothing is left changed."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.solver import dive
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
    one = Dive(search, relaxed, sizes(search.parts), pace, hs.now() + 3 if until is None else until)
    found = one.run(point)
    assert one.steps <= MOST_STEPS, "a dive that gets no further ends"
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


def buses(calls=1.8, unmet=2.0):
    """Two wards: one bus of three places from the first; a bus of six and a dearer one of three from the second.

    Columns: by bus, unmet and buses of the first; by either bus, unmet and both kinds of buses of the second.
    """
    rows = np.zeros((5, 8))
    rows[0, :2], rows[1, 3:6] = 1, 1
    rows[[2, 3, 4], [0, 3, 4]], rows[[2, 3, 4], [2, 6, 7]] = 1, [-3, -6, -3]
    is_bus = np.isin(np.arange(8), [2, 6, 7])
    return matrix(
        [0, 10, 3, 0, 0, unmet, 6, 3.3], rows, [calls, 0.6, *[-np.inf] * 3], [np.inf, np.inf, 0, 0, 0],
        whole=is_bus, lazy=~np.isin(np.arange(8), [1, 5]),
    )  # fmt: skip


def test_towards_the_end_of_a_dive_a_bus_that_is_idle_stays_so(monkeypatch):
    """A tenth of the large bus goes down; the small one, dearer than who is left behind, does not come in for it."""
    found, search, _ = dived(buses(), pace=0.0, outside=False)
    assert found[[2, 6, 7]] == pytest.approx([1, 0, 0]) and search.value(0, found) == pytest.approx(3 + 0.6 * 2)
    monkeypatch.setattr(dive, "IDLE_FROM", 0.0)
    found, search, _ = dived(buses(), pace=0.0, outside=False)
    assert found[[2, 6, 7]] == pytest.approx([1, 0, 1]) and search.value(0, found) == pytest.approx(3 + 3.3)


def test_before_that_an_idle_bus_may_come_in_for_another():
    """Nobody calls from the first ward: the second's buses are all there is to decide."""
    found, _, _ = dived(buses(calls=0.0), pace=0.0, outside=False)
    assert found[[2, 6, 7]] == pytest.approx([0, 0, 1])


def limited(relaxed, step, most=0):
    """The relaxation's run, with one step of a dive (from 0) of so few iterations; what became of each step."""
    run, seen = relaxed.run, []

    def once(until, *rest, iterations):
        before = list(relaxed.highs.getBasis().col_status), list(relaxed.highs.getBasis().row_status)
        solved = run(until, *rest, iterations=most if len(seen) == step else iterations)
        after = list(relaxed.highs.getBasis().col_status), list(relaxed.highs.getBasis().row_status)
        seen.append((solved.status, before == after))
        return solved

    relaxed.run = once
    return seen


def test_a_dive_goes_on_after_a_step_that_needs_too_many_iterations():
    """It is taken back, the next step starts from the basis before it, and what comes of the dive is a plan."""
    cut_short = went_on = reached = 0
    for seed, step in itertools.product(range(1, 41, 2), range(3)):
        for most in (0, 1):
            model = fleet(seed)
            search, relaxed, point, bound = ready(model)
            run, seen = relaxed.run, limited(relaxed, step, most)
            found = Dive(search, relaxed, sizes(search.parts), 0.3, soon()).run(point)
            relaxed.run = run
            if len(seen) <= step or seen[step][0] == "Optimal":
                continue
            assert seen[step] == ("Iteration limit reached", True), (seed, step)
            cut_short += 1
            went_on += len(seen) > step + 1
            assert (relaxed.col_lower == model.col_lower).all() and (relaxed.col_upper == model.col_upper).all()
            assert relaxed.solve(0, soon())[0] == pytest.approx(bound, abs=1e-5)
            if found is not None:
                reached += 1
                large = replace(model, whole=model.whole & (sizes(search.parts) > 1))
                assert is_plan(large, np.where(large.whole, np.round(found), found)), (seed, step)
    assert cut_short > 15 and went_on > 8 and reached > 8


def test_a_bus_whose_step_needs_too_many_iterations_is_not_sent_and_the_others_are():
    search, relaxed, point, _ = ready(buses(), outside=False)
    seen = limited(relaxed, 0)
    found = Dive(search, relaxed, sizes(search.parts), 0.0, soon()).run(point)
    assert seen[0] == ("Iteration limit reached", True) and {status for status, _ in seen[1:]} == {"Optimal"}
    assert found[2] == pytest.approx(0) and np.abs(found - np.round(found))[search.whole].max() < 1e-6


def test_dives_of_too_few_iterations_bring_a_plan_or_nothing(monkeypatch):
    monkeypatch.setattr(dive, "MOST_ITERATIONS", 1)
    for seed in range(1, 40, 2):
        model = fleet(seed)
        found, search, _ = dived(model)
        large = replace(model, whole=model.whole & (sizes(search.parts) > 1))
        assert found is None or is_plan(large, np.where(large.whole, np.round(found), found)), seed


def test_what_comes_out_worse_than_the_plan_at_hand_is_not_sent_and_the_dive_goes_on():
    """Buses of three places from two wards, 1.8 and 2.7 calls: the first's bus costs more than who it fetches."""
    rows = [[1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0], [1, 0, -3, 0, 0, 0], [0, 0, 0, 1, 0, -3]]
    model = matrix(
        [0, 11, 30, 0, 11, 3], rows, [1.8, 2.7, -np.inf, -np.inf], [np.inf, np.inf, 0, 0],
        whole=[False, False, True] * 2, lazy=[True, False, True] * 2,
    )  # fmt: skip
    search, relaxed, point, _ = ready(model, outside=False)
    search.plan = np.array([0, 1.8, 0, 2.7, 0, 2])
    found = Dive(search, relaxed, sizes(search.parts), 0.0, soon()).run(point)
    assert found == pytest.approx([0, 1.8, 0, 2.7, 0, 1])
    assert search.merit(found) == pytest.approx(19.8 + 3) and search.merit(search.plan) == pytest.approx(19.8 + 6)
