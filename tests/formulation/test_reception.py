"""Reception limits: a place takes in so many a day, by staff block, and own patients are never refused."""

from __future__ import annotations

import pytest

from nspl_opt.plan.words import Words
from nspl_opt.scenario.parts import ReceptionLimit

from ..register import shows
from .golden import built, golden
from .small import WARD, planned, small

TWO = {"norr": "n", "syd": "s"}
OVER = {"beds": {("icu", "norr"): 0, ("icu", "syd"): 10}, "initial": {("icu", "norr"): 5}}
MICRO = 1_000_000


def limit(per_day: float, *sites: str, bed_type: str = "icu", from_h: int = 0, to_h: int = 48) -> ReceptionLimit:
    return ReceptionLimit(sites, bed_type, from_h, to_h, round(per_day * MICRO))


def moved(case, **options) -> float:
    return planned(case, {"beds": {}, "reception": options}).moved()


@shows("families.reception.per_day_share", "families.reception")
def test_a_site_takes_in_two_a_day_when_its_limit_is_a_fifth_of_ten_beds():
    case = small(TWO, **OVER)
    assert moved(case, per_day_share=0.2) == 2
    assert moved(case, per_day_share="off") == 5
    assert planned(case, {"beds": {}, "reception": {"per_day_share": 0.2}}).goal() == 3 * 24 * 10
    planned(case, {"beds": {}})
    two_days = small(TWO, hours=(6, 18, 24), **OVER)
    assert moved(two_days, per_day_share=0.2) == pytest.approx(4, abs=1e-4)


@shows("families.reception.limits")
def test_the_scenarios_limits_bind_unless_they_are_set_aside():
    case = small(TWO, **OVER).having(reception=[limit(3, "syd")])
    assert moved(case) == 3
    assert moved(case, limits=False) == 5
    assert moved(small(TWO, **OVER).having(reception=[limit(3, "syd", bed_type="ward")])) == 5
    assert moved(small(TWO, **OVER).having(reception=[limit(0, "syd", bed_type="all")])) == 0


def test_two_and_a_half_a_day_let_two_whole_patients_in_also_when_periods_are_short():
    # A day of four periods is one block: none would come if each period were judged by itself.
    case = small(TWO, hours=(6, 6, 6, 6), **OVER).having(reception=[limit(2.5, "syd")])
    assert moved(case) == 2


def test_a_limit_counts_the_hours_of_its_window_only():
    # Half a day at four a day lets two in, the other half is free.
    half = small(TWO, hours=(12, 12), **OVER).having(reception=[limit(4, "syd", to_h=12)])
    plan = planned(half, {"beds": {}, "reception": {}})
    assert [plan.moved(arrival_period=0), plan.moved(arrival_period=1)] == [2, 3]


def test_a_region_shares_its_limit_and_moves_between_its_own_hospitals_are_free():
    sites = {**TWO, "sund": "s"}
    beds = {("icu", "syd"): 2, ("icu", "sund"): 9}
    one = small(sites, beds=beds, initial={("icu", "norr"): 5}).having(reception=[limit(3, "sund", "syd")])
    assert moved(one) == 3
    inside = small(sites, beds=beds, initial={("icu", "syd"): 5}).having(reception=[limit(0, "sund", "syd")])
    assert moved(inside) == 3


def test_limits_are_by_bed_type():
    case = small(TWO, categories=(WARD,), beds={("ward", "syd"): 10}, initial={("ward", "norr"): 5})
    assert moved(case, per_day_share=0.1) == 1


def test_a_family_with_nothing_to_limit_says_so():
    plan = planned(small(TWO, **OVER), ("beds", "reception")).made.plan
    assert plan.notes == ("reception.no_limits",)
    assert "inga gränser" in Words("sv").known("notes", plan.notes[0])
    assert planned(small(TWO, **OVER), {"beds": {}, "reception": {"per_day_share": 1}}).made.plan.notes == ()


def test_its_rows_are_those_that_were_looked_through():
    case = small(TWO, hours=(6, 18, 24), **OVER).having(reception=[limit(3, "syd", to_h=24)])
    golden("reception", built(case, {"beds": {}, "reception": {"per_day_share": 0.2}}), {"reception.intake": "nd"})
