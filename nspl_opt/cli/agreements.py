"""``agreements``: a plan's transfers and loans as lines of help for the next scenario."""

from __future__ import annotations

import csv
import io
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nspl_opt.cli.options import JsonOption, Lang, LangOption, PlanArgument, examples, print_json, refuse
from nspl_opt.cli.output import print_fact
from nspl_opt.cli.texts import say


class LineState(StrEnum):
    """How far new lines have come."""

    proposed = "proposed"
    offered = "offered"


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command(
        "agreements",
        short_help="Write a plan's transfers and loans as lines of help for the next scenario.",
        epilog=examples(
            "nspl-opt agreements plans/gotland --state offered --out agreements.csv",
            "nspl-opt agreements plans/gotland --start 24 --json",
            remark="Put the file beside scenario.toml and name it there: [[agreements]] file, basis, source. "
            "Answers are written into its column state: accepted, directed, declined.",
        ),
    )(agreements)


def agreements(
    folder: PlanArgument,
    state: Annotated[
        LineState, typer.Option("--state", help="State of new lines; only whole patients are offered.")
    ] = LineState.proposed,
    start: Annotated[
        int, typer.Option("--start", metavar="H", help="Hours after this plan's start at which the next one starts.")
    ] = 0,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="CSV file to write.")] = Path(
        "agreements.csv"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
) -> None:
    """Write what the plan moves and lends as lines of help, with those that stood already and are not done.

    Recommendations: nobody is bound by a line that is proposed or offered.
    """
    if not 0 <= start <= 9_600:
        raise refuse("U104", f"--start {start}", "lies outside 0 to 9600", "give hours after the plan's start")
    if not as_json and out.exists() and not (force and out.is_file()):
        raise refuse("U103", f"--out {out}", "is there already", "give --force to replace it, or another name")
    from nspl_opt.cli.library import open_plan
    from nspl_opt.plan.next_lines import COLUMNS, next_lines

    stored = open_plan(folder)
    rows = next_lines(stored.plan, stored.situation, state.value, start)
    if as_json:
        print_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([COLUMNS, *rows])
    out.write_text(text.getvalue(), encoding="utf-8")
    print_fact(say("agreement_lines", lang.value), str(len(rows)))
    print_fact(say("written_to", lang.value), str(out.absolute()))
