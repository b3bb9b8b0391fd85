"""Journeys and trips in the tiny country of conftest.py, worked out by hand."""

import math
from dataclasses import replace
from itertools import pairwise, product

from nspl_opt.network.graph import build_graph, travel_times
from nspl_opt.network.modes import FLIGHT_EXTRA_MIN, great_circle_km, node_key
from nspl_opt.scenario.situation import Closure, PlanningSite, Timetable

ALL = ("aeroplane", "ambulance", "bus", "ferry", "helicopter", "train")


def flight(lat_a, lat_b, speed_kmh):
    """Minutes of a hop along the meridian 15 E."""
    return great_circle_km(lat_a, 15.0, lat_b, 15.0) / speed_kmh * 60 + FLIGHT_EXTRA_MIN


def pairs(travel, vehicle_type, state=0):
    return {(journey.origin, journey.destination) for journey in travel.journeys(state, vehicle_type)}


def test_an_ambulance_journey_is_access_road_access_with_loading_and_unloading(travel_in):
    journey = travel_in().journey(0, "ambulance", "a1", "c1")
    assert journey.minutes == 10 + 3 + 40 + 60 + 2 + 10
    assert (journey.from_terminal, journey.to_terminal) == ("a1", "c1")
    assert (journey.feeder_from_min, journey.feeder_to_min, journey.line) == (0, 0, "")


def test_a_slow_bus_takes_its_own_time_on_fast_roads(travel_in):
    assert travel_in().journey(0, "bus", "a1", "c1").minutes == 30 + 3 + 60 + 90 + 2 + 30


def test_no_ambulance_drives_to_an_island(travel_in):
    assert travel_in().journey(0, "ambulance", "a1", "holmen") is None


def test_a_patient_flies_from_the_nearest_airfield_for_aeroplanes(travel_in):
    journey = travel_in().journey(0, "aeroplane", "b1", "c1")
    assert (journey.from_terminal, journey.to_terminal) == ("FA", "FC")
    assert (journey.feeder_from_min, journey.feeder_to_min) == (5 + 40 + 10, 2 + 12)
    assert journey.minutes == math.ceil(55 + 30 + flight(60.0, 61.2, 600) + 30 + 14)


def test_two_hospitals_of_one_airfield_have_no_flight_between_them(travel_in):
    assert travel_in().journey(0, "aeroplane", "a1", "b1") is None


def test_a_helicopter_lands_at_the_helipad_and_elsewhere_at_any_airfield(travel_in):
    journey = travel_in().journey(0, "helicopter", "a1", "b1")
    assert (journey.from_terminal, journey.to_terminal) == ("a1", "FB")
    assert (journey.feeder_from_min, journey.feeder_to_min) == (0, 12)
    assert journey.minutes == math.ceil(15 + flight(60.0, 60.5, 240) + 15 + 12)


def test_a_flight_beyond_the_range_is_neither_a_journey_nor_a_trip(tiny, travel_in):
    def with_range(km):
        kinds = (replace(kind, range_km=km) if kind.mode == "helicopter" else kind for kind in tiny.vehicle_types)
        return travel_in(vehicle_types=tuple(kinds))

    km = great_circle_km(61.2, 15.0, 59.5, 17.0)
    near, far = with_range(math.ceil(km)), with_range(math.floor(km))
    assert near.journey(0, "helicopter", "c1", "holmen") and near.trip_min(0, "heli", "FC", "holmen")
    assert far.journey(0, "helicopter", "c1", "holmen") is None
    assert far.trip_min(0, "heli", "FC", "holmen") is None


def test_a_train_runs_from_the_nearest_station(travel_in):
    journey = travel_in().journey(0, "train", "b1", "c1")
    assert (journey.from_terminal, journey.to_terminal) == ("alvik", "ceder")
    assert journey.minutes == (5 + 40) + 90 + 100 + 90 + 2


def test_a_ferry_journey_counts_half_the_loading_time_for_driving_off(travel_in):
    journey = travel_in().journey(0, "ferry", "c1", "holmen")
    assert journey.minutes == (2 + 60 + 40) + 60 + 100 + 30 + 4
    assert (journey.from_terminal, journey.to_terminal, journey.line) == ("alvik", "holmen", "sea")
    assert (journey.feeder_from_min, journey.feeder_to_min) == (102, 4)


def test_nobody_sails_round_to_the_side_he_stands_on(travel_in):
    mainland = ("a1", "b1", "c1")
    wanted = {pair for site in mainland for pair in ((site, "holmen"), ("holmen", site))}
    assert pairs(travel_in(), "ferry") == wanted


def test_the_ferry_turns_its_ports_round_on_the_way_back(travel_in):
    journey = travel_in().journey(0, "ferry", "holmen", "a1")
    assert (journey.from_terminal, journey.to_terminal) == ("holmen", "alvik")


