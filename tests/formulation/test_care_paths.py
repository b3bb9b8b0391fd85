"""Stays that are not geometric, and paths from one category of care to another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import CarePath

from ..register import shows
from .golden import built, golden
from .small import ICU, WARD, planned, small

ONE = {"norr": "n"}
DAYS = (24, 24, 24)


def staged(shares, leaves, arrivals=(3, 0, 0), **more):
    """A stay in intensive care in stages of a day: ``shares`` who go on, ``leaves`` who leave each."""
    many = len(leaves)
    stages = [
        replace(ICU, code=f"icu.s{n}", parent="icu", stage=(n, many)) for n in range(1, many + 1)
    ]  # fmt: skip
    case = small(
        ONE, hours=DAYS, categories=(*stages, WARD), beds={("icu", "norr"): 9, ("ward", "norr"): 9},
        arrivals={("icu.s1", "norr"): arrivals}, **more,
    )  # fmt: skip
    links = [
        CarePath(f"icu.s{n}", f"icu.s{n + 1}", round(share * MICRO), stage=True) for n, share in enumerate(shares, 1)
    ]
    rows = [*leaves, 0]
    leave = np.round(np.array([[share] * len(DAYS) for share in rows]) * MICRO)
    return case.having(paths=links, leave_micro=leave)


def present(plan, period):
    return plan.total("census", "present", period=period)


def test_a_fixed_stay_of_two_days_ends_after_two_days():
    plan = planned(staged([1], [1, 1]))
    assert [present(plan, t) for t in range(3)] == [3, 3, 0]
    assert plan.total("census", "stepped_in") == plan.total("census", "stepped_out") == 3
    assert plan.total("discharges", "patients") == 3


def test_by_a_curve_half_go_on_to_the_second_day():
    plan = planned(staged([0.5], [1, 1], arrivals=(4, 0, 0)))
    assert [present(plan, t) for t in range(3)] == [4, 2, 0]


def test_who_is_not_cared_for_does_not_go_on():
    case = staged([1], [1, 1]).having(beds=np.zeros((2, 1, 3)))
    assert [present(planned(case), t) for t in range(3)] == [3, 3, 3]


def stepping(share=0.5):
    """Four in intensive care for a day, then ``share`` of them to the ward, whose two beds are needed."""
    case = small(
        ONE, hours=(24, 24), categories=(ICU, WARD), beds={("icu", "norr"): 9, ("ward", "norr"): 1},
        arrivals={("icu", "norr"): (4, 0)},
    )  # fmt: skip
    leave = np.array([[MICRO, MICRO], [0, 0]])
    return case.having(paths=[CarePath("icu", "ward", round(share * MICRO))], leave_micro=leave)


@shows("families.care_paths", "families.care_paths.share_factor")
def test_half_of_those_who_leave_intensive_care_come_to_the_ward():
    plan = planned(stepping(), ("beds", "care_paths"))
    assert plan.total("census", "present", category="ward", period=1) == 2
    assert [plan.goal(), plan.total("discharges", "patients")] == [24, 2]
    assert planned(stepping(), ("beds",)).goal() == 0
    half = planned(stepping(), {"beds": {}, "care_paths": {"share_factor": 0.5}})
    assert half.total("census", "present", category="ward", period=1) == 1


def test_who_comes_on_to_a_full_ward_may_be_moved():
    case = small(
        {"norr": "n", "syd": "s"}, hours=(24, 24), categories=(ICU, WARD),
        beds={("icu", "norr"): 9, ("ward", "syd"): 9}, arrivals={("icu", "norr"): (4, 0)},
    )  # fmt: skip
    case = case.having(paths=[CarePath("icu", "ward", MICRO)], leave_micro=np.array([[MICRO] * 2, [0, 0]]))
    plan = planned(case, ("beds", "care_paths"))
    assert [plan.moved(category="ward", period=1), plan.goal()] == [4, 0]


def test_a_family_without_paths_says_so():
    assert planned(small(ONE), ("beds", "care_paths")).made.plan.notes == ("care_paths.none_stated",)


@pytest.mark.parametrize("share", [1 / 3, 2 / 3, 0.123457])
def test_parts_of_patients_add_up_to_the_millionth(share):
    case = stepping(share)
    rest = CarePath("icu", "ward", round(share * MICRO))
    case = case.having(paths=[rest], leave_micro=np.array([[333_333, 777_777], [123_456, 765_432]]))
    plan = planned(case, ("beds", "care_paths"))
    assert plan.total("census", "stepped_in") == pytest.approx(plan.total("census", "stepped_out"), abs=1e-9)


def test_rows_of_paths_are_those_that_were_looked_through():
    case = staged([0.5], [1, 0.5], initial={("icu.s1", "norr"): 2})
    case = case.having(paths=[*case.situation.paths, CarePath("icu.s2", "ward", 800_000)])
    families = {"beds": {}, "care_paths": {"share_factor": 0.5}}
    golden("care_paths", built(case, families), also=("core.balance", "core.movable"))
