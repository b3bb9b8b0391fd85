"""Stocks, units and groups: names mean nothing, the order of rows neither, and more of what is wanting never hurts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nspl_opt.reference.reference import MICRO
from nspl_opt.rolling import make_rolling_plan

from ..formulation.small import Case, planned
from ..plan.spoils import groups, stocks, surge
from ..toys.test_sites_and_customers import toy as customers
from ..toys.test_states_and_days import toy as states
from .test_more_and_less import CLOSE, anew

MODULES = (stocks, surge, groups)


def bound(case: Case, families) -> float:
    goal = planned(case, families, ["unmet_care"]).made.plan.goals[0]
    assert goal.proven
    return goal.bound


def sound(module) -> Case:
    _, situation, travel = module.sound()
    return Case(situation, travel)


@pytest.mark.parametrize("module", MODULES)
def test_names_of_regions_mean_nothing(module):
    case = sound(module)
    names = {region.code: f"x{region.code}y" for region in case.situation.regions}
    other = Case(anew(case.situation, names), case.travel)
    assert bound(other, module.MODEL) == pytest.approx(bound(case, module.MODEL), abs=CLOSE)


def test_the_order_of_stocks_and_of_lines_of_units_changes_nothing():
    for module, field in ((stocks, "stocks"), (surge, "surge_units")):
        case = sound(module)
        turned = case.having(**{field: getattr(case.situation, field)[::-1]})
        assert bound(turned, module.MODEL) == pytest.approx(bound(case, module.MODEL), abs=CLOSE)


def test_more_units_shorter_ways_and_smaller_floors_never_hurt():
    case = sound(stocks)
    before = bound(case, stocks.MODEL)
    for name in ("held_micro", "delivered_micro", "national_micro"):
        more = [replace(stock, **{name: getattr(stock, name) + MICRO}) for stock in case.situation.stocks]
        # A unit more of a region's own may be one more that it keeps: nobody else loses any.
        assert bound(case.having(stocks=more), stocks.MODEL) <= before + CLOSE
    for change in ({"locked_h": 0}, {"delay_h": 0}, {"floor_share": 0.0}):
        families = {**stocks.MODEL, "equipment": {**stocks.MODEL["equipment"], **change}}
        assert bound(case, families) <= before + CLOSE
    families = {**stocks.MODEL, "supplies": {**stocks.MODEL["supplies"], "floor_days": 9}}
    assert bound(case, families) >= before - CLOSE


def test_units_and_groups_are_never_better_than_beds_and_patients_one_by_one():
    for module in (surge, groups):
        case = sound(module)
        family = next(name for name in module.MODEL if name != "beds")
        assert bound(case, module.MODEL) >= bound(case, {"beds": {}}) - CLOSE, family


def test_a_unit_may_be_open_longer_or_again_sooner_and_nothing_is_worse():
    case = sound(surge)
    before = bound(case, surge.MODEL)
    for change in ({"longest_factor": 9.0}, {"teardown_factor": 0.0}, {"stay_open": False}, {"notice_h": 0}):
        assert bound(case, {"beds": {}, "surge": {**surge.MODEL["surge"], **change}}) <= before + CLOSE


@pytest.mark.parametrize("toy, window, reached", [(states, 2, 456), (customers, 1, 0)])
def test_plans_made_in_windows_keep_every_rule(tmp_path, toy, window, reached):
    arguments = (tmp_path,) if toy is states else (tmp_path, True)
    reference, scenario, model = toy(*arguments)
    made = make_rolling_plan(scenario, model, reference=reference, window=window, step=1, time_limit_s=20)
    assert made.check.ok, made.check.text("en")
    assert made.plan.goals[0].value == pytest.approx(reached, abs=1e-3)
