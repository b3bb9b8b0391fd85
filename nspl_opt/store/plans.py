"""Plans: only such as hold every rule, published by two people, withdrawn by two but never removed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select

from nspl_opt.network.graph import travel_times
from nspl_opt.network.travel import TravelTimes
from nspl_opt.plan.checks import verify
from nspl_opt.plan.checks.report import CheckReport
from nspl_opt.plan.folder import MANIFEST, read_inputs, read_plan
from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.situation import Situation
from nspl_opt.store import archive, runs, scenarios, tables
from nspl_opt.store.actor import EXERCISE_LEAD
from nspl_opt.store.canonical import json_text, sha256_of
from nspl_opt.store.errors import NotThere, Refused, Unfit
from nspl_opt.store.store import EXERCISE, Work

DRAFT, ASKED, PUBLISHED, WITHDRAWN = "draft", "publish_asked", "published", "withdrawn"
WITHDRAW_ASKED = "withdraw_asked"
"""No state: the plan is published until a second person withdraws it."""
REWRITTEN = ("scenario.toml", "store_lines.csv")
"""Files of the scenario that a run based on an earlier plan writes anew."""


@dataclass(frozen=True)
class Opened:
    """A plan with the case it was made for, both read from its archive."""

    plan: Plan
    situation: Situation
    travel: TravelTimes
    reference: Reference


@dataclass(frozen=True)
class CheckedPlan:
    """A plan packed, unpacked and verified from its own input: what ``add_plan`` stores."""

    content: bytes
    manifest_sha256: str
    opened: Opened
    report: CheckReport
    scenario_texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan as it stands. ``state``: draft, publish_asked, published or withdrawn. ``goals`` as in plan.json."""

    id: str
    ordinal: int
    run_id: str
    scenario_id: str
    model_id: str
    based_on: str | None
    title_sv: str
    title_en: str
    marking: str
    level: str
    start: str
    status: str
    goals: tuple[Mapping[str, Any], ...]
    manifest_sha256: str
    verified_at: str
    check_report: Mapping[str, Any]
    at: str
    by: str
    state: str
    asked_by: str
    """Holder who asked for the plan to be published; empty where nobody did."""
    withdraw_asked_by: str
    """Holder who asks for it to be withdrawn; empty where nobody does."""
    published_at: str
    version: int
    """Events so far: what If-Match is compared with."""


def check_plan(folder: Path) -> CheckedPlan:
    """Pack a plan's folder and verify it from the archive alone, in exact numbers. Takes seconds: not in a transaction.

    Raises
    ------
    Refused
        ``L203`` the plan breaks a rule of its own model.
    InvalidInput
        The folder holds no plan that can be read.
    """
    read_plan(folder)
    content = archive.pack(folder)
    with tempfile.TemporaryDirectory(prefix="nspl-plan-") as place:
        inside = archive.unpack(content, Path(place) / "plan")
        opened = open_folder(inside)
        report = verify(opened.plan, opened.situation, opened.travel)
        if not report.ok:
            raise Refused("L203", broken=", ".join(sorted(report.broken)) or "tables.form")
        texts = {path.name: path.read_text("utf-8") for path in (inside / "inputs" / "scenario").glob("*.*")}
        return CheckedPlan(content, sha256_of((inside / MANIFEST).read_bytes()), opened, report, texts)


def open_folder(folder: Path) -> Opened:
    """The plan in a folder, with reference, situation and journeys read again from the copies it carries."""
    plan = read_plan(folder)
    reference, situation = read_inputs(folder, plan.level, plan.grid)
    return Opened(plan, situation, travel_times(reference, situation), reference)


