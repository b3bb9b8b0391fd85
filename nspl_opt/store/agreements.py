"""Lines as they stand, written as agreements into the scenario of the next run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from nspl_opt.plan.next_lines import COLUMNS
from nspl_opt.scenario.read import SCENARIO_FILE
from nspl_opt.store.lines import PROMISED, Line, lines_before
from nspl_opt.store.scenarios import CheckedScenario

FILE = "store_lines.csv"
_TABLE = '\n[[agreements]]\nfile = "{file}"\nbasis = "deduced"\nsource = "{source}"\n'
_STATES = dict.fromkeys(PROMISED, "accepted") | {state: state for state in ("directed", "offered", "declined")}
"""State of a line -> what the next plan is told. What expired, failed, was countered or ended binds nobody."""


def files_with_lines(connection: Connection, plan_id: str, checked: CheckedScenario) -> dict[str, str]:
    """The files of a scenario with the lines of a plan, and of those it was based on, as one more table of agreements.

    What is promised or directed is fixed, by the amount agreed; what is offered is kept where it can be; what was
    declined is forbidden. Hours are those of this scenario, which may start later than the plan did.
    """
    file = checked.scenario.file
    lines = lines_before(connection, plan_id)
    rows = [row for line in lines for row in _row(line, file.start, file.horizon_h)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([COLUMNS, *rows])
    text = checked.files[SCENARIO_FILE]
    if rows:
        text = text.rstrip("\n") + "\n" + _TABLE.format(file=FILE, source=plan_id)
    more = {FILE: out.getvalue()} if rows else {}
    return dict(checked.files) | {SCENARIO_FILE: text} | more


def _row(line: Line, start: datetime, horizon_h: int) -> Iterator[tuple[Any, ...]]:
    state = _STATES.get(line.state)
    first, last = (_hours(start, time) for time in (line.from_time, line.to_time))
    first, last = max(first, 0), min(last, horizon_h)
    if state is None or last <= first:
        return
    no = next((said for said in line.answers.values() if said.answer == "decline"), None)
    amount = "" if state == "declined" else line.amount if line.agreed is None else line.agreed
    yield (
        line.id, state, line.kind, line.from_site or line.from_region, line.to_site or line.to_region, line.what,
        line.vehicle_type, first, last, amount, no.reason if no else "", no.legal_basis if no else "",
    )  # fmt: skip


def _hours(start: datetime, time: str) -> int:
    """Whole hours from the start; what begins within an hour begins with it."""
    return int((datetime.fromisoformat(time) - start).total_seconds() // 3600)
