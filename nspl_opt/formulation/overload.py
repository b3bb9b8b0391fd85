"""How loaded a region is: severity-weighted patients against its severity-weighted staffed beds at the start."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo

from nspl_opt.formulation.family import Term
from nspl_opt.instance.instance import Instance


def capacity(inst: Instance) -> np.ndarray:
    """(region,) staffed beds in the first period, each times the least weight of who may need it; 0 abroad."""
    beds, weights = inst.situation.beds, inst.weight
    least = np.array([min(weights[inst.bed_of == b], default=0) for b in range(len(beds))])
    found = np.array([float((least @ beds[:, list(sites), 0]).sum()) for sites in inst.region_sites])
    found[[region.code in inst.situation.external_regions for region in inst.situation.regions]] = 0.0
    return found


def load_term(m: pyo.ConcreteModel, inst: Instance) -> tuple[Term, np.ndarray]:
    """The load in per cent of capacity, in rows of region and period; (region,) what it is without overload.

    A region whose beds are all lost has no load that could be compared: its rows say nothing (infinite).
    """
    whole = capacity(inst)
    k, i, period = m.present.axes
    load = 100.0 * inst.weight.astype(float)[k] / np.where(whole > 0, whole, np.inf)[inst.site_region[i]]
    return Term(load, m.present, (inst.site_region[i], period)), np.where(whole > 0, 100.0, np.inf)
