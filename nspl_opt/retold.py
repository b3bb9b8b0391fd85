"""A plan read back from its tables into the columns of the model: what was found once is not searched for again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from nspl_opt.plan.plan import Plan
from nspl_opt.solver import highs as hs
from nspl_opt.solver.around import base_around
from nspl_opt.solver.base import Base, Parts, quiet_search
from nspl_opt.solver.primal import branch, polish
from nspl_opt.solver.relaxation import Relaxation

SHARE = 0.5
"""Share of the time for what the tables leave open."""


def base_of_plan(living: Any, plan: Plan) -> Base | None:
    """The base of what-ifs about a plan, that plan being its own; None where its tables do not lead to one in time.

    ``living`` is the case that the plan was made for. Raises ``SolverFault`` as ``solve_base`` does.
    """
    parts, settings = living.parts(), living.spec.solver.model_dump()
    start = hs.now()
    point = _completed(parts, settings, *point_of(living, plan))
    if point is None:
        return None
    base = base_around(parts, settings, point)
    return None if base.first is None else replace(base, seconds=hs.now() - start)


def point_of(living: Any, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """(columns,) amounts of what the tables say, 0 elsewhere, and whether they say anything of a column.

    They tell transfers, trips, steps of postponed care and loans, all that is whole in most models.
    """
    number = {id(column): at for at, column in enumerate(living.compiled.columns)}
    point, known = np.zeros(len(number)), np.zeros(len(number), dtype=bool)
    for variables, amounts in _told(living, plan):
        for key, variable in variables.items():
            if (at := number.get(id(variable))) is not None:
                point[at], known[at] = amounts.get(key, 0.0), True
    return point, known


def _told(living: Any, plan: Plan) -> Iterator[tuple[Any, dict[Any, float]]]:
    """A family's variables, and the amounts of those that are not nothing."""
    m = living.m
    yield m.move, _moves(living, plan)
    if (transports := m.component("transports")) is not None:
        yield transports.trips, _trips(living, plan)
    if (elective := m.component("elective")) is not None:
        sites, rows = {site.code: i for i, site in enumerate(living.situation.sites)}, plan.tables["postponed"]
        columns = zip(rows["site"], rows["block"], rows["step"], strict=True)
        yield elective.step, {(sites[site], int(block)): float(step) for site, block, step in columns}
    if (loans := m.component("staff_loans")) is not None:
        away, started = _loans(living, plan)
        yield loans.away, away
        yield loans.started, started


def _moves(living: Any, plan: Plan) -> dict[int, float]:
    situation, inst, rows = living.situation, living.inst, plan.tables["transfers"]
    names = ("category", "from_site", "to_site", "vehicle_type", "period")
    told = dict(zip(zip(*(rows[name] for name in names), strict=True), rows["patients"], strict=True))
    found = {}
    for number, cell in enumerate(inst.cells):
        arc = inst.arcs[cell.arc]
        ends = situation.sites[arc.origin].code, situation.sites[arc.destination].code
        kind = situation.categories[arc.category].code, *ends, situation.vehicle_types[arc.vehicle_type].code
        if amount := told.get((*kind, cell.period)):
            found[number] = float(amount)
    return found


def _trips(living: Any, plan: Plan) -> dict[int, float]:
    situation, inst, rows = living.situation, living.inst, plan.tables["trips"]
    names = ("vehicle_type", "pool", "line", "from_terminal", "to_terminal", "period")
    told = dict(zip(zip(*(rows[name] for name in names), strict=True), rows["trips"], strict=True))
    found = {}
    for number, trip in enumerate(inst.trips):
        run = inst.runs[trip.run]
        pool = situation.pools[trip.pool].code if trip.pool >= 0 else ""
        kind = situation.vehicle_types[run.vehicle_type].code, pool, run.line
        if amount := told.get((*kind, run.from_terminal, run.to_terminal, trip.period)):
            found[number] = float(amount)
    return found


def _loans(living: Any, plan: Plan) -> tuple[dict[Any, float], dict[Any, float]]:
    """(profession, lender, borrower, block) -> people away, people leaving."""
    situation, rows = living.situation, plan.tables["loans"]
    kinds = {one.code: n for n, one in enumerate(situation.professions)}
    regions = {one.code: n for n, one in enumerate(situation.regions)}
    names = ("profession", "from_region", "to_region", "first_block", "last_block", "persons")
    away: dict[Any, float] = {}
    started: dict[Any, float] = {}
    for kind, lender, borrower, first, last, persons in zip(*(rows[name] for name in names), strict=True):
        who = kinds[kind], regions[lender], regions[borrower]
        started[*who, int(first)] = started.get((*who, int(first)), 0.0) + float(persons)
        for block in range(int(first), int(last) + 1):
            away[*who, block] = away.get((*who, block), 0.0) + float(persons)
    return away, started


def _completed(parts: Parts, settings: dict[str, Any], point: np.ndarray, known: np.ndarray) -> np.ndarray | None:
    """A plan with the whole columns that the tables tell; None where there is none in time.

    Whole columns that they leave open are decided by branch and bound beside those: most follow from them.
    """
    search = quiet_search(parts, settings)
    goal, whole = search.main, search.whole
    search.costs = parts["goals"][goal].copy()
    point = np.where(whole, np.round(point), point)
    relaxed = Relaxation(parts, search.options(), lambda: False)
    relaxed.active |= (point != 0) | (whole & ~known)
    deadline = hs.now() + SHARE * float(settings["time_limit_s"])
    if not (whole & ~known).any():
        search.take(polish(search, relaxed, point, deadline))
        return search.plan
    told = whole & known
    limits = parts["col_lower"].copy(), parts["col_upper"].copy()
    for side in limits:
        side[told] = point[told]
    branch(search, relaxed, goal, relaxed.active, 0.0, deadline, limits)
    return search.plan
