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

import numpy as np
import pyomo.environ as pyo

from nspl_opt.formulation.arrays import Columns, Index, grid
from nspl_opt.formulation.family import Said, Term, rule
from nspl_opt.instance.instance import Instance

CONVENTIONAL, CONTINGENCY = 0, 1


def add_core(m: pyo.ConcreteModel, inst: Instance, standards: tuple[int, ...], patients_whole_until_h: float) -> None:
    """Variables of patients, and the three rules that no model can do without.

    ``m.writers`` are the rules by name, ``m.limits`` what upper bounds of variables read
    ("beds", "staff", "arrivals" or "pools"), the variables, and the function that gives the bounds, ``m.notes``
    what a family had nothing to act on (``family.why``), ``m.given`` what families add to others (``extra``).
    """
    m.inst = inst
    m.rule_texts, m.writers, m.limits, m.notes, m.given = [], {}, [], [], {}
    m.standards = standards
    everywhere = grid(*inst.arrivals.shape)
    k, i, t = everywhere.axes
    beds = inst.free_beds + inst.planned_beds
    able = np.flatnonzero(inst.can_care[k, i] & (beds[inst.bed_of[k], i, t] != 0))
    m.present = Columns(everywhere, t)
    axes = [np.tile(axis[able], len(standards)) for axis in everywhere.axes]
    m.cared = Columns(Index(np.repeat(standards, len(able)), *axes), axes[-1])
    starts = np.array([period.start_h for period in inst.situation.periods])
    moves = inst.moves
    whole = (starts < patients_whole_until_h)[moves.period]
    m.move = Columns(grid(len(moves.period)), moves.period, whole=whole, lazy=True, roundable=True)
    m.core = pyo.Block()
    _add_rules(m, inst, everywhere)


def _stayed(m: pyo.ConcreteModel, inst: Instance, sign: float) -> list[Term]:
    """``sign`` times those present at the end of the period before who have not been discharged since."""
    (k, i, t), (_, ck, ci, ct) = m.present.axes, m.cared.axes
    leaves = inst.discharge[ck, np.minimum(ct + 1, len(inst.hours) - 1)]
    return [Term(sign, m.present, (k, i, t + 1)), Term(-sign * leaves, m.cared, (ck, ci, ct + 1))]


def _came(inst: Instance) -> np.ndarray:
    """(category, site, period) arrivals, and at first those of the start who have not been discharged."""
    came = inst.arrivals.astype(float)
    came[:, :, 0] = inst.initial * (1 - inst.discharge[:, :1]) + came[:, :, 0]
    return came


def _add_rules(m: pyo.ConcreteModel, inst: Instance, everywhere: Index) -> None:
    moves = inst.moves
    out, into = (moves.category, moves.origin, moves.period), (moves.category, moves.destination, moves.arrival)

    @rule(m.core, everywhere, "patients")
    def balance(k: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""Who is present: who stayed, who came, who was moved in, less who was discharged or moved out.

        .. math:: n_{kit} = n_{ki,t-1} - \delta_{kt} s_{ki,t-1} + a_{kit}
                  + \sum_{e \in A^+_{ki}} x_{et'} - \sum_{e \in A^-_{ki}} x_{et}
        """
        terms = [Term(1.0, m.present, (k, i, t)), *_stayed(m, inst, -1.0)]
        return [*terms, Term(-1.0, m.move, into), Term(1.0, m.move, out)], "==", _came(inst)[k, i, t]

    both = np.intersect1d(everywhere.places(*out), everywhere.places(*into))  # elsewhere n >= 0 says the same

    @rule(m.core, Index(*(axis[both] for axis in everywhere.axes)), "patients")
    def movable(k: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""Nobody is sent on in the period of arrival.

        .. math:: \sum_{e \in A^-_{ki}} x_{et} \le n_{ki,t-1} - \delta_{kt} s_{ki,t-1} + a_{kit}
        """
        return [Term(1.0, m.move, out), *_stayed(m, inst, -1.0)], "<=", _came(inst)[k, i, t]

    @rule(m.core, everywhere, "patients")
    def cared(k: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""Only patients who are present are cared for.

        .. math:: s^0_{kit} + s^1_{kit} \le n_{kit}
        """
        return [Term(1.0, m.cared, m.cared.axes[1:]), Term(-1.0, m.present, (k, i, t), follows=True)], "<=", 0.0
