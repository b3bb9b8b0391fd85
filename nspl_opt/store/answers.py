"""Answers to lines of help, proposals of answers, and the steps of what was promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nspl_opt.scenario.extras.agreements import LEGAL_BASES, REASONS
from nspl_opt.store.actor import DECISION_MAKER, EXERCISE_LEAD, OPERATOR, REGIONAL, SECRETARIAT
from nspl_opt.store.capacities import check_room
from nspl_opt.store.clock import time_text
from nspl_opt.store.errors import NotThere, Refused, Stale, Unsound
from nspl_opt.store.lines import EXPIRED, NOTED, OFFERED, PROPOSED, Line, add_events, event, find
from nspl_opt.store.store import EXERCISE, Work

ANSWERS = ("accept", "counter", "decline")
COUNTERS = ("amount", "from_h", "to_h", "what")
"""What a counter-offer may say, at least one of it."""
STEPS = {
    OFFERED: ("cancelled", "directed"),
    "countered": ("cancelled", "directed"),
    "declined": ("directed",),
    "expired": ("directed",),
    "accepted": ("scheduled", "failed", "cancelled"),
    "accepted_partial": ("scheduled", "failed", "cancelled", "directed"),
    "directed": ("scheduled", "failed", "cancelled"),
    "scheduled": ("in_transit", "failed", "cancelled"),
    "in_transit": ("arrived", "failed"),
    "arrived": ("closed",),
    "failed": ("closed",),
}
"""State -> what a person may set it to next. Lines are superseded with a new plan (``lines.end_open``)."""
OF_THE_SECRETARIAT = ("cancelled", "directed")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a party answers: accept (``amount``: all or a part), counter (with what instead), decline (``reason``)."""

    answer: str
    amount: int | None = None
    counter: Mapping[str, Any] | None = None
    reason: str = ""
    legal_basis: str = ""


def answer_line(
    work: Work, line_id: str, given: Answer, version: int, *, party: str | None = None, on_behalf: str | None = None
) -> Line:
    """Note an answer; the line as it stands then. Call ``lines.expire_due`` before.

    ``version`` is the one that the actor was told (``Line.last_change``).

    A decision-maker answers for the own region, in all that it is in the line (or as one ``party``). The secretariat
    notes an answer it was told for a region (``on_behalf``; ``national`` for vehicles of several): it counts when
    a second person notes the same. The lead of an exercise plays a region alone.

    Raises
    ------
    NotThere
        ``L401`` no such line, or the region is no party of it.
    Stale
        ``L504`` the line has another version by now.
    Refused
        ``L202`` not open to answers, ``L207`` too late, ``L208`` answered already, ``L209`` beyond the region's own
        figure, ``L211`` the same person twice.
    Unsound
        ``L301`` an answer that says nothing that can be noted.
    """
    region = _region(work, on_behalf)
    line, roles = _awaited(work, line_id, region, given, version, party)
    if on_behalf is not None and not _alone(work) and not _confirms(work, line, roles, given):
        return _wait(work, line, roles, given, NOTED, region)
    return _answered(work, line, roles, given, region if on_behalf is not None else "")


def propose_answer(work: Work, line_id: str, given: Answer, version: int, *, party: str | None = None) -> Line:
    """Note what an operator would answer for the own region; the line as it stands then.

    It is refused where that answer would be, but counts for nothing: not as an answer, not against the region's own
    figure, not as what the secretariat was told by telephone. The region's decision-maker answers, the same or
    otherwise, and in time. A later proposal takes its place.

    Raises
    ------
    NotThere
        ``L401`` as ``answer_line``, and for whoever is no operator.
    Stale, Refused, Unsound
        As ``answer_line``.
    """
    if work.actor.role != OPERATOR or not work.actor.region:
        raise NotThere("L401")
    line, roles = _awaited(work, line_id, work.actor.region, given, version, party)
    return _wait(work, line, roles, given, PROPOSED, "")


