"""The contract of a table of the plan folder: its columns in order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a plan table. ``kind`` is text, whole, number, flag or time (ISO 8601).

    ``empty``: a cell may be empty (a text "", a figure None), for there may be nothing to say.
    """

    name: str
    kind: str
    unit: str
    meaning: str
    empty: bool = False


def columns(*rows: str) -> tuple[Column, ...]:
    """Columns from lines ``name|kind|unit|meaning``, or ``name|kind|unit|meaning|empty``."""
    parts = [[part.strip() for part in row.split("|")] for row in rows]
    return tuple(Column(*row[:4], empty=row[4:] == ["empty"]) for row in parts)
