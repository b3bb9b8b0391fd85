"""One case in one worker. Imports only the solver and what it needs, so that workers start quickly."""

from __future__ import annotations

import pickle
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np

from nspl_opt.solver.change import MatrixChange

_held = threading.local()
"""What a worker keeps between cases: the base it was given, and the solver warm from it."""


def solve_case(file: str, digest: str, change: MatrixChange | None, whole: bool) -> dict[str, Any]:
    """Solve one case from the base in ``file``; the same answer in any worker and any order.

    Returns plain data: ``status``, ``bound`` and ``value`` of the first goal, ``goals`` of a whole plan,
    ``unmet`` by region (None without a point), ``seconds``. What goes wrong is a status, not an error:
    one case must not end the sweep.
    """
    warm, tally = _base(file, digest)
    try:
        done = warm.resolve(change, whole=whole)
    except Exception as error:
        _held.digest = None  # what it left behind is not trusted
        return {"status": "crashed", "why": f"{type(error).__name__}: {error}"[:300]}
    return {
        "status": done.status,
        "bound": _number(done.bound),
        "value": _number(done.value),
        "goals": [float(goal) for goal in done.goals],
        "unmet": None if done.point is None else [float(amount) for amount in _summed(tally, done.point)],
        "seconds": float(done.seconds),
    }


def leave_interrupts() -> None:
    """Ctrl-C is for the one who started the sweep; a worker ends when it is told to."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _base(file: str, digest: str) -> tuple[Any, tuple]:
    if getattr(_held, "digest", None) != digest:
        from nspl_opt.solver.warm import Warm

        _held.warm = None  # the old base goes before the new one comes
        base, tally = pickle.loads(Path(file).read_bytes())
        _held.warm, _held.tally, _held.digest = Warm(base), tally, digest
    return _held.warm, _held.tally


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _summed(tally: tuple, point: np.ndarray) -> np.ndarray:
    """Unmet care by region; dust of the solver is rounded away."""
    columns, amounts, regions, count = tally
    return np.round(np.bincount(regions, amounts * point[columns], minlength=count), 6) + 0.0
