"""Ferries: a crossing is offered in a period only if patients can be at the port before some sailing loads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nspl_opt.instance.sailings import TOO_LATE
from nspl_opt.scenario.situation import Timetable

from ..formulation.small import by_sea, small
from .test_arcs import BEDS, TWO, derived

HOUR = 60
DOOR_MIN = 15
"""An ambulance takes a patient on board [min]."""


def crossing(*sailings_h: tuple[float, ...], leg_min: int = 0, loading_min: int = 0, mobilised_min: int = 0):
    """Two periods of a day with a ferry at these hours, a leg to the port, and how the ferry is offered."""
    case = small(TWO, hours=(24, 24), beds=BEDS, roads={}, fleet={"amb-n": 1},
                 journeys=[by_sea("norr", "syd", 400, (leg_min, 0))])  # fmt: skip
    kinds = tuple(replace(kind, mobilisation_min=mobilised_min) for kind in case.situation.vehicle_types)
    sails = tuple(tuple(round(hour * HOUR) for hour in hours) for hours in sailings_h)
    return derived(case.but(vehicle_types=kinds, timetables={"L1": Timetable(loading_min, sails)}))


def test_a_ferry_at_hour_two_waits_for_nobody_who_is_driven_three_hours_to_the_port():
    inst = crossing((2,), (26, 30), leg_min=3 * HOUR)
    assert [cell.period for cell in inst.cells] == [1]
    assert inst.pruned[TOO_LATE] == 1


@pytest.mark.parametrize(("leg_min", "offered"), [(HOUR, [0, 1]), (HOUR + 1, [1])])
def test_who_comes_to_the_port_when_loading_begins_is_in_time(leg_min, offered):
    inst = crossing((2 + DOOR_MIN / HOUR,), (48,), leg_min=leg_min, loading_min=HOUR)
    assert [cell.period for cell in inst.cells] == offered


@pytest.mark.parametrize(("mobilised_min", "offered"), [(45, [0, 1]), (46, [1])])
def test_nobody_is_driven_to_the_port_before_there_is_a_vehicle(mobilised_min, offered):
    inst = crossing((2,), (48,), leg_min=HOUR, mobilised_min=mobilised_min)
    assert [cell.period for cell in inst.cells] == offered


def test_in_later_periods_the_vehicle_stands_at_the_door_when_the_period_begins():
    assert [cell.period for cell in crossing((), (25,), leg_min=HOUR).cells] == [1]


def test_who_lives_at_the_port_needs_no_vehicle():
    assert [cell.period for cell in crossing((1,), (), loading_min=HOUR, mobilised_min=600).cells] == [0]
    assert not crossing((0.9,), (), loading_min=HOUR).cells


def test_a_period_without_a_sailing_offers_no_crossing_and_counts_it():
    inst = crossing((), (48,))
    assert [cell.period for cell in inst.cells] == [1] and inst.pruned[TOO_LATE] == 1
    assert {trip.period for trip in inst.trips} == {1}


def test_without_vehicles_to_count_no_timetable_binds():
    case = small(TWO, beds=BEDS, roads={}, journeys=[by_sea("norr", "syd", 240)])
    assert len(derived(case, vehicles=False).cells) == 1
