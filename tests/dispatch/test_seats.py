"""Seats: whole patients in whole trips, checked by hand."""

from nspl_opt.dispatch.seats import assign_seats
from nspl_opt.dispatch.wishes import Rider

BUS = {"icu": 0, "stretcher": 4, "seated": 16}


def rider(name, kind, patients, weight=1):
    return Rider(name, name, kind, weight, patients, "a", "b", "A", "B", 0, 60, 0, 0)


def on_board(loads, name):
    return [number for load in loads for one, number in load if one.id == name]


def test_four_stretchers_fill_a_bus():
    loads, proven = assign_seats((rider("lying", "stretcher", 8),), 2, BUS)
    assert on_board(loads, "lying") == [4, 4] and proven


def test_those_who_sit_take_the_room_that_those_who_lie_leave():
    loads, _ = assign_seats((rider("lying", "stretcher", 3), rider("sitting", "seated", 4)), 1, BUS)
    assert on_board(loads, "lying") == [3] and on_board(loads, "sitting") == [4]


def test_two_aircraft_are_filled_to_the_last_seat():
    """1/2 + 3/3 + 2/4 of two aircraft: one with three who lie, one with a grave patient and two who sit."""
    riders = (rider("grave", "icu", 1, 9), rider("lying", "stretcher", 3, 2), rider("sitting", "seated", 2, 1))
    loads, proven = assign_seats(riders, 2, {"icu": 2, "stretcher": 3, "seated": 4})
    assert proven and on_board(loads, "grave") == [1]
    assert on_board(loads, "lying") == [3] and on_board(loads, "sitting") == [2]


def test_who_finds_no_seat_is_the_one_whose_need_is_least():
    """2/2 + 4/3 is more than two aircraft have: one of the four who lie stays."""
    plane = {"icu": 2, "stretcher": 3}
    riders = (rider("grave", "icu", 2, 9), rider("lying", "stretcher", 4, 2))
    loads, proven = assign_seats(riders, 2, plane)
    assert proven and sum(on_board(loads, "grave")) == 2 and sum(on_board(loads, "lying")) == 3


def test_trips_that_nobody_needs_stay_empty():
    loads, _ = assign_seats((rider("lying", "stretcher", 4),), 3, BUS)
    assert on_board(loads, "lying") == [4] and loads[1:] == [(), ()]


def test_a_vehicle_without_room_for_the_kind_takes_nobody():
    loads, _ = assign_seats((rider("grave", "icu", 1),), 1, BUS)
    assert loads == [()]
