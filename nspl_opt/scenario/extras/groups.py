"""Groups of patients who move together: each is a category of its own, with everything else as its category."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nspl_opt.problems import Problem
from nspl_opt.reference.reference import MICRO, Reference
from nspl_opt.scenario.extra import Extra, Scene
from nspl_opt.scenario.findings import unknown
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.parts import PatientGroup
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema import LONGEST_HORIZON_H
from nspl_opt.tables import Contract, Field, Row

LARGEST = 10_000
NEVER_H = 1_000_000_000
"""Mean stay of a group [h]: nobody of it leaves within any horizon."""

GROUPS_TABLE = Contract(
    "groups",
    (
        Field("group", "code", "", "code of the group"),
        Field("category", "code", "", "care category of its patients"),
        Field("place", "code", "", "region (its largest hospital) or hospital where they are"),
        Field("at_h", "whole", "h", "hour after the start when they come", minimum=0, maximum=LONGEST_HORIZON_H),
        Field("patients", "whole", "patients", "patients of the group", minimum=1, maximum=LARGEST),
    ),
    ("group",),
)


@dataclass(frozen=True, slots=True, order=True)
class GroupRow:
    """A row as written."""

    group: str
    category: str
    place: str
    at_h: int
    patients: int
    where: str

    @property
    def patients_micro(self) -> int:
        """Patients of the group [patients / 1e6]."""
        return self.patients * MICRO

    @property
    def clone(self) -> str:
        """The group's own category."""
        return f"{self.category}.{self.group}"


def _row(row: Row, problems: list[Problem]) -> GroupRow:
    cells = (row[field.name] for field in GROUPS_TABLE.fields)
    return GroupRow(*cells, f"{row.file}, row {row.line}")


def _check(reference: Reference, scenario: Scenario, rows: tuple[GroupRow, ...]) -> Iterable[Problem]:
    """``S423`` after the horizon, ``S424`` no such place, ``S427`` a category that the scenario does not list,
    ``S428`` a group twice."""
    places, seen = Geography.of(reference).known(), set()
    for row in rows:
        yield from unknown("S424", f"{row.where}, column place", "region or site", row.place, places)
        listed = scenario.file.categories
        yield from unknown("S427", f"{row.where}, column category", "care category", row.category, listed)
        if row.at_h >= scenario.file.horizon_h:
            what = f"{row.at_h}: outside the horizon, hours 0 to {scenario.file.horizon_h}"
            yield Problem("S423", f"{row.where}, column at_h", what, "write an hour before it ends")
        if row.group in seen:
            what = f"the group '{row.group}' stands twice"
            yield Problem("S428", f"{row.where}, column group", what, "give one of them another code")
        seen.add(row.group)


def _period(scene: Scene, at_h: int) -> int:
    starts = [period.start_h for period in scene.periods]
    return int(np.searchsorted(starts, at_h, side="right")) - 1


def _hospital(scene: Scene, place: str) -> int:
    """Index of the hospital that the place stands for: of a region's the largest."""
    code = scene.geography.largest(scene.geography.hospitals_of(place)).code
    return [site.code for site in scene.geography.hospitals].index(code)


def _resolve(scene: Scene, rows: tuple[GroupRow, ...]) -> dict[str, Any]:
    found = [
        PatientGroup(
            row.group, row.clone, scene.sites[scene.group[_hospital(scene, row.place)]].code,
            _period(scene, row.at_h), row.patients_micro,
        )
        for row in rows
    ]  # fmt: skip
    return {"groups": tuple(sorted(found, key=lambda group: group.code))} if found else {}


def clone(scene: Scene) -> Scene:
    """A category per group. It stays as stays are before ``stays`` makes stages of them: this step comes first."""
    if not scene.rows("groups"):
        return scene
    known = {category.code: category for category in scene.categories}
    arrivals, initial = (scene.by_hospital[name] for name in ("arrivals_micro", "initial_micro"))
    rows = [(category, arrivals[k], initial[k]) for k, category in enumerate(scene.categories)]
    for row in scene.rows("groups"):
        of = known[row.category]
        names = {"name_sv": f"{of.name_sv} ({row.group})", "name_en": f"{of.name_en} ({row.group})"}
        category = dataclasses.replace(of, code=row.clone, parent=of.code, mean_stay_h=NEVER_H, **names)
        come = np.zeros_like(arrivals[0])
        come[_hospital(scene, row.place), _period(scene, row.at_h)] = row.patients_micro
        rows.append((category, come, np.zeros_like(initial[0])))
    rows.sort(key=lambda row: row[0].code)
    changed = {
        "arrivals_micro": np.stack([row[1] for row in rows]), "initial_micro": np.stack([row[2] for row in rows]),
    }  # fmt: skip
    by_hospital = {**scene.by_hospital, **changed}
    return dataclasses.replace(scene, categories=tuple(row[0] for row in rows), by_hospital=by_hospital)


EXTRAS_HERE = (Extra("groups", GROUPS_TABLE, _row, _check, _resolve),)
