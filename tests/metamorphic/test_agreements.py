"""Agreements, offers, pairs and batches: names and order mean nothing, and who offers more never hurts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import RegionOffer

from ..formulation.small import USUAL, Case, planned
from ..formulation.test_batching import five as gathered
from ..formulation.test_offers import GOALS, five, line
from ..formulation.test_stability import stable
from ..plan.spoils import agreements, batching
from .test_more_and_less import CLOSE, anew

EVERY = {"smallest_group": 2, "partners": 1, "gap_h": 0.0, "most_per_day": 4, "most_in_all": 9}
MODEL = {"beds": {}, "offers": {"add_to_accepted": True}, "batching": EVERY, "stability": {"most_new": 3.0}}
ALL_GOALS = [*GOALS[:2], {"name": "changes"}, *GOALS[2:]]


def values(case: Case, families, goals=GOALS) -> list[float]:
    """What each goal comes to at the best."""
    reached = planned(case, families, goals, work_limit=100_000).made.plan.goals
    assert all(goal.proven for goal in reached)
    return [goal.value for goal in reached]


def mixed() -> Case:
    """Lines of every state, and an offer, over two days."""
    lines = [
        line("T1", "accepted", "syd", 2), line("T2", "offered", "ost", 2), line("T3", "proposed", "ost", 1),
        line("T4", "declined", "ost", window=(24, 48)), line("T5", "directed", "ost", 1),
    ]  # fmt: skip
    offers = [RegionOffer("o", "take", "icu", 0, 48, 4 * MICRO), RegionOffer("n", "give", "all", 0, 48, 9 * MICRO)]
    return five(*lines, offers=offers, hours=(24, 24))


BATCHED = {"beds": {}, "batching": EVERY}


@pytest.mark.parametrize("module, families", [(agreements, agreements.MODEL), (batching, BATCHED)])
def test_names_of_regions_mean_nothing(module, families):
    _, situation, travel = module.sound()
    case = Case(situation, travel)
    goals = GOALS if "offers" in families else USUAL
    other = Case(anew(situation, {region.code: f"x{region.code}y" for region in situation.regions}), travel)
    assert values(other, families, goals) == pytest.approx(values(case, families, goals), abs=CLOSE)


def test_names_and_order_of_lines_and_offers_mean_nothing_with_batches_and_stability():
    case = mixed()
    before = values(case, MODEL, ALL_GOALS)
    s = case.situation
    named = tuple(replace(one, code=f"z{one.code}") for one in s.agreements)
    for other in (
        case.having(agreements=s.agreements[::-1], offers=s.offers[::-1]),
        case.having(agreements=named),
        Case(anew(s, {region.code: f"x{region.code}y" for region in s.regions}), case.travel),
    ):
        assert values(other, MODEL, ALL_GOALS) == pytest.approx(before, abs=CLOSE)


def test_a_line_said_in_two_halves_is_the_same_line():
    whole, halves = five(line("T1", "accepted", "syd", 4)), five(*(line(c, "accepted", "syd", 2) for c in ("T1", "T2")))
    families = {"beds": {}, "offers": {}}
    assert values(whole, families) == pytest.approx(values(halves, families), abs=CLOSE)


def test_who_offers_more_and_who_has_answered_nothing_never_hurts():
    case = mixed()
    before = values(case, {"beds": {}, "offers": {}})
    more = [replace(offer, amount_micro=offer.amount_micro + MICRO) for offer in case.situation.offers]
    assert values(case.having(offers=more), {"beds": {}, "offers": {}}) <= [value + CLOSE for value in before]
    free = values(case.having(agreements=(), offers=()), {"beds": {}, "offers": {}})
    assert free[0] <= before[1] + CLOSE


def test_a_larger_budget_a_smaller_group_a_shorter_gap_and_more_that_is_new_never_hurt():
    case = gathered(hours=(24, 24))
    before = values(case, BATCHED, USUAL)[0]
    easier = {"smallest_group": 0, "partners": "any", "gap_h": "off", "most_per_day": 9, "most_in_all": "any"}
    for name, value in easier.items():
        assert values(case, {"beds": {}, "batching": EVERY | {name: value}}, USUAL)[0] <= before + CLOSE, name
    lines = five(line("T1", "proposed", "syd", 2))
    reached = [stable(lines, most).value() for most in (0, 1, 3, "any")]
    assert reached == sorted(reached, reverse=True) and reached[0] > reached[-1]
