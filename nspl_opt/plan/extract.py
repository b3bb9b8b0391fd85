"""From the solver's numbers to a plan: decisions are read off, consequences are computed anew.

The solver's point is right only within tolerances. So transfers, trips, loans and steps are cleaned
first; the census then follows from them in exact integers, and the goals from the cleaned point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.instance.instance import Instance
from nspl_opt.instance.paths import half_even, stepped
from nspl_opt.plan import rows
from nspl_opt.plan.aggregate import ledger_table, load_table
from nspl_opt.plan.cleaning import DUST_MICRO, millionths
from nspl_opt.plan.columns import those_in
from nspl_opt.plan.parts import parts
from nspl_opt.plan.parts.care import beds_used
from nspl_opt.plan.parts.groups import settle
from nspl_opt.plan.plan import TABLES
from nspl_opt.reference.reference import MICRO, STANDARDS
from nspl_opt.solver.matrix import Compiled

TIGHT = 1e-6
"""Slack below which a row counts as binding."""


@dataclass
class Decisions:
    """What the plan decides and what follows, in integers: patients and trips in millionths."""

    move: np.ndarray
    """(cell,) patients who leave."""
    trips: np.ndarray
    """(trip,) trips made."""
    step: Mapping[tuple[int, int], int]
    """(site, block) -> step of postponement."""
    away: Mapping[tuple[int, int, int, int], int]
    started: Mapping[tuple[int, int, int, int], int]
    """(profession, lender, borrower, block) -> people away, people leaving."""
    present: np.ndarray
    """(category, site, period)."""
    cared: np.ndarray
    """(standard, category, site, period)."""
    flows: Mapping[str, np.ndarray] = field(default_factory=dict)
    """arrived, moved_in, moved_out, discharged, stepped_in, stepped_out: (category, site, period)."""
    more: dict[str, Any] = field(default_factory=dict)
    """Later families: name -> what each decides (``plan.parts``)."""


@dataclass(frozen=True)
class Extracted:
    """The tables of a plan, its goal values and the cleaned point they were computed from."""

    tables: Mapping[str, pd.DataFrame]
    goal_values: np.ndarray
    point: np.ndarray
    notes: tuple[str, ...] = ()
    """What a family had nothing to act on (``Plan.notes``)."""


def extract_plan(m: Any, inst: Instance, compiled: Compiled, point: np.ndarray, model: Mapping[str, Any]) -> Extracted:
    """Read a plan off the solver's point.

    ``m`` is the Pyomo model that was compiled, ``model`` the model file with every default.
    """
    index = {id(column): number for number, column in enumerate(compiled.columns)}
    decisions = _decide(m, inst, compiled, point, index)
    for part in parts():
        decisions.more |= part.read(m, inst, lambda columns: _read(columns, point, index))
    settle(m, inst, decisions)
    _follow(m, inst, decisions, point, index)
    clean = _clean_point(m, inst, decisions, compiled, index, point)
    tables = _tables(m, inst, decisions, model)
    tables["rules"] = _rules(m, compiled, clean)
    matrix = compiled.matrix
    values = matrix.goals @ clean + matrix.goal_offset
    shaped = {name: _shaped(name, tables[name]) for name in TABLES if name in tables}
    return Extracted(shaped, values, clean, tuple(sorted(set(m.notes))))


def _read(variables: Any, point: np.ndarray, index: Mapping[int, int]) -> np.ndarray:
    """Values of a variable indexed 0, 1, 2, ...; a column that no row uses is nothing."""
    return np.array([point[index[id(v)]] if id(v) in index else 0.0 for v in variables.values()], dtype=float)


def _decide(m: Any, inst: Instance, compiled: Compiled, point: np.ndarray, index: Mapping[int, int]) -> Decisions:
    whole_moves = np.array([not v.is_continuous() for v in m.move.values()], dtype=bool)
    move = millionths(_read(m.move, point, index), whole_moves)
    transports, elective, loans = (m.component(name) for name in ("transports", "elective", "staff_loans"))
    trips = np.zeros(0, dtype=np.int64)
    if transports is not None:
        trips = _trips(transports, inst, move, point, index)

    def counts(variables: Any) -> dict[Any, int]:
        values = np.rint(_read(variables, point, index)).astype(np.int64).tolist()
        return {key: value for key, value in zip(variables, values, strict=True) if value}

    shape = inst.arrivals.shape
    return Decisions(
        move=move,
        trips=trips,
        step=counts(elective.step) if elective is not None else {},
        away=counts(loans.away) if loans is not None else {},
        started=counts(loans.started) if loans is not None else {},
        present=np.zeros(shape, dtype=np.int64),
        cared=np.zeros((len(STANDARDS), *shape), dtype=np.int64),
    )


def _trips(
    transports: Any, inst: Instance, move: np.ndarray, point: np.ndarray, index: Mapping[int, int]
) -> np.ndarray:
    """Trips in millionths; those without a column are the patients of their run less other pools' trips."""
    made = np.zeros(len(inst.trips), dtype=np.int64)
    whole = np.array([not v.is_continuous() for v in transports.trips.values()], dtype=bool)
    made[list(transports.trips)] = millionths(_read(transports.trips, point, index), whole)
    left: dict[tuple[int, int], int] = {}
    for cell, patients in zip(inst.cells, move, strict=True):
        left[cell.run, cell.period] = left.get((cell.run, cell.period), 0) + int(patients)
    for number, trip in enumerate(inst.trips):
        if not trip.implied:
            left[trip.run, trip.period] = left.get((trip.run, trip.period), 0) - int(made[number])
    for number, trip in enumerate(inst.trips):
        if trip.implied:
            made[number] = max(left[trip.run, trip.period], 0)
    return made


