"""A scenario as read: the file, its tables, and the hash of every byte that was read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nspl_opt.scenario.grid import parse_grid
from nspl_opt.scenario.schema import LONGEST_HORIZON_H, ScenarioFile


@dataclass(frozen=True, slots=True, order=True)
class Arrivals:
    """Patients who come evenly between two hours to a region or site. ``where`` is the row's address.

    It is known ``notice_h`` [h] before ``from_h`` that they come.
    """

    from_h: int
    to_h: int
    place: str
    category: str
    origin_class: str
    patients_micro: int
    where: str
    notice_h: int = LONGEST_HORIZON_H


@dataclass(frozen=True, slots=True, order=True)
class Present:
    """Patients who are there at the start, at a region or site."""

    place: str
    category: str
    patients_micro: int
    where: str


@dataclass(frozen=True)
class Scenario:
    """What happens: the content of ``scenario.toml`` and of the CSV files it names. Rows are sorted."""

    file: ScenarioFile
    file_name: str
    directory: Path
    demand: tuple[Arrivals, ...]
    initial: tuple[Present, ...]
    inject_arrivals: Mapping[str, tuple[Arrivals, ...]]
    """Inject name -> its rows, for the injects of kind ``arrivals``."""
    hashes: Mapping[str, str]
    """Relative file name -> SHA-256 of what was read."""
    extra: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Key of an ``Extra`` -> the rows of its tables."""

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.file.name

    def with_file(self, **changes: object) -> Scenario:
        """The same scenario with other content in ``scenario.toml``; tables stay as they are."""
        return dataclasses.replace(self, file=self.file.model_copy(update=changes))

    def on_grid(self, grid: str | None) -> Scenario:
        """The same scenario in other periods, ``growing``, ``12`` or ``6x8,12x4,24x3``; None leaves it as it is.

        What happens is told by the hour and stays the same. InvalidInput ``S111`` when it is no such grid.
        """
        if grid is None:
            return self
        return self.with_file(grid=parse_grid(grid, self.file.horizon_h, self.file_name), days=None)
