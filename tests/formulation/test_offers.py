"""Offers and answers: five patients too many at norr; ost is an hour away, syd three."""

from __future__ import annotations

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Agreement, RegionOffer

from ..register import shows
from .golden import built, golden
from .small import USUAL, planned, small

GOALS = [{"name": "agreements_broken"}, *USUAL]
PLACES = {"norr": "n", "ost": "o", "syd": "s", "": ""}


def line(code, state, to, amount=0, what="icu", kind="patients", vehicle="", window=(0, 24), origin="norr"):
    regions = PLACES[origin], PLACES[to]
    sites = [(origin,), (to,)] if to else [(origin,), ("norr", "ost", "syd")]
    return Agreement(code, state, kind, *sites, *regions, what, vehicle, *window, amount * MICRO, "", "")


def five(*lines, offers=(), **more):
    settings = {
        "beds": {("icu", "ost"): 10, ("icu", "syd"): 10},
        "initial": {("icu", "norr"): 5},
        "roads": {("norr", "ost"): 60, ("norr", "syd"): 180},
    } | more
    return small({"norr": "n", "ost": "o", "syd": "s"}, **settings).having(agreements=lines, offers=offers)


def agreed(case, **options):
    return planned(case, {"beds": {}, "offers": options}, GOALS)


def told(plan):
    """Line -> what is kept, what is broken, why."""
    return {row.id: (row.kept, row.broken, row.why) for row in plan.rows("agreements").itertuples()}


@shows("families.offers", "families.offers.answers", "goals.agreements_broken")
def test_two_whom_syd_has_accepted_go_to_syd():
    case = five(line("T1", "accepted", "syd", 2))
    plan = agreed(case)
    assert [plan.moved(to_site="syd"), plan.moved(to_site="ost"), plan.goal("agreements_broken")] == [2, 3, 0]
    assert told(plan) == {"T1": (2, 0, "")}
    assert planned(case).moved(to_site="syd") == 0
    free = agreed(case, answers=False)
    assert [free.moved(to_site="syd"), told(free)] == [0, {"T1": (0, 0, "")}]
    # Asked last, agreements would be broken for shorter journeys: so they may not be asked last.
    with pytest.raises(InvalidInput, match="M107"):
        planned(case, ["beds", "offers"], [*USUAL, "agreements_broken"])
    with pytest.raises(InvalidInput, match="M107"):
        planned(case, ["beds", "offers"], USUAL)


def test_what_is_declined_is_not_asked_for_again():
    plan = agreed(five(line("T1", "declined", "ost")))
    assert [plan.moved(to_site="syd"), plan.moved(to_site="ost")] == [5, 0]
    assert plan.made.plan.pruned["declined"] == 1
    everybody = agreed(five(line("T1", "declined", "", what="all")))
    assert [everybody.moved(), everybody.goal()] == [0, 5 * 24 * 10]


def test_a_decline_lasts_as_long_as_its_window():
    case = five(line("T1", "declined", "ost"), hours=(24, 24))
    plan = agreed(case)
    assert [plan.moved(to_site="syd"), plan.moved(to_site="ost")] == [5, 0]
    case = five(line("T1", "declined", "ost"), line("T2", "declined", "syd"), hours=(24, 24))
    assert agreed(case).moved(to_site="ost", period=1) == pytest.approx(5)


def test_what_is_directed_beyond_the_longest_journey_is_reported_with_its_reason():
    case = five(line("T1", "directed", "syd", 4), roads={("norr", "ost"): 60, ("norr", "syd"): 500})
    plan = planned(case, ["beds", "travel_time", "offers"], GOALS)
    assert plan.goal("agreements_broken") == 4
    assert told(plan) == {"T1": (0, 4, "journey too long")}
    assert plan.moved(to_site="ost") == 5


@pytest.mark.parametrize(
    "broken, why",
    [
        (
            {"line": line("T1", "accepted", "syd", 7)},
            "too few patients, people or vehicles, another rule, or too little time to solve",
        ),
        ({"line": line("T1", "accepted", "syd", 4, vehicle="plane")}, "no journey"),
        ({"line": line("T1", "accepted", "syd", 4, window=(0, 6))}, "no period departs in the window"),
        ({"line": line("T1", "accepted", "norr", 4)}, "inside one place of this plan"),
        ({"line": line("T1", "accepted", "syd", 4), "also": line("T2", "declined", "syd")}, "declined"),
        ({"line": line("T1", "accepted", "syd", 4), "beds": {("icu", "ost"): 10}}, "receiver has no such beds"),
        ({"line": line("T1", "accepted", "syd", 4, kind="staff", what="nurse")}, "the model lends nobody"),
    ],
)
def test_what_cannot_be_kept_is_told_with_the_reason(broken, why):
    lines = [broken.pop(name) for name in ("line", "also") if name in broken]
    plan = agreed(five(*lines, **broken))
    kept, missing, reason = told(plan)["T1"]
    assert [kept + missing, reason] == [lines[0].amount_micro / MICRO, why]
    assert missing > 0 and plan.goal("agreements_broken") == missing


@shows("families.offers.add_to_accepted")
def test_more_than_is_accepted_is_not_asked_for():
    case = five(line("T1", "accepted", "ost", 2))
    assert agreed(case).moved(to_site="ost") == 2
    assert agreed(case, add_to_accepted=True).moved(to_site="ost") == 5


