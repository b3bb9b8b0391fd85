"""Tables as contracts: which columns a CSV file has, in which unit, and what is wrong with a given one.

Table files are read here and nowhere else, as text first (a region code ``01`` stays ``01``).
Problem codes are a prefix (R, S, P) and a number from 901 to 918, the same for every table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nspl_opt.cells import KINDS, Complaint, ascii_safe, parse_cell, shown, tidy_text
from nspl_opt.files import decode_text, read_bytes, sha256_file
from nspl_opt.problems import Problem, did_you_mean

__all__ = [
    "Contract",
    "Field",
    "Row",
    "ascii_safe",
    "check_foreign",
    "parse_table",
    "read_table",
    "sha256_file",
    "table_schema",
]

MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_LINE = 1_000_000
"""Longest line [characters]; looked at before it is taken apart."""
SHOWN_PER_TABLE = 50
"""So many problems are told per table; the rest is counted."""
MAX_FAULTS = 1_000
"""After so many problems a table is read no further."""

_SCHEMA_TYPES = {"whole": "integer", "number": "number", "flag": "boolean", "date": "date"}


@dataclass(frozen=True, slots=True)
class Field:
    """A column. ``kind`` is one of code, text, whole, number, flag, date, code_list (';' between).

    A column that is not ``required`` may be left out, or empty in a row; then it has ``default``.
    """

    name: str
    kind: str
    unit: str = ""
    meaning: str = ""
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] | None = None
    default: Any = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"column {self.name}: no kind {self.kind}")


@dataclass(frozen=True, slots=True)
class Contract:
    """What a table promises: columns, the columns that make a row unique, columns that name rows elsewhere.

    ``foreign`` maps a column (code or code_list) to the table whose codes it holds.
    """

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    foreign: Mapping[str, str] = field(default_factory=dict)


class Row(dict):
    """A row: column name to value. ``file`` and ``line`` say where it was written."""

    __slots__ = ("file", "line")

    def __init__(self, values: Mapping[str, Any], file: str, line: int) -> None:
        super().__init__(values)
        self.file, self.line = file, line

    def at(self, column: str) -> str:
        """The address of a cell: ``beds.csv, row 14, column staffed``."""
        return f"{self.file}, row {self.line}, column {column}"


def read_table(
    path: Path,
    contract: Contract,
    problems: list[Problem],
    where: str | None = None,
    prefix: str = "R",
    known: Mapping[str, Collection[str]] | None = None,
) -> list[Row]:
    """The rows of a CSV file that keep the contract, sorted by key; every breach goes to ``problems``.

    ``where`` names the file in messages (default: its name). ``known`` maps table names to their
    codes for the columns in ``contract.foreign``; tables that are not in it are not checked here.
    Row numbers count lines of the file, the header being row 1. Nothing is raised.
    """
    where = where or path.name
    found: list[Problem] = []
    rows: list[Row] = []
    content = read_bytes(path, found, where, prefix)
    text = decode_text(content, found, where, prefix) if content is not None else None
    if text is not None:
        rows = parse_table(text, contract, found, where, prefix)
        check_foreign(rows, contract, known or {}, found, prefix)
    problems.extend(_shortened(found, where, prefix))
    return rows


def parse_table(text: str, contract: Contract, problems: list[Problem], where: str, prefix: str = "R") -> list[Row]:
    """Like ``read_table``, from text already at hand, without the look at other tables' codes."""
    reader = csv.reader(_bounded(text), strict=True)
    rows: list[Row] = []
    before = len(problems)
    try:
        header = next((line for line in reader if line), None)
        columns = _read_header(header, contract, problems, where, prefix)
        if columns is None:
            return []
        for line in reader:
            if not line:
                continue
            if len(problems) - before >= MAX_FAULTS:
                break
            if len(rows) >= MAX_ROWS:
                problems.append(Problem(f"{prefix}917", where, f"more than {MAX_ROWS} rows", "split the table"))
                break
            row = _read_row(line, columns, contract, problems, Row({}, where, reader.line_num), prefix)
            if row is not None:
                rows.append(row)
    except csv.Error as error:
        at, what = f"{where}, row {max(1, reader.line_num)}", f"the line cannot be read: {error}"
        problems.append(Problem(f"{prefix}906", at, what, "check the quotation marks and the ends of lines"))
    return _keyed(rows, contract, problems, prefix)


