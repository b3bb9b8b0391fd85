"""Runs: a plan ordered, followed, cancelled. Solving happens in a process of its own."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import Header
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from nspl_opt.store import agreements, keys, plans, runs, scenarios
from nspl_opt.store.errors import NotThere

from ..answers.base import Reply, gives, marked
from ..answers.inputs import NO_OTHERS, Id, Sent
from ..answers.runs import BrokenAgreement, RunList, RunProgress, RunShown
from ..archives import open_archive
from ..calls import Call
from ..desk import job_of_run
from ..limits import wait_header
from ..paging import AfterIdQuery, LimitQuery, cut
from ..problems import Fault, Refusal

OVER = ("done", "failed", "cancelled", "interrupted")
POLL_S = 0.25
"""How often a stream looks for news [s]; every fourth time the key is looked at again."""
BEAT = 40
"""Looks without news after which a comment is sent, so that no proxy takes the stream for dead."""

Option = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\[\]-]{1,120}$")]
LastEventId = Annotated[
    str, Header(alias="Last-Event-ID", pattern=r"^[0-9]{1,9}$", description="number of the last event that was heard")
]
OptionValue = Annotated[str, Field(min_length=1, max_length=200)]


class RunWanted(Sent):
    """A plan to be made. ``overrides`` are options of the model file, as ``--set`` takes them.

    ``based_on``: a published plan whose lines are carried on as they stand: accepted and directed ones are kept,
    offered ones kept if possible, declined ones not proposed again.
    """

    scenario_id: Id
    model_id: Id
    overrides: Annotated[dict[Option, OptionValue], Field(max_length=100, json_schema_extra=NO_OTHERS)] = Field(
        default_factory=dict
    )
    level: Literal["region", "hospital"] | None = None
    time_limit_s: Annotated[int, Field(ge=1, le=86_400)] | None = None
    based_on: Id | None = None


@gives(202, RunShown)
def start_run(call: Call, wanted: RunWanted) -> Reply:
    """Take in a run. The answer's ``Location`` tells how far it has come."""
    services = call.services
    limit = wanted.time_limit_s or round(services.settings.time_limit_s)
    if limit > services.settings.time_limit_s:
        most = round(services.settings.time_limit_s)
        raise Refusal("invalid", [Fault("body.time_limit_s", f"must be at most {most}", "give less time")])
    if any(name.startswith("solver.") for name in wanted.overrides):
        raise Refusal("invalid", [Fault("body.overrides", "must not change the solver", "leave solver.* out")])
    with services.desk.place(call.who.holder) as place:
        return _handed_in(call, wanted, limit, place)


def _handed_in(call: Call, wanted: RunWanted, limit_s: int, place: str) -> Reply:
    services = call.services
    files, checked = _looked_at(call, wanted)
    handed_in: list[str] = []

    def act(work: runs.Work) -> Reply:
        run_id = runs.ask(
            work, wanted.scenario_id, wanted.model_id, overrides=wanted.overrides, level=wanted.level,
            time_limit_s=limit_s, based_on=wanted.based_on,
        )  # fmt: skip
        run = runs.find(work.connection, run_id)
        texts = files
        if wanted.based_on is not None:
            texts = agreements.files_with_lines(work.connection, wanted.based_on, checked)
        given = {f"scenario/{name}": text.encode() for name, text in texts.items()}
        given["model.toml"] = scenarios.find_model(work.connection, wanted.model_id).text.encode()
        # Handed in before the transaction ends: a full queue leaves no run behind. It cannot end before this does.
        services.desk.hand_in(run_id, job_of_run(services.settings, run), call.who.holder, given, place)
        handed_in.append(run_id)
        return Reply(_shown(call, run), 202, {"Location": f"/v1/runs/{run_id}"})

    try:
        reply = call.change(act, "")
    except BaseException:
        for run_id in handed_in:
            services.desk.drop(run_id)
        raise
    for run_id in handed_in[:-1]:  # tries of a transaction that had to be run again
        services.desk.drop(run_id)
    return reply


def _looked_at(call: Call, wanted: RunWanted) -> tuple[dict[str, str], scenarios.CheckedScenario | None]:
    """The scenario's files; read once more where lines of a plan are to be added, which only published plans have."""

    def read(connection: Any) -> tuple[dict[str, str], Any, str]:
        base = plans.find(connection, wanted.based_on) if wanted.based_on is not None else None
        model = scenarios.find_model(connection, wanted.model_id)
        return scenarios.scenario_files(connection, wanted.scenario_id), base, model.text

    files, base, model = call.services.store.run_read(read)
    scenarios.check_model(model, wanted.overrides)
    if base is None:
        return files, None
    if base.state not in (plans.PUBLISHED, plans.WITHDRAWN):
        raise Refusal(
            "invalid", [Fault("body.based_on", "is not published", "give a plan with lines that were offered")]
        )
    if "offers" not in tomllib.loads(model).get("families", {}):
        what = "has no family offers, so it would not keep what is agreed"
        raise Refusal("invalid", [Fault("body.model_id", what, "give a model file with [families.offers]")])
    return files, scenarios.check_scenario(files)


