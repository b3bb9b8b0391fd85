r"""The patient balance: every patient is somewhere, cared for or counted as not cared for.

====================  =============================  =========  ========
symbol                Python                         kind       unit
====================  =============================  =========  ========
:math:`n_{kit}`       ``m.present[k, i, t]``         variable   patients
:math:`s^g_{kit}`     ``m.cared[g, k, i, t]``        variable   patients
:math:`x_{et}`        ``m.move[cell]``               variable   patients
:math:`a_{kit}`       ``inst.arrivals[k, i, t]``     parameter  patients
:math:`\delta_{kt}`   ``inst.discharge[k, t]``       parameter  share
:math:`q_{k'k}`       ``inst.steps``                    parameter  share
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
from nspl_opt.reference.reference import MICRO

CONVENTIONAL, CONTINGENCY, CRISIS = 0, 1, 2


def add_core(
    m: pyo.ConcreteModel,
    inst: Instance,
    standards: tuple[int, ...],
    patients_whole_until_h: float,
    lent: np.ndarray | None = None,
) -> None:
    """Variables of patients, and the three rules that no model can do without.

    ``lent`` (bed type, site, period) says where beds of another type may be used, so that there is care without beds
    of the type itself.
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
    beds = beds != 0 if lent is None else (beds != 0) | lent
    able = inst.can_care[k, i] & beds[inst.bed_of[k], i, t]
    m.present = Columns(everywhere, t)
    cared = [np.flatnonzero(able & _unlocked(inst, everywhere) if g == CRISIS else able) for g in standards]
    axes = [axis[np.concatenate(cared)] for axis in everywhere.axes]
    m.cared = Columns(Index(np.repeat(standards, [len(some) for some in cared]), *axes), axes[-1])
    starts = np.array([period.start_h for period in inst.situation.periods])
    moves = inst.moves
    whole = (starts < patients_whole_until_h)[moves.period]
    m.move = Columns(grid(len(moves.period)), moves.period, whole=whole, lazy=True, roundable=True)
    m.core = pyo.Block()
    _add_rules(m, inst, everywhere)


def _unlocked(inst: Instance, everywhere: Index) -> np.ndarray:
    """Where a person has unlocked the crisis standard, for categories that it knows people per patient for."""
    (k, i, t), situation = everywhere.axes, inst.situation
    known = np.array([bool(category.staff_micro.get("crisis")) for category in situation.categories], dtype=bool)
    return known[k] & situation.crisis_open[i, t]


def _stayed(m: pyo.ConcreteModel, inst: Instance, sign: float) -> list[Term]:
    """``sign`` times those present at the end of the period before who have not left since, and those who have
    come on from another category."""
    (k, i, t), (_, ck, ci, ct) = m.present.axes, m.cared.axes
    leaves = inst.discharge[ck, np.minimum(ct + 1, len(inst.hours) - 1)]
    terms = [Term(sign, m.present, (k, i, t + 1)), Term(-sign * leaves, m.cared, (ck, ci, ct + 1))]
    for step in inst.steps:
        at = np.flatnonzero(ck == step.category)
        share = sign * step.share_micro / MICRO * leaves[at]
        terms.append(Term(share, m.cared, (np.full(len(at), step.next), ci[at], ct[at] + 1), at))
    return terms


def _came(inst: Instance) -> np.ndarray:
    """(category, site, period) arrivals, and at first those of the start who have not left, or have come on."""
    came = inst.arrivals.astype(float)
    gone = inst.initial * inst.discharge[:, :1]
    came[:, :, 0] = inst.initial * (1 - inst.discharge[:, :1]) + came[:, :, 0]
    for step in inst.steps:
        came[step.next, :, 0] += step.share_micro / MICRO * gone[step.category]
    return came


def _add_rules(m: pyo.ConcreteModel, inst: Instance, everywhere: Index) -> None:
    moves = inst.moves
    out, into = (moves.category, moves.origin, moves.period), (moves.category, moves.destination, moves.arrival)

    @rule(m.core, everywhere, "patients")
    def balance(k: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""Who is present: who stayed, who came, who was moved in, less who was discharged or moved out.

        .. math:: n_{kit} = n_{ki,t-1} - \delta_{kt} s_{ki,t-1} + a_{kit}
                  + \sum_{e \in A^+_{ki}} x_{et'} - \sum_{e \in A^-_{ki}} x_{et}
                  + \sum_{k' \to k} q_{k'k} \delta_{k't} s_{k'i,t-1}
        """
        terms = [Term(1.0, m.present, (k, i, t)), *_stayed(m, inst, -1.0)]
        return [*terms, Term(-1.0, m.move, into), Term(1.0, m.move, out)], "==", _came(inst)[k, i, t]

    both = np.intersect1d(everywhere.places(*out), everywhere.places(*into))  # elsewhere n >= 0 says the same

    @rule(m.core, Index(*(axis[both] for axis in everywhere.axes)), "patients")
    def movable(k: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""Nobody is sent on in the period of arrival.

        .. math:: \sum_{e \in A^-_{ki}} x_{et} \le n_{ki,t-1} - \delta_{kt} s_{ki,t-1} + a_{kit}
                  + \sum_{k' \to k} q_{k'k} \delta_{k't} s_{k'i,t-1}
        """
        return [Term(1.0, m.move, out), *_stayed(m, inst, -1.0)], "<=", _came(inst)[k, i, t]

    @rule(m.core, everywhere, "patients")
    def cared(k: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""Only patients who are present are cared for.

        .. math:: \sum_g s^g_{kit} \le n_{kit}
        """
        return [Term(1.0, m.cared, m.cared.axes[1:]), Term(-1.0, m.present, (k, i, t), follows=True)], "<=", 0.0
