"""Transports: whole trips, vehicle hours from the base and back, feeder legs, ferry departures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, Index, distinct
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance

Hours = Annotated[float, Field(ge=0, le=10_000)]


class TransportOptions(Options):
    """What is whole, until when, and how much of the day vehicles are manned."""

    trips_whole_until_h: Hours | Literal["all"] = Field(
        48.0, description='trips of vehicles that carry several are whole in periods that start before [h], or "all"'
    )
    patients_whole_until_h: Hours | Literal["all"] = Field(
        24.0, description='patients moved are whole in periods that start before [h], or "all"'
    )
    duty_share: float = Field(0.6, gt=0, le=1, description="share of the day that a vehicle is manned and fit to drive")


def hours_of(limit: float | str) -> float:
    """A limit in hours; ``"all"`` is without end."""
    return float("inf") if limit == "all" else float(limit)


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: TransportOptions) -> None:
    """Trips carry patients; pools of vehicles make trips within their hours."""
    made, kinds = inst.made, inst.situation.vehicle_types
    starts = np.array([period.start_h for period in inst.situation.periods], dtype=float)
    until = hours_of(options.trips_whole_until_h), hours_of(options.patients_whole_until_h)
    limit = np.array([until[0 if kinds[run.vehicle_type].carries_several else 1] for run in inst.runs])
    own = np.flatnonzero(~made.implied)
    whole = starts[made.period[own]] < limit[made.run[own]]
    block.trips = Columns(Index(own), made.period[own], whole=whole, lazy=True, roundable=True)
    block.riding = _riding(inst)
    _add_load(block, m, inst)
    _add_vehicles(block, m, inst, options)
    _add_departures(block, inst)


@dataclass(frozen=True, slots=True)
class _Riding:
    """Who rides and drives where, in numbers of runs and periods."""

    fills: np.ndarray
    """(cell,) part of a vehicle that a patient fills."""
    cell_trip: np.ndarray
    """(cell,) the implied trip that drives what others leave of its run, -1 for none."""
    own_trip: np.ndarray
    """(column of trips,) the implied trip of its run, which it relieves; -1 for none."""


def _riding(inst: Instance) -> _Riding:
    places = [vehicle.capacity for vehicle in inst.situation.vehicle_types]
    kinds = [category.patient_kind for category in inst.situation.categories]
    part = np.array([[1.0 / there[kind] if there.get(kind) else 0.0 for kind in kinds] for there in places])
    made, moves = inst.made, inst.moves
    implied, own = np.flatnonzero(made.implied), np.flatnonzero(~made.implied)
    of_run = np.full((len(inst.runs), len(inst.hours)), -1, dtype=np.int64)
    of_run[made.run[implied], made.period[implied]] = implied
    return _Riding(
        part[moves.vehicle_type, moves.category],
        of_run[moves.run, moves.period],
        of_run[made.run[own], made.period[own]],
    )


def _add_load(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance) -> None:
    moves, made, riding = inst.moves, inst.made, block.riding
    (own,) = block.trips.axes

    @rule(block, distinct(made.run[own], made.period[own]), "trips")
    def load(q: np.ndarray, t: np.ndarray) -> Said:
        r"""Patients travel only in vehicles that make the trip, as many as fit.

        .. math:: \sum_{e \in q} x_{et} / \kappa_{v,k} \le \sum_p y_{qpt}
        """
        # The first pool drives what the others leave, and never less than nothing.
        filled = np.where(riding.cell_trip < 0, riding.fills, -riding.fills)
        driven = np.where(riding.own_trip < 0, -1.0, 1.0)
        riders = Term(filled, m.move, (moves.run, moves.period))
        return [riders, Term(driven, block.trips, (made.run[own], made.period[own]))], "<=", 0.0


def _driven(
    block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, hours: np.ndarray, time_of: np.ndarray
) -> list[Term]:
    """``hours`` (trip,) times the trips of each pool, in rows of pool and ``time_of`` (period,).

    An implied trip stands for the patients of its run less the other pools' trips.
    """
    made, moves, riding = inst.made, inst.moves, block.riding
    (own,) = block.trips.axes
    rides, relieves = np.flatnonzero(riding.cell_trip >= 0), np.flatnonzero(riding.own_trip >= 0)
    first, other = riding.cell_trip[rides], riding.own_trip[relieves]
    return [
        Term(hours[own], block.trips, (made.pool[own], time_of[made.period[own]])),
        Term(hours[first] * riding.fills[rides], m.move, (made.pool[first], time_of[moves.period[rides]]), rides),
        Term(-hours[other], block.trips, (made.pool[other], time_of[made.period[other]]), relieves),
    ]


def _add_vehicles(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: TransportOptions) -> None:
    made, moves = inst.made, inst.moves
    fed_at = moves.period[moves.fed_cell]
    times, days = np.arange(len(inst.hours)), inst.block

    def pools(time_of: np.ndarray) -> Index:
        """Pools and times at which they could drive."""
        some = np.flatnonzero(made.pool >= 0)
        pool = np.concatenate([made.pool[some], moves.fed_pool])
        return distinct(pool, time_of[np.concatenate([made.period[some], fed_at])])

    @rule(block, pools(times), "h")
    def vehicles(p: np.ndarray, t: np.ndarray) -> Said:
        r"""No more vehicles are under way than the pool has.

        .. math:: \sum_q y_{qpt} \min(h_{qp}, \Delta_t) + \mathrm{feeders} \le N_{pt} \Delta_t
        """
        shorter = np.minimum(made.hours, inst.hours[made.period])
        legs = np.minimum(moves.fed_hours, inst.hours[fed_at])
        feeders = Term(legs, m.move, (moves.fed_pool, fed_at), moves.fed_cell)
        return [*_driven(block, m, inst, shorter, times), feeders], "<=", inst.pool_hours[p, t]

    @rule(block, pools(days), "h")
    def duty(p: np.ndarray, d: np.ndarray) -> Said:
        r"""Vehicles work no more than the manned share of the day, from the base and back to it.

        .. math:: \sum_{t \in d} \sum_q y_{qpt} h_{qp} + \mathrm{feeders} \le \varphi \sum_{t \in d} N_{pt} \Delta_t
        """
        there = np.zeros((len(inst.block_hours), len(inst.pool_hours)))
        np.add.at(there, days, inst.pool_hours.T)
        feeders = Term(moves.fed_hours, m.move, (moves.fed_pool, days[fed_at]), moves.fed_cell)
        return [*_driven(block, m, inst, made.hours, days), feeders], "<=", there[d, p] * options.duty_share


def _add_departures(block: pyo.Block, inst: Instance) -> None:
    ports = sorted({(run.line, run.from_terminal) for run in inst.runs if run.line})
    port_of = np.array([ports.index((run.line, run.from_terminal)) if run.line else -1 for run in inst.runs], dtype=int)
    (own,) = block.trips.axes
    sailing = np.flatnonzero(port_of[inst.made.run[own]] >= 0)
    port, when = port_of[inst.made.run[own[sailing]]], inst.made.period[own[sailing]]
    index = distinct(port, when)
    named = [(*ports[n], t) for n, t in index.named()]
    departures_of = inst.situation.departures

    @rule(block, index, "departures", named)
    def departures(at: np.ndarray, t: np.ndarray) -> Said:
        r"""A ferry carries patients only when it sails.

        .. math:: \sum_q y_{qt} \le F_{\ell t}
        """
        right = np.array([departures_of[line][period] for line, _, period in named], dtype=float)
        return [Term(1.0, block.trips, (port, when), sailing)], "<=", right


FAMILY = Family(
    "transports",
    "Transporter",
    "Transports",
    TransportOptions,
    build,
    symbols=(
        Symbol(r"\kappa_{v,k}", "patients of the kind of k that the vehicle type v takes", "patients", "data"),
        Symbol(r"y_{qpt}", "trips of pool p on run q", "trips", "variable"),
        Symbol(r"h_{qp}", "a trip of the pool, from the base and back to it: `trip_min` / 60", "h", "data"),
        Symbol(r"N_{pt}", "vehicles of the pool that can serve", "vehicles", "data"),
        Symbol(r"\varphi", "`duty_share`", "share", "option"),
        Symbol(r"F_{\ell t}", "departures of the ferry line from the port", "departures", "data"),
    ),
    notes=(
        "**load** for a run q=(v,A,B), t: Σ_{e on q} x_et / capacity(v, kind(k)) ≤ Σ_p y_qpt. Vehicles for one "
        "likewise: patients = trips. They are whole as long as patients are (`patients_whole_until_h`), and the "
        "first pool (shortest trip, ties by code) drives what the others leave.",
        "**vehicles** for a pool p, t: Σ_q y_qpt · min(h_qp, Δ_t) + feeder hours ≤ N_pt Δ_t; h = `trip_min` / 60: "
        "from the base and back to it.",
        "**duty** for a pool p, block d: Σ y h + feeder hours ≤ φ Σ_{t∈d} N_pt Δ_t, φ = `duty_share` (default 0.6).",
        "**feeder** a patient who travels between terminals uses, at each end with a feeder leg of m > 0 minutes, "
        "(2 m + loading) / 60 hours of the pool of that region whose type is the feeder for the patient's kind (in "
        "the category's own list of vehicle types or not); where the region has no such pool the transfer is not "
        "offered.",
        "Trips are whole and nothing in the rows vehicles and duty is negative: hours may be rounded down to whole "
        "trips. Such cuts lose no plan and are no rule; the solver finds those it needs ([solver.md](solver.md)) "
        "and the checker need not know them.",
        "**departures** for a ferry line, each direction, t: Σ y ≤ departures of the period. Scheduled vehicles "
        "have no pool.",
        "**in_time** who travels on a ferry line in t can be at the port when some sailing of t begins to load: "
        "max(start of t, M + loading) + m ≤ sailing − the line's loading, all in minutes after the start of the "
        "plan, where m is the feeder leg to the port, M and loading those of the type of the region's feeder pool; "
        "without a leg: start of t ≤ sailing − loading. Otherwise the transfer is not offered in t.",
        "Pools that may run q: of scope `region`, those of the sender's and the receiver's region; of scope "
        "`national`, the two with the shortest trip (ties by code). A pool serves from the first period whose "
        "middle, when journeys start, lies at or after its mobilisation; before that N = 0 and its trips are not "
        "offered.",
    ),
)
