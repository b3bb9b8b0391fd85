"""Seeded conflicts about what is agreed, gathered, kept together, locked or sent: one rule or line in each."""

from __future__ import annotations

from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Pair, RegionOffer

from ..formulation import stores
from ..formulation.small import Case, small
from ..formulation.test_offers import five, line
from ..formulation.test_single_source import four
from ..formulation.test_staff import unlocked
from ..formulation.test_surge import five as wards
from ..formulation.test_surge import unit
from .seeded import FIRST, Seeded

CARED, KEPT = "wish:unmet_care", f"wish:{FIRST}"
T1, T2 = "agreement:T1", "agreement:T2"
OFFERS = {"beds": {}, "offers": {}}
NOBODY_MORE = {("icu", "ost"): 10}
NONE = {"unmet_care": 0}


def closed() -> Case:
    """Two are accepted by syd, across a border."""
    return five(line("T1", "accepted", "syd", 2), areas={"upp": ("n", "o"), "ner": ("s",)})


def far() -> Case:
    return five(line("T1", "directed", "syd", 4), roads={("norr", "ost"): 60, ("norr", "syd"): 500})


def both(amount: int = 2) -> Case:
    return five(line("T1", "accepted", "syd", amount), line("T2", "accepted", "ost", amount))


def lent() -> Case:
    """Syd has agreed to lend three of its forty people."""
    case = small({"norr": "n", "syd": "s"}, beds={("icu", "norr"): 9}, staff={"norr": 2, "syd": 40},
                 initial={("icu", "norr"): 4}, roads={})  # fmt: skip
    return case.having(agreements=[line("T1", "accepted", "norr", 3, what="nurse", kind="staff", origin="syd")])


def takes(amount: int, *lines) -> Case:
    """Ost offers to take so many."""
    return five(*lines, beds=NOBODY_MORE, offers=[RegionOffer("o", "take", "icu", 0, 24, amount * MICRO)])


def abroad() -> Case:
    """The only beds are abroad."""
    return five(beds={("icu", "syd"): 10}).having(external_regions=frozenset({"s"}))


def ventilated() -> Case:
    """Three at A need a ventilator; B has three and needs none."""
    case = small({"a": "A", "b": "B"}, beds={("icu", "a"): 9}, initial={("icu", "a"): 3}, roads={})
    return stores.stocked(case, held={"B": 3})


LENDING = {"professions": ["nurse"], "share": 0.01, "yield_share": 1.0, "shortest_stay_h": 0, "travel_h": 0}
AREAS = {"areas": {"border": "closed"}}

