"""The rules of staff and of staff loans as arrays (see ``entries.py``)."""

from __future__ import annotations

import numpy as np
from entries import Entries, Part, Sets

MICRO = 1_000_000


def add_staff(s: Sets, e: Entries) -> None:
    """People on duty, per region and per site of regions that have several."""
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


def add_loans(s: Sets, e: Entries) -> None:
    """Who may be lent, how long, and that who is away has left."""
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
