"""What planning in windows loses against full foresight, with and without end-of-window prices; printed as Markdown.

    python benchmarks/rolling.py                                     # relaxations, three seeds
    python benchmarks/rolling.py --seeds 2 --windows 12/4 6/4 4/4
    python benchmarks/rolling.py --scenario spring-2020 --grid 6 --windows 12/4
    python benchmarks/rolling.py --whole region-week-uniform-expected --time-limit 120

Everything is known beforehand (a perfect forecast): what is lost is lost by looking at a window at a
time. Loss = (value of the plan decided in windows - relaxation of the whole) / relaxation, first goal.
Windows are solved afresh, never started from the whole relaxation's own point.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from instances import CASES, UNIFORM_WEEK, Case, write_case

from nspl_opt.formulation.build import arc_rules, build_model, solver_notes
from nspl_opt.formulation.catalogue import load_model
from nspl_opt.instance.derive import derive_instance
from nspl_opt.network.graph import travel_times
from nspl_opt.reference.package import load_reference
from nspl_opt.rolling import make_rolling_plan
from nspl_opt.scenario.folder import find_scenario
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.solver.highs import now
from nspl_opt.solver.matrix import Matrix, compile_matrix
from nspl_opt.solver.outcome import is_plan
from nspl_opt.solver.relaxation import Relaxation
from nspl_opt.solver.rolling import decide_relaxed
from nspl_opt.solver.search import Search
from nspl_opt.solver.window import Horizon, Roll

LONGEST_S = 900.0


def matrix_of(folder: Path, grid: str | None, strength: float) -> Matrix:
    """The national model's matrix of a scenario, nothing whole.

    ``strength`` multiplies demand beyond everyday care.
    """
    if strength != 1.0:
        stronger(folder / "demand.csv", strength)
    spec = load_model("national", {})
    country = load_reference(None)
    situation = resolve(country, read_scenario(folder).on_grid(grid), "region")
    travel = travel_times(country, situation)
    inst = derive_instance(situation, travel, arc_rules(spec, situation))
    m = build_model(spec, inst, travel)
    compiled = compile_matrix(m, **solver_notes(m, spec))
    return compiled.matrix


def stronger(file: Path, strength: float) -> None:
    """Multiply the patients of a demand file, to whole patients."""
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    split = [row.rpartition(",") for row in rows]
    lines = [f"{front},{round(int(patients) * strength)}" for front, _, patients in split]
    file.write_text("\n".join([head, *lines, ""]), encoding="utf-8")


def compare(name: str, matrix: Matrix, windows: list[tuple[int, int]]) -> None:
    """Print one row per window size: loss without and with prices."""
    with tempfile.TemporaryDirectory() as folder:
        matrix.save(Path(folder) / "matrix.npz")
        with np.load(Path(folder) / "matrix.npz") as file:
            parts = {key: file[key] for key in file.files}
    parts["whole"] = np.zeros_like(parts["whole"])
    settings = {"time_limit_s": LONGEST_S, "seed": 0}
    search = Search(parts, settings, lambda: False, lambda news: None, lambda plan: None)
    began = time.process_time()
    relaxed = Relaxation(parts, search.options(), lambda: False)
    bound, _, status = relaxed.solve(0, now() + LONGEST_S)
    if bound is None:
        print(f"| {name} | | {status} |")
        return
    full, prices = time.process_time() - began, relaxed.duals()[: matrix.a.shape[0]]
    for window, step in windows:
        told = []
        for worth in (np.zeros_like(prices), prices):
            began = time.process_time()
            offset = float(parts["goal_offset"][0])
            roll = Roll(parts, Horizon(matrix.periods, window, step), parts["goals"][0], offset, worth)
            point, status = roll.run(lambda part: decide_relaxed(search, part))
            told.append(said(matrix, point, status, bound, time.process_time() - began))
        print(f"| {name} | {bound:.1f} | {full:.1f} | {window}/{step} | {told[0]} | {told[1]} |", flush=True)


def said(matrix: Matrix, point: np.ndarray | None, status: str, bound: float, seconds: float) -> str:
    """Loss in percent, seconds, and whether the plan obeys every row of the whole matrix (whole numbers aside)."""
    if point is None:
        return f"{status} | "
    value = float(matrix.goals[0] @ point + matrix.goal_offset[0])
    relaxed = {name: getattr(matrix, name) for name in matrix.__dataclass_fields__} | {
        "whole": np.zeros_like(matrix.whole)
    }
    obeys = "" if is_plan(Matrix(**relaxed), point) else ", BREAKS ROWS"
    return f"{100 * (value - bound) / max(bound, 1.0):.3f} %{obeys} | {seconds:.1f}"


def whole(case: Case, windows: list[tuple[int, int]], time_limit_s: float) -> None:
    """Print one row per window size for plans with their whole decisions, made and verified from files."""
    with tempfile.TemporaryDirectory() as folder:
        files = write_case(case, Path(folder))
        for window, step in windows:
            made = make_rolling_plan(
                files, window=window, step=step, overrides=dict(case.overrides), time_limit_s=time_limit_s
            )
            goal = made.plan.goals[0] if made.plan else None
            figures = f"{goal.value:.1f} | {goal.bound:.1f} | {100 * goal.gap:.2f} %" if goal else " | | "
            holds = "all rules hold" if made.check and made.check.ok else "NOT VERIFIED"
            seconds = made.plan.timing["solve"] if made.plan else 0.0
            print(f"| {case.name} | {window}/{step} | {figures} | {seconds:.0f} | {made.status}, {holds} |", flush=True)


def parsed() -> Any:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--windows", nargs="*", default=["12/4", "8/4", "4/4"])
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--scenario", default="")
    parser.add_argument("--grid", default=None)
    parser.add_argument("--whole", default="")
    parser.add_argument("--time-limit", type=float, default=120.0)
    return parser.parse_args()


def main() -> None:
    """Print the table that was asked for."""
    asked = parsed()
    windows = [tuple(int(n) for n in one.split("/")) for one in asked.windows]
    if asked.whole:
        print("| instance | window/step | value | bound | gap | solve [s] | |\n|---|---|---|---|---|---|---|")
        whole(CASES[asked.whole], windows, asked.time_limit)
        return
    print("| instance | relaxation | CPU s | window/step | loss without prices | CPU s | loss with prices | CPU s |")
    print("|---|---|---|---|---|---|---|---|")
    if asked.scenario:
        compare(asked.scenario, matrix_of(find_scenario(asked.scenario), asked.grid, 1.0), windows)
        return
    for seed in asked.seeds:
        case = Case(f"region-week-uniform-s{seed}", seed, UNIFORM_WEEK, "region", 7)
        name = case.name + (f", demand x {asked.strength:g}" if asked.strength != 1 else "")
        with tempfile.TemporaryDirectory() as folder:
            compare(name, matrix_of(write_case(case, Path(folder)), None, asked.strength), windows)


if __name__ == "__main__":
    main()
