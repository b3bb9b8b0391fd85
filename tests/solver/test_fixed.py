"""A plan's neighbourhood: answers are those of a referee, and do not hang on what was asked before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from nspl_opt.solver import highs as hs
from nspl_opt.solver import relaxation as rx
from nspl_opt.solver.around import base_around
from nspl_opt.solver.base import solve_base
from nspl_opt.solver.fixed import FixedPlan, Question
from nspl_opt.solver.warm import Warm

from .small import settings, solve_here
from .transfers import transfers

SEEDS = range(10)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Transfers wait outside also in small models."""
    monkeypatch.setattr(rx, "FEW", 0)
    monkeypatch.setattr(rx, "LEAST_BATCH", 3)


def fixed_plan(seed, folder):
    model = transfers(seed, whole_trips=True, whole_moves=True)
    plan = solve_here(model, folder / "solve").point
    model.save(folder / "matrix.npz")
    with np.load(folder / "matrix.npz") as file:
        parts = {name: file[name] for name in file.files}
    standing = parts["lazy"].astype(bool)
    return FixedPlan(parts, settings(), plan, standing, hs.now() + 20), parts, plan


def questions(parts, plan):
    """Each lazy column that is used closed in turn, the others free from the plan upwards."""
    lazy = np.flatnonzero(parts["lazy"])
    for column in lazy[plan[lazy] > 0.5]:
        others = lazy[lazy != column]
        lower = np.where(plan[others] > 0, 0.0, plan[others])
        columns = np.append(others, column)
        yield Question(columns, np.append(lower, 0.0), np.append(parts["col_upper"][others], 0.0))


def referee(fixed, parts, question):
    lower, upper = parts["col_lower"].copy(), parts["col_upper"].copy()
    lower[question.columns], upper[question.columns] = question.lower, question.upper
    rows = sparse.csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"]))
    found = milp(fixed.costs, integrality=parts["whole"].astype(int), bounds=Bounds(lower, upper),
                 constraints=[LinearConstraint(rows, parts["row_lower"], parts["row_upper"])],
                 options={"mip_rel_gap": 0.0})  # fmt: skip
    return float(found.fun) if found.status == 0 else None


@pytest.mark.parametrize("seed", SEEDS)
def test_an_answer_is_the_best_plan_with_those_bounds(seed, tmp_path):
    fixed, parts, plan = fixed_plan(seed, tmp_path)
    for question in questions(parts, plan):
        answer, best = fixed.ask(question, hs.now() + 20), referee(fixed, parts, question)
        assert (answer.point is None) == (best is None)
        if best is not None:
            assert fixed.costs @ answer.point == pytest.approx(best, rel=1e-5, abs=1e-4)
            assert np.abs(answer.point - np.round(answer.point))[parts["whole"]].max(initial=0) < 1e-6


def test_answers_do_not_hang_on_their_order(tmp_path):
    fixed, parts, plan = fixed_plan(3, tmp_path)
    asked = list(questions(parts, plan))
    assert len(asked) > 1
    there = [fixed.ask(question, hs.now() + 20).point for question in asked]
    back = [fixed.ask(question, hs.now() + 20).point for question in reversed(asked)]
    assert all(np.array_equal(one, other) for one, other in zip(there, reversed(back), strict=True))


def test_a_sum_is_no_more_than_was_said(tmp_path):
    fixed, parts, _ = fixed_plan(1, tmp_path)
    lazy = np.flatnonzero(parts["lazy"])
    question = Question(lazy, np.zeros(len(lazy)), parts["col_upper"][lazy], lazy, 2.0)
    answer = fixed.ask(question, hs.now() + 20)
    assert answer.point[lazy].sum() <= 2.0 + 1e-6


def test_the_price_of_a_row_is_what_one_unit_more_saves(tmp_path):
    fixed, parts, _ = fixed_plan(1, tmp_path)
    prices = fixed.prices(hs.now() + 20)
    assert (prices >= 0).all()
    assert prices[parts["row_lower"] == parts["row_upper"]].sum() == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_base_around_a_plan_has_its_bound_and_a_plan_no_worse(seed, tmp_path):
    _, parts, plan = fixed_plan(seed, tmp_path)
    around, usual = base_around(parts, settings(), plan), solve_base(parts, settings())
    assert around.bound == pytest.approx(usual.bound)
    goal = parts["goals"][0]
    assert goal @ around.plan <= goal @ plan + 1e-6
    assert Warm(around).resolve(None).value == pytest.approx(float(goal @ around.plan + parts["goal_offset"][0]))


def agreed_first(model, plan, price=50.0):
    """The same problem with one agreement before its goals: a used way has one patient at least, or one is broken."""
    ways = np.flatnonzero(model.lazy & ~model.whole | (model.lazy & (plan > 0.5)))
    way = int(ways[plan[ways] > 0.5][0])
    count = model.a.shape[1]
    broken = sparse.csr_array(([1.0, 1.0], ([0, 0], [way, count])), shape=(1, count + 1))
    rows = sparse.vstack([sparse.hstack([model.a, sparse.csr_array((model.a.shape[0], 1))]), broken]).tocsr()
    goals = np.vstack([np.zeros(count), model.goals])
    return way, replace(
        model, a=rows, row_lower=np.append(model.row_lower, 1.0), row_upper=np.append(model.row_upper, np.inf),
        col_lower=np.append(model.col_lower, 0.0), col_upper=np.append(model.col_upper, 1.0),
        goals=np.hstack([goals, np.eye(len(goals))[:, :1]]), goal_offset=np.append(0.0, model.goal_offset),
        holds=np.vstack([[0.0, 0.0], model.holds]), tolerances=np.append(1e-3, model.tolerances),
        whole=np.append(model.whole, False), lazy=np.append(model.lazy, False),
        roundable=np.append(model.roundable, False), switch=np.append(model.switch, False),
        main=np.array(1), ahead_price=price,
    )  # fmt: skip


def test_an_answer_keeps_what_is_agreed_where_it_can_and_tells_every_goal_by_itself(tmp_path):
    model = transfers(3, whole_trips=True, whole_moves=True)
    plan = solve_here(model, tmp_path / "solve").point
    way, agreed = agreed_first(model, plan)
    agreed.save(tmp_path / "agreed.npz")
    with np.load(tmp_path / "agreed.npz") as file:
        parts = {name: file[name] for name in file.files}
    fixed = FixedPlan(parts, settings(), np.append(plan, 0.0), parts["lazy"].astype(bool), hs.now() + 20)
    assert fixed.base.goals[0] == pytest.approx(0)
    lazy = np.flatnonzero(parts["lazy"])
    free = Question(lazy, np.zeros(len(lazy)), parts["col_upper"][lazy])
    kept = fixed.ask(free, hs.now() + 20)
    assert kept.goals[0] == pytest.approx(0) and kept.point[way] >= 1 - 1e-6
    upper = np.where(lazy == way, 0.0, parts["col_upper"][lazy])
    closed = fixed.ask(Question(lazy, np.zeros(len(lazy)), upper), hs.now() + 20)
    assert closed.goals[0] == pytest.approx(1) and closed.point[way] == pytest.approx(0)
    assert closed.goals[1] == pytest.approx(float(parts["goals"][1] @ closed.point + parts["goal_offset"][1]))
    assert fixed.costs @ closed.point >= 50.0  # it is priced, so it is not broken lightly
