"""Own need: how many patients there would be if nobody moved and all were cared for."""

from __future__ import annotations

import numpy as np

from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO


def own_patients(inst: Instance) -> np.ndarray:
    """(category, site, period) patients if nobody moved and all were cared for, as the numbers are now [patients]."""
    need, found = inst.initial, np.empty(inst.arrivals.shape)
    for t in range(len(inst.hours)):
        gone = need * inst.discharge[:, t][:, None]
        need = need * (1 - inst.discharge[:, t])[:, None] + inst.arrivals[:, :, t]
        for step in inst.steps:
            need[step.next] += step.share_micro / MICRO * gone[step.category]
        found[:, :, t] = need
    return found
