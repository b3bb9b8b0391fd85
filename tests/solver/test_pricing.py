"""Columns let in as their prices call for them give the very optimum of the whole model."""

from __future__ import annotations

import numpy as np
import pytest

from nspl_opt.solver import relaxation as rx
from nspl_opt.solver.outcome import is_plan

from .small import matrix, settings, solve_here
from .transfers import best, transfers

INF = np.inf


def covering(seed: int):
    """Needs covered by lazy columns of all kinds (also shared and free rows), or by dear base columns."""
    rng = np.random.default_rng(1000 + seed)
    needs, many = rng.integers(2, 7), rng.integers(5, 60)
    cover = np.where(rng.random((needs, many)) < 0.4, rng.integers(1, 5, (needs, many)), 0).astype(float)
    switch = rng.integers(1, 4)
    links = np.zeros((switch, needs + many + switch))
    for k in range(many):
        links[rng.integers(switch), needs + k] = 1 if rng.random() < 0.7 else 0
    links[:, needs + many :] = -np.diag(rng.integers(1, 9, switch).astype(float))
    rows = np.vstack([np.hstack([np.eye(needs), cover, np.zeros((needs, switch))]), links])
    goals = np.zeros((2, needs + many + switch))
    goals[0, :needs], goals[0, needs : needs + many] = 9, rng.integers(0, 6, many)
    goals[0, needs + many :] = rng.integers(0, 4, switch)
    goals[1] = rng.integers(0, 5, needs + many + switch)
    lower = np.r_[rng.integers(1, 20, needs).astype(float), np.full(switch, -INF)]
    upper = np.r_[np.full(needs, INF), np.zeros(switch)]
    return matrix(
        goals, rows, lower, upper,
        col_upper=np.r_[np.full(needs, INF), rng.integers(1, 9, many), np.full(switch, 30.0)],
        lazy=np.arange(needs + many + switch) >= needs,
    )  # fmt: skip


def priced(model, goal_count: int, monkeypatch):
    """The relaxation alone, columns priced in: bound per goal, each held at its bound, and columns let in."""
    monkeypatch.setattr(rx, "FEW", 0)
    monkeypatch.setattr(rx, "LEAST_BATCH", 3)
    parts = {name: getattr(model, name) for name in model.__dataclass_fields__ if name != "a"}
    parts |= {"data": model.a.data, "indices": model.a.indices, "indptr": model.a.indptr}
    parts["shape"] = np.array(model.a.shape)
    relaxed = rx.Relaxation(parts, {"random_seed": 0}, lambda: False)
    began = int(relaxed.active.sum())
    bounds = []
    for goal in range(goal_count):
        bound, _, status = relaxed.solve(goal, rx.hs.now() + 20)
        assert status == "Optimal"
        bounds.append(bound)
        relaxed.hold(goal, bound + 1e-6)
    return bounds, began, relaxed


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_priced_in_columns_give_the_optimum_of_the_whole_relaxation_goal_by_goal(monkeypatch, start):
    waited = 0
    for seed in range(start, start + 20):
        for model in (transfers(seed, whole_trips=False, agreed=seed % 3 == 0), covering(seed)):
            count = len(model.goals)
            bounds, began, relaxed = priced(model, count, monkeypatch)
            held = []
            for goal, bound in enumerate(bounds):
                assert bound == pytest.approx(best(model, goal, held, relaxed=True), abs=2e-5), (seed, goal)
                held.append((goal, bound + 1e-6))
            assert began == int((~model.lazy).sum())
            waited += int((~relaxed.active).sum())
    assert waited > 100, "columns nobody needs stay outside"


def test_a_patient_is_priced_with_the_vehicle_the_move_needs(monkeypatch):
    """Moving costs 1 and its trip 2; leaving unmet costs 2.5 a head: the trip is not worth its price."""
    rows = [[1, 1, 0], [0, 1, -1]]
    dear = matrix([2.5, 1, 2], rows, [4, -INF], [INF, 0], lazy=[False, True, True])
    bounds, _, relaxed = priced(dear, 1, monkeypatch)
    assert bounds == [pytest.approx(10)] and not relaxed.complete
    cheap = matrix([3.5, 1, 2], rows, [4, -INF], [INF, 0], lazy=[False, True, True])
    bounds, _, relaxed = priced(cheap, 1, monkeypatch)
    assert bounds == [pytest.approx(12)] and relaxed.complete


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_whole_plans_from_priced_columns_obey_the_model_and_bounds_are_true(tmp_path, start):
    for seed in range(start, start + 20):
        model = transfers(seed, whole_trips=True, whole_moves=seed % 2 == 0, agreed=seed % 3 == 0)
        model.roundable[:] = model.roundable & (seed % 4 != 1)
        found = solve_here(model, tmp_path / str(seed), few=0)
        assert found.status in ("optimal", "feasible_gap") and is_plan(model, found.point), seed
        least = best(model, 0)
        assert found.goals[0]["bound"] <= least + 1e-5 and found.goals[0]["value"] >= least - 1e-5, seed
        if found.status == "optimal":
            assert found.goals[0]["value"] == pytest.approx(least, abs=1e-4), seed


@pytest.mark.parametrize("few", [None, 0])
def test_no_later_goal_takes_more_than_its_elders_gave_back(tmp_path, few):
    for seed in range(20):
        model = transfers(seed, whole_trips=True)
        model.holds[:] = [[0.02, 0.1], [0.05, 0.0], [0.0, 0.0]]
        found = solve_here(model, tmp_path, few=few)
        for goal, reached in enumerate(found.goals):
            value = reached["value"]
            share, amount = model.holds[goal]
            limit = value + share * value + amount + 2e-6 * max(1.0, value)
            assert model.goals[goal] @ found.point <= limit + 1e-6, (seed, goal)


def test_a_trace_of_later_goals_costs_a_goal_next_to_nothing(tmp_path):
    """Priced in, searches weigh later goals a little: a goal may end a five-hundredth of its bound higher at most."""
    for seed in range(20):
        model = transfers(seed, whole_trips=False)
        found = solve_here(model, tmp_path, few=0)
        bound, value = found.goals[0]["bound"], found.goals[0]["value"]
        assert bound == pytest.approx(best(model, 0), abs=2e-5), seed
        assert value - bound <= 0.002 * max(bound, 1e-6) + 1e-5, seed


def test_small_models_take_every_column_from_the_start():
    model = transfers(1, whole_trips=True)
    assert model.lazy.sum() <= rx.FEW and settings()["gap_share"] == 0
