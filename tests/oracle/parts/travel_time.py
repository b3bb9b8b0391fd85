"""Travel time: no journey is longer than the category's longest, times a factor."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

NAME = "travel_time"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """So strict that some journeys are too long."""
    options = {"longest_journey_factor": rng.choice((0.25, 0.5, 1.0, 1.0, 1.0)), "nearest": 10, "largest": 10}
    return situation, travel, model | {"families": model["families"] | {NAME: options}}


def prepare(oracle: Any) -> None:
    """Minutes are compared with whole minutes: the limit is rounded down."""
    factor = Fraction(str(oracle.families[NAME]["longest_journey_factor"]))
    limits = [math.floor(category["longest_journey_min"] * factor) for category in oracle.c["categories"]]
    oracle.refuse.append(lambda k, journey, t: journey["minutes"] > limits[k])


def add(oracle: Any) -> None:
    """Nothing more."""
