"""A plan made as it would be lived: window after window, each knowing the rest only by its prices.

The same scenario, model, plan and checker as ``make_plan``; only the solving differs. The bounds are
those of the whole horizon, so the plan says itself what was lost by not looking at all of it at once.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nspl_opt.formulation.build import arc_rules, build_model, hours_rows, lazy_variables, roundable_variables
from nspl_opt.formulation.catalogue import load_model
from nspl_opt.formulation.fit import check_fit
from nspl_opt.formulation.goals import GOALS
from nspl_opt.formulation.spec import ModelSpec
from nspl_opt.instance.derive import derive_instance
from nspl_opt.instance.instance import Instance
from nspl_opt.network.graph import travel_times
from nspl_opt.network.travel import TravelTimes
from nspl_opt.pipeline import Made, Tell, _Clock, _goals, _newsreader, _no_plan, _provenance
from nspl_opt.plan.checks import verify
from nspl_opt.plan.extract import extract_plan
from nspl_opt.plan.plan import Plan
from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.reference.package import load_reference
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.situation import Situation
from nspl_opt.shipped import shipped_dir
from nspl_opt.solver.matrix import Compiled, NumericalSuspect, compile_matrix
from nspl_opt.solver.outcome import solve

STANDING = -1
PROCESS = [sys.executable, "-m", "nspl_opt.solver.rolling"]


def make_rolling_plan(
    scenario: Path,
    model: Path | str = "national",
    *,
    window: int = 12,
    step: int = 4,
    level: str | None = None,
    grid: str | None = None,
    overrides: Mapping[str, str] | None = None,
    reference: Path | None = None,
    time_limit_s: float | None = None,
    progress: Tell | None = None,
    stop: threading.Event | None = None,
) -> Made:
    """Make a plan from files in windows, and verify it; arguments not named here as for ``make_plan``.

    Parameters
    ----------
    window
        Periods that are looked at together; of what comes after only the prices are known.
    step
        Periods executed before the next window is planned, 1 to ``window``. Whole is what is
        whole in the model; within a window only what is executed.

    Raises
    ------
    InvalidInput
        ``U121`` for a window or step out of range; else as ``make_plan``.
    """
    _check(window, step)
    clock = _Clock(progress)
    with clock.stage("read"):
        changes = dict(overrides or {})
        if time_limit_s is not None:
            changes["solver.time_limit_s"] = str(float(time_limit_s))
        spec = load_model(model, changes)
        country = load_reference(reference)
        situation = resolve(country, read_scenario(scenario).on_grid(grid), level)
    with clock.stage("travel"):
        travel = travel_times(country, situation)
    made = _plan(situation, travel, spec, clock, stop, window, step)
    folder = scenario if scenario.is_dir() else scenario.parent
    files = reference or shipped_dir("data/reference")
    return replace(made, reference=country, scenario_dir=folder, reference_dir=files)


def _check(window: int, step: int) -> None:
    problems = []
    if window < 1:
        problems.append(Problem("U121", "window", f"{window} periods, at least 1 is needed", "give for example 12"))
    if not 1 <= step <= max(window, 1):
        remedy = "execute no more than the window holds, for example 4 of 12"
        problems.append(Problem("U121", "step", f"{step} periods lies outside 1 to {max(window, 1)}", remedy))
    if problems:
        raise InvalidInput("windows", problems)


def _plan(
    situation: Situation, travel: TravelTimes, spec: ModelSpec, clock: _Clock, stop: Any, window: int, step: int
) -> Made:
    check_fit(spec, situation)
    with clock.stage("instance"):
        inst = derive_instance(situation, travel, arc_rules(spec))
    with clock.stage("model"):
        m = build_model(spec, inst, travel)
    with clock.stage("matrix"):
        try:
            compiled = compiled_matrix(m, spec)
        except NumericalSuspect as suspect:
            return Made(None, "numerical_suspect", str(suspect), situation, travel)
    with clock.stage("solve"):
        cut = {"window": window, "step": step, "periods": column_periods(m, inst, compiled).tolist()}
        settings = {**spec.solver.model_dump(), "rolling": cut}
        outcome = solve(compiled.matrix, settings, _newsreader(spec, clock), stop, PROCESS)
    if outcome.point is None:
        return Made(None, outcome.status, outcome.why or _no_plan(outcome.status), situation, travel)
    with clock.stage("plan"):
        extracted = extract_plan(m, inst, compiled, outcome.point, spec.as_dict())
    plan = Plan(
        scenario=situation.scenario,
        title_sv=situation.title_sv,
        title_en=situation.title_en,
        marking=situation.marking,
        level=situation.level,
        start=situation.start.isoformat(timespec="minutes"),
        status=outcome.status,
        model=spec.as_dict(),
        goals=_goals(spec, outcome, extracted.goal_values),
        tables=extracted.tables,
        pruned=inst.pruned,
        size=compiled.matrix.size,
        provenance=_provenance(situation, spec, outcome) | {"windows": {"periods": window, "step": step}},
        timing=clock.seconds,
        grid=tuple(period.length_h for period in situation.periods),
    )
    with clock.stage("verify"):
        report = verify(plan, situation, travel)
    return Made(plan, outcome.status, outcome.why, situation, travel, report)


def compiled_matrix(m: Any, spec: ModelSpec) -> Compiled:
    """The matrix of a model, its goals held and judged as the model file says."""
    holds = [(goal.slack_share, goal.slack) for goal in spec.goals]
    tolerances = [GOALS[goal.name].tolerance for goal in spec.goals]
    return compile_matrix(m, holds, tolerances, lazy_variables(m), roundable_variables(m), hours_rows(m))


def column_periods(m: Any, inst: Instance, compiled: Compiled) -> np.ndarray:
    """(column,) first period in which each acts: its own, that of departure, the first of its staff block.

    ``STANDING`` for what acts in every period (the overload of the worst region).
    """
    first = {int(d): int(np.flatnonzero(inst.block == d)[0]) for d in range(len(inst.block_hours))}
    found = {id(v): t for (_, _, t), v in m.present.items()}
    found |= {id(v): t for (_, _, _, t), v in m.cared.items()}
    found |= {id(v): inst.cells[cell].period for cell, v in m.move.items()}
    if (transports := m.component("transports")) is not None:
        found |= {id(v): inst.trips[trip].period for trip, v in transports.trips.items()}
    for block, name in (("elective", "step"), ("staff_loans", "away"), ("staff_loans", "started")):
        if m.component(block) is not None:
            found |= {id(v): first[key[-1]] for key, v in getattr(m.component(block), name).items()}
    return np.array([found.get(id(column), STANDING) for column in compiled.columns], dtype=np.int64)
