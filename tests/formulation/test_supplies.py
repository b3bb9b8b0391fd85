"""Supplies: what care uses up is not there the next day."""

from __future__ import annotations

import pytest

from ..register import shows
from .golden import built, golden
from .small import planned, small
from .stores import roads, stocked

GIVES = {"beds": {}, "supplies": {"delay_h": 0, "floor_days": 0}}


def alone(hours=(24,) * 4):
    return small({"a": "A"}, hours=hours, beds={("icu", "a"): 9}, initial={("icu", "a"): 4})


def lent(case, **options):
    return planned(case, {"beds": {}, "supplies": {"delay_h": 0, **options}})


@shows("families.supplies")
def test_ten_units_are_enough_for_ten_of_sixteen_days_of_care():
    case = stocked(alone(), {"A": 10}, "supply")
    plan = planned(case, ("beds", "supplies"))
    assert plan.goal() == 6 * 24 * 10
    assert plan.total("stocks", "used") == 10
    assert planned(case, ("beds",)).goal() == 0
    planned(case, {"beds": {}, "supplies": {}})


def test_what_is_used_up_follows_the_hours_and_what_is_left_is_told_in_days():
    plan = planned(stocked(alone((12, 48)), {"A": 12}, "supply"), ("beds", "supplies"))
    assert plan.goal() == 0
    assert plan.rows("stocks")["used"].tolist() == [2, 8]
    assert plan.rows("stocks")["days_left"].tolist() == [2.5, 0.5]


def test_a_delivery_comes_in_its_period_and_a_national_unit_where_it_is_needed():
    case = stocked(alone(), {}, "supply", delivered={("A", 1): 4}, national={2: 4})
    plan = planned(case, ("beds", "supplies"))
    assert plan.goal() == (16 - 8) * 24 * 10
    assert plan.rows("stock_moves")["period"].min() >= 2


def two(hours=(24,)):
    """A uses two a day and has none; B uses one a day and has ten."""
    case = small(
        {"a": "A", "b": "B"}, hours=hours, beds={("icu", "a"): 20, ("icu", "b"): 9},
        initial={("icu", "a"): 20, ("icu", "b"): 1}, roads={},
    )  # fmt: skip
    return stocked(case, {"B": 10}, "supply")


@shows("families.supplies.floor_days")
def test_a_region_keeps_three_days_of_its_own_need():
    """10 less the day's own one less three days of it: six may leave."""
    assert lent(two()).total("stock_moves", "amount") == pytest.approx(6)
    assert lent(two(), floor_days=5).total("stock_moves", "amount") == pytest.approx(4)
    # Four days: on the last one three must still be left of 10 - 4.
    assert lent(two((24,) * 4)).total("stock_moves", "amount") == pytest.approx(3)


@shows("families.supplies.moves")
def test_a_region_sends_nothing_when_it_may_not():
    assert lent(two(), moves=False).goal() == 20 * 24 * 10
    assert lent(two()).goal() == 14 * 24 * 10


@shows("families.supplies.delay_h")
def test_what_takes_a_day_to_hand_over_comes_a_day_late():
    plans = [lent(two((24, 24)), delay_h=hours) for hours in (0, 24)]
    arrive = [set(plan.rows("stock_moves")["arrival_period"] - plan.rows("stock_moves")["period"]) for plan in plans]
    assert arrive == [{0}, {1}]


def through():
    """A reaches B only through C."""
    case = small(
        {"a": "A", "b": "B", "c": "C"}, hours=(24, 24), beds={("icu", "a"): 20}, initial={("icu", "a"): 20}, roads={}
    )
    return roads(stocked(case, {"B": 10}, "supply"), {("A", "C"): 60, ("B", "C"): 90, ("A", "B"): 200})


@shows("families.supplies.partners")
def test_what_is_received_may_be_sent_on_in_a_later_period():
    near, far = lent(through(), partners=1), lent(through(), partners=2)
    assert near.rows("stocks", region="A", period=0)["used"].tolist() == [0]
    assert near.total("stocks", "used", region="A", period=1) == pytest.approx(10)
    assert near.goal() == far.goal() == (40 - 10) * 24 * 10
    assert len(near.rows("stock_moves", from_region="C")) == 1


def test_a_stated_floor_of_supplies_stays():
    case = small({"a": "A", "b": "B"}, beds={("icu", "a"): 20}, initial={("icu", "a"): 20}, roads={})
    case = stocked(case, {"B": 10}, "supply", floor={"B": 7})
    assert planned(case, GIVES).total("stock_moves", "amount") == pytest.approx(3)


def test_supplies_say_so_when_the_scenario_has_none():
    assert planned(alone(), ("beds", "supplies")).made.plan.notes == ("supplies.no_stocks",)


def test_its_rows_are_those_that_were_looked_through():
    axes = {
        "supplies.stock": "grt", "supplies.locked": "grt", "supplies.floor": "grt", "supplies.national": "gt",
        "supplies.held": "grt", "supplies.given": "grt", "supplies.sent": "grrt",
    }  # fmt: skip
    present = {("icu", "a"): 4, ("icu", "b"): 1}
    case = small({"a": "A", "b": "B"}, hours=(24, 12), beds={("icu", "a"): 9}, initial=present, roads={})
    case = stocked(case, {"B": 10}, "supply", 0.5, floor={"A": 1}, delivered={("B", 1): 2}, national={1: 5})
    m = built(case, {"beds": {}, "supplies": {"floor_days": 2, "delay_h": 0}})
    golden("supplies", m, axes, read={"g": lambda g: m.inst.situation.stocks[g].code})
