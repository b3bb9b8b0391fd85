"""A plan made as it would be lived: window after window, each knowing the rest only by its prices.

The same scenario, model, plan and checker as ``make_plan``; only the solving differs. The bounds are
those of the whole horizon, so the plan says itself what was lost by not looking at all of it at once.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from nspl_opt.pipeline import Made, make_plan
from nspl_opt.problems import InvalidInput, Problem

WINDOW = 12
"""Periods looked at together when nothing else is asked for."""


def make_rolling_plan(
    scenario: Path,
    model: Path | str = "national",
    *,
    window: int | None = None,
    step: int | None = None,
    **others: Any,
) -> Made:
    """Make a plan from files in windows, and verify it; ``others`` as for ``make_plan``.

    Parameters
    ----------
    window
        Periods that are looked at together, 12 when left out; of what comes after only the prices are known.
    step
        Periods executed before the next window is planned, 1 to ``window``; a third of it when left
        out. Whole is what is whole in the model; within a window only what is executed.

    Raises
    ------
    InvalidInput
        ``U121`` for a window or step out of range; else as ``make_plan``.
    """
    window = WINDOW if window is None else window
    step = max(window // 3, 1) if step is None else step
    _check(window, step)

    made = make_plan(scenario, model, **others, way={"rolling": {"window": window, "step": step}})
    if made.plan is None:
        return made
    provenance = {**made.plan.provenance, "windows": {"periods": window, "step": step}}
    return replace(made, plan=replace(made.plan, provenance=provenance))


def _check(window: int, step: int) -> None:
    problems = []
    if window < 1:
        problems.append(Problem("U121", "window", f"{window} periods, at least 1 is needed", "give for example 12"))
    if not 1 <= step <= max(window, 1):
        remedy = "execute no more than the window holds, for example 4 of 12"
        problems.append(Problem("U121", "step", f"{step} periods lies outside 1 to {max(window, 1)}", remedy))
    if problems:
        raise InvalidInput("windows", problems)
