"""What a plan costs: every part by hand, and what is cheapest when care is as good."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from pyomo.repn import generate_standard_repn

from nspl_opt.problems import InvalidInput
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Costs

from ..register import shows
from .golden import built, golden
from .small import ICU, by_air, planned, small
from .stores import stocked
from .test_staff import LENDING
from .test_surge import unit

TWO = {"norr": "n", "syd": "s"}
RIDE = {"beds": {}, "transports": {"duty_share": 1.0}}
GOALS = ["unmet_care", "cost"]


def priced(case, **prices):
    """``prices`` in the currency, as numbers or by code."""

    def micro(price):
        return {code: micro(one) for code, one in price.items()} if isinstance(price, dict) else round(price * MICRO)

    return case.having(costs=Costs(**{name: micro(price) for name, price in prices.items()}))


def over(**more):
    """Five at norr with two beds; nine beds at syd two hours away."""
    return small(TWO, beds={("icu", "norr"): 2, ("icu", "syd"): 9}, initial={("icu", "norr"): 5}, **more)


@shows("goals.cost")
def test_the_cheaper_of_two_places_is_chosen_where_care_is_as_good():
    """Syd is one hour away but its ambulances are dear: at ost each patient takes three hours and costs less."""
    roads = {("norr", "syd"): 60, ("norr", "ost"): 180}
    case = small(
        {**TWO, "ost": "o"}, beds={("icu", "norr"): 2, ("icu", "syd"): 9, ("icu", "ost"): 9},
        initial={("icu", "norr"): 5}, roads=roads, fleet={"amb-o": 9, "plane-s": 9},
        journeys=[by_air("norr", "syd", 60)], trips={("plane-s", "air-norr", "air-syd"): 120},
    )  # fmt: skip
    case = priced(case, vehicle_hour={"amb": 100, "plane": 5000})
    plan = planned(case, RIDE, GOALS)
    assert plan.goal("cost") == 3 * 6 * 100
    assert planned(case, RIDE, ["unmet_care"]).goal() == plan.goal() == 0
    assert planned(case, RIDE, ["unmet_care", "patient_hours_in_transit", "cost"]).value("cost") > 1800


def test_ambulances_cost_by_the_hour_out_and_back_and_to_the_airfield_too():
    case = priced(over(), vehicle_hour={"amb": 100}, journey_hour=1)
    assert planned(case, RIDE, GOALS).goal("cost") == 3 * 4 * 100 + 3 * 2
    flown = small(
        TWO, beds={("icu", "norr"): 2, ("icu", "syd"): 9}, initial={("icu", "norr"): 4}, roads={},
        fleet={"amb-n": 9, "amb-s": 9, "plane-s": 9}, journeys=[by_air("norr", "syd", 90, (30, 0))],
        trips={("plane-s", "air-norr", "air-syd"): 240},
    )  # fmt: skip
    plan = planned(priced(flown, vehicle_hour={"amb": 100, "plane": 1000}), RIDE, GOALS)
    # Two patients ride in one plane for four hours; an ambulance takes 30 minutes there, 30 back, 15 to load for each.
    assert plan.goal("cost") == 4 * 1000 + 2 * 1.25 * 100


def test_loans_cost_by_the_day_and_postponed_beds_too():
    case = small(TWO, beds={("icu", "norr"): 20}, staff={"norr": 10, "syd": 40}, initial={("icu", "norr"): 6}, roads={})
    families = {"beds": {}, "staff": {"contingency": False}, "staff_loans": LENDING}
    plan = planned(priced(case, loan_day={"nurse": 500}), families, GOALS)
    assert plan.goal("cost") == 500 * plan.total("loans", "persons") == 1000
    postponing = small(
        {"norr": "n"}, beds={("icu", "norr"): 8}, planned={("icu", "norr"): 6}, initial={("icu", "norr"): 5}
    )
    families = {"beds": {}, "elective": {"delay_h": 0}}
    plan = planned(priced(postponing, postponed_bed_day=100), families, GOALS)
    assert plan.goal("cost") == 4 * 100  # two steps of two beds


def opening():
    """A unit of four beds, 100 an opening and 10 a bed and day."""
    line = unit(4, 2, longest_h=24, opening_cost_micro=100 * MICRO)
    case = small({"a": "A"}, hours=(24, 24), beds={("icu", "a"): 2}, surge={("icu", "a"): 4}, initial={("icu", "a"): 5})
    return priced(case.having(surge_units=[line]), surge_bed_day=10)


@shows("goals.cost.parts")
def test_units_cost_when_they_open_and_while_they_are_open():
    families = {"beds": {}, "surge": {}}
    assert planned(opening(), families, GOALS).goal("cost") == 2 * 100 + 2 * 4 * 10
    for part, amount in (("openings", 200), ("surge_beds", 80), ("journeys", 0)):
        goals = ["unmet_care", {"name": "cost", "parts": [part]}]
        assert planned(opening(), families, goals).goal("cost") == amount


def test_units_moved_cost_from_the_national_stock_too():
    case = small({"a": "A", "b": "B"}, beds={("icu", "a"): 9}, initial={("icu", "a"): 6}, roads={})
    case = stocked(case, {"A": 1, "B": 3}, national={0: 2})
    families = {"beds": {}, "equipment": {"delay_h": 0, "floor_share": 0}}
    plan = planned(priced(case, stock_move={"vent": 7}), families, GOALS)
    assert plan.goal() == 0
    assert plan.goal("cost") == 5 * 7


def test_sites_and_customers_may_be_split_or_served_whole():
    """S1 has 8 beds and S2 10, once opened; three customers of 4, 5 and 3 patients; an hour on the way costs 1."""
    from .test_single_source import PatientGroup

    homes = {f"c{n}": replace(ICU, code=f"icu.c{n}", parent="icu") for n in (1, 2, 3)}
    minutes = {"c1": (60, 120), "c2": (60, 90), "c3": (180, 60)}
    sites = {"s1": (8, 100), "s2": (10, 120)}
    lines = [unit(beds, 1, site=site, opening_cost_micro=cost * MICRO) for site, (beds, cost) in sites.items()]
    many = {"c1": 4, "c2": 5, "c3": 3}
    case = small(
        {**{code: code for code in homes}, "s1": "s1", "s2": "s2"}, categories=homes.values(),
        surge={("icu", "s1"): 8, ("icu", "s2"): 10}, arrivals={(f"icu.{c}", c): n for c, n in many.items()},
        roads={(c, s): time for c, times in minutes.items() for s, time in zip(("s1", "s2"), times, strict=True)},
    )  # fmt: skip
    groups = [PatientGroup(c, f"icu.{c}", c, 0, n * MICRO) for c, n in many.items()]
    case = priced(case.having(surge_units=lines, groups=groups), journey_hour=1)
    split = planned(case, {"beds": {}, "surge": {}}, GOALS)
    whole = planned(case, {"beds": {}, "surge": {}, "single_source": {}}, GOALS)
    assert split.goal() == whole.goal() == 0
    assert [split.value("cost"), whole.value("cost")] == pytest.approx([232.5, 234.5], abs=1e-4)


def test_without_prices_nothing_costs_anything():
    assert planned(over(), RIDE, GOALS).goal("cost") == 0


def test_prices_as_they_are_in_crowns_are_added_up_to_the_crown():
    """Sixty beds at 20,000 a day, for two days, and 3,000,000 for opening them."""
    line = unit(60, 2, longest_h=48, opening_cost_micro=3_000_000 * MICRO)
    beds, surge = {("icu", "a"): 2}, {("icu", "a"): 60}
    case = small({"a": "A"}, hours=(24, 24), beds=beds, surge=surge, initial={("icu", "a"): 5})
    case = priced(case.having(surge_units=[line]), surge_bed_day=20_000)
    plan = planned(case, {"beds": {}, "surge": {}}, GOALS)
    assert plan.goal() == 0 and plan.value("cost") == 3_000_000 + 2 * 60 * 20_000
    postponing = small(
        {"norr": "n"}, beds={("icu", "norr"): 800}, planned={("icu", "norr"): 600}, initial={("icu", "norr"): 500}
    )
    plan = planned(priced(postponing, postponed_bed_day=8000), {"beds": {}, "elective": {"delay_h": 0}}, GOALS)
    assert plan.goal() == 0 and plan.value("cost") == 400 * 8000
    assert planned(priced(over(), journey_hour=1e7), RIDE, GOALS).value("cost") == pytest.approx(3 * 2 * 1e7)


def test_prices_that_no_solver_can_be_trusted_with_are_refused_and_it_is_told_what_to_write():
    for price, words in ((1e11, "divide.*million SEK"), (1e-5, "multiply.*1,000,000")):
        with pytest.raises(InvalidInput, match="M110") as caught:
            planned(priced(over(), journey_hour=price, loan_day={"nurse": price}), RIDE, GOALS)
        (problem,) = caught.value.problems
        assert problem.where == "costs.journey_hour"
        assert re.search(words, problem.remedy)


def test_its_terms_are_those_that_were_looked_through():
    case = priced(
        over(fleet={"amb-n": 9, "bus-n": 1, "amb-s": 2}), vehicle_hour={"amb": 100, "bus": 300}, journey_hour=1
    )
    surge = np.array([4], dtype=np.int64)
    case = case.having(surge_units=[unit(surge, 1, site="syd", opening_cost_micro=50 * MICRO)])
    case = case.but(surge_beds=case.situation.surge_beds.copy())
    m = built(case, {**RIDE, "surge": {}}, GOALS)
    names = ("open", "opened", "closed", "course", "longest_time", "teardown_time", "stays")
    golden("cost", m, {f"surge.{name}": "ud" for name in names}, read={"u": str})


def test_the_row_of_what_is_dear_is_the_one_that_was_looked_through():
    line = unit(60, 1, site="syd", opening_cost_micro=3_000_000 * MICRO)
    case = over().but(surge_beds=np.array([[[0], [60]], [[0], [0]]], dtype=np.int64))
    m = built(priced(case.having(surge_units=[line]), surge_bed_day=20_000), {"beds": {}, "surge": {}}, GOALS)
    (row,) = m.cost.large_of.values()
    terms = generate_standard_repn(row.body)
    found = {variable.name: factor for variable, factor in zip(terms.linear_vars, terms.linear_coefs, strict=True)}
    assert found == {"surge.opened[0,0]": 30, "surge.open[0,0]": 12, "cost.large": -1} and row.upper == 0
