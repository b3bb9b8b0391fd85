"""Columns that open others: which of them a plan opens, judged from a relaxation.

A relaxation opens a switch by a little, as much as passes through it. Rounding such columns one by one breaks what
binds them together, and leaving them shut stops all that they open. So they are opened one after another, the widest
open first, as far as the rows let them be.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

Parts = dict[str, np.ndarray]
OPEN = 1e-6
"""A switch that a relaxation opens by no more is shut."""
LACKING = 0.5
"""Part of what an open switch calls for that the relaxation may lack of it."""
KEPT = 1e-6
DIGITS = 9
"""Digits by which relaxations on two machines agree: ties beyond go by number."""


def opened(parts: Parts, point: np.ndarray, held: np.ndarray | None = None, lacking: float = LACKING) -> np.ndarray:
    """(columns,) bool: the switches to open, of those that the relaxation ``point`` opens at all.

    The widest open first, each where the rows that are settled then still hold: rows of switches alone or, with
    ``held`` (whole columns as they would stand beside them), rows of whole columns alone. A switch that calls for
    what the point lacks more than half of stays shut: so does a group of three for which there is one.
    """
    switch = parts["switch"].astype(bool)
    found = np.zeros(len(switch), dtype=bool)
    wanted = np.flatnonzero(switch & (point > OPEN) & (parts["col_upper"] > 0.5))
    if not len(wanted):
        return found
    rows = sparse.csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"]))
    settled = switch if held is None else parts["whole"].astype(bool)
    exact = np.asarray(abs(rows) @ (~settled).astype(float) == 0)
    base = np.where(switch, 0.0, point if held is None else held)
    sums, there = rows @ base, rows @ point
    columns = rows.tocsc()
    for number in wanted[np.lexsort((wanted, -np.round(point[wanted], DIGITS)))].tolist():
        span = slice(columns.indptr[number], columns.indptr[number + 1])
        at, factors = columns.indices[span], columns.data[span]
        now = np.where(exact[at], sums[at] + factors, there[at] + factors * (1.0 - point[number]))
        room = np.where(exact[at], KEPT, lacking * np.abs(factors) + KEPT)
        if ((now <= parts["row_upper"][at] + room) & (now >= parts["row_lower"][at] - room)).all():
            found[number] = True
            sums[at] += factors
    return found


def set_switches(parts: Parts, point: np.ndarray, held: np.ndarray) -> np.ndarray:
    """``held`` with its switches as ``opened`` says: whole columns worth polishing."""
    return np.where(parts["switch"].astype(bool), opened(parts, point, held), held)


def settle_switches(
    parts: Parts,
    point: np.ndarray,
    bind: Callable[[np.ndarray, np.ndarray, np.ndarray], None],
    solve: Callable[[], np.ndarray | None],
) -> np.ndarray | None:
    """The relaxation with every switch open or shut, in two turns; None when one of them has no solution in time.

    First what is hardly open is shut, and what passed there finds other ways; then what is open stays so, where all
    that it calls for is there. ``bind`` sets bounds of columns (numbers, least, most) and ``solve`` gives the optimum
    within them. The bounds stay as they were set: whoever calls takes them back.
    """
    numbers = np.flatnonzero(parts["switch"])
    for lacking, stands in ((LACKING, False), (0.0, True)):
        on = opened(parts, point, None, lacking)[numbers].astype(float)
        least = on if stands else np.zeros(len(on))
        bind(numbers, np.maximum(least, parts["col_lower"][numbers]), np.minimum(on, parts["col_upper"][numbers]))
        found = solve()
        if found is None:
            return None
        point = found
    return point
