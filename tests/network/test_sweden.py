"""The shipped network against the world: driving times that others have published, and known geography.

Published times are for a car from town to town. The network measures from node to node, so
``TOWN_MIN`` is added for the streets at both ends, as when the links were estimated. Airports have
their own access legs; nothing is added there. These figures were gathered after the links were estimated
and did not shape them; the link speeds had been tuned on eleven routes from a list without sources.
"""

import math
import random
from itertools import pairwise

import networkx as nx
import pytest

from nspl_opt.network.graph import build_graph, travel_times
from nspl_opt.network.open_network import OpenNetwork
from nspl_opt.scenario.situation import Closure

TOWN_MIN = 6
TOLERANCE = 0.08

AGREE = [
    # places passed, minutes, where published
    ("stockholm", "orebro", 135, "plankorsningar.se/blogg/orebro-stockholm-avstand: 2 h 15 min"),
    ("stockholm", "malmo", 390, "racq.com.au, Southern Sweden road trip: 6.5 h"),
    ("stockholm", "karlstad", 180, "ceciliasdiary.com, Sweden: three hours to Värmland (Karlstad)"),
    ("stockholm", "karlskrona", 330, "gonaturetrip.com, 5 day road trip: 5.5 h by the coast and Kalmar"),
    ("karlskrona", "malmo", "goteborg", 300, "gonaturetrip.com, 5 day road trip: 5 h"),
    ("linkoping", "goteborg", 180, "estadisticolinkoping.blogspot.com, 2011-09: 3 h each way"),
    ("goteborg", "halmstad", 90, "goteborgdaily.se, Tips for a weekend getaway: 90 min"),
    ("stromstad", "goteborg", 120, "goteborgdaily.se, Tips for a weekend getaway: about two hours"),
    ("ornskoldsvik", "skelleftea", 180, "biveros.com, Skellefteå 2020: about three hours"),
    ("airfield:ESNQ", "airfield:ESPA", 268, "airmilescalculator.com/distance/krn-to-lla: 4 h 28 min"),
    ("airfield:ESNQ", "airfield:ESNN", 647, "airmilescalculator.com/distance/krn-to-sdl: 10 h 47 min"),
]
"""Published times that the network meets within 8 per cent."""

DISAGREE = [
    # places passed, minutes, how far the network is from it, where published
    ("goteborg", "malmo", 180, -0.08, "ask.metafilter.com/293266: around 3 h"),
    ("goteborg", "stockholm", 270, 0.10, "gonaturetrip.com, 5 day road trip: 4.5 h"),
    ("umea", "sundsvall", 210, -0.12, "thetravellingcam.blog, 2023-05-20: 3.5 h"),
    ("lulea", "arvidsjaur", 120, 0.14, "nomadsinorden4.blogspot.com, 2019-03: two hours in theory"),
    ("ostersund", "storuman", 240, -0.14, "hmgoetzke.de, 2024-02: almost 4 h in winter"),
    ("stockholm", "kalmar", 360, -0.21, "what-when-how.com, Scandinavia 905: 6 h"),
    ("malmo", "vimmerby", 210, 0.27, "recipephotofood.wordpress.com, 2016-07: about 3.5 h"),
    ("goteborg", "varberg", 40, 0.29, "goteborgdaily.se, Tips for a weekend getaway: 40 min"),
    ("vilhelmina", "storuman", 60, -0.13, "hmgoetzke.de, 2024-02: an hour in winter"),
    ("lulea", "jokkmokk", 90, 0.36, "micazed.ch, 2019-02: one and a half hours from Gammelstad"),
    ("airfield:ESPA", "airfield:ESSF", 918, -0.13, "airmilescalculator.com/distance/lla-to-hlf: 15 h 18 min"),
    ("airfield:ESNQ", "airfield:ESGT", 1181, -0.13, "airmilescalculator.com/distance/krn-to-thn: 19 h 41 min"),
    ("airfield:ESMT", "airfield:ESSA", 401, -0.11, "airmilescalculator.com/distance/had-to-arn: 6 h 41 min"),
    ("airfield:ESNZ", "airfield:ESSA", 416, -0.14, "airmilescalculator.com/distance/osd-to-arn: 6 h 56 min"),
    ("airfield:ESNZ", "airfield:ESSP", 569, -0.14, "airmilescalculator.com/distance/osd-to-nrk: 9 h 29 min"),
    ("airfield:ESNZ", "airfield:ESGT", 649, -0.19, "airmilescalculator.com/distance/osd-to-thn: 10 h 49 min"),
]
"""Published times that it does not meet. Kept, so that nobody takes the agreement for more than it is."""

LENGTHS = [
    # airports, km by road, where published
    ("ESMT", "ESSA", 544, "airmilescalculator.com/distance/had-to-arn"),
    ("ESNQ", "ESNN", 835, "airmilescalculator.com/distance/krn-to-sdl"),
    ("ESNZ", "ESGT", 718, "airmilescalculator.com/distance/osd-to-thn"),
    ("ESNZ", "ESSA", 539, "airmilescalculator.com/distance/osd-to-arn"),
    ("ESNZ", "ESSP", 734, "airmilescalculator.com/distance/osd-to-nrk"),
    ("ESPA", "ESSF", 1208, "airmilescalculator.com/distance/lla-to-hlf"),
]


@pytest.fixture(scope="module")
def cars(sweden):
    return OpenNetwork(build_graph(sweden), Closure()).roads(None)


