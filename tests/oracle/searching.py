"""The part of the oracle that searches for the best plan; see ``cpsat.py``."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from moving import GRID
from ortools.sat.python import cp_model
from staffing import STANDARDS

EFFORTS = (0.2, 0.5, 2, 8, 32)
"""Deterministic time of one search after another, up to the patience; a unit of it is about three seconds."""


class Searching:
    """What is minimised, and the answer."""

    c: dict[str, Any]
    m: Any
    parts: tuple[Any, ...]

    def solve(self, patience: float) -> dict[str, Any]:
        """Minimise what is ahead, keep it, and minimise unmet care; the answer with every decision.

        ``bounds`` are what no plan is below. Only of an ``OPTIMAL`` answer are they its values; without a plan
        found there are no decisions.
        """
        bounds: list[float] = [0]
        if self.ahead:
            broken = sum(a * v for a, v in self.ahead)
            self.m.minimize(broken)
            solver, status, bound = self._try_hard(patience)
            bounds = [bound / GRID]
            if status != cp_model.OPTIMAL:
                return {"status": solver.status_name(status), "bounds": bounds}
            self.m.add(broken <= round(solver.objective_value))
        terms = self._unmet_care()
        scale = math.lcm(*(a.denominator for a, _ in terms)) if terms else 1
        self.m.minimize(sum(int(a * scale) * v for a, v in terms))
        solver, status, bound = self._try_hard(patience)
        bounds.append(bound / scale)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return {"status": solver.status_name(status), "bounds": bounds}
        value = solver.value
        return {
            "status": solver.status_name(status),
            "bounds": bounds,
            "ahead": bounds[0],
            "unmet_care": solver.objective_value / scale,
            "cared": [[g, k, i, t, value(v) / GRID] for (g, k, i, t), v in self.s.items() if value(v)],
            "transfers": [{**self.transfers[e], "patients": value(v)} for e, v in enumerate(self.x) if value(v)],
            "trips": [[*run, pool, busy, value(v) / unit] for run, pool, busy, unit, v in self.trips if value(v)],
            "steps": [[i, d, value(v)] for (i, d), v in self.z.items() if value(v)],
            "lent": [[*key, value(v)] for key, v in self.lent.items() if value(v)],
            "begun": [[*key, value(v)] for key, v in self.begun.items() if value(v)],
            "more": {part.NAME: part.tell(self, value) for part in self.parts if hasattr(part, "tell")},
        }

    def _try_hard(self, patience: float) -> tuple[Any, int, float]:
        """Search in two ways in turn, each for a while: most cases are quick with both, all with one of them.

        Efforts are counted, not timed: the answer is the same on every machine. The best plan of them all, its
        status, and the highest bound.
        """
        tries, bound, best = [effort for effort in EFFORTS if effort <= patience for _ in range(2)], -math.inf, None
        for seed, effort in enumerate(tries):
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = 1
            solver.parameters.random_seed = seed
            solver.parameters.optimize_with_lb_tree_search = seed % 2 == 0  # the bound first, by the relaxation
            solver.parameters.linearization_level = 2 if seed % 2 == 0 else 1
            solver.parameters.max_deterministic_time = effort
            status = solver.solve(self.m)
            if status not in (cp_model.UNKNOWN, cp_model.FEASIBLE):
                return solver, status, solver.best_objective_bound
            bound = max(bound, solver.best_objective_bound)
            if status == cp_model.FEASIBLE and (best is None or solver.objective_value < best.objective_value):
                best = solver
        return best or solver, cp_model.FEASIBLE if best else cp_model.UNKNOWN, bound

    def _unmet_care(self) -> list[tuple[Fraction, Any]]:
        """Weighted hours without care, in transit included, as coefficients and variables."""
        weight = [category["severity_weight"] for category in self.c["categories"]]
        hours = [period["length_h"] for period in self.periods]
        terms = list(self.unmet)
        for k, i, t in self.keys:
            amount = Fraction(weight[k] * hours[t], GRID)
            terms += [(amount, self.n[k, i, t]), *((-amount, self.s[g, k, i, t]) for g in range(len(STANDARDS)))]
        for e, transfer in enumerate(self.transfers):
            away = sum(hours[transfer["t"] : transfer["arrival"]])
            terms.append((Fraction(weight[transfer["k"]] * away), self.x[e]))
        return terms
