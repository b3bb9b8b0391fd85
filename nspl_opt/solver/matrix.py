"""The matrix of a model: compiled once from Pyomo, checked number by number, solved many times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from nspl_opt.solver.window import STANDING

SMALLEST, LARGEST = 1e-4, 1e6
"""Coefficients outside are refused: solvers drop or misread them without a word."""
NO_NUMBERS, NO_VALUES = np.zeros(0, dtype=np.int64), np.zeros(0)
INFINITE = 1e20
"""From here on solvers read a number as infinity."""
DOMAIN, LOWER, UPPER = attrgetter("domain"), attrgetter("lower"), attrgetter("upper")
PLAIN = {float, int, type(None)}


class NumericalSuspect(ValueError):
    """A number in the matrix that no solver can be trusted with."""


@dataclass(frozen=True)
class Matrix:
    """min each goal in turn, lower <= A x <= upper, bounds on x, some x whole.

    ``goals`` is (goals, columns), ``main`` the number of the one that most work goes into; ``holds`` are
    (share, amount) that later goals may give back; ``tolerances`` the absolute gaps that count as none.
    ``lazy`` columns are many and mostly idle: the relaxation takes them in only as their prices call for them.
    ``roundable`` whole columns may be rounded up one by one without breaking what binds them together; the
    others are not rounded.

    Vehicle hours, for rounding cuts (``G`` rows, ``U`` uses of them by whole trips): row ``hours_row[g]`` of
    the matrix says that the hours of all its uses and more that is not negative are at most
    ``hours_limit[g]`` [h]. Use ``u`` belongs to group ``use_group[u]`` and takes ``use_hours[u]`` [h] a trip;
    row ``u`` of the sparse (U, columns) ``use_indptr``, ``use_indices``, ``use_data`` counts its trips, which
    are whole and not negative in every plan.

    ``periods`` are the first periods in which columns act, ``STANDING`` for those that act in all. ``switch``
    columns only open others, at 1, and shut them, at 0. ``ahead_price`` is what a unit of a goal before the main
    one is worth in units of that one, where the two must be one (``solver.ahead``).
    """

    a: sparse.csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    col_lower: np.ndarray
    col_upper: np.ndarray
    whole: np.ndarray
    lazy: np.ndarray
    roundable: np.ndarray
    goals: np.ndarray
    goal_offset: np.ndarray
    holds: np.ndarray
    tolerances: np.ndarray
    hours_row: np.ndarray = field(default_factory=NO_NUMBERS.copy)
    hours_limit: np.ndarray = field(default_factory=NO_VALUES.copy)
    use_group: np.ndarray = field(default_factory=NO_NUMBERS.copy)
    use_hours: np.ndarray = field(default_factory=NO_VALUES.copy)
    use_indptr: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    use_indices: np.ndarray = field(default_factory=NO_NUMBERS.copy)
    use_data: np.ndarray = field(default_factory=NO_VALUES.copy)
    periods: np.ndarray = field(default_factory=NO_NUMBERS.copy)
    switch: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    ahead_price: float = 0.0
    main: int = 0

    def __post_init__(self) -> None:
        if not len(self.periods):  # nothing is known of time
            object.__setattr__(self, "periods", np.full(len(self.whole), STANDING))
        if not len(self.switch):  # no column only opens others
            object.__setattr__(self, "switch", np.zeros(len(self.whole), dtype=bool))

    @property
    def size(self) -> dict[str, int]:
        """Rows, columns, nonzeros and whole columns."""
        rows, columns = self.a.shape
        return {"rows": rows, "columns": columns, "nonzeros": int(self.a.nnz), "whole_columns": int(self.whole.sum())}

    def parts(self) -> dict[str, np.ndarray]:
        """Everything as plain arrays by name, the matrix as its data, indices, indptr and shape."""
        arrays = {name: np.asarray(getattr(self, name)) for name in self.__dataclass_fields__ if name != "a"}
        rows = {"data": self.a.data, "indices": self.a.indices, "indptr": self.a.indptr}
        return rows | {"shape": np.array(self.a.shape)} | arrays

    def save(self, path: Path) -> None:
        """Write everything to one .npz file for the solver process."""
        np.savez(path, **self.parts())


@dataclass(frozen=True)
class Compiled:
    """A matrix with the Pyomo rows and columns it came from, in order."""

    matrix: Matrix
    rows: list[Any]
    columns: list[Any]


def compile_matrix(
    model: Any,
    holds: list[tuple[float, float]],
    tolerances: list[float],
    lazy: Sequence[Any] = (),
    roundable: Sequence[Any] = (),
    hours: Any = None,
    periods: Sequence[tuple[Any, np.ndarray]] = (),
    main: int = 0,
    switch: Sequence[Any] = (),
    ahead_price: float = 0.0,
) -> Compiled:
    """Compile a Pyomo model whose objectives are the goals in order; ``lazy`` and ``roundable`` list variables.

    ``hours`` are vehicle hours used by whole trips (``G`` rows, ``U`` uses, as in ``Matrix``): ``rows``
    (constraints of the model), their ``limit`` [h]; per use its ``group``, ``hours`` a trip and how many terms
    have ``counted`` its trips, which follow one another: ``factor`` times number ``at`` of ``variables[which]``.
    ``periods`` pairs variables with the first period in which each of them acts. ``main``, ``switch`` (variables) and
    ``ahead_price`` are as in ``Matrix``.

    Raises
    ------
    NumericalSuspect
        A number is not finite, too large or too small, a bound of a whole variable is a fraction, a goal
        is to be maximised, a rule cannot hold whatever is decided, or counts do not agree. The message
        names the rule or variable.
    """
    from pyomo.environ import Objective, minimize

    from nspl_opt.solver.standard_form import standard_form

    for goal in model.component_data_objects(Objective, active=True):
        if goal.sense != minimize:
            raise NumericalSuspect(f"{goal.name} is to be maximised; goals are minimised")
    try:
        form = standard_form(model)
        low, high, whole = _columns(form.columns)
    except ValueError as error:  # Pyomo names the rule or variable
        raise NumericalSuspect(str(error)) from error
    matrix = Matrix(
        a=form.a,
        row_lower=form.lower,
        row_upper=form.upper,
        col_lower=low,
        col_upper=high,
        whole=whole,
        lazy=_spread(form, [(some, True) for some in lazy], False),
        roundable=_spread(form, [(some, True) for some in roundable], False),
        goals=form.c.toarray(),
        goal_offset=form.offset,
        holds=np.asarray(holds, dtype=float).reshape(len(holds), 2),
        tolerances=np.asarray(tolerances, dtype=float),
        **_hours_parts(hours, form),
        periods=_spread(form, periods, STANDING),
        switch=_spread(form, [(some, True) for some in switch], False),
        ahead_price=ahead_price,
        main=main,
    )
    compiled = Compiled(matrix, form.rows, form.columns)
    check_numbers(matrix, compiled)
    return compiled


def _spread(form: Any, told: Sequence[tuple[Any, Any]], other: Any) -> np.ndarray:
    """(columns,) what is told of some variables, one value or one each; of the others ``other``."""
    values = np.full(len(form.columns) + 1, other)  # the last is for variables that are no column
    for some, value in told:
        values[form.numbers[id(some)]] = value
    return values[:-1].copy()


def _columns(columns: list[Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(columns,) least, most (infinite where there is none), whether whole."""
    kinds = np.fromiter(map(id, map(DOMAIN, columns)), np.int64, len(columns))
    _, first, kind = np.unique(kinds, return_index=True, return_inverse=True)
    samples = [columns[number] for number in first.tolist()]
    whole = np.array([not sample.is_continuous() for sample in samples], dtype=bool)[kind]
    given = [list(map(side, columns)) for side in (LOWER, UPPER)]
    sides = [np.array(some, dtype=float) if set(map(type, some)) <= PLAIN else None for some in given]
    if columns and any(
        side is None or np.isinf(side).any() or np.isnan(side).sum() != some.count(None)
        for side, some in zip(sides, given, strict=True)
    ):  # expressions, or numbers that Pyomo must judge
        sides = [np.array(some, dtype=float) for some in zip(*(column.bounds for column in columns), strict=True)]
    low, high = (np.where(np.isnan(side), far, side) for side, far in zip(sides, (-np.inf, np.inf), strict=True))
    return low, high, whole