@pytest.fixture(scope="module")
def travel(sweden, situation_of):
    """Sweden as it is, then with the Höga Kusten bridge closed, with both bridges closed, with Gotland cut off."""
    bridges = [
        link.code for link in sweden.links if {link.a, link.b} in ({"veda", "hornoberget"}, {"lunde", "klockestrand"})
    ]
    assert len(bridges) == 2
    high = [link.code for link in sweden.links if {link.a, link.b} == {"veda", "hornoberget"}]
    closures = (
        Closure(),
        Closure(links=tuple(high)),
        Closure(links=tuple(bridges)),
        Closure(modes=("ferry", "fixed_wing", "helicopter")),
        Closure(modes=("fixed_wing", "helicopter")),
    )
    return travel_times(sweden, situation_of(sweden, *closures))


def key(place):
    return place if ":" in place else f"node:{place}"


def driven(cars, *places):
    legs = sum(cars.between(key(a), key(b)) for a, b in pairwise(places))
    return legs + (0 if ":" in places[0] else TOWN_MIN)


@pytest.mark.parametrize("route", AGREE, ids=lambda route: "-".join(route[:-2]))
def test_a_drive_takes_as_long_as_published_within_eight_per_cent(cars, route):
    *places, minutes, _ = route
    assert driven(cars, *places) == pytest.approx(minutes, rel=TOLERANCE)


@pytest.mark.parametrize("route", DISAGREE, ids=lambda route: "-".join(route[:-3]))
def test_the_drives_that_disagree_are_as_far_off_as_documented(cars, route):
    *places, minutes, off, _ = route
    assert driven(cars, *places) / minutes - 1 == pytest.approx(off, abs=0.01)


@pytest.mark.parametrize("route", LENGTHS, ids=lambda route: "-".join(route[:2]))
def test_roads_are_as_long_as_published_within_eight_per_cent(cars, route):
    a, b, km, _ = route
    assert cars.length_km(cars.way(f"airfield:{a}", f"airfield:{b}")) == pytest.approx(km, rel=TOLERANCE)


def test_the_fast_search_agrees_with_networkx_on_the_shipped_roads(sweden, cars):
    graph = nx.Graph()
    for a, b, edge in build_graph(sweden).edges(data=True):
        if edge["mode"] in ("road", "access"):
            known = graph.get_edge_data(a, b, {"minutes": math.inf})["minutes"]
            graph.add_edge(a, b, minutes=min(known, edge["minutes"]))
    drawn = random.Random(7)
    hospitals = [f"site:{site.code}" for site in sweden.sites if site.region != "09"]
    for origin in drawn.sample(hospitals, 12):
        lengths = nx.single_source_dijkstra_path_length(graph, origin, weight="minutes")
        for destination in hospitals:
            assert cars.between(origin, destination) == pytest.approx(lengths[destination])


def test_ambulances_join_every_hospital_of_the_mainland_and_none_drives_to_gotland(sweden, travel):
    mainland = [site.code for site in sweden.sites if site.region != "09"]
    journeys = list(travel.journeys(0, "road_ambulance"))
    assert len(journeys) == len(mainland) * (len(mainland) - 1)
    assert not any("visby" in (journey.origin, journey.destination) for journey in journeys)


def test_no_detour_by_a_third_hospital_is_quicker(sweden, cars):
    keys = [f"site:{site.code}" for site in sweden.sites if site.region != "09"]
    table = cars.table(keys, keys)
    for via in range(len(keys)):
        assert (table <= table[:, [via]] + table[[via], :] + 1e-9).all()


def test_without_the_high_bridge_traffic_goes_by_the_old_one_and_without_both_far_round(travel):
    whole, old, none = (
        travel.journey(state, "road_ambulance", "sundsvall", "ornskoldsvik").minutes for state in (0, 1, 2)
    )
    assert whole < old < none
    passed = travel.path(1, travel.journey(1, "road_ambulance", "sundsvall", "ornskoldsvik"))[0].points
    assert len(passed) > 4


def test_gotland_without_ferry_and_air_is_cut_off_and_without_air_only_ships_go(travel, sweden):
    for kind in sweden.vehicle_types:
        there = [j for j in travel.journeys(3, kind.code) if "visby" in (j.origin, j.destination)]
        assert not there
    ships = [j for j in travel.journeys(4, "ropax_ferry") if j.origin == "visby"]
    assert {journey.line for journey in ships} == {"fe_visby__nynashamn", "fe_visby__oskarshamn"}
    assert len(ships) == len(sweden.sites) - 1


def test_the_quicker_line_carries_the_patient(travel):
    assert travel.journey(0, "ropax_ferry", "visby", "karolinska_solna").line == "fe_visby__nynashamn"
    assert travel.journey(0, "ropax_ferry", "visby", "kalmar").line == "fe_visby__oskarshamn"
    assert travel.journey(0, "ropax_ferry", "kalmar", "karolinska_solna") is None


def test_helicopters_land_at_hospitals_with_a_helipad_and_at_airfields_for_the_rest(sweden, travel):
    pads = {site.code for site in sweden.sites if site.has_helipad}
    fields = {field.code for field in sweden.airfields}
    for journey in travel.journeys(0, "ambulance_helicopter"):
        at_door = journey.from_terminal == journey.origin
        assert at_door == (journey.origin in pads) == (journey.feeder_from_min == 0)
        assert at_door or journey.from_terminal in fields


def test_every_region_reaches_every_other_and_neighbours_come_first(sweden, travel):
    nearest = travel.nearest_regions()
    assert all(len(others) == len(sweden.regions) - 1 for others in nearest.values())
    assert nearest["25"][0] == "24" and nearest["10"][0] == "08" and nearest["09"][0] == "01"
    assert travel.region_minutes("01", "14") == travel.region_minutes("14", "01")
