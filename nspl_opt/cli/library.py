"""What the commands ask of the library, each in one call. Heavy imports stay inside the functions."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nspl_opt.problems import InvalidInput, Problem


@dataclass(frozen=True)
class Stored:
    """A plan folder opened: the plan, and the case it was made for, read again from its inputs."""

    plan: Any
    situation: Any
    travel: Any
    reference: Any


def check_scenario(scenario: Path, reference: Path | None, level: str | None, grid: str | None = None) -> Any:
    """A scenario in figures; ``InvalidInput`` with every problem of the scenario and the reference package."""
    from nspl_opt.orders import read_both
    from nspl_opt.scenario.resolve import resolve
    from nspl_opt.scenario.summary import summarise

    loaded, read, problems = read_both(scenario, reference, grid)
    if loaded is None or read is None:
        raise InvalidInput(str(scenario), problems)
    resolve(loaded, read, level)
    return summarise(loaded, read)


def open_plan(folder: Path) -> Stored:
    """Everything about a stored plan; ``InvalidInput`` when the folder holds none that can be read."""
    _refuse_unless_folder(folder)
    from nspl_opt.network.graph import travel_times
    from nspl_opt.plan.folder import read_inputs, read_plan

    plan = read_plan(folder)
    reference, situation = read_inputs(folder, plan.level, plan.grid)
    return Stored(plan, situation, travel_times(reference, situation), reference)


def _refuse_unless_folder(folder: Path) -> None:
    if not os.path.isdir(folder):
        what = "is no folder" if os.path.exists(folder) else "does not exist"
        raise InvalidInput("plan", [Problem("P101", str(folder)[:200], what, "give a folder written by nspl-opt plan")])


def explain_whole(stored: Stored, language: str) -> tuple[str, ...]:
    """The plan in short."""
    from nspl_opt.plan.explain import explain_plan

    return explain_plan(stored.plan, stored.situation, language)


def explain_reasons(stored: Stored, language: str) -> list[str]:
    """If we say no, what one more is worth, prices: titles and sentences; nothing where not asked for."""
    from nspl_opt.plan.why_all import reason_parts

    return [
        line for part in reason_parts(stored.plan, stored.situation, language) for line in ("", part.title, *part.lines)
    ]


def explain_more(stored: Stored, language: str) -> list[str]:
    """What only some plans have, as on the report: titles and rows; nothing where the plan has no such tables."""
    from nspl_opt.report.in_text import sheet_lines
    from nspl_opt.report.more_sheets import more_sections
    from nspl_opt.report.sheets import Source

    source = Source.of(stored.plan, stored.situation, language, stored.reference)
    sheets = [sheet for section in more_sections(source) for sheet in section.sheets]
    return [line for sheet in sheets for line in ("", *sheet_lines(sheet, source.words))]


def find_transfer(stored: Stored, transfer: str) -> Any:
    """The row of a transfer; ``InvalidInput`` when the plan has none of that id."""
    from nspl_opt.plan.card import transfer_row

    return transfer_row(stored.plan, transfer)


def explain_one(stored: Stored, transfer: str, language: str) -> tuple[str, ...]:
    """Why one transfer is in the plan; ``InvalidInput`` when it is not."""
    from nspl_opt.plan.card import explain_transfer

    return explain_transfer(stored.plan, stored.situation, stored.travel, transfer, language).sentences


def write_report(stored: Stored, folder: Path, language: str) -> tuple[Path, Path]:
    """The page and the workbook of a plan; the paths written. Each is put in place when it is whole."""
    from nspl_opt.report.page import render_report
    from nspl_opt.report.workbook import write_workbook

    html = render_report(stored.plan, stored.situation, stored.travel, stored.reference, language)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".report.{secrets.token_hex(4)}"
    page, workbook = folder / f"report.{language}.html", folder / f"report.{language}.xlsx"
    try:
        draft.write_text(html, encoding="utf-8")
        os.replace(draft, page)
        write_workbook(stored.plan, stored.situation, draft, language, stored.reference)
        os.replace(draft, workbook)
    finally:
        draft.unlink(missing_ok=True)
    return page, workbook


def compare_folders(folders: Sequence[Path], language: str) -> tuple[str, dict[str, Any]]:
    """The plans of some folders side by side, as text for people and as data."""
    from nspl_opt.plan.compare import compare_plans
    from nspl_opt.plan.folder import read_plan

    problems, plans = [], []
    for folder in folders:
        try:
            _refuse_unless_folder(folder)
            plans.append((str(folder), read_plan(folder)))
        except InvalidInput as refused:
            problems += refused.problems
    if problems:
        raise InvalidInput("compare", problems)
    found = compare_plans(plans)
    return found.as_text(language), asdict(found)


def describe_models(language: str) -> list[dict[str, Any]]:
    """Name, title, families and goals of every shipped model."""
    from nspl_opt.formulation.catalogue import list_models, load_model

    return [
        {
            "name": name,
            "title": getattr(spec, f"title_{language}"),
            "families": sorted(spec.families),
            "goals": [goal.name for goal in spec.goals],
        }
        for name, spec in ((name, load_model(name)) for name in list_models())
    ]


def describe_model(name: str, language: str) -> dict[str, Any]:
    """One model in full: each family and goal with its options, their values and meaning."""
    from nspl_opt.cli.texts import say
    from nspl_opt.formulation.catalogue import describe, load_model

    spec = load_model(name)
    title = f"title_{language}"
    parts: dict[str, list[dict[str, Any]]] = {}
    for part in describe(spec):
        kind = part.name.partition(".")[0]
        heading = {"goals": say("head.goals", language), "solver": "solver"}.get(kind, say("head.families", language))
        parts.setdefault(heading, []).append(
            {
                "name": part.name,
                "title": getattr(part, title) if kind != "solver" else "",
                "options": [_option(option) for option in part.options],
                "rules": [asdict(rule) for rule in part.rules],
            }
        )
    return {
        "name": spec.name,
        "title": getattr(spec, title),
        "description": getattr(spec, f"description_{language}"),
        "parts": parts,
    }


def _option(option: Any) -> dict[str, Any]:
    value, default = (list(x) if isinstance(x, tuple) else x for x in (option.value, option.default))
    return {
        "name": option.name, "value": value, "default": default, "unit": option.unit, "meaning": option.description,
    }  # fmt: skip


def describe_scenarios(language: str) -> list[dict[str, Any]]:
    """Name, title, marking and folder of every shipped scenario."""
    from nspl_opt.scenario.folder import list_scenarios

    return [
        {"name": one.name, "title": getattr(one, f"title_{language}"), "marking": one.marking, "path": str(one.path)}
        for one in list_scenarios()
    ]


def create_scenario(folder: Path) -> None:
    """A sound little scenario to fill in; ``InvalidInput`` when something stands there already."""
    from nspl_opt.scenario.folder import new_scenario

    new_scenario(folder)


def shipped_population(reference: Path | None, date: str | None) -> tuple[str, dict[str, int], dict[str, str]]:
    """Date, inhabitants and name per region of a reference package."""
    from nspl_opt.cost_share import population_on
    from nspl_opt.reference.package import load_reference

    package = load_reference(reference)
    on, people = population_on(package.population, date)
    return on, people, {region.code: region.name for region in package.regions}
