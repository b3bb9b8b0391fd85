"""What-ifs as changes of a compiled matrix: the rules are asked again, nothing is built anew.

The numbers of a living instance are changed in place, the rules that read them are asked what they
say now (``m.writers``), the answers are compared with the matrix, and the numbers are put back. So
the mathematics is written once: in the rules.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from scipy import sparse

from nspl_opt.formulation.arrays import Entries
from nspl_opt.formulation.family import Writer
from nspl_opt.instance.derive import amounts_of
from nspl_opt.instance.instance import Instance
from nspl_opt.scenario.situation import Situation
from nspl_opt.scenario.what_if import Amounts

LEAST = 1e-12
"""Differences below are noise of the same arithmetic."""
SITUATION = ("beds", "surge_beds", "staff", "arrivals_micro", "pool_quantity")
INSTANCE = ("arrivals", "free_beds", "planned_beds", "pool_hours")

Key = tuple[Any, ...]


def writable(situation: Situation) -> Situation:
    """The same situation with arrays of its own that may be changed in place."""
    return dataclasses.replace(situation, **{name: getattr(situation, name).copy() for name in SITUATION})


@dataclass(frozen=True)
class Touched:
    """Where numbers differ: sets of indices as in the arrays."""

    beds: tuple[tuple[int, int, int], ...]
    staff: tuple[tuple[int, int, int], ...]
    arrivals: tuple[tuple[int, int, int], ...]
    pools: tuple[tuple[int, int], ...]

    def __bool__(self) -> bool:
        return bool(self.beds or self.staff or self.arrivals or self.pools)


class NotInTheModel(ValueError):
    """A what-if that needs rows or columns which the model does not have. Says which rule or variable."""


class Changes:
    """Writes changed amounts down as changes of the matrix that ``rows`` and ``columns`` name.

    ``a`` is the matrix by rows, ``row_upper`` and ``col_upper`` its bounds; ``m`` was built from
    ``inst``, whose arrays are ``writable``. Not to be shared between threads.
    """

    def __init__(self, m: pyo.ConcreteModel, inst: Instance, rows: Sequence, columns: Sequence, matrix: Any) -> None:
        self.m, self.inst, self.matrix = m, inst, matrix
        self.row_of = {id(row): number for number, row in enumerate(rows)}
        self.column_of = {id(column): number for number, column in enumerate(columns)}
        self._numbers: dict[str, dict[Key, int]] = {}
        self._rows: dict[str, np.ndarray] = {}
        self._places: dict[int, np.ndarray] = {}

    def arrays(self, amounts: Amounts, closed: Iterable[int] = (), every: bool = False) -> dict[str, np.ndarray]:
        """The arrays of ``solver.change.MatrixChange`` by name, sorted by row and column.

        ``closed`` columns get the upper bound 0. ``every`` asks all rules about all keys, for tests.

        Raises
        ------
        NotInTheModel
            Something was nothing in the base, so that the model has no row or column for it.
        """
        upper = dict.fromkeys(closed, 0.0)
        rows: dict[int, tuple[float, float]] = {}
        entries: dict[tuple[int, int], float] = {}
        with self._changed(amounts) as touched:
            if touched or every:
                for name, writer in self.m.writers.items():
                    if keys := list(self._keys(name, writer, touched, every)):
                        self._compare(name, writer, keys, rows, entries)
                self._limit(touched, upper)
                self._refuse_new_care(touched)
        return _sorted_arrays(rows, upper, self.matrix, entries)

    @contextmanager
    def _changed(self, amounts: Amounts) -> Iterator[Touched]:
        inst, case = self.inst, self.inst.situation
        new = {name: getattr(amounts, name) for name in SITUATION}
        new |= amounts_of(
            amounts.beds, amounts.surge_beds, amounts.planned_beds, amounts.arrivals_micro, amounts.pool_quantity,
            inst.hours,
        )  # fmt: skip
        homes = {name: case if name in SITUATION else inst for name in new}
        old = {name: getattr(home, name).copy() for name, home in homes.items()}
        differ = {name: new[name] != old[name] for name in new}
        beds = differ["free_beds"] | differ["planned_beds"] | differ["beds"]
        found = Touched(*(_cells(where) for where in (beds, differ["staff"], differ["arrivals"], differ["pool_hours"])))
        try:
            for name, home in homes.items():
                getattr(home, name)[...] = new[name]
            yield found
        finally:
            for name, home in homes.items():
                getattr(home, name)[...] = old[name]

    def _keys(self, name: str, writer: Writer, touched: Touched, every: bool) -> Iterable[Key]:
        if every or name not in READERS:
            return writer.component.keys() if every or touched else ()
        return [key for key in sorted(set(READERS[name](self, touched))) if key in writer.component]

    def _compare(self, name: str, writer: Writer, keys: list[Key], rows: dict, entries: dict) -> None:
        """What the rows of these keys say now against the matrix. A row without a right side says nothing."""
        place = self._row_numbers(name, writer)
        mine = np.array([place[key] for key in keys], dtype=np.int64)
        numbers = self._matrix_rows(name, writer)[mine]
        if len(lost := np.flatnonzero(numbers < 0)):
            raise NotInTheModel(f"{name}{list(keys[lost[0]])}")
        said, lower, upper = writer.said()
        lower, upper = lower[mine], upper[mine]
        for n in np.flatnonzero(np.abs(upper - self.matrix.row_upper[numbers]) > LEAST):
            rows[int(numbers[n])] = (lower[n], upper[n])
        says = np.isfinite(upper)
        now = self._now(name, said, mine, says, keys)
        differs = (now - self.matrix.a[numbers]).tocoo()
        some = np.flatnonzero((np.abs(differs.data) > LEAST) & says[differs.row])
        at, columns = differs.row[some], differs.col[some]
        values = np.asarray(now[at, columns]).ravel().tolist() if len(some) else []
        entries |= dict(zip(zip(numbers[at].tolist(), columns.tolist(), strict=True), values, strict=True))

    def _now(
        self, name: str, said: Sequence[Entries], mine: np.ndarray, says: np.ndarray, keys: list[Key]
    ) -> sparse.csr_array:
        """(keys, columns) what the rows ``mine`` of a rule say, of those that say anything."""
        width = self.matrix.a.shape[1]
        count = max([int(mine.max()), *(int(one.row.max(initial=0)) for one in said)]) + 1
        asked = np.full(count, -1, dtype=np.int64)
        asked[mine[says]] = np.flatnonzero(says)
        parts = []
        for one in said:
            row = asked[one.row]
            here = np.flatnonzero(row >= 0)
            row, column = row[here], self._columns(one.columns)[one.at[here]]
            if len(lost := np.flatnonzero(column < 0)):
                variable = list(one.columns.values())[one.at[here[lost[0]]]]
                raise NotInTheModel(f"{name}{list(keys[row[lost[0]]])}: {variable.name}")
            parts.append((one.factor[here], row, column))
        factors, at, columns = (np.concatenate(some) for some in zip(*parts, strict=True))
        return sparse.coo_array((factors, (at, columns)), shape=(len(keys), width)).tocsr()

    def _row_numbers(self, name: str, writer: Writer) -> dict[Key, int]:
        """Key -> number of its row among those of the rule."""
        if name not in self._numbers:
            self._numbers[name] = {key: number for number, key in enumerate(writer.component.keys())}
        return self._numbers[name]

    def _matrix_rows(self, name: str, writer: Writer) -> np.ndarray:
        """(row of the rule,) its row of the matrix, -1 for none."""
        if name not in self._rows:
            rows = map(id, writer.component.values())
            self._rows[name] = np.array([self.row_of.get(one, -1) for one in rows], dtype=np.int64)
        return self._rows[name]

    def _columns(self, variable: Any) -> np.ndarray:
        """(number among the values,) column of each of the variables, -1 for none."""
        if id(variable) not in self._places:
            columns = map(id, variable.values())
            self._places[id(variable)] = np.array([self.column_of.get(one, -1) for one in columns], dtype=np.int64)
        return self._places[id(variable)]

    def _limit(self, touched: Touched, upper: dict[int, float]) -> None:
        """Bounds of columns that come from what was touched, such as how many a region may lend."""
        for tag, variable, limits in self.m.limits:
            if not getattr(touched, tag):
                continue
            columns = np.where(self._meant(tag, variable, touched), self._columns(variable), -1)
            for column, limit in zip(columns.tolist(), limits().tolist(), strict=True):
                if column >= 0 and limit != self.matrix.col_upper[column]:
                    upper[column] = min(limit, upper.get(column, limit))

    def _meant(self, tag: str, variable: Any, touched: Touched) -> Any:
        """Which of the variables: where people differ, those of the profession and region (their first axes)."""
        if tag != "staff":
            return True
        there = {(c, int(self.inst.site_region[i])) for c, i, _ in touched.staff}
        c, r = variable.axes[:2]
        return np.array([pair in there for pair in zip(c.tolist(), r.tolist(), strict=True)], dtype=bool)

    def _refuse_new_care(self, touched: Touched) -> None:
        """Beds where there were none in the base have no columns of care, and none of care in beds of another type."""
        lent = self.m.component("bed_substitution")
        for b, i, t in touched.beds:
            if self.inst.free_beds[b, i, t] + self.inst.planned_beds[b, i, t] > 0:
                for k in np.flatnonzero(self.inst.bed_of == b):
                    if self.inst.can_care[k, i] and (self.m.standards[0], int(k), i, t) not in self.m.cared:
                        raise NotInTheModel(f"cared[{k},{i},{t}]")
                if lent is not None and (b, i) in lent.giving and (lent.giving[b, i], i, t) not in lent.other:
                    raise NotInTheModel(f"other[{lent.giving[b, i]},{i},{t}]")


def _cells(where: np.ndarray) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(n) for n in cell) for cell in np.argwhere(where))


def _sorted_arrays(rows: dict, upper: Mapping[int, float], matrix: Any, entries: dict) -> dict[str, np.ndarray]:
    changed = sorted(column for column, limit in upper.items() if limit != matrix.col_upper[column])
    at, cells = sorted(rows), sorted(entries)
    return {
        "rows": np.array(at, dtype=np.int64),
        "row_lower": np.array([rows[row][0] for row in at]),
        "row_upper": np.array([rows[row][1] for row in at]),
        "columns": np.array(changed, dtype=np.int64),
        "col_lower": np.array([matrix.col_lower[column] for column in changed]),
        "col_upper": np.array([upper[column] for column in changed]),
        "entry_rows": np.array([row for row, _ in cells], dtype=np.int64),
        "entry_columns": np.array([column for _, column in cells], dtype=np.int64),
        "entry_values": np.array([entries[cell] for cell in cells]),
    }


def _at_day(changes: Changes, touched: Touched) -> list[Key]:
    return sorted({(p, int(changes.inst.block[t])) for p, t in touched.pools})


def _nobody(changes: Changes, touched: Touched) -> list[Key]:
    return []


def _floors(changes: Changes, touched: Touched, rule: str = "floor", members: str = "members") -> list[Key]:
    """Areas in which beds differ; where patients come otherwise, all, for later periods feel it too."""
    if touched.arrivals:
        return list(changes.m.writers[f"reserve.{rule}"].component)
    areas = getattr(changes.m.reserve, members)
    return [(a, b, t) for b, i, t in touched.beds for a, sites in enumerate(areas) if i in sites]


def _intakes(changes: Changes, touched: Touched) -> list[Key]:
    """Shares of staffed beds that differ; what the scenario states reads nothing."""
    first, sites = changes.m.reception.stated, len(changes.inst.site_region)
    return [(first + b * sites + i, int(changes.inst.block[t])) for b, i, t in touched.beds]


def _at_region(changes: Changes, cells: Iterable[tuple[int, int, int]]) -> list[Key]:
    return [(c, int(changes.inst.site_region[i]), t) for c, i, t in cells]


READERS: dict[str, Callable[[Changes, Touched], list[Key]]] = {
    "core.balance": lambda _, touched: list(touched.arrivals),
    "core.movable": lambda _, touched: list(touched.arrivals),
    "core.cared": _nobody,
    "discharge_ready.waits": _nobody,
    "discharge_ready.places": _nobody,
    "discharge_ready.housed": _nobody,
    "eligibility.who": lambda _, touched: list(touched.arrivals),
    "bed_substitution.share": lambda _, touched: list(touched.beds),
    "bed_substitution.needed": _nobody,
    "beds.capacity": lambda _, touched: list(touched.beds),
    "staff.region": lambda changes, touched: _at_region(changes, touched.staff),
    "staff.site": lambda changes, touched: [
        (c, int(changes.inst.site_region[i]), i, t) for c, i, t in touched.staff
    ],
    "staff_loans.share": lambda changes, touched: [
        (c, r, int(changes.inst.block[t])) for c, r, t in _at_region(changes, touched.staff)
    ],
    "staff_loans.shortest_stay": _nobody,
    "staff_loans.longest_stay": _nobody,
    "staff_loans.returns": _nobody,
    "transports.load": _nobody,
    "transports.vehicles": lambda _, touched: list(touched.pools),
    "transports.duty": _at_day,
    "transports.departures": _nobody,
    "reserve.floor": _floors,
    "reserve.region_floor": lambda changes, touched: _floors(changes, touched, "region_floor", "region_members"),
    "reserve.hosted": _nobody,
    "reserve.helper": lambda changes, touched: _floors(changes, touched, "helper", "region_members"),
    **dict.fromkeys((f"offers.{rule}" for rule in ("kept", "no_more", "kept_staff", "no_more_staff", "limit",
                     "limit_staff")), _nobody),
    **dict.fromkeys((f"batching.{rule}" for rule in ("smallest", "few", "gap", "pair", "site_day", "day", "in_all")),
                    _nobody),
    **dict.fromkeys(("stability.line", "stability.most_new"), _nobody),
    **dict.fromkeys((f"equipment.{rule}" for rule in ("stock", "enough", "floor", "locked", "national")), _nobody),
    **dict.fromkeys((f"supplies.{rule}" for rule in ("stock", "locked", "national")), _nobody),
    **dict.fromkeys((f"surge.{rule}" for rule in ("course", "longest_time", "teardown_time", "stays")), _nobody),
    "reception.intake": _intakes,
    "worst_region.overload_of": lambda changes, touched: [
        (int(changes.inst.site_region[i]), t)
        for _, i, start in touched.beds if start == 0 for t in range(len(changes.inst.hours))
    ],
}  # fmt: skip
"""Rule -> the keys of it that read what was touched. A rule not listed is asked about all of its keys:
right, only slower. A test asks all of them and compares."""
