"""Dispatches in the tiny country: every minute can be checked by hand. Each is checked independently too."""

from itertools import pairwise

import pytest

from nspl_opt.problems import InvalidInput


def clock(text):
    """Minutes after midnight of the first day."""
    return 1440 * (int(text[8:10]) - 1) + 60 * int(text[11:13]) + int(text[14:16])


def runs(made, **wanted):
    rows = made.tables["dispatch"]
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def left(made):
    return {(row["id"], row["reason"]): row["amount"] for row in made.tables["dispatch_unplaced"]}


def test_three_patients_by_road_have_three_ambulances(country):
    """Loading 10, 5 + 40 + 3 minutes, unloading 10, back 48, turnaround 30: 146 minutes."""
    made = country().dispatch((0, "ward", "a1", "b1", "ambulance", 3, "amb_R1", 3))
    rows = runs(made)
    assert [row["vehicle"] for row in rows] == ["1", "2", "3"] and not left(made)
    assert {(clock(row["depart"]), clock(row["unloaded"]), clock(row["ready"])) for row in rows} == {(10, 68, 146)}


def test_one_ambulance_drives_the_second_patient_when_it_is_back(country):
    made = country(quantity={"amb_R1": 1}).dispatch((0, "ward", "a1", "b1", "ambulance", 2, "amb_R1", 2))
    assert [(clock(row["leave"]), clock(row["ready"])) for row in runs(made)] == [(0, 146), (146, 292)]


def test_an_ambulance_of_the_receiver_comes_to_fetch(country):
    made = country().dispatch((0, "ward", "a1", "b1", "ambulance", 1, "amb_R2", 1))
    (row,) = runs(made)
    assert clock(row["loading"]) - clock(row["leave"]) == 48 and clock(row["ready"]) - clock(row["unloaded"]) == 30


def test_a_trip_that_no_longer_arrives_in_its_period_is_told(country):
    """146 minutes each: the third one could load at 292 at the earliest, but must by 291 to be there within 6 hours."""
    made = country(quantity={"amb_R1": 1}).dispatch(
        (0, "grave", "a1", "b1", "ambulance", 1, "amb_R1", 1),
        (0, "ward", "a1", "b1", "ambulance", 2, "amb_R1", 2),
        hours=6,
    )
    assert [row["category"] for row in runs(made)].count("grave") == 1 and len(runs(made)) == 2
    assert left(made) == {
        ("amb_R1-a1-b1-000", "no_vehicle_time"): "1", ("ward-a1-b1-ambulance-000", "no_vehicle_time"): "1",
    }  # fmt: skip
    (trip,) = (row for row in made.tables["dispatch_unplaced"] if row["what"] == "trips")
    assert (clock(trip["earliest"]), clock(trip["latest"]), trip["vehicles"], trip["minutes"]) == (0, 291, "1", "146")


def test_flown_patients_are_driven_to_the_airfield_and_from_it(country):
    made = country().dispatch((0, "grave", "a1", "c1", "aeroplane", 1, "air", 1))
    (flight,), (out,), (home,) = (runs(made, kind=kind) for kind in ("trip", "to_terminal", "from_terminal"))
    assert out["pool"] == "amb_R1" and home["pool"] == "amb_R3" and out["serves"] == home["serves"] == flight["run"]
    assert clock(out["arrive"]) <= clock(flight["loading"]) and clock(home["loading"]) >= clock(flight["unloaded"])


def test_one_ambulance_drives_to_an_aeroplane_for_three_again_and_again(country):
    capacity = {"aeroplane": {"icu": 3, "stretcher": 3, "seated": 0}}
    made = country(quantity={"amb_R1": 1}, capacity=capacity).dispatch(
        (0, "ward", "a1", "c1", "aeroplane", 3, "air", 1)
    )
    legs = runs(made, kind="to_terminal")
    assert len(legs) == 3 and not left(made)
    assert all(clock(one["ready"]) <= clock(other["leave"]) for one, other in pairwise(legs))


def test_a_ferry_that_sails_too_soon_leaves_its_patients_and_says_so(country):
    """At the port an hour before 00:30: nobody can be. The second line of defence is the reason."""
    made = country(departures=(30,)).dispatch((0, "ward", "a1", "holmen", "ferry", 1, "", 1))
    assert not runs(made)
    assert left(made) == {
        ("sea-alvik-holmen-000", "no_sailing_in_time"): "1", ("ward-a1-holmen-ferry-000", "no_sailing_in_time"): "1",
    }  # fmt: skip


def test_a_ferry_takes_as_many_as_can_be_driven_to_it(country):
    """Loading begins 02:00, a leg takes 3 + 3 + 10 minutes: seven of nine are at the port."""
    capacity = {"ferry": {"icu": 2, "stretcher": 40, "seated": 100}}
    country = country(quantity={"amb_R1": 1, "amb_R4": 5}, capacity=capacity, departures=(180,))
    made = country.dispatch((0, "ward", "a1", "holmen", "ferry", 9, "", 1))
    (sailing,) = runs(made, kind="sailing")
    assert clock(sailing["depart"]) == 180 and clock(sailing["loading"]) == 120
    assert int(sailing["patients"]) == 7 and left(made) == {("ward-a1-holmen-ferry-000", "no_feeder_to_terminal"): "2"}


def test_two_sailings_are_two_departures(country):
    made = country(departures=(200, 300)).dispatch((0, "ward", "a1", "holmen", "ferry", 2, "", 2))
    assert sorted(clock(row["depart"]) for row in runs(made, kind="sailing")) == [200, 300]


def test_fractions_are_left_to_the_next_plan(country):
    made = country().dispatch((0, "ward", "a1", "b1", "ambulance", 2.4, "amb_R1", 2.4))
    assert len(runs(made)) == 2
    assert left(made) == {
        ("amb_R1-a1-b1-000", "expected_value"): "0.4", ("ward-a1-b1-ambulance-000", "expected_value"): "0.4",
    }  # fmt: skip


def test_a_trip_that_nobody_needs_is_not_driven(country):
    made = country().dispatch((0, "ward", "b1", "a1", "bus", 5, "buses", 2))
    assert len(runs(made)) == 1 and left(made) == {("buses-b1-a1-000", "empty"): "1"}


def test_only_periods_that_start_within_the_hours_are_dispatched(country):
    move = [(period, "ward", "a1", "b1", "ambulance", 1, "amb_R1", 1) for period in (0, 1, 2)]
    assert len(runs(country().dispatch(*move, hours=6))) == 1
    assert len(runs(country().dispatch(*move, hours=7))) == 2


def test_crews_and_escorts_are_counted(country):
    made = country().dispatch((0, "grave", "a1", "b1", "ambulance", 2, "amb_R2", 2))
    away = {(one["region"], one["who"]): one["most"] for one in made.summary["away_at_once"]}
    assert away == {("R2", "vehicle_crew"): 2, ("R1", "nurse"): 2}


def test_equal_plans_give_equal_dispatches(country):
    moves = [(0, "ward", "a1", "c1", "aeroplane", 1, "air", 1), (1, "ward", "a1", "holmen", "ferry", 3, "", 1)]
    assert country().dispatch(*moves) == country().dispatch(*moves)


def test_a_plan_without_transports_is_refused(country):
    from dataclasses import replace

    from nspl_opt.dispatch.make import make_dispatch

    here = country()
    plan = replace(here.plan((0, "ward", "a1", "b1", "ambulance", 1, "amb_R1", 1)), model={"families": {}})
    with pytest.raises(InvalidInput, match="D101"):
        make_dispatch(plan, here.situation, here.travel, here.reference)
