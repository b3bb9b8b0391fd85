"""Beds: staffed beds and the surge beds that can be open by then."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo

from nspl_opt.formulation.arrays import grid
from nspl_opt.formulation.extra import right_for, terms_for
from nspl_opt.formulation.families.elective import freed
from nspl_opt.formulation.family import Family, NoOptions, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, _: NoOptions) -> None:
    """Beds limit care at every site, bed type and period."""
    _, k, site, period = m.cared.axes

    @rule(block, grid(*inst.free_beds.shape), "beds")
    def capacity(b: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""No site cares for more patients than it has beds: staffed, less planned care, plus surge.

        .. math:: \sum_{k: b(k)=b} s_{kit} \le B_{bit} + Q_{bit} - P_{bit} (1 - \sigma z_{id} / Z)
        """
        served = Term(1.0, m.cared, (inst.bed_of[k], site, period))
        postponed = freed(m, i, t, -1.0, inst.planned_beds[b, i, t], (b, i, t))
        beds = inst.free_beds + right_for(m, "beds.capacity")
        return [served, *postponed, *terms_for(m, "beds.capacity")], "<=", beds[b, i, t]


FAMILY = Family(
    "beds",
    "Vårdplatser",
    "Beds",
    NoOptions,
    build,
    symbols=(
        Symbol(r"B_{bit}", "staffed beds", "beds", "data"),
        Symbol(r"Q_{bit}", "surge beds that can be open by then", "beds", "data"),
        Symbol(r"P_{bit}", "beds that planned care holds: min(planned_bi, B_bit)", "beds", "data"),
    ),
    notes=(
        "**capacity** for b, i, t: Σ_{k: b(k)=b} s_kit ≤ beds_bit + surge_bit − P_bit (1 − z_i,d(t) / Z · σ), where "
        "P_bit = min(planned_bi, beds_bit) and σ is the family elective's `largest_share`; without the family "
        "elective z = 0.",
    ),
)
