"""A linear Pyomo model as arrays.

Pyomo's own compiler walks every expression, as any expression must be walked that can hold products or
functions. Most rules here are sums of coefficient times variable, and those are read off as they stand;
whatever is written in another way goes through Pyomo. A test holds both compilers to the same matrix.
"""

from __future__ import annotations

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
    """

    rows: list[Any]
    columns: list[Any]
    a: sparse.csr_array
    lower: np.ndarray
    upper: np.ndarray
    c: sparse.csr_array
    offset: np.ndarray


class _Sums:
    """Sums of coefficient times variable, one after the other; ``number`` gives variables their numbers."""

    def __init__(self, number: dict[int, int], plain: bool) -> None:
        self.number, self.plain = number, plain
        self.terms: list[tuple[float, Any]] = []
        self.ends = [0]
        self.constants: list[float] = []

    def add(self, expression: Any, owner: Any) -> None:
        if self.plain and expression.__class__ is LinearExpression and set(map(type, expression.args)) == MONOMIALS:
            self.terms.extend(map(ARGUMENTS, expression.args))
            self.constants.append(0.0)
        else:
            form = generate_standard_repn(expression)
            if not form.is_linear():
                raise ValueError(f"{owner.name} is not linear")
            self.terms.extend(zip(form.linear_coefs, form.linear_vars, strict=True))
            self.constants.append(pyo.value(form.constant))
        self.ends.append(len(self.terms))

    def columns(self) -> np.ndarray:
        """Number of the variable of every term."""
        try:
            return np.fromiter(map(self.number.__getitem__, map(id, self._parts()[1])), np.int64)
        except KeyError:
            raise ValueError("a rule mentions a variable that is not in the model") from None

    def matrix(self, columns: np.ndarray, count: int) -> sparse.csr_array:
        """(sums, count), every variable of a sum once, what cancels left out."""
        coefficients = self._parts()[0]
        if not set(map(type, coefficients)) <= NUMBERS:
            coefficients = tuple(map(pyo.value, coefficients))
        values = np.fromiter(coefficients, float, len(coefficients))
        found = sparse.csr_array((values, columns, np.array(self.ends)), shape=(len(self.constants), count))
        found.sum_duplicates()
        found.eliminate_zeros()
        return found

    def _parts(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Coefficients and variables."""
        return tuple(zip(*self.terms, strict=True)) or ((), ())


def standard_form(model: Any) -> StandardForm:
    """Compile the active constraints and objectives of a linear model.

    Raises
    ------
    ValueError
        A rule is not linear, or holds no variable and cannot hold. The message names it.
    """
    variables = [one for some in model.component_objects(pyo.Var) for one in some.values()]
    number = {id(variable): place for place, variable in enumerate(variables)}
    plain = not any(variable.fixed for variable in variables)
    goals, sums = _Sums(number, plain), _Sums(number, plain)
    for goal in model.component_data_objects(pyo.Objective, active=True):
        goals.add(goal.expr, goal)
    rows, lower, upper = [], [], []
    for rule in model.component_objects(pyo.Constraint, active=True):
        for row in rule.values():
            if not row.active:
                continue
            low, body, high = row.to_bounded_expression()
            rows.append(row)
            lower.append(_number(low, -np.inf))
            upper.append(_number(high, np.inf))
            sums.add(body, row)
    mentioned = goals.columns(), sums.columns()
    used = np.zeros(len(variables), dtype=bool)
    used[np.concatenate(mentioned)] = True
    place = np.cumsum(used) - 1
    count = int(used.sum())
    c, a = goals.matrix(place[mentioned[0]], count), sums.matrix(place[mentioned[1]], count)
    constants = np.array(sums.constants, dtype=float)
    low, high = np.array(lower, dtype=float) - constants, np.array(upper, dtype=float) - constants
    kept = _with_variables(a, rows, low, high)
    return StandardForm(
        rows=rows if kept.all() else [row for row, keep in zip(rows, kept, strict=True) if keep],
        columns=[variable for variable, keep in zip(variables, used, strict=True) if keep],
        a=a if kept.all() else a[kept],
        lower=low[kept],
        upper=high[kept],
        c=c,
        offset=np.array(goals.constants, dtype=float),
    )


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