def _awaited(
    work: Work, line_id: str, region: str, given: Answer, version: int, party: str | None
) -> tuple[Line, list[str]]:
    """The line, and in which of its roles the region has yet to answer; raises where it may not answer so."""
    line = find(work.connection, line_id)
    roles = [role for role in line.roles_of(region) if party in (None, role)]
    if not roles:
        raise NotThere("L401")
    _check_form(line, given)
    if line.last_change(work.actor.region)[0] != version:
        raise Stale("L504")
    if line.state == EXPIRED or (line.state == OFFERED and time_text(work.now) >= line.answer_by):
        raise Refused("L207")
    if line.state != OFFERED:
        raise Refused("L202", found=line.state, wanted="answered")
    roles = [role for role in roles if role not in line.answers]
    if not roles:
        raise Refused("L208")
    if given.answer == "accept":
        for role in roles:
            check_room(work, line, role, given.amount or 0)
    return line, roles


def _region(work: Work, on_behalf: str | None) -> str:
    if work.actor.role == DECISION_MAKER and on_behalf is None and work.actor.region:
        return work.actor.region
    if (work.actor.role == SECRETARIAT or _alone(work)) and on_behalf:
        return on_behalf
    raise NotThere("L401")


def _alone(work: Work) -> bool:
    return work.actor.role == EXERCISE_LEAD and work.realm == EXERCISE


def _check_form(line: Line, given: Answer) -> None:
    if given.answer not in ANSWERS:
        raise Unsound("L301", field="answer", what="is none of " + ", ".join(ANSWERS))
    if (given.amount is not None) != (given.answer == "accept"):
        raise Unsound("L301", field="amount", what="belongs to an accept, and only to it")
    if given.amount is not None and not 1 <= given.amount <= line.amount:
        raise Unsound("L301", field="amount", what=f"lies outside 1 to {line.amount}")
    if given.answer == "decline" and given.reason not in REASONS:
        raise Unsound("L301", field="reason", what="must be one of " + ", ".join(REASONS))
    if given.answer != "decline" and given.reason:
        raise Unsound("L301", field="reason", what="belongs to a decline")
    if given.legal_basis and given.legal_basis not in LEGAL_BASES:
        raise Unsound("L301", field="legal_basis", what="must be one of " + ", ".join(LEGAL_BASES))
    if (given.counter is not None) != (given.answer == "counter"):
        raise Unsound("L301", field="counter", what="belongs to a counter, and only to it")
    if given.counter is not None:
        _check_counter(given.counter)


def _check_counter(counter: Mapping[str, Any]) -> None:
    if not counter or set(counter) - set(COUNTERS):
        raise Unsound("L301", field="counter", what="must say some of " + ", ".join(COUNTERS))
    for name in ("amount", "from_h", "to_h"):
        value = counter.get(name, 1)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
            raise Unsound("L301", field=f"counter.{name}", what="must be a whole number from 0 to 100000")
    what = counter.get("what", "x")
    if not isinstance(what, str) or not what.replace("_", "").isalnum() or len(what) > 64:
        raise Unsound("L301", field="counter.what", what="is no code of a category or profession")


def _confirms(work: Work, line: Line, roles: list[str], given: Answer) -> bool:
    """Whether somebody else noted just this; ``Refused L211`` when it was the same person."""
    noted = [line.noted.get(role) for role in roles]
    alike = [
        one is not None and (one.answer, one.amount, one.counter, one.reason, one.legal_basis)
        == (given.answer, given.amount, given.counter, given.reason, given.legal_basis)
        for one in noted
    ]  # fmt: skip
    if not all(alike):
        return False
    if any(one is not None and one.holder == work.actor.holder for one in noted):
        raise Refused("L211")
    return True


