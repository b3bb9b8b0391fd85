"""Batched transfers: five patients too many, and receivers with few beds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nspl_opt.plan.checks import verify
from nspl_opt.scenario.parts import BedSubstitute

from ..register import shows
from .golden import built, golden
from .small import ICU, WARD, planned, small

TWO = {"norr": "n", "ost": "o", "syd": "s"}


def five(**more):
    """Three beds an hour away and three beds two hours away."""
    settings = {
        "beds": {("icu", "ost"): 3, ("icu", "syd"): 3},
        "initial": {("icu", "norr"): 5},
        "roads": {("norr", "ost"): 60, ("norr", "syd"): 120},
    }
    return small(TWO, **settings | more)


def about(*amounts):
    """Expected values, within the dust that is dropped."""
    return pytest.approx(list(amounts), rel=1e-5, abs=1e-4)


def batched(case, **options):
    return planned(case, {"beds": {}, "batching": options})


@shows("families.batching.smallest_group", "families.batching")
def test_two_are_too_few_for_a_group_of_three():
    case = five()
    assert planned(case).moved() == 5
    plan = batched(case, smallest_group=3)
    assert [plan.moved(to_site="ost"), plan.moved(to_site="syd"), plan.goal()] == [3, 0, 2 * 24 * 10]
    two = batched(case, smallest_group=2)
    assert [two.moved(), two.goal()] == [5, 0]


@shows("families.batching.partners")
def test_one_receiver_at_a_time():
    case = five(hours=(24, 24))
    both = batched(case, partners=2)
    assert both.moved(period=0) == 5
    one = batched(case, partners=1)
    assert [one.moved(period=0), one.moved(period=1), one.value()] == about(3, 2, 2 * 24 * 10)
    assert batched(case, partners=0).moved() == 0


@shows("families.batching.most_per_day")
def test_four_a_day():
    case = five(hours=(24, 24))
    plan = batched(case, most_per_day=4)
    assert [plan.moved(period=0), plan.value()] == about(4, 24 * 10)
    assert batched(case, most_per_day=5).goal() == 0


def test_a_day_is_as_long_as_its_staff_block():
    assert batched(five(hours=(36,)), most_per_day=3).moved() == 4  # 4.5, and patients are whole


@shows("families.batching.most_per_pair", "families.batching.most_in_all", "families.batching.most_per_site_day")
def test_budgets_of_pairs_of_sites_and_of_the_whole_plan():
    case = five(hours=(24, 24))
    free = batched(case)
    assert free.made.plan.notes == ("batching.no_limits",)
    pairs = batched(case, most_per_pair=2)
    assert [pairs.moved(to_site="ost"), pairs.moved(to_site="syd")] == about(2, 2)
    assert batched(case, most_in_all=1).moved() == 1
    a_day = batched(case, most_per_site_day=2)
    assert [a_day.moved(period=0), a_day.moved(period=1)] == about(2, 2)


def hub():
    """The north reaches the middle only; the middle is full and reaches the south. What it passes on makes room."""
    return small(
        {"mitt": "m", "norr": "n", "syd": "s"},
        hours=(24, 24, 24),
        beds={("icu", "mitt"): 2, ("icu", "syd"): 9},
        initial={("icu", "norr"): 2, ("icu", "mitt"): 2},
        roads={("norr", "mitt"): 60, ("mitt", "syd"): 60},
    )


@shows("families.batching.gap_h")
def test_a_place_that_sends_on_does_not_receive_within_the_gap():
    through = batched(hub())
    assert [through.moved(from_site="norr", period=0), through.value()] == about(2, 0)
    # The same day is too near, the next is not: two wait a day.
    same_day = batched(hub(), gap_h=0)
    assert [same_day.moved(from_site="norr"), same_day.value()] == about(2, 2 * 24 * 10)
    two_days = batched(hub(), gap_h=25)
    assert two_days.goal() == 2 * 48 * 10
    assert batched(hub(), gap_h=49).goal() == 2 * 72 * 10


def test_a_group_is_no_larger_than_the_beds_that_may_hold_it():
    """Three beds for intensive care at syd, and eight on the ward, two of which may serve one patient."""
    beds = {("icu", "syd"): 3, ("ward", "syd"): 8}
    case = small({"norr": "n", "syd": "s"}, beds=beds, initial={("icu", "norr"): 9}, categories=(ICU, WARD))
    case = case.having(bed_substitutes=[BedSubstitute("ward", "icu", 2_000_000)])
    families = {"beds": {}, "bed_substitution": {}, "batching": {"partners": 1}}
    plan = planned(case, families)
    assert plan.moved() == 3 + 4
    made = plan.made.plan
    alone = {name: options for name, options in made.model["families"].items() if name != "bed_substitution"}
    report = verify(replace(made, model={**made.model, "families": alone}), case.situation, case.travel)
    assert report.broken["batching.group"] == 1
    assert planned(case, {"beds": {}, "batching": {"partners": 1}}).moved() == 3


def test_its_rows_are_those_that_were_looked_through():
    case = hub()
    every = {"smallest_group": 2, "partners": 1, "gap_h": 25.0, "most_per_pair": 4, "most_per_site_day": 3}
    m = built(case.but(), {"beds": {}, "batching": {**every, "most_per_day": 5, "most_in_all": 9}})
    axes = {
        "batching.used": "iid", "batching.sends": "kid", "batching.receives": "kid", "batching.group": "iibd",
        "batching.smallest": "iid", "batching.few": "id", "batching.sending": "kid", "batching.receiving": "kid",
        "batching.gap": "kidd", "batching.pair": "ii", "batching.site_day": "id", "batching.day": "d",
        "batching.in_all": "n",
    }  # fmt: skip
    golden("batching", m, axes)
