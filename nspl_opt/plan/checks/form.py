"""The tables of a plan as rows of exact numbers: integers and millionths, never floats."""

from __future__ import annotations

import math
from collections import namedtuple
from datetime import datetime
from typing import Any

import pandas as pd

from nspl_opt.plan.checks.report import Tally
from nspl_opt.plan.columns import Column, those_in
from nspl_opt.plan.plan import ALWAYS, TABLES
from nspl_opt.reference.reference import MICRO

Rows = tuple[Any, ...]
"""Named tuples with the columns of the table; numbers in millionths (None where empty)."""

_ROW = {name: namedtuple(name, [column.name for column in columns]) for name, columns in TABLES.items()}

MAY_BE_EMPTY = frozenset({("load", "free_share"), ("rules", "least_slack")})
"""Numbers that may be missing: no beds, no rows."""


def read_rows(name: str, frame: pd.DataFrame | None, tally: Tally) -> Rows:
    """The rows of one table; whatever does not fit the contract is tallied and the table left empty.

    A table that not every plan has reads as empty when it is missing, an optional column as 0.
    """
    columns = TABLES[name]
    if frame is None and name not in ALWAYS:
        return ()
    found = [] if frame is None else list(frame.columns)
    wanted = [column.name for column in those_in(columns, found)]
    tally.equal((name, "columns"), wanted, found)
    if frame is None or found != wanted:
        return ()
    broken_before = len(tally.breaches)
    read = []
    for column in columns:
        there = frame[column.name].tolist() if column.name in found else [0] * len(frame)
        read.append(_read_column(name, column, there, tally))
    if len(tally.breaches) > broken_before:
        return ()
    row = _ROW[name]
    return tuple(row(*values) for values in zip(*read, strict=True))


def _read_column(table: str, column: Column, values: list[Any], tally: Tally) -> list[Any]:
    reader = _READERS[column.kind]
    empty = (column.empty and column.kind != "text") or (table, column.name) in MAY_BE_EMPTY
    result = []
    tally.rows += len(values)
    for number, value in enumerate(values, start=1):
        if empty and (value is None or value != value):
            result.append(None)
            continue
        exact = reader(value)
        if exact is None:
            tally.breach((table, "row", number, column.name), _EXPECTED[column.kind], value)
        result.append(exact)
    return result


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return round(value) if isinstance(value, float) and math.isfinite(value) and value == math.floor(value) else None


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    if isinstance(value, int):
        return value * MICRO
    scaled = value * MICRO
    exact = round(scaled)
    # a float near a million holds six decimals to a hundredth of the last one
    return exact if abs(scaled - exact) <= 0.01 else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _time(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None


_READERS = {"text": _text, "whole": _whole, "number": _number, "flag": _flag, "time": _time}
_EXPECTED = {
    "text": "a text",
    "whole": "a whole number",
    "number": "a number with at most six decimals",
    "flag": "true or false",
    "time": "a time as in ISO 8601",
}
