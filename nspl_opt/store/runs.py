"""Runs: what was asked to be planned, and how far it came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, func, insert, select

from nspl_opt.store import scenarios, tables
from nspl_opt.store.canonical import json_text
from nspl_opt.store.errors import NotThere, Refused, Unsound
from nspl_opt.store.store import Work

LEVELS = ("region", "hospital")
MOST_SECONDS = 86_400
NEXT = {
    "queued": ("running", "failed", "cancelled", "interrupted"),
    "running": ("done", "failed", "cancelled", "interrupted"),
}
"""State -> those that may follow. A run that has ended stays so."""
OPEN = tuple(NEXT)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands: what was asked, and its latest event. ``plan_id`` None while there is no plan of it.

    ``conflict``: what must give way, of a run that left no plan because hard wishes conflict; else None.
    """

    id: str
    ordinal: int
    scenario_id: str
    model_id: str
    overrides: dict[str, str]
    level: str | None
    time_limit_s: int
    based_on: str | None
    asked_by: str
    at: str
    seq: int
    state: str
    status: str
    why: str
    owner: str
    changed_at: str
    plan_id: str | None
    conflict: Mapping[str, Any] | None


def ask(
    work: Work, scenario_id: str, model_id: str, *, overrides: Mapping[str, str] | None = None,
    level: str | None = None, time_limit_s: int = 120, based_on: str | None = None,
) -> str:  # fmt: skip
    """Note a new run, ``queued``; its id. ``based_on`` is the plan whose answers it shall respect.

    Raises
    ------
    NotThere
        ``L401`` no such scenario, model file or plan.
    Unsound
        ``L301`` a level that is none, a time limit outside 1 s to a day.
    """
    scenarios.find_scenario(work.connection, scenario_id)
    scenarios.find_model(work.connection, model_id)
    if level not in (None, *LEVELS):
        raise Unsound("L301", field="level", what="is neither region nor hospital")
    if not 1 <= time_limit_s <= MOST_SECONDS:
        raise Unsound("L301", field="time_limit_s", what=f"lies outside 1 to {MOST_SECONDS}")
    if (
        based_on is not None
        and not work.connection.execute(select(tables.plans.c.id).where(tables.plans.c.id == based_on)).first()
    ):
        raise NotThere("L401")
    run_id = work.new_id("run")
    row = {
        "id": run_id, "ordinal": work.next_ordinal(tables.runs), "scenario_id": scenario_id,
        "model_id": model_id, "overrides": json_text(dict(overrides or {})),
        "level": level, "time_limit_s": time_limit_s, "based_on": based_on, "asked_by": work.actor.holder,
        "at": work.at,
    }  # fmt: skip
    work.connection.execute(insert(tables.runs), [row])
    _add_event(work, run_id, 1, "queued", status="", why="", owner="")
    work.about(run_id, scenario=scenario_id, model=model_id, based_on=based_on)
    return run_id


def tell(
    work: Work, run_id: str, state: str, *, status: str = "", why: str = "", owner: str = "",
    conflict: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Note that a run has come further. ``owner`` names the process that has it, so that orphans can be found.

    Raises
    ------
    Refused
        ``L202`` the run is in a state that this one cannot follow.
    """
    run = find(work.connection, run_id)
    if state not in NEXT.get(run.state, ()):
        raise Refused("L202", found=run.state, wanted=state)
    more = {"status": status, "why": why[:500], "owner": owner}
    _add_event(work, run_id, run.seq + 1, state, **more, conflict=None if conflict is None else json_text(conflict))
    work.about(run_id, state=state, status=status)


def _add_event(work: Work, run_id: str, seq: int, state: str, **more: str | None) -> None:
    row = {"run_id": run_id, "seq": seq, "at": work.at, "state": state, "conflict": None, **more}
    work.connection.execute(insert(tables.run_events), [row])


def find(connection: Connection, run_id: str) -> Run:
    """A run as it stands; ``NotThere``."""
    row = connection.execute(_standing().where(tables.runs.c.id == run_id)).mappings().one_or_none()
    if row is None:
        raise NotThere("L401")
    return _run(row)


def all_runs(
    connection: Connection, *, state: str | None = None, limit: int = 50, after: str | None = None
) -> list[Run]:
    """Runs as they stand, the latest first; ``after`` is the id of the last one already seen."""
    query = _standing().order_by(tables.runs.c.ordinal.desc()).limit(limit)
    if state is not None:
        query = query.where(tables.run_events.c.state == state)
    if after is not None:
        query = query.where(tables.runs.c.ordinal < find(connection, after).ordinal)
    return [_run(row) for row in connection.execute(query).mappings()]


def unfinished(connection: Connection) -> list[Run]:
    """Runs that are queued or running: at start of a server, the orphans of the one before. Oldest first."""
    query = _standing().where(tables.run_events.c.state.in_(OPEN)).order_by(tables.runs.c.ordinal)
    return [_run(row) for row in connection.execute(query).mappings()]


def events(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """Every event of a run, in order."""
    query = select(tables.run_events).where(tables.run_events.c.run_id == run_id).order_by(tables.run_events.c.seq)
    return [dict(row) for row in connection.execute(query).mappings()]


@cache
def _standing():
    """Runs joined with their latest event and the plan, if any."""
    event = tables.run_events
    last = select(event.c.run_id, func.max(event.c.seq).label("seq")).group_by(event.c.run_id).subquery()
    return select(
        tables.runs, event.c.seq, event.c.state, event.c.status, event.c.why, event.c.owner,
        event.c.conflict, event.c.at.label("changed_at"), tables.plans.c.id.label("plan_id"),
    ).select_from(
        tables.runs.join(last, last.c.run_id == tables.runs.c.id)
        .join(event, (event.c.run_id == last.c.run_id) & (event.c.seq == last.c.seq))
        .join(tables.plans, tables.plans.c.run_id == tables.runs.c.id, isouter=True)
    )  # fmt: skip


def _run(row: Mapping[str, Any]) -> Run:
    given = {name: row[name] for name in Run.__slots__}
    conflict = None if row["conflict"] is None else json.loads(row["conflict"])
    return Run(**given | {"overrides": json.loads(row["overrides"]), "conflict": conflict})
