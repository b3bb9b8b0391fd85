"""One measured run of a benchmark instance, in a process of its own: what was known when, and what it took."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
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


@dataclass
class Ear:
    """Hears the news of a run: what of its first goal was known when, in seconds after ``began``."""

    began: float = 0.0
    first_goal: str | None = None
    solve_began: float | None = None
    relaxed_s: float | None = None
    news: list[tuple[float, float | None, float | None]] = field(default_factory=list)
    """(seconds, value of the best plan, bound)"""

    def hear(self, progress: Any) -> None:
        """Take one piece of news."""
        now = time.perf_counter() - self.began
        if progress.stage == "solve":
            self.solve_began = now
        self.first_goal = self.first_goal or progress.goal
        if progress.goal is not None and progress.goal == self.first_goal:
            self.news.append((now, progress.value, progress.bound))
            if progress.bound is not None and self.relaxed_s is None:
                self.relaxed_s = progress.seconds


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
    done = subprocess.run([sys.executable, __file__, job], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{case} ended with exit code {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1]) | {"process_s": time.perf_counter() - began}


def measure(name: str, time_limit_s: float, overrides: dict[str, str]) -> dict[str, Any]:
    """Plan the case here.

    Returns
    -------
    ``best`` are value and bound of the first goal before later goals took their slack. ``first_plan`` and
    ``within`` (share -> seconds; None: never) count from the start of the run, ``solve_began`` says when solving did;
    ``relaxed_s`` is when the first goal had a bound, on the solver's own clock. ``timing`` are seconds per stage;
    memory is in MB.
    """
    began = time.perf_counter()
    from instances import CASES, GROWTH, write_case, write_reference

    from nspl_opt.pipeline import make_plan

    imports_s = time.perf_counter() - began
    case, ear = (CASES | GROWTH)[name], Ear()
    with tempfile.TemporaryDirectory(prefix="nspl-bench-") as place:
        folder, reference = write_case(case, Path(place)), write_reference(case, Path(place))
        watch = MemoryWatch()
        watch.start()
        began = ear.began = time.perf_counter()
        made = make_plan(
            folder, overrides=dict(case.overrides) | overrides, reference=reference, time_limit_s=time_limit_s,
            progress=ear.hear,
        )  # fmt: skip
        whole_s = time.perf_counter() - began
        watch.ended.set()
    said = {"status": made.status, "why": made.why, "imports_s": imports_s, "whole_s": whole_s}
    said |= reached(ear.news) | {"solve_began": ear.solve_began, "relaxed_s": ear.relaxed_s, "news": ear.news}
    said["own_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said["solver_mb"] = watch.peak_mb or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    if made.plan is not None:
        goals = [(goal.name, goal.value, goal.bound, goal.gap, goal.proven) for goal in made.plan.goals]
        said |= {"goals": goals, "timing": dict(made.plan.timing), "size": dict(made.plan.size)}
        said["verified"] = bool(made.check and made.check.ok)
        said["repeatable"] = bool(made.plan.provenance["repeatable"])
    return said


def reached(news: list[tuple[float, float | None, float | None]]) -> dict[str, Any]:
    """From (seconds, value, bound) of the first goal: its best plan and bound before later goals took their slack,
    when there was a plan, and how good a one was proven when."""
    plans = [(at, value, bound) for at, value, bound in news if value is not None]
    bounded = [(at, value, bound) for at, value, bound in plans if bound is not None]
    values, bounds = [value for _, value, _ in plans], [bound for _, _, bound in news if bound is not None]
    return {
        "best": [min(values), max([0.0, *bounds])] if values else None,
        "first_plan": plans[0][0] if plans else None,
        "within": {
            str(share): next((at for at, value, bound in bounded if value - bound <= share * abs(value)), None)
            for share in WITHIN
        },
    }


if __name__ == "__main__":
    print(json.dumps(measure(*json.loads(sys.argv[1]))))
