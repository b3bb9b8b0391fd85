"""How the process of a job can end, and what is told. The children here are a few lines each."""

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
from nspl_opt.jobs.leftovers import found_in
from nspl_opt.jobs.process import Limits, Process, end_orphans
from nspl_opt.jobs.result import SAYS, STATES, Ending, Result, classify, read_ended, state_of, write_ended
from nspl_opt.plan.plan import STATUSES

from .children import DEAF, DONE, PLAN, ROUNDS, SLEEP, alive, child, says, soon

JOB = Job(scenario="scenario")
KILLED = Limits(grace_s=-Job(scenario="s").longest_s + 0.4, grace_share=-2.0, stop_s=0.3, close_s=0.3, term_s=0.3)
"""Ends a job 0.4 s after its start."""

BAD_ENDS = {
    "a segmentation fault": (["os.kill(os.getpid(), signal.SIGSEGV)"], "crashed", "SIGSEGV"),
    "an abort": (["os.abort()"], "crashed", "SIGABRT"),
    "a kill from outside": (["os.kill(os.getpid(), signal.SIGKILL)"], "crashed", "SIGKILL"),
    "a polite kill from outside": (["os.kill(os.getpid(), signal.SIGTERM)"], "crashed", "SIGTERM"),
    "an exit code": (["sys.exit(7)"], "crashed", "exit code 7"),
    "an exception": (["raise ValueError('odd')"], "crashed", "exit code 1"),
    "a quiet end without a result": ([], "crashed", "exit code 0"),
    "garbage for news": (["sys.stdout.buffer.write(bytes(range(256)) * 2000)"], "crashed", "exit code 0"),
    "news nested too deeply": (["print('[' * 60000)", "print('{\"stage\": ' * 60000)"], "crashed", "exit code 0"),
    "news without end": (["sys.stdout.write('x' * 30_000_000)"], "crashed", "exit code 0"),
    "news of another kind": (["print('[1]'); print('{\"stage\": 3}'); print('null')"], "crashed", "exit code 0"),
    "half a result": (["(folder / 'result.json').write_text('{\"status\": \"opt')"], "crashed", "exit code 0"),
    "a result that is a list": (["(folder / 'result.json').write_text('[]')"], "crashed", "exit code 0"),
    "a result nested too deeply": (["(folder / 'result.json').write_text('[' * 99999)"], "crashed", "exit code 0"),
    "a result that is not text": (["(folder / 'result.json').write_bytes(b'\\xff\\xfe')"], "crashed", "exit code 0"),
    "a result that is a folder": (["(folder / 'result.json').mkdir()"], "crashed", "exit code 0"),
    "a status of its own making": ([says("splendid")], "crashed", "exit code 0"),
    "a status that is not its own": ([says("interrupted")], "crashed", "exit code 0"),
    "a reason that is no text": ([says("cancelled", why=["x"])], "crashed", "exit code 0"),
    "problems that are none": ([says("rejected_input", problems=["x"])], "crashed", "exit code 0"),
    "out of memory in Python": (["raise MemoryError"], "memory_limit", "memory"),
    "out of memory in C++": (
        ["sys.stderr.write('std::bad_alloc'); sys.stderr.flush()", "os.abort()"],
        "memory_limit",
        "memory",
    ),
    "too much work for the processor": (["os.kill(os.getpid(), signal.SIGXCPU)"], "no_solution_in_time", "time limit"),
    "optimal without a plan": ([DONE], "internal_error", "left none"),
}


@pytest.mark.parametrize("name", BAD_ENDS)
def test_a_job_that_goes_wrong_is_classified_and_gives_no_plan(name, supervise):
    lines, status, words = BAD_ENDS[name]
    jobs = supervise(child(*lines))
    result = jobs.wait(jobs.submit(JOB, "kansli-01").id, 5)
    assert result.status == status and words in result.why and result.plan is None
    assert result.state == "failed" and result.exit


@pytest.mark.parametrize("status", sorted(SAYS))
@pytest.mark.parametrize("with_plan", [True, False])
def test_each_status_that_a_child_may_give_leads_to_one_state(status, with_plan, supervise):
    lines = [PLAN] if with_plan else []
    jobs = supervise(child(*lines, says(status, why="for a reason", problems=[{"code": "S1"}])))
    result = jobs.wait(jobs.submit(JOB, "kansli-01").id, 5)
    denied = status in ("no_solution_in_time", "infeasible_confirmed", "infeasible_unconfirmed") and with_plan
    claimed = status in ("optimal", "feasible_gap", "feasible_time_limit") and not with_plan
    expected = "numerical_suspect" if denied else "internal_error" if claimed else status
    assert result.status == expected and result.state == state_of(expected)
    assert (result.plan is not None) == (with_plan and not denied)
    if expected == status:
        assert result.why == "for a reason" and result.problems == ({"code": "S1"},)


