"""Equipment: fourteen patients in A need a ventilator each; B, C and the nation have some to spare, for a while."""

from __future__ import annotations

import pytest

from ..register import shows
from .golden import built, golden
from .small import ICU, WARD, planned, small
from .stores import roads, states, stocked

DAY = {"partners": 2, "locked_h": 48}


def lent(case=None, **options):
    return planned(case or states(), {"beds": {}, "equipment": {**DAY, **options}})


def test_a_plan_looks_ahead_and_lends_what_comes_back_in_time():
    """B keeps the two it needs; C can spare one as long as a national unit comes when its own patients do.

    A has 4, 11, 11 and 11 of the 14 it needs: 10 + 3 + 3 + 3 days without.
    """
    plan = lent()
    assert plan.goal() == 19 * 24 == 456
    assert plan.rows("stocks", region="A")["held"].tolist() == [4, 11, 11, 11]
    assert plan.rows("stocks", region="A")["short"].tolist() == [10, 3, 3, 3]
    assert plan.total("stock_moves", "amount", from_region="", to_region="C") == 1


def test_without_the_national_unit_there_are_three_days_more_without():
    case = states()
    none = case.having(stocks=[type(case.situation.stocks[0])(
        **{name: getattr(case.situation.stocks[0], name) for name in case.situation.stocks[0].__slots__}
        | {"national_micro": 0 * case.situation.stocks[0].national_micro}
    )])  # fmt: skip
    assert lent(none).goal() == 528


@shows("families.equipment")
def test_without_equipment_in_the_model_it_limits_nothing():
    assert planned(states()).goal() == 0
    assert lent().value() > planned(states(), {"beds": {}}).value()


@shows("families.equipment.floor_share")
def test_half_of_what_a_region_has_stays_when_it_says_so():
    assert [lent(floor_share=share).value() for share in (0.25, 0.5)] == pytest.approx([456, 600])


@shows("families.equipment.delay_h")
def test_units_that_are_there_the_same_day_help_a_day_longer():
    assert [lent(delay_h=hours).value() for hours in (24, 0)] == pytest.approx([456, 288])


@shows("families.equipment.moves")
def test_when_regions_may_not_send_only_the_national_unit_comes():
    plan = lent(moves=False)
    assert plan.goal() == 912
    assert plan.rows("stock_moves")["from_region"].tolist() == [""]
    lent()


def chain(case):
    """B lends to C only, C to A only, when each has one partner."""
    return roads(case, {("A", "C"): 60, ("B", "C"): 90, ("A", "B"): 200})


@shows("families.equipment.locked_h")
def test_units_go_through_a_third_region_only_after_they_have_been_there_for_a_while():
    """C's own unit comes to A on the first day, B's six by way of C on the second or on the third."""
    case = small(
        {"a": "A", "b": "B", "c": "C"}, hours=(24,) * 3, beds={("icu", "a"): 9}, initial={("icu", "a"): 8}, roads={}
    )
    case = chain(stocked(case, {"B": 6, "C": 1}))
    soon = {"partners": 1, "delay_h": 0, "floor_share": 0}
    values = [lent(case, **soon, locked_h=hours).value() for hours in (0, 48)]
    assert values == pytest.approx([(7 + 1 + 1) * 240, (7 + 7 + 1) * 240])


@shows("families.equipment.partners")
def test_with_two_partners_units_go_straight():
    values = [lent(chain(states()), partners=count).value() for count in (1, 2)]
    assert values == pytest.approx([714, 456])


def test_a_stated_floor_and_a_delivery_count():
    case = small({"a": "A", "b": "B"}, hours=(24, 24), beds={("icu", "a"): 9}, initial={("icu", "a"): 9}, roads={})
    case = stocked(case, {"A": 1, "B": 8}, floor={"B": 6}, delivered={("A", 1): 3})
    plan = planned(case, {"beds": {}, "equipment": {"delay_h": 0}})
    # One unit and two of B's at once, the first evening; three more on the second day.
    assert plan.rows("stocks", region="A")["held"].tolist() == [3, 6]
    assert plan.goal() == (6 + 3) * 24 * 10


def test_a_region_sends_nothing_while_its_own_patients_need_it_all():
    case = small(
        {"a": "A", "b": "B"}, beds={("icu", "a"): 9}, initial={("icu", "a"): 4, ("icu", "b"): 4}, roads={}
    )  # B has four patients, four units and no bed
    plan = planned(stocked(case, {"B": 4}), {"beds": {}, "equipment": {"delay_h": 0, "floor_share": 0}})
    assert plan.goal() == 8 * 24 * 10


def test_units_do_not_cross_a_closed_border():
    case = stocked(small({"a": "A", "b": "B"}, beds={("icu", "a"): 9}, initial={("icu", "a"): 4}, roads={}), {"B": 4})
    open_too = {"beds": {}, "equipment": {"delay_h": 0, "floor_share": 0}}
    assert planned(case, open_too).goal() == 0
    assert planned(case, {**open_too, "areas": {"border": "closed"}}).goal() == 4 * 24 * 10


def test_a_category_may_need_half_a_unit_or_none():
    case = small(
        {"a": "A"}, categories=(ICU, WARD), beds={("icu", "a"): 9, ("ward", "a"): 9},
        initial={("icu", "a"): 4, ("ward", "a"): 4},
    )  # fmt: skip
    plan = planned(stocked(case, {"A": 1.5}, use={"icu": 0.5}), ("beds", "equipment"))
    assert plan.goal() == 1 * 24 * 10
    assert plan.rows("stocks")["used"].tolist() == [1.5]


def test_equipment_says_so_when_the_scenario_has_none():
    plan = planned(small({"a": "A"}), ("beds", "equipment")).made.plan
    assert plan.notes == ("equipment.no_stocks",)
    assert plan.tables["stocks"].empty and plan.tables["stock_moves"].empty


def test_its_rows_are_those_that_were_looked_through():
    axes = {
        "equipment.stock": "grt", "equipment.enough": "grt", "equipment.floor": "grt", "equipment.own_first": "grt",
        "equipment.locked": "grt", "equipment.national": "gt", "equipment.held": "grt", "equipment.given": "grt",
        "equipment.sent": "grrt",
    }  # fmt: skip
    m = built(states((24, 24, 48)), {"beds": {}, "equipment": {**DAY, "partners": 1}})
    golden("equipment", m, axes, read={"g": lambda g: m.inst.situation.stocks[g].code})
