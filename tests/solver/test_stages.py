"""Goal after goal, on models small enough for a pencil."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from nspl_opt.solver import stages
from nspl_opt.solver.outcome import is_plan, solve
from nspl_opt.solver.primal import graver

from .small import matrix, settings, solve_here
from .transfers import best, transfers

UNMET, RISK, BY_ROAD = [1, 0, 0], [0, 2, 1], [0, 0, 1]
"""Goals over unmet, by air, by road: six overflow, five beds elsewhere; flying counts double."""


def overflow(goals, holds=None, whole=False):
    return matrix(goals, [[1, 1, 1], [0, 1, 1]], [6, -np.inf], [np.inf, 5], whole=whole, holds=holds)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("goals", "holds", "values"),
    [
        ([UNMET], None, [1]),
        ([UNMET, RISK], None, [1, 5]),
        ([RISK, UNMET], None, [0, 6]),
        ([UNMET, BY_ROAD, RISK], None, [1, 0, 10]),
        ([UNMET, RISK, BY_ROAD], None, [1, 5, 5]),
        ([UNMET, RISK, BY_ROAD], [[0, 0], [0, 2], [0, 0]], [1, 5, 3]),
        ([UNMET, RISK, BY_ROAD], [[0, 0], [0.4, 0], [0, 0]], [1, 5, 3]),
        ([UNMET, RISK, BY_ROAD], [[1.0, 0], [0, 0], [0, 0]], [1, 4, 4]),
        ([UNMET, RISK, BY_ROAD], [[1.0, 1], [0, 0], [0, 0]], [1, 3, 3]),
    ],
)
def test_goals_are_reached_in_their_order_and_give_back_only_their_slack(tmp_path, goals, holds, values, whole):
    found = solve_here(overflow(goals, holds, whole), tmp_path)
    assert found.status == "optimal"
    assert [goal["value"] for goal in found.goals] == pytest.approx(values, abs=2e-5)
    assert [goal["bound"] for goal in found.goals] == pytest.approx(values, abs=2e-5)
    last = np.asarray(goals[-1]) @ found.point
    assert last == pytest.approx(values[-1], abs=2e-5)


def test_a_slack_given_back_is_used_by_a_later_goal_but_never_overdrawn(tmp_path):
    found = solve_here(overflow([UNMET, RISK, BY_ROAD], [[1.0, 0], [0.5, 1], [0, 0]]), tmp_path)
    unmet, risk, road = (np.asarray(goal) @ found.point for goal in (UNMET, RISK, BY_ROAD))
    assert unmet <= 2 + 1e-5 and risk <= 4 * 1.5 + 1 + 1e-5
    assert road == pytest.approx(1, abs=1e-4)


def test_vehicles_that_carry_two_make_three_trips_for_five_patients(tmp_path):
    """Unmet, moved, trips: the relaxation would make two and a half trips. Seven are made already."""
    goals = [[1, 0, 0], [0, 0, 1]]
    found = solve_here(
        matrix(goals, [[1, 1, 0], [0, 1, -2], [0, 1, 0]], [6, -np.inf, -np.inf], [np.inf, 0, 5],
               whole=[False, False, True], offset=[0, 7]), tmp_path,
    )  # fmt: skip
    assert found.status == "optimal"
    assert [(goal["value"], round(goal["bound"], 6)) for goal in found.goals] == [(pytest.approx(1), 1), (10, 10)]


def test_an_offset_belongs_to_its_goal(tmp_path):
    model = matrix([UNMET, RISK], [[1, 1, 1], [0, 1, 1]], [6, -np.inf], [np.inf, 5], offset=[7, 11])
    found = solve_here(model, tmp_path)
    assert [goal["value"] for goal in found.goals] == pytest.approx([8, 16], abs=2e-5)
    assert [goal["bound"] for goal in found.goals] == pytest.approx([8, 16], abs=2e-5)


def test_news_tells_every_goal_in_turn_with_its_relaxation_and_what_is_held(tmp_path, capsys):
    solve_here(overflow([UNMET, RISK]), tmp_path)
    news = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    steps = [(one["goal"], one["stage"]) for one in news if one["stage"] != "search"]
    assert steps == [(0, "relaxation"), (0, "held"), (1, "relaxation"), (1, "held")]
    assert all(set(one) == {"stage", "goal", "value", "bound", "seconds"} for one in news)


def lexicographic(model, found):
    """Each goal's least value by the referee, under what the solve itself held."""
    held = []
    for goal, reached in enumerate(found.goals):
        yield goal, reached, best(model, goal, held)
        share, amount = model.holds[goal]
        value = reached["value"]
        held.append((goal, value + share * abs(value) + amount + 1e-6 * max(1.0, abs(value))))


