"""Evenness: load level by level, planned care postponed evenly, and never at the cost of care."""

from __future__ import annotations

import numpy as np
import pytest

from nspl_opt.reference.reference import MICRO

from ..register import shows
from .golden import built, golden
from .small import planned, small

THREE = {"alfa": "a", "beta": "b", "gamma": "c"}
STEPS = {"elective": {"delay_h": 0, "steps": 4}}


def uneven():
    """Six in two beds whom nobody can reach; five in two beds, and two in two beds a road away."""
    return small(
        THREE,
        beds={("icu", site): 2 for site in THREE},
        initial={("icu", "alfa"): 6, ("icu", "beta"): 5, ("icu", "gamma"): 2},
        roads={("beta", "gamma"): 60},
    )


def levelled(levels: int):
    goals = ["unmet_care", {"name": "load_levels", "levels": levels}, "patient_hours_in_transit"]
    return planned(uneven(), goals=goals)


@shows("goals.load_levels", "goals.load_levels.levels")
def test_below_a_region_that_nobody_can_help_the_load_of_the_others_is_levelled():
    assert planned(uneven()).moved() == 0
    one, three = levelled(1), levelled(3)
    assert [one.moved(), one.goal("load_levels:1")] == [0, 200]
    # Seven in four beds: four and three are 100 and 50 percent above capacity.
    assert [three.moved(), three.goal("load_levels:1")] == [1, 200]
    assert [three.goal(f"load_levels:{level}") for level in (2, 3)] == [200 + 100, 200 + 100 + 50]
    assert one.goal() == three.goal() == 7 * 24 * 10


def test_with_more_levels_than_regions_every_peak_is_counted():
    plan = planned(uneven(), goals=["unmet_care", {"name": "load_levels", "levels": 5}])
    assert [plan.goal(f"load_levels:{level}") for level in (4, 5)] == [350, 350]


def test_load_below_capacity_has_no_peak():
    light = small({"norr": "n", "syd": "s"}, beds={("icu", "norr"): 9, ("icu", "syd"): 9}, initial={("icu", "norr"): 8})
    plan = planned(light, goals=["unmet_care", "load_levels", "patient_hours_in_transit"])
    assert [plan.moved(), plan.goal("load_levels:3")] == [0, 0]


def test_a_place_abroad_has_no_load_that_is_levelled():
    full = uneven().having(external_regions=frozenset("c"))
    case = full.but(initial_micro=np.array([[2, 2, 6]]) * MICRO)
    assert planned(case, goals=["unmet_care", "load_levels"]).goal("load_levels:1") == 0
    assert planned(case, goals=["unmet_care", "worst_region"]).goal("worst_region") == 0


def both_postpone(roads):
    """Every bed is held by planned care, and four patients come to one of two regions."""
    beds = {("icu", "norr"): 4, ("icu", "syd"): 4}
    return small({"norr": "n", "syd": "s"}, beds=beds, planned=beds, initial={("icu", "norr"): 4}, roads=roads)


@shows("goals.postponed_evenly")
def test_planned_care_is_postponed_in_both_regions_alike():
    case = both_postpone({("norr", "syd"): 60})
    alone = planned(case, {"beds": {}, **STEPS}, ["unmet_care", "patient_hours_in_transit"])
    evenly = planned(
        case, {"beds": {}, **STEPS}, ["unmet_care", "postponed_evenly", "patient_hours_in_transit"]
    )  # fmt: skip
    assert [alone.moved(), alone.goal()] == [0, 0]
    assert [evenly.moved(), evenly.goal(), evenly.goal("postponed_evenly")] == [2, 0, 50]


def test_only_planned_care_that_could_be_postponed_counts():
    # One bed of four in the second day; the first lies before the notice. Of the region's 96 bed-hours, 24.
    case = small(
        {"norr": "n"}, hours=(24, 24), beds={("icu", "norr"): 4}, planned={("icu", "norr"): 4},
        initial={("icu", "norr"): 1},
    )  # fmt: skip
    plan = planned(case, {"beds": {}, "elective": {"delay_h": 24, "steps": 4}}, ["unmet_care", "postponed_evenly"])
    assert [plan.goal(), plan.goal("postponed_evenly")] == [24 * 10, 25]
    half = {"beds": {}, "elective": {"delay_h": 24, "steps": 2, "largest_share": 0.5}}
    assert planned(case, half, ["unmet_care", "postponed_evenly"]).goal("postponed_evenly") == 50
    assert planned(case, goals=["unmet_care", "postponed_evenly"]).goal("postponed_evenly") == 0


def crowded():
    """Care for all means four in two staffed beds and two surge beds; evenness would leave some in the north."""
    return small(
        {"norr": "n", "syd": "s"}, beds={("icu", "norr"): 2, ("icu", "syd"): 2}, surge={("icu", "syd"): 8},
        initial={("icu", "norr"): 6},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("goal", "case", "even", "less_even"),
    [
        ("load_levels", crowded(), 100, 50),
        ("worst_region", crowded(), 100, 50),
        ("postponed_evenly", both_postpone({}), 100, 75),
    ],
)
def test_evenness_takes_no_care_from_anybody_beyond_the_slack_that_is_allowed(goal, case, even, less_even):
    families = {"beds": {}, **STEPS}
    label = "load_levels:1" if goal == "load_levels" else goal
    assert planned(case, families, ["unmet_care"]).goal() == 0
    held = planned(case, families, ["unmet_care", goal])
    assert [held.goal(), held.goal(label)] == [0, even]
    given = planned(case, families, [{"name": "unmet_care", "slack": 240}, goal])
    assert given.goal(label) == less_even
    assert given.made.plan.tables["unmet"]["patient_hours"].sum() * 10 <= 240 + 1e-6


def test_their_rows_are_those_that_were_looked_through():
    levels = built(uneven(), ("beds",), ["unmet_care", {"name": "load_levels", "levels": 2}])
    axes = {"load_levels.peak_of": "rt", "load_levels.level_of": "nr", "load_levels.peak": "r", "load_levels.tau": "n"}
    golden(
        "load_levels", levels, axes | {"load_levels.above": "nr"}, also=("goals.load_levels:1", "goals.load_levels:2")
    )  # fmt: skip
    families = {"beds": {}, "elective": {"delay_h": 0, "steps": 4, "largest_share": 0.5}}
    postponed = built(both_postpone({}), families, ["unmet_care", "postponed_evenly"])
    golden("postponed_evenly", postponed, {"postponed_evenly.share_of": "r"})
