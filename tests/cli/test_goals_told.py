"""Where agreements stand before the main goal, what-ifs tell the main goal's value and bound, not the priced sum."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from nspl_opt.differences import goals_of
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.scenario.parts import Agreement

from ..formulation.small import model, planned, small

GOALS = ("agreements_broken", "unmet_care", "patient_hours_in_transit")


@pytest.fixture
def living():
    """One agreement binds; of the three columns the first breaks it, the second goes without care."""
    agreed = Agreement("T1", "accepted", "patients", ("norr",), ("syd",), "n", "s", "icu", "", 0, 24, 1_000_000, "", "")
    situation = small({"norr": "n", "syd": "s"}).having(agreements=[agreed]).situation
    matrix = SimpleNamespace(goals=np.eye(3), goal_offset=np.zeros(3), ahead_price=100.0)
    spec = model_from_dict(model({"beds": {}, "offers": {}}, GOALS))
    return SimpleNamespace(spec=spec, situation=situation, compiled=SimpleNamespace(matrix=matrix))


def test_the_price_of_what_is_broken_is_taken_out_of_value_and_bound(living):
    point = np.array([2.0, 30.0, 4.0])
    found = SimpleNamespace(goals=(230.0, 4.0), bound=225.0, point=point)
    assert goals_of(living, found) == ([2.0, 30.0, 4.0], 25.0)


def test_goals_that_are_told_one_by_one_stay_as_they_are(living):
    found = SimpleNamespace(goals=(2.0, 30.0, 4.0), bound=25.0, point=None)
    assert goals_of(living, found) == ([2.0, 30.0, 4.0], 25.0)
    assert goals_of(living, SimpleNamespace(goals=(), bound=7.0)) == (None, 7.0)


def test_a_goal_with_nothing_to_aim_at_has_no_turn_and_the_plan_says_so():
    case = small({"norr": "n"}, beds={("icu", "norr"): 2}, initial={("icu", "norr"): 3})
    plan = planned(case, ("beds",), ["unmet_care", "crisis_standard"]).made.plan
    assert [goal.name for goal in plan.goals] == ["unmet_care"]
    assert plan.notes == ("crisis_standard.left_out",)
