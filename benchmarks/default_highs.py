"""Our road against HiGHS with default options: the same matrix, the first goal, the same seconds.

    python benchmarks/default_highs.py                            # six instances, 60 s each way (about fifteen minutes)
    python benchmarks/default_highs.py region-week --seconds 20

Either way has a process of its own and stops at a gap of 0.01 %, as HiGHS does by default. Seconds count from the
moment the matrix is handed over. A gap is value less bound over value, each way with its own bound;
"near" compares with the better bound of the two.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from captured import captured, first_goal_alone

from nspl_opt.solver.matrix import Matrix
from nspl_opt.solver.outcome import solve

CASES_ASKED = (
    "region-week",
    "region-week-uniform",
    "region-week-uniform-all",
    "hospital-week",
    "hospital-week-uniform",
    "hospital-week-uniform-all",
)
GAP_SHARE = 1e-4
NEAR = 0.01
Trace = list[tuple[float, float | None, float]]
"""(seconds, value of the best plan or None, bound), in order of time."""


def our_trace(matrix: Matrix, settings: dict[str, Any], seconds: float) -> Trace:
    """Our road, with all the steps of branch and bound that the time allows."""
    began, trace = time.perf_counter(), []

    def hear(news: dict[str, Any]) -> None:
        if news.get("goal") == 0 and news.get("bound") is not None:
            trace.append((time.perf_counter() - began, news["value"], news["bound"]))

    asked = settings | {"time_limit_s": seconds, "gap_share": GAP_SHARE, "work_limit": 1_000_000}
    outcome = solve(matrix, asked, hear)
    if outcome.goals and outcome.point is not None:
        trace.append((min(time.perf_counter() - began, seconds), outcome.goals[0].value, outcome.goals[0].bound))
    return trace


def default_trace(matrix: Matrix, seconds: float, relaxed: bool = False) -> tuple[Trace, float]:
    """HiGHS by itself in a process of its own; with ``relaxed``, the relaxation by interior point instead."""
    with tempfile.TemporaryDirectory(prefix="nspl-bench-") as place:
        file = Path(place) / "matrix.npz"
        matrix.save(file)
        job = json.dumps([str(file), seconds, relaxed])
        done = subprocess.run([sys.executable, __file__, "--job", job], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    return [(at, value, bound) for at, value, bound in said["trace"]], said["seconds"]


def run_highs(file: str, seconds: float, relaxed: bool) -> dict[str, Any]:
    """One run of HiGHS here, default options but for time (and the method, for the relaxation)."""
    import highspy

    with np.load(file) as data:
        x = {name: data[name] for name in data.files}
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = (int(n) for n in x["shape"])
    lp.col_cost_, lp.offset_ = x["goals"][0], float(x["goal_offset"][0])
    lp.col_lower_, lp.col_upper_ = x["col_lower"], x["col_upper"]
    lp.row_lower_, lp.row_upper_ = x["row_lower"], x["row_upper"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = x["indptr"], x["indices"], x["data"]
    if not relaxed:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in x["whole"]]
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("time_limit", float(seconds))
    if relaxed:
        highs.setOptionValue("solver", "ipx")
    trace: Trace = []
    began = time.perf_counter()
    best = {"value": None, "bound": 0.0}

    def hear(event: Any) -> None:
        value, bound = float(event.data_out.mip_primal_bound), float(event.data_out.mip_dual_bound)
        now = {
            "value": value if np.isfinite(value) and abs(value) < 1e20 else best["value"],
            "bound": max(bound, best["bound"]) if np.isfinite(bound) else best["bound"],
        }
        if now != best:
            best.update(now)
            trace.append((time.perf_counter() - began, best["value"], best["bound"]))

    if not relaxed:
        highs.cbMipInterrupt += hear
        highs.cbMipImprovingSolution += hear
    highs.passModel(lp)
    highs.run()
    took, info = time.perf_counter() - began, highs.getInfo()
    if not relaxed:
        value = float(info.objective_function_value) if info.primal_solution_status == 2 else best["value"]
        bound = max(float(info.mip_dual_bound), best["bound"]) if np.isfinite(info.mip_dual_bound) else best["bound"]
        trace.append((took, value, bound))
    return {"trace": trace, "seconds": took}


def at_time(trace: Trace, seconds: float) -> tuple[float | None, float]:
    """The best plan's value and the bound known by then."""
    known = [(value, bound) for at, value, bound in trace if at <= seconds + 0.5]
    values = [value for value, _ in known if value is not None]
    return (min(values) if values else None), max([0.0, *(bound for _, bound in known)])


