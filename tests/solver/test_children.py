"""How a solver process can end, and what its user is told. The children here are a few lines each."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from nspl_opt.plan.plan import STATUSES
from nspl_opt.solver import outcome as out
from nspl_opt.solver.outcome import Outcome, solve

from .small import matrix, settings

MODEL = matrix([[1, 1], [0, 1]], [[1, 1]], 4, 8, whole=[True, False])
"""Two goals; [4, 0] is a plan."""

KEEP = "np.save(folder / 'best.npy', np.array([4.0, 0.0]))"
GOALS = [{"value": 4.0, "bound": 4.0, "seconds": 0.1, "limited": ""}, {"value": 0.0, "bound": 0.0, "seconds": 0.1,
                                                                      "limited": ""}]  # fmt: skip


def child(*lines: str) -> list[str]:
    """The command line of a child that does this."""
    start = "import json, os, signal, sys, time, pathlib; folder = pathlib.Path(sys.argv[1])"
    numbers = ["import numpy as np"] if any("np." in line for line in lines) else []
    return [sys.executable, "-c", "\n".join([start, *numbers, *lines])]


def ended(**result) -> str:
    """A line that writes a result."""
    return f"(folder / 'result.json').write_text({json.dumps(json.dumps(result))})"


@pytest.fixture(autouse=True)
def nothing_left_behind(monkeypatch, tmp_path):
    """Every job's folder is gone when the job has ended, however it ended."""
    place = tmp_path / "jobs"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield
    assert not list(place.iterdir())


def run(*lines: str, limit: float = 20.0, **more) -> Outcome:
    return solve(MODEL, settings(time_limit_s=limit), command=child(*lines), **more)


BAD_ENDS = {
    "a segmentation fault": (["os.kill(os.getpid(), signal.SIGSEGV)"], "crashed", "SIGSEGV"),
    "an abort": (["os.abort()"], "crashed", "SIGABRT"),
    "a kill from outside": (["os.kill(os.getpid(), signal.SIGKILL)"], "crashed", "SIGKILL"),
    "an exit code": (["sys.exit(7)"], "crashed", "exit code 7"),
    "an exception": (["raise ValueError('odd')"], "crashed", "exit code 1"),
    "a quiet end without a result": ([], "crashed", "exit code 0"),
    "garbage for news": (["sys.stdout.buffer.write(bytes(range(256)) * 2000)"], "crashed", "exit code 0"),
    "news nested too deeply": (["print('[' * 60000)", "print('{\"stage\": ' * 60000)"], "crashed", "exit code 0"),
    "half a result": (["(folder / 'result.json').write_text('{\"status\": \"opt')"], "crashed", "exit code 0"),
    "a result that is a list": (["(folder / 'result.json').write_text('[]')"], "crashed", "exit code 0"),
    "a result that is not text": (["(folder / 'result.json').write_bytes(b'\\xff\\xfe')"], "crashed", "exit code 0"),
    "a status of its own making": ([ended(status="splendid")], "crashed", "exit code 0"),
    "goals of its own making": ([ended(status="optimal", reached=[{"worth": 3}])], "crashed", "exit code 0"),
    "out of memory in Python": (["raise MemoryError"], "memory_limit", "memory"),
    "out of memory in C++": (["sys.stderr.write('std::bad_alloc')", "os.abort()"], "memory_limit", "memory"),
    "optimal without a plan": ([ended(status="optimal", reached=GOALS)], "numerical_suspect", "does not obey"),
}


@pytest.mark.parametrize("name", BAD_ENDS)
def test_a_solver_process_that_goes_wrong_is_classified_and_gives_no_plan(name):
    lines, status, words = BAD_ENDS[name]
    outcome = run(*lines)
    assert outcome.status == status and words in outcome.why
    assert outcome.point is None and outcome.seconds < 5


