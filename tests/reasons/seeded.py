"""A conflict made on purpose, and what is found when it is looked into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.reasons.conflicts import Conflict, find_conflict

from ..formulation.small import Case, model, solve_here

FIRST = "agreements_broken"


@dataclass(frozen=True)
class Seeded:
    """A conflict made on purpose: ``cause`` in words, ``ways`` the smallest sets that must give way, all of them."""

    name: str
    cause: str
    case: Callable[[], Case]
    wishes: Mapping[str, float]
    ways: tuple[tuple[str, ...], ...]
    families: Mapping[str, Any] = field(default_factory=lambda: {"beds": {}})
    open_roads: Callable[[Case], Callable[[Any], Any]] | None = None

    def found(self) -> Conflict | None:
        """What is found."""
        case = self.case()
        goals = [{"name": name, "at_most": float(limit)} for name, limit in self.wishes.items()]
        if "unmet_care" not in self.wishes:
            goals.insert(0, {"name": "unmet_care"})
        if "offers" in self.families:  # what is agreed comes first
            goals.sort(key=lambda goal: goal["name"] != FIRST)
            goals = goals if goals[0]["name"] == FIRST else [{"name": FIRST}, *goals]
        spec = model_from_dict(model(self.families, goals))
        travel_of = self.open_roads(case) if self.open_roads else None
        with patch("nspl_opt.pipeline.solve", solve_here):
            return find_conflict(case.situation, case.travel, spec, travel_of)
