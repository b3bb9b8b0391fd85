"""Reference and scenario brought to one grid of sites and periods: the Situation.

Everything is worked out hospital by hospital, in whole units and millionths; a region taken as one
site is the sum of its hospitals, so both levels have the same beds, people and patients.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nspl_opt.problems import InvalidInput, Problem, did_you_mean
from nspl_opt.reference.package import reference_hashes
from nspl_opt.reference.reference import HOSPITAL_LEVELS, CareCategory, Reference, VehicleType
from nspl_opt.scenario.arrivals import arrivals_by_hospital, initial_by_hospital
from nspl_opt.scenario.capacity import (
    beds_by_hospital,
    planned_beds_by_hospital,
    pool_quantities,
    staff_by_hospital,
    surge_by_hospital,
)
from nspl_opt.scenario.check import refuse_unless_sound
from nspl_opt.scenario.closures import network_states, timetables
from nspl_opt.scenario.extra import Scene
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.grid import make_periods
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema import LEVELS
from nspl_opt.scenario.situation import Period, PlanningSite, Situation
from nspl_opt.scenario.steps import clone, extend, fill

_AS_IN_SCENARIO = ("title_sv", "title_en", "marking", "start", "assumptions_sv", "assumptions_en")
_AS_IN_PACKAGE = ("notice_sv", "notice_en", "regions", "groupings", "bed_types", "professions", "pools")


def resolve(reference: Reference, scenario: Scenario, level: str | None = None) -> Situation:
    """The situation a plan is made for.

    Parameters
    ----------
    reference, scenario
        What the country is and what happens; neither is changed.
    level
        ``region`` or ``hospital``; the scenario's own when left out.

    Raises
    ------
    InvalidInput
        With every code of the scenario that the reference package does not know (``S3..``), or
        ``S106`` when the level is neither of the two.
    """
    level = level or scenario.file.level
    if level not in LEVELS:
        remedy = did_you_mean(str(level), LEVELS)
        raise InvalidInput(scenario.name, [Problem("S106", "level", f"no level '{level}'", remedy)])
    reference = extend(reference, scenario)
    refuse_unless_sound(reference, scenario)
    vehicle_types = scenario_vehicles(reference, scenario)
    states, closures = network_states(reference, scenario)
    periods = make_periods(scenario.file.grid, states)
    scene = clone(_scene(reference, scenario, level, periods))
    return Situation(
        scenario=scenario.name,
        level=level,
        sites=scene.sites,
        periods=periods,
        categories=scene.categories,
        vehicle_types=vehicle_types,
        closures=closures,
        pool_quantity=pool_quantities(reference.pools, vehicle_types, scenario, periods),
        timetables=timetables(reference, scenario, scenario.file.start, periods, closures),
        input_hashes=input_hashes(reference, scenario),
        **{name: getattr(scenario.file, name) for name in _AS_IN_SCENARIO},
        **{name: getattr(reference, name) for name in _AS_IN_PACKAGE},
        **{name: scene.to_sites(array) for name, array in scene.by_hospital.items()},
        **fill(scene),
    )


def _scene(reference: Reference, scenario: Scenario, level: str, periods: tuple[Period, ...]) -> Scene:
    """Places, periods and figures, before later parts have their say."""
    geography = Geography.of(reference)
    categories = scenario_categories(reference, scenario)
    sites, group = planning_sites(reference, geography, level)
    figures = _by_hospital(reference, scenario, geography, categories, periods)
    return Scene(reference, scenario, level, geography, periods, sites, group, categories, figures)


def _by_hospital(
    reference: Reference,
    scenario: Scenario,
    geography: Geography,
    categories: Sequence[CareCategory],
    periods: Sequence[Period],
) -> dict[str, np.ndarray]:
    """What there is and who comes, by name as in ``Situation``: axes as there, hospitals instead of sites."""
    bed_types = [bed_type.code for bed_type in reference.bed_types]
    professions = [profession.code for profession in reference.professions]
    people, planned_people = staff_by_hospital(reference, scenario, geography, professions, periods)
    return {
        "beds": beds_by_hospital(scenario, geography, bed_types, periods),
        "surge_beds": surge_by_hospital(reference, scenario, geography, bed_types, periods),
        "planned_beds": planned_beds_by_hospital(geography, bed_types),
        "staff": people,
        "planned_staff": planned_people,
        "arrivals_micro": arrivals_by_hospital(scenario, geography, categories, periods),
        "initial_micro": initial_by_hospital(scenario, geography, categories),
    }


def scenario_categories(reference: Reference, scenario: Scenario) -> tuple[CareCategory, ...]:
    """The categories that occur, by code, with the scenario's own figures put in."""
    changes = {change.category: change for change in scenario.file.category_changes}
    chosen = []
    for category in sorted(reference.categories, key=lambda category: category.code):
        if category.code in scenario.file.categories:
            change = changes.get(category.code)
            figures = change.model_dump(include=_FIGURES, exclude_none=True) if change else {}
            chosen.append(dataclasses.replace(category, **figures))
    return tuple(chosen)


_FIGURES = {"mean_stay_h", "longest_journey_min", "severity_weight"}


def scenario_vehicles(reference: Reference, scenario: Scenario) -> tuple[VehicleType, ...]:
    """The vehicle types in the order of the package, with the scenario's own mobilisation put in."""
    changed = {entry.vehicle_type: entry.mobilisation_min for entry in scenario.file.mobilisation_changes}
    return tuple(
        dataclasses.replace(vehicle, mobilisation_min=changed.get(vehicle.code, vehicle.mobilisation_min))
        for vehicle in reference.vehicle_types
    )


def planning_sites(
    reference: Reference, geography: Geography, level: str
) -> tuple[tuple[PlanningSite, ...], tuple[int, ...]]:
    """The sites of the plan by code, and for each hospital the index of the site it belongs to."""
    names = {region.code: region.name for region in reference.regions}
    if level == "hospital":
        members = {site.code: (site,) for site in geography.hospitals}
        names = {site.code: site.name for site in geography.hospitals}
    else:
        members = {code: tuple(s for s in geography.hospitals_of(code) if not s.entry) for code in geography.regions}
        entries = {site.code: site for site in geography.hospitals if site.entry}
        members |= {code: (site,) for code, site in entries.items()}
        names |= {code: site.name for code, site in entries.items()}
    sites = tuple(
        PlanningSite(
            code=code,
            name=names[code],
            region=hospitals[0].region,
            level=max((site.level for site in hospitals), key=HOSPITAL_LEVELS.index),
            capabilities=tuple(sorted({name for site in hospitals for name in site.capabilities})),
            hospitals=tuple(site.code for site in hospitals),
            place=geography.largest(hospitals).code,
        )
        for code, hospitals in sorted(members.items())
        if hospitals
    )
    owner = {hospital: index for index, site in enumerate(sites) for hospital in site.hospitals}
    return sites, tuple(owner[site.code] for site in geography.hospitals)


def input_hashes(reference: Reference, scenario: Scenario) -> Mapping[str, str]:
    """SHA-256 of every file behind the situation: ``scenario/...`` and ``reference/...``, sorted."""
    found = {f"scenario/{name}": digest for name, digest in scenario.hashes.items()}
    root = package_root(reference.geometry)
    if root is not None:
        found |= {f"reference/{name}": digest for name, digest in reference_hashes(root).items()}
    return dict(sorted(found.items()))


def package_root(geometry: Path) -> Path | None:
    """The folder with ``datapackage.json`` above the geometry; None for a reference made by hand."""
    for folder in list(Path(geometry).parents)[:3]:
        if (folder / "datapackage.json").is_file():
            return folder
    return None