@pytest.mark.parametrize("start", range(0, 60, 10))
def test_small_whole_plans_are_the_best_and_their_bounds_are_true(tmp_path, start):
    for seed in range(start, start + 10):
        model = transfers(seed, whole_trips=True, whole_moves=seed % 2 == 0, agreed=seed % 3 == 0)
        found = solve_here(model, tmp_path / str(seed))
        assert found.status == "optimal", seed
        assert is_plan(model, found.point), seed
        for goal, reached, least in lexicographic(model, found):
            assert reached["value"] == pytest.approx(least, abs=1e-4), (seed, goal)
            assert reached["bound"] <= least + 1e-5, (seed, goal)


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_against_trying_every_choice_bounds_are_true_and_plans_the_best(tmp_path, start):
    """Four vehicles of 0 to 2 trips each cover three needs: 81 choices, all tried."""
    for seed in range(start, start + 20):
        rng = np.random.default_rng(seed)
        rows, need = rng.integers(0, 4, (3, 4)).astype(float), rng.integers(1, 7, 3).astype(float)
        costs = rng.integers(0, 6, (2, 4)).astype(float)
        choices = np.array(list(itertools.product(range(3), repeat=4)), dtype=float)
        unmet = np.maximum(need - choices @ rows.T, 0).sum(axis=1)
        first = unmet.min()
        second = (choices[unmet == first] @ costs[0]).min()
        model = matrix(
            [[0] * 4 + [1] * 3, [*costs[0], 0, 0, 0]], np.hstack([rows, np.eye(3)]), need, np.inf,
            col_upper=[2] * 4 + [100] * 3, whole=[True] * 4 + [False] * 3,
        )  # fmt: skip
        found = solve_here(model, tmp_path / str(seed))
        assert found.status == "optimal", seed
        assert [goal["value"] for goal in found.goals] == pytest.approx([first, second], abs=1e-4), seed
        assert all(g["bound"] <= v + 1e-6 for g, v in zip(found.goals, (first, second), strict=True)), seed


def test_whole_numbers_come_out_whole(tmp_path):
    for seed in range(20):
        model = transfers(seed, whole_trips=True, whole_moves=True)
        point = solve_here(model, tmp_path).point[model.whole]
        assert (point == np.round(point)).all()


def test_the_same_solve_gives_the_same_plan_again_and_in_a_process_of_its_own(tmp_path):
    for seed in (3, 4):
        model = transfers(seed, whole_trips=True)
        first, again = (solve_here(model, tmp_path / name).point for name in "ab")
        apart = solve(model, settings()).point
        assert first.tobytes() == again.tobytes() == apart.tobytes()


def test_the_seed_changes_no_value(tmp_path):
    model = transfers(5, whole_trips=True, whole_moves=True)
    values = [[goal["value"] for goal in solve_here(model, tmp_path, seed=seed).goals] for seed in range(4)]
    assert values == [pytest.approx(values[0], abs=1e-5)] * 4


def test_a_search_cut_short_claims_no_more_than_it_proved(tmp_path):
    """Numbers to be halved, with an offset: after a few steps the plan is not the best, the bound still true."""
    open_gaps = 0
    for seed in range(16):
        rng = np.random.default_rng(seed)
        numbers = rng.integers(1, 100, (2, 9)).astype(float)
        half = np.floor(numbers.sum(axis=1) / 2)
        choices = np.array(list(itertools.product((0.0, 1.0), repeat=9)))
        least = np.abs(choices @ numbers.T - half).sum(axis=1).min() + 3
        model = matrix(
            [0] * 9 + [1] * 4, np.hstack([numbers, [[1, -1, 0, 0], [0, 0, 1, -1]]]), half, half, offset=3,
            col_upper=[1] * 9 + [1000] * 4, whole=[True] * 9 + [False] * 4,
        )  # fmt: skip
        found = solve_here(model, tmp_path, work_limit=1 + seed % 3)
        (goal,) = found.goals
        assert goal["bound"] <= least + 1e-6 <= goal["value"] + 2e-6, seed
        assert goal["value"] == pytest.approx(np.abs(numbers @ found.point[:9] - half).sum() + 3, abs=1e-5), seed
        assert (found.status == "optimal") == (goal["value"] - goal["bound"] <= 1e-5 * goal["value"]), seed
        open_gaps += found.status == "feasible_gap" and goal["limited"] == "work"
    assert open_gaps > 2


