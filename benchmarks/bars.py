"""Every benchmark instance planned several times, each time in a process of its own: medians, and which bars are met.

    python benchmarks/bars.py                                  # all eight instances, five times (about two hours)
    python benchmarks/bars.py --runs 1 region-week             # once, one instance
    python benchmarks/bars.py --runs 1 region-week-s1 --json runs.json     # any name of instances.py; keep the figures

Seconds count from the start of the run (files not yet read, Python already loaded) unless a line says otherwise.
"gap when reached" is that of the first goal before later goals took back the slack that the model file gives them;
"gap" and "harm avoided" are those of the plan that comes out. Help is transfers and loans between regions.
"""

from __future__ import annotations

import argparse
import json
import operator
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from one_run import NO_HELP, WITHIN, run_apart

LIMITS_S = {
    "region-week": 30,
    "region-week-uniform": 60,
    "region-week-uniform-all": 60,
    "hospital-week": 60,
    "hospital-week-uniform": 60,
    "hospital-week-uniform-all": 120,
    "hospital-fortnight": 240,
    "sites-200": 240,
}
"""Instance -> time limit for solving, all goals together [s]. Variants have that of the instance they vary."""
NO_HELP_LIMIT_S = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """What a median must keep: ``figure`` is a key of ``figures``."""

    case: str
    figure: str
    sense: str
    limit: float


BARS = (
    Bar("region-week", "first plan [s]", "<=", 5),
    Bar("region-week", "within 1 % [s]", "<=", 30),
    Bar("region-week", "harm avoided", ">=", 0.998),
    Bar("region-week", "overhead / solve", "<=", 0.25),
    Bar("region-week-uniform", "gap when reached", "<=", 0.005),
    Bar("region-week-uniform", "harm avoided", ">=", 0.99),
    Bar("region-week-uniform-all", "gap when reached", "<=", 0.025),
    Bar("region-week-uniform-all", "harm avoided", ">=", 0.99),
    Bar("hospital-week", "within 0.5 % [s]", "<=", 60),
    Bar("hospital-week", "harm avoided", ">=", 0.998),
    Bar("hospital-week", "overhead / solve", "<=", 0.15),
    Bar("hospital-week-uniform", "gap when reached", "<=", 0.01),
    Bar("hospital-week-uniform", "harm avoided", ">=", 0.99),
    Bar("hospital-week-uniform-all", "gap when reached", "<=", 0.02),
    Bar("hospital-week-uniform-all", "harm avoided", ">=", 0.99),
    Bar("hospital-fortnight", "whole run [s]", "<=", 300),
    Bar("hospital-fortnight", "memory [MB]", "<=", 4096),
    Bar("hospital-fortnight", "verified", ">=", 1),
    Bar("sites-200", "whole run [s]", "<=", 300),
    Bar("sites-200", "memory [MB]", "<=", 4096),
    Bar("sites-200", "verified", ">=", 1),
)
START_BARS = (("--help", ["--help"], 0.3), ("check of a shipped scenario", ["check", "gotland-ovning"], 2.0))
"""What is started, its arguments, the longest time it may take [s]."""
SENSES: dict[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge}
Figures = dict[str, float | None]


def figures(run: dict[str, Any], alone: dict[str, Any]) -> Figures:
    """The figures of one run, by the name of their line in the table; None where there is none."""
    told: Figures = {"first plan [s]": run["first_plan"]}
    began = run["solve_began"]
    told["first plan, from solve [s]"] = (
        None if run["first_plan"] is None or began is None else run["first_plan"] - began
    )
    told |= {
        f"within {share:.1%} [s]".replace(".0", "").replace("%", " %"): run["within"][str(share)] for share in WITHIN
    }
    goals = run.get("goals")
    if goals:
        _, value, bound, gap, _ = goals[0]
        told["gap when reached"] = (
            (run["best"][0] - run["best"][1]) / max(abs(run["best"][0]), 1e-9) if run["best"] else None
        )
        told |= {"unmet care": value, "bound": bound, "gap": gap, "unmet care without help": None}
        if alone.get("goals"):
            # The bound, not the plan, of the run without help: what is certainly unmet then.
            unhelped = alone["goals"][0][2]
            told["unmet care without help"] = unhelped
            told["harm avoided"] = (unhelped - value) / (unhelped - bound) if unhelped > bound else None
        told["goals proven"] = sum(goal[4] for goal in goals)
        told |= {f"  {stage} [s]": seconds for stage, seconds in run["timing"].items()}
        told["overhead / solve"] = (run["whole_s"] - run["timing"]["solve"]) / run["timing"]["solve"]
        told |= {name.replace("_", " "): count for name, count in run["size"].items()}
        told["bytes per column"] = (run["own_mb"] + run["solver_mb"]) * 2**20 / run["size"]["columns"]
        told["verified"], told["repeatable"] = float(run["verified"]), float(run["repeatable"])
    told |= {"imports [s]": run["imports_s"], "whole run [s]": run["whole_s"]}
    told |= {"memory [MB]": run["own_mb"] + run["solver_mb"], "  of it the solver [MB]": run["solver_mb"]}
    return told


