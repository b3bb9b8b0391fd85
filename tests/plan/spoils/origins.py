"""Patients by class of origin: left out, added, or turned into others."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import numpy as np

from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation

from ...formulation.small import planned, small
from .making import Spoil, added, changed, dropped, row_of


@cache
def sound() -> tuple[Plan, Situation, Any]:
    """Of six who come to norr two are military; four find a bed in syd."""
    case = small({"norr": "n", "syd": "s"}, hours=(24, 24), beds={("icu", "syd"): 4}, arrivals={("icu", "norr"): 3},
                 initial={("icu", "norr"): 1})  # fmt: skip
    military = np.array([[[1 * MICRO, 1 * MICRO], [0, 0]]])
    case = case.having(origin_micro={"civilian": case.situation.arrivals_micro - military, "military": military})
    made = planned(case).made
    return made.plan, case.situation, case.travel


def _others(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    row = row_of(plan, "origins", rng)
    other = {"civilian": "military", "military": "civilian"}[plan.tables["origins"].loc[row, "origin_class"]]
    return changed(plan, "origins", row, origin_class=other)


KINDS_HERE: dict[str, Spoil] = {
    "a class of patients left out": dropped("origins"),
    "more of a class than there are": added("origins", "present", (1.0, 0.25, -0.25)),
    "more of a class moved": added("origins", "moved_out", (1.0, 0.25)),
    "patients of another class": _others,
}
DEEP_HERE: dict[str, tuple[Spoil, str]] = {}
