"""A plan made as it would be lived: window after window, each knowing the rest only by its prices.

The same scenario, model, plan and checker as ``make_plan``; only the solving differs. The bounds are
those of the whole horizon, so the plan says itself what was lost by not looking at all of it at once.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nspl_opt.instance.instance import Instance
from nspl_opt.pipeline import Made, make_plan
from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.solver.matrix import Compiled

WINDOW = 12
"""Periods looked at together when nothing else is asked for."""
STANDING = -1


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

    def way(m: Any, inst: Instance, compiled: Compiled) -> dict[str, Any]:
        return {"rolling": {"window": window, "step": step, "periods": column_periods(m, inst, compiled).tolist()}}

    made = make_plan(scenario, model, **others, way=way)
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
