"""The whole story on one page: files, situation, travel, instance, model, solve, plan, check."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pyomo.common.gc_manager import PauseGC

from nspl_opt.formulation.build import arc_rules, build_model, solver_notes
from nspl_opt.formulation.catalogue import load_model
from nspl_opt.formulation.fit import check_fit
from nspl_opt.formulation.goal import Stage
from nspl_opt.formulation.spec import ModelSpec, model_from_dict
from nspl_opt.instance.derive import derive_instance
from nspl_opt.network.graph import travel_times
from nspl_opt.network.travel import TravelTimes
from nspl_opt.plan.checks import CheckReport, verify
from nspl_opt.plan.extract import extract_plan
from nspl_opt.plan.plan import GoalResult, Plan
from nspl_opt.reference.package import load_reference
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.situation import Situation
from nspl_opt.scenario.steps import extend
from nspl_opt.shipped import shipped_dir
from nspl_opt.solver.matrix import NumericalSuspect, compile_matrix
from nspl_opt.solver.outcome import Outcome, solve

PACKAGES = ("nspl-opt", "pyomo", "highspy", "numpy", "scipy", "networkx", "pandas")
"""Packages whose versions can change a plan; named in its provenance."""


@dataclass(frozen=True, slots=True)
class Progress:
    """News of a run: the stage of the pipeline, and during the solve the goal and how far it is."""

    stage: str
    goal: str | None = None
    value: float | None = None
    bound: float | None = None
    gap: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Made:
    """What came of a run. ``plan`` is None when none could be made, and ``why`` says why."""

    plan: Plan | None
    status: str
    why: str
    situation: Situation
    travel: TravelTimes
    check: CheckReport | None = None
    reference: Reference | None = None
    scenario_dir: Path | None = None
    reference_dir: Path | None = None
    point: Any = field(default=None, repr=False)
    """(columns,) the plan as values of the model's columns; None without a plan. For who looks into its reasons."""


Tell = Callable[[Progress], None]


@dataclass
class _Clock:
    """Seconds per stage, told as they begin."""

    tell: Tell | None
    seconds: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        if self.tell:
            self.tell(Progress(name, seconds=start - self.began))
        with PauseGC():  # millions of small tuples and no cycles: collecting them takes half the time
            yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def make_plan(
    scenario: Path,
    model: Path | str = "national",
    *,
    level: str | None = None,
    grid: str | None = None,
    overrides: Mapping[str, str] | None = None,
    reference: Path | None = None,
    time_limit_s: float | None = None,
    progress: Tell | None = None,
    stop: threading.Event | None = None,
    way: Mapping[str, Any] | None = None,
) -> Made:
    """Make a plan from files, and verify it.

    Parameters
    ----------
    scenario
        Directory with a scenario.toml, or the file itself.
    model
        Name of a shipped model, or a model file.
    level
        ``region`` or ``hospital``; None takes the scenario's own.
    grid
        ``growing``, ``12`` or ``6x8,12x4,24x3``: other periods for the same horizon; None takes the scenario's own.
    overrides
        Options such as ``{"families.areas.border": "closed"}``.
    time_limit_s
        Longest time for solving [s]; None takes the model file's.
    stop
        When set, solving ends and the best plan so far is kept.
    way
        What the solver is told beyond the model file, as ``rolling`` does; None looks at the whole horizon at once.

    Raises
    ------
    InvalidInput
        The scenario, the reference package or the model file is refused.
    """
    clock = _Clock(progress)
    with clock.stage("read"):
        changes = dict(overrides or {})
        if time_limit_s is not None:
            changes["solver.time_limit_s"] = str(float(time_limit_s))
        spec = load_model(model, changes)
        country = load_reference(reference)
        read = read_scenario(scenario).on_grid(grid)
        country = extend(country, read)
        situation = resolve(country, read, level)
    with clock.stage("travel"):
        travel = travel_times(country, situation)
    made = _plan(situation, travel, spec, clock, stop, way)
    folder = scenario if scenario.is_dir() else scenario.parent
    return Made(
        made.plan, made.status, made.why, situation, travel, made.check,
        country, folder, reference or shipped_dir("data/reference"), made.point,
    )  # fmt: skip


