"""Building the matrix of one instance three ways: plain arrays, linopy, and ours; same numbers, different times.

    python benchmarks/builders.py                     # region-week, each way five times (about half a minute)
    python benchmarks/builders.py region-week hospital-week --runs 5

From the instance to the matrix: rows, columns, bounds, goals. The ways take turns in one process, each from an
instance of its own that nobody has used, with the garbage of the one before collected and with the collector
switched off. Seconds are processor seconds, the median of the runs; "times arrays" and "times linopy" are medians
of the ratios within one turn, so that other work on the machine, which slows a turn, says little. What is built is
freed after the clock has stopped. linopy is optional (``pip install nspl-opt[bench]``) and left out if missing.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import highspy
import numpy as np
from entries import Entries
from instances import CASES, GROWTH, write_case, write_reference
from pyomo.common.gc_manager import PauseGC
from rules import entries_of
from scipy import sparse

from nspl_opt.formulation.build import (
    arc_rules,
    build_model,
    closed_grouping,
    column_notes,
    loan_pairs,
)
from nspl_opt.formulation.catalogue import load_model
from nspl_opt.instance.derive import derive_instance
from nspl_opt.network.graph import travel_times
from nspl_opt.reference.package import load_reference
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.solver.matrix import compile_matrix

FAMILY_OF = {"step": "elective.step", "away": "staff_loans.away", "started": "staff_loans.started",
             "trips": "transports.trips", "overload": "worst_region.overload"}  # fmt: skip
"""Family of columns -> its name in the Pyomo model, where that is another."""


@dataclass(frozen=True)
class Built:
    """A matrix, however it was built; ``goals`` is (goals, columns)."""

    a: sparse.csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    col_upper: np.ndarray
    whole: np.ndarray
    goals: np.ndarray


def situation_of(name: str) -> tuple[Any, Any, Any]:
    """Model file, instance and travel times of a case."""
    case = (CASES | GROWTH)[name]
    with tempfile.TemporaryDirectory(prefix="nspl-bench-") as place:
        spec = load_model("national", dict(case.overrides))
        country = load_reference(write_reference(case, Path(place)))
        situation = resolve(country, read_scenario(write_case(case, Path(place))), None)
    travel = travel_times(country, situation)
    return spec, derive_instance(situation, travel, arc_rules(spec, situation)), travel


def build_arrays(spec: Any, inst: Any, travel: Any) -> Built:
    """Rows as arrays, stacked once."""
    e = entries_of(spec, inst, _pairs(spec, inst, travel))
    first = _offsets(e)
    rows, columns, values, lower, upper, at = [], [], [], [], [], 0
    for rule in e.rules:
        for family, row, column, value in rule.parts:
            rows.append(row + at)
            columns.append(column + first[family])
            values.append(value)
        lower.append(rule.right if rule.sense == "=" else np.full(len(rule.right), -np.inf))
        upper.append(rule.right)
        at += len(rule.right)
    count = sum(len(part[0]) for part in e.columns.values())
    stacked = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    goals = np.zeros((len(e.goals), count))
    for number, parts in enumerate(e.goals):
        for family, _, column, value in parts:
            np.add.at(goals[number], column + first[family], value)
    _, high, whole = (np.concatenate(part) for part in zip(*e.columns.values(), strict=True))
    a = sparse.coo_array(stacked, shape=(at, count)).tocsr()
    return Built(a, np.concatenate(lower), np.concatenate(upper), high, whole, goals)


def build_linopy(spec: Any, inst: Any, travel: Any) -> tuple[Built, np.ndarray]:
    """The same rules as linopy expressions; and the number of each of its columns in ``Entries``."""
    from linopy_rows import linopy_matrix

    *parts, order = linopy_matrix(entries_of(spec, inst, _pairs(spec, inst, travel)))
    return Built(*parts), order


def build_ours(spec: Any, inst: Any, travel: Any) -> tuple[Built, Any, Any]:
    """Our model and its matrix, checks included, as the pipeline makes them; columns and the model beside it."""
    m = build_model(spec, inst, travel)
    holds = [(stage.options.slack_share, stage.options.slack) for stage in spec.stages(inst.situation)]
    compiled = compile_matrix(m, holds, [1.0] * len(holds), **column_notes(m))
    x = compiled.matrix
    return Built(x.a, x.row_lower, x.row_upper, x.col_upper, x.whole, x.goals), compiled.columns, m


def _pairs(spec: Any, inst: Any, travel: Any) -> tuple[tuple[int, int], ...]:
    return loan_pairs(inst.situation, travel, spec.families["staff_loans"].partners, closed_grouping(spec))


def _offsets(e: Entries) -> dict[str, int]:
    """Family -> number of its first column."""
    sizes = [len(part[0]) for part in e.columns.values()]
    return dict(zip(e.columns, np.concatenate([[0], np.cumsum(sizes)[:-1]]).tolist(), strict=True))


def in_one_order(built: Built, order: np.ndarray) -> Built:
    """The same matrix with column ``n`` where ``order`` says it belongs."""
    back = np.argsort(order)
    return Built(
        built.a[:, back].tocsr(), built.row_lower, built.row_upper, built.col_upper[back], built.whole[back],
        built.goals[:, back],
    )  # fmt: skip


def our_order(columns: list[Any], e: Entries) -> np.ndarray:
    """Pyomo columns -> their numbers in ``Entries``: families keep the order in which Pyomo made them."""
    first, numbers = _offsets(e), {}
    components = {id(one): one for one in (column.parent_component() for column in columns)}
    names = {name: family for family, name in FAMILY_OF.items()}
    for one in components.values():
        start = first[names.get(one.name, one.name)]
        numbers |= {id(column): start + n for n, column in enumerate(one.values())}
    return np.array([numbers[id(column)] for column in columns])


def differences(one: Built, other: Built) -> list[str]:
    """What is not the same in two matrices, whatever the order of their rows; empty when nothing is."""
    if one.a.shape != other.a.shape or one.a.nnz != other.a.nnz:
        return [f"size {one.a.shape}, {one.a.nnz} against {other.a.shape}, {other.a.nnz}"]
    parts = ("col_upper", "whole", "goals")
    found = [
        name for name in parts if not np.allclose(getattr(one, name), getattr(other, name), rtol=1e-12, atol=1e-12)
    ]
    signs = [_row_signs(built) for built in (one, other)]
    return found if np.allclose(*signs, rtol=1e-9, atol=1e-7) else [*found, "rows"]


def _row_signs(built: Built) -> np.ndarray:
    """Per row two random sums of its entries and its sides, sorted: the same rows give the same table."""
    weights = np.random.default_rng(1).uniform(1, 2, (built.a.shape[1], 2))
    sides = np.nan_to_num(np.stack([built.row_lower, built.row_upper], axis=1), neginf=-1e9, posinf=1e9)
    table = np.hstack([built.a @ weights, sides])
    return table[np.lexsort(np.round(table, 6).T[::-1])]


def optimum(built: Built) -> float:
    """The relaxation of the first goal, by interior point with crossover."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("solver", "ipx")
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = built.a.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = built.goals[0], np.zeros(built.a.shape[1]), built.col_upper
    lp.row_lower_, lp.row_upper_ = built.row_lower, built.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = built.a.indptr, built.a.indices, built.a.data
    highs.passModel(lp)
    highs.run()
    return float(highs.getInfo().objective_function_value)


