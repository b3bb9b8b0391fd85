"""Real plans and what-ifs of a small country, made by the real child: what it leaves, and what it refuses."""

from __future__ import annotations

import errno
import json

import pytest

from nspl_opt.jobs import child as child_module
from nspl_opt.jobs.job import Job
from nspl_opt.jobs.process import Limits
from nspl_opt.plan.checks import verify
from nspl_opt.plan.folder import read_inputs, read_plan

from .children import ENDLESS, HOLDS_BEST, KEEPS_TRYING, ROUNDS, child_with


def job(small, **more) -> Job:
    """A quick plan of the small country."""
    quick = {"time_limit_s": 30, "reasons_time_s": None, "without_help": False, "model": "minimal"}
    return Job(**{"scenario": str(small / "scenario"), "reference": str(small / "reference"), **quick, **more})


def verified(folder):
    plan = read_plan(folder)
    reference, situation = read_inputs(folder, plan.level, plan.grid)
    from nspl_opt.network.graph import travel_times

    assert verify(plan, situation, travel_times(reference, situation)).ok
    return plan


@pytest.fixture
def real(supervise):
    """A supervisor as patient as a service has it."""
    return supervise(limits=Limits())


def test_a_plan_comes_with_help_reasons_and_news_and_a_what_if_starts_from_it(small, real):
    asked = job(small, model="national", reasons_time_s=10, without_help=True)
    name = real.submit(asked, "kansli-01").id
    result = real.wait(name, 60)
    assert (result.status, result.state, result.why, result.exit) == ("optimal", "done", "", "exit code 0")
    plan = verified(result.plan)
    assert plan.avoidable is not None and len(plan.tables["alternatives"]) > 0
    news = real.news(name)
    assert {"check", "read", "solve", "verify", "without_help", "reasons: prices"} <= {one.stage for one in news}
    assert any(one.goal == "unmet_care" and one.gap is not None and one.bound is not None for one in news)
    assert {path.name for path in result.plan.parent.iterdir()} == {
        "job.json", "plan", "result.json", "ended.json", "errors.txt",
    }  # fmt: skip
    asked = Job(kind="what_if", plan=str(result.plan), changes=[("beds", "18:icu=0.5")], time_limit_s=30)
    result = real.wait(real.submit(asked, "region-18-01").id, 60)
    assert result.state == "done" and result.plan is None
    told = result.what_if
    assert told["unmet"]["after"] > told["unmet"]["before"] and told["marking"] == "exercise"
    assert told["unmet"]["before"] == pytest.approx(plan.main.value, rel=0.01)
    for side in ("before", "after"):
        assert told["bound"][side] <= told["unmet"][side] + 1e-3
        assert sum(one[side] for one in told["regions"]) == pytest.approx(told["unmet"][side])
        assert told["goals"][0][side] == pytest.approx(told["unmet"][side], abs=0.01)
    assert [one["region"] for one in told["regions"]] == ["17", "18", "19"]


def test_files_that_came_with_the_job_are_planned_from(small, real):
    files = {f"scenario/{path.name}": path.read_bytes() for path in (small / "scenario").iterdir()}
    name = real.submit(job(small, scenario="scenario"), "kansli-01", files=files).id
    assert real.wait(name, 60).status == "optimal"


def test_every_problem_of_refused_inputs_is_told_at_once(small, real):
    files = {f"scenario/{path.name}": path.read_bytes() for path in (small / "scenario").iterdir()}
    files["scenario/demand.csv"] = b"from_h,to_h,place,category,patients\n0,12,99,icu_general,60\n"
    asked = job(small, scenario="scenario", overrides={"families.nothing": "on"})
    result = real.wait(real.submit(asked, "kansli-01", files=files).id, 60)
    assert (result.status, result.state, result.plan) == ("rejected_input", "failed", None)
    assert len(result.problems) >= 2 and all(one["code"] and one["remedy"] for one in result.problems)
    assert any("demand.csv" in one["where"] for one in result.problems) and "Traceback" not in result.errors
    assert str(real.root) not in str(result.problems) + result.why


