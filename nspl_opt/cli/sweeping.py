"""``what-if`` and ``sweep``: one thing otherwise, or one thing after the other, from a living instance."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from nspl_opt.cli.options import (
    JsonOption,
    Lang,
    LangOption,
    ReferenceOption,
    ScenarioArgument,
    examples,
    find_scenario,
    parse_settings,
    print_json,
    refuse,
)
from nspl_opt.cli.output import print_fact, print_table
from nspl_opt.cli.planning import DEFAULT_MODEL, GridOption, LevelOption
from nspl_opt.cli.progress import figure
from nspl_opt.cli.texts import call_it, say
from nspl_opt.problems import did_you_mean

KINDS = ("hospital", "link", "region")
JOURNAL = "journal.jsonl"
SHOWN = 15
LEAST = 0.05
"""Differences below are not shown."""

ModelOption = Annotated[str, typer.Option("--model", "-m", metavar="NAME|FILE", help="Planning model, or a file.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change an option of the model; repeatable.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        "what-if",
        short_help="What changes when one thing is otherwise.",
        epilog=examples(
            "nspl-opt what-if gotland-ovning --beds visby:icu=0.7",
            "nspl-opt what-if spring-2020 --lose karlstad@24 --decline 12",
            "nspl-opt what-if spring-2020 --vehicles amb_12=0 --close-link fe_visby__nynashamn@24-72 --json",
            remark="AMOUNT is a factor (0.7) or so many more or fewer (+20, -20); @FROM-TO are hours after the start. "
            "No detour is looked for when a link is closed: that is an upper estimate of the need.",
        ),
    )(what_if)
    app.command(
        "sweep",
        short_help="What breaks first: every hospital, link and region lost in turn.",
        epilog=examples(
            "nspl-opt sweep spring-2020 --out sweeps/spring",
            "nspl-opt sweep spring-2020 --kind hospital,region --workers 4 --plans --out sweeps/plans",
            remark="A sweep that was ended goes on where it stopped when started again with the same --out. "
            "Its result shows weaknesses: handle it as the scenario's marking demands.",
        ),
    )(sweep)


def _several(name: str, form: str, words: str) -> Any:
    return typer.Option(f"--{name}", metavar=form, help=f"{words} Repeatable.")


def what_if(
    scenario: ScenarioArgument,
    beds: Annotated[list[str] | None, _several("beds", "PLACE[:BEDS]=AMOUNT", "Other beds.")] = None,
    staff: Annotated[list[str] | None, _several("staff", "PLACE[:JOB]=AMOUNT", "Other people.")] = None,
    arrivals: Annotated[list[str] | None, _several("arrivals", "PLACE[:CARE]=AMOUNT", "Other arrivals.")] = None,
    vehicles: Annotated[list[str] | None, _several("vehicles", "POOL=NUMBER", "Other vehicles.")] = None,
    lose: Annotated[list[str] | None, _several("lose", "HOSPITAL", "A hospital lost, else after 24 h.")] = None,
    close_link: Annotated[list[str] | None, _several("close-link", "LINK", "A road, railway or ferry closed.")] = None,
    decline: Annotated[list[str] | None, _several("decline", "REGION[:SIDE]", "A region that does not help.")] = None,
    model: ModelOption = DEFAULT_MODEL,
    level: LevelOption = None,
    grid: GridOption = None,
    settings: SetOption = None,
    reference: ReferenceOption = None,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
) -> None:
    """Plan as the scenario is, then with these things otherwise, and show what differs.

    The second plan starts from the first. Neither is checked rule by rule as those of
    nspl-opt plan are: it answers what a change means, and a plan to act on is made with an inject.
    """
    given = {
        "beds": beds, "staff": staff, "arrivals": arrivals, "vehicles": vehicles, "lose": lose,
        "close-link": close_link, "decline": decline,
    }  # fmt: skip
    texts = [(sort, text) for sort, several in given.items() for text in several or ()]
    if not texts:
        raise refuse("U106", "what-if", "nothing is said to be otherwise", "give for example --lose karlstad")
    living = _living(scenario, model, level, grid, settings, reference)
    from nspl_opt.differences import compared
    from nspl_opt.scenario.what_if_text import parse_what_ifs

    change = living.change(parse_what_ifs(texts, living.known))
    limit = figure(living.spec.solver.time_limit_s)

    def tell(key: str) -> None:
        if not as_json:
            typer.echo(say(key, lang.value, limit=limit), err=True)

    found = compared(living, change, [f"--{sort} {text}" for sort, text in texts], tell)
    if as_json:
        print_json(found)
    else:
        _say_what_if(found, lang.value)
    if found["after"]["goals"] is None:
        raise typer.Exit(1)


def _living(
    scenario: str, model: str, level: Any, grid: str | None, settings: list[str] | None, reference: Path | None
) -> Any:
    overrides = parse_settings(settings or [])
    folder, wanted = find_scenario(scenario), level.value if level else None
    from nspl_opt.orders import check_inputs

    check_inputs(folder, reference, wanted, model, overrides, grid)
    from nspl_opt.living import Living

    return Living.build(folder, model, wanted, grid, overrides, reference)


def _say_what_if(found: dict[str, Any], language: str) -> None:
    typer.echo(_marked(found["marking"], language))
    before, after = found["before"], found["after"]
    heads = [say(f"head.{key}", language) for key in ("goal", "before", "after", "change", "unit")]
    rows = []
    for number, goal in enumerate(found["goals"]):
        values = [None if one["goals"] is None else one["goals"][number] for one in (before, after)]
        rows.append(_difference(call_it("goal", goal["name"], language), *values))
        rows[-1].append(call_it("unit", goal["unit"].replace(" ", "_"), language))
    first = found["goals"][found["main"]]
    rows.append(_difference(f"  {say('no_plan_beats', language)}", before["bound"], after["bound"]))
    rows[-1].append(call_it("unit", first["unit"].replace(" ", "_"), language))
    print_table(heads, rows, right=(1, 2, 3))
    if found["differs"]:
        typer.echo(f"\n{say('who_goes_without', language)}")
        heads = [say(f"head.{key}", language) for key in ("place", "category", "before", "after", "change")]
        shown = found["differs"][:SHOWN]
        rows = [[f"{one['site']} {one['name']}", one[f"category_{language}"]] for one in shown]
        for row, one in zip(rows, shown, strict=True):
            row += _difference("", one["before"], one["after"])[1:]
        print_table(heads, rows, right=(2, 3, 4))
    elif after["goals"] is not None:
        typer.echo(f"\n{say('nobody_differs', language)}")
    _say_range(before, after, found["main"], language)
    seconds = {name: f"{one['seconds']:.1f}" for name, one in (("before", before), ("after", after))}
    print_fact(say("time", language), say("what_if_seconds", language, **seconds))


def _say_range(before: dict[str, Any], after: dict[str, Any], main: int, language: str) -> None:
    """Between what the difference of the main goal lies for certain, when neither plan is proven to be the best."""
    if None in (before["goals"], after["goals"], before["bound"], after["bound"]):
        return
    least, most = after["bound"] - before["goals"][main], after["goals"][main] - before["bound"]
    if most - least >= LEAST:
        typer.echo(f"\n{say('proven_range', language, least=_signed(least), most=_signed(most))}")


def _signed(value: float) -> str:
    return f"+{figure(value)}" if value > 0 else figure(value)


def _difference(name: str, before: float | None, after: float | None) -> list[str]:
    gone = before is None or after is None
    change = "-" if gone else figure(after - before) if abs(after - before) >= LEAST else "0"
    return [name, figure(before), figure(after), change if gone or after - before < LEAST else f"+{change}"]


def _marked(marking: str, language: str) -> str:
    return f"{call_it('marking', marking, language)}. {say('shows_weakness', language)}"


def sweep(
    scenario: ScenarioArgument,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND[,KIND]", help="Kinds of loss: hospital, link, region.")
    ] = ",".join(KINDS),
    workers: Annotated[int, typer.Option("--workers", metavar="N", min=1, max=256, help="Processes at work.")] = 2,
    links: Annotated[
        int, typer.Option("--links", metavar="N", min=0, max=100_000, help="Links tried, the most used ones.")
    ] = 60,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for the table, the page and the journal.")
    ] = None,
    plans: Annotated[
        bool, typer.Option("--plans", help="Make a whole plan of every case, not only its bound.")
    ] = False,
    model: ModelOption = DEFAULT_MODEL,
    level: LevelOption = None,
    grid: GridOption = None,
    settings: SetOption = None,
    reference: ReferenceOption = None,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Lose every hospital, link and helping region in turn, and rank what costs most care.

    Ctrl-C ends it; what is done is kept in DIR and not done again. Exit code 1: a case could not be solved.
    """
    kinds = _kinds(kind)
    _refuse_foreign(out)
    living = _living(scenario, model, level, grid, settings, reference)
    from nspl_opt.reference.package import load_reference
    from nspl_opt.sweep.cases import single_losses
    from nspl_opt.sweep.page import write_page
    from nspl_opt.sweep.run import run_sweep
    from nspl_opt.sweep.table import ranked, write_table

    cases = single_losses(living, load_reference(reference), kinds, links)
    try:
        with _bar(quiet or as_json, lang.value) as tell:
            done = run_sweep(living, cases, None, workers, plans, out / JOURNAL if out else None, tell)
    except KeyboardInterrupt:
        typer.echo(say("sweep_ended" if out else "sweep_lost", lang.value, out=out), err=True)
        raise typer.Exit(130) from None
    rows, marking, written = ranked(done), living.situation.marking, []
    if out:
        written = [write_table(done, marking, out), write_page(done, living.situation, living.spec, out, lang.value)]
    if as_json:
        print_json(_as_data(done, rows, marking, written))
    else:
        _say_sweep(done, rows, marking, written, lang.value)
    if any(row.change is None for row in rows):
        raise typer.Exit(1)


