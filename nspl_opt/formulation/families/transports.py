"""Transports: whole trips, vehicle hours from the base and back, feeder legs, ferry departures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.family import Family, Options, Terms, rule
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


class Use(NamedTuple):
    """A trip's use of a pool: hours a trip and the terms that count the trips."""

    hours: float
    terms: Terms


@dataclass(frozen=True, slots=True)
class HoursRow:
    """An hours row and the whole trips in it. In a plan their number is whole and never negative."""

    row: Any
    limit: float
    uses: tuple[Use, ...]


def hours_rows(block: pyo.Block) -> list[HoursRow]:
    """Rows of pools' hours in which whole trips are counted, for cuts that round their hours down to trips."""
    whole = [not any(variable.is_continuous() for _, variable in terms) for terms in block.trip_terms]
    found = []
    for name, by_key in block.uses.items():
        rows = block.component(name)
        for key, uses in sorted(by_key.items()):
            listed = tuple(Use(hours, block.trip_terms[trip]) for hours, trip in uses if whole[trip])
            if listed and key in rows:
                found.append(HoursRow(rows[key], rows[key].ub, listed))
    return found


def hours_of(limit: float | str) -> float:
    """A limit in hours; ``"all"`` is without end."""
    return float("inf") if limit == "all" else float(limit)


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: TransportOptions) -> None:
    """Trips carry patients; pools of vehicles make trips within their hours."""
    periods = inst.situation.periods
    until = hours_of(options.trips_whole_until_h), hours_of(options.patients_whole_until_h)
    kinds = inst.situation.vehicle_types
    starts, several = [period.start_h for period in periods], [kind.carries_several for kind in kinds]

    def domain(_: pyo.Block, index: int) -> Any:
        trip = inst.trips[index]
        limit = until[0 if several[inst.runs[trip.run].vehicle_type] else 1]
        return pyo.NonNegativeIntegers if starts[trip.period] < limit else pyo.NonNegativeReals

    block.trips = pyo.Var([n for n, trip in enumerate(inst.trips) if not trip.implied], domain=domain)
    riders = _riders(inst, m.moves)
    columns = dict(block.trips.items())
    block.trip_terms = _trip_terms(inst, columns, riders)
    _add_load(block, inst, columns, riders)
    _add_vehicles(block, inst, options, m.moves)
    _add_departures(block, inst)


def _riders(inst: Instance, move: list[Any]) -> dict[tuple[int, int], Terms]:
    """(run, period) -> the part of a vehicle that each transfer on it fills."""
    places = [vehicle.capacity for vehicle in inst.situation.vehicle_types]
    kinds = [category.patient_kind for category in inst.situation.categories]
    parts = [1.0 / places[arc.vehicle_type][kinds[arc.category]] for arc in inst.arcs]
    riders: dict[tuple[int, int], Terms] = {}
    for variable, cell in zip(move, inst.cells, strict=True):
        riders.setdefault((cell.run, cell.period), []).append((parts[cell.arc], variable))
    return riders


def _trip_terms(inst: Instance, columns: dict[int, Any], riders: dict[tuple[int, int], Terms]) -> list[Terms]:
    """What each trip stands for: its column, or the patients of the run less the other pools' trips."""
    others: dict[tuple[int, int], Terms] = {}
    for index, variable in columns.items():
        trip = inst.trips[index]
        others.setdefault((trip.run, trip.period), []).append((-1.0, variable))
    return [
        [*riders[trip.run, trip.period], *others.get((trip.run, trip.period), ())]
        if trip.implied
        else [(1.0, columns[index])]
        for index, trip in enumerate(inst.trips)
    ]


def _add_load(block: pyo.Block, inst: Instance, columns: dict[int, Any], riders: dict[tuple[int, int], Terms]) -> None:
    making: dict[tuple[int, int], Terms] = {}
    implied = set()
    for index, trip in enumerate(inst.trips):
        if trip.implied:
            implied.add((trip.run, trip.period))
        else:
            making.setdefault((trip.run, trip.period), []).append((-1.0, columns[index]))

    @rule(block, sorted(making), "trips")
    def load(q, t):
        r"""Patients travel only in vehicles that make the trip, as many as fit.

        .. math:: \sum_{e \in q} x_{et} / \kappa_{v,k} \le \sum_p y_{qpt}
        """
        terms = [*riders[q, t], *making[q, t]]
        if (q, t) in implied:  # the first pool drives what the others leave, and never less than nothing
            terms = [(-factor, variable) for factor, variable in terms]
        return terms, "<=", 0.0


def _add_vehicles(block: pyo.Block, inst: Instance, options: TransportOptions, move: list[Any]) -> None:
    within: dict[tuple[int, int], list[tuple[float, int]]] = {}
    whole_day: dict[tuple[int, int], list[tuple[float, int]]] = {}
    fed: dict[tuple[int, int], Terms] = {}
    lengths, days = inst.hours.tolist(), inst.block.tolist()
    for index, trip in enumerate(inst.trips):
        if trip.pool >= 0:
            shorter = min(trip.hours, lengths[trip.period])
            within.setdefault((trip.pool, trip.period), []).append((shorter, index))
            whole_day.setdefault((trip.pool, days[trip.period]), []).append((trip.hours, index))
    for variable, cell in zip(move, inst.cells, strict=True):
        for pool, hours in cell.feeder_h:
            fed.setdefault((pool, cell.period), []).append((hours, variable))
    block.uses = {"vehicles": within, "duty": whole_day}

    def driven(uses: list[tuple[float, int]]) -> Terms:
        return [(hours * factor, variable) for hours, trip in uses for factor, variable in block.trip_terms[trip]]

    @rule(block, sorted(within.keys() | fed.keys()), "h")
    def vehicles(p, t):
        r"""No more vehicles are under way than the pool has.

        .. math:: \sum_q y_{qpt} \min(h_{qp}, \Delta_t) + \mathrm{feeders} \le N_{pt} \Delta_t
        """
        legs = [(min(hours, lengths[t]), variable) for hours, variable in fed.get((p, t), ())]
        return [*driven(within.get((p, t), [])), *legs], "<=", float(inst.pool_hours[p, t])

    @rule(block, sorted(whole_day.keys() | {(p, days[t]) for p, t in fed}), "h")
    def duty(p, d):
        r"""Vehicles work no more than the manned share of the day, from the base and back to it.

        .. math:: \sum_{t \in d} \sum_q y_{qpt} h_{qp} + \mathrm{feeders} \le \varphi \sum_{t \in d} N_{pt} \Delta_t
        """
        legs = [leg for t, day in enumerate(days) if day == d for leg in fed.get((p, t), ())]
        there = float(inst.pool_hours[p, inst.block == d].sum())
        return [*driven(whole_day.get((p, d), [])), *legs], "<=", there * options.duty_share


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
