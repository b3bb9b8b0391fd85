"""What the child leaves where a plan breaks a rule or cannot be written. The plan itself is a stand-in."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from nspl_opt.jobs import child, planning
from nspl_opt.jobs.job import Job
from nspl_opt.problems import InvalidInput, Problem

JOB = Job(scenario="scenario", model="minimal", memory_limit_mb=1234)


@pytest.fixture
def made(monkeypatch):
    """Have the plan made at once; what was ordered, written and told of it."""
    seen = SimpleNamespace(ok=True, orders=[], written=[], refused=[])

    def fulfil(order, progress, stop, keep):
        check = SimpleNamespace(ok=seen.ok, text=lambda language: "1 rule broken")
        found = SimpleNamespace(
            plan="plan", status="optimal", why="", check=check, scenario_dir=None, reference_dir=None
        )
        seen.orders.append(order)
        keep(found)
        return found, None

    def write_plan(plan, place, *_):
        seen.written.append(place.name)
        if len(seen.written) in seen.refused:
            raise InvalidInput("plan", [Problem("P104", "plan", "cannot be written: no space left on device", "room")])

    monkeypatch.setattr(planning, "check_inputs", lambda *_: None)
    monkeypatch.setattr(planning, "fulfil", fulfil)
    monkeypatch.setattr(planning, "write_plan", write_plan)
    return seen


def make(folder, job=JOB):
    return planning.make(job, folder, lambda news: None, threading.Event())


def test_a_plan_is_written_before_its_reasons_and_again_with_them(made, tmp_path):
    assert make(tmp_path) == {"status": "optimal", "why": ""} and made.written == ["plan", "plan"]
    make(tmp_path, JOB.model_copy(update={"reasons_time_s": None}))
    assert made.written == ["plan"] * 3


def test_the_solver_is_given_no_more_memory_than_the_job(made, tmp_path):
    make(tmp_path)
    make(tmp_path, Job(scenario="s", memory_limit_mb=100_000, overrides={"solver.memory_limit_mb": "900"}))
    assert [order.overrides["solver.memory_limit_mb"] for order in made.orders] == ["1234", "900"]


def test_a_plan_that_breaks_a_rule_is_not_left_where_plans_are(made, tmp_path):
    made.ok = False
    assert make(tmp_path) == {"status": "numerical_suspect", "why": "1 rule broken"}
    assert set(made.written) == {"suspect"}


@pytest.mark.parametrize("when", [1, 2])
def test_a_full_disk_is_no_fault_of_who_asked(made, tmp_path, when):
    made.refused = [when]
    with pytest.raises(OSError, match="no space left") as full:
        make(tmp_path)
    assert child._fault(full.value, tmp_path)["status"] == "internal_error"
