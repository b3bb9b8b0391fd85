"""The real solver process: limits, cancelling, Ctrl-C, memory, the death of its parent, the same plan twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from nspl_opt.solver.outcome import is_plan, solve

from .small import matrix, settings

ROOT = Path(__file__).resolve().parents[2]


def hard(columns: int = 60, rows: int = 8, seed: int = 1):
    """A market split of 60 columns: a plan at once, no proof in years."""
    rng = np.random.default_rng(seed)
    numbers = rng.integers(1, 100, (rows, columns)).astype(float)
    half = np.floor(numbers.sum(axis=1) / 2)
    slips = np.kron(np.eye(rows), [1.0, -1.0])
    return matrix(
        [0] * columns + [1] * 2 * rows, np.hstack([numbers, slips]), half, half,
        col_upper=[1] * columns + [10000] * 2 * rows, whole=[True] * columns + [False] * 2 * rows,
    )  # fmt: skip


EASY = matrix([1, 1], [[1, 1]], 4, 8, whole=True)


def test_a_time_limit_gives_the_best_plan_with_its_gap_and_is_never_called_optimal():
    model = hard()
    outcome = solve(model, settings(time_limit_s=1.5, work_limit=10**9))
    assert outcome.status == "feasible_time_limit" and outcome.seconds < 1.5 + 5
    goal = outcome.goals[0]
    assert goal.limited == "time" and goal.bound < goal.value
    assert is_plan(model, outcome.point)
    assert goal.value == pytest.approx(float(model.goals[0] @ outcome.point))


def test_a_gap_that_was_asked_for_is_told_as_such():
    outcome = solve(hard(), settings(time_limit_s=20, gap_share=1.0))
    assert outcome.status == "feasible_gap" and outcome.goals[0].bound < outcome.goals[0].value


def test_counted_work_ends_a_search_and_the_same_plan_comes_again():
    first, again = (solve(hard(), settings(time_limit_s=60, work_limit=20)) for _ in range(2))
    assert first.status == "feasible_gap" and first.goals[0].limited == "work"
    assert first.point.tobytes() == again.point.tobytes()
    assert [goal.value for goal in first.goals] == [goal.value for goal in again.goals]


def test_too_little_time_for_any_plan_is_told_as_such_or_gives_a_sound_one():
    model = hard(400, 60)
    outcome = solve(model, settings(time_limit_s=0.01))
    if outcome.point is None:
        assert outcome.status == "no_solution_in_time"
    else:
        assert outcome.status == "feasible_time_limit" and is_plan(model, outcome.point)


def test_what_has_no_plan_is_confirmed_by_a_second_run():
    outcome = solve(matrix([1, 1], [[1, 1]], 30, np.inf), settings())
    assert outcome.status == "infeasible_confirmed" and outcome.point is None and outcome.goals == ()


def test_cancelling_keeps_the_best_plan_and_ends_at_once():
    model, stop = hard(), threading.Event()

    def first_plan(news):
        if news["stage"] == "search":
            stop.set()

    outcome = solve(model, settings(time_limit_s=60, work_limit=10**9), first_plan, stop)
    assert outcome.status == "cancelled" and is_plan(model, outcome.point) and outcome.seconds < 6


def test_cancelling_before_anything_has_begun_ends_too():
    stop = threading.Event()
    stop.set()
    outcome = solve(hard(), settings(time_limit_s=60, work_limit=10**9), stop=stop)
    assert outcome.status == "cancelled" and outcome.seconds < 6


def test_too_little_memory_is_told_as_such():
    assert solve(EASY, settings(memory_limit_mb=100)).status == "memory_limit"


def test_a_model_too_large_for_its_memory_is_told_as_such():
    rng = np.random.default_rng(0)
    wide = matrix(np.ones(1500), rng.uniform(1, 2, (1500, 1500)), 1, np.inf)
    assert solve(wide, settings(memory_limit_mb=330)).status == "memory_limit"


PARENT = """
import json, signal, sys, threading
from tests.solver.small import settings
from tests.solver.test_process import hard
from nspl_opt.solver.outcome import solve
stop = threading.Event()
if sys.argv[1] == "asks":
    signal.signal(signal.SIGINT, lambda *_: stop.set())
else:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job starts deaf to it
told = lambda news: print(json.dumps(news), flush=True)
outcome = solve(hard(), settings(time_limit_s=60, work_limit=10**9), told, stop)
print(json.dumps({"ended": outcome.status, "plan": outcome.point is not None}), flush=True)
"""


def parent(how: str, place: Path) -> subprocess.Popen:
    """A process of its own group that solves for a minute; returned when its solver has a plan."""
    started = subprocess.Popen(
        [sys.executable, "-c", PARENT, how], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(place)}, start_new_session=True,
    )  # fmt: skip
    while json.loads(started.stdout.readline())["stage"] != "search":
        pass
    return started


def children(pid: int) -> list[int]:
    """Processes whose parent this is."""
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pid)


linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux
def test_ctrl_c_at_the_terminal_reaches_the_program_not_the_solver_and_the_plan_is_kept(tmp_path):
    with parent("asks", tmp_path) as program:
        (solver,) = children(program.pid)
        assert os.getpgid(solver) != os.getpgid(program.pid)
        began = time.monotonic()
        os.killpg(program.pid, signal.SIGINT)
        last = json.loads(program.communicate(timeout=20)[0].splitlines()[-1])
    assert last == {"ended": "cancelled", "plan": True} and time.monotonic() - began < 6
    assert not alive(solver) and not list(tmp_path.iterdir())


@linux
def test_ctrl_c_in_a_program_that_does_not_ask_ends_its_solver_too(tmp_path):
    with parent("does not ask", tmp_path) as program:
        (solver,) = children(program.pid)
        os.killpg(program.pid, signal.SIGINT)
        assert "KeyboardInterrupt" in program.communicate(timeout=20)[1]
    assert not alive(solver) and not list(tmp_path.iterdir())


@linux
@pytest.mark.parametrize("solver_is", ["at work", "silent"])
def test_the_sudden_death_of_the_program_leaves_no_solver_behind(tmp_path, solver_is):
    """A silent solver (here: stopped) does not notice that nobody listens: the system must end it."""
    with parent("dies", tmp_path) as program:
        (solver,) = children(program.pid)
        if solver_is == "silent":
            os.kill(solver, signal.SIGSTOP)
        os.kill(program.pid, signal.SIGKILL)
        gone = gone_within(solver, 2.0)
        if not gone:
            os.kill(solver, signal.SIGKILL)
        program.communicate(timeout=5)
    assert gone


@linux
def test_a_solver_killed_from_outside_is_told_as_crashed_five_times_and_the_next_one_is_fine():
    for _ in range(5):
        news, began = [], []

        def shoot(told, news=news, began=began):
            if told["stage"] == "search" and not news:
                news.append(told)
                began.append(time.monotonic())
                solvers = [pid for pid in children(os.getpid()) if "nspl_opt.solver.child" in _command(pid)]
                os.kill(solvers[-1], signal.SIGKILL)

        outcome = solve(hard(), settings(time_limit_s=60, work_limit=10**9), shoot)
        assert outcome.status == "crashed" and "SIGKILL" in outcome.why and time.monotonic() - began[0] < 5
        assert outcome.point is not None
    assert solve(EASY, settings()).status == "optimal"


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")


def test_solves_in_two_threads_at_once_do_not_disturb_each_other():
    found = {}

    def one(number):
        found[number] = solve(hard(20, 3, seed=number), settings(time_limit_s=60, work_limit=20))

    threads = [threading.Thread(target=one, args=(number,)) for number in (1, 2)]
    [thread.start() for thread in threads]
    [thread.join(timeout=60) for thread in threads]
    for number in (1, 2):
        alone = solve(hard(20, 3, seed=number), settings(time_limit_s=60, work_limit=20))
        assert found[number].point.tobytes() == alone.point.tobytes()


def test_a_solve_opens_no_file_that_it_does_not_close_and_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    solve(EASY, settings())
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    for _ in range(3):
        assert solve(EASY, settings()).status == "optimal"
    after = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    assert after <= before and not list(tmp_path.iterdir())


def test_a_solve_leaves_no_pipe_for_the_collector_to_close():
    code = (
        "from tests.solver.small import settings\nfrom tests.solver.test_process import EASY\n"
        "from nspl_opt.solver.outcome import solve\nprint(solve(EASY, settings()).status)"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert ran.stdout.strip() == "optimal" and "unclosed" not in ran.stderr


def test_the_solver_process_loads_neither_the_modelling_tools_nor_the_oracle():
    code = (
        "import sys, nspl_opt.solver.child, nspl_opt.solver.stages\n"
        "print([n for n in ('ortools', 'pyomo', 'pandas', 'geopandas', 'networkx') if n in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "[]"


def test_no_module_of_the_product_imports_the_oracle():
    naming = [
        path.name for path in sorted((ROOT / "nspl_opt").rglob("*.py")) if "ortools" in path.read_text(encoding="utf-8")
    ]
    assert naming == []


def test_every_solve_is_a_fresh_process_never_a_fork_of_ours():
    text = (ROOT / "nspl_opt" / "solver" / "outcome.py").read_text(encoding="utf-8")
    assert "subprocess.Popen" in text
    solver = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "nspl_opt" / "solver").glob("*.py"))
    assert not any(word in solver for word in ("os.fork", "multiprocessing", "ProcessPoolExecutor", "preexec_fn"))
