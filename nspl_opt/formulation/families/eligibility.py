"""Eligibility: which of the patients at a place may be moved."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import distinct
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance


class EligibilityOptions(Options):
    """Who may be moved."""

    who: Literal["all", "arrivals", "unmet"] = Field(
        "all", description="all; arrivals: only who comes in the period; unmet: also who went without care before it"
    )


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: EligibilityOptions) -> None:
    """One row per category, site and period from which anybody may be moved."""
    moves = inst.moves
    out = (moves.category, moves.origin, moves.period)
    if options.who == "all":
        return

    @rule(block, distinct(*out), "patients")
    def who(k: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""Only who has just come, or has gone without care, may be moved.

        .. math:: \sum_{e \in A^-_{ki}} x_{et} \le a_{kit} + v (n_{ki,t-1} - s_{ki,t-1})
        """
        terms = [Term(1.0, m.move, out)]
        if options.who == "unmet":
            (pk, pi, pt), (_, ck, ci, ct) = m.present.axes, m.cared.axes
            terms.append(Term(-1.0, m.present, (pk, pi, pt + 1), follows=True))
            terms.append(Term(1.0, m.cared, (ck, ci, ct + 1), follows=True))
        return terms, "<=", inst.arrivals[k, i, t].astype(float)


FAMILY = Family(
    "eligibility",
    "Vilka som får flyttas",
    "Who may move",
    EligibilityOptions,
    build,
    symbols=(
        Symbol(r"a_{kit}", "patients who come during the period", "patients", "data"),
        Symbol(r"v", "1 where `who` is unmet, 0 where it is arrivals", "", "option"),
    ),
    notes=(
        "**who** for k, i, t with a transfer out of i: `arrivals`: Σ_out x ≤ a_kit; `unmet`: Σ_out x ≤ a_kit + "
        "n_ki,t−1 − s_ki,t−1, and a_kit in the first period, before which all are cared for. `all`: no rows; movable "
        "of the patient balance binds in any case. Who comes by a care path is no arrival, and of a stay in stages "
        "arrivals begin with the first stage. Patients who were moved are at their new place as any others.",
    ),
)
