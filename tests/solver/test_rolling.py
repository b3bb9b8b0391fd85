"""Planning in windows: what is decided step by step is a plan of the whole, and prices show what comes after."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.solver.highs import now
from nspl_opt.solver.outcome import is_plan, solve
from nspl_opt.solver.relaxation import Relaxation
from nspl_opt.solver.rolling import decide_relaxed, row_prices, run_windows
from nspl_opt.solver.search import Search
from nspl_opt.solver.window import STANDING, Horizon, Roll

from .small import matrix, settings

PERIODS = 6


def ward(whole=False, worst=False):
    """One ward of two beds over six periods; beds can be kept free now for those who come on the last day.

    Columns per period: patients cared for, patients who wait (they wait on), and nurses sent home, who
    are missed from then on and spare a little now. With ``worst`` the longest queue is a second goal.
    """
    cared, waiting, home = (np.arange(PERIODS) + PERIODS * n for n in range(3))
    columns = 3 * PERIODS + worst
    came = [1, 0, 3, 0, 5, 4]
    rows, lower, upper = [], [], []
    for t in range(PERIODS):
        line = np.zeros(columns)  # who waits: who waited, and came, less who is cared for
        line[[waiting[t], cared[t]]] = 1
        if t:
            line[waiting[t - 1]] = -1
        rows.append(line), lower.append(came[t]), upper.append(came[t])
        line = np.zeros(columns)  # beds that nurses keep open
        line[cared[t]], line[home[: t + 1]] = 1, 1
        rows.append(line), lower.append(-np.inf), upper.append(2)
        if worst:
            line = np.zeros(columns)
            line[[waiting[t], -1]] = 1, -1
            rows.append(line), lower.append(-np.inf), upper.append(0)
    goal = np.zeros((1 + worst, columns))
    goal[0, waiting], goal[0, home] = 1.0, -0.5
    if worst:
        goal[1, -1] = 1.0
    periods = np.r_[np.tile(np.arange(PERIODS), 3), [STANDING] * worst]
    flags = np.zeros(columns, dtype=bool)
    flags[cared] = whole
    model = matrix(goal, rows, lower, upper, col_upper=100.0, whole=flags, offset=10.0)
    return model, periods


def searching(model, folder, **changes):
    model.save(folder / "matrix.npz")
    with np.load(folder / "matrix.npz") as file:
        parts = {name: file[name] for name in file.files}
    return Search(parts, settings(**changes), lambda: False, lambda news: None, lambda plan: None)


def rolled(search, periods, window, step, priced=True):
    """Value, windows' values and point of the relaxation decided in windows, and the bound of the whole."""
    relaxed = Relaxation(search.parts, search.options(), lambda: False)
    bound, point, _ = relaxed.solve(0, now() + 20)
    search.aim(0, bound, point, trace=False)
    prices = row_prices(search, relaxed)
    roll = Roll(search.parts, Horizon(periods, window, step), search.costs, 10.0, prices if priced else 0 * prices)
    found, _ = roll.run(lambda part: decide_relaxed(search, part))
    return search.value(0, found), roll.values, found, bound


@pytest.mark.parametrize(("window", "step"), [(6, 6), (4, 2), (3, 1), (2, 2), (1, 1)])
def test_what_is_decided_in_windows_obeys_every_rule_of_the_whole(tmp_path, window, step):
    model, periods = ward()
    _, _, point, _ = rolled(searching(model, tmp_path), periods, window, step)
    assert is_plan(model, point)


def test_the_first_window_at_right_prices_is_worth_what_the_whole_is(tmp_path):
    model, periods = ward()
    _, values, _, bound = rolled(searching(model, tmp_path), periods, 2, 2)
    assert values[0] == pytest.approx(bound, abs=1e-6)


def test_the_worth_of_what_is_decided_never_improves_on_the_way(tmp_path):
    model, periods = ward()
    value, values, _, _ = rolled(searching(model, tmp_path), periods, 2, 1)
    assert (np.diff(values) >= -1e-6).all()
    assert values[-1] == pytest.approx(value, abs=1e-6)


def test_prices_keep_nurses_who_are_needed_after_the_window(tmp_path):
    model, periods = ward()
    search = searching(model, tmp_path)
    blind, _, _, bound = rolled(search, periods, 2, 2, priced=False)
    seeing, _, _, _ = rolled(search, periods, 2, 2)
    assert seeing == pytest.approx(bound, abs=1e-6)
    assert blind > bound + 1


def test_one_window_over_everything_is_the_whole_plan(tmp_path):
    model, periods = ward()
    value, values, _, bound = rolled(searching(model, tmp_path), periods, PERIODS, 2, priced=False)
    assert (value, len(values)) == (pytest.approx(bound, abs=1e-6), 1)


def test_a_step_back_is_taken_when_what_was_decided_leaves_no_plan(tmp_path):
    """Four are needed in all and numbers change slowly: whoever sees one day begins with too few."""
    rows = [[1, 1, 1], [1, -1, 0], [0, 1, -1]]
    model = matrix([1.0, 1.0, 1.0], rows, [4, -0.5, -1], [np.inf, 0.5, 1], col_upper=[2.0, 2.0, 1.0], offset=10.0)
    search = searching(model, tmp_path)
    value, values, point, bound = rolled(search, np.arange(3), 1, 1, priced=False)
    assert is_plan(model, point)
    assert value == pytest.approx(bound, abs=1e-6)
    assert len(values) == 3  # first day, again with the second, and the rest


def test_whole_patients_are_whole_and_every_goal_has_its_bound(tmp_path):
    model, periods = ward(whole=True, worst=True)
    search = searching(model, tmp_path)
    status = run_windows(search, Horizon(periods, 3, 1))
    assert status in ("optimal", "feasible_gap")
    assert is_plan(model, search.plan)
    assert len(search.reached) == 2
    assert all(goal.bound <= goal.value + 1e-9 for goal in search.reached)
    longest = max(search.plan[PERIODS : 2 * PERIODS])
    assert search.plan[-1] >= longest - 1e-6


def test_windows_run_in_a_process_of_their_own():
    model, periods = ward(whole=True)
    outcome = solve(replace(model, periods=periods), settings(rolling={"window": 3, "step": 2}))
    assert (outcome.status in ("optimal", "feasible_gap"), outcome.why) == (True, "")
    assert is_plan(model, outcome.point)


def test_a_job_that_cannot_be_read_is_told_not_hidden(tmp_path):
    import os

    job = settings(rolling={}, parent=os.getpid())
    (tmp_path / "settings.json").write_text(json.dumps(job), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "nspl_opt.solver.child", str(tmp_path)], check=True, timeout=60)
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["status"] == "internal_error"
