"""Variables, rules and goals that Pyomo sees as its own, and that are kept as arrays until somebody looks.

A model has a million terms. As objects they take seconds; as arrays they are a matrix at once. So a rule is
written as arrays (``family.rule``), its rows are Pyomo constraints whose expressions are made when they are
first read, and a compiler that knows how asks for the arrays (``Rows.arrays``, ``Aim.arrays``). A row that
anybody has read or changed is an ordinary Pyomo constraint from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from weakref import ref

import numpy as np
import pyomo.environ as pyo
from pyomo.core.base.constraint import ConstraintData, IndexedConstraint
from pyomo.core.base.objective import ScalarObjective
from pyomo.core.base.var import IndexedVar, VarData
from pyomo.core.expr.numeric_expr import LinearExpression

NO_KEYS = np.zeros(0, dtype=np.int64)


class Index:
    """Keys as one array per axis, and the number of a key: ``axes`` hold whole numbers from 0."""

    def __init__(self, *axes: Any) -> None:
        self.axes = tuple(np.asarray(axis, dtype=np.int64) for axis in axes)
        self.count = len(self.axes[0])
        self._table: np.ndarray | None = None

    def places(self, *key: Any) -> np.ndarray:
        """Number of each key, -1 where there is none."""
        if self._table is None:
            self._table = np.full([int(axis.max(initial=-1)) + 1 for axis in self.axes], -1, dtype=np.int64)
            self._table[self.axes] = np.arange(self.count)
        key = np.broadcast_arrays(*key)
        sizes = self._table.shape
        inside = np.logical_and.reduce([(part >= 0) & (part < size) for part, size in zip(key, sizes, strict=True)])
        if inside.all():
            return self._table[tuple(key)]
        found = np.full(inside.shape, -1, dtype=np.int64)
        found[inside] = self._table[tuple(part[inside] for part in key)]
        return found

    def named(self) -> list[Any]:
        """The keys as Pyomo has them: tuples, or numbers where there is one axis."""
        lists = [axis.tolist() for axis in self.axes]
        return lists[0] if len(lists) == 1 else list(zip(*lists, strict=True))


class Columns(IndexedVar):
    """Variables from 0 to ``upper`` (infinite: no limit), ``whole`` or not: one number for all or one each.

    ``index`` are their keys as arrays, in the order of the variables; ``period`` is the first period in
    which each acts: its own, that of departure, the first of its staff block. ``lazy`` columns stay at nothing,
    almost all of them, in any plan; ``roundable`` whole ones may be rounded up one by one, without breaking what
    binds them together; a ``switch`` only opens or shuts other columns.
    """

    def __init__(
        self,
        index: Index,
        period: Any,
        upper: Any = np.inf,
        whole: Any = False,
        *,
        lazy: bool = False,
        roundable: bool = False,
        switch: bool = False,
    ) -> None:
        super().__init__(pyo.Any, dense=False, domain=pyo.NonNegativeReals)
        self.index = index
        self.period = np.broadcast_to(np.asarray(period, dtype=np.int64), index.count)
        self._limits = np.broadcast_to(np.asarray(upper, dtype=float), index.count)
        self.whole = np.broadcast_to(whole, index.count)
        self.lazy, self.roundable, self.switch = lazy, roundable, switch

    @property
    def axes(self) -> tuple[np.ndarray, ...]:
        """The keys, one array per axis."""
        return self.index.axes

    def values(self, *args: Any, **kwds: Any) -> Any:
        """As Pyomo's, but at once where no order is asked for."""
        return super().values(*args, **kwds) if args or kwds else self._data.values()

    def construct(self, data: Any = None) -> None:
        """Make the variables: as Pyomo makes them, but each a copy of a pattern."""
        if self._constructed:
            return
        super().construct(data)
        patterns = [VarData(self) for _ in range(2)]
        for pattern, domain in zip(patterns, (pyo.NonNegativeReals, pyo.NonNegativeIntegers), strict=True):
            pattern.domain = domain
        made = self._data
        for key, whole in zip(self.index.named(), self.whole.tolist(), strict=True):
            made[key] = one = VarData.copy(patterns[whole])
            one._index = key
        some = np.flatnonzero(np.isfinite(self._limits))
        if len(some):
            variables = list(made.values())
            for number, limit in zip(some.tolist(), self._limits[some].tolist(), strict=True):
                variables[number].upper = limit

    def _getitem_when_not_present(self, index: Any) -> Any:
        raise KeyError(f"{self.name} has no {index}")


@dataclass(frozen=True, slots=True)
class Entries:
    """Terms of several sums: in sum ``row[n]`` the variable number ``at[n]`` of ``columns`` times ``factor[n]``."""

    columns: Any
    row: np.ndarray
    at: np.ndarray
    factor: np.ndarray