def add_plan(work: Work, run_id: str, checked: CheckedPlan) -> str:
    """Store a verified plan of a run; its id.

    Raises
    ------
    Refused
        ``L204`` the plan was made from another scenario or model than the run's.
    Stale
        The run has its plan already.
    """
    run = runs.find(work.connection, run_id)
    _check_origin(work.connection, run, checked)
    plan, plan_id = checked.opened.plan, work.new_id("plan")
    if (plan.marking == "exercise") != (work.realm == EXERCISE):
        raise Refused("L204", what="marking")
    goals = [{name: value for name, value in asdict(goal).items() if name != "seconds"} for goal in plan.goals]
    report = {"rules": len(checked.report.checked), "rows": sum(checked.report.checked.values()), "ok": True}
    row = {
        "id": plan_id, "ordinal": work.next_ordinal(tables.plans), "run_id": run_id, "scenario_id": run.scenario_id,
        "model_id": run.model_id, "title_sv": plan.title_sv, "title_en": plan.title_en, "marking": plan.marking,
        "level": plan.level, "start": plan.start, "status": plan.status, "goals": json_text(goals),
        "manifest_sha256": checked.manifest_sha256, "verified_at": work.at, "check_report": json_text(report),
        "at": work.at, "by": work.actor.key_id,
    }  # fmt: skip
    packed = {"plan_id": plan_id, "zip": checked.content, "sha256": sha256_of(checked.content)}
    work.connection.execute(insert(tables.plans), [row])
    work.connection.execute(insert(tables.plan_archives), [packed])
    work.about(plan_id, run=run_id, manifest_sha256=checked.manifest_sha256, archive_sha256=packed["sha256"])
    return plan_id


def _check_origin(connection: Connection, run: runs.Run, checked: CheckedPlan) -> None:
    from nspl_opt.formulation.catalogue import load_model

    stored = scenarios.scenario_files(connection, run.scenario_id)
    allowed = REWRITTEN if run.based_on else ()
    for name, text in checked.scenario_texts.items():
        if name not in allowed and stored.get(name) != text:
            raise Refused("L204", what=f"scenario: {name}")
    if run.level is not None and checked.opened.plan.level != run.level:
        raise Refused("L204", what="level")
    with tempfile.TemporaryDirectory(prefix="nspl-model-") as place:
        path = Path(place) / "model.toml"
        path.write_text(scenarios.find_model(connection, run.model_id).text, encoding="utf-8", newline="")
        families = json.loads(json.dumps(load_model(path, run.overrides).as_dict()["families"]))
    # What is off is not checked: a plan may not choose its own rules.
    if families != checked.opened.plan.model["families"]:
        raise Refused("L204", what="model: families")


def find(connection: Connection, plan_id: str) -> PlanFacts:
    """A plan as it stands; ``NotThere``."""
    found = _facts(connection, tables.plans.c.id == plan_id)
    if not found:
        raise NotThere("L401")
    return found[0]


def all_plans(
    connection: Connection, *, states: tuple[str, ...] = (), limit: int = 50, after: str | None = None
) -> list[PlanFacts]:
    """Plans as they stand, the latest first; ``states`` empty: of any state; ``after``: id of the last one seen."""
    where = tables.plans.c.ordinal > 0
    if after is not None:
        where = tables.plans.c.ordinal < find(connection, after).ordinal
    found = [facts for facts in _facts(connection, where) if not states or facts.state in states]
    return found[:limit]


def _facts(connection: Connection, where: Any) -> list[PlanFacts]:
    """Newest first. Events are few: they are read whole and the state is made here."""
    plan, run = tables.plans, tables.runs
    query = select(plan, run.c.based_on).join(run, run.c.id == plan.c.run_id).where(where)
    rows = list(connection.execute(query.order_by(plan.c.ordinal.desc())).mappings())
    event = tables.plan_events
    wanted = select(plan.c.id).where(where)
    told = connection.execute(select(event).where(event.c.plan_id.in_(wanted)).order_by(event.c.plan_id, event.c.seq))
    events: dict[str, list[Any]] = {}
    for one in told:
        events.setdefault(one.plan_id, []).append(one)
    return [_fact(row, events.get(row["id"], [])) for row in rows]


