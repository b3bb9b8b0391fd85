"""Every rule of the national model as arrays (see ``entries.py``)."""

from __future__ import annotations

from typing import Any

import numpy as np
from entries import Entries, Part, Sets
from staff_rules import add_loans, add_staff


def entries_of(spec: Any, inst: Any, pairs: tuple[tuple[int, int], ...]) -> Entries:
    """Columns, rules and goals of the national model; ``pairs`` are the loan partners, as the model has them."""
    s, e = Sets(spec, inst, pairs), Entries()
    _columns(s, e)
    _core(s, e)
    _beds(s, e)
    add_staff(s, e)
    add_loans(s, e)
    _transports(s, e)
    _reserve(s, e)
    _overload(s, e)
    _goals(s, e)
    return e


def _columns(s: Sets, e: Entries) -> None:
    def add(name: str, count: int, upper: Any = np.inf, whole: Any = False) -> None:
        e.columns[name] = np.zeros(count), np.broadcast_to(upper, count).astype(float), np.broadcast_to(whole, count)

    inst, options = s.inst, s.spec.families["transports"]
    until = {
        name: np.inf if getattr(options, name) == "all" else float(getattr(options, name))
        for name in ("trips_whole_until_h", "patients_whole_until_h")
    }
    add("present", s.k * s.i * s.t)
    add("cared", len(s.cared_row))
    add("move", len(s.leaves), whole=s.starts[s.leaves] < until["patients_whole_until_h"])
    add("step", len(s.steps[0]), s.spec.families["elective"].steps, True)
    share = s.spec.families["staff_loans"].share
    people = np.zeros((s.c, len(inst.region_sites), s.d))
    for d in range(s.d):
        least = inst.situation.staff[:, :, inst.block == d].min(axis=2)
        np.add.at(people[:, :, d].T, inst.site_region, least.T)
    s.may_lend = np.floor(people * share + 1e-9)
    for name in ("away", "started"):
        add(name, len(s.loan_c), s.may_lend[s.loan_c, s.lender, s.loan_d], True)
    several = np.array([kind.carries_several for kind in inst.situation.vehicle_types])
    vehicle = np.array([run.vehicle_type for run in inst.runs], dtype=np.int64)[s.run]
    limit = np.where(several[vehicle], until["trips_whole_until_h"], until["patients_whole_until_h"])
    add("trips", len(s.run), whole=s.starts[s.period] < limit)
    add("overload", 1)


def _core(s: Sets, e: Entries) -> None:
    inst = s.inst
    k, i, t = s.grid(*s.shape)
    row = np.arange(len(k))
    came = inst.arrivals.ravel() + np.where(t == 0, (inst.initial * (1 - inst.discharge[:, :1]))[k, i], 0.0)
    later = t > 0
    g, ck, _, ct = s.cared
    next_row, before_end = s.cared_row + 1, ct + 1 < s.t
    stayed: list[Part] = [
        ("present", row[later], row[later] - 1, -np.ones(later.sum())),
        (
            "cared",
            next_row[before_end],
            np.flatnonzero(before_end),
            inst.discharge[ck, np.minimum(ct + 1, s.t - 1)][before_end],
        ),
    ]
    cell = np.arange(len(s.leaves))
    out = np.ravel_multi_index((s.move_k, s.origin, s.leaves), s.shape)
    into = np.ravel_multi_index((s.move_k, s.destination, s.arrives), s.shape)
    ones = np.ones(len(cell))
    parts = [("present", row, row, np.ones(len(row))), *stayed, ("move", into, cell, -ones), ("move", out, cell, ones)]
    e.add("core.balance", parts, "=", came)
    e.add("core.movable", [("move", out, cell, ones), *stayed], "<=", came, np.intersect1d(out, into))
    served = ("cared", s.cared_row, np.arange(len(g)), np.ones(len(g)))
    e.add("core.cared", [served, ("present", row, row, -np.ones(len(row)))], "<=", np.zeros(len(row)))


def _beds(s: Sets, e: Entries) -> None:
    inst = s.inst
    _, k, i, t = s.cared
    shape = inst.free_beds.shape
    served = ("cared", np.ravel_multi_index((inst.bed_of[k], i, t), shape), np.arange(len(k)), np.ones(len(k)))
    _, i, t = s.grid(*shape)
    step = s.freed(i, t)
    has = step >= 0
    postponed = ("step", np.flatnonzero(has), step[has], -inst.planned_beds.ravel()[has] * s.per_step)
    e.add("beds.capacity", [served, postponed], "<=", inst.free_beds.ravel())


