"""What must give way: when hard wishes leave no plan, and when a plan breaks something that is agreed."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping
from pathlib import Path

from nspl_opt.formulation.catalogue import load_model
from nspl_opt.formulation.spec import ModelSpec, model_from_dict
from nspl_opt.network.graph import travel_times
from nspl_opt.pipeline import Made, Progress, Tell
from nspl_opt.plan.plan import AHEAD, Plan
from nspl_opt.reasons.conflicts import SURE, Conflict, find_conflict, relaxed_plan
from nspl_opt.reasons.reach import wishes_of
from nspl_opt.reasons.run import Run
from nspl_opt.reference.package import load_reference
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.steps import extend

USUAL_S = 60.0
"""Longest time where nothing else is said [s]."""
BROKEN = 1e-3
"""Patients and people less than this are nothing broken."""


def conflict_in(made: Made, spec: ModelSpec, seconds: float = USUAL_S, progress: Tell | None = None) -> Conflict | None:
    """What must give way when hard wishes leave no plan; None when there are none, or when one has a plan."""
    if made.plan is not None or not any(goal.at_most is not None for goal in spec.goals):
        return None
    began, reference = time.perf_counter(), made.reference
    travel_of = None if reference is None else lambda situation: travel_times(reference, situation)

    def news(_: int) -> None:
        if progress:
            progress(Progress("reasons: conflict", seconds=time.perf_counter() - began))

    news(0)
    return find_conflict(made.situation, made.travel, spec, travel_of, seconds, news)


def look_at_wishes(
    scenario: Path,
    model: Path | str = "national",
    level: str | None = None,
    grid: str | None = None,
    overrides: Mapping[str, str] | None = None,
    reference: Path | None = None,
    progress: Tell | None = None,
) -> tuple[Made, Conflict] | None:
    """What must give way where not even the relaxation keeps the wishes: seconds, where a search for a plan takes all
    its time and finds none. None where nothing is wished, or it may be kept. Arguments as for ``make_plan``.
    """
    spec = load_model(model, dict(overrides or {}))
    if not wishes_of(spec):
        return None
    if progress:
        progress(Progress("reasons: conflict"))
    country, read = load_reference(reference), read_scenario(scenario).on_grid(grid)
    country = extend(country, read)
    situation = resolve(country, read, level)
    travel = travel_times(country, situation)
    if relaxed_plan(situation, travel, spec):
        return None
    made = Made(None, "infeasible_unconfirmed", "", situation, travel, reference=country)
    conflict = conflict_in(made, spec, progress=progress)
    if conflict is None:
        return None
    return dataclasses.replace(made, status=SURE if conflict.confirmed else made.status), conflict


def breaks_agreements(plan: Plan) -> bool:
    """Whether something that is agreed is not kept by the plan."""
    return any(goal.name in AHEAD and goal.value > BROKEN for goal in plan.goals)


def look_for_conflict(made: Made, run: Run) -> None:
    """What must give way for all that is agreed to be kept, where the plan breaks some of it."""
    if not run.conflict:
        return
    run.reached["conflict"] = 1, 0
    if run.left("conflict") <= 0:
        return
    spec = model_from_dict(made.plan.model)
    goals = [goal.model_copy(update={"at_most": 0.0}) if goal.name in AHEAD else goal for goal in spec.goals]
    wish = spec.model_copy(update={"goals": tuple(goals)})
    conflict = conflict_in(dataclasses.replace(made, plan=None), wish, run.left("conflict"), run.tell)
    run.found = {} if conflict is None else json.loads(json.dumps(dataclasses.asdict(conflict)))
    run.reached["conflict"] = 1, int(conflict is None or conflict.complete)
