"""Beds: staffed beds and the surge beds that can be open by then."""

from __future__ import annotations

import pyomo.environ as pyo

from nspl_opt.formulation.core import cared_terms
from nspl_opt.formulation.families.elective import freed
from nspl_opt.formulation.family import Family, NoOptions, rule
from nspl_opt.instance.instance import Instance


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, _: NoOptions) -> None:
    """Beds limit care at every site, bed type and period."""
    types, sites, periods = (range(n) for n in inst.free_beds.shape)
    users = [[k for k in range(len(inst.bed_of)) if inst.bed_of[k] == b] for b in types]

    @rule(block, [(b, i, t) for b in types for i in sites for t in periods], "beds")
    def capacity(b, i, t):
        r"""No site cares for more patients than it has beds: staffed, less planned care, plus surge.

        .. math:: \sum_{k: b(k)=b} s_{kit} \le B_{bit} + Q_{bit} - P_{bit} (1 - \sigma z_{id} / Z)
        """
        served = [term for k in users[b] for term in cared_terms(m, 1.0, k, i, t)]
        if not served:
            return None
        share = freed(m, i, t, -float(inst.planned_beds[b, i, t]))
        return [*served, *share], "<=", float(inst.free_beds[b, i, t])


FAMILY = Family("beds", "Vårdplatser", "Beds", NoOptions, build)
