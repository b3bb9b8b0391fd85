"""Tables of equipment, supplies and costs: what is read of them, and what is refused."""

from __future__ import annotations

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.resolve import resolve

VENT = """
[[stocks]]
code = "vent"
kind = "equipment"
name_sv = "Ventilatorer"
name_en = "Ventilators"
unit = "st"
use = { vent = 1, icu = 0.25 }
basis = "invented"
source = "test"
"""
NAMED = '[[{0}]]\nfile = "{0}.csv"\nbasis = "invented"\nsource = "test"\n'
COSTS = """
[costs]
currency = "EUR"
surge_bed_day = 900.5
vehicle_hour = {{ {vehicle} = 120 }}
loan_day = {{ nurse = 400 }}
stock_move = {{ {stock} = 2 }}
basis = "invented"
source = "test"
"""
HELD, RELEASED = "stock,place,quantity,floor\n", "stock,place,at_h,quantity\n"


def situation(given, toy, extra="", level="hospital", **tables):
    return resolve(toy, given(VENT + extra + "".join(map(NAMED.format, tables)), **tables), level)


def refused(given, toy, extra="", **tables):
    with pytest.raises(InvalidInput) as refusal:
        situation(given, toy, extra, **tables)
    return [problem.code for problem in refusal.value.problems]


@pytest.mark.parametrize("level", ["hospital", "region"])
def test_what_hospitals_hold_is_their_regions_and_a_delivery_counts_in_its_period(given, toy, level):
    found = situation(
        given, toy, level=level, stock_holdings=HELD + "vent,alfa,4,1\nvent,beta,2,\nvent,02,5.5,5\n",
        stock_releases=RELEASED + "vent,beta,7,3\nvent,national,24,2\nvent,national,47,1\n",
    ).stocks  # fmt: skip
    assert [(one.code, one.kind, one.unit) for one in found] == [("vent", "equipment", "st")]
    assert dict(found[0].use_micro) == {"icu": 250_000, "vent": 1_000_000}
    assert found[0].held_micro.tolist() == [6_000_000, 5_500_000, 0]
    assert found[0].floor_micro.tolist() == [1_000_000, 5_000_000, 0]
    assert found[0].delivered_micro.tolist() == [[0, 3_000_000, 0, 0, 0, 0], [0] * 6, [0] * 6]
    assert found[0].national_micro.tolist() == [0, 0, 0, 0, 2_000_000, 1_000_000]


def test_without_stocks_and_costs_there_are_none(given, toy):
    found = resolve(toy, given())
    assert found.stocks == ()
    assert found.costs.currency == "SEK" and not found.costs.vehicle_hour


@pytest.mark.parametrize(
    ("tables", "codes"),
    [
        ({"stock_holdings": HELD + "vnt,99,4,\n"}, ["S420", "S424"]),
        ({"stock_holdings": HELD + "vent,01,4,5\n"}, ["S421"]),
        ({"stock_holdings": HELD + "vent,national,4,\n"}, ["S424"]),
        ({"stock_releases": RELEASED + "vent,01,48,4\nvent,01,47,4\n"}, ["S423"]),
        ({"stock_releases": RELEASED + "vent,01,1,0.0000001\n"}, ["S110"]),
        ({"extra": VENT}, ["S422"]),
        ({"extra": VENT.replace("icu =", "icuu =").replace('"vent"', '"other"')}, ["S425"]),
        ({"extra": COSTS.format(vehicle="cra", stock="vnt")}, ["S426", "S426"]),
    ],
)
def test_what_means_nothing_is_refused_together(given, toy, tables, codes):
    assert refused(given, toy, **tables) == codes


def test_costs_are_kept_to_the_millionth(given, toy):
    costs = situation(given, toy, COSTS.format(vehicle="car", stock="vent")).costs
    assert (costs.currency, costs.surge_bed_day, costs.journey_hour) == ("EUR", 900_500_000, 0)
    assert dict(costs.vehicle_hour) == {"car": 120_000_000}
    assert dict(costs.stock_move) == {"vent": 2_000_000}
