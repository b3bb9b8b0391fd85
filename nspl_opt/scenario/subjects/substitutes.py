"""Beds that may hold patients who need beds of another type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nspl_opt.problems import Problem
from nspl_opt.reference.reference import MICRO, Reference
from nspl_opt.scenario.extra import Scene
from nspl_opt.scenario.fields import exact
from nspl_opt.scenario.findings import unknown
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.parts import BedSubstitute
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema import EVERYWHERE


def check(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    """``S410`` an unknown place, ``S416`` an unknown bed type or one that serves itself, ``S417`` a pair twice."""
    kinds, places = [bed.code for bed in reference.bed_types], [EVERYWHERE, *Geography.of(reference).known()]
    seen = set()
    for n, entry in enumerate(scenario.file.bed_substitutes):
        where = f"{scenario.file_name}: bed_substitutes[{n}]"
        for end in ("gives", "serves"):
            yield from unknown("S416", f"{where}.{end}", "bed type", getattr(entry, end), kinds)
        if entry.gives == entry.serves:
            yield Problem("S416", f"{where}.serves", f"'{entry.serves}' would serve itself", "name another bed type")
        for m, place in enumerate(entry.places):
            yield from unknown("S410", f"{where}.places[{m}]", "place", place, places)
        if (entry.gives, entry.serves) in seen:
            what = f"'{entry.gives}' for '{entry.serves}' is listed already"
            yield Problem("S417", where, what, "name all places in one entry")
        seen.add((entry.gives, entry.serves))


def fill(scene: Scene) -> dict[str, Any]:
    """``bed_substitutes``, sorted."""
    found = []
    for entry in scene.scenario.file.bed_substitutes:
        sites = scene.sites_of(*entry.places) if entry.places else ()
        found.append(BedSubstitute(entry.gives, entry.serves, round(exact(entry.beds_per_patient) * MICRO), sites))
    return {"bed_substitutes": tuple(sorted(found, key=lambda pair: (pair.gives, pair.serves)))}
