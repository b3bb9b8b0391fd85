"""Plans: listed, read, compared, published and withdrawn by two people."""

from __future__ import annotations

import json
import tempfile
from itertools import islice
from pathlib import Path

from nspl_opt.plan.columns import those_in
from nspl_opt.plan.plan import TABLES
from nspl_opt.store import lines, plans, standing

from ..answers.base import Reply, gives
from ..answers.inputs import Note, Sent
from ..answers.plans import (
    ColumnTold,
    Comparison,
    National,
    PlanHead,
    PlanList,
    PlanSeen,
    PlansSeen,
    PlanWhole,
    TableSeen,
    TableShown,
)
from ..archives import open_archive, rendered
from ..calls import Call
from ..compared import changes_told, lines_then
from ..concerned import seen_rows
from ..paging import AfterIdQuery, AfterQuery, LimitQuery, cut
from ..polls import Holds
from ..sight import national, plan_head, plan_seen, visible_plan

REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""The report is one file with its own styles and scripts; nothing in it may fetch anything."""


class Step(Sent):
    """A remark for the record, about the matter and never about a person."""

    note: Note = ""


@gives(200, PlanList | PlansSeen)
def list_plans(call: Call, limit: LimitQuery = 50, after: AfterIdQuery = "") -> Reply:
    """Plans, the latest first; a region sees those published."""
    states = (plans.PUBLISHED,) if call.region is not None else ()
    last = visible_plan(call, after).id if after else None
    found = call.services.store.run_read(lambda read: plans.all_plans(read, states=states, limit=limit + 1, after=last))
    rows, more = cut(found, limit)
    place = rows[-1].id if more else None
    if call.region is not None:
        return Reply(PlansSeen(plans=tuple(plan_seen(call, row) for row in rows), next=place), holds=Holds())
    return Reply(PlanList(plans=tuple(PlanHead(**plan_head(row)) for row in rows), next=place), holds=Holds())


def read_plan(call: Call, plan_id: str) -> PlanWhole | PlanSeen:
    """One plan in short; its ETag changes when it is published or withdrawn."""
    plan = visible_plan(call, plan_id)
    if call.region is not None:
        return plan_seen(call, plan)
    archive = open_archive(call.services.store, plan_id)
    head = archive.head()
    more = {name: head.get(name) for name in ("provenance", "avoidable")}
    return PlanWhole(**plan_head(plan), tables=archive.tables(), notes=tuple(head.get("notes", ())), **more)


def read_table(
    call: Call, plan_id: str, table: str, limit: LimitQuery = 200, after: AfterQuery = ""
) -> TableShown | TableSeen:
    """A page of a table; a region sees the rows that concern it."""
    plan, start = visible_plan(call, plan_id), int(after or 0)
    archive = open_archive(call.services.store, plan_id)
    if call.region is not None:
        found = list(islice(seen_rows(archive, table, call.region), start, start + limit + 1))
        rows, more = cut(found, limit)
        place = str(start + limit) if more else None
        return TableSeen(plan_id=plan_id, marking=plan.marking, table=table, rows=tuple(rows), next=place)
    found = list(islice(archive.rows(table), start, start + limit + 1))
    rows, more = cut(found, limit)
    columns = those_in(TABLES[table], archive.columns(table))
    return TableShown(
        plan_id=plan_id,
        marking=plan.marking,
        table=table,
        columns=tuple(ColumnTold(name=one.name, kind=one.kind, unit=one.unit) for one in columns),
        rows=tuple(tuple(row[one.name] for one in columns) for row in rows),
        next=str(start + limit) if more else None,
    )


@gives(200, media_type="text/html")
def read_report(call: Call, plan_id: str) -> Reply:
    """The report of a plan as a page by itself; it fetches nothing."""
    visible_plan(call, plan_id)
    page = rendered(call.services.settings, call.services.store, "report", call.language, plan_id)
    return Reply(page, headers={"Content-Security-Policy": REPORT_POLICY}, media_type="text/html; charset=utf-8")


@gives(200, PlanHead)
def publish_plan(call: Call, plan_id: str, step: Step) -> Reply:
    """Ask for a plan to be published; the call of a second person publishes it, and its lines are offered.

    Either is a conflict where lines of earlier plans have been answered, directed or ended since the run in a way that
    the plan contradicts, or where help is promised on lines that it does not know of.
    """
    offer = _lines_to_offer(call, plan_id)
    lines.expire_due(call.services.store)

    def act(work: plans.Work) -> Reply:
        state = plans.publish(work, plan_id, step.note)
        standing.check_standing(work.connection, plan_id, offer)
        if state == plans.PUBLISHED:
            standing.offer_lines(work, plan_id, offer, call.services.settings.answer_within_h)
        return Reply(PlanHead(**plan_head(plans.find(work.connection, plan_id))))

    reply = call.change(act, plan_id)
    call.services.desk.get_ready(plan_id)
    return reply


def _lines_to_offer(call: Call, plan_id: str) -> standing.Offer | None:
    """What a plan that is about to be published would offer; None of one that cannot be."""
    plan = call.services.store.run_read(lambda read: plans.find(read, plan_id))
    if plan.state not in (plans.DRAFT, plans.ASKED):
        return None
    with tempfile.TemporaryDirectory(prefix="nspl-publish-") as place:
        folder = call.services.store.run_read(lambda read: plans.write_folder(read, plan_id, Path(place) / "plan"))
        return standing.offer_of(plans.open_folder(folder))


@gives(200, PlanHead)
def withdraw_plan(call: Call, plan_id: str, step: Step) -> Reply:
    """Ask for a plan to be withdrawn; a second person's call does it.

    What is promised stands; lines nobody has promised anything on are cancelled.
    """

    def act(work: plans.Work) -> Reply:
        if plans.withdraw(work, plan_id, step.note) == plans.WITHDRAWN:
            lines.end_open(work, plan_id, lines.CANCELLED)
        return Reply(PlanHead(**plan_head(plans.find(work.connection, plan_id))))

    return call.change(act, plan_id)


def compare_plans(call: Call, plan_id: str, other_id: str) -> Comparison:
    """What differs from the first plan to the other, and why: files, options, answers of the regions.

    Lines are told as they stood when the other plan was made. Each transfer that differs has its cause: answered_no,
    countered, directed, promised, expired, failed, cancelled, other_lines, data, model, time_of_solving, or not_known
    with what it may be.
    """
    for one in (plan_id, other_id):
        visible_plan(call, one)
    store = call.services.store
    found = json.loads(rendered(call.services.settings, store, "compare", "sv", plan_id, other_id))
    heads = [store.run_read(lambda read, one=one: plans.find(read, one)) for one in (plan_id, other_id)]
    answers = tuple(lines_then(store, heads[1]))
    changes = changes_told(store, heads, found, answers)
    shown = tuple(one for one in answers if one.state != lines.OFFERED)
    return Comparison(first=plan_id, second=other_id, comparison=found, answers=shown, changes=changes)


def read_national(call: Call) -> National:
    """The plan published last, in national figures; an observer sees them only while they are valid."""
    return national(call)
