"""What a region itself says it can give and take: its latest figure limits what it can promise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from nspl_opt.store import tables
from nspl_opt.store.errors import Refused, Stale, Unsound
from nspl_opt.store.lines import LIVE, Line, select_lines
from nspl_opt.store.store import Work

SIDES = {"give": ("sender", "from_region"), "take": ("receiver", "to_region")}
"""Side -> the party that it binds, and that party's column."""
MOST = 100_000
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Capacity:
    """A region's own figure: patients of a category, or people of a profession, from one local time to another.

    ``side`` is give (send, lend) or take (receive, borrow); ``version`` counts its changes.
    """

    region: str
    side: str
    what: str
    version: int
    amount: int
    from_time: str
    to_time: str
    source: str
    at: str
    by: str


def declare(
    work: Work, region: str, side: str, what: str, amount: int, from_time: str, to_time: str, *, source: str = "region",
    version: int | None = None,
) -> Capacity:  # fmt: skip
    """Note a region's figure; what it has promised already stands, even beyond it.

    ``version`` is that of the figure it replaces (0: there is none yet), None replaces whatever there is.
    ``source`` tells where it comes from: ``region``, or ``secretariat`` on its behalf.

    Raises
    ------
    Unsound
        ``L301`` an amount outside 0 to 100 000, a side, code or time that is none, an end before its start.
    Stale
        ``L504`` somebody has changed the figure since.
    """
    _check(side, what, amount, from_time, to_time, source)
    latest = _latest(work.connection, region, side, what)
    before = latest.version if latest else 0
    if version is not None and version != before:
        raise Stale("L504")
    row = {
        "region": region, "side": side, "what": what, "version": before + 1, "amount": amount,
        "from_time": from_time, "to_time": to_time, "source": source, "at": work.at, "by": work.actor.key_id,
    }  # fmt: skip
    work.connection.execute(insert(tables.capacities), [row])
    work.about(f"{region}/{side}/{what}", version=before + 1)
    return Capacity(**row)


def _check(side: str, what: str, amount: int, from_time: str, to_time: str, source: str) -> None:
    if side not in SIDES:
        raise Unsound("L301", field="side", what="is neither give nor take")
    if not _CODE.fullmatch(what):
        raise Unsound("L301", field="what", what="is no code of a category or profession")
    if not 0 <= amount <= MOST:
        raise Unsound("L301", field="amount", what=f"lies outside 0 to {MOST}")
    for field, moment in (("from_time", from_time), ("to_time", to_time)):
        if not _is_moment(moment):
            raise Unsound("L301", field=field, what="must be a local time such as 2027-01-11T06:00")
    if to_time <= from_time:
        raise Unsound("L301", field="to_time", what="must come after from_time")
    if not _CODE.fullmatch(source):
        raise Unsound("L301", field="source", what="is no code")


def _is_moment(text: str) -> bool:
    """Whether it is written as a local time, and of a day that the calendar has."""
    try:
        return bool(_MOMENT.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _latest(connection: Connection, region: str, side: str, what: str) -> Any:
    own = tables.capacities
    query = select(own).where(own.c.region == region, own.c.side == side, own.c.what == what)
    return connection.execute(query.order_by(own.c.version.desc()).limit(1)).one_or_none()


def capacities_of(connection: Connection, region: str | None = None) -> list[Capacity]:
    """The figures that count now: of a region, or of all; by region, side and thing."""
    own = tables.capacities
    key = (own.c.region, own.c.side, own.c.what)
    last = select(*key, func.max(own.c.version).label("version")).group_by(*key).subquery()
    query = select(own).join(
        last,
        (last.c.region == own.c.region) & (last.c.side == own.c.side) & (last.c.what == own.c.what)
        & (last.c.version == own.c.version),
    ).order_by(*key)  # fmt: skip
    if region is not None:
        query = query.where(own.c.region == region)
    return [Capacity(**row) for row in connection.execute(query).mappings()]


def check_room(work: Work, line: Line, party: str, amount: int) -> None:
    """Refuse a yes of a sender or receiver that goes beyond the region's own figure.

    Writers are alone, and this transaction sees all that was promised before it: the last bed is given once.

    Raises
    ------
    Refused
        ``L209`` with the figure and what is promised of it already.
    """
    for side, (bound, column) in SIDES.items():
        if party != bound:
            continue
        region = getattr(line, column)
        figure = _latest(work.connection, region, side, line.what)
        if figure is None or not _meet(figure, line):
            continue
        columns = tables.lines.c
        others = (columns[column] == region) & (columns.what == line.what) & (columns.id != line.id)
        taken = sum(promised(other, party) for other in select_lines(work.connection, others) if _meet(figure, other))
        if taken + amount > figure.amount:
            raise Refused("L209", what=line.what, limit=figure.amount, taken=taken)


def promised(line: Line, party: str) -> int:
    """What a party is bound to on a line: what all agreed on, else what it said yes to while the others may still."""
    if line.state not in LIVE:
        return 0
    if line.agreed is not None:
        return line.agreed
    said = line.answers.get(party)
    return said.amount if said is not None and said.amount is not None else 0


def _meet(figure: Any, line: Line) -> bool:
    return line.from_time < figure.to_time and figure.from_time < line.to_time


def room_left(connection: Connection, capacity: Capacity) -> Mapping[str, int]:
    """``amount``, ``promised`` and ``left`` of a region's figure."""
    party, column = SIDES[capacity.side]
    mine = (tables.lines.c[column] == capacity.region) & (tables.lines.c.what == capacity.what)
    taken = sum(promised(line, party) for line in select_lines(connection, mine) if _meet(capacity, line))
    return {"amount": capacity.amount, "promised": taken, "left": max(0, capacity.amount - taken)}
