"""A plan as text, one way only: canonical JSON and CSV, and back again."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pandas as pd

from nspl_opt.plan.columns import Column, those_in
from nspl_opt.plan.plan import TABLES, Avoidable, GoalResult, Plan
from nspl_opt.problems import Problem
from nspl_opt.scenario.grid import MOST_PERIODS, pairs_of

UNSAFE_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A text that starts so would be run as a formula by a spreadsheet."""

FORMAT = "nspl-opt plan 1"

_DTYPES = {"text": "str", "whole": "int64", "number": "float64", "flag": "bool", "time": "str"}
_PLAIN = ("scenario", "title_sv", "title_en", "marking", "level", "start", "status")
_AVOIDABLE = tuple(field.name for field in fields(Avoidable))
_GOAL = {"name": str, "unit": str, "value": float, "bound": float, "gap": float, "proven": bool}


def canonical_json(data: Any) -> str:
    """Keys sorted, two spaces, UTF-8 letters as they are, floats with at most twelve digits."""
    return json.dumps(_plain(data), sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if hasattr(value, "item"):  # numpy
        return _plain(value.item())
    if isinstance(value, float):
        # JSON has no infinity; a goal without any bound still must be written
        return float(f"{value:.12g}") + 0.0 if math.isfinite(value) else str(value)
    raise TypeError(f"{type(value).__name__} cannot stand in a plan")


def plan_json(plan: Plan) -> str:
    """Everything of a plan but its tables and its timing."""
    head = {name: getattr(plan, name) for name in (*_PLAIN, "model", "pruned", "size", "provenance")}
    goals = [{name: getattr(goal, name) for name in _GOAL} for goal in plan.goals]
    head["grid"] = pairs_of(plan.grid)
    if plan.notes:
        head["notes"] = plan.notes
    if plan.avoidable is not None:
        head["avoidable"] = {name: getattr(plan.avoidable, name) for name in _AVOIDABLE}
    return canonical_json({"format": FORMAT, "goals": goals, **head})


def timing_json(plan: Plan) -> str:
    """Seconds per stage and per goal: all that may differ between two runs of the same input."""
    return canonical_json({"stages": plan.timing, "goals": {goal.name: goal.seconds for goal in plan.goals}})


def table_text(name: str, frame: pd.DataFrame, problems: list[Problem]) -> str:
    """One table as CSV by its contract; what does not fit it becomes a problem ``P105``."""
    columns = those_in(TABLES[name], frame.columns)
    if list(frame.columns) != [column.name for column in columns]:
        wanted = ", ".join(column.name for column in columns)
        problems.append(Problem("P105", f"{name}.csv", "has other columns than the contract", f"give {wanted}"))
        return ""
    written = [_cells(name, column, frame[column.name].tolist(), problems) for column in columns]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows(zip(*written, strict=True))
    return out.getvalue()


def _cells(table: str, column: Column, values: list[Any], problems: list[Problem]) -> list[str]:
    write = _WRITERS[column.kind] if not column.empty else lambda value: _write_some(column.kind, value)
    cells = []
    for row, value in enumerate(values, start=1):
        try:
            cells.append(write(value))
        except (TypeError, ValueError) as error:
            where = f"{table}.csv, row {row}, column {column.name}"
            problems.append(Problem("P105", where, f"{value!r}: {error}", f"give {column.kind}"))
            cells.append("")
    return cells


def _write_some(kind: str, value: Any) -> str:
    return "" if value is None or value != value else _WRITERS[kind](value)


def _write_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("is no text")
    if value.startswith(UNSAFE_STARTS):
        raise ValueError("starts like a formula")
    return value


def _write_whole(value: Any) -> str:
    if isinstance(value, bool) or value != int(value):
        raise ValueError("is not whole")
    return str(int(value))


def _write_number(value: Any) -> str:
    if isinstance(value, bool):
        raise TypeError("is no number")
    if value is None or value != value:
        return ""
    if math.isinf(value):
        raise ValueError("is not finite")
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _write_flag(value: Any) -> str:
    if not isinstance(value, bool):
        raise TypeError("is no flag")
    return "true" if value else "false"


def _write_time(value: Any) -> str:
    return _write_text(value.isoformat() if hasattr(value, "isoformat") else value)


_WRITERS = {
    "text": _write_text,
    "whole": _write_whole,
    "number": _write_number,
    "flag": _write_flag,
    "time": _write_time,
}


def parse_table(name: str, text: str, problems: list[Problem]) -> pd.DataFrame:
    """The frame behind a CSV text; every cell that does not fit is a problem ``P207``."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        problems.append(Problem("P206", f"{name}.csv", f"is no CSV: {error}", "write the plan anew"))
        rows = []
    columns = those_in(TABLES[name], rows[0] if rows else ())
    wanted = [column.name for column in columns]
    if rows and rows[0] != wanted:
        found = ", ".join(rows[0])[:200]
        problems.append(Problem("P206", f"{name}.csv", f"has the columns {found}", f"it must have {', '.join(wanted)}"))
        rows = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(wanted):
            what = f"{len(row)} cells, the table has {len(wanted)} columns"
            problems.append(Problem("P206", f"{name}.csv, row {number}", what, "write the plan anew"))
            rows = []
            break
    series = {}
    for place, column in enumerate(columns):
        cells = [row[place] for row in rows[1:]]
        # a figure that may be missing has no plain type: a whole column would lose its wholeness to NaN
        dtype = "object" if column.empty and column.kind not in ("text", "number") else _DTYPES[column.kind]
        series[column.name] = pd.Series(_values(name, column, cells, problems), dtype=dtype)
    return pd.DataFrame(series)


def _values(table: str, column: Column, cells: list[str], problems: list[Problem]) -> list[Any]:
    parse = _PARSERS[column.kind]
    values = []
    for row, cell in enumerate(cells, start=2):
        try:
            values.append(None if column.empty and not cell and column.kind not in ("text", "number") else parse(cell))
        except ValueError:
            where = f"{table}.csv, row {row}, column {column.name}"
            problems.append(Problem("P207", where, f"'{cell[:60]}' is not {column.kind}", "write the plan anew"))
            values.append(parse(_NEUTRAL[column.kind]))
    return values


def _parse_whole(cell: str) -> int:
    if not cell.removeprefix("-").isascii() or not cell.removeprefix("-").isdigit() or len(cell) > 18:
        raise ValueError
    return int(cell)


def _parse_number(cell: str) -> float:
    value = float(cell) if cell else math.nan
    if cell and (not math.isfinite(value) or "_" in cell):
        raise ValueError
    return value


def _parse_flag(cell: str) -> bool:
    if cell not in ("true", "false"):
        raise ValueError
    return cell == "true"


_PARSERS = {"text": str, "time": str, "whole": _parse_whole, "number": _parse_number, "flag": _parse_flag}
_NEUTRAL = {"text": "", "time": "", "whole": "0", "number": "0", "flag": "false"}


def parse_plan(data: Any, timing: Any, tables: Mapping[str, pd.DataFrame], problems: list[Problem]) -> Plan | None:
    """A plan from the content of its JSON files and its tables, or None and problems ``P205``."""
    try:
        if data["format"] != FORMAT:
            raise ValueError(f"the format is {data['format']!r}, not {FORMAT!r}")
        head = {name: _text_of(data, name) for name in _PLAIN}
        parts = {name: dict(data[name]) for name in ("model", "pruned", "size", "provenance")}
        seconds = timing.get("goals", {})
        goals = tuple(_goal(goal, float(seconds.get(goal["name"], 0.0))) for goal in data["goals"])
        stages = {str(name): float(value) for name, value in timing.get("stages", {}).items()}
        extra = {"grid": _grid(data.get("grid", [])), "avoidable": _avoidable(data.get("avoidable"))}
        extra["notes"] = _notes(data.get("notes", []))
        return Plan(**head, **parts, **extra, goals=goals, tables=tables, timing=stages)
    except KeyError as error:
        problems.append(Problem("P205", "plan.json", f"{error} is missing", "write the plan anew"))
    except (TypeError, ValueError, AttributeError) as error:
        problems.append(Problem("P205", "plan.json", str(error)[:200], "write the plan anew"))
    return None


def _text_of(data: Mapping[str, Any], name: str) -> str:
    if not isinstance(data[name], str):
        raise TypeError(f"{name} is no text")
    return data[name]


def _goal(goal: Mapping[str, Any], seconds: float) -> GoalResult:
    values = {name: kind(goal[name]) for name, kind in _GOAL.items()}
    return GoalResult(**values, seconds=seconds)


def _notes(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(note, str) for note in found):
        raise TypeError("notes is no list of texts")
    return tuple(found)


def _grid(pairs: Any) -> tuple[int, ...]:
    lengths: list[int] = []
    for length, number in pairs:
        if type(length) is not int or type(number) is not int or not (length > 0 and 0 < number <= MOST_PERIODS):
            raise ValueError(f"grid: {[length, number]!r:.60} is no pair [hours, number]")
        lengths += [length] * number
    return tuple(lengths)


def _avoidable(found: Any) -> Avoidable | None:
    if found is None:
        return None
    return Avoidable(**{name: None if found[name] is None else float(found[name]) for name in _AVOIDABLE})
