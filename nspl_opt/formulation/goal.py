"""What a goal is: a named expression with a unit that is made as small as it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, Entries, terms_of
from nspl_opt.formulation.family import Options, Symbol
from nspl_opt.instance.instance import Instance


class GoalOptions(Options):
    """How much of a goal later goals may give back."""

    name: str
    slack_share: float = Field(0.0, ge=0, le=1, description="share of the value that later goals may give back")
    slack: float = Field(0.0, ge=0, le=1e9, description="amount that later goals may give back, in the goal's unit")


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: name, titles, unit, least gap that matters (absolute), options, terms.

    ``requires`` are the families without which it has nothing to count; ``symbols``, ``notes`` (paragraphs) and
    ``sources`` are for the page of mathematics.
    """

    name: str
    title_sv: str
    title_en: str
    unit: str
    tolerance: float
    options: type[GoalOptions]
    parts: Callable[[pyo.ConcreteModel, Instance, Any], list[Entries]]
    requires: tuple[str, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def terms(self, m: pyo.ConcreteModel, inst: Instance, options: Any) -> tuple[list[tuple[float, Any]], float]:
        """Factor and variable of every term, and the constant, which is 0."""
        return terms_of(self.parts(m, inst, options)), 0.0


def sum_of(columns: Columns, factors: Any, at: np.ndarray | None = None) -> Entries:
    """``factors`` times the variables (numbers ``at``, or all), as a part of a goal."""
    at = np.arange(len(columns)) if at is None else at
    return Entries(columns, np.zeros(len(at), dtype=np.int64), at, np.broadcast_to(factors, len(at)).astype(float))