AGREED = (
    Seeded("agreed_over_border", "what is accepted lies beyond a closed border", closed, {FIRST: 0},
           ((KEPT,), (T1,), ("areas.border",)), OFFERS | AREAS),
    Seeded("agreed_too_far", "what is directed is beyond the longest journey", far, {FIRST: 0},
           ((KEPT,), (T1,), ("travel_time",)), OFFERS | {"travel_time": {}}),
    Seeded("agreed_above_offer", "ost has accepted four and offers to take two",
           lambda: takes(2, line("T1", "accepted", "ost", 4)), {FIRST: 0}, ((KEPT,), (T1,), ("offers.limit",)), OFFERS),
    Seeded("agreed_twice", "six are agreed, five are there", lambda: both(3), {FIRST: 0}, ((KEPT,), (T1,), (T2,)),
           OFFERS),
    Seeded("agreed_and_budget", "two are agreed, one may be moved", lambda: five(line("T1", "accepted", "syd", 2)),
           {FIRST: 0}, ((KEPT,), (T1,), ("batching.most_in_all",)), OFFERS | {"batching": {"most_in_all": 1}}),
    Seeded("agreed_and_day", "two are agreed, one a day may be moved", lambda: five(line("T1", "accepted", "syd", 2)),
           {FIRST: 0}, ((KEPT,), (T1,), ("batching.most_per_day",)), OFFERS | {"batching": {"most_per_day": 1}}),
    Seeded("agreed_and_partners", "two receivers are agreed, one may be used", both, {FIRST: 0},
           ((KEPT,), (T1,), (T2,), ("batching.partners",)), OFFERS | {"batching": {"partners": 1}}),
    Seeded("agreed_and_groups", "two are agreed, three go together", lambda: five(line("T1", "accepted", "syd", 2)),
           {FIRST: 0}, ((KEPT,), (T1,), ("offers.no_more",), ("batching.smallest_group",)),
           OFFERS | {"batching": {"smallest_group": 3}}),
    Seeded("agreed_and_pairs", "syd has accepted two and is not on the list",
           lambda: five(line("T1", "accepted", "syd", 2)).having(pairs=[Pair(("norr",), ("ost",), "all")]),
           {FIRST: 0}, ((KEPT,), (T1,), ("allowed_pairs",)), OFFERS | {"allowed_pairs": {}}),
    Seeded("agreed_and_journeys", "what is directed takes fifteen hours, ten are wished",
           lambda: five(line("T1", "directed", "syd", 5)), {FIRST: 0, "patient_hours_in_transit": 10},
           ((KEPT,), ("wish:patient_hours_in_transit",), (T1,)), OFFERS),
    Seeded("agreed_loans", "three are promised, a hundredth may be lent", lent, {FIRST: 0},
           ((KEPT,), (T1,), ("staff_loans.share",)), OFFERS | {"staff": {}, "staff_loans": LENDING}),
    Seeded("declined", "the only one with beds has declined", lambda: five(line("T1", "declined", "ost"),
           beds=NOBODY_MORE), NONE, ((CARED,), (T1,)), OFFERS),
    Seeded("no_more_than_agreed", "ost has accepted two of five", lambda: five(line("T1", "accepted", "ost", 2),
           beds=NOBODY_MORE), NONE, ((CARED,), (T1,), ("offers.no_more",)), OFFERS),
    Seeded("offered_too_little", "ost offers to take three", lambda: takes(3), NONE,
           ((CARED,), ("offers.limit",)), OFFERS),
    Seeded("pairs", "nobody with beds is on the list",
           lambda: five(beds=NOBODY_MORE).having(pairs=[Pair(("norr",), ("syd",), "all")]), NONE,
           ((CARED,), ("allowed_pairs",)), {"beds": {}, "allowed_pairs": {}}),
    Seeded("who_may_move", "only who has just come may be moved", five, NONE, ((CARED,), ("eligibility",)),
           {"beds": {}, "eligibility": {"who": "arrivals"}}),
    Seeded("reception", "a tenth of the beds a day may be filled", five, NONE, ((CARED,), ("reception",)),
           {"beds": {}, "reception": {"per_day_share": 0.1}}),
    Seeded("abroad", "the only beds are abroad, and nobody is sent there", abroad, NONE,
           ((CARED,), ("external.send",)), {"beds": {}, "external": {"send": False}}),
    Seeded("abroad_in_part", "a third of the beds abroad is counted on", abroad, NONE,
           ((CARED,), ("external.share",)), {"beds": {}, "external": {"share": 0.3}}),
    Seeded("new_transfers", "one may be moved otherwise than before", five, NONE,
           ((CARED,), ("stability.most_new",)), {"beds": {}, "stability": {"most_new": 1}}),
    Seeded("changes", "the earlier plan helped two of five", lambda: five(line("T1", "proposed", "syd", 2)),
           {"unmet_care": 0, "changes": 0}, ((CARED,), ("wish:changes",)), {"beds": {}, "stability": {}}),
    Seeded("kept_together", "four go together, no place has four beds", four, NONE,
           ((CARED,), ("single_source",)), {"beds": {}, "single_source": {}}),
    Seeded("crisis_locked", "nobody has unlocked the crisis standard", lambda: unlocked(None), NONE,
           ((CARED,), ("staff.crisis",)), {"beds": {}, "staff": {}}),
    Seeded("unit_late", "a unit takes a day to be ready", lambda: wards((24, 24), unit(4, 2, lead_h=24)), NONE,
           ((CARED,), ("surge.lead",)), {"beds": {}, "surge": {}}),
    Seeded("helpers_full", "no helper may be more than a tenth full", five, NONE, ((CARED,), ("reserve.helper",)),
           {"beds": {}, "reserve": {"grouping": "region", "free_share": 0.0, "helper_load": 0.1}}),
    Seeded("ventilators_kept", "all ventilators stay where they are", ventilated, NONE,
           ((CARED,), ("equipment.floor",)), {"beds": {}, "equipment": {"floor_share": 1.0, "delay_h": 0}}),
)  # fmt: skip
