"""The calls to HiGHS itself: nothing is read that its status does not allow."""

from __future__ import annotations

import threading
import time

import highspy
import numpy as np
import pytest

from nspl_opt.solver import highs as hs
from nspl_opt.solver import relaxation as rx

from .small import matrix, solve_here
from .test_process import hard

INF = np.inf


def loaded(model, whole=True, **options):
    solver = hs.new_solver(options)
    parts = {name: getattr(model, name) for name in ("row_lower", "row_upper", "col_lower", "col_upper", "whole")}
    parts |= {"data": model.a.data, "indices": model.a.indices, "indptr": model.a.indptr}
    parts["shape"] = np.array(model.a.shape)
    hs.load(solver, parts, model.goals[0], float(model.goal_offset[0]), whole=whole)
    return solver


@pytest.mark.parametrize("presolve", ["on", "off"])
@pytest.mark.parametrize("whole", [False, True])
def test_no_point_is_read_where_there_is_no_plan(presolve, whole):
    """Without presolve HiGHS leaves a point that breaks the rules; it must not pass for a plan."""
    solved = hs.run(loaded(matrix([1, 1], [[1, 1]], 30, INF, whole=whole), whole, presolve=presolve), 5)
    assert solved.status == "Infeasible" and solved.point is None and not solved.finished
    assert solved.bound == -INF, "a search that finds nothing proves nothing"


def test_at_the_time_limit_without_a_plan_zeros_are_not_taken_for_one():
    solved = hs.run(loaded(hard(400, 60), True, presolve="off", mip_heuristic_effort=0.0), 0)
    assert solved.status == "Time limit reached" and not solved.finished
    if solved.point is not None:
        assert solved.objective < INF


def test_at_the_time_limit_the_best_plan_and_a_bound_below_it_are_read():
    solved = hs.run(loaded(hard()), 1.0)
    assert solved.status == "Time limit reached" and solved.point is not None
    assert solved.bound < solved.objective == pytest.approx(float(hard().goals[0] @ solved.point))


def test_an_interrupted_relaxation_proves_nothing():
    solver = loaded(hard(300, 100), whole=False, presolve="off")
    hs.watch(solver, lambda: True)
    solved = hs.run(solver, 20)
    assert not solved.finished and solved.bound == -INF


def test_a_goal_without_end_is_raised_not_returned():
    with pytest.raises(hs.Unbounded):
        hs.run(loaded(matrix([-1], [[1]], 0, INF, col_upper=INF), whole=False), 5)


def test_an_error_in_a_callback_comes_out_and_is_not_swallowed():
    def broken(steps):
        raise ZeroDivisionError

    solver = loaded(hard())
    hs.watch_search(solver, broken, lambda point: None)
    with pytest.raises(ZeroDivisionError):
        hs.run(solver, 10)


def test_other_threads_go_on_while_a_solve_runs():
    ticks = []
    over = threading.Event()

    def tick():
        while not over.wait(0.01):
            ticks.append(time.monotonic())

    thread = threading.Thread(target=tick)
    thread.start()
    hs.run(loaded(hard()), 1.0)
    over.set()
    thread.join()
    assert len(ticks) > 20


def test_when_the_second_run_disagrees_no_plan_is_told_as_unconfirmed(tmp_path, monkeypatch):
    """The first run is made to say Infeasible; the second, honest one finds a plan."""
    honest, runs = hs.run, []

    def lying(solver, seconds):
        runs.append(solver.getOptionValue("presolve")[1])
        return hs.Solved("Infeasible", None, INF, -INF, 0) if len(runs) == 1 else honest(solver, seconds)

    monkeypatch.setattr(rx.hs, "run", lying)
    found = solve_here(matrix([1, 1], [[1, 1]], 4, INF), tmp_path)
    assert found.status == "infeasible_unconfirmed" and found.point is None
    assert runs == ["choose", "off"]


def test_a_search_that_wrongly_finds_nothing_makes_no_plan_optimal(tmp_path, monkeypatch):
    """One trip too many, found by polishing; branch and bound then says Infeasible: no proof of anything."""
    honest = hs.run

    def lying(solver, seconds):
        return hs.Solved("Infeasible", None, INF, -INF, 0) if hs.any_whole(solver) else honest(solver, seconds)

    monkeypatch.setattr(hs, "run", lying)
    model = matrix([[1, 0.01], [0, 1]], [[1, 2], [0, 1]], [5, -INF], [INF, 2], whole=[False, True])
    found = solve_here(model, tmp_path)
    assert found.status != "optimal" or all(g["value"] - g["bound"] <= 1e-5 for g in found.goals)
    assert all(goal["bound"] <= least + 1e-6 for goal, least in zip(found.goals, (1.02, 2), strict=False))


def test_a_warning_is_a_fault_like_an_error():
    hs.must(highspy.HighsStatus.kOk, "fine")
    for status in (highspy.HighsStatus.kWarning, highspy.HighsStatus.kError):
        with pytest.raises(hs.SolverFault, match="rows"):
            hs.must(status, "rows")
