"""Every rule of the national model as arrays (see ``entries.py``)."""

from __future__ import annotations

from typing import Any

import numpy as np
from entries import Entries, Part, Sets

MICRO = 1_000_000


def entries_of(spec: Any, inst: Any, pairs: tuple[tuple[int, int], ...]) -> Entries:
    """Columns, rules and goals of the national model; ``pairs`` are the loan partners, as the model has them."""
    s, e = Sets(spec, inst, pairs), Entries()
    _columns(s, e)
    _core(s, e)
    _beds(s, e)
    _staff(s, e)
    _loans(s, e)
    _transports(s, e)
    _reserve(s, e)
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


def _staff(s: Sets, e: Entries) -> None:
    inst, situation, options = s.inst, s.inst.situation, s.spec.families["staff"]
    names = [profession.code for profession in situation.professions]
    ratio = np.array(
        [
            [
                [category.staff_micro.get(g, {}).get(name, 0) / MICRO for name in names]
                for category in situation.categories
            ]
            for g in ("conventional", "contingency")
        ]
    )
    escort = np.array(
        [[category.escort_micro.get(name, 0) / MICRO for name in names] for category in situation.categories]
    )
    on_duty = np.array([profession.on_duty_micro / MICRO for profession in situation.professions])
    away = np.minimum(1.0, 2 * s.minutes / 60 / inst.hours[s.leaves])
    planned = np.minimum(situation.planned_staff[:, :, None], situation.staff)
    crowded = np.array([len(sites) > 1 for sites in inst.region_sites])[inst.site_region]
    for name, place_of, many, factor in (
        ("region", inst.site_region, len(inst.region_sites), 1.0),
        ("site", np.arange(s.i), s.i, 1 + options.within_region_share),
    ):
        shape = s.c, many, s.t
        kept = np.ones(s.i, dtype=bool) if name == "region" else crowded
        care, people = _needs(s, shape, place_of, ratio, escort, away, kept)
        there = np.zeros(shape)
        np.add.at(there.swapaxes(0, 1), place_of, (situation.staff - planned).swapaxes(0, 1))
        there *= (on_duty * factor)[:, None, None]
        c, i, t = s.grid(s.c, s.i, s.t)
        step = s.freed(i, t)
        has = (step >= 0) & (planned.ravel() > 0)
        row = np.ravel_multi_index((c, place_of[i], t), shape)
        more = -(on_duty * factor)[c] * planned.ravel() * s.per_step
        parts = [care, people, ("step", row[has], step[has], more[has]), *_borrowed(s, shape, name, on_duty)]
        wanted = np.concatenate([care[1][care[3] != 0], people[1][people[3] != 0]])
        e.add(f"staff.{name}", parts, "<=", there.ravel(), wanted)


def _needs(
    s: Sets, shape: tuple, place: np.ndarray, ratio: np.ndarray, escort: np.ndarray, away: np.ndarray, kept: np.ndarray
) -> tuple[Part, Part]:
    """People for care and for escorts, per profession."""
    g, k, i, t = s.cared
    care, cells = np.flatnonzero(kept[i]), np.flatnonzero(kept[s.origin] & escort.any(axis=1)[s.move_k])
    c = np.repeat(np.arange(s.c), len(care))
    n = np.tile(care, s.c)
    here = np.flatnonzero(ratio[g[n], k[n], c])
    c, n = c[here], n[here]
    cared = ("cared", np.ravel_multi_index((c, place[i[n]], t[n]), shape), n, ratio[g[n], k[n], c])
    c, n = np.repeat(np.arange(s.c), len(cells)), np.tile(cells, s.c)
    here = np.flatnonzero(escort[s.move_k[n], c])
    c, n = c[here], n[here]
    row = np.ravel_multi_index((c, place[s.origin[n]], s.leaves[n]), shape)
    return cared, ("move", row, n, escort[s.move_k[n], c] * away[n])


def _borrowed(s: Sets, shape: tuple, name: str, on_duty: np.ndarray) -> list[Part]:
    """What loans bring, and at the lender take: one entry per loan, period of its block, and place."""
    inst, options = s.inst, s.spec.families["staff_loans"]
    loan, t = (axis.ravel() for axis in np.indices((len(s.loan_c), s.t)))
    now = inst.block[t] == s.loan_d[loan]
    loan, t = loan[now], t[now]
    late = np.minimum(1.0, options.travel_h / inst.block_hours)[s.loan_d[loan]]
    if name == "region":
        lender = np.ravel_multi_index((s.loan_c[loan], s.lender[loan], t), shape)
        borrower, many = np.ravel_multi_index((s.loan_c[loan], s.borrower[loan], t), shape), loan
        lost: list[Part] = [("away", lender, loan, on_duty[s.loan_c[loan]])]
    else:
        sites = [np.array(sites) for sites in inst.region_sites]
        counts = np.array([len(one) for one in sites])[s.borrower[loan]]
        site = np.concatenate([sites[q] for q in s.borrower[loan]]) if len(loan) else np.zeros(0, dtype=np.int64)
        many, t, late = np.repeat(loan, counts), np.repeat(t, counts), np.repeat(late, counts)
        borrower, lost = np.ravel_multi_index((s.loan_c[many], site, t), shape), []
    works = -on_duty[s.loan_c[many]] * options.yield_share
    return [*lost, ("away", borrower, many, works), ("started", borrower, many, -works * late)]


