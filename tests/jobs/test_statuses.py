"""What a real solver process comes to is what its job comes to, status by status, plan or none."""

from __future__ import annotations

import functools
import json
import threading

import pytest

import nspl_opt.pipeline as pipeline
from nspl_opt.jobs import child, planning
from nspl_opt.jobs.job import Job
from nspl_opt.jobs.result import Ending, classify
from nspl_opt.plan.folder import read_plan

from .children import solver_that

PLANNED = "found = real(folder, settings)"
BY_THE_SOLVER = {
    "optimal": ("return real(folder, settings)", True),
    "feasible_gap": (f"{PLANNED}; return found | dict(status='feasible_gap')", True),
    "feasible_time_limit": (f"{PLANNED}; return found | dict(status='feasible_time_limit')", True),
    "no_solution_in_time": ("return dict(status='no_solution_in_time', reached=[], has_plan=False)", False),
    "infeasible_unconfirmed": ("return dict(status='infeasible_unconfirmed', reached=[], has_plan=False)", False),
    "numerical_suspect": ("raise type('SolverFault', (Exception,), {})('odd')", False),
    "memory_limit": ("raise MemoryError", False),
    "crashed": (f"{PLANNED}; import os; os.abort()", False),
    "cancelled": (f"{PLANNED}; return found | dict(status='cancelled')", True),
    "internal_error": ("raise ZeroDivisionError('odd')", False),
}
"""Status -> what the solver does, and whether there is a plan. The other three: a confirmed want of any plan is found
with a conflict, refused input by reading it, an interruption by the next supervisor."""


@pytest.mark.parametrize("status", BY_THE_SOLVER)
def test_a_job_ends_as_its_solver_does(status, small, tmp_path, monkeypatch):
    body, planned = BY_THE_SOLVER[status]
    monkeypatch.setattr(pipeline, "solve", functools.partial(pipeline.solve, command=solver_that(body)))
    job = Job(
        scenario=str(small / "scenario"), reference=str(small / "reference"), model="minimal", time_limit_s=20,
        reasons_time_s=None, without_help=False,
    )  # fmt: skip
    said = planning.make(job, tmp_path, lambda news: None, threading.Event())
    child.replace_result(tmp_path, said)
    result = classify(tmp_path, Ending(0))
    assert result.status == status and (result.plan is not None) == planned
    assert json.loads((tmp_path / "result.json").read_text())["status"] == status
    if planned:
        assert read_plan(result.plan).status == status
