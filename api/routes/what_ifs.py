"""What-ifs: a change tried beside a plan. A region moves its own levers only, and is told little but its own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from nspl_opt.jobs.job import Job
from nspl_opt.others import RATIO
from nspl_opt.store import audit, what_ifs
from nspl_opt.store.actor import SYSTEM

from ..answers.base import Reply, gives
from ..answers.inputs import Code, Id, Sent
from ..answers.what_ifs import COUNTRY_STEP_H, STEP_H, WhatIfSeen, WhatIfWhole, own_figures
from ..calls import Call
from ..levers import unknown_in
from ..limits import wait_header
from ..problems import Fault, Refusal
from ..questions import alarms, question_of
from ..sight import visible_plan

OWN_LEVERS = ("beds", "staff", "decline")


class Change(Sent):
    """One thing otherwise. ``place`` is a region or hospital, for vehicles a pool, for close-link a link.

    ``what`` is the bed type, profession or category; ``change`` a factor (0.7), something added (+20, -5) or for
    vehicles a number; ``side`` of a decline help, send or receive; hours count from the plan's start.
    """

    lever: Literal["beds", "staff", "arrivals", "vehicles", "lose", "close-link", "decline"]
    place: Code
    what: Code | None = None
    change: Annotated[str, Field(pattern=r"^[x+-]?[0-9]{1,7}(\.[0-9]{1,6})?$")] | None = None
    side: Literal["help", "send", "receive"] | None = None
    from_h: Annotated[int, Field(ge=0, le=10_000)] | None = None
    to_h: Annotated[int, Field(ge=1, le=10_000)] | None = None

    def as_text(self) -> str:
        """As the command line writes it: ``PLACE[:KIND[:MORE]][=AMOUNT][@FROM[-TO]]``."""
        parts = [self.side or "help", self.what] if self.lever == "decline" else [self.what]
        text = ":".join([self.place, *(part for part in parts if part)])
        text += f"={self.change}" if self.change else ""
        if self.from_h is None and self.to_h is None:
            return text
        return f"{text}@{self.from_h or 0}" + (f"-{self.to_h}" if self.to_h is not None else "")


class WhatIfWanted(Sent):
    """What is to be tried beside a plan; a region takes a published one."""

    base_plan: Id
    changes: Annotated[list[Change], Field(min_length=1, max_length=10)]


@gives(202, WhatIfWhole | WhatIfSeen)
def ask_what_if(call: Call, wanted: WhatIfWanted) -> Reply:
    """Try a change. The answer's ``Location`` tells what came of it; a region's question asked before is not asked
    again, the earlier one is told."""
    services, changes = call.services, [one.model_dump(exclude_none=True) for one in wanted.changes]
    if call.region is not None:
        _check_own(call, wanted)
        visible_plan(call, wanted.base_plan)
    _check_known(call, wanted)
    if call.region is not None and (earlier := _asked_before(call, wanted.base_plan, changes)) is not None:
        return _told_again(call, earlier)
    with services.desk.place(call.who.holder) as place:
        if call.region is not None and (wait := services.what_ifs.take(call.region)):
            raise Refusal("too_many", headers=wait_header(wait))
        return _handed_in(call, wanted, changes, place)


def _handed_in(call: Call, wanted: WhatIfWanted, changes: list[dict[str, Any]], place: str) -> Reply:
    services = call.services
    job = Job(
        kind="what_if",
        plan=str(services.desk.plans.folder(wanted.base_plan)),
        changes=tuple((one.lever, one.as_text()) for one in wanted.changes),
        region=call.region or "",
        time_limit_s=services.settings.what_if_time_s,
        memory_limit_mb=services.settings.memory_limit_mb,
    )
    handed_in: list[str] = []
    raised: dict[str, int] = {}

    def act(work: what_ifs.Work) -> Reply:
        raised.clear()
        raised.update(_alarm(call, work, wanted.base_plan, changes))
        what_if_id = what_ifs.ask(work, wanted.base_plan, {"changes": changes})
        services.desk.hand_in(what_if_id, job, call.who.holder, {}, place)
        handed_in.append(what_if_id)
        return _taken(call, what_ifs.find(work.connection, what_if_id))

    try:
        reply = call.change(act, "")
    except BaseException:
        for what_if_id in handed_in:
            services.desk.drop(what_if_id)
        raise
    for what_if_id in handed_in[:-1]:
        services.desk.drop(what_if_id)
    for kind in raised:
        services.counters.alarm(f"what_ifs_{kind}")
    return reply


def _taken(call: Call, found: what_ifs.WhatIf) -> Reply:
    return Reply(_shown(call, found), 202, {"Location": f"/v1/what-if/{found.id}"})


def _asked_before(call: Call, plan_id: str, changes: list[dict[str, Any]]) -> what_ifs.WhatIf | None:
    """The region's same question about the plan, if it was answered or will be.

    Raises
    ------
    Refusal
        ``too_many``: it is a new one, and the region has asked its share about this plan.
    """
    most, now = call.services.settings.what_ifs_per_plan, question_of(changes)
    asked = call.services.store.run_read(lambda read: what_ifs.of_plan(read, plan_id, call.region))
    for one in asked:
        if one.state in what_ifs.GOOD and question_of(one.changes["changes"]) == now:
            return one
    if len({question_of(one.changes["changes"]) for one in asked} | {now}) > most:
        fault = Fault("body.base_plan", f"your region has asked {most} different what-ifs of it", "ask the secretariat")
        raise Refusal("too_many", [fault], wait_header(3600))
    return None


def _told_again(call: Call, earlier: what_ifs.WhatIf) -> Reply:
    def act(work: what_ifs.Work) -> Reply:
        work.about(earlier.id, base_plan=earlier.base_plan, repeated=True)
        return _taken(call, what_ifs.find(work.connection, earlier.id, call.region))

    return call.change(act, earlier.id)


def _alarm(call: Call, work: what_ifs.Work, plan_id: str, changes: list[dict[str, Any]]) -> dict[str, int]:
    """Note in the audit that a region asks as if to find something out; kind -> count of what was noted."""
    if call.region is None:
        return {}
    settings = call.services.settings
    before = [question_of(one.changes["changes"]) for one in what_ifs.of_plan(work.connection, plan_id, call.region)]
    found = alarms(before, question_of(changes), settings.what_ifs_alarm, settings.what_if_sizes_alarm)
    for kind, count in found.items():
        # In the name of the program: the region itself is not told.
        detail = {"what": "what_ifs", "kind": kind, "count": count, "region": call.region}
        audit.append(work.connection, audit.Entry(work.now, SYSTEM, "alarm", plan_id, "ok", detail))
    return found


def read_what_if(call: Call, what_if_id: str) -> WhatIfWhole | WhatIfSeen:
    """What came of it."""
    return _shown(call, call.services.store.run_read(lambda read: what_ifs.find(read, what_if_id, call.region)))


def _check_own(call: Call, wanted: WhatIfWanted) -> None:
    """A region's levers are its own beds, its own staff, its own no."""
    own = {call.region, *call.services.sites_of(call.region or "")}
    faults = []
    for number, one in enumerate(wanted.changes):
        if one.lever not in OWN_LEVERS:
            what = f"is not a region's to move: {', '.join(OWN_LEVERS)} are"
            faults.append(Fault(f"body.changes.{number}.lever", what, "ask the secretariat"))
        if one.place not in own:
            faults.append(Fault(f"body.changes.{number}.place", "is not the region's own", "give its code"))
    if faults:
        raise Refusal("invalid", faults)


