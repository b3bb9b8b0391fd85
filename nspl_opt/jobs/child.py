"""The process of a job: ``python -m nspl_opt.jobs.child FOLDER``. One plan or what-if, then the end.

Reads job.json in the folder, tells its progress as JSON lines on standard output, leaves a plan that was checked
in ``plan`` as soon as there is one, and writes result.json last. It stops when a file ``stop`` appears, goes at
SIGTERM, dies with its parent, and never outgrows its limits. The solver's process is its own child and dies with it.
"""

from __future__ import annotations

import errno
import json
import math
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

LARGEST_FILE = 1 << 30
"""Bytes of any file that the job writes: what it complains of must not fill the disk."""
NO_ROOM = ("failed to map segment", "can't start new thread")
"""Words of errors of other kinds that mean want of memory: not even room for the code."""

Tell = Callable[[dict[str, Any]], None]


def main(folder: Path) -> int:
    """Do the job in the folder; the exit code is 0 whenever result.json says how it ended."""
    _bind_to_parent()
    tell, stop = _newsagent(), _stop_of(folder)
    try:
        said = _work(folder, tell, stop)
    except MemoryError:
        said = _out_of_memory()
    except Exception as error:
        said = _fault(error, folder)
    replace_result(folder, said)
    return 0


def replace_result(folder: Path, said: dict[str, Any]) -> None:
    """Say how the job went; what is no number of JSON is none."""
    from nspl_opt.jobs.result import replace_file

    replace_file(folder / "result.json", json.dumps(_plain(said), ensure_ascii=False, allow_nan=False).encode())


def _plain(data: Any) -> Any:
    """The same with every number that is not finite left out."""
    if isinstance(data, dict):
        return {str(name): _plain(one) for name, one in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(one) for one in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def _work(folder: Path, tell: Tell, stop: threading.Event) -> dict[str, Any]:
    from nspl_opt.jobs.job import JOB, Job

    job = Job.model_validate_json((folder / JOB).read_bytes())
    _limit_memory(job.memory_limit_mb)
    if job.kind == "plan":
        from nspl_opt.jobs.planning import make
    else:
        from nspl_opt.jobs.what_if import make
    return make(job, folder, tell, stop)


def _fault(error: Exception, folder: Path) -> dict[str, Any]:
    """What went wrong, by its kind: refused input, numbers that cannot be trusted, memory, a fault of ours."""
    kind = type(error).__name__
    if kind == "InvalidInput":
        names = ("code", "where", "what", "remedy")
        problems = [{name: _placeless(getattr(one, name), folder) for name in names} for one in error.problems]
        return {"status": "rejected_input", "why": _placeless(str(error), folder), "problems": problems}
    if any(word in str(error) for word in NO_ROOM) or getattr(error, "errno", None) == errno.ENOMEM:
        return _out_of_memory()
    status = "numerical_suspect" if kind in ("SolverFault", "NumericalSuspect") else "internal_error"
    return {"status": status, "why": _placeless(f"{kind}: {error}", folder), "trace": traceback.format_exc()}


def _placeless(text: str, folder: Path) -> str:
    """Without the place of the job's folder: who reads it knows files by their names in there."""
    return text.replace(f"{folder}/", "").replace(str(folder), ".")


def _out_of_memory() -> dict[str, Any]:
    return {"status": "memory_limit", "why": "the job needed more memory than it may use"}


def _bind_to_parent() -> None:
    """Die with the parent; no core dumps, endless work or endless files; the service comes first on the processor."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    signal.signal(signal.SIGTERM, _leave)
    parent = os.environ.get("NSPL_OPT_JOB_PARENT")
    if parent is None:  # started by hand
        return
    seconds = int(os.environ["NSPL_OPT_JOB_PARENT_CPU_S"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.nice(5)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
        with suppress(OSError):  # when memory runs out it is the job that goes, not the service
            Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    if os.getppid() != int(parent):
        os._exit(3)  # the parent was gone before the line above
    threading.Thread(target=_die_with_pipe, daemon=True).start()


def _leave(*_: object) -> None:
    """At SIGTERM: the way out passes every ``finally``, so the solver is ended and temporary files are removed."""
    raise SystemExit(143)


def _die_with_pipe() -> None:
    """The parent holds the other end of standard input, and only the parent."""
    with suppress(OSError):
        while os.read(0, 1):
            pass
    os._exit(3)


def _limit_memory(megabytes: int) -> None:
    import resource

    limit = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _newsagent() -> Tell:
    """Standard output is for news alone: what else is printed goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(news: dict[str, Any]) -> None:
        with suppress(OSError, ValueError):  # a plan matters more than its news
            print(json.dumps(news), file=out, flush=True)

    return tell


def _stop_of(folder: Path) -> threading.Event:
    """An event that is set when the file ``stop`` appears."""
    stop = threading.Event()

    def look() -> None:
        while not (folder / "stop").exists():
            time.sleep(0.1)
        stop.set()

    threading.Thread(target=look, daemon=True).start()
    return stop


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