def test_every_status_of_the_closed_list_is_given_by_somebody_and_has_a_state():
    assert SAYS | {"interrupted"} == set(STATUSES)
    assert {state_of(status) for status in STATUSES} == set(STATES) - {"queued", "running"}
    assert {status for status in STATUSES if state_of(status) == "done"} == {
        "optimal", "feasible_gap", "feasible_time_limit",
    }  # fmt: skip


UNSAID = [
    (Ending(-9), False, False, "crashed"),
    (Ending(-250), False, False, "crashed"),
    (Ending(-9), True, False, "crashed"),
    (Ending(-9, "cancelled"), False, False, "cancelled"),
    (Ending(-15, "cancelled"), True, False, "cancelled"),
    (Ending(-9, "cancelled"), True, True, "interrupted"),
    (Ending(-9, "time"), True, False, "feasible_time_limit"),
    (Ending(-9, "time"), False, False, "no_solution_in_time"),
    (Ending(1, errors="MemoryError"), True, False, "memory_limit"),
    (Ending(1, errors="ImportError: x: failed to map segment from shared object"), False, False, "memory_limit"),
]


@pytest.mark.parametrize(("ending", "with_plan", "closing", "status"), UNSAID)
def test_a_child_that_says_nothing_is_judged_by_its_end_and_its_plan_is_kept(
    ending, with_plan, closing, status, tmp_path
):
    if with_plan:
        (tmp_path / "plan").mkdir()
        (tmp_path / "plan" / "manifest.json").touch()
    result = classify(tmp_path, ending, closing)
    assert result.status == status and (result.plan is not None) == with_plan


@pytest.mark.parametrize(("kept", "status"), [([PLAN], "feasible_time_limit"), ([], "no_solution_in_time")])
def test_an_endless_job_deaf_to_sigterm_is_killed_after_its_time(kept, status, supervise):
    for _ in range(ROUNDS):
        jobs = supervise(child(*kept, DEAF, "while True: pass"), limits=KILLED)
        result = jobs.wait(jobs.submit(JOB, "kansli-01").id, 10)
        assert result.status == status and "did not keep its time limit" in result.why and result.exit == "SIGKILL"
        assert 0.4 <= result.seconds < 0.4 + 5
        jobs.close()


def test_the_real_grace_is_a_minute_or_a_fifth():
    assert Limits().wall_s(Job(scenario="s", time_limit_s=120, reasons_time_s=60)) == 210 + 60
    assert Limits().wall_s(Job(scenario="s", time_limit_s=3600, reasons_time_s=None)) == (3600 + 90) * 1.2


def test_a_job_deaf_to_every_wish_is_killed_when_cancelled_and_its_best_plan_kept(supervise, heard):
    jobs = supervise(child(PLAN, DEAF, SLEEP))
    name = jobs.submit(JOB, "kansli-01").id
    heard(jobs, name, "deaf")
    assert jobs.cancel(name)
    result = jobs.wait(name, 10)
    assert result.status == "cancelled" and result.plan is not None and result.exit == "SIGKILL"


def test_a_job_that_listens_is_asked_first(supervise):
    asked = "while not (folder / 'stop').exists(): time.sleep(0.01)"
    jobs = supervise(child(asked, PLAN, says("cancelled", why="asked")), limits=Limits())
    name = jobs.submit(JOB, "kansli-01").id
    assert soon(lambda: jobs.process_of(name))
    jobs.cancel(name)
    assert (result := jobs.wait(name, 10)).why == "asked" and result.plan is not None and result.exit == "exit code 0"


def test_a_what_if_has_nothing_to_keep_and_is_ended_at_once(supervise):
    jobs = supervise(child(SLEEP), limits=Limits())
    name = jobs.submit(Job(kind="what_if", plan="plan", changes=[("lose", "karlstad")]), "kansli-01").id
    assert soon(lambda: jobs.process_of(name))
    jobs.cancel(name)
    assert (result := jobs.wait(name, 10)).status == "cancelled" and result.exit == "SIGTERM"


def test_helpers_of_a_job_die_with_it(supervise):
    fork = "pid = os.fork(); print(json.dumps({'stage': str(pid)}), flush=True) if pid else None"
    jobs = supervise(child(fork, SLEEP), limits=KILLED)
    name = jobs.submit(JOB, "kansli-01").id
    assert jobs.wait(name, 10).status == "no_solution_in_time"
    told = [one.stage for one in jobs.news(name) if one.stage]
    assert told and soon(lambda: not alive(int(told[0])), 2)


def test_a_killed_child_ends_its_job_as_crashed_and_the_next_job_is_fine(supervise):
    jobs = supervise(child("(folder / 'fine').exists() or " + SLEEP, PLAN, DONE))
    for _ in range(5 * ROUNDS):
        name = jobs.submit(JOB, "kansli-01").id
        following = jobs.submit(JOB, "kansli-02", files={"fine": b""}).id
        assert soon(lambda name=name: jobs.process_of(name))
        os.kill(jobs.process_of(name), signal.SIGKILL)
        assert jobs.wait(name, 5).status == "crashed"
        assert jobs.wait(following, 10).status == "optimal"


