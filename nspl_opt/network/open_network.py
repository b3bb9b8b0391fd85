"""What is left of the network in one state of closures, and the shortest ways through it."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from nspl_opt.network.modes import ROAD_MODES, airfield_key, driving_min, node_key, site_key
from nspl_opt.scenario.situation import Closure, PlanningSite

NOWHERE = -9999
"""What scipy writes as predecessor where there is none."""


def close_down(graph: nx.MultiGraph, closure: Closure, sites: Collection[PlanningSite] = ()) -> nx.MultiGraph:
    """A copy of the graph without what the closure closes.

    A place is the first of these that bears the code: planning site (then all its hospitals),
    hospital, airfield, node. Hospitals and towns may share a code: the hospital is meant, and the
    town stays open, unless its whole region is given: all nodes and airfields beside its own code.
    Closed roads close the access legs too: feeders are road journeys.
    """
    left = graph.copy()
    hospitals = {site.code: site.hospitals for site in sites}
    for place in closure.places:
        if place in hospitals:
            left.remove_nodes_from([site_key(code) for code in hospitals[place]])
        named = [key(place) for key in (site_key, airfield_key, node_key) if key(place) in graph]
        left.remove_nodes_from(named[: 0 if place in hospitals else 1])
    left.remove_nodes_from(_in_closed_regions(graph, set(closure.places)))
    modes = set(closure.modes) | ({"access"} if "road" in closure.modes else set())
    links = set(closure.links)
    edges = left.edges(keys=True, data="mode")
    left.remove_edges_from([(a, b, code) for a, b, code, mode in edges if mode in modes or code in links])
    return left


def _in_closed_regions(graph: nx.MultiGraph, closed: set[str]) -> list[str]:
    """Everything in the regions that are closed as a whole."""
    members: dict[str, list[str]] = {}
    open_regions = set()
    for key, place in graph.nodes(data=True):
        members.setdefault(place["region"], []).append(key)
        if place["kind"] != "site" and place["code"] not in closed:
            open_regions.add(place["region"])
    return [key for region, keys in members.items() if region in closed - open_regions for key in keys]


class ShortestWays:
    """Shortest minutes between all places by the edges of some modes, with the ways themselves.

    ``minutes`` (place, place) [min], infinite where there is no way; ``index`` place -> row.
    Between two places the quickest of several links counts, the first by code among equals. An edge
    is never slower than a vehicle of ``speed_kmh`` makes it (None: the edge's own minutes).
    """

    def __init__(self, graph: nx.MultiGraph, modes: Collection[str], speed_kmh: int | None = None) -> None:
        self.places = tuple(sorted(graph.nodes))
        self.index = {place: row for row, place in enumerate(self.places)}
        self._edges: dict[tuple[str, str], tuple[float, str, float]] = {}
        for a, b, code, edge in sorted(graph.edges(keys=True, data=True), key=lambda edge: edge[:3]):
            if edge["mode"] not in modes or a == b:
                continue
            # An access leg has no speed of its own: its minutes stand for every vehicle.
            cap = None if edge["mode"] == "access" else speed_kmh
            offer = (driving_min(edge["minutes"], edge["km"], cap), code, edge["km"])
            for ends in ((a, b), (b, a)):
                self._edges[ends] = min(self._edges.get(ends, offer), offer)
        size = len(self.places)
        ends = sorted(self._edges)
        rows = [self.index[a] for a, _ in ends]
        columns = [self.index[b] for _, b in ends]
        weights = csr_array(([self._edges[pair][0] for pair in ends], (rows, columns)), shape=(size, size))
        if size:
            self.minutes, self._before = dijkstra(weights, directed=True, return_predecessors=True)
        else:
            self.minutes, self._before = np.zeros((0, 0)), np.zeros((0, 0), dtype=int)

    def between(self, a: str, b: str) -> float:
        """Minutes from a to b [min]; infinite where there is no way or a place is closed."""
        row, column = self.index.get(a), self.index.get(b)
        return float("inf") if row is None or column is None else float(self.minutes[row, column])

    def table(self, origins: list[str], destinations: list[str]) -> np.ndarray:
        """(origin, destination) minutes [min], infinite for places that are closed."""
        found = np.full((len(origins), len(destinations)), np.inf)
        rows = [(i, self.index[place]) for i, place in enumerate(origins) if place in self.index]
        columns = [(j, self.index[place]) for j, place in enumerate(destinations) if place in self.index]
        if rows and columns:
            (at_i, i), (at_j, j) = zip(*rows, strict=True), zip(*columns, strict=True)
            found[np.ix_(at_i, at_j)] = self.minutes[np.ix_(i, j)]
        return found

    def way(self, a: str, b: str) -> tuple[str, ...]:
        """The places passed from a to b, both included; empty where there is no way."""
        if not np.isfinite(self.between(a, b)):
            return ()
        start, here = self.index[a], self.index[b]
        passed = [b]
        while here != start:
            here = int(self._before[start, here])
            passed.append(self.places[here])
        return tuple(reversed(passed))

    def length_km(self, way: tuple[str, ...]) -> float:
        """Kilometres along a way [km]."""
        return sum(self._edges[pair][2] for pair in pairwise(way))

    def links(self, way: tuple[str, ...]) -> tuple[str, ...]:
        """Codes of the links along a way, in order."""
        return tuple(self._edges[pair][1] for pair in pairwise(way))


class OpenNetwork:
    """The network in one state: the graph less its closures, and shortest ways made when first asked for."""

    def __init__(self, graph: nx.MultiGraph, closure: Closure, sites: Collection[PlanningSite] = ()) -> None:
        self.graph = close_down(graph, closure, sites)
        self.closed_modes = frozenset(closure.modes)
        self.closed_places = frozenset(closure.places)
        fields = ((key, place) for key, place in graph.nodes(data=True) if place["kind"] == "airfield")
        self.closed_airfields = tuple(place for key, place in fields if key not in self.graph)
        self._ways: dict[tuple[str, int | None], ShortestWays] = {}

    def roads(self, speed_kmh: int | None) -> ShortestWays:
        """Ways by road, no ferry, for vehicles of a speed [km/h]; None is a car."""
        return self._known("road", ROAD_MODES, speed_kmh)

    def rails(self, speed_kmh: int | None) -> ShortestWays:
        """Ways by rail for trains of a speed [km/h]."""
        return self._known("rail", ("rail",), speed_kmh)

    def _known(self, name: str, modes: Collection[str], speed_kmh: int | None) -> ShortestWays:
        if (name, speed_kmh) not in self._ways:
            self._ways[name, speed_kmh] = ShortestWays(self.graph, modes, speed_kmh)
        return self._ways[name, speed_kmh]
