"""Shortest ways: the fast search on arrays and networkx's own agree, on any map."""

import math
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nspl_opt.network.graph import build_graph
from nspl_opt.network.modes import apart_km, great_circle_km, whole_minutes
from nspl_opt.network.open_network import OpenNetwork, ShortestWays, close_down
from nspl_opt.scenario.situation import Closure

places = st.integers(min_value=0, max_value=7)
roads = st.lists(st.tuples(places, places, st.integers(1, 90), st.integers(1, 120)), max_size=24)


def drawn(edges):
    graph = nx.MultiGraph()
    graph.add_nodes_from(f"p{n}" for n in range(8))
    for number, (a, b, minutes, km) in enumerate(edges):
        code = f"r{number:02}"
        graph.add_edge(f"p{a}", f"p{b}", key=code, code=code, mode="road", minutes=float(minutes), km=float(km))
    return graph


@settings(max_examples=60, deadline=None)
@given(roads, st.sampled_from([None, 60, 80]))
def test_the_fast_search_finds_what_networkx_finds(edges, speed_kmh):
    graph = drawn(edges)
    ways = ShortestWays(graph, ("road",), speed_kmh)
    slowed = nx.MultiGraph(graph)
    for _, _, _, edge in slowed.edges(keys=True, data=True):
        edge["time"] = max(edge["minutes"], edge["km"] / speed_kmh * 60) if speed_kmh else edge["minutes"]
    known = dict(nx.all_pairs_dijkstra_path_length(slowed, weight="time"))
    for a in graph:
        for b in graph:
            assert ways.between(a, b) == pytest.approx(known[a].get(b, math.inf))


@settings(max_examples=40, deadline=None)
@given(roads)
def test_a_way_is_as_long_as_its_links_and_no_detour_is_shorter(edges):
    graph = drawn(edges)
    ways = ShortestWays(graph, ("road",))
    for a in graph:
        for b in graph:
            way = ways.way(a, b)
            if not way:
                assert math.isinf(ways.between(a, b))
                continue
            ends = dict(zip(ways.links(way), pairwise(way), strict=True))
            total = sum(graph.edges[pair[0], pair[1], code]["minutes"] for code, pair in ends.items())
            assert total == pytest.approx(ways.between(a, b))
            assert ways.between(a, b) == pytest.approx(ways.between(b, a))
            assert all(ways.between(a, b) <= ways.between(a, c) + ways.between(c, b) + 1e-9 for c in graph)


def test_parallel_roads_count_by_the_quickest_and_ties_by_code():
    graph = drawn([(0, 1, 9, 9), (0, 1, 4, 7), (1, 0, 4, 7)])
    ways = ShortestWays(graph, ("road",))
    assert ways.between("p0", "p1") == 4
    assert ways.links(("p0", "p1")) == ("r01",)


def test_the_graph_names_every_place_and_way(tiny):
    graph = build_graph(tiny)
    assert graph.nodes["site:a1"]["name"] == "a1"
    assert graph.nodes["node:holmen"]["kind"] == "node" and graph.nodes["site:holmen"]["kind"] == "site"
    assert graph.nodes["airfield:FB"]["region"] == "R2"
    modes = sorted(mode for _, _, mode in graph.edges(data="mode"))
    assert modes == ["access"] * 8 + ["ferry"] * 2 + ["rail"] + ["road"] * 3
    assert all({"code", "name", "mode", "minutes", "km"} <= set(edge) for _, _, edge in graph.edges(data=True))


def test_closing_leaves_the_whole_graph_as_it_was(tiny):
    graph = build_graph(tiny)
    left = close_down(graph, Closure(links=("coast", "sea"), modes=("rail",), places=("FB",)))
    assert graph.number_of_edges() == 14 and "airfield:FB" in graph
    codes = {code for _, _, code in left.edges(keys=True)}
    assert not codes & {"coast", "sea", "iron"} and "airfield:FB" not in left


def test_codes_that_nothing_bears_close_nothing(tiny):
    graph = build_graph(tiny)
    left = close_down(graph, Closure(links=("x",), modes=("boat",), places=("y",)))
    assert set(left) == set(graph) and left.number_of_edges() == graph.number_of_edges()


def test_an_unknown_place_is_never_reached(tiny):
    roads = OpenNetwork(build_graph(tiny), Closure()).roads(None)
    assert math.isinf(roads.between("node:alvik", "node:nowhere"))
    assert roads.way("node:alvik", "node:holmen") == ()


def test_minutes_are_rounded_up_but_not_for_noise():
    assert whole_minutes(59.2) == 60
    assert whole_minutes(60.0000000001) == 60
    assert whole_minutes(0.1 + 0.2 + 59.7) == 60


def test_a_degree_of_latitude_is_a_hundred_and_eleven_kilometres():
    assert great_circle_km(60, 15, 61, 15) == pytest.approx(111.2, abs=0.1)
    assert apart_km({"lat": 60, "lon": 15}, {"lat": 61, "lon": 15}) == pytest.approx(111.2, abs=0.1)
