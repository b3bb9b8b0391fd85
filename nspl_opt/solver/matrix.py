"""The matrix of a model: compiled once from Pyomo, checked number by number, solved many times."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

SMALLEST, LARGEST = 1e-4, 1e6
"""Coefficients outside are refused: solvers drop or misread them without a word."""
INFINITE = 1e20
"""From here on solvers read a number as infinity."""


class NumericalSuspect(ValueError):
    """A number in the matrix that no solver can be trusted with."""


@dataclass(frozen=True)
class Matrix:
    """min each goal in turn, lower <= A x <= upper, bounds on x, some x whole.

    ``goals`` is (goals, columns); ``holds`` are (share, amount) that later goals may give back;
    ``tolerances`` the absolute gaps that count as none. ``lazy`` columns are many and mostly idle:
    the relaxation takes them in only as their prices call for them.
    """

    a: sparse.csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    col_lower: np.ndarray
    col_upper: np.ndarray
    whole: np.ndarray
    lazy: np.ndarray
    goals: np.ndarray
    goal_offset: np.ndarray
    holds: np.ndarray
    tolerances: np.ndarray

    @property
    def size(self) -> dict[str, int]:
        """Rows, columns, nonzeros and whole columns."""
        rows, columns = self.a.shape
        return {"rows": rows, "columns": columns, "nonzeros": int(self.a.nnz), "whole_columns": int(self.whole.sum())}

    def save(self, path: Path) -> None:
        """Write everything to one .npz file for the solver process."""
        arrays = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "a"}
        np.savez(path, data=self.a.data, indices=self.a.indices, indptr=self.a.indptr, shape=self.a.shape, **arrays)


@dataclass(frozen=True)
class Compiled:
    """A matrix with the Pyomo rows and columns it came from, in order."""

    matrix: Matrix
    rows: list[Any]
    columns: list[Any]


def compile_matrix(
    model: Any, holds: list[tuple[float, float]], tolerances: list[float], lazy: list[Any] | None = None
) -> Compiled:
    """Compile a Pyomo model whose objectives are the goals in order; ``lazy`` lists variables.

    Raises
    ------
    NumericalSuspect
        A number is not finite, too large or too small, or counts do not agree.
    """
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    a = sparse.csr_array(form.A)
    kind = np.array([row.bound_type for row in form.rows])
    rhs = np.asarray(form.rhs, dtype=float)
    patient = {id(variable) for variables in lazy or () for variable in variables.values()}
    bounds = [column.bounds for column in form.columns]
    matrix = Matrix(
        a=a,
        row_lower=np.where(kind <= 0, rhs, -np.inf),
        row_upper=np.where(kind >= 0, rhs, np.inf),
        col_lower=np.array([-np.inf if low is None else low for low, _ in bounds], dtype=float),
        col_upper=np.array([np.inf if high is None else high for _, high in bounds], dtype=float),
        whole=np.array([not column.is_continuous() for column in form.columns], dtype=bool),
        lazy=np.array([id(column) in patient for column in form.columns], dtype=bool),
        goals=np.asarray(sparse.csr_array(form.c).todense(), dtype=float),
        goal_offset=np.asarray(form.c_offset, dtype=float),
        holds=np.asarray(holds, dtype=float).reshape(len(holds), 2),
        tolerances=np.asarray(tolerances, dtype=float),
    )
    check_numbers(matrix)
    return Compiled(matrix, [row.constraint for row in form.rows], list(form.columns))


def check_numbers(matrix: Matrix) -> None:
    """Refuse what solvers silently drop: not finite, out of range, crossed bounds, lost counts."""
    for name, values in (("coefficient", matrix.a.data), ("goal coefficient", matrix.goals[matrix.goals != 0])):
        if not np.isfinite(values).all():
            raise NumericalSuspect(f"a {name} is not a finite number")
        size = np.abs(values[values != 0])
        if size.size and (size.max() > LARGEST or size.min() < SMALLEST):
            worst = size.max() if size.max() > LARGEST else size.min()
            raise NumericalSuspect(f"a {name} of {worst:g} lies outside {SMALLEST:g} to {LARGEST:g}")
    for name, low, high in (
        ("row", matrix.row_lower, matrix.row_upper),
        ("column", matrix.col_lower, matrix.col_upper),
    ):
        if np.isnan(low).any() or np.isnan(high).any() or (low > high).any():
            raise NumericalSuspect(f"the bounds of a {name} are crossed or not numbers")
        finite = np.concatenate([low[np.isfinite(low)], high[np.isfinite(high)]])
        if finite.size and np.abs(finite).max() >= INFINITE:
            raise NumericalSuspect(f"a bound of a {name} is so large that solvers read it as infinity")
    if (np.isneginf(matrix.row_lower) & np.isposinf(matrix.row_upper)).any():
        raise NumericalSuspect("a row has no bound and says nothing")
    rows, columns = matrix.a.shape
    lengths = (len(matrix.row_lower), len(matrix.row_upper), len(matrix.col_lower), matrix.goals.shape[1])
    if lengths != (rows, rows, columns, columns):
        raise NumericalSuspect(f"the parts of the matrix disagree: {lengths} for {rows} rows and {columns} columns")
