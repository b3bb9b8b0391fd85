"""A rule of the checker: what it looks at, for which family, and its sentence in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks.case import Case
from nspl_opt.plan.checks.report import Tally


@dataclass(frozen=True, slots=True)
class Rule:
    """``family`` must be in the model for the rule to apply; empty means always.

    ``owns`` are tables of the family: without it, and without every other family that owns them, they are empty.
    """

    check: Callable[[Case], Tally]
    family: str
    sentence_en: str
    sentence_sv: str
    owns: tuple[str, ...] = ()


Value = Callable[[Case, Mapping[str, Any]], Fraction]
"""A goal computed anew from the tables: from the case and the goal's options in the model."""
