"""Period by period: what is left in parts becomes a whole plan of all periods, or none; nothing stays changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from nspl_opt.solver import by_period
from nspl_opt.solver.by_period import AHEAD, ByPeriod
from nspl_opt.solver.dive import Dive, sizes
from nspl_opt.solver.outcome import is_plan
from nspl_opt.solver.search import Search
from nspl_opt.solver.window import STANDING

from .mixed import INF, fleet, least, mixed, relaxed_of, soon, whole_points, with_rows
from .small import matrix, settings
from .test_rolling import ward


def in_time(model, seed, most=7):
    """The model with a random first period for every column; a few that need not be whole act in all."""
    rng = np.random.default_rng(seed)
    periods = rng.integers(0, rng.integers(1, most), len(model.whole))
    return replace(model, periods=np.where(~model.whole & (rng.random(len(periods)) < 0.2), STANDING, periods))


def ready(model, outside=True, stopped=lambda: False, **changes):
    """A search and its relaxation, aimed at the first goal, and the relaxation's optimum and bound."""
    relaxed = relaxed_of(model, outside)
    search = Search(relaxed.parts, settings(**changes), stopped, lambda news: None, lambda plan: None)
    bound, point, status = relaxed.solve(0, soon())
    assert status == "Optimal"
    search.aim(0, bound, point, trace=False)
    return search, relaxed, point, bound


def rounded(model, until=None, dive=False, **how):
    """What the way brought, the way and its search; the relaxation is as it was before."""
    search, relaxed, point, bound = ready(model, **how)
    done = np.zeros(len(point), dtype=bool)
    if dive:
        done = search.whole & ((sizes(search.parts) > 1) | ~model.lazy)
        point = Dive(search, relaxed, sizes(search.parts), 0.3, soon()).run(point)
        if point is None or np.abs(point - np.round(point))[done].max(initial=0.0) > 1e-6:
            return None, None, search
    way = ByPeriod(search, relaxed, soon() if until is None else until)
    found = way.run(point, done)
    if found is not None:
        assert np.abs(found - point)[done].max(initial=0.0) <= 1e-5, "what was done stands"
    assert_as_before(model, relaxed, bound)
    return found, way, search


def assert_as_before(model, relaxed, bound):
    """Bounds are those of the model, here and in HiGHS, and the relaxation has its old optimum."""
    held = relaxed.highs.getLp()
    for given, ours, theirs in (
        (model.col_lower, relaxed.col_lower, held.col_lower_),
        (model.col_upper, relaxed.col_upper, held.col_upper_),
    ):
        assert (ours == given).all() and (np.array(theirs) == given[relaxed.order]).all()
    assert relaxed.solve(0, soon())[0] == pytest.approx(bound, abs=1e-5)


def assert_plan(model, found, search):
    """A whole plan, no better than the best of all."""
    clean = np.where(model.whole, np.round(found), found)
    assert np.abs(clean - found).max() <= 1e-5 and is_plan(model, clean)
    truth = least(model, model.goals[0]) + model.goal_offset[0]
    assert search.value(0, clean) >= truth - 1e-4
    search.take(found)
    assert search.plan is not None, "it is good enough to be taken"


@pytest.mark.parametrize("dive", [False, True])
@pytest.mark.parametrize("start", [0, 40])
def test_what_is_made_whole_period_by_period_is_a_plan_no_better_than_the_best(start, dive):
    reached = 0
    for seed in range(start, start + 40):
        for model in (in_time(mixed(seed), seed), in_time(fleet(seed), seed)):
            model.roundable[:] = model.whole & model.lazy
            found, _, search = rounded(model, dive=dive, outside=seed % 3 != 0)
            if found is not None:
                reached += 1
                assert_plan(model, found, search)
    assert reached > 30


def test_with_every_column_whole_the_plan_is_one_of_those_found_by_trying_all():
    reached = 0
    for seed in range(60):
        model = in_time(mixed(seed, whole=True), seed, most=4)
        found, _, search = rounded(model)
        if found is not None:
            reached += 1
            points = whole_points(model)
            assert (np.abs(points - np.round(found)).max(axis=1) == 0).any(), seed
            assert search.value(0, found) >= (points @ model.goals[0]).min() + model.goal_offset[0] - 1e-4, seed
    assert reached > 30


