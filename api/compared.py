"""Two plans compared: lines as they stood when the later one was made, and the cause of each transfer that differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from nspl_opt.plan.causes import LineThen, causes_of, general_causes
from nspl_opt.store import lines, plans, runs, standing, tables
from nspl_opt.store.store import Store

from .answers.plans import AnswerThen, ChangeTold
from .archives import open_archive


def lines_then(store: Store, plan: plans.PlanFacts) -> list[AnswerThen]:
    """The lines that a plan was made on, as its scenario tells them; and those that had ended by then."""
    given = {row["id"]: row for row in _rows(store, plan.id, "agreements")}

    def read(connection: Any) -> tuple[list[lines.Line], dict[str, str]]:
        known = lines.lines_before(connection, plan.based_on) if plan.based_on is not None else []
        there = {line.id for line in known}
        known += lines.select_lines(connection, tables.lines.c.id.in_([one for one in given if one not in there]))
        run = runs.find(connection, plan.run_id)
        return known, standing.states_at(connection, [line.id for line in known], run.at)

    known, states = store.run_read(read)
    found = []
    for line in known:
        told = given.get(line.id)
        # What was asked for then and is not told had no hours or category in that scenario.
        state = told["state"] if told else states.get(line.id, "")
        if told is None and state in ("", *lines.LIVE, "countered"):
            continue
        names = ("id", "plan_id", "kind", "from_region", "to_region", "from_site", "to_site", "what", "vehicle_type")
        ends = [line.from_time, line.to_time]
        if told is not None:
            ends = [_time(plan.start, int(told[name])) for name in ("from_h", "to_h")]
        agreed = int(told["amount"]) if told is not None and state in standing.BINDING else None
        most = int(told["amount"]) if told is not None and state == "countered" else line.amount
        found.append(
            AnswerThen(
                **{name: getattr(line, name) for name in names},
                from_time=ends[0],
                to_time=ends[1],
                amount=most,
                agreed=agreed,
                state=state,
                state_now=line.state,
            )
        )
    return found


def changes_told(
    store: Store, heads: Sequence[plans.PlanFacts], found: Mapping[str, Any], answers: Iterable[AnswerThen]
) -> tuple[ChangeTold, ...]:
    """Each transfer that differs between two plans, with its cause where it can be known."""
    changes = found["changes"][1]
    wanted = {change["transfer_id"] for change in changes}
    rows = {row["id"]: row for head in heads for row in _rows(store, head.id, "transfers") if row["id"] in wanted}
    known = [
        LineThen(
            one.id, one.state, one.kind, one.from_site or one.from_region, one.to_site or one.to_region, one.what,
            one.vehicle_type, one.from_time, one.to_time,
        )
        for one in answers
    ]  # fmt: skip
    general = general_causes(found["causes"], [asdict(head) for head in heads], plans.REWRITTEN)
    ends = ("from_site", "to_site", "from_region", "to_region", "category", "vehicle_type", "depart")
    return tuple(
        ChangeTold(**asdict(cause), **{name: rows[cause.transfer_id][name] for name in ends})
        for cause in causes_of(changes, rows, known, general)
    )


def _rows(store: Store, plan_id: str, table: str) -> Iterable[Mapping[str, Any]]:
    archive = open_archive(store, plan_id)
    return archive.rows(table) if table in archive.tables() else ()


def _time(start: str, hours: int) -> str:
    return (datetime.fromisoformat(start) + timedelta(hours=hours)).isoformat(timespec="minutes")