class Row(ConstraintData):
    """A row that has not been read: ``_expr`` is its number. Whoever reads or changes it makes it ordinary."""

    __slots__ = ()

    @property
    def expr(self) -> Any:
        self._write()
        return self._expr

    def to_bounded_expression(self, evaluate_bounds: bool = False) -> Any:
        self._write()
        return self.to_bounded_expression(evaluate_bounds)

    def set_value(self, expr: Any) -> None:
        self.__class__ = ConstraintData
        self.set_value(expr)

    def _write(self) -> None:
        self.set_value(self.parent_component().written(self._expr))


class Rows(IndexedConstraint):
    """Rows ``lower <= sum <= upper`` given as ``entries``; ``keys`` name them. A lower side is the upper or none."""

    def __init__(
        self, keys: Sequence[Any], entries: Sequence[Entries], lower: np.ndarray, upper: np.ndarray, doc: str
    ) -> None:
        super().__init__(pyo.Any, doc=doc)
        self.entries, self.row_lower, self.row_upper = tuple(entries), lower, upper
        self._row_keys, self._sums = keys, None

    def construct(self, data: Any = None) -> None:
        """Make the rows, unread."""
        if self._constructed:
            return
        super().construct(data)
        made, here = self._data, ref(self)
        for number, key in enumerate(self._row_keys):
            made[key] = row = Row.__new__(Row)
            row._component, row._index, row._active, row._expr = here, key, True, number
        del self._row_keys

    def values(self, *args: Any, **kwds: Any) -> Any:
        """As Pyomo's, but at once where no order is asked for."""
        return super().values(*args, **kwds) if args or kwds else self._data.values()

    def arrays(self) -> tuple[list[Any], tuple[Entries, ...], np.ndarray, np.ndarray] | None:
        """Rows, terms, lower and upper sides; None when a row has been read, changed, switched off or lost."""
        rows = list(self._data.values())
        untouched = len(rows) == len(self.row_upper) and set(map(type, rows)) <= {Row}
        if not untouched or not all(map(attrgetter("_active"), rows)):
            return None
        return rows, self.entries, self.row_lower, self.row_upper

    def written(self, number: int) -> tuple[Any, LinearExpression, float]:
        """A row as Pyomo takes it."""
        self._sums = self._sums or _Sums(self.entries, len(self.row_upper))
        lower, upper = float(self.row_lower[number]), float(self.row_upper[number])
        return lower if np.isfinite(lower) else None, self._sums.expression(number), upper


class Aim(ScalarObjective):
    """A goal to be minimised whose sum has not been read. Its entries have row 0."""

    def __init__(self, entries: Sequence[Entries]) -> None:
        super().__init__(sense=pyo.minimize)
        self.entries = tuple(entries)

    def construct(self, data: Any = None) -> None:
        """An objective without a rule has no value; this one has."""
        if not self._constructed:
            super().construct(data)
            self.set_sense(pyo.minimize)

    @property
    def args(self) -> tuple[Any, ...]:
        self.set_value(_Sums(self.entries, 1).expression(0))
        return self._args_

    def set_value(self, expr: Any) -> None:
        self.__class__ = ScalarObjective
        self.set_value(expr)

    def arrays(self) -> tuple[Entries, ...]:
        """The terms. Only a goal that has not been read or changed has this method."""
        return self.entries


class _Sums:
    """The terms of some sums by sum, for expressions."""

    def __init__(self, entries: Sequence[Entries], count: int) -> None:
        self.variables = [list(one.columns.values()) for one in entries]
        rows, at, factors = (
            np.concatenate([getattr(one, part) for one in entries] or [NO_KEYS]) for part in ("row", "at", "factor")
        )
        sources = np.repeat(np.arange(len(entries)), [len(one.row) for one in entries])
        order = np.argsort(rows, kind="stable")
        self.ends = np.searchsorted(rows[order], np.arange(count + 1))
        self.sources, self.at, self.factors = sources[order], at[order], factors[order]

    def expression(self, number: int) -> LinearExpression:
        """The sum as Pyomo writes it."""
        span = slice(self.ends[number], self.ends[number + 1])
        places = zip(self.sources[span].tolist(), self.at[span].tolist(), strict=True)
        return LinearExpression(
            linear_coefs=self.factors[span].tolist(), linear_vars=[self.variables[s][n] for s, n in places]
        )


def distinct(*axes: np.ndarray) -> Index:
    """The keys that occur, each once, sorted."""
    table = np.zeros([int(axis.max(initial=-1)) + 1 for axis in axes], dtype=bool)
    table[axes] = True
    return Index(*np.nonzero(table))


def grid(*sizes: int | Sequence[int]) -> Index:
    """Every combination of the numbers (or of all below a number) of each axis, the last axis fastest."""
    axes = [np.arange(size) if isinstance(size, int) else np.asarray(size, dtype=np.int64) for size in sizes]
    return Index(*(axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")))


def terms_of(entries: Sequence[Entries]) -> list[tuple[float, Any]]:
    """(factor, variable) of every entry, in order."""
    found: list[tuple[float, Any]] = []
    for one in entries:
        variables = list(one.columns.values())
        found += zip(one.factor.tolist(), map(variables.__getitem__, one.at.tolist()), strict=True)
    return found
