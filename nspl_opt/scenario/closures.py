"""Closures: which set of them is in force in each period, and what that leaves of the ferry timetable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta

from nspl_opt.reference.reference import FerryLine, Reference
from nspl_opt.scenario.grid import holds_middle, starts_of
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema import Closing
from nspl_opt.scenario.situation import Closure, Period, Timetable


def network_states(reference: Reference, scenario: Scenario) -> tuple[tuple[int, ...], tuple[Closure, ...]]:
    """The state of each period and the closures of each state, numbered in the order first met.

    A closure is in force in a period when it covers the middle of it, where journeys start.
    """
    file = scenario.file
    met: dict[Closure, int] = {}
    states = []
    for start, length in zip(starts_of(file.grid), file.grid, strict=True):
        active = [
            closing
            for closing in file.closures
            if closing.active and holds_middle(closing.from_h, closing.to_h, start, length)
        ]
        states.append(met.setdefault(_joined(reference, active), len(met)))
    return tuple(states), tuple(met)


def _joined(reference: Reference, active: Sequence[Closing]) -> Closure:
    named = {place for closing in active for place in closing.places}
    links = {link for closing in active for link in closing.links}
    for closing in active:
        for code in closing.areas:
            named |= _regions_of(reference, code)
    regions = {region.code for region in reference.regions} & named
    return Closure(
        links=tuple(sorted(links | _links_of_towns(reference, regions))),
        modes=tuple(sorted({mode for closing in active for mode in closing.modes})),
        places=tuple(sorted(named | _places_in(reference, regions))),
    )


def _regions_of(reference: Reference, code: str) -> set[str]:
    grouping, _, area = code.partition(".")
    return {region for found in reference.groupings[grouping] if found.code == area for region in found.regions}


def _places_in(reference: Reference, regions: set[str]) -> set[str]:
    """All that lies in closed regions: hospitals, nodes, airfields at those nodes."""
    nodes = {node.code for node in reference.nodes if node.region in regions}
    airfields = {airfield.code for airfield in reference.airfields if airfield.node in nodes}
    return nodes | airfields | {site.code for site in reference.sites if site.region in regions}


def _links_of_towns(reference: Reference, regions: set[str]) -> set[str]:
    """Links at nodes of closed regions that share their code with a hospital.

    As a place such a code means the hospital, so the town is closed by its links.
    """
    hospitals = {site.code for site in reference.sites}
    towns = {node.code for node in reference.nodes if node.region in regions and node.code in hospitals}
    return {way.code for way in (*reference.links, *reference.ferries) if way.a in towns or way.b in towns}


def timetables(
    reference: Reference,
    scenario: Scenario,
    start: datetime,
    periods: Sequence[Period],
    closures: Sequence[Closure],
) -> Mapping[str, Timetable]:
    """Line -> when it sails in each period, by the timetable and local clock time.

    Never where the line, the mode ferry or one of its ports is closed in the period's network state
    (a code that a hospital bears as well means the hospital, and the port stays open);
    single departures inside a closing window that misses the middle of a period fall away too.
    """
    hospitals = {site.code for site in reference.sites}
    runs = [_open_lines(reference.ferries, closure, hospitals) for closure in closures]
    return {
        line.code: Timetable(line.loading_min, _sailings(line, scenario, start, periods, runs))
        for line in reference.ferries
    }


def _sailings(
    line: FerryLine, scenario: Scenario, start: datetime, periods: Sequence[Period], runs: Sequence[set[str]]
) -> tuple[tuple[int, ...], ...]:
    stopped = [
        (60 * closing.from_h, 60 * closing.to_h)
        for closing in scenario.file.closures
        if closing.active and (line.code in closing.links or "ferry" in closing.modes)
    ]
    found = []
    for period in periods:
        begin = start + timedelta(hours=period.start_h)
        runs_then = line.code in runs[period.network_state]
        instants = _instants(line, begin, begin + timedelta(hours=period.length_h)) if runs_then else ()
        minutes = sorted((instant - start) // timedelta(minutes=1) for instant in instants)
        found.append(tuple(at for at in minutes if not any(shut <= at < again for shut, again in stopped)))
    return tuple(found)


def _open_lines(lines: Iterable[FerryLine], closure: Closure, hospitals: set[str]) -> set[str]:
    ports = set(closure.places) - hospitals
    shut = set(closure.links)
    return {
        line.code
        for line in lines
        if "ferry" not in closure.modes and line.code not in shut and not {line.a, line.b} & ports
    }


def _instants(line: FerryLine, begin: datetime, end: datetime) -> Iterable[datetime]:
    midnight = datetime.combine(begin.date(), time())
    for day in range((end.date() - begin.date()).days + 1):
        for minutes in line.departures_min:
            instant = midnight + timedelta(days=day, minutes=minutes)
            if begin <= instant < end:
                yield instant
