"""Trips that serve the runs: by which pools, and which cells have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nspl_opt.instance.instance import Cell, Run, TripCell
from nspl_opt.network.travel import TravelTimes
from nspl_opt.scenario.situation import Situation

NOT_THERE = "no vehicle in the period"
NATIONAL_POOLS_OFFERED = 2
"""Of vehicles that go anywhere, only the pools with the shortest trips are offered for a run."""


def trips_of(situation: Situation, travel: TravelTimes, runs: tuple[Run, ...], cells: Sequence[Cell]) -> list[TripCell]:
    """Trips per run, pool and period in which some cell rides the run and the pool has vehicles."""
    pools_of_type: dict[str, list[int]] = {}
    for index, pool in enumerate(situation.pools):
        pools_of_type.setdefault(pool.vehicle_type, []).append(index)
    allowed: dict[tuple[int, int], list[tuple[int, int]]] = {}
    trips: list[TripCell] = []
    there = (situation.pool_quantity > 0).tolist()
    for q, t in sorted({(cell.run, cell.period) for cell in cells}):
        run, state = runs[q], situation.periods[t].network_state
        kind = situation.vehicle_types[run.vehicle_type]
        if kind.scope == "scheduled":
            trips.append(TripCell(q, -1, t, 0.0, 0))
            continue
        if (q, state) not in allowed:
            ways = []
            for p in pools_of_type.get(kind.code, ()):
                minutes = travel.trip_min(state, situation.pools[p].code, run.from_terminal, run.to_terminal)
                if minutes is not None:
                    ways.append((minutes, p))
            limit = NATIONAL_POOLS_OFFERED if kind.scope == "national" else None
            allowed[q, state] = sorted(ways)[:limit]
        ready = [(minutes, p) for minutes, p in allowed[q, state] if there[p][t]]
        for number, (minutes, p) in enumerate(ready):
            # A vehicle for one makes as many trips as it has patients: its first pool needs no column.
            implied = number == 0 and not kind.carries_several
            trips.append(TripCell(q, p, t, minutes / 60, minutes, implied))
    return trips


def served(cells: Sequence[Cell], trips: list[TripCell], pruned: Counter[str]) -> list[Cell]:
    """Cells whose run is served in their period; the rest would need a vehicle that is not there."""
    served = {(trip.run, trip.period) for trip in trips}
    kept = [cell for cell in cells if (cell.run, cell.period) in served]
    pruned[NOT_THERE] += len(cells) - len(kept)
    return kept
