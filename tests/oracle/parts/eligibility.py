"""Eligibility: who may be moved, of those present."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

NAME = "eligibility"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """One of the three rules, oftenest the strictest; where beds are fewest three patients more lie at the start."""
    options = {"who": rng.choice(("arrivals", "arrivals", "arrivals", "unmet", "all"))}
    category, initial = situation.categories[0], situation.initial_micro.copy()
    beds = situation.beds[[bed.code for bed in situation.bed_types].index(category.bed_type), :, 0]
    here = [i for i, site in enumerate(situation.sites) if site.region not in situation.external_regions]
    initial[0, min(here, key=lambda i: beds[i])] += 3_000_000
    initial.setflags(write=False)
    return replace(situation, initial_micro=initial), travel, model | {"families": model["families"] | {NAME: options}}


def add(oracle: Any) -> None:
    """No more leave than have come, with those without care at the end of the period before."""
    who = oracle.families[NAME]["who"]
    if who == "all":
        return
    code = {site["code"]: i for i, site in enumerate(oracle.sites)}
    out: dict[tuple[int, int, int], list] = {}
    for e, transfer in enumerate(oracle.transfers):
        out.setdefault((transfer["k"], code[transfer["origin"]], transfer["t"]), []).append(oracle.x[e])
    for (k, i, t), leaving in sorted(out.items()):
        waiting = []
        if who == "unmet" and t:
            cared = [
                (Fraction(1, oracle.grid), v) for (_, a, j, u), v in oracle.s.items() if (a, j, u) == (k, i, t - 1)
            ]
            waiting = [(Fraction(-1, oracle.grid), oracle.n[k, i, t - 1]), *cared]
        oracle.le([*((Fraction(1), x) for x in leaving), *waiting],
                  Fraction(oracle.c["arrivals_micro"][k][i][t], oracle.micro))  # fmt: skip
