"""One solve in one child process: started, watched, stopped, read. Statuses are a closed list."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from nspl_opt.solver.matrix import Matrix, NumericalSuspect, check_numbers

GRACE_S, GRACE_SHARE = 5.0, 0.2
"""The child is killed this long after its time limit: a limit inside a solver is only a wish."""
WITH_PLAN = ("optimal", "feasible_gap", "feasible_time_limit")
WITHOUT_PLAN = ("no_solution_in_time", "infeasible_confirmed", "infeasible_unconfirmed")
EITHER = ("cancelled", "numerical_suspect", "memory_limit", "internal_error")
"""What the child may say of itself; anything else is a child gone wrong."""
LONGEST_LINE = 1 << 16
"""Bytes of a line of news; a child that prints without end must not fill our memory."""


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
    try:
        check_numbers(matrix)
    except NumericalSuspect as suspect:
        return Outcome("numerical_suspect", str(suspect), None, (), time.monotonic() - began)
    try:
        with tempfile.TemporaryDirectory(prefix="nspl-opt-") as name:
            folder = Path(name)
            matrix.save(folder / "matrix.npz")
            (folder / "settings.json").write_text(json.dumps({**settings, "parent": os.getpid()}), encoding="utf-8")
            news = _News(progress)
            code, killed = _watch(folder, settings, news, stop, command)
            result = _read_result(folder)
            point = _read_point(folder, matrix)
            errors = (folder / "errors.txt").read_text(encoding="utf-8", errors="replace")[-2000:]
    except OSError as error:
        why = f"the solver process could not be given its job: {error}"
        return Outcome("internal_error", why, None, (), time.monotonic() - began)
    seconds = time.monotonic() - began
    outcome = _classify(result, code, killed, point, matrix, seconds, errors, news.bounds)
    return replace(outcome, details={**outcome.details, "progress_error": news.error})


class _News:
    """Passes the child's news on. A display that fails is left alone from then on: the plan matters more."""

    def __init__(self, progress: Callable[[dict[str, Any]], None] | None) -> None:
        self.progress, self.error = progress, ""
        self.bounds: dict[int, float] = {}
        """The bound last told per goal: all that is left of them when the child is killed."""

    def listen(self, pipe: IO[bytes]) -> None:
        """Read to the end, or the child would wait for us; what is no news is no business of ours."""
        with pipe:
            for line in iter(lambda: pipe.readline(LONGEST_LINE), b""):
                try:
                    news = json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if not isinstance(news, dict) or "stage" not in news:
                    continue
                goal, bound = news.get("goal"), news.get("bound")
                if isinstance(goal, int) and isinstance(bound, float) and math.isfinite(bound):
                    self.bounds[goal] = bound
                if self.progress is not None and not self.error:
                    try:
                        self.progress(news)
                    except Exception as error:  # any: it is the caller's code
                        self.error = f"{type(error).__name__}: {error}"


def _watch(folder: Path, settings: dict, news: _News, stop: Any, command: list[str] | None) -> tuple[int, str]:
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
    try:
        listener = threading.Thread(target=news.listen, args=(child.stdout,), daemon=True)
        listener.start()
        killed = _wait(child, folder, float(settings["time_limit_s"]), stop)
    finally:
        _kill(child)
        child.wait()
    listener.join(timeout=2)
    return child.returncode, killed


def _wait(child: subprocess.Popen, folder: Path, limit: float, stop: Any) -> str:
    """Wait for the child; '' when it ended by itself, else ``cancelled`` or ``time``."""
    hard_end = time.monotonic() + limit + max(GRACE_S, GRACE_SHARE * limit)
    killed, asked = "", None
    while child.poll() is None:
        if stop is not None and stop.is_set() and asked is None:
            (folder / "stop").touch()
            asked = time.monotonic()
        if asked is not None and time.monotonic() - asked > GRACE_S:
            killed = "cancelled"
        if time.monotonic() > hard_end:
            killed = killed or "time"
        if killed:
            _kill(child)
        time.sleep(0.02)
    return killed or ("cancelled" if asked is not None else "")


def _kill(child: subprocess.Popen) -> None:
    """End the child and whatever it may have started, unless it has ended: its number may be another's by then."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _read_result(folder: Path) -> dict[str, Any] | None:
    try:
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(result, dict) or result.get("status") not in (*WITH_PLAN, *WITHOUT_PLAN, *EITHER):
        return None
    try:
        result["reached"] = [GoalOutcome(**goal) for goal in result.get("reached", [])]
    except TypeError:
        return None
    return result


def _read_point(folder: Path, matrix: Matrix) -> np.ndarray | None:
    try:
        point = np.load(folder / "best.npy", allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError):
        return None
    usable = isinstance(point, np.ndarray) and point.dtype.kind == "f"
    return point if usable and is_plan(matrix, point) else None


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
    bounds: dict[int, float],
) -> Outcome:
    """The status from the closed list, and the goals as far as they were reached."""
    goals = tuple((result or {}).get("reached", []))[: len(matrix.goals)]
    if result is not None:
        status, why = result["status"], result.get("why", "")
        if point is None and (result.get("has_plan") or status in WITH_PLAN):
            status, why = "numerical_suspect", "the solver's plan does not obey the model it was given"
        elif point is not None and status in WITHOUT_PLAN:
            status, why = "numerical_suspect", "the solver denies that there is a plan, but left one"
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
    if point is not None and (values := matrix.goals @ point + matrix.goal_offset).min() < -matrix.tolerances.max():
        # The stages take 0 for a bound where they have no better: here it was none.
        status, why = "numerical_suspect", f"goal {np.argmin(values)} came out below 0, which no goal may"
    if point is not None and len(goals) < len(matrix.goal_offset):
        goals += tuple(
            _unsearched(matrix, point, g, bounds.get(g, 0.0)) for g in range(len(goals), len(matrix.goal_offset))
        )
    return Outcome(status, why, point, goals, seconds, {"stderr": errors, "trace": (result or {}).get("trace", "")})


def _unsearched(matrix: Matrix, point: np.ndarray, goal: int, bound: float) -> GoalOutcome:
    """A goal whose search did not end: its value in the plan at hand, and the bound it had by then."""
    value = float(matrix.goals[goal] @ point + matrix.goal_offset[goal])
    return GoalOutcome(value, min(bound, value), 0.0, "time")
