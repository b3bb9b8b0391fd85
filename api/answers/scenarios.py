"""Scenarios and model files as they are told."""

from __future__ import annotations

from typing import ClassVar

from .base import REGION, Answer, Own


class ScenarioHead(Answer):
    """One version of a scenario. ``marking`` is set by people and stands on everything made from it."""

    id: str
    name: str
    version: int
    title_sv: str
    title_en: str
    marking: str
    sha256: str
    at: str


class ScenarioList(Answer):
    """The latest version of every scenario, by name."""

    scenarios: tuple[ScenarioHead, ...]
    next: str | None


class ScenarioWhole(ScenarioHead):
    """A scenario with its files: name -> text."""

    files: dict[str, str]


class ScenarioTitle(Answer):
    """A scenario behind a published plan, for a region."""

    audiences: ClassVar[frozenset[str]] = REGION
    id: str
    name: str
    version: int
    title_sv: str
    title_en: str
    marking: str


class ScenarioTitles(Answer):
    """Scenarios behind published plans."""

    audiences: ClassVar[frozenset[str]] = REGION
    scenarios: tuple[ScenarioTitle, ...]
    next: str | None


class OwnRows(Own):
    """The rows of one file that are about the region and its hospitals."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ScenarioExtract(ScenarioTitle):
    """What a scenario says about the caller's region."""

    tables: tuple[OwnRows, ...]


class ModelHead(Answer):
    """One version of a model file."""

    id: str
    name: str
    version: int
    sha256: str
    at: str


class ModelList(Answer):
    """The latest version of every model file, by name."""

    models: tuple[ModelHead, ...]
    next: str | None


class ModelWhole(ModelHead):
    """A model file with its text."""

    text: str
