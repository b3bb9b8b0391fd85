"""Endurance: ten nurses on duty for twelve patients; a fifth more can be worked for two days, then a day of rest."""

from __future__ import annotations

from ..register import shows
from .golden import built, golden
from .small import planned, small

ONE = {"norr": "n"}


def days(**more):
    given = {"hours": (24, 24, 24), "beds": {("icu", "norr"): 99}, "staff": 20, "initial": {("icu", "norr"): 12}}
    return small(ONE, **(given | more))


def with_hours(**options):
    given = {"professions": ["nurse"], "work_h": 48, "rest_h": 24, "extra_share": 0.2}
    return {"beds": {}, "staff": {"contingency": False}, "endurance": given | options}


@shows("families.endurance", "families.endurance.rest_h", "families.endurance.work_h")
def test_after_two_days_of_extra_hours_there_is_a_day_of_rest():
    plan = planned(days(), with_hours())
    assert plan.goal() == 2 * 24 * 10
    assert plan.total("extra_hours", "people") == 2 * 4  # four people of twenty, two of them on duty
    assert planned(days(), with_hours(rest_h=0)).goal() == 0
    assert planned(days(), with_hours(work_h=72)).goal() == 0
    assert planned(days(), {"beds": {}, "staff": {"contingency": False}}).goal() == 3 * 2 * 24 * 10


@shows("families.endurance.extra_share", "families.endurance.professions")
def test_how_much_more_and_by_whom_are_options():
    assert planned(days(), with_hours(extra_share=0.1)).goal() == (2 * 1 + 2) * 24 * 10
    assert planned(days(), with_hours(professions=[])).goal() == 3 * 2 * 24 * 10
    assert planned(days(), with_hours()).goal() == 2 * 24 * 10


def test_without_anybody_to_work_them_it_says_so():
    assert planned(days(), with_hours(professions=[])).made.plan.notes == ("endurance.nobody",)


def test_extra_hours_may_be_worked_at_any_site_of_the_region():
    case = small(
        {"a": "r", "b": "r"}, beds={("icu", "a"): 99}, staff={"a": 8, "b": 100}, initial={("icu", "a"): 9}, roads={}
    )
    # Four on duty and a quarter more from the region, and a fifth of all 108, half of them on duty: enough.
    assert planned(case, {"beds": {}, "staff": {"contingency": False}}).goal() == 4 * 24 * 10
    assert planned(case, with_hours(extra_share=0.05)).goal() == (9 - 5 - 2.7) * 24 * 10


def test_only_the_people_who_are_there_can_work_more():
    case = days(hours=(12, 12, 24), staff={"norr": (20, 10, 10)})
    # The fewest of the day count: a fifth of ten, one on duty; before noon ten and one, after it five and one.
    plan = planned(case, with_hours(rest_h=0))
    assert plan.total("extra_hours", "people", block=0) == 2
    assert plan.goal() == (1 * 12 + 6 * 12 + 6 * 24) * 10


def test_its_rows_are_those_that_were_looked_through():
    axes = {"endurance.rest": "crd", "endurance.extra": "crd"}
    golden("endurance", built(days(), with_hours()), axes, also=("staff.region",))
