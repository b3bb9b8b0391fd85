"""The reasons of a plan: found beside the plan within a time, put into its tables, what was not reached told."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.living import Living
from nspl_opt.pipeline import Made, Tell
from nspl_opt.plan.parts.tables_reasons import KEYS_HERE
from nspl_opt.plan.plan import TABLES, Plan
from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.reasons.alternatives import LONGEST_S, RECEIVER, TRANSFER, answer_rows, asked_cells, better, ordered
from nspl_opt.reasons.binding import Binding, price_rows
from nspl_opt.reasons.neighbourhood import Neighbourhood, Taken, named
from nspl_opt.reasons.refusals import (
    Cases,
    Refusal,
    Wanted,
    quick_row,
    refusal_row,
    refusals_of,
    value_row,
    wanted_values,
)
from nspl_opt.reasons.run import Run
from nspl_opt.reasons.wishes import breaks_agreements, look_for_conflict
from nspl_opt.scenario.grid import pairs_of
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.situation import Situation
from nspl_opt.solver.change import MatrixChange
from nspl_opt.solver.highs import SolverFault
from nspl_opt.solver.warm import Resolved

USUAL_S = 60.0
"""Longest time for reasons where nothing else is said [s]."""
LEAST_S = 10.0
"""Longest time for prices, whatever is left [s]: they say what values to ask for."""
PARTS = ("alternatives", "prices", "if_no", "values")


def with_reasons(
    made: Made, seconds: float = USUAL_S, progress: Tell | None = None, stop: threading.Event | None = None
) -> Made:
    """The same result, its plan with reasons in its tables; unchanged when there is no plan to be explained.

    Parameters
    ----------
    seconds
        Longest time [s]. First what a refusal of each region would mean at most. Then two hands: one asks what else
        could be done for each transfer, those to be executed first; the other prices, refusals solved anew, what one
        more of something is worth, and where something agreed is broken, what must give way for it to be kept.
    progress
        Told part by part, with the share that is done.
    stop
        When set, what has been found so far is kept.
    """
    if made.plan is None or made.point is None or not made.plan.goals:
        return made
    run = Run(seconds, progress, stop, conflict=breaks_agreements(made.plan))
    run.news("alternatives")
    living = living_of(made)
    try:
        near = Neighbourhood(living, made.point, max(seconds, 1.0), run.stopped)
    except SolverFault:  # nothing can be said beside a plan whose own base is not there
        run.reached = dict.fromkeys(PARTS, (1, 0))
        return dataclasses.replace(made, plan=_told(made.plan, run))
    refusals = refusals_of(living, made.plan)
    sure = _ask_quickly(near, refusals, made.plan, run)

    def ask() -> None:
        _ask_what_if(near, made, [one for one in refusals if one.region.code not in sure], run)
        look_for_conflict(made, run)

    run.beside(lambda: _look_beside(near, made.plan, run), ask)
    return dataclasses.replace(made, plan=_told(made.plan, run))


def living_of(made: Made) -> Living:
    """The living instance of the case that a plan was made for, by the plan's own model and grid."""
    plan, situation = made.plan, made.situation
    return Living.of(situation, _hospitals(made), made.travel, model_from_dict(plan.model), made.reference)


def without_transfer(living: Living, transfer: Any) -> tuple[Resolved, Resolved]:
    """The whole case solved with this transfer and without it: plan against plan, nothing as it was.

    ``transfer`` is a row of the table of transfers. InvalidInput ``P302`` when the model has no such transfer.
    """
    cells = {named(living.situation, living.inst, n): n for n in range(len(living.inst.cells))}
    key = (transfer.category, transfer.from_site, transfer.to_site, transfer.vehicle_type, int(transfer.period))
    number = {id(column): n for n, column in enumerate(living.compiled.columns)}
    column = number.get(id(living.m.move[cells[key]])) if key in cells else None
    if column is None:
        remedy = "make the plan anew: the model has changed since"
        raise InvalidInput("explain", [Problem("P302", transfer.id, "is no transfer of the model", remedy)])
    nothing = np.zeros(1)
    closed = MatrixChange(transfer.id, columns=np.array([column]), col_lower=nothing, col_upper=nothing)
    return living.resolve_change(None), living.resolve_change(closed)


def _hospitals(made: Made) -> Situation:
    if made.situation.level == "hospital" or made.reference is None or made.scenario_dir is None:
        return made.situation
    scenario = read_scenario(made.scenario_dir)
    if made.plan.grid:
        scenario = scenario.on_grid(",".join(f"{length}x{number}" for length, number in pairs_of(made.plan.grid)))
    return resolve(made.reference, scenario, "hospital")


