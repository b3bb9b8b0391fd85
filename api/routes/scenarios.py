"""Scenarios: what happens. The secretariat sees them whole, a region what concerns it behind a published plan."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any

from pydantic import Field

from nspl_opt.store import plans, scenarios
from nspl_opt.store.errors import NotThere

from ..answers.base import Reply, gives
from ..answers.inputs import NO_OTHERS, Name, Sent
from ..answers.scenarios import (
    OwnRows,
    ScenarioExtract,
    ScenarioHead,
    ScenarioList,
    ScenarioTitle,
    ScenarioTitles,
    ScenarioWhole,
)
from ..calls import Call
from ..paging import AfterQuery, LimitQuery, cut

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
FileText = Annotated[str, Field(max_length=900_000)]
MOST_PLANS = 1000
PLACES = ("place", "region", "site", "from", "to")
"""Columns of a scenario's files that say which place a row is about."""


class ScenarioSent(Sent):
    """A scenario: ``scenario.toml`` and the CSV files it names. Under a known name it becomes the next version."""

    name: Name
    files: Annotated[dict[FileName, FileText], Field(min_length=1, max_length=100, json_schema_extra=NO_OTHERS)]


def list_scenarios(call: Call, limit: LimitQuery = 50, after: AfterQuery = "") -> ScenarioList | ScenarioTitles:
    """The latest version of every scenario; for a region those behind published plans."""
    start = int(after or 0)
    if call.region is not None:
        found = call.services.store.run_read(_published)[start:]
        rows, more = cut(found, limit)
        titles = tuple(_title(row) for row in rows)
        return ScenarioTitles(scenarios=titles, next=str(start + limit) if more else None)
    found = call.services.store.run_read(scenarios.latest_versions)[start:]
    rows, more = cut(found, limit)
    return ScenarioList(scenarios=tuple(_head(row) for row in rows), next=str(start + limit) if more else None)


@gives(201, ScenarioHead)
def add_scenario(call: Call, sent: ScenarioSent) -> Reply:
    """Check a scenario and keep it. Every problem in it is told at once."""
    checked = scenarios.check_scenario(sent.files)

    def act(work: scenarios.Work) -> Reply:
        scenario_id = scenarios.add_scenario(work, sent.name, checked)
        row = scenarios.find_scenario(work.connection, scenario_id)
        return Reply(_head(row), 201, {"Location": f"/v1/scenarios/{scenario_id}"})

    return call.change(act, "")


def read_scenario(call: Call, scenario_id: str) -> ScenarioWhole | ScenarioExtract:
    """One version: whole, or for a region its own rows."""

    def read(connection: Any) -> tuple[Any, dict[str, str]]:
        row = scenarios.find_scenario(connection, scenario_id)
        if call.region is not None and scenario_id not in {one.id for one in _published(connection)}:
            raise NotThere("L401")
        return row, scenarios.scenario_files(connection, scenario_id)

    row, files = call.services.store.run_read(read)
    if call.region is None:
        return ScenarioWhole(**_head(row).model_dump(), files=files)
    own = {call.region, *call.services.sites_of(call.region)}
    tables = [_own_rows(call.region, name, text, own) for name, text in sorted(files.items()) if name.endswith(".csv")]
    return ScenarioExtract(**_title(row).model_dump(), tables=tuple(one for one in tables if one is not None))


def _published(connection: Any) -> list[Any]:
    """The scenarios behind published plans, by name and version."""
    ids = {plan.scenario_id for plan in plans.all_plans(connection, states=(plans.PUBLISHED,), limit=MOST_PLANS)}
    found = [scenarios.find_scenario(connection, scenario_id) for scenario_id in ids]
    return sorted(found, key=lambda row: (row.name, row.version))


def _own_rows(region: str, name: str, text: str, own: set[str]) -> OwnRows | None:
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ","))
    heads = tuple(cell.strip() for cell in rows[0]) if rows else ()
    where = [number for number, head in enumerate(heads) if head in PLACES]
    if not where:
        return None
    kept = [row for row in rows[1:] if len(row) == len(heads) and all(row[n].strip() in own for n in where)]
    return OwnRows(region=region, file=name, columns=heads, rows=tuple(tuple(row) for row in kept))


def _head(row: object) -> ScenarioHead:
    return ScenarioHead(**{name: getattr(row, name) for name in ScenarioHead.model_fields})


def _title(row: object) -> ScenarioTitle:
    return ScenarioTitle(**{name: getattr(row, name) for name in ScenarioTitle.model_fields})
