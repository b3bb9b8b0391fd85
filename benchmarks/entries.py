"""The national model once more, as arrays: every rule a list of (row, column, coefficient), straight from an instance.

Only for comparing builders. It states the rules of docs/mathematics.md a second time, without words, checks or
options of other models, and is kept honest by ``builders.py``, which compares the matrices number by number.
The rounding cuts of trips are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

Part = tuple[str, np.ndarray, np.ndarray, np.ndarray]
"""Family of columns, rows, columns within the family, coefficients."""


@dataclass(frozen=True)
class Rule:
    """Rows of one rule, numbered from 0: their entries, sense and right side."""

    name: str
    parts: list[Part]
    sense: str
    right: np.ndarray


@dataclass
class Entries:
    """Families of columns (lower, upper, whole), rules, and the entries of each goal (their rows are 0)."""

    columns: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    goals: list[list[Part]] = field(default_factory=list)

    def add(self, name: str, parts: list[Part], sense: str, right: Any, only: np.ndarray | None = None) -> None:
        """Add a rule whose rows have any numbers: those of ``only``, or else those in its first part, are kept."""
        right = np.asarray(right, dtype=float)
        wanted = np.zeros(len(right), dtype=bool)
        wanted[parts[0][1] if only is None else only] = True
        number = np.cumsum(wanted) - 1
        kept = []
        for family, rows, columns, factors in parts:
            factors = np.broadcast_to(np.asarray(factors, dtype=float), rows.shape)
            here = wanted[rows] & (factors != 0)
            kept.append((family, number[rows[here]], columns[here], factors[here]))
        self.rules.append(Rule(name, kept, sense, right[wanted]))


class Sets:
    """Index arrays of an instance that several rules use."""

    def __init__(self, spec: Any, inst: Any, pairs: tuple[tuple[int, int], ...]) -> None:
        self.spec, self.inst, self.pairs = spec, inst, np.array(pairs, dtype=np.int64).reshape(-1, 2)
        situation = inst.situation
        self.shape = self.k, self.i, self.t = inst.arrivals.shape
        self.d, self.c = len(inst.block_hours), len(situation.professions)
        self.starts = np.array([period.start_h for period in situation.periods])
        self.block_start = np.array([self.starts[inst.block == d].min() for d in range(self.d)])
        beds = inst.free_beds + inst.planned_beds
        standards = 2 if spec.families["staff"].contingency else 1
        able = (inst.can_care[:, :, None] & (beds[inst.bed_of] > 0))[None].repeat(standards, axis=0)
        self.cared_at = np.where(able, np.cumsum(able).reshape(able.shape) - 1, -1)
        self.cared = np.nonzero(able)
        self.cared_row = np.ravel_multi_index(self.cared[1:], self.shape)
        self._cells()
        self._steps_and_loans()

    def _cells(self) -> None:
        inst, situation = self.inst, self.inst.situation
        moves, made = inst.moves, inst.made
        self.move_k, self.origin, self.destination = moves.category, moves.origin, moves.destination
        self.leaves, self.arrives, self.minutes, self.cell_run = moves.period, moves.arrival, moves.minutes, moves.run
        kind = [category.patient_kind for category in situation.categories]
        places = np.array([[v.capacity.get(one, 0) for one in kind] for v in situation.vehicle_types])
        self.fills = 1.0 / places[moves.vehicle_type, self.move_k]
        self.fed = moves.fed_cell, moves.fed_pool, moves.fed_hours
        key = made.run * self.t + made.period
        self.implied = made.implied
        own = ~self.implied
        self.run, self.pool, self.period, self.trip_h, self.trip_key = (
            values[own] for values in (made.run, made.pool, made.period, made.hours, key)
        )
        self.cell_key = self.cell_run * self.t + self.leaves
        keys = len(inst.runs) * self.t
        self.first_pool, self.first_h = np.full(keys, -1), np.zeros(keys)
        self.first_pool[key[self.implied]] = made.pool[self.implied]
        self.first_h[key[self.implied]] = made.hours[self.implied]

    def _steps_and_loans(self) -> None:
        inst, spec = self.inst, self.spec
        elective, loans = spec.families["elective"], spec.families["staff_loans"]
        held = inst.situation.planned_beds.sum(axis=0) > 0
        able = held[:, None] & (self.block_start >= elective.delay_h)[None]
        self.step_at = np.where(able, np.cumsum(able).reshape(able.shape) - 1, -1)
        self.steps = np.nonzero(able)
        self.per_step = elective.largest_share / elective.steps
        names = [profession.code for profession in inst.situation.professions]
        self.lent = np.array([c for c, name in enumerate(names) if name in loans.professions], dtype=np.int64)
        shape = len(self.lent), len(self.pairs), self.d
        self.loan_shape = shape
        n, p, d = (axis.ravel() for axis in np.indices(shape))
        self.loan_c, self.lender, self.borrower, self.loan_d = self.lent[n], self.pairs[p, 0], self.pairs[p, 1], d

    def freed(self, site: np.ndarray, period: np.ndarray) -> np.ndarray:
        """Column of the step in force at the site in the period; -1 for none."""
        return self.step_at[site, self.inst.block[period]]

    def grid(self, *sizes: int) -> list[np.ndarray]:
        """Every combination of indices, flat."""
        return [axis.ravel() for axis in np.indices(sizes)]
