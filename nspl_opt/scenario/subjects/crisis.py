"""The crisis standard of care: where and when a person has unlocked it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nspl_opt.problems import Problem
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.extra import Scene
from nspl_opt.scenario.findings import unknown, window
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema import EVERYWHERE


def check(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    """Places and windows of ``[[crisis]]``."""
    known = [EVERYWHERE, *Geography.of(reference).known()]
    for n, entry in enumerate(scenario.file.crisis):
        where = f"{scenario.file_name}: crisis[{n}]."
        for m, place in enumerate(entry.places):
            yield from unknown("S410", f"{where}places[{m}]", "place", place, known)
        yield from window(where, entry.from_h, entry.to_h, scenario.file.horizon_h)


def fill(scene: Scene) -> dict[str, Any]:
    """``crisis_open``: a site in a period that is unlocked from its first hour to its last, at all its hospitals."""
    entries = scene.scenario.file.crisis
    if not entries:
        return {}
    hospitals = [site.code for site in scene.geography.hospitals]
    horizon = scene.scenario.file.horizon_h
    open_at = np.zeros((len(hospitals), horizon), dtype=bool)
    for entry in entries:
        there = {site.code for site in scene.geography.hospitals_of_all(entry.places)}
        open_at[[n for n, code in enumerate(hospitals) if code in there], entry.from_h : entry.to_h] = True
    found = np.ones((len(scene.sites), len(scene.periods)), dtype=bool)
    for hospital, site in enumerate(scene.group):
        for period in scene.periods:
            hours = open_at[hospital, period.start_h : period.start_h + period.length_h]
            found[site, period.index] &= bool(hours.all())
    found.setflags(write=False)
    return {"crisis_open": found}
