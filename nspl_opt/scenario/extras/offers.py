"""What regions offer to give and take: ``[[offers]] file=``, a row per region, side, what and window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nspl_opt.problems import Problem
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.extra import Extra, Scene
from nspl_opt.scenario.findings import millionths, unknown, window
from nspl_opt.scenario.parts import RegionOffer
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema import EVERYWHERE, LONGEST_HORIZON_H
from nspl_opt.tables import Contract, Field, Row

OFFERS_TABLE = Contract(
    "offers",
    (
        Field("region", "code", "", "region that offers"),
        Field("side", "code", "", "give: send patients or lend people; take: receive them", choices=("give", "take")),
        Field("what", "code", "", "care category, bed type or profession; all: every category"),
        Field("from_h", "whole", "h", "first hour after the start", minimum=0, maximum=LONGEST_HORIZON_H),
        Field("to_h", "whole", "h", "first hour after the window", minimum=1, maximum=LONGEST_HORIZON_H),
        Field("amount", "number", "", "at most so many patients, or people at once", minimum=0, maximum=100_000),
    ),
    ("region", "side", "what", "from_h", "to_h"),
)


@dataclass(frozen=True, slots=True, order=True)
class OfferRow:
    """A row as written."""

    region: str
    side: str
    what: str
    from_h: int
    to_h: int
    amount_micro: int
    where: str


def _row(row: Row, problems: list[Problem]) -> OfferRow:
    cells = [row[name] for name in ("region", "side", "what", "from_h", "to_h")]
    return OfferRow(*cells, millionths(row, "amount", problems), f"{row.file}, row {row.line}")


def _check(reference: Reference, scenario: Scenario, rows: Sequence[OfferRow]) -> Iterable[Problem]:
    regions = [region.code for region in reference.regions]
    known = {*scenario.file.categories, EVERYWHERE}
    known |= {one.code for many in (reference.bed_types, reference.professions) for one in many}
    for row in rows:
        yield from unknown("S430", f"{row.where}, column region", "region", row.region, regions)
        kind = "category, bed type or profession"
        yield from unknown("S431", f"{row.where}, column what", kind, row.what, known)
        yield from window(f"{row.where}, column ", row.from_h, row.to_h, scenario.file.horizon_h)


def _resolve(scene: Scene, rows: Sequence[OfferRow]) -> Mapping[str, Any]:
    found = (RegionOffer(row.region, row.side, row.what, row.from_h, row.to_h, row.amount_micro) for row in rows)
    return {"offers": tuple(found)}


EXTRAS_HERE = (Extra("offers", OFFERS_TABLE, _row, _check, _resolve),)
