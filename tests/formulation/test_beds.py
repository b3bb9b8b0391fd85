"""Beds, surge, planned care and capability. Every number can be checked by hand."""

from dataclasses import replace

import pytest

from .small import ICU, WARD, planned, small

TWO = {"norr": "n", "syd": "s"}
FIVE = {("icu", "norr"): 5}


def test_three_of_five_leave_when_two_beds_are_open():
    plan = planned(small(TWO, beds={("icu", "norr"): 2, ("icu", "syd"): 10}, initial=FIVE))
    assert plan.moved(from_site="norr", to_site="syd") == 3
    assert plan.goal() == 0


def test_who_finds_no_bed_is_counted_with_hours_and_severity():
    plan = planned(small(TWO, beds={("icu", "norr"): 2, ("icu", "syd"): 1}, initial=FIVE))
    assert plan.goal() == 2 * 24 * 10  # two patients, a day, weight ten


def test_without_the_rule_of_beds_everybody_is_cared_for_where_there_is_a_bed_at_all():
    plan = planned(small(TWO, beds={("icu", "norr"): 1}, initial=FIVE), families=())
    assert (plan.goal(), plan.moved()) == (0, 0)


def test_surge_beds_help_once_they_can_be_open():
    case = small(
        {"norr": "n"}, hours=(12, 12, 24), beds={("icu", "norr"): 2}, surge={("icu", "norr"): (0, 2, 4)}, initial=FIVE
    )
    plan = planned(case)
    assert plan.goal() == (3 * 12 + 1 * 12 + 0) * 10
    assert list(plan.rows("surge")["open"]) == [2, 3]


def test_beds_of_one_kind_do_not_help_patients_of_another():
    case = small(
        {"norr": "n"}, categories=(ICU, WARD), beds={("ward", "norr"): 9}, initial=FIVE | {("ward", "norr"): 3}
    )
    assert planned(case).goal() == 5 * 24 * 10


def test_the_more_severely_ill_get_the_beds_they_share():
    light = replace(ICU, code="light", severity_weight=3)
    case = small(
        {"norr": "n"},
        categories=(ICU, light),
        beds={("icu", "norr"): 4},
        initial={("icu", "norr"): 3, ("light", "norr"): 3},
    )
    assert planned(case).goal() == 2 * 24 * 3


def test_who_is_cared_for_recovers_and_who_is_not_stays():
    case = small(
        {"norr": "n"},
        hours=(24, 24),
        categories=(replace(ICU, mean_stay_h=24),),
        beds={("icu", "norr"): 2},
        arrivals={("icu", "norr"): (4, 0)},
    )
    plan = planned(case)
    # Of two in beds 1 - 1/e leave (0.632121), then two of the 2.735758 left have a bed.
    assert plan.rows("census", period=1)["present"].item() == pytest.approx(4 - 2 * 0.632121)
    assert plan.goal() == 10 * 24 * (2 + 2 - 2 * 0.632121)


def test_a_patient_who_travels_through_the_night_counts_as_not_cared_for():
    case = small(
        TWO, hours=(6, 6, 24), beds={("icu", "syd"): 9}, initial={("icu", "norr"): 1}, roads={("norr", "syd"): 300}
    )
    # Leaves in the middle of the first six hours, arrives five hours later, in the second six.
    plan = planned(case)
    assert plan.rows("transfers")["arrival_period"].item() == 1
    assert plan.goal() == 6 * 10


def test_nobody_is_sent_on_in_the_period_of_arrival():
    case = small(
        {"norr": "n", "mitt": "m", "syd": "s"},
        hours=(24, 24),
        initial={("icu", "norr"): 1},
        beds={("icu", "mitt"): (1, 0), ("icu", "syd"): 1},
        roads={("norr", "mitt"): 60, ("mitt", "syd"): 60},
    )
    plan = planned(case)
    assert list(plan.rows("transfers").sort_values("period")["to_site"]) == ["mitt", "syd"]
    assert list(plan.rows("transfers").sort_values("period")["period"]) == [0, 1]


# Planned care


def elective(**options):
    return {"beds": {}, "elective": {"steps": 3, "largest_share": 1.0, "delay_h": 24} | options}


DAYS = (24, 24)
HELD = {"hours": DAYS, "beds": {("icu", "norr"): 8}, "planned": {("icu", "norr"): 6}, "initial": FIVE}
POSTPONE = ["unmet_care", "postponed_care"]


def test_planned_care_gives_way_in_whole_steps_after_its_notice():
    plan = planned(small({"norr": "n"}, **HELD), elective(), POSTPONE)
    # Two free beds the first day. Then a step frees two beds, and three are lacking: two steps.
    assert plan.goal() == 3 * 24 * 10
    assert plan.rows("postponed")[["block", "step", "beds_freed"]].to_numpy().tolist() == [[1, 2, 4.0]]
    assert plan.goal("postponed_care") == 4 * 24


def test_with_one_step_all_planned_care_gives_way_or_none():
    assert planned(small({"norr": "n"}, **HELD), elective(steps=1), POSTPONE).goal("postponed_care") == 6 * 24


def test_without_notice_planned_care_gives_way_at_once():
    assert planned(small({"norr": "n"}, **HELD), elective(delay_h=0), POSTPONE).goal() == 0


def test_no_more_than_the_largest_share_gives_way():
    plan = planned(small({"norr": "n"}, **HELD), elective(largest_share=1 / 3), POSTPONE)
    assert plan.goal() == (3 + 1) * 24 * 10  # a third of six beds: two are freed on the second day
    assert plan.goal("postponed_care") == 2 * 24


def test_staff_of_planned_care_gives_way_with_it():
    case = small(
        {"norr": "n"},
        hours=DAYS,
        beds={("icu", "norr"): 9},
        planned={("icu", "norr"): 3},
        staff=10,
        planned_staff={"norr": 6},
        on_duty=0.5,
        initial={("icu", "norr"): 4},
    )
    plan = planned(case, elective() | {"staff": {"contingency": False}}, POSTPONE)
    # (10 - 6) / 2 = 2 cared for the first day; four need eight people, so two steps of two.
    assert plan.goal() == 2 * 24 * 10
    assert plan.rows("postponed")["step"].tolist() == [2]


# Capability

BURNS = replace(ICU, code="burns", capability="burns", minimum_level="county")


def test_only_who_has_the_capability_cares_and_is_sent_to():
    case = small(
        TWO,
        categories=(BURNS,),
        beds={("icu", "norr"): 5, ("icu", "syd"): 2},
        initial={("burns", "norr"): 3},
        able={"syd": ("burns",)},
    )
    plan = planned(case, ("beds", "capability"))
    assert plan.moved(to_site="syd") == 2
    assert plan.goal() == 1 * 24 * 10
    assert planned(case).moved() == 0  # without the rule they stay


def test_the_least_level_of_a_category_holds_too():
    case = small(
        TWO,
        categories=(BURNS,),
        beds={("icu", "norr"): 5, ("icu", "syd"): 2},
        initial={("burns", "norr"): 1},
        able=dict.fromkeys(TWO, ("burns",)),
        levels={"norr": "district"},
    )
    assert planned(case, ("beds", "capability")).moved(to_site="syd") == 1
