"""What spoiling a table takes: a row chosen at random, a cell changed, a row dropped."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from nspl_opt.plan.plan import Plan
from nspl_opt.scenario.situation import Situation

from ..spoiling import Inapplicable

Spoil = Callable[[Plan, Situation, random.Random], Plan]


def with_table(plan: Plan, table: str, frame: pd.DataFrame) -> Plan:
    """The plan with another table of that name."""
    return replace(plan, tables={**plan.tables, table: frame.reset_index(drop=True)})


def row_of(plan: Plan, table: str, rng: random.Random, mask: pd.Series | None = None) -> int:
    """A row of a table, of those that the mask lets through."""
    frame = plan.tables[table]
    rows = list(frame.index if mask is None else frame.index[mask])
    if not rows:
        raise Inapplicable(table)
    return rng.choice(rows)


def changed(plan: Plan, table: str, row: int, **cells: object) -> Plan:
    """The plan with other cells in one row."""
    frame = plan.tables[table].copy()
    for column, value in cells.items():
        frame.loc[row, column] = value
    return with_table(plan, table, frame)


def dropped(table: str, needed: str | None = None) -> Spoil:
    """Leave out a row, one with something in the column ``needed``."""

    def drop(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        frame = plan.tables[table]
        row = row_of(plan, table, rng, frame[needed] > 0 if needed else None)
        return with_table(plan, table, frame.drop(index=row))

    return drop


def added(table: str, column: str, amounts: tuple[float, ...]) -> Spoil:
    """Add one of the amounts to a cell, of those that leave it at nought or above."""

    def add(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        frame, amount = plan.tables[table], rng.choice(amounts)
        row = row_of(plan, table, rng, frame[column] + min(amount, 0) >= 0)
        return changed(plan, table, row, **{column: round(float(frame.loc[row, column]) + amount, 6)})

    return add


def added_whole(table: str, column: str, amounts: tuple[int, ...]) -> Spoil:
    """Add one of the amounts to a whole cell."""

    def add(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        frame = plan.tables[table]
        row = row_of(plan, table, rng)
        return changed(plan, table, row, **{column: int(frame.loc[row, column]) + rng.choice(amounts)})

    return add


def shifted(table: str, column: str) -> Spoil:
    """Move a time by some hours."""

    def shift(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        row = row_of(plan, table, rng)
        hours = pd.Timedelta(hours=rng.choice((-24, -1, 1, 6)))
        moved = pd.Timestamp(str(plan.tables[table].loc[row, column])) + hours
        return changed(plan, table, row, **{column: moved.isoformat()})

    return shift
