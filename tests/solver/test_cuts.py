"""Bounds tightened by cuts, alone and in whole solves: never above what the best whole plan reaches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from nspl_opt.solver import cuts
from nspl_opt.solver.outcome import is_plan

from .mixed import fleet, least, mixed, relaxed_of, soon, with_rows
from .small import matrix, solve_here

TRUE = 1e-6


@pytest.mark.parametrize("start", range(0, 120, 40))
def test_a_tightened_bound_never_passes_the_best_whole_plan(start):
    gained = 0
    for seed in range(start, start + 40):
        for model in (mixed(seed), mixed(500 + seed, whole=True), fleet(seed)):
            relaxed = relaxed_of(model, outside=seed % 4 != 0)
            bound, point, _ = relaxed.solve(0, soon())
            tightened, found = cuts.tighten(relaxed, model.whole, point, bound, soon())
            truth = least(model, model.goals[0]) + model.goal_offset[0]
            assert bound - TRUE <= tightened <= truth + TRUE * max(1.0, abs(truth)), seed
            assert model.goals[0] @ found + model.goal_offset[0] == pytest.approx(tightened, abs=1e-6), seed
            gained += tightened > bound + 1e-4
    assert gained > 12


def test_vehicle_hours_and_goals_held_later_keep_every_best_plan():
    """Cuts made for the first goal stay; the second goal's best plan under the first one held is still there."""
    for seed in range(25):
        model = fleet(seed)
        relaxed = relaxed_of(model)
        bound, point, _ = relaxed.solve(0, soon())
        cuts.tighten(relaxed, model.whole, point, bound, soon())
        limit = least(model, model.goals[0]) + 1e-6
        held = with_rows(model, sparse.csr_array(model.goals[[0]]), np.array([limit]))
        relaxed.hold(0, limit + float(model.goal_offset[0]))
        later, _, status = relaxed.solve(1, soon())
        assert status == "Optimal" and later <= least(held, model.goals[1]) + model.goal_offset[1] + TRUE, seed


def test_without_time_the_bound_is_what_it_was():
    model = fleet(2)
    relaxed = relaxed_of(model)
    bound, point, _ = relaxed.solve(0, soon())
    rows = relaxed.rows.shape[0]
    same, there = cuts.tighten(relaxed, model.whole, point, bound, 0.0)
    assert same == bound and (there == point).all() and relaxed.rows.shape[0] == rows


def test_hours_for_nine_and_trips_of_five_carry_one_load_not_two_parts_of_it():
    """Eight wait, ten to a trip: parts of trips would leave none, whole ones carry all on the one that fits."""
    model = matrix(
        [[1, 0, 0, 0]], [[1, 1, 1, 0], [0, 1, 0, -5], [0, 0, 0, 5]], [8, -np.inf, -np.inf], [np.inf, 0, 9],
        col_upper=[np.inf, 9, 1, 9], whole=[False, False, False, True], lazy=[False, True, False, True],
    )  # fmt: skip
    named = replace(
        model, hours_row=np.array([2]), hours_limit=np.array([9.0]), use_group=np.array([0]),
        use_hours=np.array([5.0]), use_indptr=np.array([0, 1]), use_indices=np.array([3]), use_data=np.ones(1),
    )  # fmt: skip
    relaxed = relaxed_of(named)
    bound, point, _ = relaxed.solve(0, soon())
    assert bound == pytest.approx(0) and point[3] > 1
    assert cuts.tighten(relaxed, named.whole, point, bound, soon())[0] == pytest.approx(2)


@pytest.mark.parametrize("start", range(0, 50, 25))
def test_whole_solves_with_columns_outside_state_true_bounds_goal_by_goal(tmp_path, start):
    tight = 0
    for seed in range(start, start + 25):
        for model in (mixed(2000 + seed), fleet(200 + seed)):
            model.holds[:] = [(0.0, 0.0), (0.05, 0.5), (0.0, 0.0)][seed % 3]
            found = solve_here(model, tmp_path, few=0)
            assert found.status in ("optimal", "feasible_gap"), (seed, found.status)
            assert is_plan(model, found.point), seed
            held = model
            for goal, reached in enumerate(found.goals):
                truth = least(held, model.goals[goal]) + model.goal_offset[goal]
                assert reached["bound"] <= truth + TRUE * max(1.0, abs(truth)), (seed, goal)
                assert reached["value"] >= truth - TRUE * max(1.0, abs(truth)), (seed, goal)
                tight += reached["bound"] > truth - 1e-4
                share, amount = model.holds[goal]
                value = reached["value"]
                limit = value + share * abs(value) + amount + 1e-6 * max(1.0, abs(value)) - model.goal_offset[goal]
                held = with_rows(held, sparse.csr_array(model.goals[[goal]]), np.array([limit]))
    assert tight > 40
