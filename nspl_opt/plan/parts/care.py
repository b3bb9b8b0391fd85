"""Beds that serve other care, who is ready for discharge, extra hours: read off, put into the clean point, told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.instance.instance import Instance
from nspl_opt.instance.paths import half_even
from nspl_opt.plan.plan import TABLES
from nspl_opt.reference.reference import MICRO

Put = Callable[[Any, np.ndarray], None]


def read(m: Any, inst: Instance, value_of: Callable[[Any], np.ndarray]) -> dict[str, Any]:
    """Patients in other beds, those placed and housed, extra hours [millionths]."""

    def whole(columns: Any) -> np.ndarray:
        return np.rint(np.maximum(value_of(columns), 0.0) * MICRO).astype(np.int64)

    found: dict[str, Any] = {}
    if (lent := m.component("bed_substitution")) is not None:
        found["bed_substitution"] = whole(lent.other)
    if (ready := m.component("discharge_ready")) is not None:
        found["discharge_ready"] = {"placed": whole(ready.placed), "housed": whole(ready.in_bed)}
    if (endurance := m.component("endurance")) is not None:
        found["endurance"] = whole(endurance.extra)
    return found


def put(m: Any, inst: Instance, decisions: Any, put: Put) -> None:
    """What follows from the census: nobody lies in other beds who is not cared for, and who became ready waits."""
    if m.component("bed_substitution") is not None:
        decisions.more["bed_substitution"] = _cut(m, inst, decisions)
        put(m.bed_substitution.other, decisions.more["bed_substitution"] / MICRO)
    if m.component("discharge_ready") is not None:
        decisions.more["discharge_ready"] = course = _course(m, inst, decisions)
        for name, columns in (("waiting", "waiting"), ("housed", "in_bed"), ("placed", "placed")):
            put(getattr(m.discharge_ready, columns), course[name] / MICRO)
    if m.component("endurance") is not None:
        put(m.endurance.extra, decisions.more["endurance"] / MICRO)


def _cut(m: Any, inst: Instance, decisions: Any) -> np.ndarray:
    """(column,) patients in other beds: no more than are cared for, the last pairs give way."""
    other = decisions.more["bed_substitution"].copy()
    p, i, t = m.bed_substitution.other.axes
    served = pairs_of(inst)[1][p]
    left = np.zeros((len(inst.situation.bed_types), *inst.arrivals.shape[1:]), dtype=np.int64)
    np.add.at(left, inst.bed_of, decisions.cared.sum(axis=0))
    for n in range(len(other)):
        key = served[n], i[n], t[n]
        other[n] = min(other[n], left[key])
        left[key] -= other[n]
    return other


def pairs_of(inst: Instance) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each listed pair the bed type that gives, the one that is served, the beds per patient [millionths]."""
    beds, pairs = [bed.code for bed in inst.situation.bed_types], inst.situation.bed_substitutes
    gives, serves = ([beds.index(getattr(pair, end)) for pair in pairs] for end in ("gives", "serves"))
    per_patient = [pair.beds_micro for pair in pairs]
    return tuple(np.array(some, dtype=np.int64) for some in (gives, serves, per_patient))


def _course(m: Any, inst: Instance, decisions: Any) -> dict[str, np.ndarray]:
    """(column,) who became ready, was placed, waits and is housed, each from the census on."""
    from nspl_opt.formulation.families.discharge_ready import ready_micro, waiting_at_start

    options, wanted = m.discharge_ready.options, decisions.more["discharge_ready"]
    axes, shape = m.discharge_ready.waiting.axes, inst.arrivals.shape
    share = ready_micro(inst.situation, options.share_factor)
    found = {name: np.zeros(shape, dtype=np.int64) for name in ("became", "placed", "waiting", "housed")}
    asked = {name: np.zeros(shape, dtype=np.int64) for name in ("placed", "housed")}
    counts = np.zeros(shape, dtype=bool)
    counts[axes] = True
    for name, amounts in wanted.items():
        asked[name][axes] = amounts
    before = np.where(counts[:, :, 0], waiting_at_start(inst.situation, options), 0)
    for t in range(shape[2]):
        became = np.where(counts[:, :, t], half_even(decisions.flows["discharged"][:, :, t] * share[:, None]), 0)
        there = before + became
        placed = _placed(inst, there, np.minimum(asked["placed"][:, :, t], there), t)
        before = there - placed
        found["became"][:, :, t], found["placed"][:, :, t], found["waiting"][:, :, t] = became, placed, before
        found["housed"][:, :, t] = np.minimum(asked["housed"][:, :, t], before)
    return {name: amounts[axes] for name, amounts in found.items()}