def _transports(s: Sets, e: Entries) -> None:
    inst = s.inst
    trip, cell = np.arange(len(s.run)), np.arange(len(s.leaves))
    sign = np.where(s.first_pool >= 0, -1.0, 1.0)
    keys = len(sign)
    load = [("trips", s.trip_key, trip, -sign[s.trip_key]), ("move", s.cell_key, cell, sign[s.cell_key] * s.fills)]
    e.add("transports.load", load, "<=", np.zeros(keys))
    duty = s.spec.families["transports"].duty_share
    per_day = np.stack([inst.pool_hours[:, inst.block == d].sum(axis=1) * duty for d in range(s.d)], axis=1)
    n, pool, hours = s.fed
    shorter = np.minimum(s.trip_h, inst.hours[s.period])
    for name, span, right, trip_h in (
        ("vehicles", np.arange(s.t), inst.pool_hours, shorter),
        ("duty", inst.block, per_day, s.trip_h),
    ):
        many = right.shape[1]
        own = np.flatnonzero(s.pool >= 0)
        first_h = np.minimum(s.first_h, np.tile(inst.hours, keys // s.t)) if name == "vehicles" else s.first_h
        first_row = s.first_pool * many + np.tile(span, keys // s.t)
        other, rider = np.flatnonzero(s.first_pool[s.trip_key] >= 0), np.flatnonzero(s.first_pool[s.cell_key] >= 0)
        parts = [
            ("trips", s.pool[own] * many + span[s.period[own]], own, trip_h[own]),
            ("trips", first_row[s.trip_key[other]], other, -first_h[s.trip_key[other]]),
            ("move", first_row[s.cell_key[rider]], rider, s.fills[rider] * first_h[s.cell_key[rider]]),
            ("move", pool * many + span[s.leaves[n]], n, hours),
        ]
        e.add(f"transports.{name}", parts, "<=", right.ravel(), np.concatenate([part[1] for part in parts]))
    _departures(s, e)


def _departures(s: Sets, e: Entries) -> None:
    inst = s.inst
    ports = sorted({(run.line, run.from_terminal) for run in inst.runs if run.line})
    port_of = np.array(
        [ports.index((run.line, run.from_terminal)) if run.line else -1 for run in inst.runs], dtype=np.int64
    )
    sailing = np.flatnonzero(port_of[s.run] >= 0) if len(port_of) else np.zeros(0, dtype=np.int64)
    right = np.array([inst.situation.departures[line] for line, _ in ports], dtype=float).reshape(-1)
    row = port_of[s.run[sailing]] * s.t + s.period[sailing]
    e.add("transports.departures", [("trips", row, sailing, np.ones(len(row)))], "<=", right)


def _reserve(s: Sets, e: Entries) -> None:
    inst, situation, options = s.inst, s.inst.situation, s.spec.families["reserve"]
    codes = [region.code for region in situation.regions]
    areas = [area.regions for area in situation.groupings[options.grouping]]
    member = np.array([[codes[r] in area for r in inst.site_region] for area in areas])
    kept = np.array([bed.code in options.bed_types for bed in situation.bed_types])
    need, before = np.empty_like(inst.arrivals), inst.initial
    for t in range(s.t):
        before = before * (1 - inst.discharge[:, t])[:, None] + inst.arrivals[:, :, t]
        need[:, :, t] = before
    of_bed = inst.bed_of[None] == np.arange(len(kept))[:, None]
    own = np.einsum("bk,kit,ai->abt", of_bed.astype(float), need, member.astype(float))
    free = np.einsum("bit,ai->abt", inst.free_beds.astype(float), member.astype(float))
    right = np.maximum((1 - options.free_share) * free, own)
    _, k, i, t = s.cared
    area, n = np.nonzero(member[:, i] & kept[inst.bed_of[k]])
    row = np.ravel_multi_index((area, inst.bed_of[k[n]], t[n]), right.shape)
    e.add("reserve.floor", [("cared", row, n, np.ones(len(n)))], "<=", right.ravel())


def _goals(s: Sets, e: Entries) -> None:
    inst = s.inst
    k, _, t = s.grid(*s.shape)
    cell, loan = np.arange(len(s.leaves)), np.arange(len(s.loan_c))
    weight, hours = inst.weight.astype(float), inst.hours.astype(float)
    g, ck, _, ct = s.cared
    ends = np.concatenate([[0.0], np.cumsum(hours)])
    goals = {
        "unmet_care": [
            ("present", np.arange(len(k)), weight[k] * hours[t]),
            ("cared", np.arange(len(g)), -weight[ck] * hours[ct]),
            ("move", cell, weight[s.move_k] * (ends[s.arrives] - ends[s.leaves])),
        ],
        "worst_region": [("overload", np.zeros(1, dtype=np.int64), np.ones(1))],
        "postponed_care": [("step", np.arange(len(s.steps[0])), _step_hours(s))],
        "patient_hours_in_transit": [("move", cell, s.minutes / 60)],
        "crossings": [("move", cell, _crossing(s))],
        "staff_away": [("away", loan, inst.block_hours[s.loan_d] / 24)],
        "contingency_care": [("cared", np.flatnonzero(g == 1), hours[ct[g == 1]])],
    }
    for stage in s.spec.stages(inst.situation):
        parts = goals[stage.goal.name]
        e.goals.append([(name, np.zeros_like(columns), columns, factors) for name, columns, factors in parts])


def _crossing(s: Sets) -> np.ndarray:
    """1 for a transfer that leaves its area."""
    situation, region = s.inst.situation, s.inst.site_region
    grouping = next(goal.grouping for goal in s.spec.goals if goal.name == "crossings")
    codes = [one.code for one in situation.regions]
    same = np.array([[situation.same_area(grouping, one, other) for other in codes] for one in codes])
    return 1.0 - same[region[s.origin], region[s.destination]]


def _overload(s: Sets, e: Entries) -> None:
    inst, beds = s.inst, s.inst.situation.beds
    weight, region = inst.weight.astype(float), inst.site_region
    least = np.array([min(weight[inst.bed_of == b], default=0.0) for b in range(len(beds))])
    capacity = np.zeros(len(inst.region_sites))
    np.add.at(capacity, region, least @ beds[:, :, 0])
    k, i, t = s.grid(*s.shape)
    rows = np.flatnonzero(capacity[region[i]] > 0)
    many, load = np.arange(len(capacity) * s.t), 100.0 * weight[k[rows]] / capacity[region[i[rows]]]
    parts = [
        ("present", region[i[rows]] * s.t + t[rows], rows, load),
        ("overload", many, 0 * many, -np.ones(len(many))),
    ]
    e.add("worst_region.overload_of", parts, "<=", np.full(len(many), 100.0))


def _step_hours(s: Sets) -> np.ndarray:
    """Bed-hours that a step postpones."""
    site, d = s.steps
    return s.inst.block_hours[d] * s.per_step * s.inst.situation.planned_beds.sum(axis=0)[site]
