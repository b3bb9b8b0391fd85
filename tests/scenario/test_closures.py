"""Closures: what is shut when, and which ferries still leave."""

from __future__ import annotations

from nspl_opt.scenario.resolve import resolve

SAILINGS = ((60,), (660,), (), (1080,), (1500, 2100), (2520,))
"""In minutes after 06:00: 07:00, 17:00, 00:00, 07:00 and 17:00 in one period, 00:00."""


def closing(name: str, from_h: int, to_h: int, what: str) -> str:
    return f'\n[[closures]]\nname = "{name}"\nfrom_h = {from_h}\nto_h = {to_h}\n{what}\n'


def test_a_closure_is_in_force_where_it_covers_the_middle_of_a_period(given, toy):
    situation = resolve(toy, given(closing("a", 6, 15, 'links = ["r2"]') + closing("b", 16, 20, 'modes = ["road"]')))
    # The third period, hours 12 to 18, has its middle in hour 15, when r2 is open again.
    assert [period.network_state for period in situation.periods] == [0, 1, 0, 0, 0, 0]
    assert [closure.links for closure in situation.closures] == [(), ("r2",)]


def test_network_states_are_numbered_in_the_order_first_met(given, toy):
    text = closing("b", 0, 12, 'links = ["r2"]') + closing("a", 6, 24, 'modes = ["ferry"]')
    situation = resolve(toy, given(text))
    assert [period.network_state for period in situation.periods] == [0, 1, 2, 2, 3, 3]
    assert [(closure.links, closure.modes) for closure in situation.closures] == [
        (("r2",), ()), (("r2",), ("ferry",)), ((), ("ferry",)), ((), ()),
    ]  # fmt: skip


def test_a_closed_area_closes_all_that_lies_in_it(given, toy):
    closure = resolve(toy, given(closing("o", 0, 48, 'areas = ["civil_area.syd"]'))).closures[0]
    assert closure.places == ("03", "XDEL", "delta", "hamn")
    # The code delta means the hospital; the town of the same code is closed by its links.
    assert closure.links == ("r3",)


def test_ferries_leave_by_the_clock_from_a_start_in_the_morning(given, toy):
    # Departures 00:00, 07:00 and 17:00; the start is 06:00.
    situation = resolve(toy, given())
    assert situation.departures["f1"].tolist() == [1, 1, 0, 1, 2, 1]
    assert situation.timetables["f1"].sailings_min == SAILINGS


def test_no_ferry_leaves_while_its_line_its_mode_or_its_port_is_closed(given, toy):
    for number, what in enumerate(('links = ["f1"]', 'modes = ["ferry"]', 'places = ["hamn"]')):
        situation = resolve(toy, given(closing("stopp", 0, 24, what), folder=f"f{number}"))
        assert situation.departures["f1"].tolist() == [0, 0, 0, 0, 2, 1]


def test_a_hospital_with_the_name_of_its_port_may_close_without_the_port(given, toy):
    situation = resolve(toy, given(closing("sjukhus", 0, 24, 'places = ["alfa"]')))
    assert situation.departures["f1"].tolist() == [1, 1, 0, 1, 2, 1]


def test_single_departures_fall_away_in_a_short_closing_window(given, toy):
    # Hours 0 to 2 miss the middle of the first period; the ferry of 07:00 does not leave all the same.
    situation = resolve(toy, given(closing("kort", 0, 2, 'links = ["f1"]')))
    assert situation.departures["f1"].tolist() == [0, 1, 0, 1, 2, 1]
    assert len(situation.closures) == 1


def test_a_closure_switched_off_closes_nothing(given, toy):
    situation = resolve(toy, given(closing("av", 0, 24, 'links = ["f1"]\nactive = false')))
    assert situation.departures["f1"].tolist() == [1, 1, 0, 1, 2, 1]
