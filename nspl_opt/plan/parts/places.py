"""What the goals of evenness count by, put into the clean point anew from the decisions; who the patients are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.instance.instance import Instance
from nspl_opt.plan.origins import origins_table
from nspl_opt.reference.reference import MICRO

Put = Callable[[Any, np.ndarray], None]


def read(m: Any, inst: Instance, value_of: Callable[[Any], np.ndarray]) -> dict[str, Any]:
    """Nothing: all here follows from what others decide."""
    return {}


def put(m: Any, inst: Instance, decisions: Any, put: Put) -> None:
    """Peaks and thresholds of load, the largest share postponed, and guests."""
    if m.component("load_levels") is not None:
        _put_levels(m.load_levels, inst, decisions, put)
    if m.component("postponed_evenly") is not None:
        _put_share(m, inst, decisions, put)
    reserve = m.component("reserve")
    if reserve is not None and reserve.component("guests") is not None:
        put(reserve.guests, _guests(m, inst, decisions)[reserve.guests.axes])


def rows(m: Any, inst: Instance, decisions: Any, model: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The table ``origins`` where others than civilians come."""
    return {"origins": origins_table(inst, decisions)} if len(inst.situation.origin_micro) > 1 else {}


def _put_levels(block: Any, inst: Instance, decisions: Any, put: Put) -> None:
    from nspl_opt.formulation.overload import capacity

    weighted = np.einsum("k,kit->it", inst.weight, decisions.present) / MICRO
    whole = capacity(inst)
    regions = list(block.peak)
    peaks = np.array(
        [max(0.0, 100.0 * (weighted[list(inst.region_sites[r])].sum(axis=0).max() / whole[r] - 1)) for r in regions]
    )
    falling = np.append(np.sort(peaks)[::-1], np.zeros(len(block.tau)))
    tau = falling[: len(block.tau)]
    put(block.peak, peaks)
    put(block.tau, tau)
    put(block.above, np.maximum(0.0, peaks[None, :] - tau[:, None]).ravel())


def _put_share(m: Any, inst: Instance, decisions: Any, put: Put) -> None:
    i, d = m.elective.step.axes
    held = inst.situation.planned_beds.sum(axis=0)[i] * inst.block_hours[d] * 1.0
    steps = np.array([decisions.step.get(key, 0) for key in m.elective.step], dtype=float)
    count, region = len(inst.region_sites), inst.site_region[i]
    postponed = np.bincount(region, held * m.elective.freed_per_step * steps, count)
    most = np.bincount(region, held * m.elective.largest_share, count)
    shares = np.divide(postponed, most, out=np.zeros(count), where=most > 0)
    put(m.postponed_evenly.share, np.array([100.0 * shares.max(initial=0.0)]))


def _guests(m: Any, inst: Instance, decisions: Any) -> np.ndarray:
    """(category, region, period) who has come from other regions and would not have left yet [patients]."""
    from nspl_opt.formulation.families.reserve import onward

    moves = inst.moves
    host = inst.site_region[moves.destination]
    away = np.flatnonzero(inst.site_region[moves.origin] != host)
    found = np.zeros((len(inst.bed_of), len(inst.region_sites), len(inst.hours)))
    np.add.at(found, (moves.category[away], host[away], moves.arrival[away]), decisions.move[away] / MICRO)
    for t in range(1, len(inst.hours)):
        before, leaves = found[:, :, t - 1], inst.discharge[:, t]
        found[:, :, t] += (1 - leaves)[:, None] * before
        for one, other, share in onward(m):
            found[other, :, t] += share * leaves[one] * before[one]
    return found