def timed(ways: dict[str, Callable[[Any], Any]], inst: Any, runs: int) -> tuple[dict[str, Any], np.ndarray]:
    """What each way builds from the instance, and the processor seconds of every turn: (turn, way)."""
    seconds, made = np.zeros((runs, len(ways))), {}
    for turn in range(runs):
        for number, (way, build) in enumerate(ways.items()):
            made[way] = None
            unused = replace(inst)  # without the arrays that an instance keeps once they are asked for
            gc.collect()
            with PauseGC():
                began = time.process_time()
                made[way] = build(unused)
                seconds[turn, number] = time.process_time() - began
    return made, seconds


def compare(name: str, runs: int, solve: bool) -> None:
    """Build one instance in every way and print a line for each."""
    spec, inst, travel = situation_of(name)
    ways: dict[str, Callable[[Any], Any]] = {
        "arrays": lambda inst: build_arrays(spec, inst, travel),
        "linopy": lambda inst: build_linopy(spec, inst, travel),
        "ours": lambda inst: build_ours(spec, inst, travel),
    }
    try:
        import linopy  # noqa: F401  (loaded before the clock starts)
    except ImportError:
        del ways["linopy"]
        print("linopy is not installed", file=sys.stderr)
    made, seconds = timed(ways, inst, runs)
    ours, columns, _model = made["ours"]  # columns know their families only while their model lives
    entries = entries_of(spec, inst, _pairs(spec, inst, travel))
    found = {"arrays": made["arrays"], "ours": in_one_order(ours, our_order(columns, entries))}
    if "linopy" in ways:
        found["linopy"] = in_one_order(*made["linopy"])
    for number, way in enumerate(ways):
        built = found[way]
        same = "; ".join(differences(found["arrays"], built)) or "yes"
        best = f"{optimum(built):.9g}" if solve else ""
        size = f"{built.a.shape[0]} | {built.a.shape[1]} | {built.a.nnz}"
        times = [
            f"{np.median(seconds[:, number] / seconds[:, list(ways).index(other)]):.2f}" if other in ways else ""
            for other in ("arrays", "linopy")
        ]
        took = f"{np.median(seconds[:, number]):.2f} | {times[0]} | {same} | {times[1]}"
        print(f"| {name} | {way} | {size} | {took} | {best} |", flush=True)


def main() -> None:
    """Build, compare, print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", default=["region-week"], help="names of instances.py")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-optimum", action="store_true", help="do not solve the relaxations")
    asked = parser.parse_args()
    print("| instance | way | rows | columns | nonzeros | s | times arrays | the same | times linopy | optimum |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in asked.case:
        compare(name, asked.runs, not asked.no_optimum)


if __name__ == "__main__":
    main()
