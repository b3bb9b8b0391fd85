"""Staff: people on duty, and the crisis standard where somebody has unlocked it. The rows stand in ``staffing``."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

NAME = "staff"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Few people, and some periods at some sites in which the crisis standard may be used."""
    import numpy as np

    unlocked = np.array([[rng.random() < 0.6 for _ in situation.periods] for _ in situation.sites], dtype=bool)
    staff = np.maximum(situation.staff // rng.choice((1, 2, 3)), situation.planned_staff[:, :, None])
    for grid in (unlocked, staff):
        grid.setflags(write=False)
    categories = tuple(
        replace(category, staff_micro={**category.staff_micro, "crisis": {"nurse": 1_000_000 // rng.choice((4, 8))}})
        if rng.random() < 0.8 else category
        for category in situation.categories
    )  # fmt: skip
    options = {"contingency": rng.random() < 0.7, "within_region_share": 0.25, "crisis": rng.random() < 0.8}
    families = model["families"] | {NAME: options}
    return (replace(situation, crisis_open=unlocked, staff=staff, categories=categories), travel,
            model | {"families": families})  # fmt: skip


def add(oracle: Any) -> None:
    """Nothing more."""


def used(answer: dict[str, Any]) -> bool:
    """Whether anybody is cared for by the crisis standard."""
    return any(row[0] == 2 for row in answer["cared"])
