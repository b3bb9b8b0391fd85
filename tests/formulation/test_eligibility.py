"""Who may be moved: everybody there, only who comes, or also who went without care."""

from __future__ import annotations

from ..register import shows
from .golden import built, golden
from .small import planned, small

TWO = {"norr": "n", "syd": "s"}


def week():
    """Five are there, in two beds, and two come on the first day; nine beds are free elsewhere."""
    return small(
        TWO, hours=(24, 24), beds={("icu", "norr"): 2, ("icu", "syd"): 9}, initial={("icu", "norr"): 5},
        arrivals={("icu", "norr"): (2, 0)},
    )  # fmt: skip


@shows("families.eligibility.who")
def test_who_may_be_moved_decides_how_many_are_and_when():
    plans = {who: planned(week(), {"beds": {}, "eligibility": {"who": who}}) for who in ("all", "arrivals", "unmet")}
    assert {who: [round(plan.moved(period=t), 3) for t in (0, 1)] for who, plan in plans.items()} == {
        "all": [5, 0],
        "arrivals": [2, 0],
        "unmet": [2, 3],  # before the start all were cared for
    }
    assert [plan.goal() for plan in plans.values()] == [0, 2 * 3 * 24 * 10, 3 * 24 * 10]


def test_its_rows_are_those_that_were_looked_through():
    m = built(week(), {"beds": {}, "eligibility": {"who": "unmet"}})
    golden("eligibility", m, {"eligibility.who": "kit"})
