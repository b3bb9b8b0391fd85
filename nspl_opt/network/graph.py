"""The multimodal network as a graph one can read and edit, and the travel times made from it."""

from __future__ import annotations

import networkx as nx

from nspl_opt.network.modes import airfield_key, apart_km, node_key, site_key
from nspl_opt.network.travel import TravelTimes
from nspl_opt.reference.reference import Airfield, FerryLine, Link, Reference, Site
from nspl_opt.scenario.situation import Situation


def build_graph(reference: Reference) -> nx.MultiGraph:
    """Every place and every way between places of a reference package.

    Nodes are named ``node:CODE``, ``site:CODE`` and ``airfield:CODE`` and have ``kind``, ``code``,
    ``name``, ``region``, ``lat``, ``lon``. Edges are keyed by code and have ``code``, ``name``,
    ``mode`` (road, rail, ferry, access), ``minutes`` [min] and ``km``; an access leg joins a site or
    an airfield to its road node, its km is the great circle. Flights are not edges: any two
    terminals may be joined. Nodes and edges stand in order of code.
    """
    graph = nx.MultiGraph(name=reference.name)
    for node in reference.nodes:
        graph.add_node(
            node_key(node.code),
            kind="node",
            code=node.code,
            name=node.name,
            region=node.region,
            lat=node.lat,
            lon=node.lon,
        )
    for site in reference.sites:
        _add_stop(graph, site_key(site.code), "site", site, site.access_min)
    for airfield in reference.airfields:
        _add_stop(graph, airfield_key(airfield.code), "airfield", airfield, airfield.road_min)
    for link in reference.links:
        _add_way(graph, link, link.mode, float(link.km))
    for line in reference.ferries:
        ends = (graph.nodes[node_key(line.a)], graph.nodes[node_key(line.b)])
        _add_way(graph, line, "ferry", apart_km(*ends))
    return graph


def travel_times(reference: Reference, situation: Situation, graph: nx.MultiGraph | None = None) -> TravelTimes:
    """All journeys and trips of a situation, in every state of its network.

    ``graph`` is the network to use instead of ``build_graph(reference)``: an edited copy, say with
    a road that does not exist yet. Each state is worked out when it is first asked about.
    """
    return TravelTimes(reference, situation, build_graph(reference) if graph is None else graph)


def _add_stop(graph: nx.MultiGraph, key: str, kind: str, stop: Site | Airfield, minutes: int) -> None:
    """A site or an airfield, a dead end on its road node: nobody drives through it."""
    town = graph.nodes[node_key(stop.node)]
    graph.add_node(
        key, kind=kind, code=stop.code, name=stop.name, region=getattr(stop, "region", town["region"]),
        lat=stop.lat, lon=stop.lon,
    )  # fmt: skip
    code = f"access:{kind}:{stop.code}"
    km = apart_km(graph.nodes[key], town)
    graph.add_edge(
        key, node_key(stop.node), key=code, code=code, name=stop.name, mode="access", minutes=float(minutes), km=km
    )


def _add_way(graph: nx.MultiGraph, way: Link | FerryLine, mode: str, km: float) -> None:
    graph.add_edge(
        node_key(way.a), node_key(way.b), key=way.code,
        code=way.code, name=way.name, mode=mode, minutes=float(way.minutes), km=km,
    )  # fmt: skip
