"""Surge beds as units that open and close whole: the lines of the reference, brought to sites and periods."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from nspl_opt.reference.reference import STANDARDS, SurgeStage
from nspl_opt.scenario.capacity import lead_times
from nspl_opt.scenario.extra import Scene
from nspl_opt.scenario.injects import bed_factors
from nspl_opt.scenario.parts import SurgeUnit
from nspl_opt.scenario.subjects.crisis import fill as unlocked_in

CRISIS = STANDARDS[-1]


@dataclass(frozen=True, slots=True)
class _Stage:
    """A stage at a hospital, with its beds in each period, whether ready or not."""

    stage: SurgeStage
    hospital: int
    lead_h: int
    beds: np.ndarray


def clone(scene: Scene) -> Scene:
    """Beds of crisis standard count as surge beds only where a person has unlocked it."""
    if all(stage.standard != CRISIS for stage in scene.reference.surge):
        return scene
    types = [bed_type.code for bed_type in scene.reference.bed_types]
    beds, unlocked = scene.by_hospital["surge_beds"].copy(), _unlocked(scene)
    for one in _stages(scene):
        if one.stage.standard == CRISIS:
            counted = np.array([one.lead_h <= period.start_h for period in scene.periods])
            locked = counted & ~unlocked[scene.group[one.hospital]]
            beds[types.index(one.stage.bed_type), one.hospital, locked] -= one.beds[locked]
    return dataclasses.replace(scene, by_hospital={**scene.by_hospital, "surge_beds": beds})


def fill(scene: Scene) -> dict[str, Any]:
    """The field ``surge_units``: lines that are alike in all but the hospital are one line of their site."""
    found: dict[tuple, list[_Stage]] = {}
    for one in _stages(scene):
        stage, site = one.stage, scene.sites[scene.group[one.hospital]].code
        longest = stage.longest_h if stage.longest_h is not None else -1
        alike = stage.bed_type, stage.stage, one.lead_h, stage.unit_beds or stage.beds, longest, stage.teardown_h
        found.setdefault((site, *alike, stage.opening_cost_micro, stage.standard), []).append(one)
    units = []
    for (site, bed_type, stage, lead_h, unit_beds, longest, teardown_h, cost, standard), many in sorted(found.items()):
        beds = sum((one.beds for one in many), start=np.zeros(len(scene.periods), dtype=np.int64))
        beds.setflags(write=False)
        count = sum(one.stage.beds for one in many) // unit_beds
        longest_h = longest if longest >= 0 else None
        units.append(
            SurgeUnit(site, bed_type, stage, count, lead_h, longest_h, teardown_h, cost, standard, beds)
        )  # fmt: skip
    return {"surge_units": tuple(units)} if units else {}


def _unlocked(scene: Scene) -> np.ndarray:
    """(site, period) where the crisis standard may be used."""
    found = unlocked_in(scene).get("crisis_open")
    return np.zeros((len(scene.sites), len(scene.periods)), dtype=bool) if found is None else found


def _stages(scene: Scene) -> Iterator[_Stage]:
    """Every stage of every hospital. Injects count on the sum of the stages, rounded down, as in ``surge_beds``:
    what is ready first is filled first, so that stages add up to it."""
    types = [bed_type.code for bed_type in scene.reference.bed_types]
    hospitals = {site.code: n for n, site in enumerate(scene.geography.hospitals)}
    leads = lead_times(scene.scenario, scene.geography)
    factors = bed_factors(scene.scenario, scene.geography, types, scene.periods)
    lines: dict[tuple[str, str], list[tuple[int, SurgeStage]]] = {}
    for stage in scene.reference.surge:
        lead_h = leads.get((stage.site, stage.bed_type, stage.stage), stage.lead_h)
        lines.setdefault((stage.site, stage.bed_type), []).append((lead_h, stage))
    for (site, bed_type), stages in sorted(lines.items()):
        below, so_far = np.zeros(len(scene.periods), dtype=np.int64), 0
        for lead_h, stage in sorted(stages, key=lambda pair: (pair[0], pair[1].stage)):
            so_far += stage.beds
            cell = types.index(bed_type), hospitals[site]
            upto = np.array([_scaled(so_far, factors.get((*cell, t))) for t in range(len(scene.periods))])
            yield _Stage(stage, hospitals[site], lead_h, upto - below)
            below = upto


def _scaled(beds: int, factor: Fraction | None) -> int:
    return beds if factor is None else int(beds * factor)