def _follow(m: Any, inst: Instance, decisions: Decisions, point: np.ndarray, index: Mapping[int, int]) -> None:
    """Census from decisions, period by period, in integers; care is cut to who is present."""
    situation, shape = inst.situation, inst.arrivals.shape
    moved_in, moved_out = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for cell, patients in zip(inst.cells, decisions.move, strict=True):
        arc = inst.arcs[cell.arc]
        moved_out[arc.category, arc.origin, cell.period] += patients
        moved_in[arc.category, arc.destination, cell.arrival] += patients
    wanted = np.zeros((len(STANDARDS), *shape), dtype=np.int64)
    for (g, k, i, t), variable in m.cared.items():
        if id(variable) in index:
            wanted[g, k, i, t] = np.rint(max(point[index[id(variable)]], 0.0) * MICRO)
    discharged, stepped_in, stepped_out = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    leaves = situation.leaves()
    present, cared = situation.initial_micro.astype(np.int64), situation.initial_micro.astype(np.int64)
    for t in range(len(situation.periods)):
        gone = half_even(cared * leaves[:, t][:, None])
        stepped_in[:, :, t], stepped_out[:, :, t] = stepped(gone, inst.steps)
        discharged[:, :, t] = gone - stepped_out[:, :, t]
        present = present - gone + stepped_in[:, :, t] + situation.arrivals_micro[:, :, t]
        present = present + moved_in[:, :, t] - moved_out[:, :, t]
        there = np.maximum(present, 0)
        for g in range(len(STANDARDS)):
            decisions.cared[g, :, :, t] = np.minimum(wanted[g, :, :, t], there)
            there = there - decisions.cared[g, :, :, t]
        cared = decisions.cared[:, :, :, t].sum(axis=0)
        decisions.present[:, :, t] = present
    decisions.flows = {
        "arrived": situation.arrivals_micro,
        "moved_in": moved_in,
        "moved_out": moved_out,
        "discharged": discharged,
        "stepped_in": stepped_in,
        "stepped_out": stepped_out,
    }


