"""What-ifs from a solved base: the same as if each were solved by itself, and the base stays as it was."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from nspl_opt.solver import relaxation as rx
from nspl_opt.solver.base import solve_base
from nspl_opt.solver.change import MatrixChange
from nspl_opt.solver.outcome import is_plan
from nspl_opt.solver.warm import Warm

from .small import settings
from .transfers import best, transfers

SEEDS = range(12)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Transfers wait outside also in small models."""
    monkeypatch.setattr(rx, "FEW", 0)
    monkeypatch.setattr(rx, "LEAST_BATCH", 3)


def parts_of(model, folder):
    model.save(folder / "matrix.npz")
    with np.load(folder / "matrix.npz") as file:
        return {name: file[name] for name in file.files}


def fewer_hours(model, share):
    """The fleet, the last row, has fewer hours."""
    last = np.array([model.a.shape[0] - 1])
    return MatrixChange("fleet", last, model.row_lower[last], np.floor(model.row_upper[last] * share))


def more_patients(model, more):
    """The first site overflows more."""
    return MatrixChange("wave", np.array([0]), model.row_lower[[0]] + more, model.row_upper[[0]])


def closed(model, seed):
    """Some transfers are not to be used, and one trip carries less."""
    rng = np.random.default_rng(seed)
    columns = np.flatnonzero(model.lazy & (rng.random(len(model.lazy)) < 0.4))
    rows = model.a.tocoo()
    carried = np.flatnonzero(rows.data < -1)[:1]
    at = {"entry_rows": rows.row[carried].astype(int), "entry_columns": rows.col[carried].astype(int)}
    zeros = np.zeros(len(columns))
    return MatrixChange(
        "closed", columns=columns, col_lower=zeros, col_upper=zeros, **at, entry_values=np.full(len(carried), -1.0)
    )


def changed(model, change):
    """The model built anew with the change in it."""
    a = model.a.tolil()
    for row, column, value in zip(change.entry_rows, change.entry_columns, change.entry_values, strict=True):
        a[row, column] = value
    new = {name: getattr(model, name).copy() for name in ("row_lower", "row_upper", "col_lower", "col_upper")}
    new["row_lower"][change.rows], new["row_upper"][change.rows] = change.row_lower, change.row_upper
    new["col_lower"][change.columns], new["col_upper"][change.columns] = change.col_lower, change.col_upper
    return dataclasses.replace(model, a=a.tocsr(), **new)


def changes_of(model, seed):
    return [fewer_hours(model, 0.4), fewer_hours(model, 2), more_patients(model, 5), closed(model, seed)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_changed_case_has_the_bound_of_one_solved_by_itself(tmp_path, seed):
    model = transfers(seed, whole_trips=True)
    warm = Warm(solve_base(parts_of(model, tmp_path), settings()))
    for change in changes_of(model, seed):
        found = warm.resolve(change, whole=False)
        assert found.bound == pytest.approx(best(changed(model, change), 0, relaxed=True), abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_of_a_changed_case_keeps_the_changed_rules(tmp_path, seed):
    model = transfers(seed, whole_trips=True)
    warm = Warm(solve_base(parts_of(model, tmp_path), settings()))
    for change in changes_of(model, seed):
        other, found = changed(model, change), warm.resolve(change)
        assert is_plan(other, found.point)
        assert found.value >= best(other, 0) - 1e-6
        assert found.bound <= found.value


def test_unchanged_data_give_the_plan_at_hand(tmp_path):
    model = transfers(3, whole_trips=True)
    base = solve_base(parts_of(model, tmp_path), settings())
    warm = Warm(base)
    same = MatrixChange("same", np.array([0]), model.row_lower[[0]], model.row_upper[[0]])
    for change in (None, MatrixChange("empty"), same):
        found = warm.resolve(change)
        assert np.array_equal(found.point, base.plan)
        assert found.bound == pytest.approx(base.bound)


def test_the_order_of_cases_does_not_matter(tmp_path):
    model = transfers(5, whole_trips=True)
    base = pickle.loads(pickle.dumps(solve_base(parts_of(model, tmp_path), settings())))
    changes = changes_of(model, 5)
    one, other = Warm(base), Warm(base)
    forth = [one.resolve(change) for change in changes]
    back = [other.resolve(change) for change in changes[::-1]][::-1]
    for first, second in zip(forth, back, strict=True):
        assert first.bound == second.bound
        assert np.array_equal(first.point, second.point)


def test_the_base_is_the_same_after_every_case(tmp_path):
    model = transfers(7, whole_trips=True)
    base = solve_base(parts_of(model, tmp_path), settings())
    before = {name: array.copy() for name, array in base.parts.items()}
    warm = Warm(base)
    alone = warm.resolve(more_patients(model, 2), whole=False)
    for change in changes_of(model, 7):
        warm.resolve(change)
    again = warm.resolve(more_patients(model, 2), whole=False)
    assert again.bound == alone.bound
    assert np.array_equal(again.point, alone.point)
    assert all(np.array_equal(base.parts[name], before[name]) for name in before)


def test_without_plans_only_the_bound_is_worked_out(tmp_path):
    model = transfers(2, whole_trips=True)
    base = solve_base(parts_of(model, tmp_path), settings(), whole=False)
    found = Warm(base).resolve(more_patients(model, 2), whole=False)
    assert base.plan is None and found.value is None and found.goals == ()
    assert found.status == "Optimal" and found.point is not None


def test_a_case_that_no_plan_obeys_is_told_as_such(tmp_path):
    model = transfers(2, whole_trips=True)
    warm = Warm(solve_base(parts_of(model, tmp_path), settings()))
    zero = np.zeros(1)
    found = warm.resolve(
        dataclasses.replace(more_patients(model, 2), columns=np.array([0]), col_lower=zero + 2, col_upper=zero + 1)
    )
    assert (found.status, found.point, found.value) == ("Infeasible", None, None)
    assert not np.isfinite(found.bound)


def test_a_change_sent_to_another_process_gives_the_same_plan(tmp_path):
    model = transfers(5, whole_trips=True)
    base = solve_base(parts_of(model, tmp_path), settings())
    change = closed(model, 0)
    assert len(change.entry_rows)
    here, there = (Warm(base).resolve(one) for one in (change, pickle.loads(pickle.dumps(change))))
    assert here.bound == there.bound and (here.point == there.point).all()
