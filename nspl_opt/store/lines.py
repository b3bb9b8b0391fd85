"""Lines of help: transfers and loans that a published plan offers, and how far each has come.

A line is what its events say. It is accepted when sender, receiver and carrier have each said yes, by the smallest
of their amounts; one no ends it; silence lets it expire and is never a yes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, insert, or_, select

from nspl_opt.store import tables
from nspl_opt.store.actor import SYSTEM
from nspl_opt.store.canonical import json_text
from nspl_opt.store.clock import time_text
from nspl_opt.store.errors import NotThere, Refused, Unsound
from nspl_opt.store.store import Store, Work

OFFERED, EXPIRED, SUPERSEDED, CANCELLED = "offered", "expired", "superseded", "cancelled"
OPEN = (OFFERED, "countered")
PROMISED = ("accepted", "accepted_partial", "scheduled", "in_transit", "arrived")
LIVE = (OFFERED, *PROMISED, "directed")
"""States in which what a party said yes to still binds it."""
NOTED, PROPOSED = "noted", "proposed"
"""Events that hold what a party would answer and change nothing: told by telephone, proposed by an operator."""
ANSWER_H = 3.0
"""Hours to answer, unless said otherwise: from offer to reply in a cycle of two plans a day."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A line to be offered. Hours from the plan's start, times local as the scenario has them.

    ``carrier`` is a region, ``national``, or empty for loans. ``card`` holds what each party may see: a part per
    ``sender``, ``receiver``, ``carrier`` with figures of its own only, and ``secretariat`` with the whole in words.
    """

    number: str
    kind: str
    from_region: str
    to_region: str
    carrier: str
    from_site: str
    to_site: str
    what: str
    vehicle_type: str
    from_h: int
    to_h: int
    from_time: str
    to_time: str
    amount: int
    card: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What one party answered. ``amount`` None unless it accepted; ``on_behalf`` names the region, or is empty."""

    answer: str
    amount: int | None
    counter: Mapping[str, Any] | None
    reason: str
    legal_basis: str
    at: str
    holder: str
    on_behalf: str


@dataclass(frozen=True, slots=True)
class Line(Draft):
    """A line as it stands. ``agreed`` is the amount all parties have said yes to, or that was directed; else None.

    ``answer_by`` and ``changed_at`` are in UTC. By party, until it has answered: ``noted`` holds answers taken by
    telephone that await a second person of the secretariat, ``proposed`` what an operator of its region would answer.
    Neither counts. ``directed``: the basis it was directed on, and who noted that. ``changes``: for each version so far
    the party whose proposal it was, or empty, and its time.
    """

    id: str
    ordinal: int
    plan_id: str
    answer_by: str
    version: int
    state: str
    changed_at: str
    answers: Mapping[str, Said]
    noted: Mapping[str, Said]
    proposed: Mapping[str, Said]
    agreed: int | None
    directed: Said | None
    changes: tuple[tuple[str, str], ...]

    @property
    def parties(self) -> dict[str, str]:
        """Party -> its region: sender, receiver, and for patients carrier. One region may be several of them."""
        found = {"sender": self.from_region, "receiver": self.to_region}
        return found | ({"carrier": self.carrier} if self.carrier else {})

    def roles_of(self, region: str) -> tuple[str, ...]:
        """What a region is in this line."""
        return tuple(party for party, home in self.parties.items() if home == region)

    def last_change(self, region: str | None) -> tuple[int, str]:
        """Version and time of the last change that is told in a region; None: to those bound to no region.

        A proposal moves only the own region's version: nobody else learns of it, or has to read again because of it.
        """
        own = ("", *self.roles_of(region or ""))
        seen = [at for party, at in self.changes if party in own]
        return len(seen), seen[-1]