def shift(last=7, need=1.0, hours=6.5):
    """Calls of the first period, two hours each, and one hour in the last; ``hours`` are for all periods together.

    Columns: calls, those of two and a half missed, the later call, and one whole column per period between.
    """
    between = last - 1
    rows = np.zeros((3, 3 + between))
    rows[0, :2] = 1  # 2.5 calls are made or missed
    rows[1, [0, 2]] = 2, 1
    rows[2, 2] = 1
    costs = np.r_[1.0, 10.0, 0.0, np.zeros(between)]
    model = matrix(costs, rows, [2.5, -INF, need], [INF, hours, INF], whole=[True, False] + [True] * (1 + between))
    return replace(model, periods=np.r_[0, 0, last, np.arange(1, last)])


def windows(monkeypatch):
    """(start, end) of the windows that are cut from now on."""
    cuts, cut = [], ByPeriod._cut

    def noted(self, start, end, *rest):
        cuts.append((start, end))
        return cut(self, start, end, *rest)

    monkeypatch.setattr(ByPeriod, "_cut", noted)
    return cuts


def test_hours_used_up_by_the_first_period_are_given_back_when_the_last_one_needs_them(monkeypatch):
    """Three calls cost less than two and a missed half, but leave half an hour where the last call takes one."""
    model, cuts = shift(), windows(monkeypatch)
    found, way, search = rounded(model)
    assert cuts == [(0, AHEAD), (0, 2 * AHEAD)]
    assert found[:3] == pytest.approx([2, 0.5, 1]) and way.limited == ""
    assert_plan(model, found, search)


def test_hours_that_are_enough_are_used_without_a_second_look(monkeypatch):
    model, cuts = shift(hours=7.0), windows(monkeypatch)
    found, _, _ = rounded(model)
    assert found[:3] == pytest.approx([3, 0, 1]) and cuts == [(0, AHEAD)]


def test_it_looks_on_as_far_as_there_are_periods_and_no_further(monkeypatch):
    """Twice the first calls are to be five: no window has a plan of it, and the widest is the last that is tried."""
    model, cuts = shift(last=17), windows(monkeypatch)
    five = sparse.csr_array(np.r_[2.0, np.zeros(18)][None, :])
    model = with_rows(model, sparse.vstack([five, -five]).tocsr(), np.array([5.0, -5.0]))
    found, way, _ = rounded(model)
    assert found is None and way.limited == ""
    assert cuts == [(0, 4), (0, 8), (0, 16), (0, 18)]


def test_periods_between_that_are_whole_already_cost_no_window(monkeypatch):
    """Only the first and the last of three periods come in parts."""
    rows = [[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]]
    model = matrix([1, 10, 1, 1, 10], rows, [2.5, 2, 1.5], INF, whole=[True, False, True, True, False])
    model = replace(model, periods=np.array([0, 0, 1, 2, 2]))
    cuts = windows(monkeypatch)
    found, _, _ = rounded(model)
    assert found == pytest.approx([3, 0, 2, 2, 0]) and cuts == [(0, 3), (2, 3)]


def test_a_whole_column_without_a_period_leaves_no_way_unless_it_is_done():
    model = replace(shift(), periods=np.full(9, STANDING))
    assert rounded(model)[0] is None
    model = replace(shift(), periods=np.r_[STANDING, shift().periods[1:]])
    assert rounded(model)[0] is None
    search, relaxed, point, _ = ready(model)
    done, kept = np.arange(9) == 0, point.copy()
    kept[:3] = 2, 0.5, 1
    found = ByPeriod(search, relaxed, soon()).run(kept, done)
    assert found[:3] == pytest.approx([2, 0.5, 1])


def test_what_is_done_stands_even_where_more_would_be_better(monkeypatch):
    """Two calls are settled: the third, cheaper than the half that is missed, is not made."""
    search, relaxed, point, bound = ready(shift(hours=9.0))
    done, kept = np.arange(9) == 0, point.copy()
    kept[0] = 2.0
    cuts = windows(monkeypatch)
    found = ByPeriod(search, relaxed, soon()).run(kept, done)
    assert found[:2] == pytest.approx([2, 0.5]) and cuts == []
    assert_as_before(shift(hours=9.0), relaxed, bound)


