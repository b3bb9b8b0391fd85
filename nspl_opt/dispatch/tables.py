"""The tables of a dispatch: their contract, their rows, and how they are written and read. No solver here."""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from nspl_opt.files import read_bytes
from nspl_opt.problems import InvalidInput, Problem

Rows = tuple[dict[str, str], ...]
Tables = Mapping[str, Rows]
"""Name of the table -> its rows, every cell as it is written."""

COLUMNS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "dispatch": (
        ("run", "number of the run; a run with patients of several transfers has a row for each"),
        ("kind", "trip; sailing; to_terminal or from_terminal: a feeder run for one patient"),
        ("period", "period of the plan that the run belongs to"),
        ("pool", "pool of the vehicle; empty for scheduled lines"),
        ("vehicle", "number of the vehicle within its pool; 0 for scheduled lines"),
        ("vehicle_type", "vehicle type"),
        ("line", "ferry line, if any"),
        ("from_place", "where patients come on board"),
        ("to_place", "where they leave it"),
        ("leave", "the vehicle leaves where it stands"),
        ("loading", "patients begin to come on board"),
        ("depart", "the vehicle sets out with them"),
        ("arrive", "it is there"),
        ("unloaded", "all patients are off"),
        ("ready", "the vehicle is back where it stands, ready for the next run"),
        ("trip", "row of trips.csv that the run carries out; empty for feeder runs"),
        ("serves", "run that a feeder run belongs to"),
        ("transfer", "row of transfers.csv that the patients belong to"),
        ("category", "care category"),
        ("from_site", "sending site"),
        ("to_site", "receiving site"),
        ("patients", "patients on board [patients]"),
        ("late_periods", "periods by which they reach their site later than planned (negative: earlier)"),
    ),
    "dispatch_unplaced": (
        ("what", "trips or patients"),
        ("id", "row of trips.csv or transfers.csv"),
        ("reason", "why they are not driven"),
        ("amount", "how many [trips or patients]"),
        ("pool", "pool of the trip, if any"),
        ("vehicles", "most vehicles of that pool there are at one time"),
        ("minutes", "how long the trip, or the patient's journey, lasts [min]"),
        ("earliest", "first moment at which what was missing could have started"),
        ("latest", "last such moment"),
    ),
    "dispatch_crews": (
        ("run", "run they are away with"),
        ("region", "region they come from"),
        ("who", "vehicle_crew, or the profession of those who go with the patients"),
        ("number", "crews, or people"),
        ("transfer", "row of transfers.csv; empty for vehicle crews"),
        ("start", "away from"),
        ("end", "back at"),
    ),
}

REASONS = (
    "expected_value", "empty", "no_seat", "no_vehicle_time", "no_sailing_in_time",
    "no_feeder", "no_feeder_to_terminal", "no_feeder_from_terminal",
)  # fmt: skip
"""Why something of the plan is not driven; docs/dispatch.md says what each means."""

LARGEST = 50_000_000
"""Bytes of one table that are read at all."""


def write_tables(tables: Tables, folder: Path) -> tuple[Path, ...]:
    """Write each table to ``NAME.csv``; a file that stood there is replaced when the new one is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, columns in COLUMNS.items():
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, [column for column, _ in columns], lineterminator="\n")
        writer.writeheader()
        writer.writerows(tables[name])
        draft, path = folder / f".{name}.{secrets.token_hex(4)}", folder / f"{name}.csv"
        try:
            draft.write_bytes(out.getvalue().encode())
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        written.append(path)
    return tuple(written)


def read_tables(folder: Path) -> Tables:
    """The tables of a folder, cells as they are written.

    Raises
    ------
    InvalidInput
        With every problem: D201 a table cannot be read, D202 it has other columns, D203 a row has other cells.
    """
    tables, problems = {}, []
    for name, columns in COLUMNS.items():
        names, where = [column for column, _ in columns], f"{name}.csv"
        raw = read_bytes(folder / where, problems, where, "D", folder, LARGEST)
        if raw is None:
            continue
        try:
            rows = list(csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            problems.append(Problem("D201", where, f"cannot be read: {error}", "run nspl-opt dispatch again"))
            continue
        if not rows or rows[0] != names:
            found = ", ".join(rows[0])[:200] if rows else "none"
            problems.append(Problem("D202", where, f"has the columns {found}", f"it must have {', '.join(names)}"))
            continue
        for number, row in enumerate(rows[1:], start=2):
            if len(row) != len(names):
                what = f"{len(row)} cells, the table has {len(names)} columns"
                problems.append(Problem("D203", f"{where}, row {number}", what, "run nspl-opt dispatch again"))
        tables[name] = tuple(dict(zip(names, row, strict=False)) for row in rows[1:])
    if problems:
        raise InvalidInput(str(folder), problems)
    return tables
