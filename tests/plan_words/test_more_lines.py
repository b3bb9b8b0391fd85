"""Lines about stocks, surge units and groups, where a plan decides on them."""

from __future__ import annotations

from nspl_opt.plan.explain import plan_lines

from ..plan.spoils import groups, stocks, surge


def lines(module, language="sv"):
    plan, situation, _ = module.sound()
    return {line.topic: line.text for line in plan_lines(plan, situation, language)}


def test_what_stocks_are_moved_is_told_with_the_unit_and_the_national_stock_by_name():
    text = lines(stocks)["stock_moves"]
    assert "från Det nationella" not in text and "det nationella lagret" in text
    assert " st från " in text


def test_units_to_open_are_told_with_their_place_and_day():
    assert lines(surge)["surge_units"].startswith("A 2 (intensivvård, ")
    assert "units" not in lines(surge)["surge_units"]


def test_a_group_is_told_with_where_it_goes():
    assert "från Norr till Syd" in lines(groups)["groups"]
    assert "home, 4" in lines(groups, "en")["groups"].lower()


def test_other_plans_keep_their_ten_lines():
    assert "stock_moves" not in lines(groups)
    assert len(lines(groups)) == 11
