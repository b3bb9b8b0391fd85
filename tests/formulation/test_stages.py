"""Goals are minimised one after the other; what has been agreed comes before the main one, where something is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nspl_opt.formulation.build import arc_rules, build_model, solver_notes
from nspl_opt.formulation.goals import GOALS
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.formulation.stages import main_of, stages_of
from nspl_opt.instance.derive import derive_instance
from nspl_opt.scenario.parts import Agreement
from nspl_opt.solver.matrix import compile_matrix

from .small import model, planned, small

TWO = {"norr": "n", "syd": "s"}
AHEAD = ["crossings", "unmet_care"]


def agreed(state: str) -> Agreement:
    return Agreement("T1", state, "patients", ("norr",), ("syd",), "n", "s", "icu", "", 0, 24, 1_000_000, "", "")


def case():
    return small(TWO, beds={("icu", "syd"): 9}, initial={("icu", "norr"): 2})


@pytest.fixture
def crossings_ahead(monkeypatch):
    """Crossings stand for what keeps agreements: a goal that comes ahead of the main one."""
    monkeypatch.setitem(GOALS, "crossings", replace(GOALS["crossings"], ahead=True))


def labels(goals, situation) -> list[str]:
    return [stage.label for stage in model_from_dict(model({"beds": {}}, goals)).stages(situation)]


def test_every_goal_is_a_stage_of_its_own_and_the_first_is_the_main_one():
    spec = model_from_dict(model({"beds": {}}, AHEAD))
    stages = spec.stages(case().situation)
    assert [(stage.label, stage.level) for stage in stages] == [("crossings", 0), ("unmet_care", 0)]
    assert main_of(stages) == 0


def test_what_comes_ahead_is_left_out_where_nothing_is_agreed(crossings_ahead):
    assert labels(AHEAD, case().situation) == ["unmet_care"]
    assert labels(AHEAD, case().having(agreements=[agreed("proposed")]).situation) == ["unmet_care"]
    assert labels(AHEAD, None) == AHEAD
    assert labels(["crossings"], case().situation) == ["crossings"], "a model needs one goal"


@pytest.mark.parametrize("state", ["accepted", "directed"])
def test_where_something_is_agreed_the_main_goal_is_the_second_and_the_solver_is_told(crossings_ahead, state):
    some = case().having(agreements=[agreed(state)])
    spec = model_from_dict(model({"beds": {}}, AHEAD))
    inst = derive_instance(some.situation, some.travel, arc_rules(spec, some.situation))
    m = build_model(spec, inst, some.travel)
    matrix = compile_matrix(m, **solver_notes(m, spec)).matrix
    assert len(matrix.goals) == len(matrix.holds) == 2 and matrix.main == 1
    assert main_of(stages_of(spec.goals, case().situation)) == 0


def test_the_main_goal_reaches_the_process_that_solves(crossings_ahead, tmp_path):
    import numpy as np

    some = case().having(agreements=[agreed("accepted")])
    spec = model_from_dict(model({"beds": {}}, AHEAD))
    m = build_model(spec, derive_instance(some.situation, some.travel, arc_rules(spec, some.situation)), some.travel)
    compile_matrix(m, **solver_notes(m, spec)).matrix.save(tmp_path / "matrix.npz")
    with np.load(tmp_path / "matrix.npz") as parts:
        assert int(parts["main"]) == 1


def test_a_plan_tells_its_goals_by_their_labels():
    assert [goal.name for goal in planned(case()).made.plan.goals] == ["unmet_care", "patient_hours_in_transit"]
