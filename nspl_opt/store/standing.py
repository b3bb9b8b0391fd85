"""A plan about to be published, set beside the lines of help as they stand now.

Between a run and its publishing regions answer, and other plans are published. A plan that moves whom a region has
declined since, or lacks what it promised, is refused; what it carries on gets a line to answer where the old one has
ended without a promise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from nspl_opt.scenario.parts import Agreement
from nspl_opt.store import plans, tables
from nspl_opt.store.agreements import Frame, Told, frame_of, told, told_before
from nspl_opt.store.drafts import carried_on, draft_lines, kept_of
from nspl_opt.store.errors import Refused
from nspl_opt.store.lines import CANCELLED, EXPIRED, OFFERED, SUPERSEDED, Draft, Line, end_open, find, make_lines
from nspl_opt.store.plans import Opened
from nspl_opt.store.store import Work

BINDING = ("accepted", "directed")
LAPSED = (EXPIRED, SUPERSEDED, CANCELLED)
"""Ended without a yes or a no to what was asked: what a plan keeps of such a line is asked for anew."""
COUNTERED = "countered"
DUST = 0.01
"""Patients or people; less is rounding."""
SHOWN = 8


@dataclass(frozen=True)
class Offer:
    """What a plan would offer, and what it knew of earlier lines: as its scenario tells them, and what it keeps."""

    frame: Frame
    given: Mapping[str, Agreement]
    kept: Mapping[str, float]
    fresh: Sequence[Draft]
    carried: Mapping[str, Draft]


def offer_of(opened: Opened) -> Offer:
    """What a plan would offer. Takes some hundredths of a second per line: not in a transaction."""
    given = {line.code: line for line in opened.situation.agreements}
    return Offer(frame_of(opened), given, kept_of(opened), draft_lines(opened), carried_on(opened))


def check_standing(connection: Connection, plan_id: str, offer: Offer) -> None:
    """Refuse a plan that the lines of others contradict as they stand now.

    Raises
    ------
    Refused
        ``L215`` lines were answered, directed or ended since its run in a way that it contradicts; ``L216`` lines are
        promised that it does not know of.
    """
    changed, unknown = [], []
    for line, is_before in told_before(connection, plan_id):
        then = offer.given.get(line.id)
        if not _contradicts(line, then, offer.kept.get(line.id, 0.0), told(line, offer.frame)):
            continue
        (changed if then is not None or is_before else unknown).append(line)
    for code, found in (("L215", changed), ("L216", unknown)):
        if found:
            base = plans.find(connection, plan_id).based_on or found[-1].plan_id
            raise Refused(code, lines=_named(found), base=base)


def _contradicts(line: Line, then: Agreement | None, kept: float, now: Told | None) -> bool:
    """Whether a plan that keeps so much of a line, told as it was ``then``, is at odds with the line as it is."""
    if now is None:
        if kept <= DUST or then is None or (line.state in LAPSED and then.state not in BINDING):
            return False
        return line.state != "closed" or then.state not in BINDING
    amount = float(now.amount or 0)
    alike = then is not None and (now.what, now.from_h, now.to_h) == (then.what, then.from_h, then.to_h)
    is_same = then is not None and alike and abs(then.amount_micro / 1e6 - amount) <= DUST
    if then is not None and then.state == now.state and (is_same or now.state == COUNTERED):
        return False
    if now.state == "declined":
        return kept > DUST
    if now.state in BINDING:
        return abs(kept - amount) > DUST
    return kept > (amount if alike else 0.0) + DUST


def _named(lines: Sequence[Line]) -> str:
    shown = ", ".join(f"{line.number} ({line.id}: {line.state})" for line in lines[:SHOWN])
    return shown + (f" +{len(lines) - SHOWN}" if len(lines) > SHOWN else "")


def states_at(connection: Connection, line_ids: Iterable[str], at: str) -> dict[str, str]:
    """Line -> the state it was in at a time (UTC text); those that were made later are left out."""
    event = tables.line_events
    wanted = event.c.line_id.in_(list(line_ids)), event.c.at <= at
    query = select(event.c.line_id, event.c.state).where(*wanted).order_by(event.c.line_id, event.c.version)
    return {row.line_id: row.state for row in connection.execute(query)}


def offer_lines(work: Work, plan_id: str, offer: Offer, answer_h: float) -> list[str]:
    """Offer the lines of a plan that is published in this transaction; the ids of those made.

    An open line that the plan keeps whole goes on. All other open lines, of whatever plan, are superseded; what the
    plan keeps of them, and of lines that ended without an answer, is offered anew. A counter-offer that the plan knew
    of and takes nothing of stays, for the next run.
    """
    going_on = [line for line, then in offer.given.items() if then.state == COUNTERED and line not in offer.carried]
    anew = []
    for line in sorted((find(work.connection, one) for one in offer.carried), key=lambda line: line.ordinal):
        draft = offer.carried[line.id]
        if line.state == OFFERED and draft.amount >= line.amount:
            going_on.append(line.id)
        elif line.state in (OFFERED, COUNTERED, *LAPSED):
            anew.append(replace(draft, number=line.number))
    end_open(work, plan_id, but=going_on)
    return make_lines(work, plan_id, _numbered([*offer.fresh, *anew]), answer_h)


def _numbered(drafts: Sequence[Draft]) -> list[Draft]:
    """With a number of its own for each, in their order."""
    taken: set[str] = set()
    found = []
    for draft in drafts:
        number, turn = draft.number, 2
        while number in taken:
            number, turn = f"{draft.number}-{turn}", turn + 1
        taken.add(number)
        found.append(replace(draft, number=number))
    return found
