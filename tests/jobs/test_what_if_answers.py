"""What a what-if may tell: never a plan in which nobody moves for the answer, and a least that is sure."""

from __future__ import annotations

import threading

import pytest

from nspl_opt.jobs import what_if
from nspl_opt.jobs.job import Job
from nspl_opt.pipeline import make_plan
from nspl_opt.plan.folder import write_plan


def found(before, after, **more):
    """A base and a case: (value, bound) each, of the only goal."""
    sides = {"before": before, "after": after}
    cases = {side: {"goals": [value], "bound": bound} for side, (value, bound) in sides.items()}
    goals = [{"name": "unmet_care", "unit": "severity-weighted patient-hours"}]
    regions = [{"region": "18", "before": before[0], "after": after[0]}]
    return {"main": 0, "goals": goals, "regions": regions, **cases, **more}


@pytest.mark.parametrize(
    ("before", "after", "nothing"),
    [
        ((15_349.0, 10_000.0), (195_210.0, 22_020.0), True),
        ((14_877.0, 9_000.0), (137_712.0, None), True),
        ((7_687.0, 5_593.0), (12_104.0, 9_342.0), False),
        ((7_687.0, 5_593.0), (8_482.0, 5_664.0), False),
        ((7_687.0, 5_593.0), (7_687.0, 4_000.0), False),
        ((0.0, 0.0), (800.0, 100.0), True),
        ((0.0, 0.0), (800.0, 700.0), False),
        ((0.0, 0.0), (5.0, 0.0), False),
    ],
)
def test_a_rise_that_is_mostly_a_wider_gap_says_nothing(before, after, nothing):
    assert what_if.says_nothing(found(before, after)) == nothing


@pytest.fixture(scope="module")
def asked(small, tmp_path_factory):
    """The folder of a plan, and what the child's work comes to for a question, the cases given instead of solved."""
    made = make_plan(small / "scenario", "national", reference=small / "reference", time_limit_s=20)
    root = tmp_path_factory.mktemp("jobs")
    folder = write_plan(made.plan, root / "plan", made.scenario_dir, made.reference_dir)

    def ask(region=""):
        job = Job(kind="what_if", plan=str(folder), changes=(("beds", "18:icu=0.5"),), region=region, time_limit_s=20)
        return what_if.make(job, root / "job", lambda key: None, threading.Event())

    return ask


def test_an_answer_that_says_nothing_is_told_as_none_with_what_is_known(asked, monkeypatch):
    monkeypatch.setattr(what_if, "tried", lambda *_: found((100.0, 90.0), (9_000.0, 120.0)))
    said = asked()
    assert said["status"] == "no_solution_in_time" and "what_if" not in said
    assert "between 120 and 9000" in said["why"]


def test_a_base_far_worse_than_the_plan_is_not_compared_with(asked, monkeypatch):
    monkeypatch.setattr(what_if, "tried", lambda *_: found((90_000.0, 80.0), (90_010.0, 90.0)))
    said = asked()
    assert said["status"] == "no_solution_in_time" and "could not be taken up" in said["why"]


def test_a_least_that_says_nothing_is_told_as_none_lacking(asked, monkeypatch):
    wide = found((100.0, 90.0), (9_000.0, 120.0))
    told = {"scenario": "s", "marking": "exercise", "what_if": [], "differs": [], "least": wide}
    monkeypatch.setattr(what_if, "tried", lambda *_: found((100.0, 90.0), (9_000.0, 8_900.0), **told))
    said = asked("18")
    assert said["status"] == "feasible_gap" and said["what_if"]["unmet"]["after"] == 9_000.0
    assert said["what_if"]["least"]["unmet"] == {"before": 100.0, "after": 100.0}


def test_a_what_if_begins_from_the_stored_plan_and_bounds_hold(asked):
    exact, own = asked()["what_if"], asked("18")["what_if"]
    for one in (exact, own):
        assert all(one["bound"][side] <= one["unmet"][side] + 1e-3 for side in ("before", "after"))
    assert own["unmet"]["before"] == exact["unmet"]["before"]
    assert own["least"]["unmet"]["after"] - 1e-3 <= exact["unmet"]["after"]