def coaches(calls=17, alone=0.5):
    """Patients to be moved by coaches of ten, five hours a trip, nine in all; or alone, at half an unmet each.

    Columns: unmet, moved by three coaches, their trips, moved alone. Half of the slack that the first goal
    gives back is what the second, minutes on the road, may weigh in the searches for the first.
    """
    rows = np.zeros((5, 8))
    rows[0, [0, 1, 2, 3, 7]] = 1
    rows[[1, 2, 3], [1, 2, 3]], rows[[1, 2, 3], [4, 5, 6]], rows[4, 4:7] = 1, -10, 5
    model = matrix(
        [[1, 0, 0, 0, 0, 0, 0, alone], [0, 0, 0, 0, 5, 5, 5, 100]], rows, [calls, *[-np.inf] * 4], [np.inf, 0, 0, 0, 9],
        col_upper=20, whole=[False] * 4 + [True] * 3 + [False], lazy=[False] + [True] * 7, holds=[[0, 2], [0, 0]],
    )  # fmt: skip
    return replace(
        model, hours_row=np.array([4]), hours_limit=np.array([9.0]), use_group=np.zeros(3, dtype=np.int64),
        use_hours=np.full(3, 5.0), use_indptr=np.arange(4), use_indices=np.arange(4, 7), use_data=np.ones(3),
    )  # fmt: skip


def proofs(monkeypatch):
    """(goal, bound) of every search from now on that is over all columns and in which later goals weigh."""
    seen, branch = [], stages.branch

    def noted(search, relaxed, goal, open_columns, *rest):
        limited, proven = branch(search, relaxed, goal, open_columns, *rest)
        if search.traced and open_columns.all():
            seen.append((goal, proven))
        return limited, proven

    monkeypatch.setattr(stages, "branch", noted)
    return seen


def test_a_search_in_which_minutes_weigh_proves_nothing_about_who_is_unmet(tmp_path, monkeypatch):
    """A cut brings in the last column, so the search is over all; at its costs nothing is below 7, and 3.5 would do."""
    model, seen = coaches(), proofs(monkeypatch)
    found = solve_here(model, tmp_path, few=0)
    assert len(seen) == 1 and seen[0][0] == 0 and seen[0][1] > 7
    assert best(model, 0) == pytest.approx(3.5)
    assert found.goals[0]["bound"] <= 3.5 + 1e-6 and found.goals[0]["value"] > 3.5 + 1
    assert found.status == "feasible_gap", "that it may not be the best is said"


def test_bounds_are_true_however_many_call_and_whatever_it_costs_to_move_one_alone(tmp_path, monkeypatch):
    seen, overstated = proofs(monkeypatch), 0
    for calls, alone in itertools.product((11, 13, 15, 17, 18, 24), (0.2, 0.4, 0.6, 0.8)):
        model = coaches(calls, alone)
        seen.clear()
        found = solve_here(model, tmp_path, few=0)
        assert is_plan(model, found.point), (calls, alone)
        for goal, reached, least in lexicographic(model, found):
            assert reached["bound"] <= least + 1e-5 <= reached["value"] + 2e-5, (calls, alone, goal)
            overstated += any(at == goal and proven > least + 0.1 for at, proven in seen)
    assert overstated > 5, "with the trace they would not have been"


def test_what_time_cut_short_is_told_even_where_work_ended_something_else():
    assert graver("work", "time") == graver("time", "") == graver("time", "work") == "time"
    assert graver("", "work") == "work" and graver("", "") == ""


def test_on_a_large_model_promises_are_looked_for_among_all_columns_and_later_goals_left_alone(monkeypatch):
    monkeypatch.setattr(stages, "SMALL", 0)
    search = SimpleNamespace(main=1, settings={"effort": "quick"}, whole=np.array([True, True]))
    relaxed, used = SimpleNamespace(active=np.array([True, True])), np.array([True, False])

    def searched(goal):
        return [columns.tolist() for columns, _ in stages._searches(search, relaxed, goal, used, np.inf)]

    assert [searched(goal) for goal in range(3)] == [[[True, True]], [[True, False]], []]
