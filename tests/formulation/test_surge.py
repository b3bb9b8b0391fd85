"""Surge units: two beds, five patients, and a unit of four beds that may be opened."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from nspl_opt.scenario.parts import SurgeUnit

from ..register import shows
from .golden import built, golden
from .small import planned, small

DAY = (24,)


def unit(beds: int | Sequence[int], periods: int, units=1, lead_h=0, longest_h=None, teardown_h=0, **more) -> SurgeUnit:
    row = np.broadcast_to(np.array(beds, dtype=np.int64), periods).copy()
    row.setflags(write=False)
    names = {"site": "a", "bed_type": "icu", "stage": 1, "opening_cost_micro": 0, "standard": "conventional", **more}
    return SurgeUnit(
        names["site"], names["bed_type"], names["stage"], units, lead_h, longest_h, teardown_h,
        names["opening_cost_micro"], names["standard"], row,
    )  # fmt: skip


def five(hours, *units, crisis=None, patients=5, **more):
    """Two staffed beds at a; surge beds are those of the units whose lead time has passed."""
    starts, surge = np.cumsum([0, *hours[:-1]]), {}
    for one in units:
        key = one.bed_type, one.site
        ready = np.where(starts >= one.lead_h, one.beds, 0)
        if one.standard == "crisis":
            ready = ready * (np.zeros(len(hours)) if crisis is None else np.array(crisis))
        surge[key] = surge.get(key, 0) + ready
    case = small(
        {"a": "A"}, hours=hours, beds={("icu", "a"): 2}, initial={("icu", "a"): patients}, roads={},
        surge={key: row.tolist() for key, row in surge.items()}, **more,
    )  # fmt: skip
    return case.having(surge_units=units, **({"crisis_open": np.array([crisis], dtype=bool)} if crisis else {}))


def opened(case, **options):
    return planned(case, {"beds": {}, "surge": options})


@shows("families.surge")
def test_a_unit_opens_whole_or_not_at_all():
    """Without the family three of the four beds are used; with it two units of three beds open, or one."""
    case = five(DAY, unit(6, 1, units=2))
    plan = opened(case)
    assert plan.goal() == 0
    assert plan.rows("surge_units")["units"].tolist() == [1]
    assert plan.rows("surge")["available"].tolist() == [3]
    assert planned(case).rows("surge")["available"].tolist() == [6]
    planned(case, {"beds": {}, "surge": {}})


def test_after_a_day_open_a_unit_is_shut_for_a_day():
    case = five((24,) * 3, unit(4, 3, longest_h=24, teardown_h=24))
    plan = opened(case)
    assert plan.goal() == 3 * 24 * 10
    assert plan.rows("surge_units", units=1)["block"].tolist() == [0, 2]


@shows("families.surge.longest_factor")
def test_a_unit_may_be_open_twice_as_long():
    case = five((24,) * 3, unit(4, 3, longest_h=24, teardown_h=24))
    values = [opened(case, longest_factor=factor).value() for factor in (1.0, 3.0)]
    assert values == pytest.approx([720, 0])


@shows("families.surge.teardown_factor")
def test_without_time_for_teardown_a_unit_closes_and_opens_at_once():
    case = five((24,) * 3, unit(4, 3, longest_h=24, teardown_h=24))
    plans = [opened(case, teardown_factor=factor) for factor in (1.0, 0.0)]
    assert [plan.value() for plan in plans] == pytest.approx([720, 0])
    assert plans[1].rows("surge_units")["opened"].tolist() == [1, 1, 1]


@shows("families.surge.notice_h")
def test_notice_comes_before_the_lead_time():
    case = five((24,) * 2, unit(4, 2))
    assert [opened(case, notice_h=hours).value() for hours in (0, 24)] == pytest.approx([0, 3 * 240])


def test_a_lead_time_that_ends_within_a_block_opens_the_next():
    case = five((12, 12, 24), unit(4, 3, lead_h=12))
    assert opened(case).goal() == 3 * 240
    assert planned(case).goal() == 3 * 120


@shows("families.surge.stay_open")
def test_a_unit_that_stays_open_is_not_opened_for_a_day_when_it_may_not_be_open_for_two():
    case = five((24,) * 2, unit(4, 2, longest_h=24, teardown_h=0), patients=5)
    assert opened(case, teardown_factor=1.0).goal() == 0
    longer = five((24,) * 3, unit(4, 3, longest_h=48, teardown_h=24))
    assert [opened(longer, stay_open=stays).value() for stays in (False, True)] == pytest.approx([720, 720])
    once = five((24,) * 4, unit(4, 4, longest_h=24, teardown_h=24))
    assert [opened(once, stay_open=stays).value() for stays in (False, True)] == pytest.approx([2 * 720, 3 * 720])


def test_renewals_are_spread_when_units_cannot_close_together():
    """Three units, two needed all the time, each open two days at most and shut for one."""
    case = five((24,) * 4, unit(6, 4, units=3, longest_h=48, teardown_h=24), patients=6)
    plan = opened(case)
    assert plan.goal() == 0
    assert plan.rows("surge_units")["units"].tolist() == [2] * 4


def test_no_unit_is_open_that_nobody_needs():
    """Five patients, two beds: of three units of two beds and one of nine, two units of two are opened."""
    case = five((24, 24), unit(6, 2, units=3), unit(9, 2, stage=2))
    plan = opened(case)
    assert plan.goal() == 0
    assert plan.rows("surge_units").groupby("block")["beds"].sum().tolist() == [4, 4]
    limited = five((24,) * 3, unit(6, 3, units=3, longest_h=24, teardown_h=24))
    assert (opened(limited, stay_open=False).rows("surge_units")["units"] <= 2).all()


def test_a_unit_of_crisis_standard_opens_only_where_it_is_unlocked():
    case = five((24,) * 3, unit(4, 3, standard="crisis"), crisis=[False, True, False])
    plan = opened(case)
    assert plan.goal() == 2 * 720
    assert plan.rows("surge_units", units=1)["block"].tolist() == [1]
    assert opened(five((24,) * 3, unit(4, 3, standard="crisis"))).goal() == 3 * 720


def test_beds_lost_are_lost_in_every_unit():
    """Half of the surge beds are gone: a unit of four has two left."""
    case = five(DAY, unit(8, 1, units=2))
    half = case.but(surge_beds=case.situation.surge_beds // 2)
    plan = opened(half)
    assert plan.goal() == 0
    assert plan.rows("surge_units")["units"].tolist() == [2]
    assert plan.rows("surge_units")["beds"].tolist() == [4]


def test_it_says_so_when_there_are_no_units():
    plan = opened(five(DAY)).made.plan
    assert plan.notes == ("surge.no_units",)
    assert plan.tables["surge_units"].empty


def test_its_rows_are_those_that_were_looked_through():
    case = five((24, 24, 48), unit(4, 3, units=2, longest_h=48, teardown_h=30), unit(3, 3, lead_h=24, stage=2))
    m = built(case, {"beds": {}, "surge": {"stay_open": True}})
    names = ("open", "opened", "closed", "course", "longest_time", "teardown_time", "stays")
    read = {"u": lambda u: f"line {u}"}
    golden("surge", m, {f"surge.{name}": "ud" for name in names}, also=("beds.capacity",), read=read)
