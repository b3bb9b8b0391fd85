"""What-ifs: what somebody asked to have tried, and what came out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, func, insert, select

from nspl_opt.store import runs, tables
from nspl_opt.store.canonical import json_text
from nspl_opt.store.errors import NotThere, Refused
from nspl_opt.store.store import Work

GOOD = (*runs.OPEN, "done")
"""States of a what-if that has an answer or will have one."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A what-if as it stands. ``region`` None: asked by the secretariat. ``result`` empty until it is done."""

    id: str
    ordinal: int
    region: str | None
    asked_by: str
    base_plan: str
    changes: Mapping[str, Any]
    at: str
    state: str
    result: Mapping[str, Any]


def ask(work: Work, base_plan: str, changes: Mapping[str, Any]) -> str:
    """Note a what-if, ``queued``, of the region of the asker's key; its id. ``NotThere`` without the plan."""
    what_if_id = work.new_id("whatif")
    row = {
        "id": what_if_id, "ordinal": work.next_ordinal(tables.what_ifs), "region": work.actor.region,
        "asked_by": work.actor.holder, "base_plan": base_plan, "changes": json_text(dict(changes)), "at": work.at,
    }  # fmt: skip
    work.connection.execute(insert(tables.what_ifs), [row])  # the database refuses a plan that is not there
    _add(work, what_if_id, 1, "queued", {})
    work.about(what_if_id, base_plan=base_plan)
    return what_if_id


def tell(work: Work, what_if_id: str, state: str, result: Mapping[str, Any] | None = None) -> None:
    """Note that a what-if has come further; ``Refused L202`` when it cannot be that."""
    found = find(work.connection, what_if_id)
    if state not in runs.NEXT.get(found.state, ()):
        raise Refused("L202", found=found.state, wanted=state)
    last = select(func.max(tables.what_if_results.c.seq)).where(tables.what_if_results.c.what_if_id == what_if_id)
    _add(work, what_if_id, work.connection.execute(last).scalar_one() + 1, state, result or {})
    work.about(what_if_id, state=state)


def _add(work: Work, what_if_id: str, seq: int, state: str, result: Mapping[str, Any]) -> None:
    row = {"what_if_id": what_if_id, "seq": seq, "at": work.at, "state": state, "result": json_text(dict(result))}
    work.connection.execute(insert(tables.what_if_results), [row])


def find(connection: Connection, what_if_id: str, region: str | None = None) -> WhatIf:
    """A what-if as it stands; ``NotThere``, also for one of another region when ``region`` is given."""
    query = _standing().where(tables.what_ifs.c.id == what_if_id)
    if region is not None:
        query = query.where(tables.what_ifs.c.region == region)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotThere("L401")
    return _what_if(row)


def all_what_ifs(connection: Connection, region: str | None = None, limit: int = 50) -> list[WhatIf]:
    """The latest what-ifs, of one region or of all, the newest first."""
    query = _standing().order_by(tables.what_ifs.c.ordinal.desc()).limit(limit)
    if region is not None:
        query = query.where(tables.what_ifs.c.region == region)
    return [_what_if(row) for row in connection.execute(query).mappings()]


def of_plan(connection: Connection, base_plan: str, region: str) -> list[WhatIf]:
    """Every what-if that a region has asked about a plan, in order."""
    told = tables.what_ifs
    query = _standing().where(told.c.base_plan == base_plan, told.c.region == region).order_by(told.c.ordinal)
    return [_what_if(row) for row in connection.execute(query).mappings()]


def unfinished(connection: Connection) -> list[WhatIf]:
    """What-ifs that are queued or running: at start of a server, the orphans of the one before."""
    query = _standing().where(tables.what_if_results.c.state.in_(runs.OPEN)).order_by(tables.what_ifs.c.ordinal)
    return [_what_if(row) for row in connection.execute(query).mappings()]


@cache
def _standing():
    """What-ifs joined with their latest result."""
    told = tables.what_if_results
    last = select(told.c.what_if_id, func.max(told.c.seq).label("seq")).group_by(told.c.what_if_id).subquery()
    return select(tables.what_ifs, told.c.state, told.c.result).select_from(
        tables.what_ifs.join(last, last.c.what_if_id == tables.what_ifs.c.id).join(
            told, (told.c.what_if_id == last.c.what_if_id) & (told.c.seq == last.c.seq)
        )
    )


def _what_if(row: Mapping[str, Any]) -> WhatIf:
    given = {name: row[name] for name in WhatIf.__slots__}
    return WhatIf(**given | {"changes": json.loads(row["changes"]), "result": json.loads(row["result"])})
