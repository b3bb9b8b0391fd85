"""Goals of agreements: what is agreed is kept, and a new plan is like the one before."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

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


class ChangesOptions(GoalOptions):
    """What a difference from the earlier plan weighs."""

    weight_new: float = Field(1.0, ge=0, le=100, description="weight of a patient moved otherwise than before")
    weight_gone: float = Field(1.0, ge=0, le=100, description="weight of a patient who is not moved as before")
    offered_weight: float = Field(5.0, ge=1, le=100, description="times so much where it was offered already")


def _changes(m: pyo.ConcreteModel, inst: Instance, options: ChangesOptions) -> list[Entries]:
    r"""Patients not moved as the earlier plan says, and patients moved otherwise.

    .. math:: v^- \sum_l o_l \lambda_l + v^+ \left(\sum_a \mu_a + \sum_{e \in E_*} x_{et}\right)
    """
    block = m.stability
    asked = np.array([1.0 if line.state == "proposed" else options.offered_weight for _, line in block.lines])
    return [
        sum_of(block.less, options.weight_gone * asked),
        sum_of(block.more, options.weight_new),
        sum_of(m.move, options.weight_new, block.fresh),
    ]


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
            "Σ β_a over the lines that are accepted or directed. Of a line that lacks less than 100 millionths nothing "
            "is broken, and what is less than that beyond lines is nothing: it is rounding. The goal comes before the "
            "main goal, and only in scenarios in which something is agreed. Where a model is asked many times "
            "(what-ifs, windows, sweeps) it is priced into the main goal instead: each patient or person at the "
            "largest severity weight times the hours of the whole horizon, as if the severest patient went without "
            "care throughout.",
        ),
        ahead=True,
    ),
    Goal(
        "changes",
        "Ändringar mot förra planen",
        "Changes from the previous plan",
        "weighted patients",
        0.5,
        ChangesOptions,
        _changes,
        requires=("stability",),
        symbols=(
            Symbol(r"v^+, v^-", "`weight_new`, `weight_gone`", "", "option"),
            Symbol(r"o_l", "1 for a line that is proposed, else `offered_weight`", "", "option"),
        ),
        notes=("`weight_gone` Σ_l o_l λ_l + `weight_new` (Σ_a μ_a + Σ x on no line), as in the family `stability`.",),
    ),
)
