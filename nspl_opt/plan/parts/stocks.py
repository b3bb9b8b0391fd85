"""Stocks of regions in a plan: what is sent and given is decided, what is held follows in exact integers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.instance.instance import Instance
from nspl_opt.plan.cleaning import millionths
from nspl_opt.plan.columns import Column
from nspl_opt.plan.facts import need_if_nobody_moved
from nspl_opt.plan.parts.tables_stocks import TABLES_HERE
from nspl_opt.reference.reference import MICRO

KINDS = {"equipment": "equipment", "supplies": "supply"}
"""Family -> kind of its stocks."""
MOST_DAYS = 1000


def read(m: Any, inst: Instance, value_of: Callable[[Any], np.ndarray]) -> dict[str, Any]:
    """Units sent and given [units / 1e6], in the order of the columns."""
    return {
        name: {"sent": millionths(value_of(store.sent)), "given": millionths(value_of(store.given))}
        for name, store in _stores(m)
    }


def put(m: Any, inst: Instance, decisions: Any, put: Callable[[Any, np.ndarray], None]) -> None:
    """Units sent and given as cleaned, and held as it follows."""
    for name, store in _stores(m):
        for what in ("sent", "given"):
            put(getattr(store, what), decisions.more[name][what] / MICRO)
        put(store.held, _held(name, store, inst, decisions)[store.held.axes] / MICRO)


def rows(m: Any, inst: Instance, decisions: Any, model: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables ``stocks`` and ``stock_moves`` of the families that are on."""
    on = [name for name in KINDS if m.component(name) is not None]
    if not on:
        return {}
    levels, moves = [], []
    for name, store in _stores(m):
        levels += _levels(name, store, inst, decisions, model["families"])
        moves += _moves(store, inst, decisions.more[name])
    return {"stocks": _frame("stocks", sorted(levels)), "stock_moves": _frame("stock_moves", sorted(moves))}


def _frame(name: str, found: list[tuple]) -> pd.DataFrame:
    """A frame from rows that begin with what they are sorted by: the key of the table."""
    contract: tuple[Column, ...] = TABLES_HERE[name]
    return pd.DataFrame([row[-1] for row in found], columns=[column.name for column in contract])


def _stores(m: Any) -> Iterator[tuple[str, Any]]:
    for name in KINDS:
        block = m.component(name)
        if block is not None and hasattr(block, "store"):
            yield name, block.store


def _used(name: str, store: Any, inst: Instance, decisions: Any) -> np.ndarray:
    """(stock, region, period) units in use, or used up in the period [units / 1e6], each rounded once."""
    cared = decisions.cared.sum(axis=0)
    found = np.zeros((len(store.stocks), len(inst.region_sites), len(inst.hours)), dtype=np.int64)
    for g, stock in enumerate(store.stocks):
        for r in store.home:
            for t, hours in enumerate(inst.hours.tolist()):
                units = _per_patient(stock, inst, cared[:, list(inst.region_sites[r]), t].sum(axis=1))
                found[g, r, t] = round(Fraction(units * hours, 24 * MICRO) if name == "supplies" else units / MICRO)
    return found


def _per_patient(stock: Any, inst: Instance, patients: np.ndarray) -> Fraction:
    """Units for so many patients of each category [patients / 1e6], times a million."""
    use = [stock.use_micro.get(category.code, 0) for category in inst.situation.categories]
    return Fraction(sum(one * many for one, many in zip(use, patients.tolist(), strict=True)))


def _held(name: str, store: Any, inst: Instance, decisions: Any) -> np.ndarray:
    """(stock, region, period) units held at the end [units / 1e6]."""
    change = np.array([stock.delivered_micro for stock in store.stocks], dtype=np.int64)
    change[:, :, 0] += np.array([stock.held_micro for stock in store.stocks])
    loads, (g, r, t), what = store.loads, store.given.axes, decisions.more[name]
    np.add.at(change, (g, r, t), what["given"])
    np.add.at(change, (loads.stock, loads.receiver, loads.arrival), what["sent"])
    np.subtract.at(change, (loads.stock, loads.sender, loads.period), what["sent"])
    if name == "supplies":
        change -= _used(name, store, inst, decisions)
    return np.cumsum(change, axis=2)


def _levels(name: str, store: Any, inst: Instance, decisions: Any, families: Mapping[str, Any]) -> Iterator[tuple]:
    situation = inst.situation
    held, used = _held(name, store, inst, decisions), _used(name, store, inst, decisions)
    need = need_if_nobody_moved(situation, families)
    for g, stock in enumerate(store.stocks):
        for r in store.home:
            region = situation.regions[r].code
            for t, period in enumerate(situation.periods):
                units = _per_patient(stock, inst, need[:, list(inst.region_sites[r]), t].sum(axis=1))
                days = Fraction(period.length_h, 24) if name == "supplies" else Fraction(1)
                own, there = round(units * days / MICRO), int(held[g, r, t])
                spent = int(used[g, r, t])
                short = max(0, own - there - (spent if name == "supplies" else 0))
                if there or spent or own:
                    start = _clock(situation, period.start_h)
                    left = _days_left(there, spent, days) if name == "supplies" else None
                    figures = (there / MICRO, spent / MICRO, own / MICRO, left, short / MICRO)
                    yield (stock.code, t, region), (t, start, region, stock.code, *figures)


def _days_left(held: int, used: int, days: Fraction) -> float | None:
    """Days that what is held lasts at the pace of the period; None where nothing is used up or it lasts for long."""
    left = Fraction(max(held, 0)) * days / used if used else Fraction(MOST_DAYS + 1)
    return round(float(left), 6) if left <= MOST_DAYS else None


def _moves(store: Any, inst: Instance, what: Mapping[str, np.ndarray]) -> Iterator[tuple]:
    loads, regions = store.loads, [region.code for region in inst.situation.regions]
    for n in np.flatnonzero(what["sent"]).tolist():
        ends = regions[loads.sender[n]], regions[loads.receiver[n]]
        stock, periods = store.stocks[loads.stock[n]].code, (int(loads.period[n]), int(loads.arrival[n]))
        yield _move(inst, stock, ends, periods, int(what["sent"][n]))
    for n in np.flatnonzero(what["given"]).tolist():
        g, r, t = (int(axis[n]) for axis in store.given.axes)
        yield _move(inst, store.stocks[g].code, ("", regions[r]), (t, t), int(what["given"][n]))


def _move(inst: Instance, stock: str, ends: tuple[str, str], periods: tuple[int, int], amount: int) -> tuple:
    start, arrive = (_clock(inst.situation, inst.situation.periods[t].start_h) for t in periods)
    name = f"{stock}-{ends[0] or 'national'}-{ends[1]}-{periods[0]:03d}"
    row = (name, stock, *ends, periods[0], start, periods[1], arrive, amount / MICRO)
    return name, row


def _clock(situation: Any, hours: int) -> str:
    return (situation.start + timedelta(hours=hours)).isoformat(timespec="minutes")
