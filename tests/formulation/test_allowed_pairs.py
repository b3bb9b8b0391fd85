"""Lists of pairs: five patients too many at norr, and two places with room."""

from __future__ import annotations

from nspl_opt.plan.checks import verify
from nspl_opt.scenario.parts import Pair

from ..register import shows
from .small import ICU, WARD, planned, small

TO_SYD = Pair(("norr",), ("syd",), "all")


def five(*pairs, **more):
    """Ost is an hour away, syd three."""
    case = small(
        {"norr": "n", "ost": "o", "syd": "s"},
        beds={("icu", "ost"): 10, ("icu", "syd"): 10},
        initial={("icu", "norr"): 5},
        roads={("norr", "ost"): 60, ("norr", "syd"): 180},
        **more,
    )
    return case.having(pairs=pairs)


@shows("families.allowed_pairs.list", "families.allowed_pairs")
def test_a_list_of_pairs_allows_or_forbids():
    case = five(TO_SYD)
    assert planned(case).moved(to_site="ost") == 5
    assert planned(case, ["beds", "allowed_pairs"]).moved(to_site="syd") == 5
    forbidden = planned(case, {"beds": {}, "allowed_pairs": {"list": "forbid"}})
    assert forbidden.moved(to_site="ost") == 5
    assert forbidden.made.plan.pruned["pair not allowed"] == 1


def test_without_a_list_every_pair_may_be_used_and_the_plan_says_so():
    plan = planned(five(), ["beds", "allowed_pairs"])
    assert plan.moved(to_site="ost") == 5
    assert plan.made.plan.notes == ("allowed_pairs.no_list",)


def test_a_pair_of_one_category_is_open_to_its_stages_and_to_no_other():
    stage = ICU.__class__(**{name: getattr(ICU, name) for name in ICU.__slots__} | {"code": "icu.s1", "parent": "icu"})
    case = small(
        {"norr": "n", "syd": "s"},
        categories=(stage, WARD),
        beds={("icu", "syd"): 9, ("ward", "syd"): 9},
        initial={("icu.s1", "norr"): 2, ("ward", "norr"): 3},
    ).having(pairs=[Pair(("norr",), ("syd",), "icu")])
    plan = planned(case, ["beds", "allowed_pairs"])
    assert [plan.moved(category="icu.s1"), plan.moved(category="ward")] == [2, 0]


def test_the_checker_sees_a_transfer_between_a_pair_that_is_not_allowed():
    case = five(TO_SYD)
    made = planned(case, ["beds", "allowed_pairs"]).made
    other = case.having(pairs=[Pair(("norr",), ("ost",), "all")])
    broken = {one.rule for one in verify(made.plan, other.situation, other.travel).violations}
    assert broken == {"allowed_pairs.listed"}
