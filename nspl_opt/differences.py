"""What a what-if comes to, as plain data: goals before and after, and where care differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nspl_opt.formulation.stages import main_of

LEAST = 0.05
"""Patient-hours; smaller differences are noise of two searches."""


def compared(living: Any, change: Any, said: list[str], tell: Callable[[str], None]) -> dict[str, Any]:
    """Solve the base and the change, and set them side by side; ``tell`` is given the key of what is being done."""
    tell("plans_as_is")
    before = living.resolve_change(None)
    tell("plans_otherwise")
    after = living.resolve_change(change, better=True)
    situation, stages = living.situation, living.spec.stages(living.situation)
    return {
        "scenario": situation.scenario,
        "marking": situation.marking,
        "what_if": said,
        "changed": {"rows": len(change.rows), "columns": len(change.columns), "entries": len(change.entry_rows)},
        "goals": [{"name": one.label, "unit": one.goal.unit} for one in stages],
        "main": main_of(stages),
        "before": {**_figures(living, before), "seconds": round(float(living.base.seconds), 3)},
        "after": _figures(living, after),
        "regions": _regions(living, before.point, after.point),
        "differs": _differs(living, before.point, after.point),
    }


def goals_of(living: Any, found: Any) -> tuple[list[float] | None, float]:
    """The goals of a resolved case as a plan tells them, one per stage, and the bound of the main one.

    What-ifs price broken agreements into the main goal: the price is taken out again, of the bound too. So it holds
    among plans that break no more than this one does.
    """
    stages = living.spec.stages(living.situation)
    ahead = main_of(stages)
    if not found.goals:
        return None, float(found.bound)
    if len(found.goals) == len(stages):
        return [float(goal) for goal in found.goals], float(found.bound)
    matrix = living.compiled.matrix
    kept = [float(matrix.goals[n] @ found.point + matrix.goal_offset[n]) for n in range(ahead)]
    price = float(matrix.ahead_price) * sum(kept)
    main, *later = (float(goal) for goal in found.goals)
    return [*kept, main - price, *later], float(found.bound) - price


def _figures(living: Any, found: Any) -> dict[str, Any]:
    goals, bound = goals_of(living, found)
    goals = None if goals is None else [round(goal, 6) for goal in goals]
    bound = round(bound, 6) if np.isfinite(bound) else None
    return {"status": found.status, "bound": bound, "goals": goals, "seconds": round(float(found.seconds), 3)}


def _regions(living: Any, before: np.ndarray | None, after: np.ndarray | None) -> list[dict[str, Any]]:
    """Severity-weighted patient-hours without care, by region."""
    if before is None or after is None:
        return []
    pairs = zip(living.tally.codes, living.tally.of(before).tolist(), living.tally.of(after).tolist(), strict=True)
    return [
        {"region": code, "before": round(one, 3) + 0.0, "after": round(other, 3) + 0.0} for code, one, other in pairs
    ]


def _differs(living: Any, before: np.ndarray | None, after: np.ndarray | None) -> list[dict[str, Any]]:
    """Patient-hours without care by site and category, where they differ, the largest difference first."""
    if before is None or after is None:
        return []
    situation = living.situation
    hours = [living.unmet(point) / living.inst.weight[:, None] for point in (before, after)]
    change = hours[1] - hours[0]
    cells = [(k, i) for k, i in np.argwhere(np.abs(change) >= LEAST).tolist()]
    cells.sort(key=lambda cell: (-abs(round(float(change[cell]), 6)), cell))
    return [
        {
            "site": situation.sites[i].code,
            "name": situation.sites[i].name,
            "category": situation.categories[k].code,
            "category_sv": situation.categories[k].name_sv,
            "category_en": situation.categories[k].name_en,
            "before": round(float(hours[0][k, i]), 3) + 0.0,
            "after": round(float(hours[1][k, i]), 3) + 0.0,
        }
        for k, i in cells
    ]
