"""``check`` and ``plan``: from a scenario to a plan."""

from __future__ import annotations

import math
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from nspl_opt.cli.explaining import say_conflict
from nspl_opt.cli.options import (
    GridOption,
    JsonOption,
    Lang,
    LangOption,
    Level,
    ReferenceOption,
    ScenarioArgument,
    check_target,
    examples,
    find_scenario,
    parse_settings,
    print_json,
    refuse,
)
from nspl_opt.cli.output import goal_rows, print_fact, print_goals, print_next
from nspl_opt.cli.progress import Quiet, choose, figure
from nspl_opt.cli.texts import call_it, say

DEFAULT_MODEL = "national"
LevelOption = Annotated[
    Level | None, typer.Option("--level", help="Plan by region or by hospital; otherwise as the scenario says.")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        "check",
        short_help="Tell every problem in a scenario at once.",
        epilog=examples("nspl-opt check spring-2020", "nspl-opt check my/flood --level hospital"),
    )(check)
    app.command(
        "plan",
        short_help="Make a plan and write it to a folder.",
        epilog=examples(
            "nspl-opt plan gotland-ovning --out plans/gotland",
            "nspl-opt plan spring-2020 --level hospital --time-limit 300 --out plans/spring",
            "nspl-opt plan gotland-ovning --grid growing --out plans/growing",
            "nspl-opt plan spring-2020 --window 12 --step 4 --out plans/windows",
            "nspl-opt plan spring-2020 --set families.areas.border=closed --out plans/closed",
            "nspl-opt plan my/flood --model my/model.toml --json --out plans/flood",
        ),
    )(plan)


def check(
    scenario: ScenarioArgument,
    level: LevelOption = None,
    grid: GridOption = None,
    reference: ReferenceOption = None,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
) -> None:
    """Read a scenario and tell every problem in it at once. Nothing is solved and nothing written."""
    from nspl_opt.cli.library import check_scenario

    found = check_scenario(find_scenario(scenario), reference, level.value if level else None, grid)
    language = lang.value
    if as_json:
        data = asdict(found) | {"start": found.start.isoformat(), "warnings": [notice.en for notice in found.warnings]}
        print_json({"problems": [], **data})
        return
    figures = {key: getattr(found, key) for key in ("name", "periods", "horizon_h", "regions", "hospitals", "injects")}
    typer.echo(say("sound", language, title=getattr(found, f"title_{language}"), closures=found.closures, **figures))
    for category in found.categories:
        demand, initial = figure(found.demand.get(category, 0)), figure(found.initial.get(category, 0))
        typer.echo(say("sound_category", language, category=category, demand=demand, initial=initial))
    for notice in found.warnings:
        typer.echo(say("notice", language, text=getattr(notice, language)))


