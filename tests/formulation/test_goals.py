"""Goals: what each counts, their order, and what later goals may give back."""

import pytest

from .small import ICU, WARD, planned, small
from .test_staff import ORDER, lending, need

TWO = {"norr": "n", "syd": "s"}
FIVE = {"beds": {("icu", "norr"): 2, ("icu", "syd"): 10}, "initial": {("icu", "norr"): 5}}


def test_unmet_care_weighs_by_severity():
    case = small({"norr": "n"}, categories=(ICU, WARD), hours=(12,), initial={("icu", "norr"): 1, ("ward", "norr"): 1})
    assert planned(case).goal() == 12 * 10 + 12 * 1


def test_the_worst_region_is_measured_against_its_own_beds():
    # Nobody can move: six in two beds are 200 percent above, three in two 50.
    case = small(
        TWO, beds={("icu", "norr"): 2, ("icu", "syd"): 2}, initial={("icu", "norr"): 6, ("icu", "syd"): 3}, roads={}
    )
    assert planned(case, goals=["unmet_care", "worst_region"]).goal("worst_region") == 200


def test_load_is_levelled_between_regions_only_above_capacity():
    case = small(TWO, beds={("icu", "norr"): 4, ("icu", "syd"): 2}, initial={("icu", "norr"): 6, ("icu", "syd"): 6})
    plan = planned(case, goals=["unmet_care", "worst_region"])
    # Twelve in six beds: eight and four are 100 percent above capacity each.
    assert plan.goal("worst_region") == 100
    light = small(TWO, beds={("icu", "norr"): 9, ("icu", "syd"): 9}, initial={("icu", "norr"): 8})
    assert planned(light, goals=["unmet_care", "worst_region", "patient_hours_in_transit"]).moved() == 0


def test_a_region_without_beds_is_nobodys_worst():
    case = small(TWO, beds={("icu", "syd"): 2}, initial={("icu", "norr"): 6}, roads={})
    assert planned(case, goals=["unmet_care", "worst_region"]).goal("worst_region") == 0


def test_postponed_care_counts_bed_hours():
    case = small(
        {"norr": "n"},
        beds={("icu", "norr"): 8},
        planned={("icu", "norr"): 6, ("ward", "norr"): 3},
        initial={("icu", "norr"): 3},
    )
    families = {"beds": {}, "elective": {"delay_h": 0, "steps": 2, "largest_share": 0.5}}
    plan = planned(case, families, ["unmet_care", "postponed_care"])
    assert plan.goal("postponed_care") == 24 * 0.25 * (6 + 3)  # one step: a quarter of all planned beds of the site


def test_hours_in_transit_are_door_to_door():
    plan = planned(small(TWO, **FIVE, roads={("norr", "syd"): 75}))
    assert plan.goal("patient_hours_in_transit") == 3 * 1.25


def test_the_nearer_of_two_places_is_chosen():
    near = small(
        TWO | {"mitt": "m"},
        **{**FIVE, "beds": FIVE["beds"] | {("icu", "mitt"): 2}},
        roads={("norr", "syd"): 300, ("mitt", "norr"): 60},
    )
    plan = planned(near)
    assert (plan.moved(to_site="mitt"), plan.moved(to_site="syd")) == (2, 1)


CROSS = {"roads": {("mitt", "norr"): 300, ("norr", "syd"): 60}, "areas": {"upp": ("n", "m"), "ner": ("s",)},
         "beds": {("icu", "mitt"): 9, ("icu", "syd"): 9}, "initial": {("icu", "norr"): 4}}  # fmt: skip


def test_crossings_count_patients_who_leave_their_area():
    case = small(TWO | {"mitt": "m"}, **CROSS)
    assert planned(case, goals=["unmet_care", "crossings"]).moved(to_site="mitt") == 4
    by_region = planned(case, goals=["unmet_care", {"name": "crossings", "grouping": "region"}])
    assert by_region.goal("crossings") == 4


def test_the_order_of_goals_decides():
    case = small(TWO | {"mitt": "m"}, **CROSS)
    first_near = planned(case, goals=["unmet_care", "patient_hours_in_transit", "crossings"])
    first_home = planned(case, goals=["unmet_care", "crossings", "patient_hours_in_transit"])
    assert (first_near.moved(to_site="syd"), first_home.moved(to_site="syd")) == (4, 0)
    assert (first_near.value("patient_hours_in_transit"), first_home.value("patient_hours_in_transit")) == (4, 20)


@pytest.mark.parametrize(
    ("slack", "crossing"), [({"slack": 0}, 4), ({"slack": 8}, 2), ({"slack_share": 1.0}, 3), ({"slack": 16}, 0)]
)
def test_later_goals_may_give_back_the_slack_and_no_more(slack, crossing):
    case = small(TWO | {"mitt": "m"}, **CROSS)
    # Each patient who stays in the area travels four hours more than the four that are needed in all.
    plan = planned(case, goals=["unmet_care", {"name": "patient_hours_in_transit"} | slack, "crossings"])
    assert plan.goal("crossings") == crossing
    assert plan.goal("patient_hours_in_transit") == 4 + 4 * (4 - crossing)


def test_staff_away_counts_days():
    plan = planned(need((0,)), lending(shortest_stay_h=72), ORDER)
    assert plan.goal("staff_away") == 3 * 3


def test_contingency_care_counts_hours():
    case = small({"norr": "n"}, beds={("icu", "norr"): 9}, staff=10, initial={("icu", "norr"): 6}, hours=(12,))
    plan = planned(case, {"beds": {}, "staff": {}}, ["unmet_care", "contingency_care"])
    assert plan.goal("contingency_care") == 2 * 12  # 4 + 2/2 = 5 on duty


def test_a_goal_of_a_family_that_is_not_there_is_nought():
    plan = planned(small(TWO, **FIVE), goals=["unmet_care", "postponed_care", "staff_away", "contingency_care"])
    assert [goal.value for goal in plan.made.plan.goals] == [0, 0, 0, 0]


def test_goals_within_their_gap_or_slack_count_as_proven():
    plan = planned(small(TWO, **FIVE))
    assert plan.made.status == "optimal"
    assert all(goal.proven and goal.gap == 0 for goal in plan.made.plan.goals)
