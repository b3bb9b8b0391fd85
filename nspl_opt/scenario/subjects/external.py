"""Places that a scenario adds to the country: places abroad that offer beds, and entry points without any."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nspl_opt.problems import Problem
from nspl_opt.reference.reference import BedStock, Node, Reference, Region, Site
from nspl_opt.scenario.alone import all_rows
from nspl_opt.scenario.extra import Scene
from nspl_opt.scenario.findings import unknown, window
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema.places import EntryPoint, ExternalPlace


def extend(reference: Reference, scenario: Scenario) -> Reference:
    """The reference with the scenario's places: one abroad is a region with one site of the same code, an entry
    point a site of its region. What is there already stays as it is: twice is as once."""
    nodes = {node.code: node for node in reference.nodes}
    taken = _codes(reference)
    abroad = [place for place in scenario.file.external if place.code not in taken]
    entries = [place for place in scenario.file.entries if place.code not in taken]
    if not abroad and not entries:
        return reference
    regions = {place.code: _region(place, nodes) for place in abroad}
    sites = {place.code: _hospital(place, nodes) for place in abroad}
    sites |= {place.code: _entry(place, nodes) for place in entries}
    beds = [BedStock(place.code, kind, count, 0) for place in abroad for kind, count in place.beds.items()]
    return dataclasses.replace(
        reference,
        regions=_sorted((*reference.regions, *regions.values())),
        sites=_sorted((*reference.sites, *sites.values())),
        beds=tuple(sorted((*reference.beds, *beds), key=lambda stock: (stock.site, stock.bed_type))),
    )


def _codes(reference: Reference) -> set[str]:
    return {place.code for place in (*reference.regions, *reference.sites)}


def _sorted(places: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(places, key=lambda place: place.code))


def _position(node: str, nodes: Mapping[str, Node]) -> tuple[float, float]:
    """That of the node; a node that does not exist is told by ``check``."""
    return (nodes[node].lat, nodes[node].lon) if node in nodes else (0.0, 0.0)


def _region(place: ExternalPlace, nodes: Mapping[str, Node]) -> Region:
    return Region(place.code, place.name, place.node, *_position(place.node, nodes), place.country)


def _hospital(place: ExternalPlace, nodes: Mapping[str, Node]) -> Site:
    able = tuple(sorted(set(place.capabilities)))
    at = _position(place.node, nodes)
    return Site(place.code, place.name, place.code, "university", *at, place.node, place.access_min, False, able)


def _entry(place: EntryPoint, nodes: Mapping[str, Node]) -> Site:
    at = _position(place.node, nodes)
    return Site(place.code, place.name, place.region, "district", *at, place.node, place.access_min, False, (), True)


def check(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    """``S442`` a code that is taken, ``S443`` no such node, ``S441`` bed type, ``S444`` no such region, ``S445`` no
    site has such a capability, ``S446`` patients who come, or are, abroad, ``S201``, ``S202`` windows."""
    file, name = scenario.file, scenario.file_name
    nodes, bed_types = [node.code for node in reference.nodes], [bed.code for bed in reference.bed_types]
    home = [region.code for region in reference.regions if not region.country]
    capabilities = {one for site in reference.sites for one in site.capabilities if site.region in home}
    seen: set[str] = set()
    for key, places in (("external", file.external), ("entries", file.entries)):
        for n, place in enumerate(places):
            where = f"{name}: {key}[{n}]"
            if place.code in seen or _is_taken(reference, place):
                what = f"'{place.code}' is the code of another place"
                yield Problem("S442", f"{where}.code", what, "give it a code of its own")
            seen.add(place.code)
            yield from unknown("S443", f"{where}.node", "node", place.node, nodes)
    for n, place in enumerate(file.external):
        where = f"{name}: external[{n}]"
        for kind in place.beds:
            yield from unknown("S441", f"{where}.beds", "bed type", kind, bed_types)
        for one in place.capabilities:
            yield from unknown("S445", f"{where}.capabilities", "capability", one, capabilities)
        yield from window(f"{where}.", place.from_h, _end(place, file.horizon_h), file.horizon_h)
    for n, place in enumerate(file.entries):
        yield from unknown("S444", f"{name}: entries[{n}].region", "region", place.region, home)
    yield from _abroad(scenario)


def _is_taken(reference: Reference, place: ExternalPlace | EntryPoint) -> bool:
    """Whether something else in the extended reference bears the code."""
    abroad = isinstance(place, ExternalPlace)
    regions = [region for region in reference.regions if region.code == place.code]
    sites = [site for site in reference.sites if site.code == place.code]
    mine = [site for site in sites if (site.region == place.code if abroad else site.entry)]
    return sites != mine or any(not (abroad and region.country) for region in regions)


def _abroad(scenario: Scenario) -> Iterator[Problem]:
    codes = {place.code for place in scenario.file.external}
    for row in all_rows(scenario):
        if row.place in codes:
            what = f"'{row.place}' is a place abroad, whose own patients no plan is made for"
            yield Problem("S446", f"{row.where}, column place", what, "name the region or entry point they come to")


def _end(place: ExternalPlace, horizon_h: int) -> int:
    return horizon_h if place.to_h is None else place.to_h


def clone(scene: Scene) -> Scene:
    """Beds abroad are there in the periods that lie in their window as a whole."""
    if not scene.scenario.file.external:
        return scene
    beds = scene.by_hospital["beds"].copy()
    columns = {site.code: h for h, site in enumerate(scene.geography.hospitals)}
    for place in scene.scenario.file.external:
        end = _end(place, scene.scenario.file.horizon_h)
        for period in scene.periods:
            if not place.from_h <= period.start_h <= period.start_h + period.length_h <= end:
                beds[:, columns[place.code], period.index] = 0
    return dataclasses.replace(scene, by_hospital={**scene.by_hospital, "beds": beds})


def fill(scene: Scene) -> dict[str, Any]:
    """The fields ``external_regions`` and ``entries``."""
    entries = {site.code for site in scene.reference.sites if site.entry}
    return {
        "external_regions": frozenset(region.code for region in scene.reference.regions if region.country),
        "entries": frozenset(site.code for site in scene.sites if entries & set(site.hospitals)),
    }
