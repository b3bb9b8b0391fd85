"""What no plan can reach: the bound of a goal from the relaxation, wishes set aside, against what is wished of it."""

from __future__ import annotations

from typing import Any

from nspl_opt.formulation.build import arc_rules, build_model, solver_notes
from nspl_opt.formulation.spec import ModelSpec
from nspl_opt.instance.derive import derive_instance
from nspl_opt.scenario.situation import Situation
from nspl_opt.solver import highs as hs
from nspl_opt.solver.matrix import compile_matrix
from nspl_opt.solver.relaxation import Relaxation

BEYOND = 1e-4
"""By how much of a wish, or of one, a bound is above it where that is no rounding."""


def wishes_of(spec: ModelSpec) -> dict[str, float]:
    """Goal -> what it may be at most."""
    return {goal.name: float(goal.at_most) for goal in spec.goals if goal.at_most is not None}


def without_wishes(spec: ModelSpec) -> ModelSpec:
    """The same model, nothing wished of any goal."""
    goals = tuple(goal.model_copy(update={"at_most": None}) for goal in spec.goals)
    return spec.model_copy(update={"goals": goals})


def is_beyond(bound: float, wish: float) -> bool:
    """Whether a goal that is never below ``bound`` cannot keep a wish."""
    return bound > wish + BEYOND * max(1.0, abs(wish))


def out_of_reach(situation: Situation, travel: Any, spec: ModelSpec, until: float) -> dict[str, float]:
    """Goals of which more is wished than any plan can reach -> what none of them can be below, proven.

    Each goal is minimised alone over the relaxation of all rules without wishes, until ``until`` on the clock of
    ``solver.highs.now`` [s]; those not solved by then are left out.
    """
    wishes, free = wishes_of(spec), without_wishes(spec)
    inst = derive_instance(situation, travel, arc_rules(free, situation))
    m = build_model(free, inst, travel)
    matrix = compile_matrix(m, **solver_notes(m, free)).matrix
    relaxed = Relaxation(matrix.parts(), {"random_seed": int(spec.solver.seed)}, lambda: False)
    found = {}
    for number, stage in enumerate(free.stages(situation)):
        if stage.goal.name not in wishes or stage.level > 1 or hs.now() > until:
            continue
        bound, _, status = relaxed.solve(number, until)
        if status == "Optimal" and bound is not None and is_beyond(bound, wishes[stage.goal.name]):
            found[stage.goal.name] = round(bound, 6)
    return found
