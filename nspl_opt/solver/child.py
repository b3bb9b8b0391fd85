"""The solver process: ``python -m nspl_opt.solver.child FOLDER``. One job, then the end.

The job is the whole horizon at once, or in windows where its settings say ``rolling``.
Reads matrix.npz and settings.json in the folder, tells its progress as JSON lines on standard
output, keeps the best plan in best.npy as it goes, and writes result.json last. It stops when a
file ``stop`` appears, dies with its parent, and never outgrows its memory limit.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import numpy as np


def main(folder: Path) -> int:
    """Solve the job in the folder; the exit code is 0 whenever result.json says how it ended."""
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    _bind_to_parent(settings)
    try:
        result = _solve(folder, settings)
    except MemoryError:
        result = _out_of_memory()
    except Exception as error:  # told to the parent, which classifies it
        kind = "numerical_suspect" if type(error).__name__ == "SolverFault" else "internal_error"
        result = {"status": kind, "why": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
        if isinstance(error, ImportError) and "failed to map segment" in str(error):
            result = _out_of_memory()  # not even room for the solver's own code
    _replace(folder / "result.json", json.dumps(result).encode())
    return 0


def _out_of_memory() -> dict[str, Any]:
    return {"status": "memory_limit", "why": "the solver needed more memory than it may use"}


def _bind_to_parent(settings: dict[str, Any]) -> None:
    """Die with the parent; no core dumps; a limit on memory."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit = int(settings["memory_limit_mb"]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
        if os.getppid() != int(settings["parent"]):
            os._exit(3)  # the parent was gone before the line above


def _solve(folder: Path, settings: dict[str, Any]) -> dict[str, Any]:
    from nspl_opt.solver.search import Search

    if "rolling" in settings:
        from nspl_opt.solver.rolling import run_job as run
    else:
        from nspl_opt.solver.stages import run_stages as run

    with np.load(folder / "matrix.npz") as file:
        parts = {name: file[name] for name in file.files}
    stop = folder / "stop"
    sent = {"seconds": -1.0}

    def tell(news: dict[str, Any]) -> None:
        if news["stage"] != "search" or news["seconds"] - sent["seconds"] > 0.2:
            sent["seconds"] = news["seconds"]
            print(json.dumps(news), flush=True)

    search = Search(parts, settings, stop.exists, tell, lambda plan: _keep(folder, plan))
    status = run(search)
    reached = [vars(goal) for goal in search.reached]
    return {"status": status, "reached": reached, "has_plan": search.plan is not None}


def _keep(folder: Path, plan: np.ndarray) -> None:
    with open(folder / "best.tmp", "wb") as file:
        np.save(file, plan)
    os.replace(folder / "best.tmp", folder / "best.npy")


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(data)
    os.replace(temporary, path)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
