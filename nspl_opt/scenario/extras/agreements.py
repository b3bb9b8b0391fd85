"""Lines of help and how far they have come: proposed, offered, countered, accepted, directed or declined.

``[[agreements]] file=``, a row per line: so many patients of a category, or people of a profession, from a place to
a place in a window. What has left or arrived already is a fact and belongs to ``initial`` and ``demand``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.reference.reference import MICRO, Reference
from nspl_opt.scenario.extra import Extra, Scene
from nspl_opt.scenario.extras.pairs import ends
from nspl_opt.scenario.findings import millionths, unknown, window
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.parts import Agreement
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema import EVERYWHERE, LONGEST_HORIZON_H
from nspl_opt.tables import Contract, Field, Row

STATES = ("proposed", "offered", "countered", "accepted", "directed", "declined")
KINDS = ("patients", "staff")
REASONS = (
    "own_katastroftillstand",
    "own_katastroftillstand_foreseeable",
    "no_staffed_capacity",
    "no_competence",
    "transport_impossible",
    "patient_not_transportable",
    "outside_mandate",
    "other",
)
LEGAL_BASES = ("cooperation_hsl_7_8", "leh_4_1", "hsl_16a_2", "leh_4_2", "host_nation_support", "ucpm")
MOST = 100_000

AGREEMENTS_TABLE = Contract(
    "agreements",
    (
        Field("id", "code", "", "stable name of the line"),
        Field("state", "code", "", "how far the line has come", choices=STATES),
        Field("kind", "code", "", "what is helped with", choices=KINDS),
        Field("from", "code", "", "sending region or site; all where it is declined"),
        Field("to", "code", "", "receiving region or site; all where it is declined"),
        Field("what", "code", "", "care category or profession; all where it is declined"),
        Field("vehicle_type", "code", "", "vehicle type, where one is agreed", required=False, default=""),
        Field("from_h", "whole", "h", "first hour after the start", minimum=0, maximum=LONGEST_HORIZON_H),
        Field("to_h", "whole", "h", "first hour after the window", minimum=1, maximum=LONGEST_HORIZON_H),
        Field(
            "amount", "number", "", "patients, or people at once", required=False, minimum=0, maximum=MOST, default=0
        ),
        Field("reason", "code", "", "reason of a decline", required=False, choices=REASONS, default=""),
        Field(
            "legal_basis", "code", "", "legal basis, for the record", required=False, choices=LEGAL_BASES, default=""
        ),
    ),
    ("id",),
)


@dataclass(frozen=True, slots=True, order=True)
class AgreementRow:
    """A row as written."""

    code: str
    state: str
    kind: str
    origin: str
    destination: str
    what: str
    vehicle_type: str
    from_h: int
    to_h: int
    amount_micro: int
    reason: str
    legal_basis: str
    where: str


def _row(row: Row, problems: list[Problem]) -> AgreementRow:
    cells = [row[name] for name in ("id", "state", "kind", "from", "to", "what", "vehicle_type", "from_h", "to_h")]
    amount, where = millionths(row, "amount", problems), f"{row.file}, row {row.line}"
    return AgreementRow(*cells, amount, row["reason"], row["legal_basis"], where)


def _check(reference: Reference, scenario: Scenario, rows: Sequence[AgreementRow]) -> Iterable[Problem]:
    geography = Geography.of(reference)
    for row in rows:
        yield from ends(geography, row.where, row.origin, row.destination)
        yield from window(f"{row.where}, column ", row.from_h, row.to_h, scenario.file.horizon_h)
        yield from _meant(reference, scenario, row)
        yield from _amount(row)
        if row.kind == "staff":
            yield from _lending(geography, row)
    lines = [(row, *(_hospitals(geography, place) for place in (row.origin, row.destination))) for row in rows]
    yield from _overlaps(lines)


def _hospitals(geography: Geography, place: str) -> frozenset[str]:
    return frozenset(site.code for site in geography.hospitals_of(place))


def _meant(reference: Reference, scenario: Scenario, row: AgreementRow) -> Iterable[Problem]:
    """``S431``: what or which vehicle is not known. ``S435``: all, where it is not a decline."""
    staff = row.kind == "staff"
    known = [one.code for one in reference.professions] if staff else list(scenario.file.categories)
    yield from unknown(
        "S431", f"{row.where}, column what", "profession" if staff else "category", row.what, [*known, EVERYWHERE]
    )
    if row.vehicle_type:
        vehicles = () if staff else [one.code for one in reference.vehicle_types]
        yield from unknown("S431", f"{row.where}, column vehicle_type", "vehicle type", row.vehicle_type, vehicles)
    for column, value in (("from", row.origin), ("to", row.destination), ("what", row.what)):
        if value == EVERYWHERE and row.state != "declined":
            what = f"'{EVERYWHERE}' can only be declined, and this line is {row.state}"
            yield Problem("S435", f"{row.where}, column {column}", what, "write a line for each")


def _amount(row: AgreementRow) -> Iterable[Problem]:
    """``S432``: a line of nobody; of what is countered none may be left. ``S434``: parts of people."""
    if row.state not in ("countered", "declined") and not row.amount_micro:
        yield Problem("S432", f"{row.where}, column amount", f"a line that is {row.state} needs an amount", "write it")
    if row.kind == "staff" and row.amount_micro % MICRO:
        what = f"{row.amount_micro / MICRO:g}: people are lent whole"
        yield Problem("S434", f"{row.where}, column amount", what, f"write {-(-row.amount_micro // MICRO)}")


def _lending(geography: Geography, row: AgreementRow) -> Iterable[Problem]:
    """``S436``: staff lent by or to one hospital. ``S433``: a region that lends to itself."""
    for column, place in (("from", row.origin), ("to", row.destination)):
        if place not in (EVERYWHERE, *geography.regions) and geography.hospitals_of(place):
            what = f"'{place}' is a hospital, and staff are lent between regions"
            yield Problem("S436", f"{row.where}, column {column}", what, "write the region")
    if row.origin == row.destination and row.origin in geography.regions:
        what = f"'{row.destination}' would lend to itself"
        yield Problem("S433", f"{row.where}, column to", what, "name the region that borrows")


def _overlaps(lines: Sequence[tuple[AgreementRow, frozenset[str], frozenset[str]]]) -> Iterable[Problem]:
    """``S437``: two lines for partly the same journeys. Lines for quite the same journeys are added up."""
    standing = [line for line in lines if line[0].state != "declined"]
    for (one, *here), (other, *there) in combinations(standing, 2):
        same = (one.kind, one.what) == (other.kind, other.what) and here[0] & there[0] and here[1] & there[1]
        by = one.vehicle_type == other.vehicle_type or "" in (one.vehicle_type, other.vehicle_type)
        then = one.from_h < other.to_h and other.from_h < one.to_h
        alike = here == there and all(
            getattr(one, name) == getattr(other, name) for name in ("vehicle_type", "from_h", "to_h")
        )
        if same and by and then and not alike:
            what = f"counts partly the same {one.kind} as the line {one.code}"
            remedy = "give both the same places, vehicle and window, or windows that do not overlap"
            yield Problem("S437", f"{other.where}, line {other.code}", what, remedy)


def _resolve(scene: Scene, rows: Sequence[AgreementRow]) -> Mapping[str, Any]:
    lines = [(row, *(frozenset(scene.sites_of(place)) for place in (row.origin, row.destination))) for row in rows]
    if problems := list(_overlaps(lines)):
        raise InvalidInput(scene.scenario.file_name, problems)
    region = {site.code: site.region for site in scene.sites}

    def home(sites: Iterable[str]) -> str:
        homes = {region[site] for site in sites}
        return homes.pop() if len(homes) == 1 else ""

    found = (
        Agreement(
            row.code, row.state, row.kind, tuple(sorted(origin)), tuple(sorted(destination)), home(origin),
            home(destination), row.what, row.vehicle_type, row.from_h, row.to_h, row.amount_micro, row.reason,
            row.legal_basis,
        )
        for row, origin, destination in lines
    )  # fmt: skip
    return {"agreements": tuple(sorted(found, key=lambda line: line.code))}


EXTRAS_HERE = (Extra("agreements", AGREEMENTS_TABLE, _row, _check, _resolve),)