def _clean_point(
    m: Any, inst: Instance, decisions: Decisions, compiled: Compiled, index: Mapping[int, int], point: np.ndarray
) -> np.ndarray:
    """The point of the model that the cleaned decisions and their consequences stand for."""
    clean = point.copy()

    def put(variable: Any, value: float) -> None:
        if id(variable) in index:
            clean[index[id(variable)]] = value

    for number, variable in m.move.items():
        put(variable, decisions.move[number] / MICRO)
    for (k, i, t), variable in m.present.items():
        put(variable, decisions.present[k, i, t] / MICRO)
    for (g, k, i, t), variable in m.cared.items():
        put(variable, decisions.cared[g, k, i, t] / MICRO)
    for name, counted in (("elective", ("step",)), ("staff_loans", ("away", "started"))):
        block = m.component(name)
        for what in counted if block is not None else ():
            values = getattr(decisions, what)
            for key, variable in getattr(block, what).items():
                put(variable, float(values.get(key, 0)))
    if m.component("transports") is not None:
        for number, variable in m.transports.trips.items():
            put(variable, decisions.trips[number] / MICRO)

    def put_all(columns: Any, values: np.ndarray) -> None:
        for variable, value in zip(columns.values(), values, strict=True):
            put(variable, float(value))

    for part in parts():
        part.put(m, inst, decisions, put_all)
    for name, column, rule in (("worst_region", "overload", "overload_of"), ("cost", "large", "large_of")):
        block = m.component(name)
        if block is not None:
            variable = getattr(block, column)
            put(variable, max(0.0, *_above(getattr(block, rule), compiled, clean, index[id(variable)])))
    return clean


def _above(rule: Any, compiled: Compiled, clean: np.ndarray, column: int) -> np.ndarray:
    """What the column must be at least in each row of a rule of its goal, at the cleaned point."""
    mine = [number for number, row in enumerate(compiled.rows) if row.parent_component() is rule]
    a, right = compiled.matrix.a[mine], compiled.matrix.row_upper[mine]
    without = clean.copy()
    without[column] = 0.0
    return np.append(a @ without - right, 0.0)


def _tables(m: Any, inst: Instance, decisions: Decisions, model: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    situation = inst.situation
    tables = {
        "transfers": rows.transfers(m, inst, decisions, model),
        "trips": rows.trips(m, inst, decisions),
        "loans": rows.loans(inst, decisions),
        "postponed": rows.postponed(inst, decisions, model),
        "surge": rows.surge(inst, decisions, model, beds_used(m, inst, decisions)),
        "census": rows.census(m, inst, decisions),
    }
    census = tables["census"]
    hours = {period.index: period.length_h for period in situation.periods}
    unmet = census[census["unmet"] > DUST_MICRO / MICRO].copy()
    unmet["patient_hours"] = (unmet["unmet"] * unmet["period"].map(hours)).round(6)
    tables["unmet"] = unmet
    tables["ledger"] = ledger_table(situation, tables["transfers"], tables["loans"], census, tables["postponed"])
    for part in parts():
        tables |= part.rows(m, inst, decisions, model)
    tables["discharges"] = rows.discharges(census, tables.get("ready"))
    others = (tables.get(name) for name in ("bed_use", "ready"))
    tables["load"] = load_table(situation, model, census, tables["postponed"], *others)
    return tables


def _shaped(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The columns of the contract, optional ones where they are; rows numbered from 0."""
    names = [column.name for column in those_in(TABLES[name], table.columns)]
    return table.reindex(columns=names).reset_index(drop=True)


def _rules(m: Any, compiled: Compiled, clean: np.ndarray) -> pd.DataFrame:
    """Per rule: how many rows, how many in use and without slack, the least slack."""
    matrix = compiled.matrix
    body = matrix.a @ clean
    slack = np.minimum(
        matrix.row_upper - body, np.where(np.isneginf(matrix.row_lower), np.inf, body - matrix.row_lower)
    )
    used = abs(matrix.a) @ np.abs(clean) > TIGHT  # a row in which nothing happens binds nobody
    whose: dict[int, tuple[Any, list[int]]] = {}
    for number, row in enumerate(compiled.rows):
        rule = row.parent_component()
        whose.setdefault(id(rule), (rule, []))[1].append(number)
    named = {rule.name: numbers for rule, numbers in whose.values()}
    found = []
    for text in sorted(m.rule_texts, key=lambda text: text.name):
        mine = named.get(text.name, [])
        if mine:
            least = max(float(slack[mine].min()), 0.0)
            binding = int(((slack[mine] <= TIGHT) & used[mine]).sum())
            found.append((text.name, len(mine), binding, text.sentence, text.equation, text.unit, round(least, 6)))
    return pd.DataFrame(found, columns=[column.name for column in TABLES["rules"]])