def _fact(row: Mapping[str, Any], events: list[Any]) -> PlanFacts:
    made = {name: row[name] for name in PlanFacts.__slots__ if name in row}
    made |= {"goals": tuple(json.loads(row["goals"])), "check_report": json.loads(row["check_report"])}
    asked = [event.holder for event in events if event.kind == ASKED]
    published = [event.at for event in events if event.kind == PUBLISHED]
    states = [event.kind for event in events if event.kind != WITHDRAW_ASKED]
    ending = events[-1].holder if events and events[-1].kind == WITHDRAW_ASKED else ""
    return PlanFacts(
        **made, state=states[-1] if states else DRAFT, asked_by=asked[-1] if asked else "", withdraw_asked_by=ending,
        published_at=published[-1] if published else "", version=len(events),
    )  # fmt: skip


def publish(work: Work, plan_id: str, note: str = "") -> str:
    """Ask for a plan to be published or, as a second person, publish it; the state it has then.

    The lead of an exercise publishes alone, in a store for exercises. Lines of help are made by ``lines.make_lines``,
    in the same transaction.

    Raises
    ------
    Refused
        ``L205`` the same holder asked, ``L202`` it is published or withdrawn already.
    """
    plan = find(work.connection, plan_id)
    if plan.state not in (DRAFT, ASKED):
        raise Refused("L202", found=plan.state, wanted=PUBLISHED)
    kind = _next(work, plan.asked_by, ASKED, PUBLISHED)
    _add_event(work, plan, kind, note)
    return kind


def withdraw(work: Work, plan_id: str, note: str = "") -> str:
    """Ask for a published plan to be withdrawn or, as a second person, withdraw it; what was appended.

    One person takes back a plan that is only about to be published, and the lead of an exercise any. It stays readable
    to the secretariat. What is promised on its lines stands; ``lines.end_open`` ends what is not.

    Raises
    ------
    Refused
        ``L205`` the same holder asked, ``L202`` it is neither published nor about to be.
    """
    plan = find(work.connection, plan_id)
    if plan.state not in (ASKED, PUBLISHED):
        raise Refused("L202", found=plan.state, wanted=WITHDRAWN)
    kind = WITHDRAWN if plan.state == ASKED else _next(work, plan.withdraw_asked_by, WITHDRAW_ASKED, WITHDRAWN)
    _add_event(work, plan, kind, note)
    return kind


def _next(work: Work, asked_by: str, asked: str, done: str) -> str:
    """What takes two people: asked for by one, done by another; the lead of an exercise does it alone."""
    if work.realm == EXERCISE and work.actor.role == EXERCISE_LEAD:
        return done
    if asked_by == work.actor.holder:
        raise Refused("L205")
    return done if asked_by else asked


def _add_event(work: Work, plan: PlanFacts, kind: str, note: str) -> None:
    row = {
        "plan_id": plan.id, "seq": plan.version + 1, "at": work.at, "kind": kind, "holder": work.actor.holder,
        "by": work.actor.key_id, "note": note[:500],
    }  # fmt: skip
    work.connection.execute(insert(tables.plan_events), [row])
    work.about(plan.id, kind=kind)


def events(connection: Connection, plan_id: str) -> list[dict[str, Any]]:
    """What became of a plan, in order."""
    event = tables.plan_events
    return [
        dict(row)
        for row in connection.execute(select(event).where(event.c.plan_id == plan_id).order_by(event.c.seq)).mappings()
    ]


def read_archive(connection: Connection, plan_id: str) -> bytes:
    """The packed plan, its hash checked: ``NotThere``, ``Unfit L108`` when it is not what was stored."""
    packed = tables.plan_archives
    row = connection.execute(select(packed).where(packed.c.plan_id == plan_id)).one_or_none()
    if row is None:
        raise NotThere("L401")
    if sha256_of(bytes(row.zip)) != row.sha256:
        raise Unfit("L108", why=f"the archive of {plan_id} has changed")
    return bytes(row.zip)


def write_folder(connection: Connection, plan_id: str, folder: Path) -> Path:
    """Write a stored plan into a new folder, as ``nspl-opt`` wrote it."""
    return archive.unpack(read_archive(connection, plan_id), folder)


def count(connection: Connection) -> int:
    """How many plans are stored."""
    return connection.execute(select(func.count()).select_from(tables.plans)).scalar_one()
