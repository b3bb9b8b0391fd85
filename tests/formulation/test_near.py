"""Nearness: as few trips as care needs, and help from within before help from outside."""

from __future__ import annotations

import pytest

from nspl_opt.formulation.goals_more.near import ABROAD, AREA, NATION, NEIGHBOUR, OWN, ring_of
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.problems import InvalidInput
from nspl_opt.reference.package import load_reference
from nspl_opt.scenario.subjects.neighbours import neighbours_of

from ..register import shows
from .golden import built, golden
from .small import ICU, WARD, model, planned, small

TWO = {"norr": "n", "syd": "s"}
RIDE = {"beds": {}, "transports": {"trips_whole_until_h": "all", "patients_whole_until_h": "all", "duty_share": 1.0}}


def riders(fleet):
    return small(
        TWO, categories=(WARD,), beds={("ward", "norr"): 1, ("ward", "syd"): 9}, initial={("ward", "norr"): 5},
        fleet=fleet,
    )  # fmt: skip


def ridden(fleet, *before):
    return planned(riders(fleet), RIDE, ["unmet_care", *before, "patient_hours_in_transit"])


@shows("goals.trips")
def test_a_bus_for_three_makes_two_trips_where_ambulances_make_four():
    assert ridden({"amb-n": 9, "bus-n": 2}, "trips").goal("trips") == 2
    assert ridden({"amb-n": 9}, "trips").goal("trips") == 4
    ridden({"amb-n": 9, "bus-n": 2})


def test_trips_of_all_pools_count_also_where_the_first_has_no_column_of_its_own():
    # Ambulances from two regions: four patients are four trips, whoever drives them.
    plan = ridden({"amb-n": 1, "amb-s": 1}, "trips")
    assert plan.goal("trips") == plan.total("trips", "trips") == 4


def test_without_vehicles_no_trip_is_counted():
    assert planned(riders({"amb-n": 9}), goals=["unmet_care", "trips"]).goal("trips") == 0


def rings():
    """Five in two beds in the north; ten beds near in another area, ten far away in its own."""
    return small(
        {**TWO, "mitt": "m"}, beds={("icu", "norr"): 2, ("icu", "mitt"): 10, ("icu", "syd"): 10},
        initial={("icu", "norr"): 5}, roads={("mitt", "norr"): 300, ("norr", "syd"): 60},
        areas={"north": ("n", "m"), "south": ("s",)},
    )  # fmt: skip


def inside(case=None, **options):
    goals = ["unmet_care", {"name": "inside_first", **options}, "patient_hours_in_transit"]
    return planned(case or rings(), goals=goals)


@shows("goals.inside_first", "goals.inside_first.weights")
def test_help_from_the_own_area_comes_before_help_that_is_nearer():
    assert planned(rings()).moved(to_site="syd") == 3
    plan = inside()
    assert [plan.moved(to_site="mitt"), plan.goal("inside_first")] == [3, 3]
    alike = inside(weights=[0, 1, 1, 1, 1])
    assert [alike.moved(to_site="syd"), alike.goal("inside_first")] == [3, 3]


@shows("goals.inside_first.grouping")
def test_where_regions_are_their_own_areas_the_nearer_is_chosen():
    assert inside().moved(to_site="mitt") == 3
    plan = inside(grouping="region")
    assert [plan.moved(to_site="syd"), plan.goal("inside_first")] == [3, 3 * 9]


def test_neighbours_come_before_the_rest_of_the_nation_and_abroad_comes_last():
    near = rings().having(neighbours={"region": frozenset({("n", "m"), ("m", "n")})})
    plan = inside(near, grouping="region")
    assert [plan.moved(to_site="mitt"), plan.goal("inside_first")] == [3, 3 * 3]
    abroad = rings().having(external_regions=frozenset("m"))
    plan = inside(abroad)
    assert [plan.moved(to_site="syd"), plan.goal("inside_first")] == [3, 3 * 9]


def test_a_region_in_two_areas_counts_by_the_nearest_ring():
    case = small({**TWO, "mitt": "m"}, categories=(ICU,), areas={"north": ("n", "m"), "south": ("s", "m")}).situation
    assert [ring_of(case, "civil_area", "m", other) for other in "mns"] == [OWN, AREA, AREA]
    assert ring_of(case, "civil_area", "n", "s") == NATION


def test_in_sweden_the_north_touches_the_middle_and_not_the_south():
    found = neighbours_of(load_reference(None))
    assert ("norra", "mellersta") in found["civil_area"] and ("mellersta", "norra") in found["civil_area"]
    assert ("norra", "sodra") not in found["civil_area"]
    assert ("22", "23") in found["region"] and ("25", "12") not in found["region"]  # Västernorrland and Jämtland
    assert all(one != other for pairs in found.values() for one, other in pairs)


def test_neighbouring_areas_are_a_ring_of_their_own():
    case = rings().having(neighbours={"civil_area": frozenset({("north", "south"), ("south", "north")})}).situation
    assert [ring_of(case, "civil_area", "n", other) for other in "nms"] == [OWN, AREA, NEIGHBOUR]
    assert ring_of(rings().having(external_regions=frozenset("s")).situation, "civil_area", "n", "s") == ABROAD


@pytest.mark.parametrize("weights", [[0, 3, 1, 9, 27], [0, 1, 3, 9], [-1, 1, 3, 9, 27], [0, 0.0001, 3, 9, 27], "3"])
def test_weights_that_fall_or_are_too_few_are_refused(weights):
    with pytest.raises(InvalidInput) as refused:
        model_from_dict(model(("beds",), [{"name": "inside_first", "weights": weights}]))
    assert [problem.code for problem in refused.value.problems] == ["M104"]


def test_their_rows_are_those_that_were_looked_through():
    golden("inside_first", built(rings(), ("beds",), ["unmet_care", "inside_first"]))
    golden("trips", built(riders({"amb-n": 1, "amb-s": 1, "bus-n": 1}), RIDE, ["unmet_care", "trips"]))
