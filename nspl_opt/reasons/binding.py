"""What binds: rows without room for one more near a transfer, and what one unit more of a row would save."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nspl_opt.plan.facts import period_span
from nspl_opt.reasons.labels import Labels
from nspl_opt.reasons.neighbourhood import Neighbourhood
from nspl_opt.solver import highs as hs
from nspl_opt.solver.fixed import FixedPlan

TIGHT = 0.05
"""Room [beds, people, patients] that is none."""
NO_PRICE = 0.005
"""Weighted patient-hours per unit that are not worth telling."""
NOT_TOLD = ("core.", "wishes.")
"""Rules that say what patients are, not what there is too little of."""
NO_GOODS = (*NOT_TOLD, "batching.", "single_source.", "surge.", "stability.", "offers.kept", "offers.no_more")
"""Rules of which one unit more is nothing to be had: they have no price."""


class Binding:
    """The rows near the transfers of a plan, and which of them bind."""

    def __init__(self, near: Neighbourhood) -> None:
        self.near, self.labels = near, Labels(near.living)
        parts = near.fixed.parts
        self.by_column = near.rows.tocsc()
        self.limits = np.isfinite(parts["row_upper"]) & (parts["row_lower"] != parts["row_upper"])
        self.slack = parts["row_upper"] - near.rows @ near.plan

    def rows(self, transfer: Any) -> list[dict[str, Any]]:
        """Rows of the table ``binding`` of one transfer."""
        found: dict[tuple, dict[str, Any]] = {}
        for end, columns in self._ends(self.near.cell_of(transfer)):
            for row in self._tight(columns):
                label = self.labels.of(row)
                if label.rule.startswith(NOT_TOLD):
                    continue
                key = (transfer.id, end, label.rule, label.period, label.place, label.what)
                slack = round(max(float(self.slack[row]), 0.0), 6)
                if key not in found or slack < found[key]["slack"]:
                    names = ("transfer", "end", "rule", "period", "place", "what")
                    unit = self.labels.unit(label.rule)
                    found[key] = dict(zip(names, key, strict=True)) | {"slack": slack, "unit": unit}
        return [found[key] for key in sorted(found)]

    def _ends(self, cell: int) -> Iterable[tuple[str, np.ndarray]]:
        """Columns of care at the two ends, and those of the journey."""
        moves, near = self.near.inst.moves, self.near
        k, run, t = int(moves.category[cell]), int(moves.run[cell]), int(moves.period[cell])
        trips, runs, periods = near.trip_columns
        ride = trips[(runs == run) & (periods == t)]
        yield "journey", np.append(near.cell_columns[[cell]], ride)
        yield "receiver", near.care_columns(k, int(moves.destination[cell]), int(moves.arrival[cell]))
        yield "sender", near.care_columns(k, int(moves.origin[cell]), t)

    def _tight(self, columns: np.ndarray) -> list[int]:
        """Rows in which one more of a column has no room: of what is whole a whole one, of care hardly any."""
        tight: set[int] = set()
        for column in columns[columns >= 0].tolist():
            span = slice(self.by_column.indptr[column], self.by_column.indptr[column + 1])
            rows, amounts = self.by_column.indices[span], self.by_column.data[span]
            least = amounts - 1e-6 if self.near.fixed.whole[column] else np.full(len(rows), TIGHT)
            short = self.limits[rows] & (amounts > 0) & (self.slack[rows] < least)
            tight.update(rows[short].tolist())
        return sorted(tight)


def price_rows(near: Neighbourhood, seconds: float) -> list[dict[str, Any]] | None:
    """Rows of the table ``prices``: from the duals with whole numbers fixed; None when time ran out."""
    until = hs.now() + seconds
    parts, spec = near.fixed.parts, near.living.spec
    nothing = np.zeros(len(near.plan), dtype=bool)
    try:
        free = FixedPlan(parts, spec.solver.model_dump(), near.plan, nothing, until)
    except hs.SolverFault:
        return None
    prices = free.prices(until)
    if prices is None:
        return None
    labels, found = Labels(near.living), {}
    for row in np.flatnonzero(prices >= NO_PRICE).tolist():
        label = labels.of(row)
        if not label.rule.startswith(NO_GOODS):
            found[label] = found.get(label, 0.0) + float(prices[row])
    return [
        {
            "rule": label.rule, "period": label.period,
            "start": period_span(near.living.situation, label.period)[0],
            "place": label.place, "what": label.what, "price": round(price, 3), "unit": labels.unit(label.rule),
        }
        for label, price in sorted(found.items())
    ]  # fmt: skip
