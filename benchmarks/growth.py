"""How time grows with size: the same bad week at eleven sizes, and the exponent of time against columns.

    python benchmarks/growth.py                        # up to 240 s each (about half an hour)
    python benchmarks/growth.py --time-limit 60 --most 200000
    python benchmarks/growth.py --processor            # what needs no time limit, in processor seconds

Time is fitted as a * columns^b, by least squares of the logarithms: for the relaxation of the first goal (on the
solver's clock), for the first whole plan and one proven within 1 % of its first goal (from the start of solving), and
for the whole run from files to verified plan. Runs that the time limit cut short are shown and left out of the fit of
whole runs. Building alone (files to matrix) is fitted as well. Processor seconds of one process say the same on a
busy machine, for what needs no time limit: files to matrix, and the relaxation.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable

import numpy as np
from captured import captured
from instances import GROWTH
from one_run import run_apart

from nspl_opt.solver import highs as hs
from nspl_opt.solver.relaxation import Relaxation

BAR = 1.6
"""The exponent that the whole run may have."""
LONGEST_S = 900.0
"""Seconds that one relaxation may take."""
BEFORE_SOLVING = ("read", "travel", "instance", "model", "matrix")


def exponent(pairs: Iterable[tuple[float, float | None]]) -> tuple[float, float, int]:
    """Exponent of the second against the first, the share of variance explained, how many pairs took part."""
    known = np.array([(size, seconds) for size, seconds in pairs if seconds]).reshape(-1, 2)
    if len(known) < 3:
        return float("nan"), float("nan"), len(known)
    x, y = np.log(known).T
    slope, level = np.polyfit(x, y, 1)
    left = ((y - slope * x - level) ** 2).sum()
    return float(slope), float(1 - left / ((y - y.mean()) ** 2).sum()), len(known)


def print_fit(lines: dict[str, list[tuple[float, float | None]]]) -> None:
    """The exponent of each line."""
    print("\n| time | exponent | variance explained | instances |\n|---|---|---|---|")
    for line, pairs in lines.items():
        slope, share, count = exponent(pairs)
        print(f"| {line} | {slope:.2f} | {share:.3f} | {count} |")


def by_processor(most: int) -> None:
    """Files to matrix, and the relaxation of the first goal, in processor seconds of this process."""
    lines: dict[str, list[tuple[float, float | None]]] = {"files to matrix": [], "relaxation": []}
    print("| instance | columns | rows | files to matrix [s] | relaxation [s] | its value |\n|---|---|---|---|---|---|")
    for case in GROWTH.values():
        began = time.process_time()
        matrix, settings = captured(case)
        built = time.process_time()
        relaxed = Relaxation(matrix.parts(), {"random_seed": settings["seed"]}, lambda: False)
        value, _, status = relaxed.solve(0, hs.now() + LONGEST_S)
        seconds = built - began, time.process_time() - built
        columns, ended = matrix.size["columns"], status == "Optimal"
        lines["files to matrix"].append((columns, seconds[0]))
        lines["relaxation"].append((columns, seconds[1] if ended else None))
        told = f"{seconds[0]:.2f} | {seconds[1]:.2f} | {value:.1f}" if ended else f"{seconds[0]:.2f} | none | none"
        print(f"| {case.name} | {columns} | {matrix.size['rows']} | {told} |", flush=True)
        if columns > most:
            break
    print_fit(lines)


def main() -> None:
    """Run every size once and fit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--time-limit", type=float, default=240.0, help="seconds for solving each")
    parser.add_argument("--most", type=int, default=1_000_000, help="stop after an instance of so many columns")
    parser.add_argument("--processor", action="store_true", help="what needs no time limit, in processor seconds")
    asked = parser.parse_args()
    if asked.processor:
        by_processor(asked.most)
        return
    names = ("relaxation", "first plan", "plan within 1 %", "whole run", "files to matrix")
    lines: dict[str, list[tuple[float, float | None]]] = {name: [] for name in names}
    print(
        "| instance | columns | rows | relaxation [s] | first plan [s] | plan within 1 % [s] | whole run [s] "
        "| to matrix [s] | gap | status |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in GROWTH:
        run = run_apart(name, asked.time_limit)
        if "goals" not in run:
            print(f"| {name} | no plan | | | | | | | | {run['status']} |", flush=True)
            continue
        columns, timing = run["size"]["columns"], run["timing"]
        cut = not run["repeatable"]
        began = run["solve_began"]
        within = run["within"]["0.01"]
        seconds = {
            "relaxation": run["relaxed_s"],
            "first plan": None if run["first_plan"] is None else run["first_plan"] - began,
            "plan within 1 %": None if within is None else within - began,
            "whole run": None if cut else run["whole_s"],
            "files to matrix": sum(timing[stage] for stage in BEFORE_SOLVING),
        }
        for line, value in seconds.items():
            lines[line].append((columns, value))
        told = seconds | {"whole run": run["whole_s"]}
        cells = " | ".join("none" if one is None else f"{one:.2f}" for one in told.values())
        status = f"{run['status']}{', cut short' if cut else ''}"
        print(
            f"| {name} | {columns} | {run['size']['rows']} | {cells} | {run['goals'][0][3]:.2%} | {status} |",
            flush=True,
        )
        if columns > asked.most:
            break
    print_fit(lines)
    slope, _, count = exponent(lines["whole run"])
    print(f"\nBar: the whole run grows with an exponent of at most {BAR}: {'yes' if slope <= BAR else 'NO'} "
          f"({count} of {len(lines['whole run'])} runs ended by themselves).")  # fmt: skip


if __name__ == "__main__":
    main()
