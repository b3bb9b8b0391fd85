"""Areas: while the border is closed, no transfer and no loan leaves its area."""

from __future__ import annotations

import random
from typing import Any

NAME = "areas"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Civil areas with a closed border or an open one."""
    options = {"grouping": "civil_area", "border": rng.choice(("open", "closed"))}
    return situation, travel, model | {"families": model["families"] | {NAME: options}}


def prepare(oracle: Any) -> None:
    """Transfers and loans across a closed border are not there."""
    options = oracle.families[NAME]
    if options["border"] == "open":
        return
    region = oracle.region

    def apart(one: str, other: str) -> bool:
        return not oracle.same_area(options["grouping"], one, other)

    oracle.refuse.append(lambda k, journey, t: apart(region[journey["origin"]], region[journey["destination"]]))
    oracle.shut.append(apart)


def add(oracle: Any) -> None:
    """Nothing more."""