def test_a_child_that_cannot_be_started_is_an_error_of_ours_not_a_traceback(supervise):
    jobs = supervise(["/no/such/program"])
    result = jobs.wait(jobs.submit(JOB, "kansli-01").id, 5)
    assert result.status == "internal_error" and "could not be started" in result.why
    assert "/" not in result.why  # no place in the file system


def test_a_watcher_that_fails_leaves_no_job_running_and_no_process_behind(supervise, monkeypatch, caplog):
    def fail(self, *_):
        raise ZeroDivisionError("a fault of ours")

    seen = []
    real = Process.__init__
    monkeypatch.setattr(Process, "__init__", lambda self, *a: (real(self, *a), seen.append(self.child.pid))[0])
    monkeypatch.setattr(Process, "_wait", fail)
    jobs = supervise(child(SLEEP))
    result = jobs.wait(jobs.submit(JOB, "kansli-01").id, 5)
    assert result.status == "internal_error" and "a fault of ours" in result.why and "Zero" in caplog.text
    assert not alive(seen[0])


def test_what_the_child_complained_of_is_kept_but_not_without_end_and_is_no_part_of_its_text(supervise):
    jobs = supervise(child("sys.stderr.write('x' * 100000 + 'the last words')", "sys.exit(1)"))
    result = jobs.wait(jobs.submit(JOB, "kansli-01").id, 5)
    assert result.errors.endswith("the last words") and len(result.errors) <= 4000
    assert "last words" not in repr(result) and "last words" not in result.why


def test_a_job_knows_no_secret_of_the_service_and_keeps_its_temporary_files_to_itself(supervise, monkeypatch):
    monkeypatch.setenv("NSPL_OPT_DATABASE", "postgresql://hemligt")
    monkeypatch.setenv("PGPASSWORD", "hemligt")
    keep = "(folder / 'seen').write_text(json.dumps(dict(os.environ, cwd=os.getcwd())))"
    leave = "(pathlib.Path(os.environ['TMPDIR']) / 'left').touch()"
    jobs = supervise(child(keep, leave))
    ticket = jobs.submit(JOB, "kansli-01")
    jobs.wait(ticket.id, 5)
    seen = json.loads((ticket.folder / "seen").read_text())
    assert "hemligt" not in str(seen) and seen["cwd"] == str(ticket.folder) and seen["PYTHONSAFEPATH"] == "1"
    assert not (ticket.folder / "tmp").exists() and ticket.folder.stat().st_mode & 0o077 == 0


def test_a_result_that_cannot_be_written_down_is_known_all_the_same(supervise, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    jobs = supervise(child(PLAN, DONE))
    monkeypatch.setattr("nspl_opt.jobs.supervisor.write_ended", full)
    assert jobs.wait(jobs.submit(JOB, "kansli-01").id, 5).status == "optimal"


def test_a_result_is_found_again_as_it_was(tmp_path):
    result = Result("rejected_input", "no", None, ({"code": "S1"},), {"ways": []}, {"unmet": 1}, 1.5, "SIGTERM", "x")
    write_ended(tmp_path, result)
    assert read_ended(tmp_path) == result
    (tmp_path / "ended.json").write_text("{}")
    assert read_ended(tmp_path) is None


def test_what_earlier_supervisors_left_is_found_once_and_no_job_is_left_running(tmp_path):
    for name, files in {"a-began": ("job.json",), "b-half": (), "c-kept": ("job.json", "plan/manifest.json")}.items():
        (tmp_path / name / "plan").mkdir(parents=True)
        for file in files:
            (tmp_path / name / file).touch()
    (tmp_path / "d-over").mkdir()
    (tmp_path / "d-over" / "job.json").touch()
    write_ended(tmp_path / "d-over", Result("optimal"))
    found = found_in(tmp_path)
    assert {name: (one.status, one.plan) for name, one in found.items()} == {
        "a-began": ("interrupted", None),
        "c-kept": ("interrupted", tmp_path / "c-kept" / "plan"),
        "d-over": ("optimal", None),
    }
    assert not (tmp_path / "b-half").exists() and found_in(tmp_path) == found


def test_an_orphan_is_killed_at_the_next_start_and_nobody_else(tmp_path):
    folder = tmp_path / "jobs" / "job-1"
    folder.mkdir(parents=True)
    ours = subprocess.Popen([*child(SLEEP), str(folder)])
    strangers = [
        subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)", str(folder)]),
        subprocess.Popen([*child(SLEEP), str(tmp_path / "elsewhere")]),
    ]
    try:
        time.sleep(0.2)
        assert end_orphans(tmp_path / "jobs") == [ours.pid]
        assert ours.wait(5) == -signal.SIGKILL and all(one.poll() is None for one in strangers)
    finally:
        for one in (ours, *strangers):
            one.kill()
            one.wait()


def test_the_child_of_a_job_is_marked_so_that_it_is_found():
    from nspl_opt.jobs.process import CHILD

    assert CHILD[0] == sys.executable and CHILD[-1] == "nspl_opt.jobs.child"
    assert Path(sys.modules["nspl_opt.jobs.process"].__file__).with_name("child.py").is_file()
