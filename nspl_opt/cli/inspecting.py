"""``verify``, ``explain``, ``report``, ``compare``: what one does with plans that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nspl_opt.cli.options import JsonOption, Lang, LangOption, PlanArgument, examples, print_json, refuse
from nspl_opt.cli.output import print_fact
from nspl_opt.cli.texts import say


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        "verify",
        short_help="Recompute every rule of a stored plan without the solver.",
        epilog=examples("nspl-opt verify plans/gotland", "nspl-opt verify plans/gotland --json"),
    )(verify)
    app.command(
        "explain",
        short_help="A plan in short, or why one transfer is in it.",
        epilog=examples("nspl-opt explain plans/gotland", "nspl-opt explain plans/gotland TRANSFER --lang en"),
    )(explain)
    app.command(
        "report",
        short_help="Write the HTML page and the Excel workbook of a plan.",
        epilog=examples("nspl-opt report plans/gotland", "nspl-opt report plans/gotland --lang en --out reports"),
    )(report)
    app.command(
        "compare",
        short_help="Set two or more plans side by side.",
        epilog=examples("nspl-opt compare plans/open plans/closed", "nspl-opt compare plans/open plans/closed --json"),
    )(compare)


def verify(folder: PlanArgument, lang: LangOption = Lang.sv, as_json: JsonOption = False) -> None:
    """Recompute every rule of a stored plan from its inputs, in exact numbers and without the solver.

    Exit code 1: the plan breaks a rule.
    """
    from nspl_opt.cli.library import open_plan
    from nspl_opt.plan.checks import verify as recompute

    stored = open_plan(folder)
    found = recompute(stored.plan, stored.situation, stored.travel)
    if as_json:
        print_json(
            {
                "ok": found.ok,
                "checked": dict(found.checked),
                "left_out": dict(found.left_out),
                "violations": [
                    {"rule": v.rule, "where": v.where, "expected": v.expected, "found": v.found, "words": v.words_en}
                    for v in found.violations
                ],
            }
        )
    else:
        typer.echo(found.text(lang.value))
    if not found.ok:
        if not as_json:
            typer.echo(say("verify_failed", lang.value), err=True)
        raise typer.Exit(1)


def explain(
    folder: PlanArgument,
    transfer: Annotated[
        str | None, typer.Argument(metavar="[TRANSFER]", help="Id of one transfer; without it, the plan in short.")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Also solve the whole case anew without the transfer; takes minutes.")
    ] = False,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
) -> None:
    """Say in words what a plan recommends and why, or why one transfer is in it and what else could be done."""
    from nspl_opt.cli.explaining import left_out_lines
    from nspl_opt.cli.library import explain_more, explain_one, explain_reasons, explain_whole, open_plan

    if exact and transfer is None:
        raise refuse("U106", "--exact", "needs a transfer", "give the id of one: nspl-opt explain DIR TRANSFER --exact")
    stored = open_plan(folder)
    if transfer is None:
        told = (explain_whole, explain_more, explain_reasons)
        lines = [line for tell in told for line in tell(stored, lang.value)]
    else:
        lines = explain_one(stored, transfer, lang.value)
        lines = (*lines, *(left_out_lines(stored, folder, transfer, lang.value) if exact else ()))
    if as_json:
        print_json({"plan": str(folder), "transfer": transfer, "lines": list(lines)})
    else:
        for line in lines:
            typer.echo(line)


def report(
    folder: PlanArgument,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for the report, else the plan's own.")
    ] = None,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
) -> None:
    """Write the report: one HTML page that needs nothing else, and an Excel workbook of the same tables."""
    from nspl_opt.cli.library import open_plan, write_report

    stored = open_plan(folder)
    target = out or folder
    if target.exists() and not target.is_dir():
        raise refuse("U103", f"--out {target}", "is not a folder", "give the name of a folder")
    page, workbook = write_report(stored, target, lang.value)
    if as_json:
        print_json({"page": str(page), "workbook": str(workbook)})
        return
    print_fact(say("page", lang.value), str(page.absolute()))
    print_fact(say("workbook", lang.value), str(workbook.absolute()))


def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR DIR ...", help="Folders of two or more plans.")],
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
) -> None:
    """Set plans side by side: their goals, what they move, and where they differ."""
    from nspl_opt.cli.library import compare_folders

    if len(folders) < 2:
        raise refuse("U105", f"compare {folders[0]}", "is one plan only", "give two or more plan folders")
    text, data = compare_folders(folders, lang.value)
    if as_json:
        print_json(data)
    else:
        typer.echo(text)
