"""A linear Pyomo model as arrays.

Pyomo's own compiler walks every expression, as any expression must be walked that can hold products or
functions. Here a constraint or objective that can say its ``arrays`` is asked for them; sums of coefficient
times variable are read off as they stand; whatever is written in another way goes through Pyomo. Tests hold
all ways to the same matrix.

``arrays()`` of a constraint gives its rows, parts, lower and upper sides, or None where it must be read row by
row; that of an objective gives parts. A part has ``columns`` (a variable of the model), ``row`` (number of
the sum, 0 for an objective), ``at`` (number of the variable among ``columns.values()``) and ``factor``, an
array each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.numeric_types import native_numeric_types as NUMBERS
from pyomo.core.expr.numeric_expr import LinearExpression, MonomialTermExpression
from pyomo.repn import generate_standard_repn
from scipy import sparse

MONOMIALS = {MonomialTermExpression}
ARGUMENTS = attrgetter("args")


@dataclass(frozen=True)
class StandardForm:
    """Rows ``lower <= A x <= upper`` and goals ``c x + offset``, in the order in which they are declared.

    A column is a variable that some row or goal mentions. Constraints without variables are no rows.
    ``numbers``: ``id`` of a variable of the model -> column of each of its ``values()``, -1 for none.
    """

    rows: list[Any]
    columns: list[Any]
    a: sparse.csr_array
    lower: np.ndarray
    upper: np.ndarray
    c: sparse.csr_array
    offset: np.ndarray
    numbers: dict[int, np.ndarray]


class _Variables:
    """All variables of the model in order; none is fixed where ``plain``."""

    def __init__(self, model: Any) -> None:
        self.all: list[Any] = []
        self.first: dict[int, int] = {}
        for some in model.component_objects(pyo.Var):
            self.first[id(some)] = len(self.all)
            self.all.extend(some.values())
        self.plain = not any(map(attrgetter("fixed"), self.all))
        self._places: dict[int, int] = {}

    def split(self, values: np.ndarray) -> dict[int, np.ndarray]:
        """A value per variable, as one array for each variable of the model, by ``id``."""
        starts = list(self.first.values())
        spans = zip(self.first, starts, [*starts[1:], len(values)], strict=False)
        return {one: values[start:end] for one, start, end in spans}

    def place(self, variable: Any) -> int:
        """Number of one variable."""
        if not self._places:
            self._places = {id(one): number for number, one in enumerate(self.all)}
        found = self._places.get(id(variable))
        if found is None:
            raise ValueError("a rule mentions a variable that is not in the model")
        return found


class _Sums:
    """Sums of coefficient times variable, one after the other, as entries of a matrix."""

    def __init__(self, variables: _Variables) -> None:
        self.variables = variables
        self.count = 0
        self.parts = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))]
        self.constants: list[np.ndarray] = []

    def add_arrays(self, parts: Iterable[Any], count: int) -> None:
        """``count`` sums at once."""
        for part in parts:
            self.parts.append((part.row + self.count, part.at + self._first(part.columns), part.factor))
        self.constants.append(np.zeros(count))
        self.count += count

    def _first(self, columns: Any) -> int:
        if id(columns) not in self.variables.first:
            raise ValueError("a rule mentions a variable that is not in the model")
        return self.variables.first[id(columns)]

    def add(self, expressions: list[Any], owners: list[Any]) -> None:
        """Sums one by one."""
        coefficients: list[Any] = []
        columns: list[int] = []
        ends, constants = [0], []
        for expression, owner in zip(expressions, owners, strict=True):
            factors, variables, constant = self._read(expression, owner)
            coefficients.extend(factors)
            columns.extend(map(self.variables.place, variables))
            ends.append(len(columns))
            constants.append(constant)
        if not set(map(type, coefficients)) <= NUMBERS:
            coefficients = list(map(pyo.value, coefficients))
        rows = np.repeat(np.arange(self.count, self.count + len(owners)), np.diff(ends))
        self.parts.append((rows, np.array(columns, dtype=np.int64), np.array(coefficients, dtype=float)))
        self.constants.append(np.array(constants, dtype=float))
        self.count += len(owners)

    def _read(self, expression: Any, owner: Any) -> tuple[Iterable[Any], Iterable[Any], float]:
        linear = self.variables.plain and expression.__class__ is LinearExpression
        if linear and set(map(type, expression.args)) == MONOMIALS:
            return *zip(*map(ARGUMENTS, expression.args), strict=True), 0.0
        form = generate_standard_repn(expression)
        if not form.is_linear():
            raise ValueError(f"{owner.name} is not linear")
        return form.linear_coefs, form.linear_vars, pyo.value(form.constant)

    def mentioned(self, used: np.ndarray) -> None:
        """Mark the variables that stand in some sum."""
        for _, columns, _ in self.parts:
            used[columns] = True

    def matrix(self, place: np.ndarray, count: int) -> sparse.csr_array:
        """(sums, count), every variable of a sum once, what cancels left out; ``place`` numbers the variables."""
        rows, columns, factors = (np.concatenate(parts) for parts in zip(*self.parts, strict=True))
        found = sparse.coo_array((factors, (rows, place[columns])), shape=(self.count, count)).tocsr()
        found.sum_duplicates()
        found.eliminate_zeros()
        return found


def standard_form(model: Any) -> StandardForm:
    """Compile the active constraints and objectives of a linear model.

    Raises
    ------
    ValueError
        A rule is not linear, or holds no variable and cannot hold. The message names it.
    """
    variables = _Variables(model)
    goals, sums = _Sums(variables), _Sums(variables)
    for goal in model.component_data_objects(pyo.Objective, active=True):
        if variables.plain and hasattr(goal, "arrays"):
            goals.add_arrays(goal.arrays(), 1)
        else:
            goals.add([goal.expr], [goal])
    rows, lower, upper = _add_rules(model, sums)
    used = np.zeros(len(variables.all), dtype=bool)
    goals.mentioned(used)
    sums.mentioned(used)
    place, count = np.cumsum(used) - 1, int(used.sum())
    c, a = goals.matrix(place, count), sums.matrix(place, count)
    constants = np.concatenate([*sums.constants, np.zeros(0)])
    low, high = lower - constants, upper - constants
    kept = _with_variables(a, rows, low, high)
    return StandardForm(
        rows=rows if kept.all() else [row for row, keep in zip(rows, kept, strict=True) if keep],
        columns=[variable for variable, keep in zip(variables.all, used.tolist(), strict=True) if keep],
        a=a if kept.all() else a[kept],
        lower=low[kept],
        upper=high[kept],
        c=c,
        offset=np.concatenate([*goals.constants, np.zeros(0)]),
        numbers=variables.split(np.where(used, place, -1)),
    )


def _add_rules(model: Any, sums: _Sums) -> tuple[list[Any], np.ndarray, np.ndarray]:
    """Rows with their lower and upper sides; their sums go to ``sums``."""
    rows: list[Any] = []
    lower, upper = [np.zeros(0)], [np.zeros(0)]
    for rule in model.component_objects(pyo.Constraint, active=True):
        found = rule.arrays() if sums.variables.plain and hasattr(rule, "arrays") else None
        if found is not None:
            some, parts, low, high = found
            sums.add_arrays(parts, len(some))
        else:
            some = [row for row in rule.values() if row.active]
            sides = [row.to_bounded_expression() for row in some]
            sums.add([body for _, body, _ in sides], some)
            low = np.array([_number(side, -np.inf) for side, _, _ in sides], dtype=float)
            high = np.array([_number(side, np.inf) for _, _, side in sides], dtype=float)
        rows += some
        lower.append(low)
        upper.append(high)
    return rows, np.concatenate(lower), np.concatenate(upper)


def _number(bound: Any, absent: float) -> float:
    if bound is None:
        return absent
    return bound if bound.__class__ in NUMBERS else pyo.value(bound)


def _with_variables(a: sparse.csr_array, rows: list[Any], low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """(rows,) whether a row has variables; one without must hold as it is."""
    kept = np.diff(a.indptr) > 0
    for place in np.flatnonzero(~kept):
        if not low[place] <= 0 <= high[place]:
            raise ValueError(f"rule {rows[place].name} has no variable and cannot hold")
    return kept