def first_time(trace: Trace, near: float | None = None, bound: float | None = None) -> float | None:
    """When there was a plan; with ``near``, one so near to ``bound`` or, without, to the bound of its time."""
    for at, value, known in trace:
        if value is not None and (near is None or value - (known if bound is None else bound) <= near * abs(value)):
            return at
    return None


def gap(value: float | None, bound: float) -> float:
    """Value less bound over value; infinite without a plan."""
    return float("inf") if value is None else (value - bound) / max(abs(value), 1e-9)


def compare(case: str, seconds: float) -> str:
    """Both ways on one instance: prints a line each, returns the line of what is met."""
    matrix, settings = captured(case)
    matrix = first_goal_alone(matrix)
    _, relaxation_s = default_trace(matrix, 4 * seconds, relaxed=True)
    ways = {"ours": our_trace(matrix, settings, seconds), "HiGHS": default_trace(matrix, seconds)[0]}
    best_bound = max(at_time(trace, seconds)[1] for trace in ways.values())
    for way, trace in ways.items():
        cells = []
        for at in sorted({min(10.0, seconds), min(30.0, seconds), seconds}):
            value, bound = at_time(trace, at)
            cells.append("none" if value is None else f"{value:.1f} ({bound:.1f}) {gap(value, bound):.2%}")
        times = first_time(trace), first_time(trace, NEAR), first_time(trace, NEAR, best_bound)
        told = ["never" if one is None else f"{one:.1f}" for one in times]
        print(f"| {case} | {way} | {relaxation_s:.1f} | {' | '.join(told)} | {' | '.join(cells)} |", flush=True)
    ours, other = (at_time(trace, seconds) for trace in ways.values())
    first = first_time(ways["ours"])
    early = first is not None and first <= 2 * relaxation_s
    # To a ten-thousandth: both stop there.
    no_worse = gap(ours[0], best_bound) <= gap(other[0], best_bound) + GAP_SHARE
    half = ours[0] is not None and gap(*ours) <= 0.5 * gap(*other)
    times = [first_time(trace, NEAR, best_bound) for trace in ways.values()]
    # A way that does not come near within its time is at least so much slower.
    ratio = "none" if times[0] is None else f"{(times[1] or seconds) / times[0]:.1f}"
    ratio = f"> {ratio}" if times[0] is not None and times[1] is None else ratio
    return f"| {case} | {_yes(no_worse)} | {_yes(early)} | {_yes(half)} | {ratio} |"


def _yes(met: bool) -> str:
    return "yes" if met else "NO"


def main() -> None:
    """Compare what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", default=list(CASES_ASKED), help="names of instances.py")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--job", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.job:
        print(json.dumps(run_highs(*json.loads(asked.job))))
        return
    times = sorted({min(10.0, asked.seconds), min(30.0, asked.seconds), asked.seconds})
    heads = ["instance", "way", "LP by ipx [s]", "first plan [s]", "gap 1 % [s]", "near 1 % [s]"]
    heads += [f"value (bound) gap at {at:.0f} s" for at in times]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    met = [compare(case, asked.seconds) for case in asked.case]
    print("\n| instance | never worse | plan within twice the LP | half the gap | seconds to near 1 %, HiGHS / ours |")
    print("|---|---|---|---|---|", *met, sep="\n")


if __name__ == "__main__":
    main()
