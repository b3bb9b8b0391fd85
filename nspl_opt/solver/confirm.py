"""A verdict of "no plan exists" is asked for twice: with presolve off and a tighter tolerance the second time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nspl_opt.solver import highs as hs

LEAST_S = 5.0
"""What the second asking may take though time is up [s]."""


def confirm_infeasible(
    parts: dict[str, np.ndarray],
    options: dict[str, Any],
    stopped: Callable[[], bool],
    deadline: float,
    whole: bool = False,
) -> str:
    """Ask a second time over all columns, ``whole`` ones as such: "infeasible_confirmed" or "_unconfirmed"."""
    again = hs.new_solver({**options, "presolve": "off", "primal_feasibility_tolerance": 1e-8})
    hs.load(again, parts, parts["goals"][0], 0.0, whole=whole)
    hs.watch(again, stopped)
    solved = hs.run(again, max(deadline - hs.now(), LEAST_S))
    return "infeasible_confirmed" if solved.status == "Infeasible" else "infeasible_unconfirmed"
