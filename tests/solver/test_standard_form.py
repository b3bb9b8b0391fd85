"""A model read off as arrays: as Pyomo's own compiler reads it, however a rule is written."""

import pyomo.environ as pyo
import pytest
from pyomo.core.expr.numeric_expr import LinearExpression

from nspl_opt.solver.standard_form import standard_form

from .same_form import same_form


def two_wards():
    m = pyo.ConcreteModel()
    m.patients = pyo.Var([1, 2], bounds=(0, 10))
    m.unmet = pyo.Var(bounds=(0, None))
    m.goal = pyo.Objective(expr=3 * m.unmet + 7)
    return m


def summed(*terms):
    return LinearExpression(linear_coefs=[c for c, _ in terms], linear_vars=[v for _, v in terms])


def test_sums_and_formulas_say_the_same():
    m = two_wards()
    m.plain = pyo.Constraint(expr=(None, summed((1.0, m.patients[1]), (2.0, m.patients[2])), 5.0))
    m.written = pyo.Constraint(expr=m.patients[1] + 2 * m.patients[2] + m.unmet + 1 == 8)
    m.both_sides = pyo.Constraint(expr=(1, m.patients[1] - m.patients[2], 4))
    m.more_than = pyo.Constraint(expr=m.patients[1] >= m.patients[2] + 2)
    assert same_form(m).a.shape == (4, 3)


def test_a_patient_counted_twice_counts_twice_and_who_cancels_is_gone():
    m = two_wards()
    twice = [(1.0, m.patients[1]), (2.0, m.patients[1]), (1.0, m.patients[2]), (-1.0, m.patients[2]), (1.0, m.unmet)]
    m.rule = pyo.Constraint(expr=(None, summed(*twice), 5.0))
    assert sorted(standard_form(m).a.data) == [1, 3]


def test_a_constant_in_a_sum_moves_to_the_other_side():
    m = two_wards()
    m.rule = pyo.Constraint(expr=(None, LinearExpression([3.0, 2 * m.patients[1]]), 5.0))
    assert same_form(m).upper.tolist() == [2]


def test_a_number_that_may_change_is_read_as_it_is_now():
    m = two_wards()
    m.need = pyo.Param(initialize=2.0, mutable=True)
    m.rule = pyo.Constraint(expr=(None, summed((m.need, m.patients[1]), (1.0, m.unmet)), m.need))
    m.need = 4.0
    assert same_form(m).upper.tolist() == [4]


def test_what_is_fixed_is_a_number():
    m = two_wards()
    m.rule = pyo.Constraint(expr=(None, summed((2.0, m.patients[1]), (1.0, m.unmet)), 9.0))
    m.patients[1].fix(3)
    form = same_form(m)
    assert form.upper.tolist() == [3] and form.columns == [m.unmet]


def test_rules_that_are_switched_off_or_say_nothing_are_no_rows():
    m = two_wards()
    m.off = pyo.Constraint(expr=m.patients[1] <= 1)
    m.off.deactivate()
    m.some = pyo.Constraint([1, 2], rule=lambda m, w: m.patients[w] <= 4)
    m.some[2].deactivate()
    m.idle = pyo.Constraint(expr=0 * m.unmet <= 4)
    assert [row.name for row in same_form(m).rows] == ["some[1]"]


def test_a_variable_of_another_model_is_refused():
    m, other = two_wards(), two_wards()
    m.rule = pyo.Constraint(expr=(None, summed((1.0, other.patients[1])), 1.0))
    with pytest.raises(ValueError, match="not in the model"):
        standard_form(m)
