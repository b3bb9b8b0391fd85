"""In which turns the goals of a model are minimised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nspl_opt.formulation.goal import GoalOptions, Stage
from nspl_opt.formulation.goals import GOALS
from nspl_opt.scenario.situation import Situation

AGREED = frozenset({"accepted", "directed"})
"""States of agreements that bind."""


def stages_of(goals: Iterable[GoalOptions], situation: Situation | None = None) -> tuple[Stage, ...]:
    """One stage per goal, or one per level of it, in the order of the model file.

    A goal that comes ahead of the main one is left out where the situation has nothing agreed, another where it
    has nothing to aim at (``Goal.acts``), unless it is all there is. None: nothing is left out.
    """
    all_of_them = tuple(stage for options in goals for stage in _levels(options))
    if situation is None:
        return all_of_them
    agreed = any(one.state in AGREED for one in situation.agreements)
    return (
        tuple(
            stage
            for stage in all_of_them
            if (agreed or not stage.goal.ahead) and (stage.goal.acts is None or stage.goal.acts(situation))
        )
        or all_of_them
    )


def main_of(stages: Sequence[Stage]) -> int:
    """Number of the main stage: the first that does not come ahead."""
    return next((number for number, stage in enumerate(stages) if not stage.goal.ahead), 0)


def _levels(options: GoalOptions) -> tuple[Stage, ...]:
    goal = GOALS[options.name]
    if goal.levels is None:
        return (Stage(goal.name, goal, options),)
    return tuple(Stage(f"{goal.name}:{level}", goal, options, level) for level in range(1, goal.levels(options) + 1))