def test_bounds_told_before_a_crash_are_kept_and_never_above_the_plan():
    told = [(0, 3.0), (1, 99.0), ("x", 1.0), (0, "y"), (0, float("nan"))]
    news = [json.dumps({"stage": "held", "goal": goal, "bound": bound}) for goal, bound in told]
    outcome = run(*(f"print({line!r}, flush=True)" for line in news), KEEP, "os.abort()")
    assert outcome.status == "crashed"
    assert [(goal.value, goal.bound) for goal in outcome.goals] == [(4, 3), (0, 0)]


BAD_PLANS = {
    "cut off": "(folder / 'best.npy').write_bytes((folder / 'best.npy').read_bytes()[:-4])",
    "empty": "(folder / 'best.npy').write_bytes(b'')",
    "of text": "(folder / 'best.npy').write_text('a plan')",
    "missing": "(folder / 'best.npy').unlink()",
    "too long": "np.save(folder / 'best.npy', np.array([4.0, 0.0, 0.0]))",
    "of objects": "np.save(folder / 'best.npy', np.array([4.0, None], dtype=object), allow_pickle=True)",
    "of whole numbers that stand for text": "np.save(folder / 'best.npy', np.array(['4', '0']))",
    "a whole archive": "np.savez(open(folder / 'best.npy', 'wb'), a=np.array([4.0, 0.0]))",
    "not finite": "np.save(folder / 'best.npy', np.array([4.0, np.nan]))",
    "short of care": "np.save(folder / 'best.npy', np.array([3.0, 0.0]))",
    "half a vehicle": "np.save(folder / 'best.npy', np.array([3.5, 0.5]))",
    "beyond its limits": "np.save(folder / 'best.npy', np.array([11.0, -4.0]))",
    "said to be gigantic": "(folder / 'best.npy').write_bytes((folder / 'best.npy').read_bytes()"
    ".replace(b'(2,), }' + b' ' * 12, b'(2' + b'0' * 12 + b',), }'))",
}


@pytest.mark.parametrize("name", BAD_PLANS)
def test_a_plan_that_is_damaged_or_breaks_the_model_is_never_passed_on(name):
    outcome = run(KEEP, BAD_PLANS[name], ended(status="optimal", reached=GOALS, has_plan=True))
    assert outcome.status == "numerical_suspect" and outcome.point is None


def test_a_sound_plan_and_its_goals_are_passed_on():
    outcome = run(KEEP, ended(status="feasible_gap", reached=GOALS, has_plan=True))
    assert outcome.status == "feasible_gap" and outcome.point.tolist() == [4, 0]
    assert [goal.bound for goal in outcome.goals] == [4, 0]


def test_no_plan_is_claimed_while_one_lies_there():
    outcome = run(KEEP, ended(status="infeasible_confirmed", reached=[]))
    assert outcome.status == "numerical_suspect" and "denies" in outcome.why


@pytest.mark.parametrize("status", [*out.WITHOUT_PLAN, *out.EITHER])
def test_a_status_without_a_plan_is_passed_on_with_its_reason(status):
    outcome = run(ended(status=status, reached=[], why="for a reason"))
    assert (outcome.status, outcome.why, outcome.point) == (status, "for a reason", None)


def test_the_best_plan_survives_a_crash_with_goals_not_searched_marked():
    outcome = run(KEEP, "os.kill(os.getpid(), signal.SIGSEGV)")
    assert outcome.status == "crashed" and outcome.point.tolist() == [4, 0]
    assert [(goal.value, goal.bound, goal.limited) for goal in outcome.goals] == [(4, 0, "time"), (0, 0, "time")]


@pytest.mark.parametrize(("kept", "status"), [([KEEP], "feasible_time_limit"), ([], "no_solution_in_time")])
def test_a_solver_that_never_ends_is_killed_after_its_limit_and_grace(monkeypatch, kept, status):
    monkeypatch.setattr(out, "GRACE_S", 0.5)
    deaf = ["signal.signal(signal.SIGTERM, signal.SIG_IGN)", "time.sleep(600)"]
    outcome = run(*kept, *deaf, limit=0.5)
    assert outcome.status == status and "did not keep its time limit" in outcome.why
    assert 1.0 <= outcome.seconds < 3.0


