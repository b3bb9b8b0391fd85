"""Where a patient changes vehicle: the airfield, helipad, station and ports of each site.

A terminal is open and can be reached by road in the network state at hand; the nearest counts, by
minutes of the feeder from the site's door to it, ties by code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nspl_opt.network.modes import airfield_key, node_key, site_key
from nspl_opt.network.open_network import OpenNetwork, ShortestWays
from nspl_opt.reference.reference import Reference, Site


@dataclass(frozen=True, slots=True)
class Terminal:
    """The terminal of one site: ``code`` as journeys name it, ``key`` in the graph, feeder one way [min]."""

    code: str
    key: str
    feeder_min: float
    lat: float
    lon: float


def terminals_of(
    mode: str, reference: Reference, network: OpenNetwork, stands: Mapping[str, Site], feeders: ShortestWays
) -> dict[str, Terminal]:
    """Planning site -> its terminal for fixed_wing, helicopter or rail; sites without one are left out.

    ``stands`` maps planning sites to the hospital they stand at, ``feeders`` are the roads at the
    feeder's speed.
    """
    if mode == "rail":
        edges = network.graph.edges(data="mode")
        at_rail = {end for a, b, kind in edges if kind == "rail" for end in (a, b)}
        offered = [(node.code, node_key(node.code), node) for node in reference.nodes if node_key(node.code) in at_rail]
    else:
        fields = [field for field in reference.airfields if field.fixed_wing or mode == "helicopter"]
        offered = [(field.code, airfield_key(field.code), field) for field in fields]
    usable = (place for place in offered if place[1] in network.graph and place[0] not in network.closed_places)
    offered = sorted(usable, key=lambda place: place[0])
    minutes = feeders.table([site_key(site.code) for site in stands.values()], [key for _, key, _ in offered])
    found = {}
    for row, (code, site) in enumerate(stands.items()):
        if mode == "helicopter" and site.has_helipad:
            found[code] = Terminal(site.code, site_key(site.code), 0.0, site.lat, site.lon)
        elif offered and np.isfinite(minutes[row]).any():
            nearest = int(np.argmin(minutes[row]))
            name, key, place = offered[nearest]
            found[code] = Terminal(name, key, float(minutes[row, nearest]), place.lat, place.lon)
    return found