def test_lines_for_the_same_journeys_are_added_up_and_what_binds_is_kept_first():
    lines = [line("T1", "proposed", "ost", 2), line("T2", "accepted", "ost", 1), line("T3", "directed", "ost", 3)]
    assert told(agreed(five(*lines))) == {"T1": (1, 0, ""), "T2": (1, 0, ""), "T3": (3, 0, "")}


def test_an_accepted_receiver_is_offered_however_many_are_nearer():
    near = {"travel_time": {"nearest": 1, "largest": 0}}
    for state, moved in (("accepted", 2), ("proposed", 0)):
        plan = planned(five(line("T1", state, "syd", 2)), {"beds": {}, "offers": {}, **near}, GOALS)
        assert plan.moved(to_site="syd") == moved


@shows("families.offers.limits")
def test_no_region_takes_more_than_it_offers():
    case = five(offers=[RegionOffer("o", "take", "icu", 0, 24, 3 * MICRO)])
    plan = agreed(case)
    assert [plan.moved(to_site="ost"), plan.moved(to_site="syd")] == [3, 2]
    assert agreed(case, limits=False).moved(to_site="ost") == 5
    gives = five(offers=[RegionOffer("n", "give", "all", 0, 24, 4 * MICRO)])
    assert agreed(gives).moved() == 4


def test_an_offer_of_a_category_does_not_limit_another_bed_type():
    case = five(offers=[RegionOffer("o", "take", "ward", 0, 24, 0), RegionOffer("o", "give", "all", 0, 24, 0)])
    assert agreed(case).moved(to_site="ost") == 5


def test_without_agreements_and_offers_nothing_is_changed_and_the_plan_says_so():
    plan = agreed(five())
    assert plan.moved(to_site="ost") == 5
    assert plan.made.plan.notes == ("offers.nothing",)
    assert [goal.name for goal in plan.made.plan.goals] == [goal["name"] for goal in USUAL]


def nurses(*lines, **more):
    """Five patients in ten beds at norr and too few nurses; ost and syd have many."""
    staff = {"norr": 2, "ost": 100, "syd": 100}
    return five(*lines, **{"beds": {("icu", "norr"): 10}, "staff": staff, "hours": (24, 24, 24)} | more)


LOANS = {
    "beds": {},
    "staff": {},
    "offers": {},
    "staff_loans": {"professions": ["nurse"], "travel_h": 0, "yield_share": 1.0},
}


def test_nurses_agreed_upon_are_lent_throughout_and_those_declined_are_not():
    lent = line("T1", "accepted", "norr", 3, what="nurse", kind="staff", origin="syd", window=(0, 72))
    plan = planned(nurses(lent), LOANS, GOALS)
    assert plan.total("loans", "persons", from_region="s") == 3
    assert told(plan) == {"T1": (3, 0, "")}
    refused = line("T2", "declined", "norr", what="nurse", kind="staff", origin="ost", window=(0, 72))
    plan = planned(nurses(refused), LOANS, GOALS)
    assert plan.total("loans", "persons", from_region="o") == 0 < plan.total("loans", "persons", from_region="s")


def test_a_loan_that_could_not_last_is_not_begun_before_a_decline():
    refused = [
        line(f"T{n}", "declined", "norr", what="nurse", kind="staff", origin=origin, window=(48, 72))
        for n, origin in enumerate(("ost", "syd"))
    ]
    plan = planned(nurses(*refused), LOANS, GOALS)  # the shortest stay is three days
    assert plan.total("loans", "persons") == 0


def test_no_more_people_are_away_at_once_than_a_region_offers():
    case = nurses(offers=[RegionOffer("o", "give", "nurse", 0, 72, MICRO), RegionOffer("s", "give", "nurse", 0, 72, 0)])
    assert planned(case, LOANS, GOALS).total("loans", "persons") == 1


def test_its_rows_are_those_that_were_looked_through():
    lines = [
        line("T1", "accepted", "ost", 2),
        line("T2", "offered", "ost", 1),
        line("T3", "directed", "norr", 2, what="nurse", kind="staff", origin="syd", window=(0, 72)),
    ]
    offers = [RegionOffer("o", "take", "icu", 0, 48, 4 * MICRO), RegionOffer("s", "give", "nurse", 24, 72, 5 * MICRO)]
    m = built(nurses(*lines, offers=offers, beds={("icu", "norr"): 10, ("icu", "ost"): 4}), LOANS, GOALS)
    axes = {"offers.kept": "n", "offers.no_more": "n", "offers.limit": "n"}
    staff = {"offers.kept_staff": "nd", "offers.no_more_staff": "nd", "offers.limit_staff": "nd"}
    golden("offers", m, axes | staff, also=("goals.agreements_broken",))


def test_no_more_than_a_party_has_countered_is_moved_and_none_of_it_must_be():
    case = five(line("T1", "countered", "ost", 2))
    plan = agreed(case)
    assert [plan.moved(to_site="ost"), plan.moved(to_site="syd")] == [2, 3]
    assert told(plan) == {"T1": (2, 0, "")}
    assert agreed(case, add_to_accepted=True).moved(to_site="ost") == 2
    assert agreed(case, answers=False).moved(to_site="ost") == 5
    none = agreed(five(line("T1", "countered", "ost", 0)))
    assert [none.moved(to_site="ost"), none.moved(to_site="syd")] == [0, 5]
    both = agreed(five(line("T1", "countered", "ost", 2), line("T2", "accepted", "ost", 1)))
    assert [both.moved(to_site="ost"), told(both)] == [3, {"T1": (2, 0, ""), "T2": (1, 0, "")}]
