"""Hard limits on goals: kept, or there is no plan. For every goal."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest

from nspl_opt.formulation.build import arc_rules, build_model, solver_notes
from nspl_opt.formulation.goals import GOALS
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.instance.derive import derive_instance
from nspl_opt.pipeline import plan_situation
from nspl_opt.plan.checks import verify
from nspl_opt.problems import InvalidInput
from nspl_opt.solver.matrix import compile_matrix

from ..register import acted, watching
from .small import model, small, solve_here
from .test_slack import EFFECTS, Given, short

OF_EVERY_GOAL = ("at_most",)
SHOWN = {
    name: replace(given, amount=None) for name, given in EFFECTS.items() if name.count(".") == 1
}  # cases in which the goal comes to more than nothing, or would without it
USUAL = {"beds": {}, "staff": {}, "staff_loans": {"professions": ["nurse"]}, "elective": {}}


def wished(given: Given, goal: str, limit: float | None):
    goals = [{"name": name} | ({"at_most": limit} if name == goal else {}) for name in given.goals]
    case = given.case()
    with patch("nspl_opt.pipeline.solve", solve_here):
        return plan_situation(case.situation, case.travel, model(given.families, goals))


@pytest.mark.parametrize("option", sorted(SHOWN))
def test_a_goal_keeps_a_limit_or_there_is_no_plan(option):
    given, goal = SHOWN[option], option.split(".")[1]
    with watching() as seen:
        free = wished(given, goal, None).plan
        reached = next(one.value for one in free.goals if one.name == goal)
        limited = wished(given, goal, reached / 2 if reached else 0.0)
    if reached:  # nothing but a worse main goal can make room for it
        if limited.plan is None:
            assert limited.status == "infeasible_confirmed"
        else:
            assert next(one.value for one in limited.plan.goals if one.name == goal) <= reached / 2 + 1e-6
            assert limited.plan.goals[0].value > free.goals[0].value
        assert acted(f"{option}.at_most", seen, bounds=True)


@pytest.mark.parametrize("goal", sorted(GOALS))
def test_the_row_of_a_wish_is_the_goal_itself(goal):
    needed = {family: {} for family in GOALS[goal].requires}
    tables = [{"name": "unmet_care"}, {"name": goal, "at_most": 7.5}][goal == "unmet_care" :]
    tables = sorted(tables, key=lambda one: not GOALS[one["name"]].ahead)
    case = small({"norr": "n", "syd": "s"}, hours=(24, 24), beds={("icu", "norr"): 2, ("icu", "syd"): 1},
                 planned={("icu", "norr"): 1}, initial={("icu", "norr"): 5})  # fmt: skip
    spec = model_from_dict(model(USUAL | needed, tables))
    inst = derive_instance(case.situation, case.travel, arc_rules(spec, case.situation))
    m = build_model(spec, inst, case.travel)
    labels = [stage.label for stage in spec.stages(case.situation)]
    wanted = next((n for n, label in enumerate(labels) if label.partition(":")[0] == goal), None)
    compiled = compile_matrix(m, **solver_notes(m, spec))
    rows = [n for n, row in enumerate(compiled.rows) if row.parent_component().name == f"wishes.{goal}"]
    if wanted is None or not np.any(compiled.matrix.goals[wanted]):
        assert not rows  # it is left out, or has nothing to count here
        return
    (row,) = rows
    assert compiled.matrix.row_upper[row] == 7.5
    assert compiled.matrix.a[[row]].toarray().ravel() == pytest.approx(compiled.matrix.goals[wanted])


def test_the_checker_sees_a_goal_above_its_limit():
    case = short()
    with patch("nspl_opt.pipeline.solve", solve_here):
        made = plan_situation(case.situation, case.travel, model(("beds",), [{"name": "unmet_care", "at_most": 500}]))
    assert made.check.ok
    goals = [{**made.plan.model["goals"][0], "at_most": 479.0}]
    stricter = replace(made.plan, model={**made.plan.model, "goals": goals})
    assert set(verify(stricter, case.situation, case.travel).broken) == {"goals.wishes"}


def test_a_limit_is_not_below_nought():
    with pytest.raises(InvalidInput, match="at_most"):
        model_from_dict(model(("beds",), [{"name": "unmet_care", "at_most": -1}]))