def test_a_line_without_departures_carries_nobody_and_the_quickest_running_line_counts(travel_in):
    running = {"sea": Timetable(60, ((300,),)), "summer": Timetable(60, ((300,),))}
    assert travel_in(timetables=running).journey(0, "ferry", "a1", "holmen").line == "summer"
    resting = {"sea": Timetable(60, ((),)), "summer": Timetable(60, ((),))}
    assert not pairs(travel_in(timetables=resting), "ferry")


def test_a_regions_ambulance_goes_out_and_back_once_from_its_own_end(travel_in):
    travel = travel_in()
    out_and_back = 2 * (3 + 40 + 60 + 2) + 2 * 10 + 30
    assert travel.trip_min(0, "amb_R1", "a1", "c1") == out_and_back
    assert travel.trip_min(0, "amb_R1", "c1", "a1") == out_and_back


def test_a_regions_ambulance_serves_no_journey_between_others(travel_in):
    assert travel_in().trip_min(0, "amb_R2", "a1", "c1") is None


def test_a_national_bus_drives_from_its_base_and_back_to_it(travel_in):
    positioning, haul, home = 60 + 3, 3 + 60 + 90 + 2, 2 + 90
    assert travel_in().trip_min(0, "buses", "a1", "c1") == positioning + 30 + haul + 30 + home + 30


def test_an_aeroplane_that_stands_at_the_terminal_needs_no_flight_to_it(travel_in):
    haul = flight(60.0, 61.2, 600)
    assert travel_in().trip_min(0, "air", "FA", "FC") == math.ceil(2 * haul + 60 + 60)


def test_a_train_comes_from_its_base_by_rail(travel_in):
    assert travel_in().trip_min(0, "rails", "alvik", "ceder") == 100 + 90 + 100 + 90 + 0 + 30


def test_an_island_cut_off_from_sea_and_air_has_no_journey_and_no_error(travel_in):
    travel = travel_in(Closure(modes=("ferry", "fixed_wing", "helicopter")))
    for vehicle_type in ALL:
        assert not any("holmen" in pair for pair in pairs(travel, vehicle_type))
    assert pairs(travel, "ambulance")


def test_closing_the_bridge_sends_the_ambulance_round_by_the_old_road(travel_in):
    travel = travel_in(Closure(), Closure(links=("bridge",)))
    assert travel.journey(1, "ambulance", "a1", "c1").minutes == 10 + 3 + 200 / 90 * 60 // 1 + 1 + 2 + 10
    assert travel.journey(0, "ambulance", "a1", "c1").minutes == 125


def test_no_road_or_ferry_journey_gets_quicker_when_something_closes(tiny, travel_in):
    codes = [link.code for link in tiny.links] + ["sea"]
    closures = [Closure(links=(code,)) for code in codes]
    closures += [Closure(modes=(mode,)) for mode in ("road", "rail", "ferry", "fixed_wing", "helicopter")]
    closures += [Closure(places=(place,)) for place in ("FB", "FH", "a1", "holmen", "R2", "berga")]
    travel = travel_in(Closure(), *closures)
    for state, vehicle_type in product(range(1, len(closures) + 1), ("ambulance", "bus", "ferry")):
        assert pairs(travel, vehicle_type, state) <= pairs(travel, vehicle_type)
        for journey in travel.journeys(state, vehicle_type):
            before = travel.journey(0, vehicle_type, journey.origin, journey.destination)
            assert before.minutes <= journey.minutes


def test_a_closed_mode_takes_its_journeys_and_trips_away(travel_in):
    travel = travel_in(Closure(modes=("helicopter",)))
    assert not pairs(travel, "helicopter")
    assert travel.trip_min(0, "heli", "a1", "FB") is None
    assert pairs(travel, "aeroplane")


def test_without_roads_only_helipads_can_be_reached(travel_in):
    travel = travel_in(Closure(modes=("road",)))
    assert pairs(travel, "helicopter") == {("a1", "holmen"), ("holmen", "a1")}
    assert not any(pairs(travel, other) for other in ALL if other != "helicopter")


def test_a_closed_hospital_neither_sends_nor_receives_but_its_town_stays_open(travel_in):
    travel = travel_in(Closure(places=("b1",)))
    for vehicle_type in ALL:
        assert not any("b1" in pair for pair in pairs(travel, vehicle_type))
    assert travel.journey(0, "ambulance", "a1", "c1").minutes == 125
    assert travel.trip_min(0, "amb_R2", "b1", "a1") is None


def test_a_closed_town_lets_nobody_through(travel_in):
    travel = travel_in(Closure(places=("berga",)))
    assert travel.journey(0, "ambulance", "a1", "c1").minutes > 125
    assert travel.journey(0, "ambulance", "a1", "b1") is None


def test_a_closed_airfield_is_replaced_by_the_next_and_grounds_who_stands_there(travel_in):
    travel = travel_in(Closure(places=("FA",)))
    assert travel.journey(0, "aeroplane", "a1", "holmen").from_terminal == "FC"
    assert travel.trip_min(0, "air", "FC", "FH") is None


