"""The child's work for a plan: as ``nspl-opt plan`` makes it, kept as soon as it stands and again with its reasons."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from nspl_opt.formulation.catalogue import load_model
from nspl_opt.jobs.job import PLAN, Job
from nspl_opt.orders import Order, check_inputs, conflict_data, fulfil
from nspl_opt.plan.folder import write_plan
from nspl_opt.problems import InvalidInput

FALLEN = ("crashed", "numerical_suspect", "internal_error")
"""How a solver ends whose plan nobody may take for one, whatever it is worth."""


def make(job: Job, folder: Path, tell: Callable[[dict[str, Any]], None], stop: threading.Event) -> dict[str, Any]:
    """Make the plan, leave it in ``plan``, and say how it went (``result.json``).

    A plan that breaks a rule is left in ``suspect`` and told as ``numerical_suspect``, what a solver left that fell as
    ``crashed`` or the like: nobody may take either for a plan.

    Raises
    ------
    InvalidInput
        With every problem of scenario, reference package and model.
    """
    order = _order(job, folder)
    tell({"stage": "check"})
    check_inputs(order.scenario, order.reference, order.level, order.model, order.overrides, order.grid)
    # The solver has the same limit as the job: no process of it may raise its own.
    least = min(job.memory_limit_mb, load_model(order.model, dict(order.overrides)).solver.memory_limit_mb)
    order = replace(order, overrides={**order.overrides, "solver.memory_limit_mb": str(least)})

    def keep(made: Any) -> None:
        place = folder / (PLAN if made.check.ok else "suspect")
        try:
            write_plan(made.plan, place, made.scenario_dir, made.reference_dir)
        except InvalidInput as refused:  # no room, no right, an input gone: not the fault of who asked
            raise OSError("; ".join(f"{one.where}: {one.what}" for one in refused.problems)) from None

    made, conflict = fulfil(order, lambda news: tell(asdict(news)), stop, keep)
    said = {"status": "cancelled" if stop.is_set() else made.status, "why": made.why}
    if made.plan is None:
        data = None if conflict is None else conflict_data(conflict, made.situation)
        return said | {"conflict": data}
    if not made.check.ok:
        said = made.status in FALLEN
        status, why = (made.status, made.why) if said else ("numerical_suspect", made.check.text("en"))
        return {"status": status, "why": why}
    if order.reasons_s is not None:
        keep(made)
    return said


def _order(job: Job, folder: Path) -> Order:
    return Order(
        scenario=folder / job.scenario,
        model=job.model_in(folder),
        level=job.level,
        grid=job.grid,
        overrides=dict(job.overrides),
        reference=None if job.reference is None else folder / job.reference,
        time_limit_s=job.time_limit_s,
        window=job.window,
        step=job.step,
        without_help=job.without_help,
        reasons_s=job.reasons_time_s,
    )
