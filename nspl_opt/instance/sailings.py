"""Ferries that patients can be in time for: a crossing is offered only in periods with a sailing they can reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from nspl_opt.instance.instance import Cell, Run
from nspl_opt.network.travel import Journey
from nspl_opt.reference.reference import VehicleType
from nspl_opt.scenario.situation import Situation

TOO_LATE = "no sailing in time"


def cells_in_time(
    situation: Situation,
    cells: Sequence[Cell],
    runs: Sequence[Run],
    keys: Sequence[tuple[int, int, int, int]],
    by_state: Sequence[Mapping[tuple[int, int, int, int], Journey]],
    feeder_pool: Mapping[tuple[str, str], int],
    pruned: Counter[str],
) -> list[Cell]:
    """Cells less those by sea that no sailing of their period waits for; these are counted in ``pruned``.

    ``keys`` are the arcs' (category, origin, destination, vehicle type), ``by_state`` their journeys per
    network state; ``feeder_pool`` is the pool of a (region, patient kind) that drives to the port.
    """
    kinds = {vehicle.code: vehicle for vehicle in situation.vehicle_types}
    kept = []
    for cell in cells:
        if runs[cell.run].line:
            key = keys[cell.arc]
            journey = by_state[situation.periods[cell.period].network_state][key]
            feeder = None
            home = situation.sites[key[1]].region, situation.categories[key[0]].patient_kind
            if journey.feeder_from_min and home[0] not in situation.external_regions:
                feeder = kinds[situation.pools[feeder_pool[home]].vehicle_type]
            if not _can_board(situation, journey, cell.period, feeder):
                pruned[TOO_LATE] += 1
                continue
        kept.append(cell)
    return kept


def _can_board(situation: Situation, journey: Journey, period: int, feeder: VehicleType | None) -> bool:
    """Whether who leaves in the period is at the port when the last ferry of the period loads."""
    table = situation.timetables[journey.line]
    if not (sailings := table.sailings_min[period]):
        return False
    leaves = 60 * situation.periods[period].start_h
    if feeder is not None:  # it may stand at the door when the period begins, once there is one
        leaves = max(leaves, feeder.mobilisation_min + feeder.loading_min)
    return leaves + journey.feeder_from_min + table.loading_min <= max(sailings)
