"""One measured run of a benchmark instance, in a process of its own: what was known when, and what it took."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

NO_HELP = {"families.areas.border": "closed", "families.areas.grouping": "region"}
"""Overrides by which each region is left to itself: no transfers and no loans between regions."""
WITHIN = (0.05, 0.02, 0.01, 0.005)
"""Shares of the value within which the bound known at the time must lie for a plan to count."""
LOOK_S = 0.05
"""How often the memory of the solver process is read [s]."""


class MemoryWatch(threading.Thread):
    """Reads the peak memory of child processes as long as they live.

    Their own accounts (``RUSAGE_CHILDREN``) begin with what the parent held when it started them.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mb, self.ended = 0.0, threading.Event()

    def run(self) -> None:
        """Look until told to end."""
        while not self.ended.wait(LOOK_S):
            for children in Path("/proc/self/task").glob("*/children"):
                try:
                    pids = children.read_text().split()
                except OSError:
                    continue
                self.peak_mb = max([self.peak_mb, *(peak_mb(pid) for pid in pids)])


def peak_mb(pid: str = "self") -> float:
    """Peak resident memory of a living process [MB]; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def run_apart(case: str, time_limit_s: float, overrides: dict[str, str] | None = None) -> dict[str, Any]:
    """Plan the case in a fresh process; what ``measure`` found there, and the seconds of the whole process."""
    job = json.dumps([case, time_limit_s, overrides or {}])
    began = time.perf_counter()
    done = subprocess.run([sys.executable, __file__, job], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1]) | {"process_s": time.perf_counter() - began}


def measure(name: str, time_limit_s: float, overrides: dict[str, str]) -> dict[str, Any]:
    """Plan the case here.

    Returns
    -------
    ``first_plan`` and ``within`` (share -> seconds; None: never) count from the start of the run,
    ``solve_began`` says when solving did; ``relaxed_s`` is when the first goal had a bound, on the solver's
    own clock; ``timing`` are seconds per stage; memory is in MB.
    """
    began = time.perf_counter()
    from instances import CASES, GROWTH, write_case, write_reference

    from nspl_opt.pipeline import make_plan

    imports_s = time.perf_counter() - began
    case = (CASES | GROWTH)[name]
    news: list[tuple[float, float | None, float | None]] = []
    first_goal: list[str] = []
    solve_began: list[float] = []
    relaxed: list[float] = []

    def hear(progress: Any) -> None:
        now = time.perf_counter() - began
        if progress.stage == "solve":
            solve_began.append(now)
        if progress.stage.startswith("solve:") and progress.goal is not None:
            first_goal[:] = first_goal or [progress.goal]
            if progress.goal == first_goal[0]:
                news.append((now, progress.value, progress.bound))
                if progress.bound is not None and not relaxed:
                    relaxed.append(progress.seconds)

    with tempfile.TemporaryDirectory(prefix="nspl-bench-") as place:
        folder, reference = write_case(case, Path(place)), write_reference(case, Path(place))
        watch = MemoryWatch()
        watch.start()
        began = time.perf_counter()
        made = make_plan(
            folder, overrides=dict(case.overrides) | overrides, reference=reference, time_limit_s=time_limit_s,
            progress=hear,
        )  # fmt: skip
        whole_s = time.perf_counter() - began
        watch.ended.set()
    said = {"status": made.status, "why": made.why, "imports_s": imports_s, "whole_s": whole_s}
    said |= reached(news) | {"solve_began": solve_began[0] if solve_began else None, "news": news}
    said["relaxed_s"] = relaxed[0] if relaxed else None
    said["own_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said["solver_mb"] = watch.peak_mb or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    if made.plan is not None:
        goals = [(goal.name, goal.value, goal.bound, goal.gap, goal.proven) for goal in made.plan.goals]
        said |= {"goals": goals, "timing": dict(made.plan.timing), "size": dict(made.plan.size)}
        said["verified"] = bool(made.check and made.check.ok)
        said["repeatable"] = bool(made.plan.provenance["repeatable"])
    return said


def reached(news: list[tuple[float, float | None, float | None]]) -> dict[str, Any]:
    """From (seconds, value, bound) of the first goal: when there was a plan, and how good a one was proven when."""
    plans = [(at, value, bound) for at, value, bound in news if value is not None]
    bounded = [(at, value, bound) for at, value, bound in plans if bound is not None]
    return {
        "first_plan": plans[0][0] if plans else None,
        "within": {
            str(share): next((at for at, value, bound in bounded if value - bound <= share * abs(value)), None)
            for share in WITHIN
        },
    }


if __name__ == "__main__":
    print(json.dumps(measure(*json.loads(sys.argv[1]))))
