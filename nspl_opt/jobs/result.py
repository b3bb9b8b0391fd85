"""How a job ended: one status of the closed list, whatever the child did."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nspl_opt.jobs.job import ENDED, PLAN, RESULT
from nspl_opt.plan.plan import STATUSES
from nspl_opt.solver.outcome import WITH_PLAN, WITHOUT_PLAN

STATES = ("queued", "running", "done", "failed", "cancelled", "interrupted")
MOST_BYTES = 20_000_000
"""Of a result that is read at all."""
TAIL = 4000
"""Characters kept of what the child complained of."""
SAYS = frozenset(STATUSES) - {"interrupted"}
"""What a child may say of itself: not that its owner died."""


def state_of(status: str) -> str:
    """The state that a status leaves a job in."""
    if status in WITH_PLAN:
        return "done"
    return status if status in ("cancelled", "interrupted") else "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a job.

    ``plan`` is the folder of a plan that was checked, None without one: a job that was stopped, killed or that
    crashed while it looked for reasons leaves the best plan so far. ``problems`` (code, where, what, remedy) are those
    of refused input, ``conflict`` is what must give way, ``what_if`` the answer to a what-if. ``exit`` tells how the
    process ended, ``errors`` the last of what it complained of; neither is for users.
    """

    status: str
    why: str = ""
    plan: Path | None = None
    problems: tuple[Mapping[str, str], ...] = ()
    conflict: Mapping[str, Any] | None = None
    what_if: Mapping[str, Any] | None = None
    seconds: float = 0.0
    exit: str = ""
    errors: str = field(default="", repr=False)

    @property
    def state(self) -> str:
        """done, failed, cancelled or interrupted."""
        return state_of(self.status)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child's process ended: exit code (below 0: signal), and why it was asked to, if it was."""

    code: int
    asked: str = ""
    """``cancelled``, ``time``, or '' when it ended by itself."""
    seconds: float = 0.0
    errors: str = ""


def classify(folder: Path, ending: Ending, closing: bool = False) -> Result:
    """The result of a job whose child has ended; ``closing`` when it was ended because its owner ends."""
    said = read_said(folder)
    plan = folder / PLAN if (folder / PLAN / "manifest.json").is_file() else None
    known = {"seconds": round(ending.seconds, 3), "exit": _exit(ending.code), "errors": ending.errors[-TAIL:]}
    if said is None:
        status, why = _unsaid(ending, plan is not None)
        said = {}
    else:
        status, why = said["status"], said["why"]
        answered = plan is not None or said["what_if"] is not None
        if status in WITH_PLAN and not answered:
            status, why = "internal_error", "the job says that there is a plan, but left none"
        elif status in WITHOUT_PLAN and plan is not None:
            status, why, plan = "numerical_suspect", "the job denies that there is a plan, but left one", None
        known["errors"] = (known["errors"] + said.pop("trace"))[-TAIL:]
    if closing and status == "cancelled":
        status, why = "interrupted", "the service was stopped while the job ran"
    more = {name: said[name] for name in ("problems", "conflict", "what_if") if name in said}
    return Result(status, why, plan, **more, **known)


def _unsaid(ending: Ending, has_plan: bool) -> tuple[str, str]:
    """Status and why of a child that left no result."""
    if ending.asked == "cancelled":
        return "cancelled", "stopped on request"
    if ending.asked == "time" or ending.code == -signal.SIGXCPU:
        status = "feasible_time_limit" if has_plan else "no_solution_in_time"
        return status, "the job did not keep its time limit and was ended"
    if any(word in ending.errors for word in ("MemoryError", "bad_alloc", "failed to map segment")):
        return "memory_limit", "the job needed more memory than it may use"
    return "crashed", f"the process of the job ended without a result ({_exit(ending.code)})"


def _exit(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def read_said(folder: Path) -> dict[str, Any] | None:
    """What the child says of itself, each part of its type; None when that is nothing one can use."""
    try:
        path = folder / RESULT
        if path.stat().st_size > MOST_BYTES:
            return None
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("status") not in SAYS:
        return None
    kinds = {"why": str, "trace": str, "problems": list, "conflict": dict | None, "what_if": dict | None}
    empty: dict[str, Any] = {"why": "", "trace": "", "problems": [], "conflict": None, "what_if": None}
    found = {name: said.get(name, empty[name]) for name in kinds}
    if not all(isinstance(found[name], kind) for name, kind in kinds.items()):
        return None
    if not all(isinstance(one, dict) for one in found["problems"]):
        return None
    return {"status": said["status"], **found, "problems": tuple(found["problems"])}


def write_ended(folder: Path, result: Result) -> None:
    """Keep the result in the job's folder: a later owner finds it there."""
    data = asdict(result) | {"plan": None if result.plan is None else PLAN}
    replace_file(folder / ENDED, json.dumps(data, ensure_ascii=False).encode())


def read_ended(folder: Path) -> Result | None:
    """The result that was kept; None when the job has none."""
    try:
        data = json.loads((folder / ENDED).read_text(encoding="utf-8"))
        data |= {"plan": folder / PLAN if data["plan"] else None, "problems": tuple(data["problems"])}
        found = Result(**data)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if found.status in STATUSES else None


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever meets half of it."""
    temporary = path.with_name(f"{path.name}.tmp")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