def make_lines(work: Work, plan_id: str, drafts: Sequence[Draft], answer_h: float = ANSWER_H) -> list[str]:
    """Offer the lines of a plan that is published in this transaction; their ids, in order.

    Raises
    ------
    Unsound
        ``L301`` a time to answer outside 0 to 336 h.
    Refused
        ``L206`` the plan is not published.
    """
    told = tables.plan_events
    kinds = select(told.c.kind).where(told.c.plan_id == plan_id).order_by(told.c.seq.desc()).limit(1)
    if work.connection.execute(kinds).scalar() != "published":
        raise Refused("L206")
    if not 0 < answer_h <= 336:
        raise Unsound("L301", field="answer_h", what="lies outside 0 to 336")
    answer_by, first = time_text(work.now + timedelta(hours=answer_h)), work.next_ordinal(tables.lines)
    rows = [
        {field.name: getattr(draft, field.name) for field in fields(Draft)}
        | {"id": work.new_id("line"), "ordinal": first + place, "plan_id": plan_id, "answer_by": answer_by}
        | {"card": json_text(draft.card)}
        for place, draft in enumerate(drafts)
    ]
    if rows:
        work.connection.execute(insert(tables.lines), rows)
        add_events(work, [event(work, row["id"], 1, "secretariat", OFFERED, "offer") for row in rows])
    work.detail |= {"lines": len(rows), "answer_by": answer_by}
    return [row["id"] for row in rows]


def event(
    work: Work, line_id: str, version: int, party: str, state: str, answer: str, *, amount: int | None = None,
    counter: Mapping[str, Any] | None = None, reason: str = "", legal_basis: str = "", on_behalf: str = "",
) -> dict[str, Any]:  # fmt: skip
    """A row of what becomes of a line."""
    return {
        "line_id": line_id, "version": version, "at": work.at, "party": party, "state": state, "answer": answer,
        "amount": amount, "counter": None if counter is None else json_text(dict(counter)), "reason": reason,
        "legal_basis": legal_basis, "by": work.actor.key_id, "holder": work.actor.holder, "on_behalf": on_behalf,
    }  # fmt: skip