def plan_situation(
    situation: Situation,
    travel: TravelTimes,
    model: Mapping[str, Any] | ModelSpec,
    stop: threading.Event | None = None,
) -> Made:
    """Make a plan for a situation already at hand; ``model`` as in a model file, or read; ``stop`` ends solving."""
    spec = model if isinstance(model, ModelSpec) else model_from_dict(model)
    return _plan(situation, travel, spec, _Clock(None), stop)


def _plan(
    situation: Situation,
    travel: TravelTimes,
    spec: ModelSpec,
    clock: _Clock,
    stop: threading.Event | None,
    way: Mapping[str, Any] | None = None,
) -> Made:
    check_fit(spec, situation)
    stages = spec.stages(situation)
    with clock.stage("instance"):
        inst = derive_instance(situation, travel, arc_rules(spec, situation))
    with clock.stage("model"):
        m = build_model(spec, inst, travel)
    with clock.stage("matrix"):
        try:
            compiled = compile_matrix(m, **solver_notes(m, spec))
        except NumericalSuspect as suspect:
            return Made(None, "numerical_suspect", str(suspect), situation, travel)
    with clock.stage("solve"):
        settings = {**spec.solver.model_dump(), **(way or {})}
        outcome = solve(compiled.matrix, settings, _newsreader(stages, clock), stop)
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
        goals=_goals(spec, stages, outcome, extracted.goal_values),
        tables=extracted.tables,
        pruned=inst.pruned,
        size=compiled.matrix.size,
        provenance=_provenance(situation, spec, stages, outcome),
        timing=clock.seconds,
        grid=tuple(period.length_h for period in situation.periods),
        notes=extracted.notes,
    )
    with clock.stage("verify"):
        report = verify(plan, situation, travel)
    return Made(plan, outcome.status, outcome.why, situation, travel, report, point=extracted.point)


def _newsreader(stages: Sequence[Stage], clock: _Clock) -> Callable[[dict[str, Any]], None] | None:
    """Turn the solver's news (goals by number) into progress (goals by name)."""
    if clock.tell is None:
        return None

    def pass_on(news: dict[str, Any]) -> None:
        value, bound = news.get("value"), news.get("bound")
        gap = None if value is None or bound is None else _gap(value, bound)
        name = stages[news["goal"]].label
        clock.tell(Progress(f"solve: {news['stage']}", name, value, bound, gap, news["seconds"]))

    return pass_on


def _gap(value: float, bound: float) -> float:
    """Relative distance; none where both are nought."""
    distance = value - bound
    return 0.0 if abs(distance) <= 1e-6 else distance / max(abs(value), 1e-9)


def _goals(spec: ModelSpec, stages: Sequence[Stage], outcome: Outcome, values: Any) -> tuple[GoalResult, ...]:
    """What the plan reaches per goal; a bound is never above it (cleaning may lower a value by dust)."""
    found = []
    for stage, reached, value in zip(stages, outcome.goals, values, strict=True):
        value = round(max(float(value), 0.0), 6)  # as it is written: the gap is that of the figures told
        bound = round(min(reached.bound, value), 6)
        given_back = stage.options.slack_share * value + stage.options.slack
        proven = value - bound <= max(spec.solver.gap_share * value, stage.goal.tolerance) + given_back
        result = GoalResult(
            stage.label,
            stage.goal.unit,
            value,
            bound,
            _gap(value, bound),
            reached.seconds,
            proven,
        )
        found.append(result)
    return tuple(found)


def _provenance(situation: Situation, spec: ModelSpec, stages: Sequence[Stage], outcome: Outcome) -> dict[str, Any]:
    limits = {stage.label: reached.limited for stage, reached in zip(stages, outcome.goals, strict=True)}
    return {
        "inputs": dict(sorted(situation.input_hashes.items())),
        "packages": {name: version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "platform": f"{platform.system()}-{platform.machine()}",
        "seed": spec.solver.seed,
        "limited_by": limits,
        "repeatable": "time" not in limits.values() and outcome.status not in ("cancelled", "interrupted"),
    }


def _no_plan(status: str) -> str:
    words = {
        "no_solution_in_time": "no whole plan was found in time: give more time with --time-limit",
        "cancelled": "stopped before the first plan was found",
        "infeasible_confirmed": "no plan obeys all rules: two independent runs agree",
        "infeasible_unconfirmed": "the solver says that no plan obeys all rules, but a second run does not confirm it",
    }
    return words.get(status, f"the run ended as {status}")
