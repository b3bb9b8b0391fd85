"""Ready for discharge: who needs a municipal place, and how many a day the municipalities can take.

``[[municipal_places]] file=``, a row per region and window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from nspl_opt.problems import Problem
from nspl_opt.reference.reference import MICRO, Reference
from nspl_opt.scenario.extra import Extra, Scene
from nspl_opt.scenario.fields import exact
from nspl_opt.scenario.findings import millionths, unknown, window
from nspl_opt.scenario.parts import Municipal
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.shares import half_even, overlap
from nspl_opt.scenario.subjects.stays import LEAST_MICRO, least_leaving
from nspl_opt.tables import Contract, Field, Row

MUNICIPAL_TABLE = Contract(
    "municipal_places",
    (
        Field("place", "code", "", "region"),
        Field("from_h", "whole", "h", "first hour", minimum=0, maximum=9_600),
        Field("to_h", "whole", "h", "first hour after it", minimum=0, maximum=9_600),
        Field("patients_per_day", "number", "patients", "whom they can take in 24 hours", minimum=0, maximum=100_000),
    ),
    ("place", "from_h", "to_h"),
)


@dataclass(frozen=True, slots=True, order=True)
class MunicipalRow:
    """A row as written."""

    place: str
    from_h: int
    to_h: int
    per_day_micro: int
    where: str


def _row(row: Row, problems: list[Problem]) -> MunicipalRow:
    where, per_day = f"{row.file}, row {row.line}", millionths(row, "patients_per_day", problems)
    return MunicipalRow(row["place"], row["from_h"], row["to_h"], per_day, where)


def _check(reference: Reference, scenario: Scenario, rows: Sequence[MunicipalRow]) -> Iterator[Problem]:
    """``S415`` a share too small, ``S417`` a category twice, ``S418`` one that is not listed, ``S419`` no region."""
    regions, seen = [region.code for region in reference.regions], set()
    for n, entry in enumerate(scenario.file.discharge_ready):
        where = f"{scenario.file_name}: discharge_ready[{n}].category"
        yield from unknown("S418", where, "care category", entry.category, scenario.file.categories)
        if entry.category in seen:
            yield Problem("S417", where, f"'{entry.category}' has a share already", "keep one of the two")
        seen.add(entry.category)
        few = exact(entry.share) * least_leaving(reference, scenario, entry.category) < LEAST_MICRO
        if entry.share and few and entry.category in scenario.file.categories:
            what = f"{entry.share:g}: in some period fewer than one in ten thousand would become ready"
            where = where.replace(".category", ".share")
            yield Problem("S415", where, what, "write a larger share, or leave it out")
    for row in rows:
        yield from unknown("S419", f"{row.where}, column place", "region", row.place, regions)
        yield from window(f"{row.where}, column ", row.from_h, row.to_h, scenario.file.horizon_h)


def _resolve(scene: Scene, rows: Sequence[MunicipalRow]) -> Mapping[str, Any]:
    shares = {entry.category: exact(entry.share) for entry in scene.scenario.file.discharge_ready}
    if not shares and not rows:
        return {}
    regions = [region.code for region in scene.reference.regions]
    codes = [one.parent if one.stage else one.code for one in scene.categories]
    ready = [half_even(shares.get(code, Fraction(0)) * MICRO) for code in codes]
    places = np.zeros((len(regions), len(scene.periods)), dtype=np.int64)
    limited = np.zeros(len(regions), dtype=bool)
    for row in rows:
        limited[regions.index(row.place)] = True
        for period in scene.periods:
            hours = overlap(row.from_h, row.to_h, period.start_h, period.start_h + period.length_h)
            places[regions.index(row.place), period.index] += half_even(Fraction(row.per_day_micro * hours, 24))
    arrays = (np.array(ready, dtype=np.int64), places, limited)
    for array in arrays:
        array.setflags(write=False)
    return {"municipal": Municipal(*arrays)}


EXTRAS_HERE = (Extra("municipal_places", MUNICIPAL_TABLE, _row, _check, _resolve),)
