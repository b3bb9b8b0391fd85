"""The process of a job: started, listened to, stopped, and never left behind."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nspl_opt.jobs.job import ERRORS, RESULT, STOP, TEMPORARY, Job
from nspl_opt.jobs.result import TAIL, Ending

CHILD = (sys.executable, "-m", "nspl_opt.jobs.child")
PARENT = "NSPL_OPT_JOB_PARENT"
"""Environment of the child: the number of the process that it shall not outlive."""
KEPT_BACK = ("NSPL", "PG", "DATABASE", "SQLALCHEMY")
"""Environment variables with these beginnings hold what a job need not know."""
LONGEST_LINE = 1 << 16
"""Bytes of a line of news; a child that prints without end must not fill our memory."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a job may outstay its time, and how long it is asked politely [s]."""

    grace_s: float = 60.0
    grace_share: float = 0.2
    stop_s: float = 30.0
    """From the wish to stop to SIGTERM: the best plan is looked at, checked and written in this time."""
    close_s: float = 5.0
    """The same when the service itself is to stop."""
    term_s: float = 2.0
    """From SIGTERM to SIGKILL: to end its own solver and go; a solve inside the process hears no signal."""

    def wall_s(self, job: Job) -> float:
        """When the job is ended [s from its start]."""
        return job.longest_s + max(self.grace_s, self.grace_share * job.longest_s)


class Process:
    """The child of one job. Started, watched and reaped by one thread: on Linux it dies with that thread too."""

    def __init__(self, folder: Path, wall_s: float, command: Sequence[str] = CHILD) -> None:
        """Start it; ``OSError`` when that cannot be."""
        self.folder, self.wall_s, self.began = folder, wall_s, time.monotonic()
        (folder / TEMPORARY).mkdir(exist_ok=True)
        (folder / RESULT).unlink(missing_ok=True)
        with open(folder / ERRORS, "wb") as errors:
            self.child = subprocess.Popen(
                [*command, str(folder)],
                stdin=subprocess.PIPE,  # closed when we die: the child's second way to know
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=folder,
                env=_environment(folder, wall_s),
                start_new_session=True,  # Ctrl-C at the terminal reaches us, not the child
            )

    def watch(
        self,
        limits: Limits,
        cancelled: threading.Event,
        patience: Callable[[], float],
        tell: Callable[[dict[str, Any]], None],
    ) -> Ending:
        """Wait until it has ended or been ended; ``tell`` is given each piece of news, in another thread.

        When ``cancelled`` is set it has ``patience()`` seconds to stop by itself.
        """
        listener = threading.Thread(target=_listen, args=(self.child.stdout, tell), daemon=True)
        try:
            listener.start()
            asked = self._wait(limits, cancelled, patience)
        finally:
            self.kill()
            self.child.wait()
            with suppress(OSError):
                self.child.stdin.close()
            if listener.ident is not None:
                listener.join(timeout=2)
        return Ending(self.child.returncode, asked, time.monotonic() - self.began, self._errors())

    def _wait(self, limits: Limits, cancelled: threading.Event, patience: Callable[[], float]) -> str:
        end, term_at, kill_at, asked = self.began + self.wall_s, math.inf, math.inf, ""
        while not self._over():
            now = time.monotonic()
            if not asked and cancelled.is_set():
                asked, term_at = "cancelled", now + patience()
                with suppress(OSError):
                    (self.folder / STOP).touch()
            if now > end:
                asked, term_at, end = asked or "time", min(term_at, now), math.inf
            if now >= term_at:
                self.child.terminate()
                term_at, kill_at = math.inf, now + limits.term_s
            if now >= kill_at:
                self.kill()
            time.sleep(0.02)
        return asked

    def _over(self) -> bool:
        """Whether it has ended. It is not reaped by this: its number stays its own until its group has been killed."""
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            return self.child.poll() is not None
        return os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def kill(self) -> None:
        """End the child and what it started in its group; its solver has a group of its own and dies with the child."""
        if self.child.returncode is None:
            with suppress(ProcessLookupError, PermissionError):  # macOS forbids what has ended already
                os.killpg(self.child.pid, signal.SIGKILL)

    def _errors(self) -> str:
        with suppress(OSError), open(self.folder / ERRORS, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
            return file.read().decode("utf-8", "replace")
        return ""


def _environment(folder: Path, wall_s: float) -> dict[str, str]:
    """Ours without what is secret. Temporary files stay in the job's folder; no code is taken from there."""
    root = str(Path(__file__).resolve().parents[2])
    ours = {name: value for name, value in os.environ.items() if not name.startswith(KEPT_BACK)}
    path = os.pathsep.join([root, *filter(None, [ours.get("PYTHONPATH")])])
    return ours | {
        "PYTHONPATH": path,
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "TMPDIR": str(folder / TEMPORARY),
        PARENT: str(os.getpid()),
        f"{PARENT}_CPU_S": str(math.ceil(2 * wall_s)),
    }


def _listen(pipe: IO[bytes], tell: Callable[[dict[str, Any]], None]) -> None:
    """Read to the end, or the child would wait for us; what is no news is no business of ours."""
    with pipe:
        for line in iter(lambda: pipe.readline(LONGEST_LINE), b""):
            try:
                news = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(news, dict) and isinstance(news.get("stage"), str):
                tell(news)


def end_orphans(folder: Path) -> list[int]:
    """Kill what still works at a job whose owner is gone; the numbers of the processes killed.

    On Linux they have died with their owner already; this looks again. Only our own children with this folder on
    their command line are meant.
    """
    killed = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError, ValueError):
            words = entry.read_bytes().decode("utf-8", "replace").split("\0")
            ours = any(word in ("nspl_opt.jobs.child", "nspl_opt.solver.child") for word in words)
            if ours and any(Path(word).is_relative_to(folder) for word in words if word.startswith("/")):
                os.kill(int(entry.parent.name), signal.SIGKILL)
                killed.append(int(entry.parent.name))
    return killed
