"""Spoiled surge units: a cell, a row, or units opened otherwise with every figure that follows from it."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from typing import Any

import pandas as pd

from nspl_opt.plan.plan import Plan
from nspl_opt.scenario.situation import Situation

from ...formulation.small import planned
from ...formulation.test_surge import five, unit
from .making import Spoil, added, added_whole, changed, dropped, row_of, shifted, with_table

MODEL = {"beds": {}, "surge": {"stay_open": True, "notice_h": 24}}
Counts = list[int]


@cache
def sound() -> tuple[Plan, Situation, Any]:
    """Four blocks. Line 0 opens in two of them and then closes never; line 1 is for crises; line 2 is quick to tire."""
    units = (
        unit(4, 4, units=2, longest_h=72, teardown_h=24),
        unit(3, 4, stage=2, standard="crisis"),
        unit(2, 4, stage=3, lead_h=24, longest_h=24, teardown_h=48),
    )
    case = five((24,) * 4, *units, crisis=[False, False, True, True], patients=11)
    made = planned(case, MODEL).made
    return made.plan, case.situation, case.travel


def _again(line: int, count: Counts, opened: Counts, beds: float) -> Spoil:
    """Other units of a line, block by block; closings follow."""

    def spoil(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        frame, one = plan.tables["surge_units"], situation.surge_units[line]
        starts = plan.tables["census"].groupby("period")["start"].first().tolist()
        rows = []
        for d, (many, new) in enumerate(zip(count, opened, strict=True)):
            closed = (count[d - 1] if d else 0) + new - many
            if many or new or closed:
                rows.append((line, d, starts[d], "A", "a", "icu", one.stage, many, new, closed, many * beds))
        kept = frame[frame["unit"] != line]
        both = pd.concat([kept, pd.DataFrame(rows, columns=frame.columns)]).sort_values(["unit", "block"])
        return with_table(plan, "surge_units", both)

    return spoil


def _elsewhere(column: str, value: object) -> Callable[..., Plan]:
    def spoil(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        return changed(plan, "surge_units", row_of(plan, "surge_units", rng), **{column: value})

    return spoil


KINDS_HERE: dict[str, Spoil] = {
    "unit_open": added_whole("surge_units", "units", (-1, 1, 5)),
    "unit_opened": added_whole("surge_units", "opened", (-1, 1)),
    "unit_closed": added_whole("surge_units", "closed", (-1, 1)),
    "unit_beds": added("surge_units", "beds", (0.001, 1.0)),
    "unit_forgotten": dropped("surge_units", "units"),
    "unit_of_no_line": _elsewhere("unit", 7),
    "unit_of_another_stage": _elsewhere("stage", 9),
    "unit_of_another_type": _elsewhere("bed_type", "ward"),
    "unit_start": shifted("surge_units", "start"),
}
DEEP_HERE: dict[str, tuple[Spoil, str]] = {
    "unit_from_nowhere": (_again(0, [0, 2, 2, 3], [0, 2, 0, 1], 2.0), "surge.course"),
    "unit_before_its_notice": (_again(0, [2, 2, 2, 2], [2, 0, 0, 0], 2.0), "surge.lead"),
    "unit_where_locked": (_again(1, [0, 1, 1, 1], [0, 1, 0, 0], 3.0), "surge.unlocked"),
    "unit_open_too_long": (_again(2, [0, 0, 1, 1], [0, 0, 1, 0], 2.0), "surge.longest_time"),
    "unit_again_too_soon": (_again(2, [0, 0, 1, 1], [0, 0, 1, 1], 2.0), "surge.teardown_time"),
    "unit_that_did_not_stay": (_again(0, [0, 2, 1, 1], [0, 2, 0, 0], 2.0), "surge.stays"),
    "unit_too_few": (_again(0, [0, 0, 0, 0], [0, 0, 0, 0], 2.0), "beds.capacity"),
}
"""Kind -> spoil and the rule that must tell."""
