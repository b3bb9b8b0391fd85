"""``dispatch``: the plan's first hours as runs of vehicles, with times, patients and crews."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from nspl_opt.cli.options import JsonOption, Lang, LangOption, PlanArgument, examples, print_json, refuse
from nspl_opt.cli.output import print_fact
from nspl_opt.cli.progress import figure
from nspl_opt.cli.texts import say

LONGEST_H = 168
WIDTH = 400
"""Characters a table may take where no terminal shows it: wide cells are never cut."""
MOMENTS = ("leave", "loading", "depart", "arrive", "ready")


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command(
        "dispatch",
        short_help="Assemble the next day's vehicle runs from a plan.",
        epilog=examples(
            "nspl-opt dispatch plans/gotland",
            "nspl-opt dispatch plans/gotland --hours 12 --lang en --out dispatch/gotland",
        ),
    )(dispatch)


def dispatch(
    folder: PlanArgument,
    hours: Annotated[
        int, typer.Option("--hours", metavar="H", help="Every period that starts within so many hours [h].")
    ] = 24,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for the tables, else the plan's own.")
    ] = None,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
) -> None:
    """Assemble the plan's first hours: which vehicle leaves when, with whom, and when it is back.

    What cannot be driven is told with the reason. Exit code 1: the plan, or the dispatch, breaks a rule.
    """
    if not 1 <= hours <= LONGEST_H:
        raise refuse("U104", f"--hours {hours}", f"lies outside 1 to {LONGEST_H}", "give for example 24")
    target = out or folder
    if target.exists() and not target.is_dir():
        raise refuse("U103", f"--out {target}", "is not a folder", "give the name of a folder")
    from nspl_opt.cli.library import open_plan
    from nspl_opt.dispatch.make import make_dispatch
    from nspl_opt.dispatch.tables import write_tables
    from nspl_opt.plan.checks import verify

    stored = open_plan(folder)
    _stop_if_broken(verify(stored.plan, stored.situation, stored.travel), "verify_failed", lang.value)
    made = make_dispatch(stored.plan, stored.situation, stored.travel, stored.reference, hours)
    _stop_if_broken(made.report, "dispatch.failed", lang.value)
    files = write_tables(made.tables, target)
    if as_json:
        print_json(_as_data(made, files))
        return
    _show(made, stored, lang.value)
    for path in files:
        print_fact(say("dispatch.table", lang.value), str(path.absolute()))


def _stop_if_broken(report: Any, message: str, language: str) -> None:
    if not report.ok:
        typer.echo(report.text(language), err=True)
        typer.echo(say(message, language), err=True)
        raise typer.Exit(1)


def _as_data(made: Any, files: Iterable[Path]) -> dict[str, Any]:
    return {
        **made.summary,
        "seats_proven": made.seats_proven,
        "proven": dict(made.proven),
        "checks": {"ok": made.report.ok, "rules": len(made.report.checked)},
        "files": [str(path) for path in files],
        "dispatch": list(made.tables["dispatch"]),
        "unplaced": list(made.tables["dispatch_unplaced"]),
    }


def _show(made: Any, stored: Any, language: str) -> None:
    names = _names(stored, language)
    summary = made.summary
    typer.echo(
        say(
            "dispatch.summary",
            language,
            hours=summary["hours"],
            runs=summary["runs"],
            trips=summary["trips"]["driven"],
            trips_planned=figure(summary["trips"]["planned"]),
            patients=summary["patients"]["driven"],
            patients_planned=figure(summary["patients"]["planned"]),
        )
    )
    if summary["patients"]["shifted"]:
        typer.echo(say("dispatch.shifted", language, patients=summary["patients"]["shifted"]))
    ways = _ways(made.tables["dispatch"], stored, language)
    rows = sorted(made.tables["dispatch"], key=lambda row: (_title(row, names), row["leave"], row["run"]))
    for title, mine in groupby(rows, key=lambda row: _title(row, names)):
        _print(_pool_table(title, list(mine), names, ways, language))
    if made.tables["dispatch_unplaced"]:
        _print(_unplaced_table(made.tables["dispatch_unplaced"], language))
    _print(_crew_table(summary["away_at_once"], names, language))
    if not (made.seats_proven and all(made.proven.values())):
        typer.echo(say("dispatch.unproven", language))
    typer.echo(made.report.text(language))


def _print(table: Any) -> None:
    """In a terminal as wide as it is, long texts folded; elsewhere every row on a line of its own."""
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    with console.capture() as shown:
        console.print(table)
    typer.echo("\n".join(line.rstrip() for line in shown.get().splitlines()))


def _ways(rows: Iterable[Mapping[str, str]], stored: Any, language: str) -> Mapping[str, str]:
    """Run -> from where to where, as people call it: a ferry leaves a port, not the hospital of the same code."""
    from nspl_opt.plan.facts import names_of, places_of
    from nspl_opt.plan.words import Words

    places = places_of(stored.reference, names_of(stored.situation, Words(language)))
    carried_by = {row["run"]: row["vehicle_type"] for row in rows if not row["serves"]}
    found = {}
    for row in rows:
        at_start = at_end = row["vehicle_type"]
        if row["kind"] == "to_terminal":
            at_end = carried_by[row["serves"]]
        elif row["kind"] == "from_terminal":
            at_start = carried_by[row["serves"]]
        ends = places.called(row["from_place"], at_start), places.called(row["to_place"], at_end)
        found[row["run"]] = " → ".join(ends)
    return found


def _names(stored: Any, language: str) -> Mapping[tuple[str, str], str]:
    """(kind, code) -> what people call it; terminals are named by ``_ways``."""
    from nspl_opt.plan.facts import names_of
    from nspl_opt.plan.words import Words

    known = names_of(stored.situation, Words(language))
    kinds = {
        "place": known.sites, "region": known.regions, "vehicle": known.vehicles, "category": known.categories,
        "who": known.professions, "line": {line.code: line.name for line in stored.reference.ferries},
        "pool": {pool.code: f"{known.regions[pool.region]} ({pool.code})" for pool in stored.situation.pools},
    }  # fmt: skip
    found = {(kind, code): name for kind, names in kinds.items() for code, name in names.items()}
    return found | {("who", "vehicle_crew"): say("dispatch.vehicle_crew", language)}


def _title(row: Mapping[str, str], names: Mapping[tuple[str, str], str]) -> str:
    mover = names["pool", row["pool"]] if row["pool"] else names.get(("line", row["line"]), row["line"])
    return f"{names['vehicle', row['vehicle_type']]}, {mover}"


def _table(title: str, heads: Iterable[str], right: Iterable[int] = (), folds: Iterable[int] = ()) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, head in enumerate(heads):
        side = "right" if number in right else "left"
        table.add_column(head, no_wrap=number not in folds, overflow="fold", justify=side)
    return table


def _pool_table(
    title: str,
    rows: list[Mapping[str, str]],
    names: Mapping[tuple[str, str], str],
    ways: Mapping[str, str],
    language: str,
) -> Any:
    """The runs of a pool by time; feeder runs that differ only in their vehicle share a line."""
    heads = [say(f"dispatch.{key}", language) for key in ("run", "vehicle", *MOMENTS, "way", "patients")]
    table = _table(title, heads, folds=(7, 8))
    shown: dict[tuple[str, ...], dict[str, list]] = {}
    for row in rows:
        key = (*(row[moment] for moment in MOMENTS), ways[row["run"]], row["serves"])
        key = (*key, "" if row["serves"] else row["run"])
        line = shown.setdefault(key, {"runs": [], "vehicles": [], "load": {}})
        line["runs"].append(row["run"])
        line["vehicles"].append(int(row["vehicle"]))
        where = "" if row["serves"] else f" → {names.get(('place', row['to_site']), row['to_site'])}"
        load = (names["category", row["category"]], where)
        line["load"][load] = line["load"].get(load, 0) + int(row["patients"])
    for key, line in shown.items():
        times = [key[0][5:].replace("T", " "), *(moment[11:] for moment in key[1:5])]
        load = ", ".join(f"{number} {category}{where}" for (category, where), number in line["load"].items())
        serves = f" ({say('dispatch.serves', language, run=key[6])})" if key[6] else ""
        table.add_row(_span(line["runs"]), _span(line["vehicles"]), *times, key[5], load + serves)
    return table


def _span(numbers: list) -> str:
    """First to last of several, one alone as it is; 0 is no vehicle."""
    first, last = min(numbers), max(numbers)
    return f"{first}–{last}" if first != last else str(first or "")


def _unplaced_table(rows: Iterable[Mapping[str, str]], language: str) -> Any:
    heads = [say(f"dispatch.{key}", language) for key in ("what", "id", "amount", "reason")]
    table = _table(say("dispatch.unplaced", language), heads, right=(2,), folds=(1, 3))
    for row in rows:
        reason = say(f"dispatch_reason.{row['reason']}", language)
        table.add_row(say(f"dispatch.{row['what']}", language), row["id"], row["amount"], reason)
    return table


def _crew_table(rows: Iterable[Mapping[str, Any]], names: Mapping[tuple[str, str], str], language: str) -> Any:
    heads = [say(f"dispatch.{key}", language) for key in ("region", "who", "most")]
    table = _table(say("dispatch.crews", language), heads, right=(2,))
    for row in rows:
        table.add_row(names["region", row["region"]], names["who", row["who"]], figure(row["most"]))
    return table