def _wait(work: Work, line: Line, roles: list[str], given: Answer, kind: str, on_behalf: str) -> Line:
    """What waits for another person, ``noted`` or ``proposed``, and changes nothing yet."""
    said = {name: value for name, value in asdict(given).items() if name in ("answer", "amount", "counter")}
    more = {"reason": given.reason, "legal_basis": given.legal_basis, "on_behalf": on_behalf}
    rows = [
        event(work, line.id, line.version + place, role, line.state, kind, counter=said, **more)
        for place, role in enumerate(roles, start=1)
    ]
    add_events(work, rows)
    work.about(line.id, answer=kind, parties=roles, on_behalf=on_behalf)
    return find(work.connection, line.id)


def _answered(work: Work, line: Line, roles: list[str], given: Answer, on_behalf: str) -> Line:
    amounts = {role: said.amount for role, said in line.answers.items()}
    more = {"reason": given.reason, "legal_basis": given.legal_basis, "counter": given.counter, "on_behalf": on_behalf}
    rows = []
    for place, role in enumerate(roles, start=1):
        amounts[role] = given.amount
        state = _state_after(line, given.answer, amounts)
        made = event(work, line.id, line.version + place, role, state, given.answer, amount=given.amount, **more)
        rows.append(made)
    add_events(work, rows)
    work.about(line.id, answer=given.answer, parties=roles, state=rows[-1]["state"], on_behalf=on_behalf)
    return find(work.connection, line.id)


def _state_after(line: Line, answer: str, amounts: Mapping[str, int | None]) -> str:
    """Silence never counts: a line is accepted only when every party has said yes."""
    if answer != "accept":
        return "declined" if answer == "decline" else "countered"
    if set(amounts) != set(line.parties):
        return OFFERED
    agreed = min(amount for amount in amounts.values() if amount is not None)
    return "accepted" if agreed == line.amount else "accepted_partial"


def step_line(
    work: Work, line_id: str, state: str, version: int, *, legal_basis: str = "", amount: int | None = None
) -> Line:
    """Set how far a promised line has come; the line as it stands then.

    Parties and the secretariat tell that it is scheduled, in transit, arrived, failed or closed. Only the
    secretariat cancels, and notes that a line is directed by a decision of who may decide so (``legal_basis`` and
    ``amount``, all of it unless given).

    Raises
    ------
    NotThere, Stale
        As ``answer_line``.
    Refused
        ``L202`` what the line is now cannot become that, ``L214`` by an operator, who only proposes answers.
    Unsound
        ``L301`` directed without a legal basis, or with an amount that the line has not.
    """
    line = find(work.connection, line_id)
    _check_may(work, line, state)
    if line.last_change(work.actor.region)[0] != version:
        raise Stale("L504")
    if state not in STEPS.get(line.state, ()):
        raise Refused("L202", found=line.state, wanted=state)
    if state == "directed":
        amount = line.amount if amount is None else amount
        if legal_basis not in LEGAL_BASES:
            raise Unsound("L301", field="legal_basis", what="must be one of " + ", ".join(LEGAL_BASES))
        if not 1 <= amount <= line.amount:
            raise Unsound("L301", field="amount", what=f"lies outside 1 to {line.amount}")
    elif amount is not None or legal_basis:
        raise Unsound("L301", field="amount", what="and legal_basis belong to what is directed")
    party = (line.roles_of(work.actor.region or "") or ("secretariat",))[0]
    made = event(work, line.id, line.version + 1, party, state, "step", amount=amount, legal_basis=legal_basis)
    add_events(work, [made])
    basis = {"legal_basis": legal_basis} if legal_basis else {}
    work.about(line.id, state=state, **basis)
    return find(work.connection, line.id)


def _check_may(work: Work, line: Line, state: str) -> None:
    """A region sees only lines that it is a party of, and cannot cancel or direct."""
    if work.actor.role in (SECRETARIAT, EXERCISE_LEAD):
        return
    if work.actor.role not in REGIONAL or not line.roles_of(work.actor.region or ""):
        raise NotThere("L401")
    if work.actor.role != DECISION_MAKER:
        raise Refused("L214")
    if state in OF_THE_SECRETARIAT:
        raise Refused("L202", found=line.state, wanted=state)
