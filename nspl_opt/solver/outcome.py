"""One solve in one child process: started, watched, stopped, read. Statuses are a closed list."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nspl_opt.solver.matrix import Matrix

GRACE_S, GRACE_SHARE = 5.0, 0.2
"""The child is killed this long after its time limit: a limit inside a solver is only a wish."""


@dataclass(frozen=True)
class GoalOutcome:
    """Value, bound, seconds and what limited the search of one goal."""

    value: float
    bound: float
    seconds: float
    limited: str


@dataclass(frozen=True)
class Outcome:
    """How a solve ended. ``point`` is the best plan found, None without one."""

    status: str
    why: str
    point: np.ndarray | None
    goals: tuple[GoalOutcome, ...]
    seconds: float
    details: dict[str, Any] = field(default_factory=dict)


def solve(
    matrix: Matrix,
    settings: dict[str, Any],
    progress: Callable[[dict[str, Any]], None] | None = None,
    stop: threading.Event | None = None,
    command: list[str] | None = None,
) -> Outcome:
    """Solve in a child process of its own.

    Parameters
    ----------
    settings
        ``time_limit_s``, ``gap_share``, ``seed``, ``memory_limit_mb``, ``work_limit``, ``effort``.
    progress
        Called with each line of news: stage, goal (index), value, bound, seconds.
    stop
        When set, the child stops at once and the best plan so far is kept.
    command
        The child's command line without its folder; for tests of how children fail.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nspl-opt-") as name:
        folder = Path(name)
        matrix.save(folder / "matrix.npz")
        (folder / "settings.json").write_text(json.dumps({**settings, "parent": os.getpid()}), encoding="utf-8")
        code, killed = _watch(folder, settings, progress, stop, command)
        result = _read_result(folder)
        point = _read_point(folder, matrix)
        errors = (folder / "errors.txt").read_text(encoding="utf-8", errors="replace")[-2000:]
    seconds = time.monotonic() - began
    return _classify(result, code, killed, point, matrix, seconds, errors)


def _watch(folder: Path, settings: dict, progress: Any, stop: Any, command: list[str] | None) -> tuple[int, str]:
    """Run the child to its end; returns its exit code and why it was killed, if it was."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    with open(folder / "errors.txt", "wb") as errors:
        child = subprocess.Popen(
            [*(command or [sys.executable, "-m", "nspl_opt.solver.child"]), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            start_new_session=True,  # Ctrl-C at the terminal reaches us, not the child
        )
    listener = threading.Thread(target=_listen, args=(child, progress), daemon=True)
    listener.start()
    limit = float(settings["time_limit_s"])
    hard_end = time.monotonic() + limit + max(GRACE_S, GRACE_SHARE * limit)
    killed, asked = "", None
    try:
        while child.poll() is None:
            if stop is not None and stop.is_set() and asked is None:
                (folder / "stop").touch()
                asked = time.monotonic()
            if asked is not None and time.monotonic() - asked > GRACE_S:
                killed = "cancelled"
            if time.monotonic() > hard_end:
                killed = killed or "time"
            if killed:
                os.killpg(child.pid, signal.SIGKILL)
            time.sleep(0.02)
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        raise
    finally:
        child.wait()
    listener.join(timeout=2)
    return child.returncode, killed or ("cancelled" if asked is not None else "")


def _listen(child: subprocess.Popen, progress: Any) -> None:
    """Pass on what is news; whatever else the child may print is no business of ours."""
    assert child.stdout is not None
    for line in child.stdout:
        try:
            news = json.loads(line)
        except ValueError:
            continue
        if progress is not None and isinstance(news, dict) and "stage" in news:
            progress(news)


def _read_result(folder: Path) -> dict[str, Any] | None:
    try:
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return result if isinstance(result, dict) and "status" in result else None


def _read_point(folder: Path, matrix: Matrix) -> np.ndarray | None:
    try:
        point = np.load(folder / "best.npy", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return point if is_plan(matrix, point) else None


def is_plan(matrix: Matrix, point: np.ndarray, tolerance: float = 1e-5) -> bool:
    """Whether a point obeys every row and bound of the matrix and is whole where it must be."""
    if point.shape != matrix.col_lower.shape or not np.isfinite(point).all():
        return False
    rows = matrix.a @ point
    scale = 1.0 + abs(matrix.a) @ np.abs(point)
    if (rows < matrix.row_lower - tolerance * scale).any() or (rows > matrix.row_upper + tolerance * scale).any():
        return False
    if (point < matrix.col_lower - tolerance).any() or (point > matrix.col_upper + tolerance).any():
        return False
    whole = point[matrix.whole]
    return bool(np.abs(whole - np.round(whole)).max(initial=0.0) <= tolerance)


def _classify(
    result: dict[str, Any] | None,
    code: int,
    killed: str,
    point: np.ndarray | None,
    matrix: Matrix,
    seconds: float,
    errors: str,
) -> Outcome:
    """The status from the closed list, and the goals as far as they were reached."""
    goals = tuple(GoalOutcome(**goal) for goal in (result or {}).get("reached", []))
    if result is not None:
        status, why = result["status"], result.get("why", "")
        if result.get("has_plan") and point is None:
            status, why = "numerical_suspect", "the solver's plan does not obey the model it was given"
    elif killed:
        status = (
            "cancelled"
            if killed == "cancelled"
            else ("feasible_time_limit" if point is not None else "no_solution_in_time")
        )
        why = "stopped on request" if killed == "cancelled" else "the solver did not keep its time limit and was ended"
    elif "MemoryError" in errors or "bad_alloc" in errors:
        status, why = "memory_limit", "the solver needed more memory than it may use"
    else:
        ending = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        status, why = "crashed", f"the solver process ended without a result ({ending})"
    if point is not None and len(goals) < len(matrix.goal_offset):
        goals += tuple(_unsearched(matrix, point, g) for g in range(len(goals), len(matrix.goal_offset)))
    return Outcome(status, why, point, goals, seconds, {"stderr": errors, "trace": (result or {}).get("trace", "")})


def _unsearched(matrix: Matrix, point: np.ndarray, goal: int) -> GoalOutcome:
    """A goal that was not searched any more: its value in the plan at hand, and no bound but 0."""
    value = float(matrix.goals[goal] @ point + matrix.goal_offset[goal])
    return GoalOutcome(value, min(0.0, value), 0.0, "time")
