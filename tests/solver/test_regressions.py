"""Small models on which solvers have given wrong answers, through the road every plan takes."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pyomo.environ as pyo
import pytest

from nspl_opt.solver.matrix import NumericalSuspect, compile_matrix
from nspl_opt.solver.outcome import GRACE_S, solve

from .small import matrix, settings

INF = math.inf


def three_depots(big: float):
    """Eight patients by three vehicles that cost 100 to 102 to send and carry 4, 3 and 2: at least 303.003.

    Without the last three rows' limits the switch of a vehicle is ``patients <= big * sent``.
    """
    rows = np.zeros((7, 6))
    rows[:3, :3], rows[:3, 3:] = np.eye(3), -big * np.eye(3)
    rows[3, :3] = 1
    rows[4:, :3] = np.eye(3)
    return matrix(
        [0.001, 0, 0, 100, 101, 102], rows, [-INF] * 3 + [8] + [-INF] * 3, [0] * 3 + [INF, 4, 3, 2],
        col_upper=[big] * 3 + [1] * 3, whole=[False] * 3 + [True] * 3,
    )  # fmt: skip


@pytest.mark.parametrize("big", [4, 100, 1e4, 1e5, 1e6, 2e6, 1e7, 1e9])
def test_a_switch_with_a_large_number_is_answered_rightly_or_refused(big):
    outcome = solve(three_depots(big), settings())
    if big <= 1e6:
        assert outcome.status == "optimal"
        assert outcome.goals[0].value == pytest.approx(303.003, abs=1e-6)
        assert outcome.goals[0].bound <= 303.003 + 1e-6
    else:
        assert outcome.status == "numerical_suspect" and outcome.point is None
        assert "coefficient" in outcome.why and "1e+06" in outcome.why


@pytest.mark.parametrize("whole", [[False, True], [True, True], [False, False]])
def test_a_presolve_that_once_answered_15_for_9_answers_rightly(whole):
    outcome = solve(matrix([2, 3], [[1, 1]], 4.5, INF, whole=whole), settings())
    best = 10 if all(whole) else 9
    assert outcome.status == "optimal"
    assert outcome.goals[0].value == pytest.approx(best) and outcome.goals[0].bound <= best + 1e-6


@pytest.mark.parametrize("reach", [1e2, 1e4, 1e6])
def test_a_parity_without_an_answer_ends_in_time_and_gives_no_plan(reach):
    """4y = z and 8x + z = -19 have no whole answer; a search over free numbers did not keep its limit."""
    model = matrix(
        [0, 0, 0], [[0, 4, -1], [8, 0, 1]], [0, -19], [0, -19], col_lower=-reach, col_upper=reach, whole=True
    )
    began = time.monotonic()
    outcome = solve(model, settings(time_limit_s=2))
    assert time.monotonic() - began < 2 + GRACE_S + 1
    assert outcome.point is None
    assert outcome.status in ("no_solution_in_time", "infeasible_confirmed", "infeasible_unconfirmed")


def test_whole_numbers_without_a_least_value_are_refused():
    free = matrix([0, 0, 0], [[0, 4, -1], [8, 0, 1]], [0, -19], [0, -19], col_lower=-INF, col_upper=INF, whole=True)
    outcome = solve(free, settings())
    assert outcome.status == "numerical_suspect" and "no least value" in outcome.why


def five_wards(coefficient: float) -> pyo.ConcreteModel:
    """Five wards of five beds; the third one's coefficient is odd."""
    m = pyo.ConcreteModel()
    m.ward = pyo.RangeSet(5)
    m.patients = pyo.Var(m.ward, bounds=(0, 10))
    m.unmet = pyo.Var(m.ward, bounds=(0, 10))
    m.beds = pyo.Constraint(m.ward, rule=lambda m, w: (coefficient if w == 3 else 1) * m.patients[w] <= 5)
    m.care = pyo.Constraint(m.ward, rule=lambda m, w: m.patients[w] + m.unmet[w] == 8)
    m.goal = pyo.Objective(expr=sum(m.unmet[w] for w in m.ward))
    return m


@pytest.mark.parametrize("coefficient", [math.nan, math.inf, -math.inf, 1e15, 1e-9])
def test_one_odd_number_among_five_wards_is_refused_by_name(coefficient):
    with pytest.raises(NumericalSuspect, match=r"beds\[3\]"):
        compile_matrix(five_wards(coefficient), [(0, 0)], [1e-6])


@pytest.mark.parametrize("coefficient", [math.nan, math.inf, 1e15, 1e-9])
def test_a_matrix_spoiled_after_it_was_made_is_refused_by_the_solve_itself(coefficient):
    compiled = compile_matrix(five_wards(1), [(0, 0)], [1e-6])
    compiled.matrix.a.data[2] = coefficient
    outcome = solve(compiled.matrix, settings())
    assert outcome.status == "numerical_suspect" and outcome.point is None and "coefficient of rule" in outcome.why


def test_without_odd_numbers_every_ward_keeps_its_beds():
    compiled = compile_matrix(five_wards(1), [(0, 0)], [1e-6])
    outcome = solve(compiled.matrix, settings())
    assert outcome.status == "optimal" and outcome.goals[0].value == pytest.approx(15)


def market_split(seed: int):
    """Two rows of numbers to be halved exactly by choosing columns; ``slips`` pay for what is off."""
    rng = np.random.default_rng(seed)
    numbers = rng.integers(1, 100, (2, 9)).astype(float)
    half = np.floor(numbers.sum(axis=1) / 2)
    slips = np.array([[1.0, -1, 0, 0], [0, 0, 1, -1]])
    best = min(np.abs(numbers @ np.array(choice) - half).sum() for choice in itertools.product((0.0, 1.0), repeat=9))
    model = matrix(
        [0] * 9 + [1] * 4, np.hstack([numbers, slips]), half, half, col_upper=[1] * 9 + [1000] * 4,
        whole=[True] * 9 + [False] * 4,
    )  # fmt: skip
    return model, best


@pytest.mark.parametrize("seed", range(3))
def test_a_small_market_split_is_split_as_well_as_trying_all_choices_does(seed):
    model, best = market_split(seed)
    outcome = solve(model, settings())
    assert outcome.status == "optimal" and outcome.goals[0].value == pytest.approx(best, abs=1e-5)