def test_what_is_done_but_fits_nowhere_leaves_no_way():
    search, relaxed, point, bound = ready(shift())
    done, kept = np.arange(9) == 0, point.copy()
    kept[0] = 4.0
    assert ByPeriod(search, relaxed, soon()).run(kept, done) is None
    assert_as_before(shift(), relaxed, bound)


def test_without_time_there_is_no_plan_and_nothing_stays_changed():
    assert rounded(shift(), until=0.0)[0] is None
    for seed in range(12):
        assert rounded(in_time(mixed(seed), seed), until=0.0)[1] is not None


@pytest.mark.parametrize("asked", [0, 1, 2, 5])
def test_whenever_it_is_stopped_nothing_stays_changed(asked):
    """Stopped at the first question, or some questions later, of the relaxation or of a window."""
    for seed in range(12):
        for model in (shift(), in_time(mixed(seed), seed), in_time(fleet(seed), seed)):
            search, relaxed, point, bound = ready(model)
            left = [asked]

            def stopped(left=left):
                left[0] -= 1
                return left[0] < 0

            search.stopped = stopped
            found = ByPeriod(search, relaxed, soon()).run(point, np.zeros(len(point), dtype=bool))
            assert_as_before(model, relaxed, bound)
            search.stopped = lambda: False
            if found is not None:
                assert_plan(model, found, search)


def test_time_that_runs_out_between_two_windows_is_told(monkeypatch):
    """The first window used up the hours; before the second, wider one, time is up."""
    search, relaxed, point, bound = ready(shift())
    way = ByPeriod(search, relaxed, soon())
    window = way._window

    def slow(*given):
        found = window(*given)
        search.stopped = lambda: True
        return found

    monkeypatch.setattr(way, "_window", slow)
    assert way.run(point, np.zeros(9, dtype=bool)) is None and way.limited == "time"
    assert_as_before(shift(), relaxed, bound)


def test_a_fault_in_a_window_leaves_nothing_changed(monkeypatch):
    def fail(*given):
        raise MemoryError("no more")

    monkeypatch.setattr(by_period, "search_whole", fail)
    model = shift()
    search, relaxed, point, bound = ready(model)
    with pytest.raises(MemoryError):
        ByPeriod(search, relaxed, soon()).run(point, np.zeros(9, dtype=bool))
    assert_as_before(model, relaxed, bound)


def test_a_window_cut_short_by_counted_work_says_so():
    """As little work as there is: what comes of it is a whole plan or none, and never said to be more."""
    told = 0
    for seed in range(40):
        model = in_time(mixed(seed), seed)
        found, way, search = rounded(model, work_limit=0)
        told += way.limited == "work"
        if found is not None:
            assert_plan(model, found, search)
    assert told > 0


def test_the_same_way_twice_brings_the_same_plan():
    for seed in range(25):
        for model in (in_time(mixed(seed), seed), in_time(fleet(seed), seed)):
            first, again = rounded(model)[0], rounded(model)[0]
            assert (first is None) == (again is None), seed
            assert first is None or first.tobytes() == again.tobytes(), seed


def test_cuts_and_goals_held_are_kept_in_every_window():
    """A row added to the relaxation, ``... <= upper`` over all columns, binds the plan as it binds the relaxation."""
    kept = 0
    for seed in range(40):
        model = in_time(mixed(seed), seed)
        search, relaxed, point, _ = ready(model)
        limit = float(np.ceil(model.goals[1] @ point))
        relaxed.add(sparse.csr_array(model.goals[[1]]), np.array([limit]))
        held = relaxed.run(soon())
        if held.status != "Optimal":
            continue
        found = ByPeriod(search, relaxed, soon()).run(held.point, np.zeros(len(point), dtype=bool))
        if found is not None:
            kept += 1
            assert model.goals[1] @ found <= limit + 1e-5, seed
            assert_plan(model, found, search)
    assert kept > 10


@pytest.mark.parametrize("ahead", [1, 2, 6])
def test_a_ward_of_two_beds_is_planned_whole_day_by_day(monkeypatch, ahead):
    """A bed and a half are open: however few days it sees, what is decided is a plan of all days."""
    monkeypatch.setattr(by_period, "AHEAD", ahead)
    model, periods = ward(whole=True)
    beds = np.isneginf(model.row_lower)
    model = replace(model, periods=periods, row_upper=np.where(beds, 1.5, model.row_upper))
    found, _, search = rounded(model)
    assert_plan(model, found, search)
