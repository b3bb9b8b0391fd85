"""Reasons on the command line: conflicts of wishes, a transfer left out in earnest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from nspl_opt.cli.output import print_fact
from nspl_opt.cli.texts import say


def say_conflict(conflict: Any, situation: Any, out: Path, language: str) -> None:
    """The sentences, and the data in a file beside the folder that the plan would have had."""
    from nspl_opt.orders import conflict_data
    from nspl_opt.plan.folder_text import canonical_json

    data = conflict_data(conflict, situation)
    for line in data["words"][language]:
        typer.echo(line)
    path = out.with_name(f"{out.name}.conflict.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(canonical_json(data), encoding="utf-8")
    print_fact(say("written_to", language), str(path))


def left_out_lines(stored: Any, folder: Path, transfer: str, language: str) -> list[str]:
    """The whole case solved anew with a transfer and without it, goal by goal."""
    from nspl_opt.cli.library import find_transfer
    from nspl_opt.cli.texts import call_it
    from nspl_opt.differences import goals_of
    from nspl_opt.formulation.spec import model_from_dict
    from nspl_opt.formulation.stages import main_of
    from nspl_opt.living import Living
    from nspl_opt.plan.folder import read_inputs
    from nspl_opt.plan.words import Words
    from nspl_opt.reasons.make import without_transfer

    row, plan, words = find_transfer(stored, transfer), stored.plan, Words(language)
    hospitals = stored.situation
    if plan.level != "hospital":
        hospitals = read_inputs(folder, "hospital", plan.grid)[1]
    spec = model_from_dict(plan.model)
    living = Living.of(stored.situation, hospitals, stored.travel, spec, stored.reference)
    before, after = without_transfer(living, row)
    if not before.goals or not after.goals:
        return [say("exact_none", language)]
    lines = [say("exact_title", language)]
    stages = spec.stages(stored.situation)
    (before_goals, before_bound), (after_goals, after_bound) = goals_of(living, before), goals_of(living, after)
    for stage, one, other in zip(stages, before_goals, after_goals, strict=True):
        figures = {"before": words.number(one, 1), "after": words.number(other, 1)}
        lines.append(say("exact_goal", language, goal=call_it("goal", stage.label, language), **figures))
    main = main_of(stages)
    least, most = after_bound - before_goals[main], after_goals[main] - before_bound
    return [*lines, say("exact_range", language, least=words.number(max(least, 0.0), 1), most=words.number(most, 1))]
