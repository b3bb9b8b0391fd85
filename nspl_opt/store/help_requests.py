"""Help requests: a region tells what it needs, and how far that has come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from nspl_opt.scenario.extras.agreements import LEGAL_BASES
from nspl_opt.store import forms, tables
from nspl_opt.store.actor import DECISION_MAKER, EXERCISE_LEAD, REGIONAL, SECRETARIAT
from nspl_opt.store.canonical import json_text
from nspl_opt.store.errors import NotThere, Refused, Stale, Unsound
from nspl_opt.store.forms import NO_CODES, Codes
from nspl_opt.store.store import Work

DRAFT, DIRECTED = "draft", "directed"
REQUESTER, OFFICE = "requester", "office"
STEPS: dict[str, dict[str, str]] = {
    DRAFT: {"submitted": REQUESTER, "withdrawn": REQUESTER},
    "submitted": {"acknowledged": OFFICE, "withdrawn": REQUESTER, "superseded": REQUESTER},
    "acknowledged": {"in_matching": OFFICE, "withdrawn": REQUESTER, "superseded": REQUESTER, "escalated": OFFICE},
    "in_matching": {
        "partly_met": OFFICE, "met": OFFICE, "withdrawn": REQUESTER, "superseded": REQUESTER, "escalated": OFFICE,
    },
    "partly_met": {
        "met": OFFICE, "executing": OFFICE, "in_matching": OFFICE, "withdrawn": REQUESTER, "superseded": REQUESTER,
        "escalated": OFFICE,
    },
    "met": {"executing": OFFICE, "in_matching": OFFICE, "withdrawn": REQUESTER},
    "executing": {"closed": OFFICE, "in_matching": OFFICE},
    "escalated": {"directed": OFFICE, "in_matching": OFFICE, "withdrawn": REQUESTER},
    "directed": {"executing": OFFICE},
}  # fmt: skip
"""State -> those that may follow, and whose step that is. Closed, withdrawn and superseded are ends."""
CHANGEABLE = (DRAFT, "submitted", "acknowledged")
"""States in which the requester may still change what it asks for; that is then submitted anew."""


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """A request as it stands. ``requester`` is a region; ``body`` as the form of ``schema_version`` says."""

    id: str
    ordinal: int
    requester: str
    schema_version: str
    body: Mapping[str, Any]
    at: str
    version: int
    state: str
    note: str
    changed_at: str


def draft_request(
    work: Work, body: Any, *, requester: str | None = None, version: str | None = None, codes: Codes = NO_CODES
) -> str:
    """Note a request as a draft of the actor's region; its id. The lead of an exercise names the ``requester``.

    ``codes`` are those that may be asked for, by table of the reference package; other tables are not looked at.

    Raises
    ------
    BadForm
        ``L302`` with every fault of the form.
    NotThere
        No such version of the form, or an actor that is no region.
    """
    region, version = _region(work, requester), version or forms.versions()[-1]
    forms.check_form(body, version, codes)
    request_id = work.new_id("help")
    row = {
        "id": request_id, "ordinal": work.next_ordinal(tables.help_requests), "requester": region,
        "schema_version": version, "body": json_text(body), "at": work.at, "by": work.actor.key_id,
    }  # fmt: skip
    work.connection.execute(insert(tables.help_requests), [row])
    _add(work, request_id, 1, DRAFT, None, "")
    work.about(request_id, requester=region, lines=len(body.get("lines", ())))
    return request_id


def _region(work: Work, requester: str | None) -> str:
    if work.actor.role in REGIONAL and work.actor.region and requester in (None, work.actor.region):
        return work.actor.region
    if work.actor.role == EXERCISE_LEAD and requester:
        return requester
    raise NotThere("L401")


def change_request(
    work: Work, request_id: str, body: Any, version: int, note: str = "", codes: Codes = NO_CODES
) -> HelpRequest:
    """Change what is asked for; a request that was submitted is submitted anew, by a decision-maker.

    Raises
    ------
    NotThere, Stale, BadForm
        Not the actor's, another version by now, faults of the form.
    Refused
        ``L202`` it is too late to change, ``L221`` the actor may only draft.
    """
    found = _own(work, request_id, version)
    if found.state not in CHANGEABLE:
        raise Refused("L202", found=found.state, wanted="changed")
    state = DRAFT if found.state == DRAFT else "submitted"
    if state != DRAFT and work.actor.role not in (DECISION_MAKER, EXERCISE_LEAD):
        raise Refused("L221")
    forms.check_form(body, found.schema_version, codes)
    _add(work, request_id, found.version + 1, state, body, note)
    work.about(request_id, state=state, changed=True)
    return find(work.connection, request_id)


def step_request(
    work: Work, request_id: str, state: str, version: int, note: str = "", legal_basis: str = ""
) -> HelpRequest:
    """Take a request one step on; the request as it stands then.

    Its region's decision-maker submits, withdraws and supersedes; the secretariat does the rest. The lead of an
    exercise does both. That a request is directed is noted with the ``legal_basis`` of the decision.

    Raises
    ------
    NotThere, Stale
        Not the actor's, another version by now.
    Refused
        ``L202`` no such step from here, ``L213``, ``L221``, ``L222`` the step is somebody else's.
    Unsound
        ``L301`` directed without a legal basis, or a legal basis of something else.
    """
    lead, office = work.actor.role == EXERCISE_LEAD, work.actor.role == SECRETARIAT
    found = _at(find(work.connection, request_id), version) if lead or office else _own(work, request_id, version)
    if office and found.state == DRAFT:
        raise NotThere("L401")
    whose = STEPS.get(found.state, {}).get(state)
    if whose is None:
        raise Refused("L202", found=found.state, wanted=state)
    if not lead and (whose == OFFICE) != office:
        raise Refused("L213" if office else "L222")
    if not lead and not office and work.actor.role != DECISION_MAKER:
        raise Refused("L221")
    _check_basis(state, legal_basis)
    _add(work, request_id, found.version + 1, state, None, note, legal_basis)
    basis = {"legal_basis": legal_basis} if legal_basis else {}
    work.about(request_id, state=state, **basis)
    return find(work.connection, request_id)


def _check_basis(state: str, legal_basis: str) -> None:
    if state == DIRECTED and legal_basis not in LEGAL_BASES:
        raise Unsound("L301", field="legal_basis", what="must be one of " + ", ".join(LEGAL_BASES))
    if state != DIRECTED and legal_basis:
        raise Unsound("L301", field="legal_basis", what="belongs to what is directed")


def _own(work: Work, request_id: str, version: int) -> HelpRequest:
    found = find(work.connection, request_id)
    lead = work.actor.role == EXERCISE_LEAD
    if not lead and (work.actor.role not in REGIONAL or found.requester != work.actor.region):
        raise NotThere("L401")
    return _at(found, version)


def _at(found: HelpRequest, version: int) -> HelpRequest:
    if found.version != version:
        raise Stale("L504")
    return found


def _add(work: Work, request_id: str, version: int, state: str, body: Any, note: str, legal_basis: str = "") -> None:
    row = {
        "request_id": request_id, "version": version, "at": work.at, "state": state,
        "body": None if body is None else json_text(body), "note": note[:500], "legal_basis": legal_basis,
        "by": work.actor.key_id,
    }  # fmt: skip
    work.connection.execute(insert(tables.help_request_events), [row])


def find(connection: Connection, request_id: str, requester: str | None = None) -> HelpRequest:
    """A request as it stands; ``NotThere``, also for one of another region when ``requester`` is given."""
    where = tables.help_requests.c.id == request_id
    if requester is not None:
        where &= tables.help_requests.c.requester == requester
    found = _select(connection, where)
    if not found:
        raise NotThere("L401")
    return found[0]


def all_requests(
    connection: Connection, *, requester: str | None = None, states: Iterable[str] = (), limit: int = 50,
    after: str | None = None,
) -> list[HelpRequest]:  # fmt: skip
    """Requests as they stand, the latest first. Drafts are their region's own: told only when ``requester`` is given.

    ``states`` empty: of any state. ``after``: id of the last one already seen.
    """
    where = tables.help_requests.c.ordinal > 0
    if requester is not None:
        where &= tables.help_requests.c.requester == requester
    if after is not None:
        where &= tables.help_requests.c.ordinal < find(connection, after, requester).ordinal
    wanted = frozenset(states)
    found = [
        one
        for one in _select(connection, where)
        if (not wanted or one.state in wanted) and (requester is not None or one.state != DRAFT)
    ]
    return found[:limit]


def history(connection: Connection, request_id: str) -> list[dict[str, Any]]:
    """What became of a request, in order; bodies as they were changed."""
    told = tables.help_request_events
    query = select(told).where(told.c.request_id == request_id).order_by(told.c.version)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return [row | {"body": json.loads(row["body"]) if row["body"] else None} for row in rows]


def _select(connection: Connection, where: Any) -> list[HelpRequest]:
    """Newest first; the body is the latest one given."""
    told, request = tables.help_request_events, tables.help_requests
    last = select(told.c.request_id, func.max(told.c.version).label("version")).group_by(told.c.request_id).subquery()
    written = (
        select(told.c.request_id, func.max(told.c.version).label("version"))
        .where(told.c.body.is_not(None)).group_by(told.c.request_id).subquery()
    )  # fmt: skip
    latest = told.alias()
    query = (
        select(request, told.c.version, told.c.state, told.c.note, told.c.at.label("changed_at"),
               latest.c.body.label("new_body"))
        .join(last, last.c.request_id == request.c.id)
        .join(told, (told.c.request_id == last.c.request_id) & (told.c.version == last.c.version))
        .join(written, written.c.request_id == request.c.id, isouter=True)
        .join(latest, (latest.c.request_id == written.c.request_id) & (latest.c.version == written.c.version),
              isouter=True)
        .where(where).order_by(request.c.ordinal.desc())
    )  # fmt: skip
    return [
        HelpRequest(
            **{name: row[name] for name in HelpRequest.__slots__ if name != "body"},
            body=json.loads(row["new_body"] or row["body"]),
        )
        for row in connection.execute(query).mappings()
    ]
