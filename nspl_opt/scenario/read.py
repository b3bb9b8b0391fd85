"""From a folder to a Scenario: scenario.toml and the CSV files it names, every problem told at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nspl_opt.files import decode_text, read_bytes
from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.scenario.alone import check_alone
from nspl_opt.scenario.extras import EXTRAS
from nspl_opt.scenario.fields import FILE_PATTERN, matches
from nspl_opt.scenario.findings import millionths
from nspl_opt.scenario.scenario import Arrivals, Present, Scenario
from nspl_opt.scenario.schema import LONGEST_HORIZON_H, ScenarioFile
from nspl_opt.scenario.toml_text import MAX_TOML_BYTES, parse_toml
from nspl_opt.scenario.wording import first, tell
from nspl_opt.tables import Contract, Field, Row, parse_table

SCENARIO_FILE = "scenario.toml"
MAX_CSV_BYTES = 20_000_000
MOST_PATIENTS = 100_000
ORIGIN_CLASSES = ("civilian", "military", "allied", "evacuee")

ARRIVALS_TABLE = Contract(
    "arrivals",
    (
        Field("from_h", "whole", "h", "first hour after the start", minimum=0, maximum=LONGEST_HORIZON_H),
        Field("to_h", "whole", "h", "first hour after the window", minimum=1, maximum=LONGEST_HORIZON_H),
        Field("place", "code", "", "region or site"),
        Field("category", "code", "", "care category"),
        Field("patients", "number", "patients", "patients who come in the window", minimum=0, maximum=MOST_PATIENTS),
        Field(
            "origin_class",
            "code",
            "",
            "who they are, for the record only: it never changes their priority",
            required=False,
            choices=ORIGIN_CLASSES,
            default="civilian",
        ),
        Field(
            "notice_h",
            "whole",
            "h",
            "how long before from_h it is known that they come; left out: always",
            required=False,
            minimum=0,
            maximum=LONGEST_HORIZON_H,
            default=LONGEST_HORIZON_H,
        ),
    ),
    ("from_h", "to_h", "place", "category", "origin_class"),
)
"""Columns of demand files, and of the files of injects."""

PRESENT_TABLE = Contract(
    "initial",
    (
        Field("place", "code", "", "region or site"),
        Field("category", "code", "", "care category"),
        Field("patients", "number", "patients", "patients there at the start", minimum=0, maximum=MOST_PATIENTS),
    ),
    ("place", "category"),
)
"""Columns of files with the patients already present."""


def read_scenario(path: Path) -> Scenario:
    """A scenario from its folder, or from a TOML file in it.

    Nothing outside the folder is read. Hours, figures and names are checked; whether the codes
    exist is checked against a reference package by ``resolve`` and ``check_scenario``.

    Raises
    ------
    InvalidInput
        With every problem of the file and of all tables that it names.
    """
    path = Path(path)
    problems: list[Problem] = []
    file_path = path / SCENARIO_FILE if not path.name.endswith(".toml") or os.path.isdir(path) else path
    where = file_path.name
    hashes: dict[str, str] = {}
    document = _document(file_path, where, problems, hashes)
    if document is None:
        raise InvalidInput(str(path), problems)
    file = _parsed(document, where, problems)
    tables = _tables(document, file_path.parent, problems, hashes)
    if file is None or problems:
        raise InvalidInput(str(path), problems)
    scenario = Scenario(
        file=file,
        file_name=where,
        directory=file_path.parent,
        demand=_arrivals((tables[source.file] for source in file.demand), problems),
        initial=_present((tables[source.file] for source in file.initial), problems),
        inject_arrivals={
            inject.name: _arrivals([tables[inject.arrivals.file]], problems)
            for inject in file.injects
            if inject.arrivals is not None
        },
        hashes=dict(sorted(hashes.items())),
        extra=_extra(file, tables, problems),
    )
    problems.extend(check_alone(scenario))
    if problems:
        raise InvalidInput(str(path), problems)
    return scenario


def _document(path: Path, where: str, problems: list[Problem], hashes: dict[str, str]) -> dict[str, Any] | None:
    content = read_bytes(path, problems, where, prefix="S", limit=MAX_TOML_BYTES)
    if content is None:
        return None
    hashes[where] = hashlib.sha256(content).hexdigest()
    text = decode_text(content, problems, where, prefix="S")
    return None if text is None else parse_toml(text, where, problems)


def _parsed(document: dict[str, Any], where: str, problems: list[Problem]) -> ScenarioFile | None:
    try:
        return ScenarioFile.model_validate(document)
    except ValidationError as error:
        problems.extend(tell(error, ScenarioFile, where))
        return None


def _named_files(document: Mapping[str, Any]) -> list[tuple[str, Contract]]:
    """The tables the document names, as far as it can be understood: also a broken one is helped."""
    entries = [(entry, ARRIVALS_TABLE) for entry in _list(document.get("demand"))]
    entries += [(entry, PRESENT_TABLE) for entry in _list(document.get("initial"))]
    injects = [inject for inject in _list(document.get("injects")) if isinstance(inject, dict)]
    entries += [(inject.get("arrivals"), ARRIVALS_TABLE) for inject in injects]
    entries += [(entry, extra.contract) for extra in EXTRAS for entry in _list(document.get(extra.key))]
    named: dict[tuple[str, str], Contract] = {}
    for entry, contract in entries:
        name = entry.get("file") if isinstance(entry, dict) else None
        if isinstance(name, str) and matches(FILE_PATTERN, name):
            named[name, contract.name] = contract
    return [(name, named[name, kind]) for name, kind in sorted(named)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _tables(
    document: Mapping[str, Any], folder: Path, problems: list[Problem], hashes: dict[str, str]
) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {}
    for name, contract in _named_files(document):
        content = read_bytes(folder / name, problems, name, prefix="S", limit=MAX_CSV_BYTES)
        text = None if content is None else decode_text(content, problems, name, prefix="S")
        if text is None:
            continue
        hashes[name] = hashlib.sha256(content).hexdigest()
        found: list[Problem] = []
        tables[name] = parse_table(text, contract, found, name, prefix="S")
        problems.extend(first(found, name))
    return tables


def _arrivals(tables: Iterable[list[Row]], problems: list[Problem]) -> tuple[Arrivals, ...]:
    rows = [row for table in tables for row in table]
    return tuple(
        sorted(
            Arrivals(
                from_h=row["from_h"],
                to_h=row["to_h"],
                place=row["place"],
                category=row["category"],
                origin_class=row["origin_class"],
                patients_micro=millionths(row, "patients", problems),
                where=f"{row.file}, row {row.line}",
                notice_h=row["notice_h"],
            )
            for row in rows
        )
    )


def _present(tables: Iterable[list[Row]], problems: list[Problem]) -> tuple[Present, ...]:
    rows = [row for table in tables for row in table]
    present = (
        Present(row["place"], row["category"], millionths(row, "patients", problems), f"{row.file}, row {row.line}")
        for row in rows
    )
    return tuple(sorted(present))


def _extra(file: ScenarioFile, tables: Mapping[str, list[Row]], problems: list[Problem]) -> dict[str, tuple[Any, ...]]:
    """The rows of later tables by key, sorted."""
    found = {}
    for extra in EXTRAS:
        rows = [row for source in getattr(file, extra.key) for row in tables[source.file]]
        found[extra.key] = tuple(sorted(extra.row(row, problems) for row in rows))
    return found