def _kinds(text: str) -> list[str]:
    kinds = [kind.strip() for kind in text.split(",")]
    for kind in kinds:
        if kind not in KINDS:
            raise refuse("U107", f"--kind {text[:80]}", f"no kind '{kind[:40]}'", did_you_mean(kind, KINDS))
    return kinds


def _refuse_foreign(out: Path | None) -> None:
    """A sweep goes to a new folder, or on in its own."""
    if out is None or not out.exists():
        return
    if not out.is_dir():
        raise refuse("U103", f"--out {out}", "is not a folder", "give the name of a new folder")
    if any(out.iterdir()) and not (out / JOURNAL).is_file():
        raise refuse("U103", f"--out {out}", "holds other files than a sweep", "give a new or empty folder")


def _bar(quiet: bool, language: str) -> Any:
    from nspl_opt.cli.sweep_bar import NoBar, SweepBar

    return NoBar() if quiet else SweepBar(language, sys.stderr)


def _as_data(done: Any, rows: Any, marking: str, written: list[Path]) -> dict[str, Any]:
    return {
        "marking": marking,
        "base": {"status": done.base.status, "bound": done.base.bound, "value": done.base.value},
        "cases": [
            {
                "rank": row.rank, "case": row.found.code, "kind": row.found.case.kind, "what": row.found.case.what,
                "name": row.found.case.name, "status": row.found.status, "bound": row.found.bound,
                "value": row.found.value, "change": row.change, "worst_regions": dict(row.worst), "why": row.found.why,
            }
            for row in rows
        ],
        "written": [str(path) for path in written],
    }  # fmt: skip


def _say_sweep(done: Any, rows: Any, marking: str, written: list[Path], language: str) -> None:
    typer.echo(_marked(marking, language))
    start = done.base.value if done.whole else done.base.bound
    typer.echo(say("sweep_base", language, cases=len(rows), value=figure(start)))
    heads = [say(f"head.{key}", language) for key in ("rank", "loss", "name", "change", "worst")]
    shown = [
        [
            str(row.rank),
            call_it("sweep", row.found.case.kind, language),
            row.found.case.name,
            figure(row.change),
            ", ".join(f"{code} +{figure(amount)}" for code, amount in row.worst),
        ]
        for row in rows[:SHOWN]
    ]
    print_table(heads, shown, right=(0, 3))
    for path in written:
        print_fact(say("written_to", language), str(path))
