"""A region's matters: what is recommended to it, what it answers, what it can give and take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from nspl_opt.scenario.extras.agreements import LEGAL_BASES, REASONS
from nspl_opt.store import answers, capacities, lines
from nspl_opt.store.actor import OPERATOR
from nspl_opt.store.clock import time_text

from ..answers.base import Reply, gives
from ..answers.inputs import Code, Id, Sent
from ..answers.lines import Capacities, CapacityShown, LineSeen, LinesSeen, LinesWhole, LineWhole
from ..calls import Call
from ..paging import AfterQuery, LimitQuery, cut
from ..polls import FOR_GOOD, QUIET, Holds
from ..problems import Fault, Refusal
from ..telling import seen, whole

Count = Annotated[int, Field(ge=0, le=100_000)]
Moment = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$")]
Reason = Literal[REASONS]  # type: ignore[valid-type]
LegalBasis = Literal[LEGAL_BASES]  # type: ignore[valid-type]


STEPS = ("scheduled", "in_transit", "arrived", "closed", "failed", "cancelled", "directed")
"""How far a promised line may be told to have come."""


class Counter(Sent):
    """What a region offers instead: at least one of it. Hours from the plan's start."""

    amount: Count | None = None
    from_h: Count | None = None
    to_h: Count | None = None
    what: Code | None = None


class AnswerSent(Sent):
    """An answer to a line, or how far a promised one has come.

    ``accept`` takes ``amount`` (all when left out), ``counter`` its own object, ``decline`` a ``reason``. A region that
    is several parties of a line answers for all of them, or for one ``party``. From an operator an answer is a
    proposal. Cancelled and directed are the secretariat's; directed needs a ``legal_basis``.
    """

    line_id: Id
    answer: Literal[answers.ANSWERS + STEPS]  # type: ignore[valid-type]
    amount: Annotated[int, Field(ge=1, le=100_000)] | None = None
    counter: Counter | None = None
    reason: Reason | None = None
    legal_basis: LegalBasis | None = None
    party: Literal["sender", "receiver", "carrier"] | None = None


class CapacitySent(Sent):
    """What a region can give or take of one category or profession of the reference package, between two local times.

    A figure that differs by more than half from the one before must be confirmed.
    """

    side: Literal["give", "take"]
    what: Code
    amount: Count
    from_time: Moment
    to_time: Moment
    confirmed: bool = False


@gives(200, LinesWhole | LinesSeen)
def list_recommendations(
    call: Call,
    region: str,
    open_only: Annotated[bool, Query(description="only lines that await an answer")] = False,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
) -> Reply:
    """Transfers and loans in and out, with why, until when to answer, and what a no would cost."""
    store = call.services.store
    now = time_text(store.now())
    states = lines.OPEN if open_only else ()
    found = store.run_read(lambda read: lines.lines_of_region(read, region, states))
    if any(line.state == lines.OFFERED and line.answer_by <= now for line in found):
        lines.expire_due(store)
        found = store.run_read(lambda read: lines.lines_of_region(read, region, states))
    start = int(after or 0)
    rows, more = cut(found[start : start + limit + 1], limit)
    told: dict[str, Any] = {
        "region": region, "realm": call.services.realm, "next": str(start + limit) if more else None
    }  # fmt: skip
    names = call.services.names
    if call.region is None:
        answer: Any = LinesWhole(lines=tuple(whole(line, names) for line in rows), **told)
    else:
        answer = LinesSeen(lines=tuple(seen(line, call.region, names) for line in rows), **told)
    until = min((line.answer_by for line in found if line.state == lines.OFFERED), default=FOR_GOOD)
    return Reply(answer, holds=Holds(until, QUIET | {"end_run"}))


@gives(200, LineSeen | LineWhole)
def answer_line(call: Call, region: str, sent: AnswerSent) -> Reply:
    """Answer a line: yes, in part, otherwise, no. ``If-Match`` is the version that was read; there is one winner.

    The secretariat notes an answer it was told by telephone; it counts when a second person notes the same. What an
    operator sends is noted as a proposal, which only its own region sees, and counts for nothing until the region's
    decision-maker answers.
    """
    version = call.version()
    if sent.counter is not None and sent.counter.what is not None:
        _check_what(call, sent.counter.what, "body.counter.what")
    lines.expire_due(call.services.store)
    on_behalf = None if call.region is not None else region

    def act(work: lines.Work) -> Reply:
        line = lines.find(work.connection, sent.line_id)
        if not line.roles_of(region):
            raise lines.NotThere("L401")
        if sent.answer not in answers.ANSWERS:
            basis = sent.legal_basis or ""
            line = answers.step_line(work, line.id, sent.answer, version, legal_basis=basis, amount=sent.amount)
        elif call.who.role == OPERATOR:
            line = answers.propose_answer(work, line.id, _given(sent, line), version, party=sent.party)
        else:
            given = _given(sent, line)
            line = answers.answer_line(work, line.id, given, version, party=sent.party, on_behalf=on_behalf)
        names = call.services.names
        told = whole(line, names) if call.region is None else seen(line, call.region, names)
        return Reply(told, headers={"ETag": f'"{told.version}"'})

    return call.change(act, sent.line_id)


def _check_what(call: Call, what: str, field: str) -> None:
    """A code that is none would limit nothing, and nobody would notice."""
    if faults := call.services.names.check_what(what, field):
        raise Refusal("invalid", faults)


def _given(sent: AnswerSent, line: lines.Line) -> answers.Answer:
    amount = line.amount if sent.answer == "accept" and sent.amount is None else sent.amount
    counter = None if sent.counter is None else sent.counter.model_dump(exclude_none=True)
    return answers.Answer(sent.answer, amount, counter, sent.reason or "", sent.legal_basis or "")


def list_capacity(call: Call, region: str) -> Capacities:
    """The figures of a region that count now, and what is promised of them."""

    def read(connection: Any) -> tuple[CapacityShown, ...]:
        return tuple(_shown(connection, one) for one in capacities.capacities_of(connection, region))

    return Capacities(region=region, capacities=call.services.store.run_read(read))


@gives(201, CapacityShown)
def state_capacity(call: Call, region: str, sent: CapacitySent) -> Reply:
    """State a figure; it replaces the one before and limits what the region can promise from now on.

    ``If-Match`` may carry the version that is replaced. What the secretariat states on a region's behalf is marked.
    """
    _check_what(call, sent.what, "body.what")
    version = call.version() if call.if_match else None
    source = "region" if call.region is not None else "secretariat"

    def act(work: capacities.Work) -> Reply:
        before = [
            one.amount
            for one in capacities.capacities_of(work.connection, region)
            if (one.side, one.what) == (sent.side, sent.what)
        ]
        if before and abs(sent.amount - before[0]) > 0.5 * before[0] and not sent.confirmed:
            what = "differs by more than half from the figure before"
            raise Refusal("invalid", [Fault("body.amount", what, "send confirmed: true if it is right")])
        made = capacities.declare(
            work,
            region,
            sent.side,
            sent.what,
            sent.amount,
            sent.from_time,
            sent.to_time,
            source=source,
            version=version,
        )
        return Reply(_shown(work.connection, made), 201, {"ETag": f'"{made.version}"'})

    return call.change(act, region)


def _shown(connection: Any, one: capacities.Capacity) -> CapacityShown:
    names = set(CapacityShown.model_fields) - {"promised", "left"}
    room = capacities.room_left(connection, one)
    return CapacityShown(**{name: getattr(one, name) for name in names}, promised=room["promised"], left=room["left"])
