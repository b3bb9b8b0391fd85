"""The supervisor's own process killed in the middle of a solve: nothing lives on, and no job is left running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nspl_opt.jobs.job import Job

from .children import DEAF, DONE, ENDLESS, PLAN, ROUNDS, SLEEP, alive, child, child_with, descendants, soon

ROOT = Path(__file__).resolve().parents[2]
OWNER = """
import json, sys, time
from pathlib import Path
from nspl_opt.jobs.job import Job
from nspl_opt.jobs.supervisor import Jobs
jobs = Jobs(Path(sys.argv[1]), command=json.loads(sys.argv[2]))
for number in range(3):
    jobs.submit(Job.model_validate_json(sys.argv[3]), f"kansli-0{number}", id=f"job-{number}")
jobs.subscribe("job-0", lambda news: print(news.stage, flush=True))
time.sleep(600)
"""


def owner(folder: Path, command: list[str], job: Job, stage: str) -> subprocess.Popen:
    """A supervisor in a process of its own, whose first job has come to this stage."""
    words = [sys.executable, "-c", OWNER, str(folder), json.dumps(command), job.model_dump_json()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
    for line in process.stdout:
        if stage in line:
            break
    return process


def killed(process: subprocess.Popen) -> set[int]:
    """What worked below it when it was killed."""
    below = descendants(process.pid)
    process.kill()
    process.wait()
    process.stdout.close()
    return below


@pytest.mark.parametrize("round", range(ROUNDS))
def test_a_solve_never_outlives_the_service_however_it_is_killed(round, small, supervise, tmp_path):
    asked = Job(scenario=str(small / "scenario"), reference=str(small / "reference"), model="minimal", time_limit_s=99)
    process = owner(tmp_path / "jobs", child_with(ENDLESS), asked, "endless")
    below = killed(process)
    assert len(below) >= 2  # the job and its solver
    assert soon(lambda: not any(map(alive, below)), 2)
    jobs = supervise(child(PLAN, DONE))
    assert {name: (one.status, one.state) for name, one in jobs.found.items()} == {
        f"job-{number}": ("interrupted", "interrupted") for number in range(3)
    }
    assert [jobs.progress(f"job-{number}").state for number in range(3)] == ["interrupted"] * 3
    assert jobs.wait(jobs.submit(asked, "kansli-00").id, 10).status == "optimal"
    assert jobs.forget("job-0") and "job-0" not in jobs.found


def test_the_killed_child_of_a_job_takes_its_solver_along(small, supervise, heard):
    jobs = supervise(child_with(ENDLESS))
    asked = Job(scenario=str(small / "scenario"), reference=str(small / "reference"), model="minimal", time_limit_s=99)
    name = jobs.submit(asked, "kansli-01").id
    heard(jobs, name, "endless")
    pid = jobs.process_of(name)
    below = descendants(pid)
    assert below
    os.kill(pid, signal.SIGKILL)
    assert jobs.wait(name, 5).status == "crashed"
    assert soon(lambda: not any(map(alive, below)), 2)


def test_a_child_that_does_not_die_with_its_owner_is_ended_when_the_next_one_begins(supervise, tmp_path):
    """Without the system's help, as on other systems than Linux."""
    for _ in range(5 * ROUNDS):
        folder = tmp_path / f"jobs-{time.monotonic_ns()}"
        process = owner(folder, child(PLAN, DEAF, SLEEP), Job(scenario="s"), "deaf")
        below = killed(process)
        assert len(below) == 1 and all(map(alive, below))
        jobs = supervise(child(PLAN, DONE), root=folder)
        assert soon(lambda below=below: not any(map(alive, below)), 2)
        assert jobs.found["job-0"].status == "interrupted" and jobs.found["job-0"].plan is not None
        jobs.close()


def test_a_real_child_whose_owner_is_gone_before_it_begins_ends_itself(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NSPL_OPT_JOB_PARENT": "1", "NSPL_OPT_JOB_PARENT_CPU_S": "9"}
    words = [sys.executable, "-m", "nspl_opt.jobs.child", str(tmp_path)]
    assert subprocess.run(words, env=environment, timeout=30).returncode == 3


def test_a_real_child_whose_pipe_is_closed_ends_itself(tmp_path):
    slow = (
        "import sys, time; from pathlib import Path; import nspl_opt.jobs.child as jobs;"
        "jobs._work = lambda *_: (print('at work', file=sys.stderr, flush=True), time.sleep(600));"
        "jobs.main(Path(sys.argv[1]))"
    )
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "NSPL_OPT_JOB_PARENT": str(os.getpid()),
        "NSPL_OPT_JOB_PARENT_CPU_S": "99",
    }  # fmt: skip
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", slow, str(tmp_path)], env=environment, **pipes) as process:
        assert process.stderr.readline() == b"at work\n"
        process.stdin.close()
        assert process.wait(5) == 3