def list_runs(call: Call, limit: LimitQuery = 50, after: AfterIdQuery = "") -> RunList:
    """Runs, the latest first."""
    last = after or None
    found = call.services.store.run_read(lambda read: runs.all_runs(read, limit=limit + 1, after=last))
    rows, more = cut(found, limit)
    return RunList(runs=tuple(_shown(call, row) for row in rows), next=rows[-1].id if more else None)


def read_run(call: Call, run_id: str) -> RunShown:
    """How far a run has come, and which agreements its plan could not keep."""
    run = call.services.store.run_read(lambda read: runs.find(read, run_id))
    return _shown(call, run, whole=True)


@gives(200, RunShown)
def cancel_run(call: Call, run_id: str) -> Reply:
    """Ask a run to end; the best plan so far is kept. One that has ended stays as it is."""
    call.services.store.run_read(lambda read: runs.find(read, run_id))

    def act(work: runs.Work) -> Reply:
        work.about(run_id, asked="cancel")
        return Reply(_shown(call, runs.find(work.connection, run_id)))

    reply = call.change(act, run_id)
    call.services.desk.cancel(run_id)
    return reply


@gives(200, media_type="text/event-stream")
async def follow_run(call: Call, run_id: str, last_event_id: LastEventId = "0") -> StreamingResponse:
    """News of a run as server-sent events: ``progress`` while it goes on, ``end`` once; then the stream ends.

    What came up to ``Last-Event-ID`` is left out, but for the end.
    """
    services = call.services
    await run_in_threadpool(read_run, call, run_id)
    if services.followers >= services.settings.followers:
        raise Refusal("busy", headers=wait_header(10))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(call, run_id, int(last_event_id)), media_type="text/event-stream", headers=headers)


async def _stream(call: Call, run_id: str, after: int) -> AsyncIterator[bytes]:
    services, quiet, looks = call.services, 0, 0
    latest = services.desk.latest(run_id)
    seen = after if latest is None else min(after, latest.seq)
    services.followers += 1
    try:
        while True:
            if looks % 4 == 0 and not await run_in_threadpool(_still_open, call):
                return
            for news in services.desk.news(run_id, seen):
                seen, quiet = news.seq, 0
                told = RunProgress(**{name: getattr(news, name) for name in RunProgress.model_fields})
                yield _event("progress", seen, told, services.realm)
            if looks % 4 == 0:
                shown = await run_in_threadpool(read_run, call, run_id)
                if shown.state in OVER:
                    yield _event("end", seen + 1, shown, services.realm)
                    return
            looks, quiet = looks + 1, quiet + 1
            if quiet % BEAT == 0:
                yield b": waiting\n\n"
            await asyncio.sleep(POLL_S)
    finally:
        services.followers -= 1


def _still_open(call: Call) -> bool:
    """Whether the key that opened the stream is still good: a revoked one hears no more."""
    return any(
        one.id == call.who.key_id and keys.is_open(one, call.services.store.now())
        for one in call.services.store.run_read(keys.all_keys)
    )


def _event(name: str, number: int, told: RunShown | RunProgress, realm: str) -> bytes:
    return f"id: {number}\nevent: {name}\ndata: ".encode() + marked(told.model_dump_json().encode(), realm) + b"\n\n"


def _shown(call: Call, run: runs.Run, whole: bool = False) -> RunShown:
    news = call.services.desk.latest(run.id) if run.state not in OVER else None
    progress = None
    state = run.state
    if news is not None and news.state == "running":
        progress = RunProgress(**{name: getattr(news, name) for name in RunProgress.model_fields})
        state = "running"
    names = set(RunShown.model_fields) - {"progress", "state", "conflicts", "conflict"}
    return RunShown(
        **{name: getattr(run, name) for name in names},
        state=state,
        progress=progress,
        conflicts=_broken(call, run) if whole else (),
        conflict=run.conflict if whole else None,
    )


def _broken(call: Call, run: runs.Run) -> tuple[BrokenAgreement, ...]:
    """Agreements that the plan breaks: reported, never dropped in silence."""
    if run.plan_id is None:
        return ()
    archive = open_archive(call.services.store, run.plan_id)
    try:
        rows: list[dict[str, Any]] = [row for row in archive.rows("agreements") if (row.get("broken") or 0) > 0]
    except NotThere:
        return ()
    return tuple(BrokenAgreement(**{name: row[name] for name in BrokenAgreement.model_fields}) for row in rows)
