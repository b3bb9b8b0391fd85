"""What else could be done: for each transfer the next best beside the plan, and what it would cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.plan.facts import period_span
from nspl_opt.reasons.neighbourhood import BLOCKS_AFTER, Neighbourhood, Taken, named

TRANSFER, RECEIVER = "transfer", "receiver"
LEAST = 0.005
"""Patients fewer than this are none."""
NOTHING = 1e-6
LONGEST_S = 20.0
"""Longest time of one question [s]."""


def ordered(transfers: pd.DataFrame) -> list[Any]:
    """Transfers in the order in which they are looked into: to be executed first, then the largest, by departure."""
    rows = list(transfers.itertuples())
    return sorted(rows, key=lambda row: (not row.whole, -float(row.patients), int(row.period), row.id))


def asked_cells(near: Neighbourhood, transfer: Any, asked: str) -> np.ndarray:
    """The transfers that a question closes: the one, or all from its sender to its receiver near in time."""
    cell = near.cell_of(transfer)
    if asked == TRANSFER:
        return np.array([cell])
    moves, block = near.inst.moves, near.inst.block
    same = (moves.category == moves.category[cell]) & (moves.origin == moves.origin[cell])
    same &= moves.destination == moves.destination[cell]
    first = block[moves.period[cell]]
    same &= (block[moves.period] >= first) & (block[moves.period] <= first + BLOCKS_AFTER)
    return np.flatnonzero(same & (near.cell_columns >= 0))


def better(one: Taken | None, other: Taken | None) -> Taken | None:
    """The better of two answers: what goes without a receiver goes without one transfer to it as well."""
    if one is None or other is None:
        return one or other
    return other if other.costs < one.costs - NOTHING else one


def answer_rows(
    near: Neighbourhood, transfer: Any, asked: str, taken: Taken | None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of ``alternatives`` and those of ``instead`` for one answer."""
    patients = float(near.moved[asked_cells(near, transfer, asked)].sum())
    row = {"transfer": transfer.id, "asked": asked, "patients": round(patients, 6)}
    if taken is None:
        nothing = dict.fromkeys(("stay", "unmet_change", "hours_change", "transit_change"), 0.0)
        return row | nothing | {"found": "none"}, []
    row |= {
        "stay": round(min(taken.stay, patients), 6) if taken.stay > LEAST else 0.0,
        "unmet_change": round(near.goal(taken.goals, "unmet_care"), 3) + 0.0,
        "hours_change": round(taken.hours, 3) + 0.0,
        "transit_change": round(taken.transit, 3) + 0.0,
        "found": "stopped" if taken.limited else "best",
    }
    rows = []
    for cell in np.flatnonzero(taken.change > LEAST).tolist():
        _, _, to_site, vehicle, period = named(near.living.situation, near.inst, cell)
        rows.append(
            {
                "transfer": transfer.id, "asked": asked, "to_site": to_site, "vehicle_type": vehicle,
                "period": period, "depart": period_span(near.living.situation, period)[0],
                "patients": round(float(taken.change[cell]), 6),
            }
        )  # fmt: skip
    rows.sort(key=lambda one: (one["to_site"], one["vehicle_type"], one["period"]))
    return row, rows
