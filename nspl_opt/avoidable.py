"""What help between regions is worth: the plan set beside the best one without it.

A relative gap misleads where hardly anything is left to improve. The share of the avoidable unmet
care that a plan avoids does not: nought is what each region manages alone, one is what no plan can beat.
"""

from __future__ import annotations

import dataclasses
import threading
import time

from nspl_opt.formulation.goals import GOALS
from nspl_opt.formulation.spec import ModelSpec, model_from_dict
from nspl_opt.network.travel import TravelTimes
from nspl_opt.pipeline import Made, Progress, Tell, plan_situation
from nspl_opt.plan.plan import Avoidable, Plan
from nspl_opt.scenario.situation import Situation

GOAL = "unmet_care"
LONGEST_S = 30.0
"""Longest time for the plan without help [s]: it is small, and of its goals only the first is asked for."""


def avoidable_share(
    situation: Situation,
    travel: TravelTimes,
    spec: ModelSpec,
    plan: Plan,
    stop: threading.Event | None = None,
) -> Avoidable | None:
    """How much of the unmet care that help between regions can avoid ``plan`` avoids.

    Without help is the best plan of the same model with no transfers and no loans between regions;
    surge beds, postponed care and transfers inside a region stay as they are.

    Returns
    -------
    None when the model's main goal is not ``unmet_care``, or no verified plan without help was
    found. ``share`` is None when help can avoid no more than the goal's tolerance.
    """
    if plan.main is None or plan.main.name != GOAL:
        return None
    return _compared(plan_situation(situation, travel, alone(spec), stop), plan)


def alone(spec: ModelSpec) -> ModelSpec:
    """The same model with every region by itself and only its main goal; what is agreed with others is set aside."""
    raw = spec.as_dict()
    raw["families"]["areas"] = {"grouping": "region", "border": "closed"}
    raw["families"].pop("offers", None)
    main = next((goal for goal in raw["goals"] if not GOALS[goal["name"]].ahead), raw["goals"][0])
    raw["goals"] = [main]
    raw["solver"]["time_limit_s"] = min(raw["solver"]["time_limit_s"], LONGEST_S)
    return model_from_dict(raw, f"{spec.name}, each region alone")


def with_avoidable(made: Made, progress: Tell | None = None, stop: threading.Event | None = None) -> Made:
    """The same result, its plan with ``avoidable`` filled in; unchanged when there is nothing to fill in.

    A run that was stopped is left as it is. ``progress`` is told when the plan without help begins.
    """
    plan = made.plan
    if plan is None or plan.main is None or plan.main.name != GOAL or (stop is not None and stop.is_set()):
        return made
    if progress:
        progress(Progress("without_help", seconds=sum(plan.timing.values())))
    began = time.perf_counter()
    spec = model_from_dict(plan.model)
    other = plan_situation(made.situation, made.travel, alone(spec), stop)
    found = _compared(other, plan)
    if found is None or (stop is not None and stop.is_set()):
        return made
    seconds = {**plan.timing, "without_help": time.perf_counter() - began}
    repeats = bool(plan.provenance.get("repeatable")) and bool(other.plan.provenance["repeatable"])
    provenance = {**plan.provenance, "repeatable": repeats}
    plan = dataclasses.replace(plan, avoidable=found, timing=seconds, provenance=provenance)
    return dataclasses.replace(made, plan=plan)


def _compared(other: Made, plan: Plan) -> Avoidable | None:
    if other.plan is None or other.check is None or not other.check.ok:
        return None
    without, reached = other.plan.main, plan.main
    return Avoidable(
        without_help=without.value,
        without_help_bound=without.bound,
        plan=reached.value,
        bound=reached.bound,
        share=_share(without.value, reached.value, reached.bound),
        least_share=_share(without.bound, reached.value, reached.bound),
    )


def _share(without: float, value: float, bound: float) -> float | None:
    """Of what can be avoided, what is; None where that is no more than the tolerance of the goal."""
    avoidable = without - bound
    return round((without - value) / avoidable, 6) if avoidable > GOALS[GOAL].tolerance else None