def test_the_real_grace_is_five_seconds_or_a_fifth():
    assert (out.GRACE_S, out.GRACE_SHARE) == (5.0, 0.2)
    outcome = run("while True: pass", limit=0.2)
    assert outcome.status == "no_solution_in_time" and 5.2 <= outcome.seconds < 7.5


def test_a_solver_deaf_to_stop_is_killed_and_its_best_plan_kept(monkeypatch):
    monkeypatch.setattr(out, "GRACE_S", 0.4)
    stop = threading.Event()
    told = []

    def told_one(news):
        told.append(news)
        stop.set()

    outcome = run(
        KEEP, "print(json.dumps({'stage': 'x'}), flush=True)", "time.sleep(600)", progress=told_one, stop=stop
    )
    assert told and outcome.status == "cancelled" and outcome.point.tolist() == [4, 0] and outcome.seconds < 4


def test_a_helper_started_by_the_solver_dies_with_it(monkeypatch):
    monkeypatch.setattr(out, "GRACE_S", 0.3)
    noted = []
    outcome = run(
        "pid = os.fork()", "if pid == 0: time.sleep(600)",
        "print(json.dumps({'stage': 'x', 'pid': pid}), flush=True)", "time.sleep(600)",
        limit=0.3, progress=noted.append,
    )  # fmt: skip
    assert outcome.status == "no_solution_in_time"
    assert _gone(noted[0]["pid"])


def _gone(pid: int) -> bool:
    for _ in range(100):
        stat = Path(f"/proc/{pid}/stat")
        try:
            if stat.read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def test_a_display_that_fails_costs_no_plan():
    def broken(news):
        raise ZeroDivisionError("a display")

    outcome = run(
        "for i in range(3000): print(json.dumps({'stage': 'search', 'text': 'x' * 200}), flush=True)",
        KEEP, ended(status="optimal", reached=GOALS, has_plan=True), progress=broken,
    )  # fmt: skip
    assert outcome.status == "optimal" and outcome.details["progress_error"] == "ZeroDivisionError: a display"


def test_what_the_child_complained_of_is_kept_but_not_without_end():
    outcome = run("sys.stderr.write('x' * 100000 + 'the last words')", "sys.exit(1)")
    assert outcome.details["stderr"].endswith("the last words") and len(outcome.details["stderr"]) <= 2000


def test_a_child_that_cannot_be_started_is_an_error_of_ours_not_a_traceback():
    outcome = solve(MODEL, settings(), command=["/no/such/program"])
    assert outcome.status == "internal_error" and "could not be given its job" in outcome.why


def test_a_full_disk_before_the_solve_is_told(monkeypatch):
    def full(self, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(MODEL), "save", full)
    outcome = solve(MODEL, settings())
    assert outcome.status == "internal_error" and "No space left" in outcome.why


FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8)); from nspl_opt.solver import child"


def test_a_full_disk_during_the_solve_is_classified():
    """No file may grow beyond 8 bytes: neither the plan nor the result can be written."""
    outcome = run(FULL, "sys.exit(child.main(folder))")
    assert outcome.status == "crashed" and outcome.point is None


SAID_BY = {
    "optimal": "child", "feasible_gap": "child", "feasible_time_limit": "child", "no_solution_in_time": "child",
    "infeasible_confirmed": "child", "infeasible_unconfirmed": "child", "numerical_suspect": "child",
    "memory_limit": "child", "cancelled": "child", "internal_error": "child",
    "crashed": "parent", "interrupted": "job store", "rejected_input": "pipeline",
}  # fmt: skip
"""Who gives each status. Interrupted: a job whose owner died, found at the next start; rejected: InvalidInput."""


def test_the_list_of_statuses_is_closed():
    assert set(SAID_BY) == set(STATUSES)
    assert {status for status, who in SAID_BY.items() if who == "child"} == {
        *out.WITH_PLAN, *out.WITHOUT_PLAN, *out.EITHER
    }  # fmt: skip