def add_events(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append what becomes of lines. One version of a line is taken once: who comes second gets ``Stale``."""
    work.connection.execute(insert(tables.line_events), list(rows))


def find(connection: Connection, line_id: str) -> Line:
    """A line as it stands; ``NotThere``."""
    found = select_lines(connection, tables.lines.c.id == line_id)
    if not found:
        raise NotThere("L401")
    return found[0]


def lines_of_plan(connection: Connection, plan_id: str) -> list[Line]:
    """The lines of a plan as they stand, in order."""
    return select_lines(connection, tables.lines.c.plan_id == plan_id)


def lines_of_region(connection: Connection, region: str, states: Iterable[str] = ()) -> list[Line]:
    """The lines that a region is a party of, in order; ``states`` empty: whatever their state."""
    columns = tables.lines.c
    mine = or_(columns.from_region == region, columns.to_region == region, columns.carrier == region)
    wanted = frozenset(states)
    return [line for line in select_lines(connection, mine) if not wanted or line.state in wanted]


def select_lines(connection: Connection, where: Any) -> list[Line]:
    """Lines that a condition on ``tables.lines`` finds, as they stand, in order."""
    rows = connection.execute(select(tables.lines).where(where).order_by(tables.lines.c.ordinal)).mappings().all()
    told = tables.line_events
    ids = select(tables.lines.c.id).where(where)
    query = select(told).where(told.c.line_id.in_(ids)).order_by(told.c.line_id, told.c.version)
    events: dict[str, list[Any]] = {}
    for one in connection.execute(query):
        events.setdefault(one.line_id, []).append(one)
    return [_line(row, events[row["id"]]) for row in rows]


def _line(row: Mapping[str, Any], events: Sequence[Any]) -> Line:
    """Read the events in order; an answer of a party takes the place of what was noted by telephone or proposed."""
    answers: dict[str, Said] = {}
    waiting: dict[str, dict[str, Said]] = {NOTED: {}, PROPOSED: {}}
    agreed, directed = None, None
    for one in events:
        counter = json.loads(one.counter) if one.counter else None
        if one.answer in ("accept", "counter", "decline"):
            answers[one.party] = _said(one, one.answer, one.amount, counter)
            for told in waiting.values():
                told.pop(one.party, None)
        elif one.answer in waiting and counter:
            waiting[one.answer][one.party] = _said(one, counter["answer"], counter["amount"], counter["counter"])
        elif one.state == "directed" and one.amount is not None:
            agreed, directed = one.amount, _said(one, one.state, one.amount, None)
        if one.state in ("accepted", "accepted_partial"):
            agreed = min(said.amount for said in answers.values() if said.amount is not None)
    last = events[-1]
    if last.state not in (*PROMISED, "directed", "closed", "failed"):
        agreed = None
    return Line(
        **{**row, "card": json.loads(row["card"])}, version=last.version, state=last.state, changed_at=last.at,
        answers=answers, noted=waiting[NOTED], proposed=waiting[PROPOSED], agreed=agreed, directed=directed,
        changes=tuple((one.party if one.answer == PROPOSED else "", one.at) for one in events),
    )  # fmt: skip


def _said(one: Any, answer: str, amount: int | None, counter: Mapping[str, Any] | None) -> Said:
    return Said(answer, amount, counter, one.reason, one.legal_basis, one.at, one.holder, one.on_behalf)


def line_history(connection: Connection, line_id: str) -> list[dict[str, Any]]:
    """Everything that became of a line, in order; ``NotThere``."""
    find(connection, line_id)
    told = tables.line_events
    query = select(told).where(told.c.line_id == line_id).order_by(told.c.version)
    return [dict(row) for row in connection.execute(query).mappings()]


def expire_due(store: Store) -> int:
    """Let every open line whose time to answer is over expire; how many did. Writes only when there is one.

    Called before lines are shown or answered: what was once told as expired stays so, whatever the clock does then.
    """
    if not store.run_read(lambda connection: _due(connection, time_text(store.now()))):
        return 0

    def expire(work: Work) -> int:
        due = _due(work.connection, work.at)
        rows = [event(work, line_id, version + 1, "system", EXPIRED, "expire") for line_id, version in due]
        if rows:
            add_events(work, rows)
        work.detail["lines"] = [line_id for line_id, _ in due]
        return len(rows)

    return store.run_write(expire, SYSTEM, "line.expire")


def _due(connection: Connection, now: str) -> list[tuple[str, int]]:
    """Open lines whose time is over, with their versions."""
    line = tables.lines
    query = _latest((OFFERED,)).join(line, line.c.id == tables.line_events.c.line_id).where(line.c.answer_by <= now)
    return [(row.line_id, row.version) for row in connection.execute(query.order_by(line.c.ordinal))]


def _latest(states: Iterable[str]) -> Select:
    """Ids and versions of the lines that are in one of these states now."""
    told = tables.line_events
    last = select(told.c.line_id, func.max(told.c.version).label("version")).group_by(told.c.line_id).subquery()
    both = (last.c.line_id == told.c.line_id) & (last.c.version == told.c.version)
    return select(told.c.line_id, told.c.version).join(last, both).where(told.c.state.in_(tuple(states)))


def lines_now(connection: Connection, states: Iterable[str]) -> list[Line]:
    """The lines of all plans that are in one of these states, in order."""
    return select_lines(connection, tables.lines.c.id.in_(select(_latest(states).subquery().c.line_id)))


def end_open(work: Work, plan_id: str, state: str = SUPERSEDED, *, but: Iterable[str] = ()) -> list[str]:
    """End lines that nobody has promised yet; the ids of those ended.

    ``superseded`` when a plan is published: those of every other plan, less the lines that it carries on (``but``).
    ``cancelled`` when it is withdrawn: its own.
    """
    if state not in (SUPERSEDED, CANCELLED):
        raise Refused("L202", found=OFFERED, wanted=state)
    kept = frozenset(but)
    open_now = (line for line in lines_now(work.connection, OPEN) if line.id not in kept)
    found = [line for line in open_now if (line.plan_id == plan_id) == (state == CANCELLED)]
    if found:
        add_events(work, [event(work, line.id, line.version + 1, "secretariat", state, "step") for line in found])
    return [line.id for line in found]


def lines_before(connection: Connection, plan_id: str) -> list[Line]:
    """The lines of a plan and of the plans that it was based on, one before the other, in order."""
    chain: list[str] = []
    plan: str | None = plan_id
    while plan is not None and plan not in chain:
        chain.append(plan)
        run = select(tables.runs.c.based_on).join(tables.plans, tables.plans.c.run_id == tables.runs.c.id)
        plan = connection.execute(run.where(tables.plans.c.id == plan)).scalar()
    return select_lines(connection, tables.lines.c.plan_id.in_(chain))
