"""What later parts of a scenario are made of: tables beside ``scenario.toml``, and the scene they are brought to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nspl_opt.problems import Problem
from nspl_opt.reference.reference import CareCategory, Reference
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.situation import Period, PlanningSite
from nspl_opt.tables import Contract, Row


@dataclass(frozen=True)
class Scene:
    """The situation while it is made: places and periods stand, categories and figures may still be changed."""

    reference: Reference
    scenario: Scenario
    level: str
    geography: Geography
    periods: tuple[Period, ...]
    sites: tuple[PlanningSite, ...]
    group: tuple[int, ...]
    """For each hospital of ``geography`` the index of its site."""
    categories: tuple[CareCategory, ...]
    by_hospital: Mapping[str, np.ndarray]
    """Name of an array of ``Situation`` -> the array with hospitals instead of sites."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Fields of ``Situation`` that are settled already."""

    def rows(self, key: str) -> tuple[Any, ...]:
        """The rows of the scenario's tables of this key, sorted."""
        return tuple(self.scenario.extra.get(key, ()))

    def sites_of(self, *places: str) -> tuple[str, ...]:
        """Codes of the planning sites that regions, hospitals or ``all`` stand for, sorted; no place: everywhere."""
        hospitals = {site.code for site in self.geography.hospitals_of_all(places)}
        return tuple(site.code for site in self.sites if hospitals & set(site.hospitals))

    def to_sites(self, array: np.ndarray) -> np.ndarray:
        """Hospitals (axis 1) added up to sites; the result is read-only int64."""
        out = np.zeros((array.shape[0], len(self.sites), *array.shape[2:]), dtype=np.int64)
        for hospital, site in enumerate(self.group):
            out[:, site] += array[:, hospital]
        out.setflags(write=False)
        return out


@dataclass(frozen=True, slots=True)
class Extra:
    """A kind of table that a scenario may name: ``[[key]] file=, basis=, source=``.

    ``row`` makes what is kept of a row (it sorts), telling what is wrong in it; ``check`` holds the rows against the
    reference package (codes S4..); ``resolve`` gives fields of ``Situation``.
    """

    key: str
    contract: Contract
    row: Callable[[Row, list[Problem]], Any]
    check: Callable[[Reference, Scenario, tuple], Iterable[Problem]] | None = None
    resolve: Callable[[Scene, tuple], Mapping[str, Any]] | None = None
