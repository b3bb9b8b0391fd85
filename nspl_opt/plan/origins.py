"""Who the patients of each region are, by class of origin: worked out after the plan, which it never changes.

Whoever moves, leaves or goes on is of the classes that are there, in proportion; whole millionths by largest
remainder, so that the classes always add up to the census.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.instance.instance import Instance
from nspl_opt.plan.parts.tables_places import TABLES_HERE
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.shares import share_out

FLOWS = ("arrived", "moved_out", "moved_in", "discharged", "present")
CIVILIAN = "civilian"


def origins_table(inst: Instance, decisions: Any) -> pd.DataFrame:
    """One row per period, region, category and class with anyone in it; patients, sums of the census."""
    situation = inst.situation
    classes = sorted(situation.origin_micro)
    by_class = _Course(inst, decisions, classes).followed()
    regions = [region.code for region in situation.regions]
    names = [column.name for column in TABLES_HERE["origins"]]
    found = []
    for t, period in enumerate(situation.periods):
        start = (situation.start + timedelta(hours=period.start_h)).isoformat(timespec="minutes")
        for r, sites in enumerate(inst.region_sites):
            here = by_class[:, :, :, list(sites), t].sum(axis=3)
            for k, category in enumerate(situation.categories):
                for c, origin in enumerate(classes):
                    if (numbers := here[:, c, k]).any():
                        figures = (number / MICRO for number in numbers.tolist())
                        found.append((t, start, regions[r], category.code, origin, *figures))
    found.sort(key=lambda row: (row[0], row[2], row[3], row[4]))
    return pd.DataFrame(found, columns=names)


class _Course:
    """Follows the classes period by period, as the census was."""

    def __init__(self, inst: Instance, decisions: Any, classes: list[str]) -> None:
        self.inst, self.decisions, self.classes = inst, decisions, classes
        self.found = np.zeros((len(FLOWS), len(classes), *inst.arrivals.shape), dtype=np.int64)
        self.there = np.zeros((len(classes), *inst.arrivals.shape[:2]), dtype=np.int64)
        self.there[classes.index(CIVILIAN)] = inst.situation.initial_micro
        moves = inst.moves
        self.cells: list[list[int]] = [[] for _ in inst.hours]
        for number in np.flatnonzero(decisions.move).tolist():
            self.cells[int(moves.period[number])].append(number)

    def followed(self) -> np.ndarray:
        """(flow, class, category, site, period) patients [1e-6]; the flows are ``FLOWS``."""
        arrived, out, into, left, present = self.found
        moves, move = self.inst.moves, self.decisions.move
        for c, origin in enumerate(self.classes):
            arrived[c] = self.inst.situation.origin_micro[origin]
        for t in range(len(self.inst.hours)):
            left[..., t] = self._leave(t)
            self.there += arrived[..., t]
            for n in self.cells[t]:
                k, i, j = (int(axis[n]) for axis in (moves.category, moves.origin, moves.destination))
                mix = self._parts(int(move[n]), self.there[:, k, i])
                self.there[:, k, i] -= mix
                out[:, k, i, t] += mix
                into[:, k, j, int(moves.arrival[n])] += mix
            self.there += into[..., t]
            present[..., t] = self.there
        return self.found

    def _leave(self, t: int) -> np.ndarray:
        """(class, category, site) who leaves care; who only goes on to another category stays there in it."""
        flows = self.decisions.flows
        gone = np.zeros(self.there.shape, dtype=np.int64)
        whole = flows["discharged"][:, :, t] + flows["stepped_out"][:, :, t]
        for k, i in np.argwhere(whole).tolist():
            gone[:, k, i] = self._parts(int(whole[k, i]), self.there[:, k, i])
        self.there -= gone
        rest, came = gone.copy(), np.zeros_like(gone)
        for step in self.inst.steps:
            one = step.category
            for i in np.flatnonzero(whole[one]).tolist():
                left = int(rest[:, one, i].sum())
                some = min(_rounded(int(whole[one, i]) * step.share_micro), left)
                mix = self._parts(some, rest[:, one, i])
                rest[:, one, i] -= mix
                came[:, step.next, i] += mix
        self.there += came
        return rest

    def _parts(self, amount: int, mix: np.ndarray) -> np.ndarray:
        """An amount split as the mix is; where nobody is known to be there, all of it civilian."""
        weights = np.maximum(mix, 0)
        if not weights.any():
            weights = np.array([origin == CIVILIAN for origin in self.classes], dtype=np.int64)
        return np.array(share_out(amount, weights.tolist()), dtype=np.int64)


def _rounded(product: int) -> int:
    """Millionths of millionths to millionths, halves to the even neighbour."""
    quotient, rest = divmod(product, MICRO)
    return quotient + (2 * rest > MICRO or (2 * rest == MICRO and quotient % 2 == 1))
