"""Surge units in a plan: units open are decided, openings and closings are the fewest and latest that fit them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.instance.instance import Instance
from nspl_opt.plan.cleaning import DUST_MICRO, millionths
from nspl_opt.plan.opened import beds_per_unit
from nspl_opt.plan.parts.care import beds_used
from nspl_opt.plan.parts.tables_stocks import TABLES_HERE
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import SurgeUnit

Counts = dict[tuple[int, int], int]
"""(line, staff block) -> units."""


def read(m: Any, inst: Instance, value_of: Callable[[Any], np.ndarray]) -> dict[str, Any]:
    """Units open, opened and closed."""
    block = m.component("surge")
    if block is None:
        return {}
    found: dict[str, Counts] = {"open": {}, "opened": {}, "closed": {}}
    if hasattr(block, "open"):
        values = (millionths(value_of(block.open), True) // MICRO).tolist()
        found["open"] = dict(zip(block.open, values, strict=True))
        for u, line in enumerate(inst.situation.surge_units):
            _follow(inst, u, line, block.options, found)
    return {"surge": found}


def _trim(m: Any, inst: Instance, decisions: Any) -> None:
    """Close units that nobody needs, those of late stages first, as far as the rules of their lines let it be."""
    found, options = decisions.more["surge"], m.surge.options
    needed, each = _needed(m, inst, decisions), np.floor(m.surge.units.beds() * MICRO + 1e-3).astype(np.int64)
    blocks = [np.flatnonzero(inst.block == d) for d in range(len(inst.block_hours))]
    places: dict[tuple[int, int], list[int]] = {}
    units = m.surge.units
    for u, place in enumerate(zip(units.bed.tolist(), units.site.tolist(), strict=True)):
        places.setdefault(place, []).append(u)
    fewer = dict(found["open"])
    for (b, i), lines in places.items():
        for d, periods in enumerate(blocks):
            here = [u for u in lines if fewer.get((u, d))]
            spare = min(
                (int(each[here, t] @ [fewer[u, d] for u in here]) - needed[b, i, t] for t in periods), default=0
            )
            for u in sorted(here, key=lambda u: (-inst.situation.surge_units[u].stage, -u)):
                kept = fewer.get((u, d - 1), 0) if options.stay_open else 0
                most = max(int(each[u, t]) for t in periods)
                closed = max(0, min(fewer[u, d] - kept, spare // most if most else fewer[u, d]))
                fewer[u, d] -= closed
                spare -= closed * most
    for u, line in enumerate(inst.situation.surge_units):
        trial = {"open": {key: count for key, count in fewer.items() if key[0] == u}, "opened": {}, "closed": {}}
        if _follow(inst, u, line, options, trial):
            for name, counts in trial.items():
                found[name] |= counts


def _needed(m: Any, inst: Instance, decisions: Any) -> np.ndarray:
    """(bed_type, site, period) beds in use beyond the staffed ones [beds / 1e6], rounded up."""
    lying = np.zeros(inst.free_beds.shape)
    np.add.at(lying, inst.bed_of, decisions.cared.sum(axis=0))
    for name, more in beds_used(m, inst, decisions).items():
        lying += more * (-1 if name == "borrowed" else 1)
    freed = np.zeros(inst.free_beds.shape[1:])
    if m.component("elective") is not None:
        for (i, d), step in decisions.step.items():
            freed[i, inst.block == d] = step * m.elective.freed_per_step
    staffed = inst.situation.beds - inst.planned_beds * (1 - freed)[None]
    return np.ceil(np.maximum(0.0, lying - staffed * MICRO - DUST_MICRO)).astype(np.int64)


def put(m: Any, inst: Instance, decisions: Any, put: Callable[[Any, np.ndarray], None]) -> None:
    """The same, as they are told: less the units that nobody lies in."""
    block = m.component("surge")
    if block is not None and hasattr(block, "open"):
        _trim(m, inst, decisions)
        for name, counts in decisions.more["surge"].items():
            columns = getattr(block, name)
            put(columns, np.array([counts.get(key, 0) for key in columns], dtype=float))


def rows(m: Any, inst: Instance, decisions: Any, model: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The table ``surge_units``."""
    if m.component("surge") is None:
        return {}
    situation, counts, found = inst.situation, decisions.more["surge"], []
    each = beds_per_unit(situation)
    region = {site.code: site.region for site in situation.sites}
    for u, d in sorted(counts["open"]):
        here = [counts[name].get((u, d), 0) for name in ("open", "opened", "closed")]
        if any(here):
            line, first = situation.surge_units[u], int(inst.block_start[d])
            start = (situation.start + timedelta(hours=situation.periods[first].start_h)).isoformat(timespec="minutes")
            beds = round(float(here[0] * each.get((u, first), 0)), 6)
            found.append((u, d, start, region[line.site], line.site, line.bed_type, line.stage, *here, beds))
    return {"surge_units": pd.DataFrame(found, columns=[column.name for column in TABLES_HERE["surge_units"]])}


def _follow(inst: Instance, u: int, line: SurgeUnit, options: Any, found: Mapping[str, Counts]) -> bool:
    """Openings and closings of a line. With O_d openings up to d, each rule bounds a difference of two of them; the
    least O that keeps all is found by raising what is too low, and is whole because all that bounds it is. Whether
    there is one."""
    blocks = [d for v, d in sorted(found["open"]) if v == u]
    if not blocks:
        return True
    hours = inst.block_hours
    start = np.cumsum(hours) - hours
    count = [0, *(found["open"][u, d] for d in blocks)]
    least = _bounds(line, options, count, [int(start[d]) for d in blocks], [int(hours[d]) for d in blocks])
    openings = [0] * len(count)
    for _ in range(len(count) + 1):
        for later, earlier, difference in least:
            openings[later] = max(openings[later], openings[earlier] + difference)
    for n, d in enumerate(blocks, start=1):
        opened = openings[n] - openings[n - 1]
        found["opened"][u, d] = opened
        found["closed"][u, d] = count[n - 1] + opened - count[n]
    return all(openings[later] >= openings[earlier] + difference for later, earlier, difference in least)


def _bounds(
    line: SurgeUnit, options: Any, count: list[int], start: list[int], hours: list[int]
) -> list[tuple[int, int, int]]:
    """(n, m, difference): openings up to n are at least those up to m and so many more. 0 is before the first."""
    found = []
    for n in range(1, len(count)):
        found.append((n, n - 1, max(0, count[n] - count[n - 1])))
        if line.longest_h is not None:
            longest = line.longest_h * options.longest_factor
            end = start[n - 1] + hours[n - 1]
            first = min(e for e in range(1, n + 1) if e == n or end - start[e - 1] <= longest)
            found.append((n, first - 1, count[n]))
        recent = [e for e in range(1, n + 1) if start[n - 1] - start[e - 1] < line.teardown_h * options.teardown_factor]
        if recent:
            before = min(recent) - 1
            found.append((before, n, count[before] - line.units))
    return found
