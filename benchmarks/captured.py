"""The matrix and settings of an instance as a run hands them to the solver, without solving."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from instances import CASES, Case, write_case, write_reference

from nspl_opt import pipeline
from nspl_opt.solver.matrix import Matrix
from nspl_opt.solver.outcome import Outcome


def captured(case: Case | str, overrides: Mapping[str, str] | None = None) -> tuple[Matrix, dict[str, Any]]:
    """What ``make_plan`` would have solved: the matrix, and the solver's settings of the model file.

    Raises
    ------
    RuntimeError
        The run never came to solving.
    """
    case = CASES[case] if isinstance(case, str) else case
    taken: list[tuple[Matrix, dict[str, Any]]] = []

    def take(matrix: Matrix, settings: dict[str, Any], *_: Any, **__: Any) -> Outcome:
        taken.append((matrix, settings))
        return Outcome("no_solution_in_time", "only the matrix was wanted", None, (), 0.0)

    with tempfile.TemporaryDirectory(prefix="nspl-bench-") as place, patch.object(pipeline, "solve", take):
        folder, reference = write_case(case, Path(place)), write_reference(case, Path(place))
        made = pipeline.make_plan(folder, overrides=dict(case.overrides) | dict(overrides or {}), reference=reference)
    if not taken:
        raise RuntimeError(f"{case.name} did not come to solving: {made.status}, {made.why}")
    return taken[0]


def first_goal_alone(matrix: Matrix) -> Matrix:
    """The same matrix with its first goal only."""
    return replace(
        matrix, goals=matrix.goals[:1], goal_offset=matrix.goal_offset[:1], holds=matrix.holds[:1],
        tolerances=matrix.tolerances[:1],
    )  # fmt: skip
