"""The rows of a plan's primary tables, sorted by key, in people's units."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.formulation.core import CRISIS
from nspl_opt.instance.instance import Instance
from nspl_opt.plan.opened import open_surge_micro
from nspl_opt.plan.plan import TABLES
from nspl_opt.reference.reference import MICRO, STANDARDS
from nspl_opt.scenario.situation import Situation

HELD_MICRO = 100
"""Beds needed beyond a whole number by less than this are solver noise, not one more bed."""


def _frame(name: str, found: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(found, columns=[column.name for column in TABLES[name]])


def _clock(situation: Situation, hours: int) -> str:
    return (situation.start + timedelta(hours=hours)).isoformat(timespec="minutes")


def _block_starts(situation: Situation) -> dict[int, int]:
    return {period.block: period.start_h for period in reversed(situation.periods)}


def _watched(model: Mapping[str, Any]) -> str:
    """The grouping whose borders the model watches: that of its areas, else that of its goal crossings."""
    named = [goal["grouping"] for goal in model["goals"] if goal["name"] == "crossings"]
    return str(model["families"].get("areas", {}).get("grouping", (named or ["civil_area"])[0]))


def transfers(m: Any, inst: Instance, decisions: Any, model: Mapping[str, Any]) -> pd.DataFrame:
    """One row per transfer made: sorted by period, sites, category, vehicle type."""
    situation = inst.situation
    grouping = _watched(model)
    found = []
    for number, cell in enumerate(inst.cells):
        patients = int(decisions.move[number])
        if not patients:
            continue
        arc = inst.arcs[cell.arc]
        origin, destination = situation.sites[arc.origin], situation.sites[arc.destination]
        category, vehicle = situation.categories[arc.category].code, situation.vehicle_types[arc.vehicle_type].code
        run = inst.runs[cell.run] if cell.run >= 0 else None
        ends = (run.from_terminal, run.to_terminal, run.line) if run else (origin.code, destination.code, "")
        start, arrive = situation.periods[cell.period], situation.periods[cell.arrival]
        found.append((
            f"{category}-{origin.code}-{destination.code}-{vehicle}-{cell.period:03d}",
            cell.period, _clock(situation, start.start_h), cell.arrival, _clock(situation, arrive.start_h),
            origin.code, destination.code, origin.region, destination.region, origin.region,
            category, vehicle, *ends, patients / MICRO, not m.move[number].is_continuous(), cell.minutes, "relief",
            not situation.same_area(grouping, origin.region, destination.region),
        ))  # fmt: skip
    found.sort(key=lambda row: (row[1], row[5], row[6], row[10], row[11]))
    return _frame("transfers", found)


def trips(m: Any, inst: Instance, decisions: Any) -> pd.DataFrame:
    """One row per run, pool and period with trips. Vehicles for one make whole trips as long as patients are whole."""
    situation, found = inst.situation, []
    riders = {(cell.run, cell.period) for number, cell in enumerate(inst.cells) if not m.move[number].is_continuous()}
    for number, trip in enumerate(inst.trips):
        made = int(decisions.trips[number])
        if not made:
            continue
        run = inst.runs[trip.run]
        vehicle = situation.vehicle_types[run.vehicle_type].code
        pool = situation.pools[trip.pool].code if trip.pool >= 0 else ""
        found.append((
            f"{pool or run.line}-{run.from_terminal}-{run.to_terminal}-{trip.period:03d}",
            trip.period, _clock(situation, situation.periods[trip.period].start_h), vehicle, pool, run.line,
            run.from_terminal, run.to_terminal, made / MICRO,
            (trip.run, trip.period) in riders if trip.implied else not m.transports.trips[number].is_continuous(),
            trip.minutes,
        ))  # fmt: skip
    found.sort(key=lambda row: (row[1], row[3], row[4], row[5], row[6], row[7]))
    return _frame("trips", found)


def loans(inst: Instance, decisions: Any) -> pd.DataFrame:
    """Loans from first to last block: who left first comes home first."""
    situation, found = inst.situation, []
    lengths = situation.block_hours
    starts = _block_starts(situation)
    for c, r, q in sorted({key[:3] for key in [*decisions.away, *decisions.started]}):
        out: deque[list[int]] = deque()
        ended: list[tuple[int, int, int]] = []
        for d in range(len(lengths)):
            began = decisions.started.get((c, r, q, d), 0)
            if began:
                out.append([d, began])
            home = sum(count for _, count in out) - decisions.away.get((c, r, q, d), 0)
            while home > 0 and out:
                first, count = out[0]
                back = min(home, count)
                if first < d:
                    ended.append((first, d - 1, back))
                out[0][1] -= back
                home -= back
                if not out[0][1]:
                    out.popleft()
        ended += [(first, len(lengths) - 1, count) for first, count in out]
        names = situation.professions[c].code, situation.regions[r].code, situation.regions[q].code
        for first, last, persons in sorted(_merged(ended)):
            found.append((
                f"{'-'.join(names)}-{first:03d}-{last:03d}", *names, first, last,
                _clock(situation, starts[first]), _clock(situation, starts[last] + lengths[last]), persons,
            ))  # fmt: skip
    return _frame("loans", sorted(found, key=lambda row: (row[1], row[2], row[3], row[4], row[5])))


def _merged(ended: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    total: dict[tuple[int, int], int] = {}
    for first, last, persons in ended:
        total[first, last] = total.get((first, last), 0) + persons
    return [(first, last, persons) for (first, last), persons in total.items()]


def postponed(inst: Instance, decisions: Any, model: Mapping[str, Any]) -> pd.DataFrame:
    """Steps in force per block and site."""
    situation, found = inst.situation, []
    options = model["families"].get("elective")
    starts, beds = _block_starts(situation), situation.planned_beds.sum(axis=0)
    for (i, d), step in decisions.step.items():
        site = situation.sites[i]
        freed = round(int(beds[i]) * options["largest_share"] * step / options["steps"], 6)
        found.append((d, _clock(situation, starts[d]), site.region, site.code, step, options["steps"], freed))
    return _frame("postponed", sorted(found, key=lambda row: (row[0], row[3])))


def surge(inst: Instance, decisions: Any, model: Mapping[str, Any], used: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Surge beds that are used: per period, site and bed type; ``used`` as ``parts.care.beds_used`` has it."""
    situation, found = inst.situation, []
    options = model["families"].get("elective", {"largest_share": 0.0, "steps": 1})
    cared = decisions.cared.sum(axis=0)
    there = open_surge_micro(situation, decisions.more["surge"]["open"] if "surge" in decisions.more else None)
    for t, period in enumerate(situation.periods):
        for i, site in enumerate(situation.sites):
            for b, bed in enumerate(situation.bed_types):
                held = int(inst.planned_beds[b, i, t])
                share = decisions.step.get((i, period.block), 0) * options["largest_share"] / options["steps"]
                staffed = int(situation.beds[b, i, t]) * MICRO - round(held * MICRO * (1 - share))
                needed = int(cared[np.flatnonzero(inst.bed_of == b), i, t].sum()) - staffed
                needed += sum(int(more[b, i, t]) * (-1 if name == "borrowed" else 1) for name, more in used.items())
                if needed > HELD_MICRO:
                    opened = -(-(needed - HELD_MICRO) // MICRO)
                    available = -(-int(there[b, i, t]) // MICRO)
                    start = _clock(situation, period.start_h)
                    found.append((t, start, site.region, site.code, bed.code, needed / MICRO, opened, available))
    return _frame("surge", sorted(found, key=lambda row: (row[0], row[3], row[4])))


def census(m: Any, inst: Instance, decisions: Any) -> pd.DataFrame:
    """Every site, category and period in which there was anyone; ``crisis`` where that standard may be used, who
    stepped in and out where care paths bind."""
    situation, found = inst.situation, []
    without = set() if CRISIS in m.standards else {"crisis"}
    without |= set() if inst.steps else {"stepped_in", "stepped_out"}
    names = [column.name for column in TABLES["census"] if column.name not in without]
    standards = range(len(STANDARDS) - ("crisis" in without))
    flows = [decisions.flows[name] for name in names if name in decisions.flows]
    for t, period in enumerate(situation.periods):
        start = _clock(situation, period.start_h)
        for i, site in enumerate(situation.sites):
            for k, category in enumerate(situation.categories):
                present = int(decisions.present[k, i, t])
                cared = [int(decisions.cared[g, k, i, t]) for g in standards]
                moved = [int(flow[k, i, t]) for flow in flows]
                if present or any(moved):
                    numbers = [*moved, present, *cared, present - sum(cared)]
                    found.append((t, start, site.region, site.code, category.code, *(n / MICRO for n in numbers)))
    return pd.DataFrame(sorted(found, key=lambda row: (row[0], row[3], row[4])), columns=names)


def discharges(census: pd.DataFrame, ready: pd.DataFrame | None) -> pd.DataFrame:
    """Who left care altogether and is gone: without those who became ready and wait, with those who were placed."""
    keys = ["period", "start", "region", "site", "category"]
    left = census[[*keys, "discharged"]].rename(columns={"discharged": "patients"})
    if ready is not None and len(ready):
        left = left.merge(ready[[*keys, "became", "placed"]], how="outer", on=keys).fillna(0.0)
        left["patients"] = (left["patients"] - left["became"] + left["placed"]).round(6)
        left = left.sort_values(["period", "site", "category"], kind="stable")
    return left[left["patients"] > 0]
