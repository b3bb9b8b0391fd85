"""A plan as it is ordered, by a command or by a job: inputs looked at, the plan, what help is worth, its reasons."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nspl_opt.problems import InvalidInput, Problem


@dataclass(frozen=True, slots=True)
class Order:
    """From what a plan is made, how, and for how long [s]; names as ``pipeline.make_plan`` has them."""

    scenario: Path
    model: str
    level: str | None = None
    grid: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    reference: Path | None = None
    time_limit_s: float | None = None
    window: int | None = None
    """Periods looked at together; None with ``step`` None plans all at once."""
    step: int | None = None
    without_help: bool = True
    """Also plan without help between regions, to tell what help is worth."""
    reasons_s: float | None = None
    """Longest time for reasons [s]; None asks for none."""


def fulfil(
    order: Order,
    progress: Callable[[Any], None] | None = None,
    stop: threading.Event | None = None,
    keep: Callable[[Any], None] | None = None,
) -> tuple[Any, Any]:
    """Make what was ordered; inputs that are not sound raise ``InvalidInput``, see ``check_inputs``.

    Parameters
    ----------
    progress
        Told ``pipeline.Progress``.
    stop
        When set, what has been found so far is all.
    keep
        Given the plan once it stands and before its reasons are looked for, which may take long.

    Returns
    -------
    The ``Made``, and where hard wishes left no plan the ``Conflict`` that says what must give way, else None.
    """
    from nspl_opt.avoidable import with_avoidable
    from nspl_opt.reasons.wishes import look_at_wishes

    out_of_reach = look_at_wishes(
        order.scenario, order.model, order.level, order.grid, order.overrides, order.reference, progress
    )
    if out_of_reach is not None:
        return out_of_reach
    make, windows = _way(order.window, order.step)
    made = make(
        order.scenario,
        order.model,
        **windows,
        level=order.level,
        grid=order.grid,
        overrides=order.overrides,
        reference=order.reference,
        time_limit_s=order.time_limit_s,
        progress=progress,
        stop=stop,
    )
    if made.plan is None:
        return made, conflict_of(made, order.model, order.overrides, progress)
    made = with_avoidable(made, progress, stop) if order.without_help else made
    if keep is not None:
        keep(made)
    if order.reasons_s is not None and not (stop is not None and stop.is_set()):
        from nspl_opt.reasons.make import with_reasons

        made = with_reasons(made, order.reasons_s, progress, stop)
    return made, None


def _way(window: int | None, step: int | None) -> tuple[Any, dict[str, int | None]]:
    """How the plan is made: all at once, or in windows where either option is given; and what that takes."""
    from nspl_opt.pipeline import make_plan
    from nspl_opt.rolling import make_rolling_plan

    if window is None and step is None:
        return make_plan, {}
    return make_rolling_plan, {"window": window, "step": step}


def conflict_of(made: Any, model: str, overrides: Mapping[str, str], progress: Any) -> Any:
    """What must give way when hard wishes leave no plan; None where there are none."""
    if not made.status.startswith("infeasible") and made.status != "no_solution_in_time":
        return None
    from nspl_opt.formulation.catalogue import load_model
    from nspl_opt.reasons.wishes import conflict_in

    return conflict_in(made, load_model(model, dict(overrides)), progress=progress)


def conflict_data(conflict: Any, situation: Any) -> dict[str, Any]:
    """A conflict as plain data, with its sentences."""
    from nspl_opt.plan.lines_of_help import line_labels
    from nspl_opt.plan.why_all import conflict_lines

    words = {
        language: list(conflict_lines(conflict, line_labels(situation, language), language))
        for language in ("sv", "en")
    }
    return asdict(conflict) | {"words": words}


def check_inputs(
    scenario: Path, reference: Path | None, level: str | None, model: str, overrides: Any, grid: str | None = None
) -> None:
    """Read all that a plan is made from; ``InvalidInput`` with the problems of all three, not of the first."""
    from nspl_opt.formulation.catalogue import load_model
    from nspl_opt.formulation.fit import check_fit
    from nspl_opt.scenario.resolve import resolve

    loaded, read, problems = read_both(scenario, reference, grid)
    situation = None
    try:
        if loaded is not None and read is not None:
            situation = resolve(loaded, read, level)
    except InvalidInput as refused:
        problems += refused.problems
    try:
        spec = load_model(model, overrides)
        if situation is not None:
            check_fit(spec, situation)
    except InvalidInput as refused:
        problems += refused.problems
    if problems:
        raise InvalidInput(str(scenario), problems)


def read_both(scenario: Path, reference: Path | None, grid: str | None) -> tuple[Any, Any, list[Problem]]:
    """Reference package and scenario, None where refused, and every problem of both."""
    from nspl_opt.reference.package import load_reference
    from nspl_opt.scenario.read import read_scenario

    problems: list[Problem] = []
    loaded = read = None
    try:
        loaded = load_reference(reference)
    except InvalidInput as refused:
        problems += refused.problems
    try:
        read = read_scenario(scenario).on_grid(grid)
    except InvalidInput as refused:
        problems += refused.problems
    return loaded, read, problems
