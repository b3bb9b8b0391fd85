"""What help between regions avoids. Two regions, a day or two: every share can be worked out by hand."""

import threading
from dataclasses import replace
from unittest.mock import patch

import pytest

from nspl_opt.avoidable import alone, avoidable_share, with_avoidable
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.plan.certainty import proof_lines
from nspl_opt.plan.plan import Avoidable
from nspl_opt.plan.words import Words
from nspl_opt.scenario.parts import Agreement

from .formulation.small import model, planned, small, solve_here

FAMILIES = {"beds": {}, "transports": {"patients_whole_until_h": "all", "trips_whole_until_h": "all"}}
BEDS = {("icu", "norr"): 2, ("icu", "syd"): 3}
NORTH_FULL = {("icu", "norr"): 7}
WEIGHT = 10 * 24


def case(**changes):
    options = {"beds": BEDS, "initial": NORTH_FULL} | changes
    return small({"norr": "n", "syd": "s"}, **options)


def share_of(one, families=FAMILIES, goals=("unmet_care",), plan=None):
    with patch("nspl_opt.pipeline.solve", solve_here):
        plan = plan or planned(one, families, goals).made.plan
        spec = model_from_dict(model(families, goals))
        return avoidable_share(one.situation, one.travel, spec, plan)


def test_a_plan_that_fills_every_bed_there_is_avoids_all_that_can_be_avoided():
    found = share_of(case())
    assert (found.without_help, found.plan) == (pytest.approx(5 * WEIGHT), pytest.approx(2 * WEIGHT))
    assert found.share == pytest.approx(1) and found.least_share == pytest.approx(1)


def test_a_plan_that_helps_with_one_bed_of_three_avoids_a_third():
    plan = planned(case(), FAMILIES, ["unmet_care"]).made.plan
    worse = replace(plan, goals=(replace(plan.goals[0], value=4.0 * WEIGHT),))
    assert share_of(case(), plan=worse).share == pytest.approx(1 / 3, abs=1e-5)


def test_a_plan_worse_than_none_at_all_is_not_made_better():
    plan = planned(case(), FAMILIES, ["unmet_care"]).made.plan
    worse = replace(plan, goals=(replace(plan.goals[0], value=8.0 * WEIGHT),))
    assert share_of(case(), plan=worse).share == pytest.approx(-1, abs=1e-5)


def test_where_help_can_avoid_nothing_nothing_is_divided_by_nought():
    found = share_of(case(beds={("icu", "norr"): 2}))
    assert found.share is None and found.least_share is None
    assert found.without_help == pytest.approx(found.plan) == pytest.approx(5 * WEIGHT)
    nobody_goes_without = share_of(case(beds={("icu", "norr"): 9}))
    assert nobody_goes_without.share is None and nobody_goes_without.without_help == 0


def test_without_help_a_region_still_moves_patients_among_its_own_hospitals():
    two = small({"norr": "n", "norra": "n", "syd": "s"}, beds={**BEDS, ("icu", "norra"): 1}, initial=NORTH_FULL)
    assert share_of(two).without_help == pytest.approx(4 * WEIGHT)


def test_without_help_planned_care_is_still_postponed_and_no_one_is_lent():
    families = {**FAMILIES, "staff": {}, "staff_loans": {"professions": ["nurse"]}, "elective": {"delay_h": 0}}
    spec = alone(model_from_dict(model(families, ["unmet_care", "patient_hours_in_transit"])))
    assert [goal.name for goal in spec.goals] == ["unmet_care"]
    assert set(spec.families) == {*families, "areas"}
    assert (spec.families["areas"].grouping, spec.families["areas"].border) == ("region", "closed")


def test_a_model_that_seeks_something_else_first_has_no_such_share():
    assert share_of(case(), goals=("patient_hours_in_transit", "unmet_care")) is None


def test_the_share_is_part_of_the_plan_and_of_its_timing():
    told = []
    made = planned(case(), FAMILIES, ["unmet_care"]).made
    with patch("nspl_opt.pipeline.solve", solve_here):
        filled = with_avoidable(made, told.append)
    assert filled.plan.avoidable.share == pytest.approx(1)
    assert [news.stage for news in told] == ["without_help"] and filled.plan.timing["without_help"] > 0
    assert made.plan.avoidable is None and filled.plan.tables is made.plan.tables


def test_a_run_that_was_stopped_is_left_as_it_is():
    made, stop = planned(case(), FAMILIES, ["unmet_care"]).made, threading.Event()
    stop.set()
    assert with_avoidable(made, None, stop) is made


def test_no_share_is_told_from_a_plan_without_help_that_does_not_hold():
    made = planned(case(), FAMILIES, ["unmet_care"]).made
    broken = replace(made, check=replace(made.check, violations=made.check.violations or ("one",)))
    if broken.check.ok:
        pytest.fail("the check should not hold")
    with patch("nspl_opt.avoidable.plan_situation", lambda *_: broken):
        assert with_avoidable(made) is made


def test_figures_are_those_of_the_two_plans():
    assert isinstance(share_of(case()), Avoidable)
    assert share_of(case()).bound <= share_of(case()).plan


def test_what_is_agreed_stands_before_the_goal_and_is_not_taken_for_it():
    ends = ("norr",), ("syd",), "n", "s"
    agreed = [Agreement("T1", "accepted", "patients", *ends, "icu", "", 0, 24, 1_000_000, "", "")]
    one = case().having(agreements=agreed)
    families, goals = {**FAMILIES, "offers": {}}, ("agreements_broken", "unmet_care")
    plan = planned(one, families, goals).made.plan
    assert plan.main.name == "unmet_care"
    found = share_of(one, families, goals, plan)
    assert found.without_help == pytest.approx(5 * WEIGHT) and found.share == pytest.approx(1)
    words = Words("en")
    assert list(proof_lines(plan, words))[1].startswith(words.known("goal", "unmet_care"))
