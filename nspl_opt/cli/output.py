"""Tables and summaries on standard output."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from nspl_opt.cli.progress import figure, gap_text
from nspl_opt.cli.texts import call_it, say


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Columns under their heads, two spaces apart; the columns in ``right`` end at the same place.

    Plain text that can be cut, searched and pasted; wide cells are never folded.
    """
    table = [list(heads), *[list(row) for row in rows]]
    widths = [max(len(row[i]) for row in table) for i in range(len(heads))]
    for number, row in enumerate(table):
        cells = [text.rjust(widths[i]) if i in right else text.ljust(widths[i]) for i, text in enumerate(row)]
        line = "  ".join(cells).rstrip()
        typer.echo(typer.style(line, bold=True) if number == 0 and sys.stdout.isatty() else line)


def goal_rows(plan: Any) -> list[dict[str, Any]]:
    """The goals of a plan as plain data, in their order."""
    fields = ("name", "unit", "value", "bound", "gap", "seconds", "proven")
    return [{name: getattr(goal, name) for name in fields} for goal in plan.goals]


def print_goals(plan: Any, language: str) -> None:
    """The goals: what the plan reaches, what no plan can beat, how far apart they are."""
    heads = [say(f"head.{key}", language) for key in ("goal", "value", "bound", "gap", "seconds", "unit")]
    rows = [
        [
            call_it("goal", goal.name, language),
            figure(goal.value),
            figure(goal.bound),
            gap_text(goal.gap),
            f"{goal.seconds:.1f}",
            call_it("unit", goal.unit.replace(" ", "_"), language),
        ]
        for goal in plan.goals
    ]
    print_table(heads, rows, right=(1, 2, 3, 4))


def print_fact(name: str, text: str) -> None:
    """One line: a short name, what it is."""
    typer.echo(f"{name:<12} {text}")


def print_next(out: Path, language: str) -> None:
    """What one may do with a plan."""
    print_fact(say("next_steps", language), f"nspl-opt report {out}")
    print_fact("", f"nspl-opt explain {out}")
