"""The model files there are, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nspl_opt.formulation import core
from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.family import Options, RuleText
from nspl_opt.formulation.goals import GOALS
from nspl_opt.formulation.spec import ModelSpec, read_model_file
from nspl_opt.formulation.texts import goal_text, rules_in, rules_of
from nspl_opt.problems import InvalidInput, Problem, did_you_mean
from nspl_opt.shipped import shipped_dir


@dataclass(frozen=True, slots=True)
class OptionText:
    """One option: its value in the model, its default (None where it must be given), unit, meaning."""

    name: str
    value: Any
    default: Any
    unit: str
    description: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a model: a family, a goal or the solver's settings. ``name`` as in ``--set``."""

    name: str
    title_sv: str
    title_en: str
    options: tuple[OptionText, ...]
    rules: tuple[RuleText, ...]


def list_models() -> dict[str, Path]:
    """Shipped model files by name, sorted."""
    return {path.stem: path for path in sorted(shipped_dir("models").glob("*.toml"))}


def load_model(name_or_path: str | Path, overrides: Mapping[str, str] | None = None) -> ModelSpec:
    """A shipped model by name, or a model file by its path."""
    models = list_models()
    if str(name_or_path) in models:
        return read_model_file(models[str(name_or_path)], overrides)
    path = Path(name_or_path)
    if path.suffix == ".toml" or path.exists():
        return read_model_file(path, overrides)
    remedy = did_you_mean(str(name_or_path), models)
    raise InvalidInput("model", [Problem("M100", f"--model {name_or_path}", "there is no such model", remedy)])


def describe(spec: ModelSpec) -> tuple[Part, ...]:
    """Every part of a model in words: the core, its families in catalogue order, its goals in order, the solver.

    A family has a rule text for each of its rules, a goal one that says what it counts.
    """
    parts = [Part("core", "Patienter", "Patients", (), rules_in(core, "core"))]
    for name, family in FAMILIES.items():
        if name in spec.families:
            options = _option_texts(spec.families[name])
            parts.append(Part(f"families.{name}", family.title_sv, family.title_en, options, rules_of(family)))
    for chosen in spec.goals:
        goal = GOALS[chosen.name]
        text = goal_text(goal.name, goal.parts, goal.unit)
        parts.append(Part(f"goals.{goal.name}", goal.title_sv, goal.title_en, _option_texts(chosen), (text,)))
    return (*parts, Part("solver", "Lösare", "Solver", _option_texts(spec.solver), ()))


def _option_texts(options: Options) -> tuple[OptionText, ...]:
    found = []
    for name, field in type(options).model_fields.items():
        if name != "name":
            words = field.description or ""
            unit = re.search(r"\[(.+?)\]", words)
            default = None if field.is_required() else field.default
            found.append(OptionText(name, getattr(options, name), default, unit.group(1) if unit else "", words))
    return tuple(found)
