"""Rules kept as arrays: Pyomo sees the same rows, whoever reads or changes one gets an ordinary one."""

import io

import numpy as np
import pyomo.environ as pyo
import pytest

from nspl_opt.formulation.arrays import Aim, Columns, Entries, Index, Row, Rows, grid
from nspl_opt.solver.standard_form import standard_form

from ..solver.same_form import same_form


def two_wards():
    """Patients at two wards on two days; a ward takes at most 4, all lie somewhere; costs differ by ward."""
    m = pyo.ConcreteModel()
    m.patients = Columns(grid(2, 2), 0, upper=[4, 4, 9, 9], whole=[True, False, True, False])
    m.unmet = pyo.Var(bounds=(0, None))
    ward, day = m.patients.axes
    everybody = [
        Entries(m.patients, day, np.arange(4), np.ones(4)),
        Entries(m.unmet, np.arange(2), np.zeros(2, dtype=int), np.ones(2)),
    ]
    m.all_lie = Rows(["first", "second"], everybody, np.array([5.0, 6]), np.array([5.0, 6]), "All lie somewhere.")
    room = [Entries(m.patients, np.arange(2), np.arange(2), np.array([1.0, 2]))]
    m.room = Rows([1, 2], room, np.full(2, -np.inf), np.array([4.0, 8]), "No ward takes more than it can.")
    m.goal = Aim([Entries(m.patients, np.zeros(4, dtype=int), np.arange(4), 1.0 + ward)])
    return m


def as_text(m):
    file = io.StringIO()
    form = standard_form(m)
    names = [column.name for column in form.columns]
    for row, terms, low, high in zip(form.rows, form.a.toarray(), form.lower, form.upper, strict=True):
        print(row.name, {n: c for n, c in zip(names, terms, strict=True) if c}, low, high, file=file)
    print(form.c.toarray(), [column.bounds for column in form.columns], file=file)
    return file.getvalue()


def test_unread_rows_are_those_that_pyomo_reads():
    m = two_wards()
    before = as_text(m)
    assert all(type(row) is Row for row in m.all_lie.values())
    assert same_form(m).a.shape == (4, 5)  # Pyomo's compiler has read every row now
    assert m.all_lie.arrays() is None
    assert as_text(m) == before


def test_a_row_reads_as_if_it_had_been_written():
    m = two_wards()
    assert str(m.room[2].expr) == "2.0*patients[0,1]  <=  8.0"
    assert m.room[1].ub == 4 and not m.room[1].has_lb() and m.all_lie["first"].equality
    assert str(m.goal.expr) == "patients[0,0] + patients[0,1] + 2.0*patients[1,0] + 2.0*patients[1,1]"
    assert (m.room[2].name, m.patients[1, 0].name) == ("room[2]", "patients[1,0]")


def test_variables_are_whole_and_bounded_as_said():
    m = two_wards()
    assert [one.bounds for one in m.patients.values()] == [(0, 4), (0, 4), (0, 9), (0, 9)]
    assert [one.is_integer() for one in m.patients.values()] == [True, False, True, False]


def test_who_misspells_a_ward_gets_no_new_one():
    m = two_wards()
    for component, key in ((m.patients, (7, 0)), (m.room, 3)):
        with pytest.raises(KeyError):
            component[key]
    assert len(m.patients) == 4 and len(m.room) == 2


@pytest.mark.parametrize("change", [
    lambda m: m.room[1].set_value(m.patients[0, 0] + m.unmet <= 3),
    lambda m: m.room[1].deactivate(),
    lambda m: m.room.deactivate(),
    lambda m: m.patients[1, 1].fix(2),
    lambda m: m.goal.set_value(m.unmet),
    lambda m: m.patients[1, 1].setub(3),
    lambda m: setattr(m, "own", pyo.Constraint(expr=m.patients[0, 0] <= m.patients[1, 0] + 1)),
    lambda m: m.room.__delitem__(2),
])  # fmt: skip
def test_what_somebody_changes_afterwards_is_in_the_matrix(change):
    m = two_wards()
    before = as_text(m)
    change(m)
    assert as_text(m) != before
    same_form(m)


def test_a_model_can_be_written_to_a_file_and_copied(tmp_path):
    m = two_wards()
    copy = m.clone()
    assert as_text(copy) == as_text(m)
    m.write(str(tmp_path / "model.lp"), io_options={"symbolic_solver_labels": True})
    text = (tmp_path / "model.lp").read_text(encoding="utf-8")
    assert "+2.0 patients(0_1)" in text and "c_u_room(2)_" in text


def test_rows_of_a_variable_of_another_model_are_refused():
    m, other = two_wards(), two_wards()
    theirs = Entries(other.patients, np.zeros(1, dtype=int), np.zeros(1, dtype=int), np.ones(1))
    m.wrong = Rows([1], [theirs], np.zeros(1), np.ones(1), "A row about others' patients.")
    with pytest.raises(ValueError, match="not in the model"):
        standard_form(m)


def test_a_key_that_is_not_there_has_no_place():
    index = Index([0, 2, 2], [1, 0, 3])
    assert index.places([2, 0, 2, -1, 5], [3, 1, 1, 0, 0]).tolist() == [2, 0, -1, -1, -1]
    assert index.places(2, [0, 3]).tolist() == [1, 2]
    assert Index([], []).places([0], [0]).tolist() == [-1]
