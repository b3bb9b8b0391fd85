"""Lists of pairs of places: ``[[pairs]] file=``, a row per sending place, receiving place and category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nspl_opt.problems import Problem
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.extra import Extra, Scene
from nspl_opt.scenario.findings import unknown
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.parts import Pair
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema import EVERYWHERE
from nspl_opt.tables import Contract, Field, Row

PAIRS_TABLE = Contract(
    "pairs",
    (
        Field("from", "code", "", "sending region or site, or all"),
        Field("to", "code", "", "receiving region or site, or all"),
        Field("category", "code", "", "care category, or all", required=False, default=EVERYWHERE),
    ),
    ("from", "to", "category"),
)


@dataclass(frozen=True, slots=True, order=True)
class PairRow:
    """A row as written."""

    origin: str
    destination: str
    category: str
    where: str


def _row(row: Row, problems: list[Problem]) -> PairRow:
    return PairRow(row["from"], row["to"], row["category"], f"{row.file}, row {row.line}")


def ends(geography: Geography, where: str, origin: str, destination: str) -> Iterable[Problem]:
    """``S430``: a place that is not known. ``S433``: a place that sends to itself, where it is one hospital."""
    for column, place in (("from", origin), ("to", destination)):
        yield from unknown("S430", f"{where}, column {column}", "place", place, [*geography.known(), EVERYWHERE])
    if origin == destination and origin not in (EVERYWHERE, *geography.regions) and geography.hospitals_of(origin):
        remedy = "name the place that receives"
        yield Problem("S433", f"{where}, column to", f"'{destination}' would send to itself", remedy)


def _check(reference: Reference, scenario: Scenario, rows: Sequence[PairRow]) -> Iterable[Problem]:
    geography = Geography.of(reference)
    for row in rows:
        yield from ends(geography, row.where, row.origin, row.destination)
        known = [*scenario.file.categories, EVERYWHERE]
        yield from unknown("S431", f"{row.where}, column category", "category", row.category, known)


def _resolve(scene: Scene, rows: Sequence[PairRow]) -> Mapping[str, Any]:
    found = (Pair(scene.sites_of(row.origin), scene.sites_of(row.destination), row.category) for row in rows)
    return {"pairs": tuple(sorted(set(found), key=lambda pair: (pair.from_sites, pair.to_sites, pair.category)))}


EXTRAS_HERE = (Extra("pairs", PAIRS_TABLE, _row, _check, _resolve),)