def _hours_parts(hours: Any, form: Any) -> dict[str, np.ndarray]:
    if hours is None:
        return {}
    number = {id(row): index for index, row in enumerate(form.rows)}
    columns = [form.numbers[id(variable)] for variable in hours.variables]
    first = np.cumsum([0, *(len(some) for some in columns)])
    at = np.concatenate(columns)[first[hours.which] + hours.at]
    return {
        "hours_row": np.array([number[id(row)] for row in hours.rows], dtype=np.int64),
        "hours_limit": hours.limit,
        "use_group": hours.group,
        "use_hours": hours.hours,
        "use_indptr": np.cumsum([0, *hours.counted], dtype=np.int64),
        "use_indices": at,
        "use_data": hours.factor,
    }


def check_numbers(matrix: Matrix, named: Compiled | None = None) -> None:
    """Refuse what solvers silently drop: not finite, out of range, crossed bounds, lost counts.

    ``named`` gives rules and variables their names in messages; without it they are numbered.
    """
    _check_counts(matrix)
    row_names, column_names = (named.rows, named.columns) if named else (None, None)
    entries = matrix.a.tocoo()
    goals, columns = np.nonzero(matrix.goals)
    for what, values, rows, names in (
        ("coefficient of rule", entries.data, entries.row, row_names),
        ("coefficient of goal", matrix.goals[goals, columns], goals, None),
        ("offset of goal", matrix.goal_offset, np.arange(len(matrix.goal_offset)), None),
    ):
        if len(bad := np.flatnonzero(~np.isfinite(values))):
            raise NumericalSuspect(f"{what} {_name(names, rows[bad[0]])} is not a finite number")
        size = np.abs(values)
        outside = (size > LARGEST) | ((size < SMALLEST) & (size != 0))
        if not what.startswith("offset") and len(bad := np.flatnonzero(outside)):
            told = f"{what} {_name(names, rows[bad[0]])} is {values[bad[0]]:g}"
            raise NumericalSuspect(f"{told}: its size lies outside {SMALLEST:g} to {LARGEST:g}")
    _check_bounds("rule", matrix.row_lower, matrix.row_upper, row_names)
    _check_bounds("variable", matrix.col_lower, matrix.col_upper, column_names)
    if len(bad := np.flatnonzero(np.isneginf(matrix.row_lower) & np.isposinf(matrix.row_upper))):
        raise NumericalSuspect(f"rule {_name(row_names, bad[0])} has no bound and says nothing")
    # Lazy columns stand aside at 0, priced with rows that nothing then touches; whole ones at their least.
    if len(bad := np.flatnonzero(matrix.lazy & (matrix.col_lower != 0))):
        raise NumericalSuspect(f"variable {_name(column_names, bad[0])} is lazy, so its least value must be 0")
    if len(bad := np.flatnonzero(matrix.whole & np.isneginf(matrix.col_lower))):
        raise NumericalSuspect(f"variable {_name(column_names, bad[0])} has no least value")
    for bound in (matrix.col_lower, matrix.col_upper):
        if len(bad := np.flatnonzero(matrix.whole & np.isfinite(bound) & (bound != np.rint(bound)))):
            told = f"variable {_name(column_names, bad[0])} is whole, its bound {bound[bad[0]]:g} is not"
            raise NumericalSuspect(f"{told}: solvers round it either way")


