"""Spoiled groups: a cell, a row, or a group that is parted, late or sent on."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from nspl_opt.plan.plan import Plan
from nspl_opt.scenario.situation import Situation

from ...formulation.small import planned
from ...formulation.test_single_source import four
from .making import Spoil, added, changed, dropped, row_of

MODEL = {"beds": {}, "single_source": {"deadline_h": 24}}


@cache
def sound() -> tuple[Plan, Situation, Any]:
    """The group comes on the second of four days and moves to syd."""
    case = four((24,) * 4, period=1)
    made = planned(case, MODEL).made
    return made.plan, case.situation, case.travel


def _cell(table: str, **cells: object) -> Spoil:
    def spoil(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        return changed(plan, table, row_of(plan, table, rng), **cells)

    return spoil


KINDS_HERE: dict[str, Spoil] = {
    "group_elsewhere": _cell("groups", to_site="ost"),
    "group_from_elsewhere": _cell("groups", from_site="ost"),
    "group_later": _cell("groups", period=2),
    "group_patients": added("groups", "patients", (-1.0, 1.0)),
    "group_unknown": _cell("groups", group="none"),
    "group_forgotten": dropped("groups"),
}
DEEP_HERE: dict[str, tuple[Spoil, str]] = {
    "group_parted": (_cell("transfers", patients=3.0), "single_source.together"),
    "group_sent_from_elsewhere": (_cell("transfers", from_site="ost", from_region="o"), "single_source.deadline"),
    "group_too_late": (_cell("transfers", period=3, arrival_period=3), "single_source.deadline"),
    "group_too_early": (_cell("transfers", period=0, arrival_period=0), "single_source.deadline"),
}
"""Kind -> spoil and the rule that must tell."""
