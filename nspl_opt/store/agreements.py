"""Lines as they stand, written as agreements into the scenario of the next run."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from nspl_opt.plan.next_lines import COLUMNS
from nspl_opt.scenario.read import SCENARIO_FILE
from nspl_opt.store.lines import PROMISED, Line, lines_before, lines_now
from nspl_opt.store.plans import Opened
from nspl_opt.store.scenarios import CheckedScenario

FILE = "store_lines.csv"
_TABLE = '\n[[agreements]]\nfile = "{file}"\nbasis = "deduced"\nsource = "{source}"\n'
_STATES = dict.fromkeys(PROMISED, "accepted") | {state: state for state in ("directed", "offered", "declined")}
"""State of a line -> what the next plan is told. What expired, failed, was countered or ended binds nobody."""
STILL_PROMISED = ("accepted", "accepted_partial", "directed", "scheduled", "in_transit")
"""Of whatever plan: nobody may be asked for the same bed again."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Of a scenario: when it starts, how many hours it lasts, which care categories it has."""

    start: datetime
    horizon_h: int
    categories: frozenset[str]


class Told(NamedTuple):
    """A line as a row of a scenario's table of agreements; ``nspl_opt.plan.next_lines.COLUMNS``."""

    code: str
    state: str
    kind: str
    origin: str
    destination: str
    what: str
    vehicle_type: str
    from_h: int
    to_h: int
    amount: int | str
    reason: str
    legal_basis: str


def frame_of(opened: Opened) -> Frame:
    """The frame of the scenario that a plan was made for."""
    situation = opened.situation
    hours = max(one.start_h + one.length_h for one in situation.periods)
    categories = frozenset(one.parent or one.code for one in situation.categories)
    return Frame(datetime.fromisoformat(opened.plan.start), hours, categories)


def files_with_lines(connection: Connection, plan_id: str, checked: CheckedScenario) -> dict[str, str]:
    """The files of a scenario with lines as they stand, as one more table of agreements.

    Told are the lines of the plan and of those it was based on, and what is promised on lines of any other plan. What
    is promised or directed is fixed, by the amount agreed; what is offered is kept where it can be; what was declined
    is forbidden. Hours are those of this scenario, which may start later than the plan did.
    """
    file = checked.scenario.file
    frame = Frame(file.start, file.horizon_h, frozenset(file.categories))
    rows = [row for line, _ in told_before(connection, plan_id, plan_id) if (row := told(line, frame)) is not None]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([COLUMNS, *rows])
    text = checked.files[SCENARIO_FILE]
    if rows:
        text = text.rstrip("\n") + "\n" + _TABLE.format(file=FILE, source=plan_id)
    more = {FILE: out.getvalue()} if rows else {}
    return dict(checked.files) | {SCENARIO_FILE: text} | more


def told_before(connection: Connection, plan_id: str, of: str = "") -> list[tuple[Line, bool]]:
    """Lines that bear on a plan, in order, and whether each is of a plan that it was based on.

    The others are those of any plan on which something is promised. ``of``: the plan itself counts as one before.
    """
    before = {line.id: line for line in lines_before(connection, plan_id) if line.plan_id != plan_id or of}
    others = [line for line in lines_now(connection, STILL_PROMISED) if line.plan_id != plan_id or of]
    both = {line.id: line for line in others} | before
    return [(line, line.id in before) for line in sorted(both.values(), key=lambda line: line.ordinal)]


def told(line: Line, frame: Frame) -> Told | None:
    """What a scenario is told of a line; None of what has ended, and of what it has no hours or category for."""
    state = _STATES.get(line.state)
    first, last = (_hours(frame.start, time) for time in (line.from_time, line.to_time))
    first, last = max(first, 0), min(last, frame.horizon_h)
    if state is None or last <= first or (line.kind == "patients" and line.what not in frame.categories):
        return None
    no = next((said for said in line.answers.values() if said.answer == "decline"), None)
    amount = "" if state == "declined" else line.amount if line.agreed is None else line.agreed
    return Told(
        line.id, state, line.kind, line.from_site or line.from_region, line.to_site or line.to_region, line.what,
        line.vehicle_type, first, last, amount, no.reason if no else "", no.legal_basis if no else "",
    )  # fmt: skip


def _hours(start: datetime, time: str) -> int:
    """Whole hours from the start; what begins within an hour begins with it."""
    return int((datetime.fromisoformat(time) - start).total_seconds() // 3600)