def _check_bounds(what: str, low: np.ndarray, high: np.ndarray, names: list[Any] | None) -> None:
    lost = np.isnan(low) | np.isnan(high) | (low > high) | np.isposinf(low) | np.isneginf(high)
    if len(bad := np.flatnonzero(lost)):
        raise NumericalSuspect(f"the bounds of {what} {_name(names, bad[0])} are crossed or not numbers")
    huge = (np.isfinite(low) & (np.abs(low) >= INFINITE)) | (np.isfinite(high) & (np.abs(high) >= INFINITE))
    if len(bad := np.flatnonzero(huge)):
        raise NumericalSuspect(f"a bound of {what} {_name(names, bad[0])} is so large that solvers read it as infinity")


def _check_counts(matrix: Matrix) -> None:
    rows, columns = matrix.a.shape
    count = len(matrix.goals)
    if not count or not columns:
        raise NumericalSuspect(f"a model of {count} goals and {columns} variables leaves nothing to decide")
    if not 0 <= matrix.main < count:
        raise NumericalSuspect(f"the main goal is number {matrix.main} of {count}")
    expected = {
        "row_lower": (rows,), "row_upper": (rows,), "col_lower": (columns,), "col_upper": (columns,),
        "whole": (columns,), "lazy": (columns,), "roundable": (columns,), "periods": (columns,), "switch": (columns,),
        "goals": (count, columns), "goal_offset": (count,), "holds": (count, 2), "tolerances": (count,),
    }  # fmt: skip
    groups, uses = len(matrix.hours_row), len(matrix.use_hours)
    counted = int(matrix.use_indptr[-1]) if len(matrix.use_indptr) else 0
    expected |= {
        "hours_limit": (groups,), "use_group": (uses,), "use_indptr": (uses + 1,),
        "use_indices": (counted,), "use_data": (counted,),
    }  # fmt: skip
    for name, shape in expected.items():
        found = getattr(matrix, name).shape
        if found != shape:
            raise NumericalSuspect(f"the parts of the matrix disagree: {name} has shape {found}, not {shape}")
    for name in ("holds", "tolerances"):
        values = getattr(matrix, name)
        if not np.isfinite(values).all() or (values < 0).any():
            raise NumericalSuspect(f"the {name} of the goals must be finite and not negative")


def _name(names: list[Any] | None, number: int) -> str:
    return str(number) if names is None else str(names[number].name)
