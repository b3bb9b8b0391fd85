"""Children of a few lines that fail as children do, the real child with a solver of ours, and looks at processes."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

ROUNDS = int(os.environ.get("NSPL_ROUNDS", "1"))
"""How many times as many rounds as usual."""

START = "import json, os, signal, sys, time, pathlib; folder = pathlib.Path(sys.argv[-1])"
PLAN = "(folder / 'plan').mkdir(); (folder / 'plan' / 'manifest.json').write_text('{}')"
"""Leaves what the supervisor takes for a plan that was checked."""
SLEEP = "time.sleep(600)"
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print(json.dumps({'stage': 'deaf'}), flush=True)"
DONE = """(folder / 'result.json').write_text('{"status": "optimal"}')"""


def child(*lines: str) -> list[str]:
    """The command line of a child that does this; the last word marks it as one of ours."""
    return [sys.executable, "-I", "-S", "-c", "\n".join([START, *lines]), "nspl_opt.jobs.child"]


def says(status: str, **more) -> str:
    """A line that writes a result."""
    return f"(folder / 'result.json').write_text({json.dumps(json.dumps({'status': status, **more}))})"


SOLVER = """
import sys, time, json
from pathlib import Path
import nspl_opt.solver.child as solver
real = solver._solve
def solve(folder, settings):
    {body}
solver._solve = solve
sys.exit(solver.main(Path(sys.argv[-1])))
"""
"""The real solver process, bound to its parent as it is, that solves otherwise."""

ENDLESS = """
    print(json.dumps(dict(stage="endless", goal=0, seconds=0.0)), flush=True)
    time.sleep(600)
"""
HOLDS_BEST = """
    found = real(folder, settings)
    print(json.dumps(dict(stage="best", goal=0, seconds=0.0)), flush=True)
    while not (folder / "stop").exists():
        time.sleep(0.02)
    return found | dict(status="cancelled")
"""
"""Finds the best plan, and does not say so before it is asked to stop."""
KEEPS_TRYING = """
    found = real(folder, settings)
    print(json.dumps(dict(stage="best", goal=0, seconds=0.0)), flush=True)
    time.sleep(600)
"""

CHILD = """
import functools, sys
from pathlib import Path
import nspl_opt.jobs.child as jobs
real = jobs._work
def work(*arguments):
    import nspl_opt.pipeline as pipeline
    pipeline.solve = functools.partial(pipeline.solve, command={solver!r})
    return real(*arguments)
jobs._work = work
sys.exit(jobs.main(Path(sys.argv[-1])))
"""
"""The real child of a job, bound to its parent as it is, with that solver."""


def solver_that(body: str) -> list[str]:
    """The command line of the real solver process that solves as these lines say."""
    return [sys.executable, "-c", SOLVER.format(body=body.strip()), "nspl_opt.solver.child"]


def child_with(solver: str) -> list[str]:
    """The command line of the real child whose solver's process solves as these lines say."""
    return [sys.executable, "-c", CHILD.format(solver=solver_that(solver)), "nspl_opt.jobs.child"]


def descendants(pid: int) -> set[int]:
    """Processes below this one, however deep."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        below.setdefault(parent, []).append(int(entry.parent.name))
    found, ahead = set(), [pid]
    while ahead:
        for one in below.get(ahead.pop(), ()):
            found.add(one)
            ahead.append(one)
    return found


def alive(pid: int) -> bool:
    """Whether it works still; one that only waits to be counted has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def soon(holds, seconds: float = 10.0) -> bool:
    """Whether this comes true within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return bool(holds())
