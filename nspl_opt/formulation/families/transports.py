"""Transports: whole trips, vehicle hours from the base and back, feeder legs, ferry departures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.family import Family, Options, Terms, gathered, rule
from nspl_opt.instance.instance import Instance

Hours = Annotated[float, Field(ge=0, le=10_000)]


class TransportOptions(Options):
    """What is whole, until when, and how much of the day vehicles are manned."""

    trips_whole_until_h: Hours | Literal["all"] = Field(
        48, description='trips of vehicles that carry several are whole in periods that start before [h], or "all"'
    )
    patients_whole_until_h: Hours | Literal["all"] = Field(
        24, description='patients moved are whole in periods that start before [h], or "all"'
    )
    duty_share: float = Field(0.6, gt=0, le=1, description="share of the day that a vehicle is manned and fit to drive")


@dataclass(frozen=True, slots=True)
class Use:
    """A trip's use of a pool: hours a trip, the terms that count the trips, whether those are whole."""

    hours: float
    terms: Terms
    whole: bool


@dataclass(frozen=True, slots=True)
class HoursRow:
    """An hours row and the whole trips in it. In a plan their number is whole and never negative."""

    row: Any
    limit: float
    uses: tuple[Use, ...]


def hours_rows(block: pyo.Block) -> list[HoursRow]:
    """Rows of pools' hours in which whole trips are counted, for cuts that round their hours down to trips."""
    found = []
    for name, by_key in block.uses.items():
        rows = block.component(name)
        for key in sorted(by_key):
            whole = tuple(use for use in by_key[key] if use.whole)
            if whole and key in rows:
                found.append(HoursRow(rows[key], float(rows[key].upper), whole))
    return found


def summed(uses: list[Use]) -> Terms:
    """Hours used in all, each variable once."""
    return gathered([(use.hours * factor, variable) for use in uses for factor, variable in use.terms])


def hours_of(limit: float | str) -> float:
    """A limit in hours; ``"all"`` is without end."""
    return float("inf") if limit == "all" else float(limit)


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: TransportOptions) -> None:
    """Trips carry patients; pools of vehicles make trips within their hours."""
    periods = inst.situation.periods
    until = hours_of(options.trips_whole_until_h), hours_of(options.patients_whole_until_h)
    kinds = inst.situation.vehicle_types
    block.trips = pyo.Var([n for n, trip in enumerate(inst.trips) if not trip.implied], bounds=(0, None))
    for index in block.trips:
        trip = inst.trips[index]
        several = kinds[inst.runs[trip.run].vehicle_type].carries_several
        if periods[trip.period].start_h < until[0 if several else 1]:
            block.trips[index].domain = pyo.NonNegativeIntegers
    riders = _riders(m, inst)
    _add_load(block, inst, riders)
    _add_vehicles(block, m, inst, options, _trip_terms(block, inst, riders))
    _add_departures(block, inst)


def _riders(m: pyo.ConcreteModel, inst: Instance) -> dict[tuple[int, int], Terms]:
    """(run, period) -> the part of a vehicle that each transfer on it fills."""
    riders: dict[tuple[int, int], Terms] = {}
    for index, cell in enumerate(inst.cells):
        arc = inst.arcs[cell.arc]
        places = inst.situation.vehicle_types[arc.vehicle_type].capacity
        kind = inst.situation.categories[arc.category].patient_kind
        riders.setdefault((cell.run, cell.period), []).append((1.0 / places[kind], m.move[index]))
    return riders


def _trip_terms(block: pyo.Block, inst: Instance, riders: dict[tuple[int, int], Terms]) -> dict[int, Terms]:
    """Trip -> what it stands for: its column, or the patients of the run less the other pools' trips."""
    others: dict[tuple[int, int], Terms] = {}
    for index in block.trips:
        trip = inst.trips[index]
        others.setdefault((trip.run, trip.period), []).append((-1.0, block.trips[index]))
    return {
        index: [*riders[trip.run, trip.period], *others.get((trip.run, trip.period), [])]
        if trip.implied
        else [(1.0, block.trips[index])]
        for index, trip in enumerate(inst.trips)
    }


def _add_load(block: pyo.Block, inst: Instance, riders: dict[tuple[int, int], Terms]) -> None:
    making: dict[tuple[int, int], Terms] = {}
    implied = set()
    for index, trip in enumerate(inst.trips):
        if trip.implied:
            implied.add((trip.run, trip.period))
        else:
            making.setdefault((trip.run, trip.period), []).append((-1.0, block.trips[index]))

    @rule(block, sorted(making), "trips")
    def load(q, t):
        r"""Patients travel only in vehicles that make the trip, as many as fit.

        .. math:: \sum_{e \in q} x_{et} / \kappa_{v,k} \le \sum_p y_{qpt}
        """
        terms = [*riders[q, t], *making[q, t]]
        if (q, t) in implied:  # the first pool drives what the others leave, and never less than nothing
            terms = [(-factor, variable) for factor, variable in terms]
        return terms, "<=", 0.0


def _add_vehicles(
    block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: TransportOptions, trip_terms: dict[int, Terms]
) -> None:
    within: dict[tuple[int, int], list[Use]] = {}
    whole_day: dict[tuple[int, int], list[Use]] = {}

    def use(pool: int, period: int, hours: float, terms: Terms, whole: bool) -> None:
        shorter = min(hours, float(inst.hours[period]))
        within.setdefault((pool, period), []).append(Use(shorter, terms, whole))
        whole_day.setdefault((pool, int(inst.block[period])), []).append(Use(hours, terms, whole))

    for index, trip in enumerate(inst.trips):
        if trip.pool >= 0:
            whole = all(not variable.is_continuous() for _, variable in trip_terms[index])
            use(trip.pool, trip.period, trip.hours, trip_terms[index], whole)
    for index, cell in enumerate(inst.cells):
        for pool, hours in cell.feeder_h:
            use(pool, cell.period, hours, [(1.0, m.move[index])], False)

    @rule(block, sorted(within), "h")
    def vehicles(p, t):
        r"""No more vehicles are under way than the pool has.

        .. math:: \sum_q y_{qpt} \min(h_{qp}, \Delta_t) + \mathrm{feeders} \le N_{pt} \Delta_t
        """
        return summed(within[p, t]), "<=", float(inst.pool_hours[p, t])

    @rule(block, sorted(whole_day), "h")
    def duty(p, d):
        r"""Vehicles work no more than the manned share of the day, from the base and back to it.

        .. math:: \sum_{t \in d} \sum_q y_{qpt} h_{qp} + \mathrm{feeders} \le \varphi \sum_{t \in d} N_{pt} \Delta_t
        """
        there = float(inst.pool_hours[p, inst.block == d].sum())
        return summed(whole_day[p, d]), "<=", there * options.duty_share

    block.uses = {"vehicles": within, "duty": whole_day}


def _add_departures(block: pyo.Block, inst: Instance) -> None:
    sailings: dict[tuple[str, str, int], Terms] = {}
    for index, trip in enumerate(inst.trips):
        run = inst.runs[trip.run]
        if run.line:
            sailings.setdefault((run.line, run.from_terminal, trip.period), []).append((1.0, block.trips[index]))

    @rule(block, sorted(sailings), "departures")
    def departures(line, port, t):
        r"""A ferry carries patients only when it sails.

        .. math:: \sum_q y_{qt} \le F_{\ell t}
        """
        return sailings[line, port, t], "<=", float(inst.situation.departures[line][t])


FAMILY = Family("transports", "Transporter", "Transports", TransportOptions, build)
