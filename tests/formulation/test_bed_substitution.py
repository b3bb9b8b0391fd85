"""Beds that serve one another: an intensive care bed may hold a ward patient, where the scenario says so."""

from __future__ import annotations

from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import BedSubstitute

from ..register import shows
from .golden import built, golden
from .small import ICU, WARD, planned, small

ONE = {"norr": "n"}
BEDS = {("ward", "norr"): 2, ("icu", "norr"): 4}
SICK = {("icu", "norr"): 1, ("ward", "norr"): 5}
BOTH = {"beds": {}, "bed_substitution": {}}


def lending(per_patient=1.0, sites=(), beds=BEDS, initial=SICK, **more):
    case = small(more.pop("places", ONE), categories=(ICU, WARD), beds=beds, initial=initial, **more)
    return case.having(bed_substitutes=[BedSubstitute("icu", "ward", round(per_patient * MICRO), tuple(sites))])


@shows("families.bed_substitution")
def test_ward_patients_lie_in_free_beds_of_intensive_care():
    plan = planned(lending(), BOTH)
    assert plan.goal() == 0
    assert plan.total("bed_use", "patients") == 3
    row = plan.rows("load", bed_type="icu").iloc[0]
    assert [row["cared"], row["lent"], row["borrowed"], row["free_share"]] == [1, 3, 0, 0]
    row = plan.rows("load", bed_type="ward").iloc[0]
    assert [row["cared"], row["lent"], row["borrowed"], row["free_share"]] == [5, 0, 3, 0]
    assert planned(lending(), ("beds",)).goal() == 3 * 24


def test_a_patient_may_take_more_than_one_bed():
    # Three beds are left in intensive care: one and a half patients.
    assert planned(lending(2.0), BOTH).goal() == (5 - 2 - 1.5) * 24


@shows("families.bed_substitution.largest_share", "families.bed_substitution.types")
def test_only_a_share_of_the_beds_and_only_some_types_may_serve_others():
    assert planned(lending(), BOTH | {"bed_substitution": {"largest_share": 0.25}}).goal() == 2 * 24
    assert planned(lending(), BOTH | {"bed_substitution": {"types": ["ward"]}}).goal() == 3 * 24
    assert planned(lending(), BOTH).goal() == 0


def test_beds_serve_others_only_where_the_scenario_says_so_and_never_the_other_way_round():
    assert planned(lending(sites=("syd",)), BOTH).goal() == 3 * 24
    turned = lending(initial={("icu", "norr"): 6}, beds={("ward", "norr"): 9, ("icu", "norr"): 4})
    assert planned(turned, BOTH).goal() == 2 * 24 * 10
    assert planned(small(ONE, beds={("icu", "norr"): 4}), BOTH).made.plan.notes == ("bed_substitution.nothing_listed",)


def test_patients_are_sent_to_a_place_that_has_only_beds_of_the_other_type():
    places = {"norr": "n", "syd": "s"}
    case = lending(places=places, beds={("icu", "syd"): 4}, initial={("ward", "norr"): 3})
    plan = planned(case, BOTH)
    assert [plan.moved(), plan.goal()] == [3, 0]


def test_staff_follow_the_patient_and_surge_beds_are_opened_for_others():
    case = lending(beds={("icu", "norr"): 0}, surge={("icu", "norr"): 4}, initial={("ward", "norr"): 4}, staff=2)
    plan = planned(case, {**BOTH, "staff": {"contingency": False}})
    # One nurse on duty cares for two ward patients.
    assert plan.goal() == 2 * 24
    assert plan.rows("surge")[["bed_type", "needed", "open"]].to_numpy().tolist() == [["icu", 2, 2]]


def test_lent_beds_are_used_beds_for_the_reserve():
    case = lending(
        places={"norr": "n", "syd": "s"}, beds={("icu", "syd"): 10}, initial={("ward", "norr"): 9},
    )  # fmt: skip
    families = BOTH | {"reserve": {"grouping": "region", "bed_types": ["icu"], "free_share": 0.4}}
    assert planned(case, families).goal() == 3 * 24


def test_its_rows_are_those_that_were_looked_through():
    case = lending(1.5, planned={("icu", "norr"): 2})
    families = {**BOTH, "bed_substitution": {"largest_share": 0.5}, "elective": {"delay_h": 0}}
    families["reserve"] = {"grouping": "region", "bed_types": ["icu"]}
    axes = {"bed_substitution.share": "bit", "bed_substitution.needed": "bit", "bed_substitution.other": "nit"}
    golden("bed_substitution", built(case, families), axes, also=("beds.capacity", "reserve.floor"))
