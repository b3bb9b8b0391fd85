"""A table of the report for a terminal: a title, the columns in line, the first rows."""

from __future__ import annotations

from nspl_opt.plan.words import Words
from nspl_opt.report.page import NUMERIC, write_cell
from nspl_opt.report.sheets import Sheet

SHOWN = 12
"""Rows; the report and the workbook have them all."""
WIDEST = 28
"""Of a column but the last [characters]."""


def sheet_lines(sheet: Sheet, words: Words) -> list[str]:
    """The table as lines; figures stand to the right."""
    heads = [words(f"column.{head.key}") for head in sheet.heads]
    rows = [
        [write_cell(value, head.kind, words).text for value, head in zip(row, sheet.heads, strict=True)]
        for row in sheet.rows[:SHOWN]
    ]
    table = [[_cut(text, column == len(heads) - 1) for column, text in enumerate(row)] for row in [heads, *rows]]
    widths = [max(len(row[column]) for row in table) for column in range(len(heads))]
    right = [head.kind in NUMERIC for head in sheet.heads]
    lines = [
        "  ".join(
            text.rjust(width) if figure else text.ljust(width)
            for text, width, figure in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in table
    ]
    more = len(sheet.rows) - SHOWN
    rest = [words("line.more", number=words.number(more))] if more > 0 else []
    return [sheet.title, *(lines if rows else []), *rest, *([sheet.note] if sheet.note else [])]


def _cut(text: str, last: bool) -> str:
    return text if last or len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
