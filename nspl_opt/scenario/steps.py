"""What later parts of a scenario do on the way to a situation, each in its module, all in one order."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from nspl_opt.problems import Problem
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.extra import Scene
from nspl_opt.scenario.extras import EXTRAS
from nspl_opt.scenario.scenario import Scenario

STEPS: tuple[str, ...] = (
    "subjects.external",
    "extras.groups",
    "subjects.stays",
    "subjects.origins",
    "subjects.neighbours",
    "subjects.crisis",
    "subjects.substitutes",
    "subjects.stocks",
    "subjects.costs",
    "subjects.surge_units",
)
"""Modules below ``nspl_opt.scenario`` in the order in which they act: external and entries, which add places; stays and
groups, which clone categories; then all others. Each has one or more of

* ``extend(reference, scenario) -> Reference``: adds places; twice must be as once,
* ``check(reference, scenario) -> Iterable[Problem]``: what is wrong with tables inside ``scenario.toml``,
* ``clone(scene) -> Scene``: changes categories and the figures that go with them,
* ``fill(scene) -> Mapping[str, Any]``: fields of ``Situation``, seeing sites and categories as they then are.
"""


def _having(function: str) -> Iterator[Any]:
    for name in STEPS:
        module = import_module(f"nspl_opt.scenario.{name}")
        if hasattr(module, function):
            yield getattr(module, function)


def extend(reference: Reference, scenario: Scenario) -> Reference:
    """The reference with the places that the scenario adds to it."""
    for step in _having("extend"):
        reference = step(reference, scenario)
    return reference


def check_steps(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    """What is wrong with the later parts, table by table."""
    for extra in EXTRAS:
        if extra.check is not None:
            yield from extra.check(reference, scenario, tuple(scenario.extra.get(extra.key, ())))
    for step in _having("check"):
        yield from step(reference, scenario)


def clone(scene: Scene) -> Scene:
    """The scene with stages and groups as categories of their own."""
    for step in _having("clone"):
        scene = step(scene)
    return scene


def fill(scene: Scene) -> dict[str, Any]:
    """Fields of ``Situation`` from all later parts. A field given twice is a TypeError: two owners disagree."""
    found = dict(scene.fields)
    given = [extra.resolve(scene, scene.rows(extra.key)) for extra in EXTRAS if extra.resolve is not None]
    for fields in [*given, *(step(scene) for step in _having("fill"))]:
        if twice := set(found) & set(fields):
            raise TypeError(f"{', '.join(sorted(twice))}: given twice")
        found |= fields
    return found