def plan(
    scenario: ScenarioArgument,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder to write the plan to.")],
    model: Annotated[
        str, typer.Option("--model", "-m", metavar="NAME|FILE", help="Shipped planning model, or a model file.")
    ] = DEFAULT_MODEL,
    level: LevelOption = None,
    grid: GridOption = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change an option of the model; may be repeated."),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", metavar="S", help="Longest time for solving [s].")
    ] = None,
    window: Annotated[
        int | None,
        typer.Option("--window", metavar="N", help="Plan in windows: look at N periods together, then move on."),
    ] = None,
    step: Annotated[
        int | None,
        typer.Option("--step", metavar="M", help="Periods of a window to execute before the next; default N / 3."),
    ] = None,
    reference: ReferenceOption = None,
    without_help: Annotated[
        bool,
        typer.Option(
            "--without-help/--no-without-help",
            help="Also plan without help between regions, to tell how much unmet care help avoids.",
        ),
    ] = True,
    reasons: Annotated[
        bool,
        typer.Option(
            "--reasons/--no-reasons",
            help="Also find what else could be done, what a refusal means and what one more is worth.",
        ),
    ] = True,
    reasons_time: Annotated[
        float, typer.Option("--reasons-time", metavar="S", help="Longest time for reasons [s].")
    ] = 60.0,
    force: Annotated[bool, typer.Option("--force", help="Replace the plan that DIR already holds.")] = False,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Make a plan: who goes where, when and how, who is lent to whom, and who still goes without.

    Ctrl-C keeps the best plan found so far. Exit code 1: no plan could be made. When hard wishes (at_most) are
    why, what must give way is told, and written beside DIR.
    """
    overrides, seconds = parse_settings(settings or []), _seconds(time_limit)
    for_reasons = _seconds(reasons_time, "--reasons-time") if reasons else None
    check_target(out, force)
    from nspl_opt.orders import Order

    order = Order(
        find_scenario(scenario), model, level.value if level else None, grid, overrides, reference, seconds, window,
        step, without_help, for_reasons,
    )  # fmt: skip
    made, conflict = _make(order, lang.value, quiet or as_json)
    if made.plan is None:
        _say_no_plan(made, conflict, out, lang.value, as_json)
        raise typer.Exit(1)
    from nspl_opt.plan.folder import write_plan

    write_plan(made.plan, out, made.scenario_dir, made.reference_dir)
    _say_plan(made, out, lang.value, as_json)
    if not made.check.ok:
        raise typer.Exit(1)


def _seconds(time_limit: float | None, option: str = "--time-limit") -> float | None:
    if time_limit is not None and not (math.isfinite(time_limit) and 0 < time_limit <= 86_400):
        raise refuse("U104", f"{option} {time_limit}", "lies outside 0 to 86400 seconds", "give for example 120")
    return time_limit


def _make(order: Any, language: str, quiet: bool) -> tuple[Any, Any]:
    """Look at the inputs, then plan while progress is shown; the first Ctrl-C keeps the best plan so far.

    What came of it, and when hard wishes left no plan what must give way.
    """
    from nspl_opt.orders import check_inputs, fulfil

    check_inputs(order.scenario, order.reference, order.level, order.model, order.overrides, order.grid)
    with choose(language, quiet) as display, _stop_on_interrupt(display, language) as stop:
        return fulfil(order, display, stop)


@contextmanager
def _stop_on_interrupt(display: Quiet, language: str) -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets; the second one ends the run at once."""
    stop = threading.Event()

    def handle(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        display.note(say("stopping", language))

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _say_no_plan(made: Any, conflict: Any, out: Path, language: str, as_json: bool) -> None:
    from nspl_opt.orders import conflict_data

    found = {} if conflict is None else {"conflict": conflict_data(conflict, made.situation)}
    if as_json:
        print_json({"status": made.status, "why": made.why, "out": None, "goals": [], **found})
        return
    status = call_it("status", made.status, language)
    typer.echo(f"{say('no_plan', language)}. {status}. {made.why}".rstrip(), err=True)
    if conflict is not None:
        say_conflict(conflict, made.situation, out, language)


def _say_plan(made: Any, out: Path, language: str, as_json: bool) -> None:
    from nspl_opt.plan.certainty import avoidable_line, whole_lines, wholeness
    from nspl_opt.plan.words import Words

    if as_json:
        print_json(
            {
                "status": made.plan.status,
                "why": made.why,
                "out": str(out),
                "goals": goal_rows(made.plan),
                "avoidable": asdict(made.plan.avoidable) if made.plan.avoidable else None,
                "whole": asdict(wholeness(made.plan)),
                "checks": {"ok": made.check.ok, "rules": len(made.check.checked), "broken": dict(made.check.broken)},
                "size": dict(made.plan.size),
                "timing": dict(made.plan.timing),
            }
        )
        return
    print_fact("status", call_it("status", made.plan.status, language))
    if made.why:
        print_fact("", made.why)
    if "windows" in made.plan.provenance:
        typer.echo(say("windows", language, **made.plan.provenance["windows"]))
    print_goals(made.plan, language)
    words = Words(language)
    for text in whole_lines(made.plan, words):
        typer.echo(text)
    if made.plan.avoidable:
        typer.echo(avoidable_line(made.plan.avoidable, words))
    for note in (note for note in made.plan.notes if note.startswith("reasons.")):
        typer.echo(words.known("notes", note))
    typer.echo(made.check.text(language))
    print_fact(say("written", language), str(out))
    if made.check.ok:
        print_next(out, language)
    else:
        typer.echo(say("verify_failed", language), err=True)
