"""Goals of agreements: what is agreed is kept, and a new plan is like the one before."""

from __future__ import annotations

import pyomo.environ as pyo

from nspl_opt.formulation.arrays import Entries
from nspl_opt.formulation.family import Symbol
from nspl_opt.formulation.goal import Goal, GoalOptions, sum_of
from nspl_opt.instance.instance import Instance


def _broken(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> list[Entries]:
    r"""Patients and people agreed upon who cannot be moved or lent as agreed.

    .. math:: \sum_a \beta_a
    """
    offers = m.component("offers")
    columns = [] if offers is None else [offers.broken, offers.broken_staff]
    return [sum_of(some, 1.0) for some in columns if len(some)]


GOALS_HERE = (
    Goal(
        "agreements_broken",
        "Överenskommet som inte kan hållas",
        "Agreements that cannot be kept",
        "patients and people",
        1e-3,
        GoalOptions,
        _broken,
        requires=("offers",),
        symbols=(Symbol(r"\beta_a", "of the line a, what is not kept", "patients or people", "variable"),),
        notes=(
            "Σ β_a over the lines that are accepted or directed. It comes before the main goal, and only in scenarios "
            "in which something is agreed. Where a model is asked many times (what-ifs, windows, sweeps) it is "
            "priced into the main goal instead: each patient or person at the largest severity weight times the hours "
            "of the whole horizon, as if the severest patient went without care throughout.",
        ),
        ahead=True,
    ),
)
