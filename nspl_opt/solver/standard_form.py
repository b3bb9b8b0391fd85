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
    """Sums of coefficient times variable, one after the other; variables are known by their ``id``."""

    def __init__(self, plain: bool) -> None:
        self.plain = plain
        self.coefficients: list[Any] = []
        self.variables: list[int] = []
        self.ends = [0]
        self.constants: list[float] = []

    def add(self, expression: Any, owner: Any) -> None:
        if self.plain and expression.__class__ is LinearExpression and set(map(type, expression.args)) == MONOMIALS:
            coefficients, variables = zip(*map(ARGUMENTS, expression.args), strict=True)
            constant = 0.0
        else:
            form = generate_standard_repn(expression)
            if not form.is_linear():
                raise ValueError(f"{owner.name} is not linear")
            coefficients, variables, constant = form.linear_coefs, form.linear_vars, pyo.value(form.constant)
        self.coefficients.extend(coefficients)
        self.variables.extend(map(id, variables))
        self.ends.append(len(self.variables))
        self.constants.append(constant)

    def columns(self, known: np.ndarray) -> np.ndarray:
        """Number of the variable of every term: its place in ``known``."""
        asked = np.array(self.variables, dtype=np.int64)
        order = np.argsort(known)
        places = np.searchsorted(known, asked, sorter=order)
        found = np.append(order, -1)[places]
        if not (np.append(known, 0)[found] == asked).all():
            raise ValueError("a rule mentions a variable that is not in the model")
        return found

    def matrix(self, columns: np.ndarray, count: int) -> sparse.csr_array:
        """(sums, count), every variable of a sum once, what cancels left out."""
        coefficients = self.coefficients
        if not set(map(type, coefficients)) <= NUMBERS:
            coefficients = list(map(pyo.value, coefficients))
        found = sparse.csr_array(
            (np.array(coefficients, dtype=float), columns, np.array(self.ends)), shape=(len(self.constants), count)
        )
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
    variables = [one for some in model.component_objects(pyo.Var) for one in some.values()]
    known = np.fromiter(map(id, variables), np.int64, len(variables))
    plain = not any(variable.fixed for variable in variables)
    goals, sums = _Sums(plain), _Sums(plain)
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
    mentioned = goals.columns(known), sums.columns(known)
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
