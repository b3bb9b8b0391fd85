"""Goals of how care is given."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo

from nspl_opt.formulation.arrays import Entries
from nspl_opt.formulation.core import CRISIS
from nspl_opt.formulation.goal import Goal, GoalOptions, sum_of
from nspl_opt.instance.instance import Instance


def _crisis_standard(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> list[Entries]:
    r"""Hours of care by the crisis standard.

    .. math:: \sum \Delta_t s^2_{kit}
    """
    g, _, _, t = m.cared.axes
    some = np.flatnonzero(g == CRISIS)
    return [sum_of(m.cared, inst.hours[t[some]].astype(float), some)]


GOALS_HERE = (
    Goal(
        "crisis_standard",
        "Vård med krisstandard",
        "Care by crisis standard",
        "patient-hours",
        1.0,
        GoalOptions,
        _crisis_standard,
        notes=(
            "Σ Δ_t s²_kit. Where a scenario unlocks nothing its turn is left out, and the plan notes it; without the "
            "family staff it is 0.",
        ),
        sources=("conventional, contingency and crisis standards of care: National Academies (NBK32751)",),
        acts=lambda situation: situation.crisis_open is not None and bool(situation.crisis_open.any()),
    ),
)
