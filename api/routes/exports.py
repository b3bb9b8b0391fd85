"""A plan as a file. What is exported is audited; no cell can become a formula in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from fastapi import Query

from ..answers.base import MARK, Answer, Reply, gives
from ..archives import open_archive, rendered
from ..calls import Call
from ..concerned import SEEN, seen_rows
from ..problems import Fault, Refusal
from ..sight import national, plan_seen, visible_plan

FORMATS = Literal["json", "csv", "xlsx", "geojson", "mps"]
MEDIA = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "mps": "text/plain; charset=utf-8",
}
AT_REGION = ("json", "csv")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""Beginnings, after spaces, that a spreadsheet may take for a formula; full-width ones too."""


@gives(200, media_type=tuple(MEDIA.values()))
def export_plan(
    call: Call,
    plan_id: str,
    format: Annotated[FORMATS, Query(description="form of the file")],
    table: Annotated[str, Query(pattern=r"^[a-z_]{1,40}$", description="csv: which table")] = "transfers",
) -> Reply:
    """The whole plan to the secretariat, what concerns it to a region, national sums to an observer."""
    call.format = format
    if call.audience == "observer":
        reply = _sums(call, plan_id, format)
    elif call.region is not None:
        reply = _concerned(call, plan_id, format, table)
    else:
        reply = _whole(call, plan_id, format, table)
    name = f"{plan_id}.{table}.csv" if format == "csv" else f"{plan_id}.{format}"
    if call.services.realm == "exercise":
        name = f"ovning-{name}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Reply(reply.content, headers=headers, media_type=MEDIA[format], rows=reply.rows)


def _whole(call: Call, plan_id: str, form: str, table: str) -> Reply:
    visible_plan(call, plan_id)
    store = call.services.store
    if form in ("xlsx", "geojson", "mps"):
        return Reply(rendered(call.services.settings, store, form, call.language, plan_id))
    archive = open_archive(store, plan_id)
    if form == "csv":
        heads = archive.columns(table) if table in archive.tables() else ()
        return Reply(_csv(archive.head()["marking"], heads, ([row[n] for n in heads] for row in archive.rows(table))))
    tables = {name: list(archive.rows(name)) for name in archive.tables()}
    return Reply(_json({"plan": archive.head(), "tables": tables}))


def _concerned(call: Call, plan_id: str, form: str, table: str) -> Reply:
    """For a region: built from the same models as its tables, which the guard looks at once more."""
    if form not in AT_REGION:
        what = "is made for the secretariat only"
        raise Refusal("invalid", [Fault("query.format", what, f"give one of {', '.join(AT_REGION)}")])
    head = plan_seen(call, visible_plan(call, plan_id))
    archive = open_archive(call.services.store, plan_id)
    wanted = [name for name in SEEN if name in archive.tables()] if form == "json" else [table]
    found = {name: list(seen_rows(archive, name, call.region)) for name in wanted}
    rows: tuple[Answer, ...] = (head, *(row for rows in found.values() for row in rows))
    if form == "json":
        told = {name: [_flat(row) for row in rows] for name, rows in found.items()}
        return Reply(_json({"plan": head.model_dump(), "tables": told}), rows=rows)
    cells = [_flat(row) for row in found[table]]
    heads = tuple(cells[0]) if cells else ()
    return Reply(_csv(head.marking, heads, ([row[name] for name in heads] for row in cells)), rows=rows)


def _sums(call: Call, plan_id: str, form: str) -> Reply:
    if form not in AT_REGION:
        what = "is made for the secretariat only"
        raise Refusal("invalid", [Fault("query.format", what, f"give one of {', '.join(AT_REGION)}")])
    sums = national(call, plan_id)
    if form == "json":
        return Reply(_json(sums.model_dump()), rows=(sums,))
    rows = [[one.category, one.patients_moved, one.patient_hours_unmet] for one in sums.categories]
    return Reply(_csv(sums.marking, ("category", "patients_moved", "patient_hours_unmet"), rows), rows=(sums,))


def _flat(row: Any) -> dict[str, Any]:
    told = row.model_dump()
    return {"region": told["region"], **told["cells"]} if "cells" in told else told


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _csv(marking: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Text with a marking in its own last column, so that a row never loses it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    shown = MARK if marking == "exercise" else marking
    writer.writerow([*heads, "marking"])
    writer.writerows([*(_cell(value) for value in row), _cell(shown)] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    """A value as text; text that a spreadsheet would run gets an apostrophe before it, numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0\n").startswith(FORMULA) or text.startswith(FORMULA) else text
