"""What a plan costs, at the prices that the scenario states. Never put before care."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Entries, Index
from nspl_opt.formulation.family import Said, Symbol, Term, rule
from nspl_opt.formulation.goal import Goal, GoalOptions, sum_of
from nspl_opt.instance.instance import Instance
from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.reference.reference import MICRO

Part = Literal["vehicles", "loans", "openings", "surge_beds", "postponed", "stocks", "journeys"]
PARTS: tuple[Part, ...] = ("vehicles", "loans", "openings", "surge_beds", "postponed", "stocks", "journeys")
LEAST, MOST = 1e-4, 1e6
"""What one unit of anything may cost, but for nothing, to be counted as it stands: beyond that no solver can be
trusted."""
LARGE = 1e5
"""What costs more is added up in such sums first; what costs more than ``MOST`` of them is refused."""
PRICES: dict[str, str] = {
    "vehicles": "costs.vehicle_hour", "loans": "costs.loan_day", "openings": "opening_cost of surge stages",
    "surge_beds": "costs.surge_bed_day", "postponed": "costs.postponed_bed_day", "stocks": "costs.stock_move",
    "journeys": "costs.journey_hour",
}  # fmt: skip
"""Part -> where its price is stated."""


class CostOptions(GoalOptions):
    """What counts."""

    parts: tuple[Part, ...] = Field(
        PARTS, strict=False, min_length=1,
        description="what costs count: " + ", ".join(PARTS),
    )  # fmt: skip


def _cost(m: pyo.ConcreteModel, inst: Instance, options: CostOptions) -> list[Entries]:
    r"""What vehicles, loans, surge beds, postponed care, stocks moved and journeys cost, at the scenario's prices.

    .. math:: \sum_{q,p,t} \pi_v h_{qp} y_{qpt} + \sum \pi_c L_{crqd} B_d / 24 + \sum \pi^o_u o_{ud}
              + \pi^s \sum \beta_{ut} O_{u,d(t)} \Delta_t / 24 + \pi^z \sum B_d \sigma z_{id} / (24 Z) \sum_b P_{bi}
              + \sum \pi_g (y_{grqt} + v_{grt}) + \pi^x \sum x_{et} \mathrm{minutes}_e / 60
    """
    wanted = [part for part in PARTS if part in options.parts]
    found = {part: [_where(one, one.factor != 0) for one in _OF[part](m, inst)] for part in wanted}
    problems = [problem for part, entries in found.items() for problem in _refused(part, entries, inst)]
    if problems:
        raise InvalidInput("costs", problems)
    entries = [one for part in wanted for one in found[part]]
    large = [one for one in (_where(one, one.factor > MOST) for one in entries) if len(one.at)]
    kept = [_where(one, one.factor <= MOST) for one in entries]
    return [*kept, _add_up(m, large)] if large else kept


def _where(one: Entries, some: np.ndarray) -> Entries:
    return sum_of(one.columns, one.factor[some], one.at[some])


def _refused(part: str, entries: list[Entries], inst: Instance) -> Iterator[Problem]:
    """What is too small or too large to be added up with the rest: the price, and what to write instead."""
    sizes = np.concatenate([one.factor for one in entries] or [np.zeros(0)])
    currency, limits = inst.situation.costs.currency, f"{LEAST:g} to {MOST * LARGE:g}"
    for outside, change, unit in (
        (sizes[sizes > MOST * LARGE], "divide", f"million {currency}"),
        (sizes[sizes < LEAST], "multiply", f"{currency} / 1,000,000"),
    ):
        if len(outside):
            what = f"one decision would cost {outside[0]:g} {currency}: only {limits} can be added up"
            prices = "every price of [costs] and every opening_cost"
            remedy = f'{change} {prices} by 1,000,000 and write currency = "{unit}"'
            yield Problem("M110", PRICES[part], what, remedy)


def _add_up(m: pyo.ConcreteModel, entries: list[Entries]) -> Entries:
    """The sum of what is dear, as one variable that counts in units of ``LARGE``."""
    block = m.cost = pyo.Block()
    block.large = pyo.Var(bounds=(0, None))

    @rule(block, Index(np.zeros(1, dtype=np.int64)), "100,000 of the currency")
    def large_of(n: np.ndarray) -> Said:
        r"""What costs more than a million apiece is added up by itself, in hundreds of thousands.

        .. math:: \sum_{\pi > 10^6} \pi x / 10^5 \le K
        """
        dear = [Term(one.factor / LARGE, one.columns, (np.zeros_like(one.at),), one.at) for one in entries]
        return [*dear, Term(-1.0, block.large, (n,), np.zeros_like(n))], "<=", 0.0

    return sum_of(block.large, LARGE)


def _vehicles(m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
    """Hours of trips, and of legs to and from terminals."""
    transports, situation, made, moves = m.component("transports"), inst.situation, inst.made, inst.moves
    if transports is None:
        return []
    prices = situation.costs.vehicle_hour
    price = {vehicle.code: _unit(prices.get(vehicle.code, 0)) for vehicle in situation.vehicle_types}
    types = [price[vehicle.code] for vehicle in situation.vehicle_types]
    trip = np.array([types[inst.runs[q].vehicle_type] for q in made.run.tolist()], dtype=float) * made.hours
    # A run with an implied trip makes one for every patient that no other trip takes.
    implied = np.zeros((len(inst.runs), len(inst.hours)))
    implied[made.run[made.implied], made.period[made.implied]] = trip[made.implied]
    (own,) = transports.trips.axes
    ride = implied[moves.run, moves.period] if len(inst.runs) else np.zeros(len(moves.run))
    pool = np.array([price[pool.vehicle_type] for pool in situation.pools], dtype=float)
    np.add.at(ride, moves.fed_cell, moves.fed_hours * pool[moves.fed_pool])
    return [sum_of(transports.trips, trip[own] - implied[made.run[own], made.period[own]]), sum_of(m.move, ride)]


def _loans(m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
    loans = m.component("staff_loans")
    if loans is None:
        return []
    prices = [_unit(inst.situation.costs.loan_day.get(one.code, 0)) for one in inst.situation.professions]
    c, _, _, d = loans.away.axes
    return [sum_of(loans.away, np.array(prices)[c] * inst.block_hours[d] / 24)]


def _openings(m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
    surge = m.component("surge")
    if surge is None or not hasattr(surge, "opened"):
        return []
    prices = np.array([_unit(line.opening_cost_micro) for line in inst.situation.surge_units])
    return [sum_of(surge.opened, prices[surge.opened.axes[0]])]


def _surge_beds(m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
    surge = m.component("surge")
    if surge is None or not hasattr(surge, "open"):
        return []
    lines = inst.situation.surge_units
    stated = np.array([line.beds / line.units for line in lines]) * surge.units.ready()
    days = np.zeros((len(lines), len(inst.block_hours)))
    np.add.at(days.T, inst.block, (stated * inst.hours / 24).T)
    return [sum_of(surge.open, _unit(inst.situation.costs.surge_bed_day) * days[surge.open.axes])]


def _postponed(m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
    elective = m.component("elective")
    if elective is None:
        return []
    beds, (i, d) = inst.situation.planned_beds.sum(axis=0).astype(float), elective.step.axes
    days = inst.block_hours[d] / 24 * elective.freed_per_step * beds[i]
    return [sum_of(elective.step, _unit(inst.situation.costs.postponed_bed_day) * days)]


def _stocks(m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
    found = []
    for name in ("equipment", "supplies"):
        store = getattr(m.component(name), "store", None)
        if store is not None:
            prices = np.array([_unit(inst.situation.costs.stock_move.get(stock.code, 0)) for stock in store.stocks])
            found += [sum_of(store.sent, prices[store.loads.stock]), sum_of(store.given, prices[store.given.axes[0]])]
    return found


def _journeys(m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
    return [sum_of(m.move, _unit(inst.situation.costs.journey_hour) * inst.moves.minutes / 60)]


def _unit(micro: int) -> float:
    return micro / MICRO


_OF: dict[str, Callable[[Any, Instance], list[Entries]]] = {
    "vehicles": _vehicles, "loans": _loans, "openings": _openings, "surge_beds": _surge_beds, "postponed": _postponed,
    "stocks": _stocks, "journeys": _journeys,
}  # fmt: skip

GOALS_HERE = (
    Goal(
        "cost",
        "Kostnad",
        "Cost",
        "currency",
        1.0,
        CostOptions,
        _cost,
        symbols=(
            Symbol(r"\pi", "prices of `[costs]`; π°_u the opening cost of the line of surge units", "currency", "data"),
            Symbol(r"K", "what costs more than a million apiece, added up", "100,000 of the currency", "variable"),
            Symbol(r"h_{qp}", "hours of a trip, from the base and back to it", "h", "data"),
        ),
        notes=(
            "`vehicles`: hours of all trips (scheduled lines cost nothing) and of the legs to and from terminals,"
            " back again and loading included; only with the family transports. `loans`: days away. `openings`: "
            "openings of surge units; `surge_beds`: beds of open units as stated (E_ut / Ō_u), needed or not; "
            "both only with the family surge. `postponed`: bed-days of planned care. `stocks`: units sent or "
            "given, from the national stock too. `journeys`: hours that patients travel, door to door.",
            "What has no price costs nothing. In the currency of the scenario. A decision (a unit open for a staff "
            "block, a step of postponed care) that costs more than 1e6 of it is counted by way of K; one that costs "
            "less than 1e-4 or more than 1e11 is refused (M110), with what to write instead. Put it after all goals "
            "of care: it never weighs against care.",
        ),
    ),
)
