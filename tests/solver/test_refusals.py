"""What no solver may ever be given: each refused by name, before a solver sees it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pyomo.environ as pyo
import pytest

from nspl_opt.solver import highs as hs
from nspl_opt.solver.matrix import NumericalSuspect, check_numbers, compile_matrix
from nspl_opt.solver.outcome import solve

from .small import matrix, settings

INF, NAN = math.inf, math.nan


def ward(**changes):
    """One ward: patients in beds, the rest unmet."""
    given = {"beds": 5.0, "cost": 1.0, "most": 10.0, "least": 0.0, "need": 8.0, **changes}
    m = pyo.ConcreteModel()
    m.patients = pyo.Var(bounds=(given["least"], given["most"]))
    m.unmet = pyo.Var(within=pyo.NonNegativeReals)
    m.capacity = pyo.Constraint(expr=m.patients <= given["beds"])
    m.care = pyo.Constraint(expr=m.patients + m.unmet == given["need"])
    m.goal = pyo.Objective(expr=given["cost"] * m.unmet)
    return m


def refused(m, words, goals=1):
    with pytest.raises(NumericalSuspect, match=words):
        compile_matrix(m, [(0, 0)] * goals, [1e-6] * goals)


@pytest.mark.parametrize("cost", [NAN, INF, 1e15, 1e7, 1e-5, 1e-9])
def test_an_odd_weight_in_a_goal_is_refused(cost):
    refused(ward(cost=cost), "coefficient of goal 0")


@pytest.mark.parametrize("beds", [NAN, INF, -INF, 1e20, 1e25])
def test_an_odd_number_of_beds_is_refused(beds):
    refused(ward(beds=beds), "capacity")


@pytest.mark.parametrize(("field", "value"), [("most", NAN), ("most", 1e20), ("most", -1.0), ("least", 1e22)])
def test_an_odd_or_crossed_limit_of_a_variable_is_refused(field, value):
    refused(ward(**{field: value}), "patients")


def test_no_limit_is_written_as_none_not_as_a_large_number():
    compiled = compile_matrix(ward(most=None), [(0, 0)], [1e-6])
    assert np.isposinf(compiled.matrix.col_upper).any()


def test_a_rule_that_cannot_hold_whatever_is_decided_is_refused_by_name():
    m = ward()
    m.nobody = pyo.Constraint(expr=0 * m.patients >= 3)
    refused(m, "nobody")


def test_a_rule_that_is_not_linear_is_refused_by_name():
    m = ward()
    m.curved = pyo.Constraint(expr=m.patients * m.unmet <= 3)
    refused(m, "curved")


def test_a_goal_to_be_maximised_is_refused():
    m = ward()
    m.goal.sense = pyo.maximize
    refused(m, "maximised")


def test_a_model_without_goals_or_variables_is_refused():
    m = ward()
    m.goal.deactivate()
    refused(m, "0 goals", goals=0)
    nothing = pyo.ConcreteModel()
    nothing.goal = pyo.Objective(expr=0)
    refused(nothing, "0 variables")
    outcome = solve(matrix(np.zeros((1, 0)), np.zeros((1, 0)), 1, INF), settings())
    assert outcome.status == "numerical_suspect" and outcome.point is None


def test_more_goals_than_slacks_are_refused():
    m = ward()
    m.second = pyo.Objective(expr=m.patients)
    refused(m, "holds has shape", goals=1)


def test_goals_are_compiled_in_the_order_of_their_objectives():
    m = ward()
    m.a_second = pyo.Objective(expr=2 * m.patients)
    compiled = compile_matrix(m, [(0, 0)] * 2, [1e-6] * 2)
    where = {column.name: number for number, column in enumerate(compiled.columns)}
    assert compiled.matrix.goals[0][where["unmet"]] == 1 and compiled.matrix.goals[1][where["patients"]] == 2


def test_a_variable_that_no_rule_mentions_is_no_column_and_no_trouble():
    m = ward()
    m.idle = pyo.Var(bounds=(0, 1))
    assert compile_matrix(m, [(0, 0)], [1e-6]).matrix.size["columns"] == 2


def test_no_rows_at_all_is_a_model_like_any_other():
    outcome = solve(matrix([1, 1], np.zeros((0, 2)), [], [], col_lower=2.0), settings())
    assert outcome.status == "optimal" and outcome.goals[0].value == pytest.approx(4)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("row_lower", np.zeros(2)), ("row_upper", np.zeros(0)), ("col_lower", np.zeros(3)), ("col_upper", np.zeros(1)),
        ("whole", np.zeros(1, dtype=bool)), ("roundable", np.zeros(1, dtype=bool)),
        ("lazy", np.zeros(3, dtype=bool)), ("goals", np.zeros((1, 3))),
        ("goal_offset", np.zeros(2)), ("holds", np.zeros((2, 2))), ("tolerances", np.zeros(2)),
        ("tolerances", np.array([-1.0])), ("holds", np.array([[NAN, 0]])),
    ],
)  # fmt: skip
def test_parts_that_disagree_or_are_no_numbers_are_refused(field, value):
    sound = matrix([1, 1], [[1, 1]], 1, 5)
    check_numbers(sound)
    with pytest.raises(NumericalSuspect, match=field):
        check_numbers(replace(sound, **{field: value}))


def test_a_goal_offset_that_is_no_number_is_refused():
    with pytest.raises(NumericalSuspect, match="offset of goal 1"):
        check_numbers(matrix([[1], [1]], [[1]], 1, 5, offset=[0, NAN]))


def test_a_goal_that_falls_without_end_is_an_error_of_ours():
    for whole in (False, True):
        outcome = solve(matrix([-1], [[1]], 0, INF, col_upper=INF, whole=whole), settings())
        assert outcome.status == "internal_error" and "Unbounded" in outcome.why and outcome.point is None


def test_a_goal_below_nought_is_never_called_optimal():
    outcome = solve(matrix([-1], [[1]], 0, 5, whole=True), settings())
    assert outcome.status == "numerical_suspect" and "below 0" in outcome.why


@pytest.mark.parametrize(("name", "value"), [("no_such_option", 1), ("threads", "two"), ("mip_rel_gap", -1.0)])
def test_an_option_the_solver_does_not_take_is_a_fault(name, value):
    with pytest.raises(hs.SolverFault, match=name):
        hs.new_solver({name: value})


def test_every_solver_runs_in_one_thread_with_gaps_of_nought_and_tight_tolerance():
    solver = hs.new_solver({})
    found = {name: solver.getOptionValue(name)[1] for name in hs.FIXED_OPTIONS}
    assert found == {
        "output_flag": False, "threads": 1, "mip_feasibility_tolerance": 1e-7, "mip_abs_gap": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize("spoil", [NAN, 1e16, 1e-12])
def test_what_arrives_in_the_solver_is_compared_with_what_was_sent(spoil):
    sound = matrix([1, 1], [[1, 1]], 1, 5)
    parts = {name: getattr(sound, name) for name in ("row_lower", "row_upper", "col_lower", "col_upper", "whole")}
    parts |= {"data": np.array([1.0, spoil]), "indices": sound.a.indices, "indptr": sound.a.indptr}
    parts["shape"] = np.array(sound.a.shape)
    with pytest.raises(hs.SolverFault):
        hs.load(hs.new_solver({}), parts, sound.goals[0], 0.0, whole=False)


def test_a_column_that_waits_outside_must_wait_at_nought():
    with pytest.raises(NumericalSuspect, match="variable 1 is lazy"):
        check_numbers(matrix([1, 1], [[1, 1]], 1, 5, col_lower=[0, 1], lazy=[False, True]))


@pytest.mark.parametrize(("field", "value"), [("most", 9.5), ("least", 0.25)])
def test_half_a_patient_as_the_limit_of_whole_patients_is_refused_by_name(field, value):
    case = ward(**{field: value})
    case.patients.domain = pyo.Integers
    refused(case, rf"variable patients is whole, its bound {value} is not")
    case.patients.domain = pyo.Reals
    compile_matrix(case, [(0, 0)], [1e-6])


def test_whole_patients_without_a_limit_upwards_are_no_trouble():
    check_numbers(matrix([1, 1], [[1, 1]], 1, 5, whole=[True, True], col_upper=[math.inf, 3]))
