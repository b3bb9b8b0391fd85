r"""The patient balance: every patient is somewhere, cared for or counted as not cared for.

====================  =============================  =========  ========
symbol                Python                         kind       unit
====================  =============================  =========  ========
:math:`n_{kit}`       ``m.present[k, i, t]``         variable   patients
:math:`s^g_{kit}`     ``m.cared[g, k, i, t]``        variable   patients
:math:`x_{et}`        ``m.move[cell]``               variable   patients
:math:`a_{kit}`       ``inst.arrivals[k, i, t]``     parameter  patients
:math:`\delta_{kt}`   ``inst.discharge[k, t]``       parameter  share
====================  =============================  =========  ========

Want of beds never makes the model infeasible: who is not cared for is
:math:`u = n - s`, and the first goal makes it as small as it can be.
"""

from __future__ import annotations

import pyomo.environ as pyo

from nspl_opt.formulation.family import Terms, rule
from nspl_opt.instance.instance import Instance

CONVENTIONAL, CONTINGENCY = 0, 1


def add_core(m: pyo.ConcreteModel, inst: Instance, standards: tuple[int, ...], patients_whole_until_h: float) -> None:
    """Variables of patients, and the three rules that no model can do without.

    ``m.writers`` are the rules by name, ``m.limits`` pairs of a variable and the function of its key that
    gives its upper bound, where that comes from numbers that a what-if may change.
    """
    m.inst = inst
    m.rule_texts, m.writers, m.limits = [], {}, []
    m.standards = standards
    categories, sites, periods = (range(n) for n in inst.arrivals.shape)
    everywhere = [(k, i, t) for k in categories for i in sites for t in periods]
    beds = inst.free_beds + inst.planned_beds
    m.present = pyo.Var(everywhere, bounds=(0, None))
    m.cared = pyo.Var(
        [
            (g, k, i, t)
            for g in standards
            for k, i, t in everywhere
            if inst.can_care[k, i] and beds[inst.bed_of[k], i, t]
        ],
        bounds=(0, None),
    )
    starts = [period.start_h for period in inst.situation.periods]
    kinds = [pyo.NonNegativeIntegers if start < patients_whole_until_h else pyo.NonNegativeReals for start in starts]
    m.move = pyo.Var(range(len(inst.cells)), domain=lambda _, n: kinds[inst.cells[n].period])
    # Pyomo's own look-up is slow where it is done a million times.
    m.moves, m.present_at, m.cared_at = list(m.move.values()), dict(m.present.items()), dict(m.cared.items())
    m.cells_out, m.cells_in = inst.cells_out(), inst.cells_in()
    m.core = pyo.Block()
    _add_rules(m, inst, everywhere)


def cared_terms(m: pyo.ConcreteModel, factor: float, k: int, i: int, t: int) -> Terms:
    """``factor`` times the patients cared for, over all standards of care."""
    cared_at = m.cared_at
    return [(factor, cared_at[g, k, i, t]) for g in m.standards if (g, k, i, t) in cared_at]


def stayed(m: pyo.ConcreteModel, inst: Instance, k: int, i: int, t: int) -> tuple[Terms, float]:
    """Terms and constant of those present before the period who have not been discharged, plus arrivals."""
    came = float(inst.arrivals[k, i, t])
    if t == 0:
        return [], float(inst.initial[k, i] * (1 - inst.discharge[k, 0])) + came
    return [(1.0, m.present_at[k, i, t - 1]), *cared_terms(m, -float(inst.discharge[k, t]), k, i, t - 1)], came


def _add_rules(m: pyo.ConcreteModel, inst: Instance, everywhere: list[tuple[int, int, int]]) -> None:
    move, present = m.moves, m.present_at

    def moved(cells: dict, key: tuple[int, int, int], sign: float) -> Terms:
        return [(sign, move[cell]) for cell in cells.get(key, ())]

    @rule(m.core, everywhere, "patients")
    def balance(k, i, t):
        r"""Who is present: who stayed, who came, who was moved in, less who was discharged or moved out.

        .. math:: n_{kit} = n_{ki,t-1} - \delta_{kt} s_{ki,t-1} + a_{kit}
                  + \sum_{e \in A^+_{ki}} x_{et'} - \sum_{e \in A^-_{ki}} x_{et}
        """
        before, came = stayed(m, inst, k, i, t)
        terms = [(1.0, present[k, i, t]), *[(-c, v) for c, v in before]]
        terms += moved(m.cells_in, (k, i, t), -1.0) + moved(m.cells_out, (k, i, t), 1.0)
        return terms, "==", came

    @rule(m.core, everywhere, "patients")
    def movable(k, i, t):
        r"""Nobody is sent on in the period of arrival.

        .. math:: \sum_{e \in A^-_{ki}} x_{et} \le n_{ki,t-1} - \delta_{kt} s_{ki,t-1} + a_{kit}
        """
        if (k, i, t) not in m.cells_out or (k, i, t) not in m.cells_in:
            return None  # n >= 0 says the same
        before, came = stayed(m, inst, k, i, t)
        return [*moved(m.cells_out, (k, i, t), 1.0), *[(-c, v) for c, v in before]], "<=", came

    @rule(m.core, everywhere, "patients")
    def cared(k, i, t):
        r"""Only patients who are present are cared for.

        .. math:: s^0_{kit} + s^1_{kit} \le n_{kit}
        """
        served = cared_terms(m, 1.0, k, i, t)
        return ([*served, (-1.0, present[k, i, t])], "<=", 0.0) if served else None
