"""Plans improved period by period: never worse, never better than the best, and nothing stays changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.solver import by_period
from nspl_opt.solver.by_period import AHEAD, ByPeriod
from nspl_opt.solver.window import STANDING

from .mixed import fleet, mixed, soon
from .small import matrix
from .test_by_period import assert_as_before, assert_plan, in_time, ready, shift, windows


def improved(model, plan, until=None, **how):
    """The plan at hand after all periods were decided anew once."""
    search, relaxed, _, bound = ready(model, **how)
    search.take(plan)
    assert search.plan is not None, "there is a plan to begin with"
    ByPeriod(search, relaxed, soon() if until is None else until).improve(search.plan)
    assert_as_before(model, relaxed, bound)
    return search.plan, search


def poor():
    """Nobody is fetched in the first period; the last call is kept."""
    return np.r_[0, 2.5, 1, np.zeros(6)]


def test_plans_never_get_worse_and_never_better_than_the_best():
    better = tried = 0
    for seed in range(40):
        for model in (in_time(mixed(seed), seed), in_time(fleet(seed), seed)):
            search, relaxed, _, bound = ready(model, outside=seed % 3 != 0)
            way, costs, point = ByPeriod(search, relaxed, soon()), search.costs, relaxed.solve(1, soon())[1]
            search.costs = model.goals[1]  # a plan that is good for something else
            search.take(way.run(point, np.zeros(len(point), dtype=bool)))
            if search.plan is None:
                continue
            search.costs = costs
            relaxed.aim(costs)
            before, tried = search.merit(search.plan), tried + 1
            way.improve(search.plan)
            assert_as_before(model, relaxed, bound)
            assert search.merit(search.plan) <= before, seed
            better += search.merit(search.plan) < before - 1e-6
            assert_plan(model, search.plan, search)
    assert tried > 50 and better > 20


def test_calls_that_nobody_answered_are_answered_as_far_as_the_last_one_allows(monkeypatch):
    cuts = windows(monkeypatch)
    plan, _ = improved(shift(), poor())
    assert plan[:3] == pytest.approx([2, 0.5, 1]) and set(cuts) == {(0, AHEAD)}


def test_every_period_has_its_turn():
    """Two calls in each of three periods, none of them answered in the plan at hand."""
    model = matrix(np.tile([1.0, 10.0], 3), np.kron(np.eye(3), [1, 1]), 2, np.inf, whole=[True, False] * 3)
    plan, _ = improved(replace(model, periods=np.repeat(np.arange(3), 2)), np.tile([0.0, 2.0], 3))
    assert plan == pytest.approx(np.tile([2, 0], 3))


def test_a_period_that_could_not_be_better_is_not_decided_anew(monkeypatch):
    cuts = windows(monkeypatch)
    best = np.r_[3, 0, 1, np.zeros(6)]
    model = replace(shift(hours=9.0), row_lower=np.array([3.0, -np.inf, 1.0]))
    plan, _ = improved(model, best)
    assert (plan == best).all() and cuts == []


def test_what_acts_in_every_period_stays_as_in_the_plan():
    model = replace(shift(), periods=np.r_[STANDING, shift().periods[1:]])
    assert (improved(model, poor())[0] == poor()).all()


def test_a_plan_with_trips_that_the_relaxation_left_out_is_improved_with_them():
    """The plan's whole columns come in with it, wanted or not."""
    for seed in range(1, 40, 2):
        model = in_time(fleet(seed), seed)
        search, relaxed, point, _ = ready(model, outside=False)
        way = ByPeriod(search, relaxed, soon())
        found = way.run(point, np.zeros(len(point), dtype=bool))
        if found is not None:
            plan, after = improved(model, found)
            assert after.merit(plan) <= after.merit(found) + 1e-9, seed
            assert_plan(model, plan, after)


def test_without_time_or_stopped_the_plan_stays_and_nothing_is_changed():
    assert (improved(shift(), poor(), until=0.0)[0] == poor()).all()
    search, relaxed, _, bound = ready(shift())
    search.take(poor())
    search.stopped = lambda: True
    ByPeriod(search, relaxed, soon()).improve(search.plan)
    assert_as_before(shift(), relaxed, bound)
    assert (search.plan == poor()).all()


def test_a_fault_on_the_way_leaves_the_plan_and_the_relaxation(monkeypatch):
    def fail(*given):
        raise MemoryError("no more")

    monkeypatch.setattr(by_period, "search_whole", fail)
    search, relaxed, _, bound = ready(shift())
    search.take(poor())
    with pytest.raises(MemoryError):
        ByPeriod(search, relaxed, soon()).improve(search.plan)
    assert_as_before(shift(), relaxed, bound)
    assert (search.plan == poor()).all()


def test_the_same_plan_is_improved_the_same_way_twice():
    first, again = (improved(shift(), poor())[0] for _ in range(2))
    assert first.tobytes() == again.tobytes()
