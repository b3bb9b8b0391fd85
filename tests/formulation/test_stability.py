"""Stability: lines of an earlier plan to syd, though ost is nearer."""

from __future__ import annotations

import pytest

from nspl_opt.problems import InvalidInput

from ..register import shows
from .golden import built, golden
from .small import planned
from .test_offers import five, line

GOALS = ("unmet_care", "changes", "patient_hours_in_transit")


def stable(case, most_new="any", **weights):
    goals = [{"name": goal, **(weights if goal == "changes" else {})} for goal in GOALS]
    return planned(case, {"beds": {}, "stability": {"most_new": most_new}}, goals)


def told(plan):
    """(line, to region) -> before, now."""
    return {(row.agreement, row.to_region): (row.before, row.now) for row in plan.rows("changes").itertuples()}


@shows("goals.changes")
def test_what_has_been_offered_is_kept_though_another_place_is_nearer():
    case = five(line("T1", "offered", "syd", 2))
    plan = stable(case)
    assert [plan.moved(to_site="syd"), plan.moved(to_site="ost")] == [2, 3]
    assert [told(plan), plan.goal("changes")] == [{("T1", "s"): (2, 2), ("", "o"): (0, 3)}, 3]
    without = planned(case, ["beds", "stability"])
    assert told(without) == {("T1", "s"): (2, 0), ("", "o"): (0, 5)}


@shows("families.stability")
def test_without_the_family_nothing_is_compared():
    case = five(line("T1", "offered", "syd", 2))
    assert len(planned(case, ["beds", "stability"]).rows("changes")) == 2
    assert "changes" not in planned(case).made.plan.tables
    with pytest.raises(InvalidInput, match="M108"):
        planned(case, ["beds"], GOALS)


@shows("families.stability.most_new")
def test_one_patient_may_be_moved_otherwise_than_before():
    assert [stable(five(), 1).moved(), stable(five(), 1).goal()] == [1, 4 * 24 * 10]
    assert stable(five(), 1).made.plan.notes == ("stability.no_lines",)
    case = five(line("T1", "proposed", "syd", 2))
    few = stable(case, 1)
    assert [few.moved(), few.goal(), few.moved(to_site="syd")] == [3, 2 * 24 * 10, 2]
    assert stable(case).moved() == 5


def test_what_is_new_after_the_last_line_is_no_change():
    case = five(line("T1", "proposed", "syd", 2), hours=(24, 24))
    plan = stable(case, 0)
    assert [plan.moved(period=0), plan.moved(period=1), plan.goal("changes")] == [2, pytest.approx(3), 0]


@shows("goals.changes.weight_new", "goals.changes.weight_gone", "goals.changes.offered_weight")
def test_a_plan_that_keeps_more_of_what_was_offered_than_of_what_was_proposed():
    # Five are to be moved and eight stand on lines: the two proposed are dropped before one of the six offered.
    case = five(line("T1", "proposed", "ost", 2), line("T2", "offered", "syd", 6))
    plan = stable(case)
    assert told(plan) == {("T1", "o"): (2, 0), ("T2", "s"): (6, 5)}
    assert plan.goal("changes") == 2 + 5
    assert stable(case, weight_gone=2.0).goal("changes") == 2 * (2 + 5)
    cheap = stable(case, offered_weight=1.0)
    assert cheap.goal("changes") == 3
    assert cheap.moved(to_site="ost") == 2
    full = five(line("T1", "proposed", "syd", 2))
    assert stable(full).goal("changes") == 3
    assert stable(full, weight_new=2.0).goal("changes") == 6


def test_what_is_accepted_is_kept_by_offers_and_is_no_change():
    case = five(line("T1", "accepted", "syd", 2), line("T2", "proposed", "syd", 1))
    goals = ["agreements_broken", *GOALS]
    plan = planned(case, ["beds", "offers", "stability"], goals)
    assert told(plan) == {("T1", "s"): (2, 2), ("T2", "s"): (1, 1), ("", "o"): (0, 2)}
    assert plan.goal("changes") == 2
    alone = stable(case)
    assert told(alone)["T1", "s"] == (2, 2)


def test_its_rows_are_those_that_were_looked_through():
    case = five(line("T1", "accepted", "syd", 2), line("T2", "proposed", "syd", 1), line("T3", "offered", "ost", 1))
    families = {"beds": {}, "offers": {}, "stability": {"most_new": 2.0}}
    m = built(case, families, ["agreements_broken", *GOALS])
    rules = ("stability.line", "stability.most_new", "offers.kept", "offers.no_more")
    golden("stability", m, dict.fromkeys(rules, "n"), also=("goals.changes",))