def medians(runs: list[Figures]) -> Figures:
    """The median of each figure; None unless every run has it (a plan that sometimes is none is none)."""
    names = dict.fromkeys(name for run in runs for name in run)
    known = {name: [run.get(name) for run in runs] for name in names}
    return {name: None if None in values else statistics.median(values) for name, values in known.items()}


def shown(name: str, value: float | None) -> str:
    """A figure as a cell of the table."""
    if value is None:
        return "none"
    if name in ("gap", "gap when reached", "overhead / solve"):
        return f"{value:.2%}"
    if name == "harm avoided":
        return f"{value:.4f}"
    if name in ("verified", "repeatable"):
        return {1.0: "yes", 0.0: "NO"}.get(value, "sometimes")
    return f"{value:.1f}" if "[s]" in name or name in ("unmet care", "bound") else f"{value:.0f}"


def print_table(told: dict[str, Figures], runs: int) -> None:
    """Lines are figures, columns instances: medians."""
    names = dict.fromkeys(name for one in told.values() for name in one)
    print(f"\n| median of {runs} | {' | '.join(told)} |\n|---|{'---|' * len(told)}")
    for name in names:
        cells = [shown(name, one[name]) if name in one else "" for one in told.values()]
        print(f"| {name.replace('  ', '&nbsp; ')} | {' | '.join(cells)} |")


def print_bars(told: dict[str, Figures]) -> None:
    """Which bars are met. A figure that is missing meets none."""
    print("\n| bar | measured | met |\n|---|---|---|")
    for bar in BARS:
        if bar.case in told:
            value = told[bar.case].get(bar.figure)
            met = value is not None and SENSES[bar.sense](value, bar.limit)
            limit = "yes" if bar.figure == "verified" else shown(bar.figure, bar.limit)
            print(f"| {bar.case}: {bar.figure} {bar.sense} {limit} | {shown(bar.figure, value)} | {_met(met)} |")


def print_starts(runs: int) -> None:
    """How quickly the command line answers."""
    print("\n| start | median [s] | bar [s] | met |\n|---|---|---|---|")
    for name, words, limit in START_BARS:
        seconds = []
        for _ in range(runs):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-m", "nspl_opt", *words], capture_output=True, check=True)
            seconds.append(time.perf_counter() - began)
        middle = statistics.median(seconds)
        print(f"| {name} | {middle:.2f} | {limit} | {_met(middle <= limit)} |")


def _met(met: bool) -> str:
    return "yes" if met else "NO"


def limit_of(case: str) -> float:
    """The time limit of an instance or of the one it varies."""
    kin = [name for name in LIMITS_S if case == name or case.startswith((f"{name}-s", f"{name}-expected"))]
    return LIMITS_S[max(kin, key=len)]


def main() -> None:
    """Run what is asked for and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", help="names of instances.py; all eight main ones without")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("--time-limit", type=float, help="seconds for solving, instead of each instance's own")
    parser.add_argument("--json", type=Path, help="file for the figures of every run")
    asked = parser.parse_args()
    kept: dict[str, Any] = {}
    told: dict[str, Figures] = {}
    for case in asked.case or list(LIMITS_S):
        limit = asked.time_limit or limit_of(case)
        alone = run_apart(case, min(limit, NO_HELP_LIMIT_S), NO_HELP)
        runs = [run_apart(case, limit) for _ in range(asked.runs)]
        kept[case] = {"without_help": alone, "runs": runs}
        told[case] = medians([figures(run, alone) for run in runs])
        values = {run["goals"][0][1] for run in runs if run.get("goals")}
        statuses = ", ".join(sorted({run["status"] for run in runs}))
        print(f"{case}: {statuses}; {len(values)} different values in {asked.runs} runs", file=sys.stderr, flush=True)
        if asked.json:
            asked.json.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    print_table(told, asked.runs)
    print_bars(told)
    print_starts(asked.runs)


if __name__ == "__main__":
    main()
