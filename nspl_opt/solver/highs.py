"""HiGHS, driven directly and distrusted: every call is checked, every count compared.

Imports only numpy and highspy, so that the solver process starts quickly.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

FIXED_OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "mip_feasibility_tolerance": 1e-7,
    "mip_abs_gap": 0.0,
}
HELD, CLOSE = 1e-7, 1e-4
"""How far an optimum may break bounds and rows, primal and dual; how far apart its two objectives may be."""


class SolverFault(RuntimeError):
    """HiGHS refused a call or took in something other than what it was given."""


class Unbounded(RuntimeError):
    """A goal without a least value: a fault of the model."""


@dataclass(frozen=True)
class Solved:
    """What one run gave: model status in words, point (None without one), objective, proven bound."""

    status: str
    point: np.ndarray | None
    objective: float
    bound: float
    nodes: int

    @property
    def finished(self) -> bool:
        """Whether the run ended by itself rather than at a limit."""
        return self.status == "Optimal"


def must(status: Any, what: str) -> None:
    """Warnings count as faults: HiGHS warns when it has dropped something."""
    if status != highspy.HighsStatus.kOk:
        raise SolverFault(f"{what}: {status}")


def new_solver(options: dict[str, Any]) -> highspy.Highs:
    """A fresh HiGHS with our fixed options and these; an option it does not take is a fault."""
    highs = highspy.Highs()
    for name, value in {**FIXED_OPTIONS, **options}.items():
        must(highs.setOptionValue(name, value), f"option {name}={value!r}")
    return highs


def load(highs: highspy.Highs, parts: dict[str, np.ndarray], cost: np.ndarray, offset: float, whole: bool) -> None:
    """Hand over rows, columns and costs; compare what arrived with what was sent."""
    rows, columns = (int(n) for n in parts["shape"])
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = rows, columns
    lp.col_cost_, lp.offset_ = cost, offset
    lp.col_lower_, lp.col_upper_ = parts["col_lower"], parts["col_upper"]
    lp.row_lower_, lp.row_upper_ = parts["row_lower"], parts["row_upper"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = parts["indptr"], parts["indices"]
    lp.a_matrix_.value_ = parts["data"]
    if whole:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in parts["whole"]]
    must(highs.passModel(lp), "passModel")
    taken = (highs.getNumRow(), highs.getNumCol(), highs.getNumNz())
    if taken != (rows, columns, len(parts["data"])):
        raise SolverFault(
            f"HiGHS holds {taken} rows, columns, nonzeros; given were {(rows, columns, len(parts['data']))}"
        )


def watch(highs: highspy.Highs, stopped: Callable[[], bool]) -> None:
    """Let the solve of a relaxation be stopped from outside."""

    def interrupt(event: Any) -> None:
        if stopped():
            event.interrupt()

    highs.cbSimplexInterrupt += interrupt
    highs.cbIpmInterrupt += interrupt


def watch_search(highs: highspy.Highs, stopped: Callable[[int], bool], improved: Callable[[np.ndarray], None]) -> None:
    """Let branch and bound be stopped, knowing how often it has asked; tell of better plans.

    HiGHS asks at the same points of its work in every run (at each node, after each round of cuts
    and each heuristic at the root), so a count of its questions is a clock that repeats.
    """
    asked = itertools.count(1)

    def interrupt(event: Any) -> None:
        if stopped(next(asked)):
            event.interrupt()

    highs.cbMipInterrupt += interrupt
    highs.cbMipImprovingSolution += lambda event: improved(np.array(event.data_out.mip_solution))


def run(highs: highspy.Highs, seconds: float) -> Solved:
    """Run for at most so many seconds and read the result only as far as its status allows."""
    must(highs.setOptionValue("time_limit", highs.getRunTime() + max(seconds, 0.01)), "time limit")
    status = highs.run()
    words = highs.modelStatusToString(highs.getModelStatus())
    if words == "Memory limit reached":
        raise MemoryError(words)
    if words == "Unbounded":
        # Goals are sums of things that cannot be negative: then a model is wrong, not a plan good.
        raise Unbounded("a goal can fall without end")
    if status == highspy.HighsStatus.kError:
        return Solved(f"Error: {words}", None, np.inf, -np.inf, 0)
    info = highs.getInfo()
    has_point = info.primal_solution_status == 2  # kSolutionStatusFeasible; zeros otherwise look like a plan
    point = np.array(highs.getSolution().col_value) if has_point else None
    is_mip = any_whole(highs)
    if is_mip:
        # A search that finds nothing proves nothing: its infinite bound would pass for a proof.
        bound = float(info.mip_dual_bound) if np.isfinite(info.mip_dual_bound) else -np.inf
    else:
        bound = float(info.objective_function_value) if words == "Optimal" else -np.inf
    return Solved(words, point, float(info.objective_function_value), bound, int(info.mip_node_count))


def accepted(highs: highspy.Highs, solved: Solved) -> Solved:
    """An "Unknown" of a relaxation as the optimum that it is, its objective no higher than its duals prove.

    HiGHS says so where values near 0 make its relative error of the objective large, though both sides hold.
    """
    info = highs.getInfo()
    sides = max(info.max_primal_infeasibility, info.max_dual_infeasibility)
    if solved.status != "Unknown" or solved.point is None or sides > HELD or info.primal_dual_objective_error > CLOSE:
        return solved
    proven = solved.objective - info.primal_dual_objective_error * (1.0 + abs(solved.objective))
    return Solved("Optimal", solved.point, proven, proven, solved.nodes)


def any_whole(highs: highspy.Highs) -> bool:
    """Whether the model that HiGHS holds has whole columns."""
    return len(highs.getLp().integrality_) > 0


def now() -> float:
    """A clock that only goes forward [s]."""
    return time.monotonic()
