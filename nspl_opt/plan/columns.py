"""The contract of a table of the plan folder: its columns in order."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a plan table. ``kind`` is text, whole, number, flag or time (ISO 8601).

    ``empty``: a cell may be empty (a text "", a figure None), for there may be nothing to say.
    ``optional``: plans that cannot have anything in the column are without it; it reads as 0.
    """

    name: str
    kind: str
    unit: str
    meaning: str
    empty: bool = False
    optional: bool = False


def columns(*rows: str) -> tuple[Column, ...]:
    """Columns from lines ``name|kind|unit|meaning``, or with ``|empty`` or ``|optional`` after it."""
    parts = [[part.strip() for part in row.split("|")] for row in rows]
    return tuple(Column(*row[:4], empty=row[4:] == ["empty"], optional=row[4:] == ["optional"]) for row in parts)


def those_in(contract: tuple[Column, ...], found: Container[str]) -> tuple[Column, ...]:
    """The columns of a contract for a table in which these columns are found: optional ones only where they are."""
    return tuple(column for column in contract if not column.optional or column.name in found)
