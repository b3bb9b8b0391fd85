"""Lines as they stand, written as agreements into the scenario of the next run."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from nspl_opt.plan.next_lines import COLUMNS
from nspl_opt.scenario.read import SCENARIO_FILE
from nspl_opt.store.lines import OFFERED, PROMISED, Line, lines_before, lines_now
from nspl_opt.store.plans import Opened
from nspl_opt.store.scenarios import CheckedScenario

FILE = "store_lines.csv"
_TABLE = '\n[[agreements]]\nfile = "{file}"\nbasis = "deduced"\nsource = "{source}"\n'
_STATES = dict.fromkeys(PROMISED, "accepted") | {
    state: state for state in ("directed", "offered", "countered", "declined")
}
"""State of a line -> what the next plan is told. What expired, failed or ended binds nobody."""
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
    is promised or directed is fixed, by the amount agreed; what is offered is kept where it can be; of what was
    countered no more is asked for than the party named, and nothing of the line outside its hours or category; what
    was declined is forbidden. Hours are those of this scenario, which may start later than the plan did.
    """
    file = checked.scenario.file
    frame = Frame(file.start, file.horizon_h, frozenset(file.categories))
    before = [line for line, _ in told_before(connection, plan_id, plan_id)]
    rows = [row for line in before if line.state != "countered" and (row := told(line, frame)) is not None]
    for line in before:
        rows += countered(line, frame, rows) if line.state == "countered" else ()
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
    """What a scenario is told of a line; None of what has ended, and of what it has no hours or category for.

    Of a line that was countered: what the party would do instead. Another profession is not carried on.
    """
    state = _STATES.get(line.state)
    if state is None:
        return None
    what, amount = line.what, line.amount if line.agreed is None else line.agreed
    hours = [_hours(frame.start, time) for time in (line.from_time, line.to_time)]
    no = next((said for said in line.answers.values() if said.answer == "decline"), None)
    if state == "countered":
        named = _named(line)
        if line.kind == "staff" and named.get("what", what) != what:
            return None
        what, amount = named.get("what", what), _most(line, named)
        begins = hours[0] - line.from_h  # hours of a counter are from its plan's start
        hours = [begins + named.get(name, getattr(line, name)) for name in ("from_h", "to_h")]
    first, last = max(hours[0], 0), min(hours[1], frame.horizon_h)
    if last <= first or (line.kind == "patients" and what not in frame.categories):
        return None
    return Told(
        line.id, state, line.kind, line.from_site or line.from_region, line.to_site or line.to_region, what,
        line.vehicle_type, first, last, "" if state == "declined" else amount, no.reason if no else "",
        no.legal_basis if no else "",
    )  # fmt: skip


def _named(line: Line) -> Mapping[str, Any]:
    return next((said.counter for said in line.answers.values() if said.counter), {})


def _most(line: Line, named: Mapping[str, Any]) -> int:
    """What the party named, or another that said yes to a part."""
    parts = [said.amount for said in line.answers.values() if said.amount is not None and said.amount < line.amount]
    return min([named.get("amount", line.amount), *parts])


def countered(line: Line, frame: Frame, others: Sequence[Told]) -> list[Told]:
    """The rows of a countered line: at most what was named, by any vehicle where no other line is in the way; and
    nothing in the line's own hours and category where the counter-offer leaves them.
    """
    asked = replace(line, state=OFFERED, answers={})
    old, new = told(asked, frame), told(line, frame)
    found: list[Told] = []
    if new is not None and old is not None:
        clipped = new._replace(from_h=max(new.from_h, old.from_h), to_h=min(new.to_h, old.to_h))
        tries = [new._replace(vehicle_type=""), new, clipped]
        free = (one for one in tries if one.from_h < one.to_h and not any(_in_the_way(one, row) for row in others))
        found += [one for one in (next(free, None),) if one is not None]
    if old is not None:
        same = [one for one in found if one.what == old.what]
        ends = [(old.from_h, same[0].from_h), (same[0].to_h, old.to_h)] if same else [(old.from_h, old.to_h)]
        vehicle = same[0].vehicle_type if same else old.vehicle_type
        for letter, (first, last) in zip("ab", ends, strict=False):
            none = old._replace(
                code=f"{line.id}-{letter}", state="countered", vehicle_type=vehicle, from_h=max(first, old.from_h),
                to_h=min(last, old.to_h), amount=0,
            )  # fmt: skip
            if none.from_h < none.to_h and not any(_in_the_way(none, row) for row in (*others, *found)):
                found.append(none)
    return found


def _in_the_way(one: Told, other: Told) -> bool:
    """Whether two rows are partly about the same journeys or loans, which a scenario may not have."""
    if other.state == "declined" or (one.kind, one.what) != (other.kind, other.what):
        return False
    by = one.vehicle_type == other.vehicle_type or "" in (one.vehicle_type, other.vehicle_type)
    ends = (one.origin, one.destination) == (other.origin, other.destination)
    alike = ends and (one.vehicle_type, one.from_h, one.to_h) == (other.vehicle_type, other.from_h, other.to_h)
    return by and ends and one.from_h < other.to_h and other.from_h < one.to_h and not alike


def _hours(start: datetime, time: str) -> int:
    """Whole hours from the start; what begins within an hour begins with it."""
    return int((datetime.fromisoformat(time) - start).total_seconds() // 3600)
