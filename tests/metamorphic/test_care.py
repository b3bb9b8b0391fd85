"""Care: names mean nothing, the order and number of rows neither, and more of what is wanting never hurts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.reference.reference import MICRO

from ..formulation.small import Case, planned
from ..plan.spoils.care import MODEL, sound
from .test_more_and_less import CLOSE, anew

GOALS = ["unmet_care", "crisis_standard"]


def bound(case: Case, **families) -> float:
    goal = planned(case, MODEL | families, ["unmet_care"]).made.plan.goals[0]
    assert goal.proven
    return goal.bound


@pytest.fixture(scope="module")
def case() -> Case:
    _, situation, travel = sound()
    return Case(situation, travel)


@pytest.fixture(scope="module")
def before(case) -> float:
    return bound(case)


def test_names_of_regions_mean_nothing(case):
    names = {region.code: f"x{region.code}y" for region in case.situation.regions}
    other = Case(anew(case.situation, names), case.travel)
    one, two = (planned(each, MODEL, GOALS).made.plan.goals for each in (case, other))
    assert [goal.value for goal in one] == pytest.approx([goal.value for goal in two], abs=CLOSE)


def test_a_pair_of_beds_or_a_path_said_in_another_order_changes_nothing(case, before):
    turned = case.but(
        bed_substitutes=case.situation.bed_substitutes[::-1], paths=case.situation.paths[::-1]
    )  # fmt: skip
    assert bound(turned) == pytest.approx(before, abs=CLOSE)


def test_more_places_in_the_municipalities_never_hurt(case, before):
    municipal = case.situation.municipal
    more = replace(municipal, places_micro=municipal.places_micro + MICRO)
    assert bound(case.but(municipal=more)) <= before + CLOSE
    assert bound(case.but(municipal=replace(municipal, limited=np.zeros(2, dtype=bool)))) <= before + CLOSE


def test_more_unlocked_more_may_move_and_more_hours_never_hurt(case, before):
    everywhere = np.ones_like(case.situation.crisis_open)
    assert bound(case.having(crisis_open=everywhere)) <= before + CLOSE
    assert bound(case, eligibility={"who": "all"}) <= before + CLOSE
    assert bound(case, eligibility={"who": "arrivals"}) >= before - CLOSE
    assert bound(case, endurance=MODEL["endurance"] | {"rest_h": 0}) <= before + CLOSE
    assert bound(case, bed_substitution={"largest_share": 0.1}) >= before - CLOSE


def test_a_share_of_nothing_is_as_the_family_off(case):
    others = {name: options for name, options in MODEL.items() if name != "care_paths"}
    off = planned(case, others, ["unmet_care"]).made.plan.goals[0]
    assert bound(case, care_paths={"share_factor": 0}) == pytest.approx(off.bound, abs=CLOSE)
