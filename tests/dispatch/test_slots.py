"""Jobs on equal vehicles: every placing can be checked on a clock, and by trying all of them."""

from itertools import permutations

import numpy as np
import pytest

from nspl_opt.dispatch.slots import Job, numbered, place_jobs


def vehicles(number, minutes=2000):
    return np.full(minutes, number)


def test_two_trips_follow_each_other_on_one_vehicle():
    placed = place_jobs([Job("a", 0, 100, 60, 1), Job("b", 0, 100, 60, 1)], vehicles(1))
    assert sorted(placed.starts.values()) == [0, 60] and set(placed.vehicles.values()) == {1} and placed.proven


def test_two_vehicles_drive_at_the_same_time():
    placed = place_jobs([Job("a", 0, 10, 60, 1), Job("b", 0, 10, 60, 1)], vehicles(2))
    assert set(placed.starts.values()) == {0} and sorted(placed.vehicles.values()) == [1, 2]


def test_hours_that_sum_up_do_not_always_fit_and_the_gravest_is_driven():
    """Two trips of 100 minutes in 300 vehicle minutes, but both must start within the first 50."""
    placed = place_jobs([Job("grave", 0, 50, 100, 9), Job("light", 0, 50, 100, 1)], vehicles(1, 300))
    assert set(placed.starts) == {"grave"} and placed.proven


def test_a_long_trip_gives_way_when_two_short_ones_weigh_more():
    jobs = [Job("long", 0, 0, 300, 5), Job("one", 0, 150, 100, 3), Job("two", 0, 200, 100, 3)]
    placed = place_jobs(jobs, vehicles(1))
    assert set(placed.starts) == {"one", "two"} and placed.proven


def test_nobody_drives_before_the_vehicles_are_mobilised():
    there = vehicles(1)
    there[:120] = 0
    assert place_jobs([Job("a", 0, 200, 60, 1)], there).starts == {"a": 120}
    assert place_jobs([Job("a", 0, 100, 60, 1)], there).starts == {}


def test_a_trip_starts_as_near_to_its_wish_as_the_others_let_it():
    placed = place_jobs([Job("a", 0, 500, 60, 1, wish=500), Job("b", 480, 480, 60, 1)], vehicles(1))
    assert placed.starts == {"a": 420, "b": 480}


def test_a_vehicle_that_is_back_first_drives_first():
    assert numbered({"a": (0, 50), "b": (0, 100), "c": (50, 10), "d": (60, 10)}) == {"a": 1, "b": 2, "c": 1, "d": 1}


@pytest.mark.parametrize("seed", range(25))
def test_no_order_of_trips_drives_more_than_the_program(seed):
    random = np.random.default_rng(seed)
    jobs = []
    for number in range(6):
        earliest, width = int(random.integers(0, 200)), int(random.integers(0, 120))
        jobs.append(
            Job(f"{number}", earliest, earliest + width, int(random.integers(30, 160)), int(random.integers(1, 9)))
        )
    fleet = int(random.integers(1, 3))
    placed = place_jobs(jobs, vehicles(fleet))
    worth = {job.key: job.worth for job in jobs}
    best = max(sum(worth[key] for key in by_hand(order, fleet)) for order in permutations(jobs))
    assert placed.proven and sum(worth[key] for key in placed.starts) == best
    for job in jobs:
        if job.key in placed.starts:
            assert job.earliest <= placed.starts[job.key] <= job.latest


def by_hand(order, fleet):
    """Each trip on the vehicle that can take it soonest, in this order: one of the orders is the best there is."""
    back, driven = [0] * fleet, []
    for job in order:
        number = min(range(fleet), key=lambda n: back[n])
        if max(back[number], job.earliest) <= job.latest:
            back[number] = max(back[number], job.earliest) + job.minutes
            driven.append(job.key)
    return driven
