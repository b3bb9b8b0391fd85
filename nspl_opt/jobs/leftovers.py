"""The owner of a root, and what earlier owners left there: looked at once, when the new one begins."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path

from nspl_opt.jobs.job import JOB, PLAN, TEMPORARY
from nspl_opt.jobs.process import end_orphans
from nspl_opt.jobs.result import Result, read_ended, write_ended

LOCK = "jobs.lock"
"""File of a root: who holds its lock owns the jobs there."""
WHY = "the service ended while the job waited or ran"


class InUse(Exception):
    """Another supervisor works in the same folder."""


class NotOurs(Exception):
    """The folder holds other things than jobs: it is left alone."""


def own(root: Path) -> int:
    """Take the root, made if need be; the system gives it back when we die, however we die.

    Raises
    ------
    NotOurs
        It holds something, and no supervisor ever had it: what has no job in it would be removed there.
    InUse
        Another supervisor has it.
    """
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(root.iterdir()) and not (root / LOCK).is_file():
        raise NotOurs(f"{root} holds other things than jobs; give an empty folder")
    handle = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise InUse(f"another service works in {root}") from None
    return handle


def found_in(root: Path) -> dict[str, Result]:
    """Id -> result of every job there. One that has none is interrupted: its processes are ended, its plan is kept.

    Only the owner of the root may ask: no job of a living supervisor is among them then.
    """
    found: dict[str, Result] = {}
    end_orphans(root)
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.is_symlink()):
        if not (folder / JOB).is_file():  # its owner died while it was written
            shutil.rmtree(folder, ignore_errors=True)
            continue
        result = read_ended(folder)
        if result is None:
            plan = folder / PLAN if (folder / PLAN / "manifest.json").is_file() else None
            result = Result("interrupted", WHY, plan)
            with suppress(OSError):  # told again at the next start then
                write_ended(folder, result)
            shutil.rmtree(folder / TEMPORARY, ignore_errors=True)
        found[folder.name] = result
    return found