def _look_beside(near: Neighbourhood, plan: Plan, run: Run) -> None:
    """Tables ``binding``, ``alternatives`` and ``instead``."""
    transfers = ordered(plan.tables["transfers"])
    binding, answers = Binding(near), dict[tuple[int, ...], Taken | None]()
    for transfer in transfers:
        run.rows["binding"] += binding.rows(transfer)

    def ask(transfer: Any, asked: str) -> Taken | None:
        cells = asked_cells(near, transfer, asked)
        key = tuple(cells.tolist())
        if key not in answers:
            answers[key] = near.without(cells, min(LONGEST_S, max(run.left("alternatives"), 1.0)))
        return answers[key]

    firm = [transfer for transfer in transfers if transfer.whole]
    later = [transfer for transfer in transfers if not transfer.whole]
    asked = [(one, kind) for some in (firm, later) for kind in (TRANSFER, RECEIVER) for one in some]
    found: dict[tuple[str, str], Taken | None] = {}

    def look(question: tuple[Any, str]) -> None:
        transfer, kind = question
        found[transfer.id, kind] = ask(transfer, kind)

    run.each("alternatives", asked, len(asked), look, tell=False)
    for transfer, kind in asked[: len(found)]:
        taken = found[transfer.id, kind]
        if kind == TRANSFER:
            taken = better(taken, found.get((transfer.id, RECEIVER)))
        row, instead = answer_rows(near, transfer, kind, taken)
        run.rows["alternatives"].append(row)
        run.rows["instead"] += instead


def _ask_quickly(near: Neighbourhood, refusals: list[Refusal], plan: Plan, run: Run) -> set[str]:
    """Rows of ``if_no`` from the plan as it stands; the regions of which no more is to be said."""
    run.reached["if_no"], sure = (len(refusals), 0), set()
    if plan.main.name != "unmet_care":
        return sure
    for one in refusals:
        if run.left("if_no") <= 0:
            break
        row, final = quick_row(near, one, plan, run.left("if_no"))
        run.rows["if_no"] += [] if row is None else [row]
        sure |= {one.region.code} if final else set()
    run.reached["if_no"] = len(refusals), len(sure)
    return sure


def _ask_what_if(near: Neighbourhood, made: Made, refusals: list[Refusal], run: Run) -> None:
    """Tables ``prices``, ``if_no`` and ``values``."""
    run.news("prices")
    found = price_rows(near, max(run.left("prices"), LEAST_S))
    run.reached["prices"] = 1, int(found is not None)
    run.rows["prices"] = found or []
    living, wanted = near.living, wanted_values(near.living, run.rows["prices"])
    run.reached["values"] = len(wanted), 0
    if run.left("if_no") <= 0 or made.plan.main.name != "unmet_care":
        return
    run.news("if_no")
    cases = Cases(living, made.point, made.plan, max(run.left("values"), 1.0))
    if cases.before.value is None or cases.cut:
        return

    def refuse(one: Refusal) -> bool:
        row = refusal_row(cases, one, run.left("values"))
        if row is not None:
            rows = [other for other in run.rows["if_no"] if other["region"] != one.region.code]
            run.rows["if_no"] = [*rows, row]
        return row is not None

    run.each("if_no", refusals, len(living.situation.regions), refuse)

    def value(one: Wanted) -> bool:
        try:
            row = value_row(cases, one, run.left("values"))
        except InvalidInput:  # the model has no place for one more
            return True
        run.rows["values"] += [] if row is None else [row]
        return row is not None

    run.each("values", wanted, len(wanted), value)


def _told(plan: Plan, run: Run) -> Plan:
    """The plan with the tables; notes and provenance say what was not reached."""
    tables = dict(plan.tables) | {name: _frame(name, rows) for name, rows in run.rows.items()}
    cut = [part for part, (asked, done) in sorted(run.reached.items()) if done < asked]
    counts = {part: {"asked": asked, "reached": done} for part, (asked, done) in sorted(run.reached.items())}
    provenance: Mapping[str, Any] = {**plan.provenance, "reasons": counts}
    if run.found is not None:
        provenance = {**provenance, "conflict": run.found}
    if cut:  # the clock decided how much of it there is
        known = {"repeatable_plan": provenance["repeatable"]} if "repeatable" in provenance else {}
        provenance = {**provenance, **known, "repeatable": False}
    notes = tuple(sorted({*plan.notes, *(f"reasons.{part}_cut" for part in cut)}))
    timing = {**plan.timing, "reasons": time.perf_counter() - run.began}
    return dataclasses.replace(plan, tables=tables, provenance=provenance, notes=notes, timing=timing)


def _frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A table as its contract has it, sorted by its key."""
    columns = TABLES[name]
    rows = sorted(rows, key=lambda row: tuple(row[part] for part in KEYS_HERE[name]))
    kinds = {"text": object, "time": object, "whole": "int64", "number": float, "flag": bool}
    series = {
        column.name: pd.Series([row[column.name] for row in rows], dtype=kinds[column.kind]) for column in columns
    }
    return pd.DataFrame(series)