def _check_known(call: Call, wanted: WhatIfWanted) -> None:
    """What names nothing of the plan is refused at once, not after it has waited its turn."""
    known = call.services.desk.plans.known(wanted.base_plan)
    if known is not None and (faults := unknown_in(wanted.changes, known)):
        raise Refusal("invalid", faults)


def _why(found: what_ifs.WhatIf, state: str) -> str:
    """Why there is no answer, as a region may know it: what is wrong with its own question whole, else the status."""
    if state in ("queued", "running", "done"):
        return ""
    status, why = str(found.result.get("status", "")), str(found.result.get("why", ""))
    return f"{status}: {why}" if status == "rejected_input" and why.startswith("W10") else status


def _shown(call: Call, found: what_ifs.WhatIf) -> WhatIfWhole | WhatIfSeen:
    news = call.services.desk.latest(found.id) if found.state == "queued" else None
    state = "running" if news is not None and news.state == "running" else found.state
    changes = tuple(found.changes["changes"])
    if call.region is None:
        names = set(WhatIfWhole.model_fields) - {"state", "changes", "result"}
        told = {name: getattr(found, name) for name in names}
        return WhatIfWhole(**told, state=state, changes=changes, result=dict(found.result))
    names = {"id", "base_plan", "at"}
    figures = own_figures(found.result, call.region) if state == "done" else {}
    return WhatIfSeen(
        **{name: getattr(found, name) for name in names},
        region=call.region,
        changes=changes,
        state=state,
        why=_why(found, state),
        step_h=STEP_H,
        country_step_h=COUNTRY_STEP_H,
        others_room_ratio=round(RATIO, 2),
        **figures,
    )
