"""Stays and care paths: who leaves a category after a fixed stay goes home or on to another one."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

NAME = "care_paths"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """All who are cared for leave after a period, in one category or in both; half of intensive care goes on."""
    import numpy as np

    from nspl_opt.scenario.parts import CarePath

    codes = [category.code for category in situation.categories if not category.parent]
    share = {code: rng.choice((0, 1_000_000)) if code == "ward" else 1_000_000 for code in codes}
    leaves = [share.get(category.code, 0) for category in situation.categories]  # of a group nobody leaves
    grid = np.repeat(np.array(leaves, dtype=np.int64)[:, None], len(situation.periods), axis=1)
    grid.setflags(write=False)
    paths = (CarePath("icu", "ward", 500_000),) if len(codes) == 2 else ()
    families = model["families"] | {NAME: {"share_factor": rng.choice((0.5, 1.0))}}
    return replace(situation, leave_micro=grid, paths=paths), travel, model | {"families": families}


def prepare(oracle: Any) -> None:
    """Who leaves one category and comes to another; the next stage of a stay binds in any case."""
    codes = [category["code"] for category in oracle.c["categories"]]
    factor = Fraction(str(oracle.families[NAME]["share_factor"]))
    for path in oracle.c["paths"]:
        share = Fraction(path["share_micro"], oracle.micro) * (1 if path["stage"] else factor)
        oracle.flows[codes.index(path["next"])].append((codes.index(path["category"]), share))


def add(oracle: Any) -> None:
    """Nothing more: the balance counts them."""