def _placed(inst: Instance, there: np.ndarray, placed: np.ndarray, t: int) -> np.ndarray:
    """(category, site) who is placed: no more than there are places, and nobody waits while there is one."""
    placed, municipal = placed.copy(), inst.situation.municipal
    for r, sites in enumerate(inst.region_sites):
        if municipal is not None and municipal.limited[r]:
            left = int(municipal.places_micro[r, t]) - int(placed[:, list(sites)].sum())
            for k in range(len(there)):
                for i in sites:
                    more = max(min(left, int(there[k, i] - placed[k, i])), -int(placed[k, i]))
                    placed[k, i] += more
                    left -= more
    return placed


def beds_used(m: Any, inst: Instance, decisions: Any) -> dict[str, np.ndarray]:
    """Beds by type, site and period that others than the type's own patients in care use, or lend [millionths].

    ``lent`` to other care, ``borrowed`` by own patients from other types, ``housed`` by who is ready for discharge;
    only of families that are on.
    """
    shape, found = inst.free_beds.shape, {}
    if m.component("bed_substitution") is not None:
        other, (p, i, t) = decisions.more["bed_substitution"], m.bed_substitution.other.axes
        gives, serves, per_patient = pairs_of(inst)
        found |= {name: np.zeros(shape, dtype=np.int64) for name in ("lent", "borrowed")}
        np.add.at(found["lent"], (gives[p], i, t), half_even(other * per_patient[p]))
        np.add.at(found["borrowed"], (serves[p], i, t), other)
    if m.component("discharge_ready") is not None:
        k, i, t = m.discharge_ready.in_bed.axes
        found["housed"] = np.zeros(shape, dtype=np.int64)
        np.add.at(found["housed"], (inst.bed_of[k], i, t), decisions.more["discharge_ready"]["housed"])
    return found


def rows(m: Any, inst: Instance, decisions: Any, model: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables of the families that are on."""
    found = {}
    if m.component("bed_substitution") is not None:
        found["bed_use"] = _frame("bed_use", _bed_use(m, inst, decisions))
    if m.component("discharge_ready") is not None:
        found["ready"] = _frame("ready", _ready(m, inst, decisions))
    if m.component("endurance") is not None:
        found["extra_hours"] = _frame("extra_hours", _extra_hours(m, inst, decisions))
    return found


def _frame(name: str, rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(sorted(rows), columns=[column.name for column in TABLES[name]])


def _clock(inst: Instance, hours: int) -> str:
    return (inst.situation.start + timedelta(hours=hours)).isoformat(timespec="minutes")


def _head(inst: Instance, i: int, t: int) -> tuple[int, str, str, str]:
    site = inst.situation.sites[i]
    return t, _clock(inst, inst.situation.periods[t].start_h), site.region, site.code


def _bed_use(m: Any, inst: Instance, decisions: Any) -> list[tuple]:
    beds = inst.situation.bed_types
    gives, serves, per_patient = pairs_of(inst)
    found = []
    for p, i, t, patients in zip(*m.bed_substitution.other.axes, decisions.more["bed_substitution"], strict=True):
        if patients:
            taken = int(half_even(patients * per_patient[p]))
            found.append(
                (*_head(inst, i, t), beds[gives[p]].code, beds[serves[p]].code, patients / MICRO, taken / MICRO)
            )
    return found


def _ready(m: Any, inst: Instance, decisions: Any) -> list[tuple]:
    course, found = decisions.more["discharge_ready"], []
    names = ("became", "placed", "waiting", "housed")
    for n, (k, i, t) in enumerate(zip(*m.discharge_ready.waiting.axes, strict=True)):
        amounts = [int(course[name][n]) for name in names]
        if any(amounts):
            found.append((*_head(inst, i, t), inst.situation.categories[k].code, *(one / MICRO for one in amounts)))
    return found


def _extra_hours(m: Any, inst: Instance, decisions: Any) -> list[tuple]:
    situation, found = inst.situation, []
    for c, r, d, people in zip(*m.endurance.extra.axes, decisions.more["endurance"], strict=True):
        if people:
            start = _clock(inst, situation.periods[int(inst.block_start[d])].start_h)
            found.append((int(d), start, situation.regions[r].code, situation.professions[c].code, people / MICRO))
    return found
