"""Staff and loans. One patient needs one nurse on duty, or half of one by the contingency standard."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nspl_opt.reference.reference import MICRO

from ..register import shows
from .golden import built, golden
from .small import ICU, by_air, planned, small

TWO = {"norr": "n", "syd": "s"}
FULL = {("icu", "norr"): 99}
ORDER = ["unmet_care", "staff_away", "contingency_care"]
STRICT = {"beds": {}, "staff": {"contingency": False}}


def test_ten_nurses_half_of_them_on_duty_care_for_five():
    case = small({"norr": "n"}, beds=FULL, staff=10, initial={("icu", "norr"): 7})
    assert planned(case, STRICT).goal() == 2 * 24 * 10


def test_the_contingency_standard_stretches_them_no_further_than_needed():
    case = small({"norr": "n"}, beds=FULL, staff=10, initial={("icu", "norr"): 7})
    plan = planned(case, ("beds", "staff"), ["unmet_care", "contingency_care"])
    # a + b = 7 patients, a + b/2 = 5 nurses: four of them by the contingency standard
    assert plan.goal() == 0
    assert plan.goal("contingency_care") == 4 * 24


def test_planned_care_keeps_its_people_unless_it_is_postponed():
    case = small({"norr": "n"}, beds=FULL, staff=10, planned_staff={"norr": 4}, initial={("icu", "norr"): 7})
    assert planned(case, STRICT).goal() == (7 - 3) * 24 * 10


def site_case():
    return small(
        {"a": "r", "b": "r"}, beds={("icu", "a"): 99}, staff={"a": 8, "b": 100}, initial={("icu", "a"): 9}, roads={}
    )


def test_a_site_draws_a_quarter_more_than_its_own_from_its_region():
    assert planned(site_case(), STRICT).goal() == (9 - 5) * 24 * 10  # 8 / 2 = 4 on duty, a quarter more: 5


def test_how_much_a_site_may_draw_is_an_option():
    families = {"beds": {}, "staff": {"contingency": False, "within_region_share": 0.5}}
    assert planned(site_case(), families).goal() == (9 - 6) * 24 * 10


def test_a_site_never_draws_more_than_the_region_has():
    case = small(
        {"a": "r", "b": "r"}, beds={("icu", "a"): 99}, staff={"a": 8, "b": 1}, initial={("icu", "a"): 9}, roads={}
    )
    families = {"beds": {}, "staff": {"contingency": False, "within_region_share": 5}}
    assert planned(case, families).goal() == (9 - 4.5) * 24 * 10  # nine people in all, half of them on duty


ESCORTED = (replace(ICU, escort_micro={"nurse": MICRO}),)


def test_escorts_are_missed_at_home_out_and_back():
    case = small(
        TWO,
        hours=(12, 12),
        categories=ESCORTED,
        beds=FULL | {("icu", "syd"): 4},
        staff={"norr": 10, "syd": 99},
        initial={("icu", "norr"): 8},
        roads={("norr", "syd"): 180},
    )
    plan = planned(case, STRICT)
    # A nurse is away 2 x 3 of 12 hours per patient. Cared for s, sent x: s + x/2 <= 5. Those sent find care too:
    # s + x = 5 + x/2 grows with x up to the four beds of the south, and then seven of eight are cared for.
    assert plan.moved(period=0) == 4
    assert plan.goal() == ((8 - 7) * 12 + 0 * 12) * 10


def test_escorts_count_at_the_site_that_sends():
    case = small(
        {"a": "r", "b": "r", "c": "s"},
        hours=(12,),
        categories=ESCORTED,
        beds={("icu", "a"): 99, ("icu", "c"): 9},
        staff={"a": 4, "b": 100, "c": 99},
        initial={("icu", "a"): 6},
        roads={("a", "c"): 360},
    )
    # Site a has two on duty and may draw half a one. Each patient sent takes a nurse for all twelve hours.
    plan = planned(case, {"beds": {}, "staff": {"contingency": False}, "travel_time": {"longest_journey_factor": 5}})
    assert plan.goal() == (6 - 2.5) * 12 * 10


# Loans

LENDING = {
    "professions": ["nurse"],
    "share": 0.1,
    "yield_share": 1.0,
    "shortest_stay_h": 24,
    "longest_stay_h": 96,
    "travel_h": 0,
    "partners": 3,
}


def lending(**options):
    return STRICT | {"staff_loans": LENDING | options}


def need(days, patients=9, **changes):
    """The south has 39 nurses and no patients; the north has ten nurses, and patients on the days named."""
    came = [patients if day == days[0] else 0 for day in range(4)]
    beds = {("icu", "norr"): [99 if day in days else 0 for day in range(4)]}
    given = {
        "hours": (24,) * 4,
        "beds": beds,
        "staff": {"norr": 10, "syd": 39},
        "arrivals": {("icu", "norr"): came},
        "roads": {},
    }
    return small(TWO, **(given | changes))


def test_a_region_lends_a_tenth_of_its_people_in_whole_people():
    plan = planned(need((0,)), lending(), ORDER)
    # A tenth of 39 is three whole people; half of them are on duty: 5 + 1.5 are cared for.
    assert plan.rows("loans")["persons"].tolist() == [3]
    assert plan.goal() == (9 - 6.5) * 24 * 10 + 3 * 9 * 24 * 10  # nobody has a bed after the first day


def test_the_share_is_of_the_fewest_people_in_the_block():
    case = need((0,), hours=(12, 12, 24, 24), staff={"norr": 10, "syd": (39, 19, 39, 39)})
    assert planned(case, lending(), ORDER).rows("loans")["persons"].tolist() == [1]


def test_people_work_less_well_away_from_home():
    assert planned(need((0,)), lending(yield_share=0.5), ORDER).goal() == (9 - 5.75 + 27) * 24 * 10


def test_travel_and_introduction_are_lost_once():
    both = planned(need((0, 1), patients=6), lending(travel_h=12), ORDER)
    # Three nurses, half on duty: on the first day half of that, 0.75; on the second 1, which is enough.
    assert both.goal() == (0.25 + 0 + 6 + 6) * 24 * 10


def test_whoever_is_lent_stays_the_shortest_stay():
    assert planned(need((0,)), lending(), ORDER).goal("staff_away") == 3
    assert planned(need((0,)), lending(shortest_stay_h=48), ORDER).goal("staff_away") == 6


def test_nobody_is_away_longer_than_the_longest_stay():
    case = need((0, 1, 2), patients=8)
    plan = planned(case, lending(longest_stay_h=48, shortest_stay_h=48), ORDER)
    stays = plan.rows("loans")["last_block"] - plan.rows("loans")["first_block"] + 1
    assert set(stays) == {2}
    assert planned(case, lending(longest_stay_h=96, shortest_stay_h=72), ORDER).rows("loans")[
        "last_block"
    ].tolist() == [2]


def test_only_professions_named_are_lent():
    assert len(planned(need((0,)), lending(professions=[]), ORDER).rows("loans")) == 0


def test_a_region_lends_to_its_nearest_partners_only():
    sites = {"norr": "n", "ost": "o", "syd": "s"}
    case = need((0,))
    three = small(
        sites,
        hours=(24,),
        beds={("icu", "syd"): 99},
        staff={"norr": 40, "ost": 0, "syd": 10},
        initial={("icu", "syd"): 9},
        roads={},
    )
    assert len(planned(three, lending(partners=2), ORDER).rows("loans")) == 1
    # One partner only: all are equally near, so by code the north lends to the east.
    assert len(planned(three, lending(partners=1), ORDER).rows("loans")) == 0
    assert case.situation.regions[0].code == "n"


def test_nobody_is_lent_across_a_closed_border():
    families = lending() | {"areas": {"grouping": "region", "border": "closed"}}
    assert len(planned(need((0,)), families, ORDER).rows("loans")) == 0


def test_who_is_lent_is_missed_at_home():
    case = small(
        TWO,
        beds=FULL | {("icu", "syd"): 99},
        staff={"norr": 10, "syd": 40},
        initial={("icu", "norr"): 9, ("icu", "syd"): 20},
        roads={},
    )
    # Twenty in the south keep all twenty on duty busy: what one gains the other loses.
    assert planned(case, lending(yield_share=0.9), ORDER).goal("staff_away") == 0
    assert planned(case, lending(yield_share=0.9), ORDER).goal() == 4 * 24 * 10


def test_loans_help_every_site_of_the_region():
    sites = {"a": "r", "b": "r", "far": "s"}
    case = small(
        sites, beds={("icu", "a"): 9}, staff={"a": 8, "b": 100, "far": 40}, initial={("icu", "a"): 9}, roads={}
    )
    plan = planned(case, lending(), ORDER)
    assert plan.goal() == (9 - 5 - 2) * 24 * 10  # a quarter more than its own four, and half of the four who came


def test_escorts_by_air_are_away_for_the_flight_and_not_longer():
    case = small(
        TWO,
        categories=ESCORTED,
        beds=FULL | {("icu", "syd"): 9},
        staff={"norr": 2, "syd": 99},
        initial={("icu", "norr"): 4},
        roads={},
        journeys=[by_air("norr", "syd", 120)],
    )
    plan = planned(case, STRICT)
    assert plan.moved() == 4  # 4 x 4/24 of the one on duty
    assert plan.goal() == 0


# The crisis standard

CRISIS_ICU = replace(ICU, staff_micro={**ICU.staff_micro, "crisis": {"nurse": MICRO // 4}})
LAST = ["unmet_care", "crisis_standard"]


def unlocked(opened: Any = True, category: Any = CRISIS_ICU) -> Any:
    """Nine patients, three nurses on duty; a nurse cares for one, two or four of them."""
    case = small({"norr": "n"}, categories=(category,), beds=FULL, staff=6, initial={("icu", "norr"): 9})
    return case.having(crisis_open=None if opened is None else np.array([[opened]]))


@shows("families.staff.crisis")
def test_the_crisis_standard_is_used_only_where_somebody_has_unlocked_it():
    assert planned(unlocked(), ("beds", "staff"), LAST).goal() == 0
    assert planned(unlocked(), {"beds": {}, "staff": {"crisis": False}}, LAST).goal() == 3 * 24 * 10
    for closed in (unlocked(False), unlocked(None), unlocked(category=ICU)):
        assert planned(closed, ("beds", "staff"), LAST).goal() == 3 * 24 * 10


@shows("goals.crisis_standard")
def test_the_crisis_standard_is_used_no_more_than_needed():
    plan = planned(unlocked(), ("beds", "staff"), [*LAST, "contingency_care"])
    # a + c = 9 patients by contingency and crisis, a/2 + c/4 = 3 nurses: six by the crisis standard
    assert plan.goal("crisis_standard") == 6 * 24
    assert plan.total("census", "crisis") == pytest.approx(6, abs=1e-4)
    freely = planned(unlocked(), ("beds", "staff"), ["unmet_care", "contingency_care"])
    assert freely.total("census", "crisis") > 6


def test_plans_that_cannot_use_the_crisis_standard_have_no_column_for_it():
    assert "crisis" in planned(unlocked(), ("beds", "staff")).rows("census")
    assert "crisis" not in planned(unlocked(None), ("beds", "staff")).rows("census")


def test_rows_of_the_crisis_standard_are_those_that_were_looked_through():
    m = built(unlocked(), ("beds", "staff"), LAST)
    golden("crisis_standard", m, also=("core.cared", "beds.capacity", "staff.region"))
