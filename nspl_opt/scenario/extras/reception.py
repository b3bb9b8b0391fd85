"""Reception limits: how many patients a day a region or a hospital can take in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from nspl_opt.problems import Problem
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.extra import Extra, Scene
from nspl_opt.scenario.findings import millionths, unknown, window
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.parts import ReceptionLimit
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema import EVERYWHERE, LONGEST_HORIZON_H
from nspl_opt.tables import Contract, Field, Row

MOST_PER_DAY = 10_000

TABLE = Contract(
    "reception_limits",
    (
        Field("place", "code", "", "region (its hospitals together) or hospital"),
        Field("bed_type", "code", "", "bed type that the patients need, or all"),
        Field("from_h", "whole", "h", "first hour after the start", minimum=0, maximum=LONGEST_HORIZON_H),
        Field("to_h", "whole", "h", "first hour after the window", minimum=1, maximum=LONGEST_HORIZON_H),
        Field("patients_per_day", "number", "patients", "taken in from elsewhere", minimum=0, maximum=MOST_PER_DAY),
    ),
    ("place", "bed_type", "from_h", "to_h"),
)


@dataclass(frozen=True, slots=True, order=True)
class Limit:
    """One row."""

    place: str
    bed_type: str
    from_h: int
    to_h: int
    per_day_micro: int
    where: str


def row(row: Row, problems: list[Problem]) -> Limit:
    """A row as it is kept."""
    amount = millionths(row, "patients_per_day", problems)
    where = f"{row.file}, row {row.line}"
    return Limit(row["place"], row["bed_type"], row["from_h"], row["to_h"], amount, where)


def check(reference: Reference, scenario: Scenario, rows: tuple[Limit, ...]) -> Iterable[Problem]:
    """``S440`` place, ``S441`` bed type, ``S201``, ``S202`` windows."""
    places = Geography.of(reference).known()
    bed_types = [EVERYWHERE, *(bed_type.code for bed_type in reference.bed_types)]
    for one in rows:
        yield from unknown("S440", f"{one.where}, column place", "region or site", one.place, places)
        yield from unknown("S441", f"{one.where}, column bed_type", "bed type", one.bed_type, bed_types)
        yield from window(f"{one.where}, column ", one.from_h, one.to_h, scenario.file.horizon_h)


def resolve(scene: Scene, rows: tuple[Limit, ...]) -> Mapping[str, Any]:
    """The field ``reception``, sorted. Of hospitals in a site of several only what all of them say is known."""
    alone = [one for one in rows if one.place in scene.geography.regions or scene.level == "hospital"]
    found = [
        ReceptionLimit(scene.sites_of(one.place), one.bed_type, one.from_h, one.to_h, one.per_day_micro)
        for one in alone
    ]
    parts = [one for one in rows if one not in alone]
    for region in scene.geography.regions:
        codes = {site.code for site in scene.geography.hospitals_of(region)}
        here = [one for one in parts if one.place in codes]
        for bed_type in sorted({one.bed_type for one in here}):
            found += _together(scene, region, bed_type, [one for one in here if one.bed_type == bed_type])
    return {"reception": tuple(sorted(found, key=lambda one: (one.sites, one.bed_type, one.from_h, one.to_h)))}


def _together(scene: Scene, region: str, bed_type: str, rows: list[Limit]) -> Iterator[ReceptionLimit]:
    """The sum of the hospitals' limits wherever each of those that have such beds has one."""
    for start, end, least in _stretches(rows, _receivers(scene, region, bed_type)):
        yield ReceptionLimit(scene.sites_of(region), bed_type, start, end, sum(least.values()))


def _stretches(rows: list[Limit], receivers: set[str]) -> Iterator[tuple[int, int, dict[str, int]]]:
    """Windows in which all receivers have a limit, with the least of each [patients a day / 1e6]."""
    cuts = sorted({hour for one in rows for hour in (one.from_h, one.to_h)})
    for start, end in pairwise(cuts):
        least: dict[str, int] = {}
        for one in rows:
            if one.from_h <= start and end <= one.to_h:
                least[one.place] = min(one.per_day_micro, least.get(one.place, one.per_day_micro))
        if receivers <= set(least):
            yield start, end, least


def unfelt(reference: Reference, rows: tuple[Limit, ...]) -> Iterator[Limit]:
    """Limits of hospitals that cannot bind where regions are the sites: others of the region have none meanwhile."""
    geography = Geography.of(reference)
    beds = {(stock.site, stock.bed_type) for stock in (*reference.beds, *reference.surge)}
    types = [bed.code for bed in reference.bed_types]
    for one in rows:
        if one.place in geography.regions:
            continue
        mine = {site.code for site in geography.hospitals_of(geography.hospitals_of(one.place)[0].region)}
        wanted = types if one.bed_type == EVERYWHERE else [one.bed_type]
        receivers = {site for site in mine if any((site, kind) in beds for kind in wanted)}
        beside = [other for other in rows if other.place in mine and other.bed_type == one.bed_type]
        if not any(one.from_h < end and start < one.to_h for start, end, _ in _stretches(beside, receivers)):
            yield one


def _receivers(scene: Scene, region: str, bed_type: str) -> set[str]:
    """Hospitals of the region that ever have such beds, surge included."""
    types = [bed.code for bed in scene.reference.bed_types]
    chosen = range(len(types)) if bed_type == EVERYWHERE else [types.index(bed_type)]
    ever = (scene.by_hospital["beds"] + scene.by_hospital["surge_beds"])[list(chosen)].max(axis=(0, 2))
    return {
        site.code
        for site, beds in zip(scene.geography.hospitals, ever.tolist(), strict=True)
        if site.region == region and beds
    }


EXTRAS_HERE = (Extra("reception_limits", TABLE, row, check, resolve),)
