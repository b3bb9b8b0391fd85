"""The page of mathematics, written from what families, rules and goals say of themselves.

A paragraph of theirs stands on one line: broken anywhere, a line could begin with a plus and become a list.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from nspl_opt.formulation import core
from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.family import Family, Options, RuleText, Symbol
from nspl_opt.formulation.goal import Goal, GoalOptions
from nspl_opt.formulation.goals import GOALS
from nspl_opt.formulation.spec import SolverOptions
from nspl_opt.formulation.texts import goal_text, rules_in, rules_of, rules_under

SIGNS = {"Ge": "≥", "Gt": ">", "Le": "≤", "Lt": "<"}


def write_page(frames: Path) -> str:
    """The whole page, in Markdown.

    ``frames`` is the directory of what is written by hand: ``sets.md``, ``core.md``, ``offered.md``, ``goals.md``,
    ``solver.md`` and ``refused.md``, each taken in as it stands.
    """

    def frame(name: str) -> str:
        return (frames / f"{name}.md").read_text(encoding="utf-8").strip()

    parts = [frame("sets"), "## Core", *_rules(rules_in(core, "core")), frame("core")]
    for family in FAMILIES.values():
        parts += _family(family)
    every = [name for name in GoalOptions.model_fields if name != "name"]
    parts += [frame("offered"), frame("goals"), *_options(GoalOptions, every), _goals()]
    for goal in GOALS.values():
        parts += _goal(goal)
    parts += [frame("solver"), *_options(SolverOptions), frame("refused")]
    return "\n\n".join(part for part in parts if part) + "\n"


def _family(family: Family) -> list[str]:
    needs = f"Needs {_several(family.requires)}." if family.requires else ""
    return [
        f"## {family.name}: {family.title_en}", needs, _symbols(family.symbols), *_rules(rules_of(family)),
        *family.notes, *_options(family.options), _sources(family.sources),
    ]  # fmt: skip


def _goal(goal: Goal) -> list[str]:
    text = goal_text(goal.name, goal.parts, goal.unit)
    needs = f"Needs {_several(goal.requires)}." if goal.requires else ""
    own = [name for name in goal.options.model_fields if name not in GoalOptions.model_fields]
    return [
        f"### {goal.name}: {goal.title_en}", f"{text.sentence} In {goal.unit}.", _equation(text.equation), needs,
        _symbols(goal.symbols), *_rules(rules_under(goal.parts, goal.name)), *goal.notes,
        *_options(goal.options, own), _sources(goal.sources),
    ]  # fmt: skip


def _goals() -> str:
    rows = [
        (f"[{goal.name}](#{_anchor(f'{goal.name}: {goal.title_en}')})", goal.title_en, goal.unit, f"{goal.tolerance:g}")
        for goal in GOALS.values()
    ]
    return _table(("goal", "counts", "unit", "tolerance"), rows)


def _anchor(heading: str) -> str:
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def _rules(rules: Iterable[RuleText]) -> list[str]:
    return [f"* **{rule.name}** [{rule.unit}] {rule.sentence}\n\n{_equation(rule.equation, '  ')}" for rule in rules]


def _equation(equation: str, indent: str = "") -> str:
    return textwrap.indent(f"```math\n{equation}\n```", indent) if equation else ""


def _symbols(symbols: Sequence[Symbol]) -> str:
    rows = [(f"${one.latex}$", one.meaning, one.unit, one.kind) for one in symbols]
    return _table(("symbol", "meaning", "unit", "kind"), rows) if rows else ""


def _options(options: type[Options], chosen: Sequence[str] | None = None) -> list[str]:
    """The options in a table: all of them, or those that are ``chosen``."""
    fields = options.model_fields if chosen is None else {name: options.model_fields[name] for name in chosen}
    rows = [(f"`{name}`", _default(field), _range(field), field.description or "") for name, field in fields.items()]
    return [_table(("option", "default", "values", "meaning"), rows)] if rows else []


def _default(field: FieldInfo) -> str:
    return "must be given" if field.is_required() else _value(field.default)


def _value(value: Any) -> str:
    """A value as a model file writes it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float):
        return f"{value:.0f}" if value == int(value) else f"{value:g}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _range(field: FieldInfo) -> str:
    """What the option may be: limits, choices, or the kind of value."""
    codes = (field.json_schema_extra or {}).get("codes") if isinstance(field.json_schema_extra, dict) else None
    limits = [*_choices(field.annotation), *_limits(field.metadata)]
    return f"codes of {codes.replace('_', ' ')}" if codes else ", ".join(limits)


def _limits(metadata: Iterable[Any]) -> list[str]:
    """Limits as pydantic keeps them, those inside a nested field too."""
    found = []
    for one in metadata:
        sign = SIGNS.get(type(one).__name__)
        if sign:
            found.append(f"{sign} {_value(getattr(one, type(one).__name__.lower()))}")
        found += _limits(getattr(one, "metadata", ()))
    return found


def _choices(kind: Any) -> list[str]:
    """What the type says besides numbers: words, true or false, nothing."""
    if kind is bool:
        return ["true", "false"]
    if kind is NoneType:
        return ["none"]
    if kind is int:
        return ["whole"]
    if get_origin(kind) is Literal:
        return [_value(word) for word in get_args(kind)]
    inner = [limit for part in get_args(kind) for limit in _choices(part)] if _joins(kind) else []
    return [*_limits(getattr(kind, "__metadata__", ())), *inner]


def _joins(kind: Any) -> bool:
    return isinstance(kind, UnionType) or getattr(get_origin(kind), "__name__", "") in ("Union", "UnionType")


def _sources(sources: Sequence[str]) -> str:
    return "Sources: " + " · ".join(sources) if sources else ""


def _several(names: Sequence[str]) -> str:
    return " and ".join(f"[{name}](#{_anchor(f'{name}: {FAMILIES[name].title_en}')})" for name in names)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
