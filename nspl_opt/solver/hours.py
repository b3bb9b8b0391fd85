r"""Cuts from hours rows: which whole trips fit into a pool's hours.

For whole trips :math:`y_u \ge 0` of lengths :math:`h_u` and hours :math:`H`, every function
:math:`f` that is superadditive and never falls gives the valid inequality
:math:`\sum f(h_u) y_u \le f(H)`. The strongest for a given point is found by a small linear
programme over the worths of the lengths in use, its patterns found by dynamic programming
(Boyd 1993); the worth of a longer time is the best that fits into it, which extends the cut to
every trip of the pool.
"""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs

PER_HOUR = 60
"""Lengths are counted in whole minutes, rounded down: that keeps the cuts valid."""
LONGEST = 9_000
"""Minutes of a pool above which rounding hardly matters and the search for patterns is slow."""
LEAST_VIOLATION = 1e-3
MOST_ROUNDS = 60
USED = 1e-7
LEAST_USE = 0.3
"""A pool with less of its hours in use has nothing to round."""


def hours_cuts(parts: dict[str, np.ndarray], point: np.ndarray) -> tuple[sparse.csr_array, np.ndarray]:
    """Rows ``... <= upper`` over all columns that cut the point off and no whole plan."""
    columns = len(point)
    uses = sparse.csr_array(
        (parts["use_data"], parts["use_indices"], parts["use_indptr"]), shape=(len(parts["use_hours"]), columns)
    )
    made = uses @ point
    minutes = np.floor(parts["use_hours"] * PER_HOUR + 1e-6).astype(int)
    group, limits = parts["use_group"], np.floor(parts["hours_limit"] * PER_HOUR + 1e-6).astype(int)
    busy = np.bincount(group, minutes * made, len(limits))
    rows, upper = [], []
    for g in np.flatnonzero((busy > LEAST_USE * limits) & (limits <= LONGEST) & (limits > 0)):
        members = np.flatnonzero(group == g)
        found = _cut(minutes[members], made[members], int(limits[g]))
        if found is not None:
            worth, most = found
            rows.append(sparse.csr_array(worth[None, :]) @ uses[members])
            upper.append(most)
    if not rows:
        return sparse.csr_array((0, columns)), np.zeros(0)
    return sparse.vstack(rows).tocsr(), np.array(upper)


def _cut(minutes: np.ndarray, made: np.ndarray, limit: int) -> tuple[np.ndarray, float] | None:
    """Worth of every trip and their most, or None when the trips could be whole as far as their hours go."""
    lengths, kind = np.unique(minutes, return_inverse=True)
    amounts = np.bincount(kind, made, len(lengths))
    used = np.flatnonzero((amounts > USED) & (lengths > 0))
    if not len(used) or lengths[used].max() > limit:
        return None
    worths = _separate(amounts[used], lengths[used], limit)
    if worths is None:
        return None
    best = _fill(worths, lengths[used], limit)[0]
    worth_of = np.where(lengths <= limit, best[np.minimum(lengths, limit)], best[limit])
    return worth_of[kind], float(best[limit])


def _separate(amounts: np.ndarray, lengths: np.ndarray, limit: int) -> np.ndarray | None:
    """Worths at which no pattern is worth more than 1 and the amounts are worth the most, if that is above 1."""
    highs = hs.new_solver({})
    for length, amount in zip(lengths, amounts, strict=True):
        hs.must(highs.addVar(0.0, 1.0 / (limit // length)), "worth")
        hs.must(highs.changeColCost(highs.getNumCol() - 1, -float(amount)), "amount")
    for _ in range(MOST_ROUNDS):
        highs.run()
        worths = np.array(highs.getSolution().col_value)
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal or worths @ amounts <= 1 + LEAST_VIOLATION:
            return None
        best, pattern = _fill(worths, lengths, limit)
        if best[limit] <= 1 + 1e-7:
            return worths
        index = np.flatnonzero(pattern).astype(np.int32)
        hs.must(highs.addRow(-np.inf, 1.0, len(index), index, pattern[index].astype(float)), "pattern")
    return worths


def _fill(worths: np.ndarray, lengths: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
    """(limit + 1,) the most that fits into so many minutes, and how often each length is in the best for ``limit``."""
    best, last = np.zeros(limit + 1), np.full(limit + 1, -1)
    for n in np.argsort(lengths, kind="stable"):
        # Each length may be used again and again: within one residue the gain of one more is a running sum.
        length, worth = int(lengths[n]), float(worths[n])
        turns = -(-(limit + 1) // length)
        level = np.full(turns * length, -np.inf)
        level[: limit + 1] = best
        gain = worth * np.arange(turns)[:, None]
        level = level.reshape(turns, length) - gain
        top = np.maximum.accumulate(level, axis=0)
        better = (top > level + 1e-12).ravel()[: limit + 1]
        best = np.where(better, (top + gain).ravel()[: limit + 1], best)
        last[better] = n
    return np.maximum.accumulate(best), _pattern(best, last, lengths, limit)


def _pattern(best: np.ndarray, last: np.ndarray, lengths: np.ndarray, limit: int) -> np.ndarray:
    """How often each length stands in the best filling."""
    counts = np.zeros(len(lengths), dtype=int)
    left = int(np.argmax(best[: limit + 1]))
    while last[left] >= 0:
        counts[last[left]] += 1
        left -= int(lengths[last[left]])
    return counts