def test_wishes_that_conflict_come_with_what_must_give_way(small, real):
    wish = {"goals.unmet_care.at_most": "0.001", "goals.patient_hours_in_transit.at_most": "0"}
    result = real.wait(real.submit(job(small, model="national", overrides=wish), "kansli-01").id, 90)
    assert result.status == "infeasible_confirmed" and result.conflict["ways"] and result.conflict["words"]["sv"]


def test_a_job_that_outgrows_its_memory_says_so(small, real):
    result = real.wait(real.submit(job(small, memory_limit_mb=500), "kansli-01").id, 60)
    assert (result.status, result.state, result.plan) == ("memory_limit", "failed", None)


def test_a_solver_never_gets_more_memory_than_its_job(small, supervise):
    jobs = supervise(child_with("bytearray(3_000_000_000)"), limits=Limits())
    result = jobs.wait(jobs.submit(job(small, memory_limit_mb=2500), "kansli-01").id, 60)
    assert result.status == "memory_limit" and result.plan is None


def test_a_what_if_that_names_what_is_not_there_is_refused(real):
    asked = Job(kind="what_if", plan="nothing", changes=[("lose", "karlstad")])
    result = real.wait(real.submit(asked, "kansli-01").id, 60)
    assert result.status == "rejected_input" and result.problems[0]["code"] == "P201"


@pytest.mark.parametrize("solver", [HOLDS_BEST, KEEPS_TRYING], ids=["listens", "is deaf"])
def test_cancelling_keeps_the_best_plan_verified(solver, small, supervise, heard):
    jobs = supervise(child_with(solver), limits=Limits())
    name = jobs.submit(job(small), "kansli-01").id
    heard(jobs, name, "solve: best")
    jobs.cancel(name)
    result = jobs.wait(name, 30)
    assert (result.status, result.state) == ("cancelled", "cancelled") and result.exit == "exit code 0"
    assert verified(result.plan).status == "cancelled"


def test_cancelling_before_there_is_a_plan_leaves_none(small, supervise, heard):
    jobs = supervise(child_with(ENDLESS), limits=Limits())
    name = jobs.submit(job(small), "kansli-01").id
    heard(jobs, name, "solve: endless")
    jobs.cancel(name)
    result = jobs.wait(name, 30)
    assert result.status == "cancelled" and result.plan is None


def test_an_endless_solve_is_stopped_soon_after_its_limit(small, supervise):
    jobs = supervise(child_with(ENDLESS), limits=Limits())
    for _ in range(ROUNDS):
        name = jobs.submit(job(small, time_limit_s=1), "kansli-01").id
        result = jobs.wait(name, 60)
        assert result.status == "no_solution_in_time" and result.exit == "exit code 0"
        began = next(one.seconds for one in jobs.news(name) if one.stage == "solve")
        assert jobs.progress(name).seconds - began < 1 + 5 + 5


def test_a_fault_of_ours_is_told_with_its_trace_kept_apart(small, supervise):
    broken = "raise ZeroDivisionError('odd')"
    jobs = supervise(child_with(broken), limits=Limits())
    result = jobs.wait(jobs.submit(job(small), "kansli-01").id, 60)
    assert result.status == "internal_error" and "Traceback" not in result.why


FAULTS = {
    "memory": (MemoryError(), "memory_limit"),
    "no room for code": (ImportError("x.so: failed to map segment from shared object"), "memory_limit"),
    "no room for a thread": (RuntimeError("can't start new thread"), "memory_limit"),
    "no room for a process": (OSError(errno.ENOMEM, "Cannot allocate memory"), "memory_limit"),
    "a fault": (KeyError("x"), "internal_error"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_goes_wrong_in_the_child_is_classified_there(name, monkeypatch, tmp_path):
    fault, status = FAULTS[name]

    def fail(*_):
        raise fault

    monkeypatch.setattr(child_module, "_work", fail)
    monkeypatch.setattr(child_module, "_bind_to_parent", lambda: None)
    monkeypatch.setattr(child_module, "_newsagent", lambda: print)
    monkeypatch.setattr(child_module, "_stop_of", lambda folder: None)
    assert child_module.main(tmp_path) == 0
    said = json.loads((tmp_path / "result.json").read_text())
    assert said["status"] == status and "Traceback" not in said["why"]
