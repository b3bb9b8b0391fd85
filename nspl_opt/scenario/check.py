"""A scenario against a reference package: every code exists, and what it asks for can be meant."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.reference.reference import CareCategory, Reference
from nspl_opt.scenario.alone import all_rows
from nspl_opt.scenario.fields import exact
from nspl_opt.scenario.findings import unknown
from nspl_opt.scenario.geography import Geography, can_take
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema import EVERYWHERE
from nspl_opt.scenario.steps import check_steps, extend
from nspl_opt.scenario.summary import ScenarioSummary, summarise
from nspl_opt.scenario.wording import first


def check_against(reference: Reference, scenario: Scenario) -> list[Problem]:
    """Every code the package does not know and every figure that cannot hold in it.

    Codes: ``S301`` category, ``S302`` place, ``S303`` bed type or surge stage, ``S304`` profession,
    ``S305`` vehicle type or pool, ``S306`` link, ``S307`` area, ``S308`` a region without hospital,
    ``S309`` everyday care in more beds than there are, ``S310`` everyday care where nobody can give it,
    ``S4..`` the later parts (``scenario.steps``).
    """
    geography = Geography.of(reference)
    checks = (
        _categories(reference, scenario),
        _places(geography, scenario),
        _injects(reference, scenario),
        _closures(reference, scenario),
        _changes(reference, scenario),
        _ordinary(reference, geography, scenario),
        check_steps(reference, scenario),
    )
    return [problem for check in checks for problem in first(check, scenario.file_name)]


def check_scenario(path: Path, reference: Reference) -> ScenarioSummary:
    """What ``nspl-opt check`` says of a scenario: its figures and its warnings.

    Raises
    ------
    InvalidInput
        With every problem of its files, or, when they are sound in themselves, every code that the
        reference package does not know.
    """
    scenario = read_scenario(path)
    reference = extend(reference, scenario)
    refuse_unless_sound(reference, scenario)
    return summarise(reference, scenario)


def refuse_unless_sound(reference: Reference, scenario: Scenario) -> None:
    """Raise InvalidInput with all findings of ``check_against``, if there are any."""
    if problems := check_against(reference, scenario):
        raise InvalidInput(str(scenario.directory / scenario.file_name), problems)


def _categories(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    known = [category.code for category in reference.categories]
    for index, code in enumerate(scenario.file.categories):
        yield from unknown("S301", f"{scenario.file_name}: categories[{index}]", "care category", code, known)


def _named_places(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """(address, place) for rows and entries that name a region or site."""
    file, name = scenario.file, scenario.file_name
    for row in all_rows(scenario):
        yield f"{row.where}, column place", row.place
    for key in ("ordinary", "surge_changes"):
        for index, entry in enumerate(getattr(file, key)):
            for number, place in enumerate(entry.places):
                yield f"{name}: {key}[{index}].places[{number}]", place
    for index, inject in enumerate(file.injects):
        for kind in ("beds_factor", "staff_factor", "arrivals_factor"):
            patch = getattr(inject, kind)
            if patch is not None and patch.place != EVERYWHERE:
                yield f"{name}: injects[{index}].{kind}.place", patch.place


def _places(geography: Geography, scenario: Scenario) -> Iterator[Problem]:
    known = geography.known()
    for where, place in _named_places(scenario):
        yield from unknown("S302", where, "region or site", place, known)
        if place in known and not geography.hospitals_of(place):
            remedy = "name a region that has a hospital in the reference package"
            yield Problem("S308", where, f"region '{place}' has no hospital", remedy)


def _injects(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    bed_types = [EVERYWHERE, *(bed_type.code for bed_type in reference.bed_types)]
    professions = [EVERYWHERE, *(profession.code for profession in reference.professions)]
    for index, inject in enumerate(scenario.file.injects):
        where = f"{scenario.file_name}: injects[{index}]"
        if inject.beds_factor:
            at = f"{where}.beds_factor.bed_type"
            yield from unknown("S303", at, "bed type", inject.beds_factor.bed_type, bed_types)
        if inject.staff_factor:
            at = f"{where}.staff_factor.profession"
            yield from unknown("S304", at, "profession", inject.staff_factor.profession, professions)
        if inject.fleet_factor and inject.fleet_factor.vehicle_type:
            known = [vehicle.code for vehicle in reference.vehicle_types]
            at = f"{where}.fleet_factor.vehicle_type"
            yield from unknown("S305", at, "vehicle type", inject.fleet_factor.vehicle_type, known)
        if inject.fleet_factor and inject.fleet_factor.pool:
            known = [pool.code for pool in reference.pools]
            yield from unknown("S305", f"{where}.fleet_factor.pool", "pool", inject.fleet_factor.pool, known)


def _closures(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    links = [link.code for link in reference.links] + [line.code for line in reference.ferries]
    places = [
        *Geography.of(reference).known(),
        *(airfield.code for airfield in reference.airfields),
        *(node.code for node in reference.nodes),
    ]
    areas = [f"{grouping}.{area.code}" for grouping in reference.groupings for area in reference.groupings[grouping]]
    for index, closing in enumerate(scenario.file.closures):
        where = f"{scenario.file_name}: closures[{index}]"
        for number, code in enumerate(closing.links):
            yield from unknown("S306", f"{where}.links[{number}]", "link or ferry line", code, links)
        for number, code in enumerate(closing.places):
            at = f"{where}.places[{number}]"
            yield from unknown("S302", at, "region, site, airfield or node", code, places)
        for number, code in enumerate(closing.areas):
            yield from unknown("S307", f"{where}.areas[{number}]", "area (grouping.area)", code, areas)


def _changes(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    bed_types = [bed_type.code for bed_type in reference.bed_types]
    stages = {(stage.bed_type, stage.stage) for stage in reference.surge}
    vehicle_types = [vehicle.code for vehicle in reference.vehicle_types]
    for index, change in enumerate(scenario.file.surge_changes):
        where = f"{scenario.file_name}: surge_changes[{index}]"
        yield from unknown("S303", f"{where}.bed_type", "bed type", change.bed_type, bed_types)
        if change.bed_type in bed_types and (change.bed_type, change.stage) not in stages:
            have = ", ".join(str(stage) for kind, stage in sorted(stages) if kind == change.bed_type) or "none"
            what = f"{change.stage}: bed type '{change.bed_type}' has no such surge stage"
            yield Problem("S303", f"{where}.stage", what, f"its stages: {have}")
    for index, entry in enumerate(scenario.file.mobilisation_changes):
        where = f"{scenario.file_name}: mobilisation_changes[{index}].vehicle_type"
        yield from unknown("S305", where, "vehicle type", entry.vehicle_type, vehicle_types)


def _ordinary(reference: Reference, geography: Geography, scenario: Scenario) -> Iterator[Problem]:
    categories = {category.code: category for category in reference.categories}
    held: dict[tuple[str, str], Fraction] = {}
    told: set[str] = set()
    for index, entry in enumerate(scenario.file.ordinary):
        category = categories.get(entry.category)
        if category is None:
            continue
        where = f"{scenario.file_name}: ordinary[{index}]"
        hospitals = holders(geography, category, entry.places)
        if not hospitals:
            what = f"no hospital there has {category.bed_type} beds and can take '{category.code}'"
            yield Problem("S310", where, what, "choose other places or another category")
        for hospital in hospitals:
            key = (hospital, category.bed_type)
            held[key] = held.get(key, Fraction(0)) + exact(entry.occupancy_share)
            if held[key] > 1 and category.bed_type not in told:
                told.add(category.bed_type)
                what = f"everyday care holds {float(held[key]):g} of the {category.bed_type} beds at '{hospital}'"
                yield Problem("S309", f"{where}.occupancy_share", what, "let the shares of a bed type sum to at most 1")


def holders(geography: Geography, category: CareCategory, places: tuple[str, ...]) -> list[str]:
    """Hospitals where everyday care of a category goes on: they can take it and have beds for it."""
    return [
        site.code
        for site in geography.hospitals_of_all(places)
        if can_take(site, category)
        and geography.staffed.get((site.code, category.bed_type), 0)
        > geography.planned.get((site.code, category.bed_type), 0)
    ]