def _bounded(text: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if len(line) > MAX_LINE:
            raise csv.Error(f"{len(line)} characters; at most {MAX_LINE} fit a line")
        yield line


def check_foreign(
    rows: Iterable[Row],
    contract: Contract,
    known: Mapping[str, Collection[str]],
    problems: list[Problem],
    prefix: str = "R",
) -> None:
    """Every code in a column of ``contract.foreign`` exists in the table it points to (``915``)."""
    columns = [(column, table) for column, table in contract.foreign.items() if table in known]
    for row in rows:
        for column, table in columns:
            value = row[column]
            for code in value if isinstance(value, tuple) else (value,):
                if code is not None and code not in known[table]:
                    what = f"{shown(code)}: no such code in {table}"
                    problems.append(Problem(f"{prefix}915", row.at(column), what, _nearest(code, known[table])))


def _nearest(code: str, known: Collection[str]) -> str:
    padded = [name for name in sorted(known) if name.lstrip("0") == code]
    if padded:
        return f"did you mean '{padded[0]}'? (spreadsheets drop leading zeros)"
    return did_you_mean(code, known)


def _read_header(
    header: list[str] | None, contract: Contract, problems: list[Problem], where: str, prefix: str
) -> list[Field] | None:
    """The fields in the order of the file, or None and the problems."""

    def refuse(number: int, place: str, what: str, remedy: str) -> None:
        problems.append(Problem(f"{prefix}{number}", place, what, remedy))

    names = [field.name for field in contract.fields]
    if header is None:
        return refuse(903, where, "the file is empty", f"write the header: {','.join(names)}")
    if len(header) > MAX_COLUMNS:
        return refuse(917, where, f"{len(header)} columns; at most {MAX_COLUMNS}", f"keep {','.join(names)}")
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        return refuse(903, f"{where}, row 1", "the columns are not separated by commas", "save with ',' as separator")
    before = len(problems)
    titles: list[str] = []
    for index, cell in enumerate(header, 1):
        try:
            titles.append(tidy_text(cell))
        except Complaint as complaint:
            refuse(complaint.number, f"{where}, row 1, column {index}", complaint.rule, complaint.remedy)
    if len(problems) > before:
        return None
    for title in sorted(set(titles)):
        if titles.count(title) > 1:
            refuse(903, f"{where}, row 1, column {shown(title)}", "the column occurs twice", "keep one of them")
        elif title not in names:
            refuse(904, f"{where}, row 1", f"unknown column {shown(title)}", did_you_mean(title, names))
    if len(problems) == before:
        for item in contract.fields:
            if item.required and item.name not in titles:
                refuse(905, f"{where}, row 1", f"column {item.name} is missing", f"add it: {item.meaning or item.kind}")
    if len(problems) > before:
        return None
    by_name = {item.name: item for item in contract.fields}
    return [by_name[title] for title in titles]


def _read_row(
    cells: list[str], columns: list[Field], contract: Contract, problems: list[Problem], row: Row, prefix: str
) -> Row | None:
    """The row with every field of the contract filled in, or None and its problems."""
    if len(cells) != len(columns):
        what = f"{len(cells)} cells; the header has {len(columns)} columns"
        remedy = "give every column a cell; put text that holds a comma, and nothing else, in quotation marks"
        problems.append(Problem(f"{prefix}906", f"{row.file}, row {row.line}", what, remedy))
        return None
    row.update((item.name, item.default) for item in contract.fields)
    good = True
    for cell, item in zip(cells, columns, strict=True):
        try:
            if cell.strip():
                row[item.name] = parse_cell(cell, item)
            elif item.required:
                raise Complaint(913, "the cell is empty", f"fill it in: {item.meaning or item.kind}")
        except Complaint as complaint:
            good = False
            rule = f"{shown(cell)}: {complaint.rule}" if cell.strip() else complaint.rule
            problems.append(Problem(f"{prefix}{complaint.number}", row.at(item.name), rule, complaint.remedy))
    return row if good else None


def _keyed(rows: list[Row], contract: Contract, problems: list[Problem], prefix: str) -> list[Row]:
    """Rows sorted by key; the second of two with the same key is a problem (``914``) and left out."""
    names = contract.key or tuple(item.name for item in contract.fields)
    seen: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple((row[name] is not None, row[name]) for name in names)
        if contract.key and key in seen:
            what = f"{', '.join(shown(row[name]) for name in names)}: already in row {seen[key].line}"
            problems.append(Problem(f"{prefix}914", row.at("+".join(names)), what, "keep one of the two rows"))
        else:
            seen.setdefault(key, row)
    if contract.key:
        return [seen[key] for key in sorted(seen)]
    return sorted(rows, key=lambda row: tuple((row[name] is not None, row[name]) for name in names))


def _shortened(found: list[Problem], where: str, prefix: str) -> list[Problem]:
    rest = len(found) - SHOWN_PER_TABLE
    if rest <= 0:
        return found
    count = f"at least {rest}" if len(found) >= MAX_FAULTS else str(rest)
    more = Problem(f"{prefix}918", where, f"{count} more problems in this table", "mend these first, then check again")
    return [*found[:SHOWN_PER_TABLE], more]


def table_schema(contract: Contract) -> dict[str, Any]:
    """The contract as a Table Schema (Data Package standard), the form ``datapackage.json`` holds."""
    schema: dict[str, Any] = {"fields": [_schema_field(item, contract) for item in contract.fields]}
    if contract.key:
        schema["primaryKey"] = list(contract.key)
    keys = [
        {"fields": [column], "reference": {"resource": table, "fields": ["code"]}}
        for column, table in contract.foreign.items()
        if next(item.kind for item in contract.fields if item.name == column) == "code"
    ]
    if keys:
        schema["foreignKeys"] = keys
    return schema


def _schema_field(item: Field, contract: Contract) -> dict[str, Any]:
    out: dict[str, Any] = {"name": item.name, "type": _SCHEMA_TYPES.get(item.kind, "string")}
    if item.meaning:
        out["description"] = item.meaning
    if item.unit:
        out["unit"] = item.unit
    limits: dict[str, Any] = {"required": True} if item.required else {}
    if item.minimum is not None:
        limits["minimum"] = item.minimum
    if item.maximum is not None:
        limits["maximum"] = item.maximum
    if item.choices is not None and item.kind != "code_list":
        limits["enum"] = list(item.choices)
    if item.kind == "code_list":
        out["listOf"] = contract.foreign.get(item.name, "code")
    if limits:
        out["constraints"] = limits
    return out