def test_a_whole_closed_region_closes_its_towns_too(travel_in):
    travel = travel_in(Closure(places=("FB", "R2", "b1", "berga")))
    assert travel.journey(0, "ambulance", "a1", "c1").minutes == 10 + 3 + 134 + 2 + 10
    island = travel_in(Closure(places=("FH", "R4", "holmen")))
    assert not pairs(island, "ferry") and not any("holmen" in pair for pair in pairs(island, "helicopter"))


def test_journeys_come_sorted_and_there_and_back_take_the_same_time(travel_in):
    travel = travel_in()
    for vehicle_type in ALL:
        listed = list(travel.journeys(0, vehicle_type))
        assert listed == sorted(listed, key=lambda journey: (journey.origin, journey.destination))
        assert not any(journey.origin == journey.destination for journey in listed)
        for journey in listed:
            back = travel.journey(0, vehicle_type, journey.destination, journey.origin)
            assert back.minutes == journey.minutes
            assert (back.from_terminal, back.to_terminal) == (journey.to_terminal, journey.from_terminal)


def test_a_path_tells_every_leg_from_door_to_door(travel_in):
    travel = travel_in()
    drive = travel.path(0, travel.journey(0, "ambulance", "a1", "c1"))
    assert [(leg.mode, leg.from_place, leg.to_place, leg.minutes) for leg in drive] == [("road", "a1", "c1", 105)]
    assert drive[0].km == 150.0
    assert drive[0].points == ((60.0, 15.0), (60.0, 15.0), (60.5, 15.0), (61.2, 15.0), (61.2, 15.0))
    crossing = travel.path(0, travel.journey(0, "ferry", "c1", "holmen"))
    assert [(leg.mode, leg.from_place, leg.to_place, leg.minutes) for leg in crossing] == [
        ("road", "c1", "alvik", 102),
        ("ferry", "alvik", "holmen", 100),
        ("road", "holmen", "holmen", 4),
    ]
    lift = travel.path(0, travel.journey(0, "helicopter", "a1", "b1"))
    assert [(leg.mode, leg.to_place) for leg in lift] == [("helicopter", "FB"), ("road", "b1")]


def test_every_path_hangs_together(travel_in):
    travel = travel_in()
    for vehicle_type in ALL:
        for journey in travel.journeys(0, vehicle_type):
            legs = travel.path(0, journey)
            assert (legs[0].from_place, legs[-1].to_place) == (journey.origin, journey.destination)
            for one, next_one in pairwise(legs):
                assert one.to_place == next_one.from_place and one.points[-1] == next_one.points[0]


def test_people_travel_between_regions_by_road_and_to_an_island_by_ferry(travel_in):
    travel = travel_in()
    assert travel.region_minutes("R1", "R3") == 3 + 40 + 60 + 2
    assert travel.region_minutes("R1", "R4") == travel.journey(0, "ferry", "a1", "holmen").minutes
    assert travel.nearest_regions(2) == {
        "R1": ("R2", "R3"),
        "R2": ("R1", "R3"),
        "R3": ("R2", "R1"),
        "R4": ("R1", "R2"),
    }


def test_people_fly_where_neither_road_nor_ferry_leads_and_stay_where_nothing_does(travel_in):
    by_air = travel_in(Closure(modes=("ferry",)))
    flights = (by_air.journey(0, kind, "a1", "holmen") for kind in ("aeroplane", "helicopter"))
    assert by_air.region_minutes("R1", "R4") == min(journey.minutes for journey in flights)
    nothing = travel_in(Closure(modes=("ferry", "fixed_wing", "helicopter")))
    assert nothing.region_minutes("R1", "R4") is None
    assert nothing.nearest_regions()["R4"] == ()


def test_people_still_reach_a_region_whose_hospital_takes_no_transfers(travel_in):
    assert travel_in(Closure(places=("c1",))).region_minutes("R1", "R3") == 105


def test_a_region_taken_as_one_stands_where_its_largest_hospital_stands(travel_in):
    whole = PlanningSite("R1", "R1", "R1", "county", (), ("a1",), "a1")
    other = PlanningSite("R3", "R3", "R3", "county", (), ("c1",), "c1")
    travel = travel_in(sites=(whole, other))
    journey = travel.journey(0, "ambulance", "R1", "R3")
    assert (journey.minutes, journey.from_terminal, journey.to_terminal) == (125, "R1", "R3")
    assert travel.journey(0, "helicopter", "R1", "R3").from_terminal == "a1"
    assert travel.trip_min(0, "amb_R1", "R1", "R3") == 2 * 105 + 20 + 30


def test_a_road_that_does_not_exist_yet_can_be_drawn_into_the_graph(tiny, situation_of):
    graph = build_graph(tiny)
    new = {"code": "new", "name": "New road", "mode": "road", "minutes": 30.0, "km": 40.0}
    graph.add_edge(node_key("alvik"), node_key("ceder"), key="new", **new)
    travel = travel_times(tiny, situation_of(tiny), graph)
    assert travel.journey(0, "ambulance", "a1", "c1").minutes == 10 + 3 + 30 + 2 + 10
