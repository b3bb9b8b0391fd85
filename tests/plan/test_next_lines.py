"""A plan becomes the lines of the next one: what stood goes on, what is done is none, what is beyond is new."""

from __future__ import annotations

from nspl_opt.plan.next_lines import COLUMNS, next_lines

from ..formulation.small import USUAL, planned
from ..formulation.test_offers import LOANS, five, line, nurses

GOALS = [{"name": "agreements_broken"}, *USUAL]


def lines(plan, case, state="proposed", start_h=0):
    rows = next_lines(plan.made.plan, case.situation, state, start_h)
    assert all(len(row) == len(COLUMNS) for row in rows)
    return [row[:2] + row[3:10] for row in rows]


def test_each_transfer_is_a_line_of_its_period():
    case = five(hours=(12, 12))
    plan = planned(case)
    assert lines(plan, case) == [("icu-norr-ost-amb-000", "proposed", "norr", "ost", "icu", "amb", 0, 12, 5)]
    assert lines(plan, case, "offered")[0][1] == "offered"
    assert lines(plan, case, start_h=12) == []


def test_lines_that_stood_go_on_and_only_what_is_beyond_them_is_new():
    declined = line("T3", "declined", "ost", window=(48, 72))
    case = five(line("T1", "accepted", "syd", 2), line("T2", "proposed", "ost", 1), declined, hours=(24, 24, 24))
    plan = planned(case, ["beds", "offers"], GOALS)
    assert lines(plan, case) == [
        ("T1", "accepted", "norr", "syd", "icu", "", 0, 24, 2),
        ("T3", "declined", "norr", "ost", "icu", "", 48, 72, 0),
        ("icu-norr-ost-amb-000", "proposed", "norr", "ost", "icu", "amb", 0, 24, 3),
    ]
    assert lines(plan, case, start_h=24) == [("T3", "declined", "norr", "ost", "icu", "", 24, 48, 0)]


def test_what_is_moved_beyond_a_line_is_one_more_line_for_the_same_journeys():
    case = five(line("T1", "offered", "ost", 2))
    assert lines(planned(case, ["beds", "offers"], GOALS), case) == [
        ("T1", "offered", "norr", "ost", "icu", "", 0, 24, 2),
        ("icu-norr-ost-amb-000", "proposed", "norr", "ost", "icu", "", 0, 24, 3),
    ]


def test_only_whole_patients_are_offered():
    case = five(line("T1", "declined", "ost"), line("T2", "declined", "syd"), hours=(24, 24))
    plan = planned(case, ["beds", "offers"], GOALS)
    assert [row[0] for row in lines(plan, case)] == ["T1", "T2", "icu-norr-ost-amb-001"]
    assert [row[0] for row in lines(plan, case, "offered")] == ["T1", "T2"]


def test_loans_are_lines_between_regions():
    lent = line("T1", "accepted", "norr", 3, what="nurse", kind="staff", origin="syd", window=(0, 72))
    agreed = nurses(lent)
    plan = planned(agreed, LOANS, GOALS)
    assert lines(plan, agreed) == [("T1", "accepted", "syd", "norr", "nurse", "", 0, 72, 3)]
    free = nurses()
    row = lines(planned(free, LOANS, GOALS), free, start_h=24)[0]
    assert row[4:8] == ("nurse", "", 0, 48)