def _loans(s: Sets, e: Entries) -> None:
    options, length = s.spec.families["staff_loans"], s.inst.block_hours
    loan = np.arange(len(s.loan_c))
    shape = s.may_lend.shape
    lender = np.ravel_multi_index((s.loan_c, s.lender, s.loan_d), shape)
    e.add("staff_loans.share", [("away", lender, loan, np.ones(len(loan)))], "<=", s.may_lend.ravel())
    young = [[length[b:d].sum() < options.shortest_stay_h and b <= d for b in range(s.d)] for d in range(s.d)]
    recent = [
        [b == d or (b < d and length[b : d + 1].sum() <= options.longest_stay_h) for b in range(s.d)]
        for d in range(s.d)
    ]
    ones, nothing = np.ones(len(loan)), np.zeros(len(loan))
    for name, sign, starts in (("shortest_stay", -1.0, young), ("longest_stay", 1.0, recent)):
        row, start = np.nonzero(np.array(starts)[s.loan_d])
        started = ("started", row, row - s.loan_d[row] + start, np.full(len(row), -sign))
        e.add(f"staff_loans.{name}", [("away", loan, loan, sign * ones), started], "<=", nothing)
    later = np.flatnonzero(s.loan_d > 0)
    before = ("away", later, later - 1, -np.ones(len(later)))
    e.add("staff_loans.returns", [("away", loan, loan, ones), before, ("started", loan, loan, -ones)], "<=", nothing)


def _transports(s: Sets, e: Entries) -> None:
    inst = s.inst
    trip, cell = np.arange(len(s.run)), np.arange(len(s.leaves))
    sign = np.where(s.first_pool >= 0, -1.0, 1.0)
    keys = len(sign)
    load = [("trips", s.trip_key, trip, -sign[s.trip_key]), ("move", s.cell_key, cell, sign[s.cell_key] * s.fills)]
    e.add("transports.load", load, "<=", np.zeros(keys))
    duty = s.spec.families["transports"].duty_share
    per_day = np.stack([inst.pool_hours[:, inst.block == d].sum(axis=1) * duty for d in range(s.d)], axis=1)
    n, pool, hours = s.fed[:, 0].astype(np.int64), s.fed[:, 1].astype(np.int64), s.fed[:, 2]
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
    inst, situation = s.inst, s.inst.situation
    k, i, t = s.grid(*s.shape)
    row, cell = np.arange(len(k)), np.arange(len(s.leaves))
    weight, hours = inst.weight.astype(float), inst.hours.astype(float)
    g, ck, _, ct = s.cared
    ends = np.concatenate([[0.0], np.cumsum(hours)])
    areas = {code: frozenset() for code in (region.code for region in situation.regions)}
    grouping = next(goal.grouping for goal in s.spec.goals if goal.name == "crossings")
    code = [areas.keys() and situation.regions[r].code for r in inst.site_region]
    same = np.array([[situation.same_area(grouping, a, b) for b in areas] for a in areas])
    index = {one: n for n, one in enumerate(areas)}
    place = np.array([index[one] for one in code])
    goals = {
        "unmet_care": [
            ("present", row, weight[k] * hours[t]),
            ("cared", np.arange(len(g)), -weight[ck] * hours[ct]),
            ("move", cell, weight[s.move_k] * (ends[s.arrives] - ends[s.leaves])),
        ],
        "worst_region": [("overload", np.zeros(1, dtype=np.int64), np.ones(1))],
        "postponed_care": [("step", np.arange(len(s.steps[0])), _step_hours(s))],
        "patient_hours_in_transit": [("move", cell, s.minutes / 60)],
        "crossings": [("move", cell, 1.0 - same[place[s.origin], place[s.destination]])],
        "staff_away": [("away", np.arange(len(s.loan_c)), inst.block_hours[s.loan_d] / 24)],
        "contingency_care": [("cared", np.flatnonzero(g == 1), hours[ct[g == 1]])],
    }
    for goal in s.spec.goals:
        e.goals.append(
            [(name, np.zeros_like(columns), columns, factors) for name, columns, factors in goals[goal.name]]
        )
    least = np.array([weight[inst.bed_of == b].min(initial=np.inf) for b in range(len(situation.bed_types))])
    least[~np.isfinite(least)] = 0.0
    capacity = np.zeros(len(inst.region_sites))
    np.add.at(capacity, inst.site_region, least @ situation.beds[:, :, 0])
    region = inst.site_region[i]
    rows = np.flatnonzero(capacity[region] > 0)
    many = np.arange(len(capacity) * s.t)
    load = ("present", region[rows] * s.t + t[rows], rows, 100.0 * weight[k[rows]] / capacity[region[rows]])
    e.add(
        "worst_region.overload_of",
        [load, ("overload", many, 0 * many, -np.ones(len(many)))],
        "<=",
        np.full(len(many), 100.0),
    )


def _step_hours(s: Sets) -> np.ndarray:
    """Bed-hours that a step postpones."""
    site, d = s.steps
    return s.inst.block_hours[d] * s.per_step * s.inst.situation.planned_beds.sum(axis=0)[site]
