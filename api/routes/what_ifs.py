"""What-ifs: a change tried beside a plan. A region moves its own levers only, and is told little but its own."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field

from nspl_opt.jobs.job import Job
from nspl_opt.store import plans, what_ifs

from ..answers.base import Reply, gives
from ..answers.inputs import Code, Id, Sent
from ..answers.what_ifs import WhatIfSeen, WhatIfWhole
from ..archives import files_of
from ..calls import Call
from ..limits import wait_header
from ..problems import Fault, Refusal
from ..sight import visible_plan

OWN_LEVERS = ("beds", "staff", "decline")
STEP_H, COUNTRY_STEP_H = 10, 50
"""Steps in which a region is told of itself and of the country [severity-weighted patient-hours]."""


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
    """Try a change. The answer's ``Location`` tells what came of it."""
    services = call.services
    if call.region is not None:
        _check_own(call, wanted)
        visible_plan(call, wanted.base_plan)
        if wait := services.what_ifs.take(call.region):
            raise Refusal("too_many", headers=wait_header(wait))
    content = services.store.run_read(lambda read: plans.read_archive(read, wanted.base_plan))
    files = {f"base/{name}": part for name, part in files_of(content).items()}
    job = Job(
        kind="what_if",
        plan="base",
        changes=tuple((one.lever, one.as_text()) for one in wanted.changes),
        time_limit_s=services.settings.what_if_time_s,
        memory_limit_mb=services.settings.memory_limit_mb,
    )
    handed_in: list[str] = []

    def act(work: what_ifs.Work) -> Reply:
        changes = {"changes": [one.model_dump(exclude_none=True) for one in wanted.changes]}
        what_if_id = what_ifs.ask(work, wanted.base_plan, changes)
        services.desk.hand_in(what_if_id, job, call.who.holder, files)
        handed_in.append(what_if_id)
        shown = _shown(call, what_ifs.find(work.connection, what_if_id))
        return Reply(shown, 202, {"Location": f"/v1/what-if/{what_if_id}"})

    try:
        reply = call.change(act, "")
    except BaseException:
        for what_if_id in handed_in:
            services.desk.drop(what_if_id)
        raise
    for what_if_id in handed_in[:-1]:
        services.desk.drop(what_if_id)
    return reply


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


def _shown(call: Call, found: what_ifs.WhatIf) -> WhatIfWhole | WhatIfSeen:
    news = call.services.desk.latest(found.id) if found.state == "queued" else None
    state = "running" if news is not None and news.state == "running" else found.state
    changes = tuple(found.changes["changes"])
    if call.region is None:
        names = set(WhatIfWhole.model_fields) - {"state", "changes", "result"}
        told = {name: getattr(found, name) for name in names}
        return WhatIfWhole(**told, state=state, changes=changes, result=dict(found.result))
    names = {"id", "base_plan", "at"}
    figures = _own(found.result, call.region) if state == "done" else {}
    return WhatIfSeen(
        **{name: getattr(found, name) for name in names},
        region=call.region,
        changes=changes,
        state=state,
        why="" if state in ("queued", "running", "done") else str(found.result.get("status", "")),
        step_h=STEP_H,
        country_step_h=COUNTRY_STEP_H,
        **figures,
    )


def _own(result: Any, region: str) -> dict[str, int]:
    row = next((one for one in result["regions"] if one["region"] == region), {"before": 0.0, "after": 0.0})
    change = result["unmet"]["after"] - result["unmet"]["before"]
    return {
        "own_before": _stepped(row["before"], STEP_H),
        "own_after": _stepped(row["after"], STEP_H),
        "country_change": _rough(change),
    }


def _stepped(hours: float, step: int) -> int:
    return step * round(hours / step)


def _rough(hours: float) -> int:
    """One figure, and no finer than the country's step: many questions do not add up to a neighbour's beds."""
    if abs(hours) < COUNTRY_STEP_H / 2:
        return 0
    step = max(COUNTRY_STEP_H, 10 ** math.floor(math.log10(abs(hours))))
    return _stepped(hours, step)
