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
    at_most: float | None = Field(
        None, ge=0, le=1e9, description="hard limit in the goal's unit; it may leave no plan. Left out: no limit"
    )


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: name, titles, unit, least gap that matters (absolute), options, terms.

    A goal with ``levels`` is minimised level by level, from 1 to ``levels(options)``, and its ``parts`` take the
    level as fourth argument. A goal ``ahead`` keeps what has been agreed: it comes before the main goal.
    ``acts(situation)`` says whether there is anything to aim at; where there is not, its turn is left out.
    ``requires`` are the families without which it has nothing to count; ``symbols``, ``notes`` (paragraphs) and
    ``sources`` are for the page of mathematics.
    """

    name: str
    title_sv: str
    title_en: str
    unit: str
    tolerance: float
    options: type[GoalOptions]
    parts: Callable[..., list[Entries]]
    requires: tuple[str, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    ahead: bool = False
    levels: Callable[[Any], int] | None = None
    acts: Callable[[Any], bool] | None = None

    def terms(self, m: pyo.ConcreteModel, inst: Instance, options: Any) -> tuple[list[tuple[float, Any]], float]:
        """Factor and variable of every term, and the constant, which is 0."""
        return terms_of(self.parts(m, inst, options)), 0.0


@dataclass(frozen=True, slots=True)
class Stage:
    """What is minimised in one turn: a goal, or one level of it.

    ``label`` names it in plans: the goal's name, with the level where the goal has levels (``load_levels:2``).
    ``level`` is 0 where it has none.
    """

    label: str
    goal: Goal
    options: GoalOptions
    level: int = 0

    def entries(self, m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
        """The terms of its sum; what it counts by is added to the model."""
        return self.goal.parts(m, inst, self.options, *([self.level] if self.level else []))


def sum_of(columns: Columns, factors: Any, at: np.ndarray | None = None) -> Entries:
    """``factors`` times the variables (numbers ``at``, or all), as a part of a goal."""
    at = np.arange(len(columns)) if at is None else at
    return Entries(columns, np.zeros(len(at), dtype=np.int64), at, np.broadcast_to(factors, len(at)).astype(float))
