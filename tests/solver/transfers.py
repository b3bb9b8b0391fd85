"""Random small transfer problems, and a referee that solves them by another road (scipy's own HiGHS)."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from nspl_opt.solver.matrix import Matrix

from .small import matrix


def transfers(seed: int, *, whole_trips: bool, whole_moves: bool = False, agreed: bool = False) -> Matrix:
    """Sites that overflow send patients to sites with beds: a trip carries a few, the fleet has few hours.

    Columns: unmet per site; moves and trips per ordered pair of sites, both lazy. ``moves <= load * trips``
    is a row ``... <= 0`` without a column that is there from the start. Goals: unmet care, hours, moves.
    With ``agreed`` some moves are agreed already: one patient and one trip at least,
    and these columns are there from the start.
    """
    rng = np.random.default_rng(seed)
    sites = rng.integers(2, 5)
    arcs = [(i, j) for i in range(sites) for j in range(sites) if i != j]
    over = rng.integers(-6, 8, sites).astype(float)
    over[0] = abs(over[0]) + 1
    minutes, load = rng.integers(1, 9, len(arcs)), rng.integers(1, 4, len(arcs))
    columns = sites + 2 * len(arcs)
    must = (rng.random(len(arcs)) < 0.3) & agreed
    rows, lower, upper = [], [], []

    def row(entries, low, high):
        line = np.zeros(columns)
        for column, value in entries:
            line[column] += value
        rows.append(line), lower.append(low), upper.append(high)

    for s in range(sites):
        out = [(sites + k, 1) for k, (i, _) in enumerate(arcs) if i == s]
        come = [(sites + k, -1) for k, (_, j) in enumerate(arcs) if j == s]
        row([(s, 1), *out, *come], over[s], np.inf)
    for k in range(len(arcs)):
        row([(sites + k, 1), (sites + len(arcs) + k, -load[k])], -np.inf, 0)
    row(
        [(sites + len(arcs) + k, minutes[k]) for k in range(len(arcs))],
        -np.inf,
        rng.integers(3, 25) + minutes[must].sum(),
    )
    wanted = np.zeros((3, columns))
    wanted[0, :sites] = rng.integers(1, 4, sites)
    wanted[1, sites + len(arcs) :] = minutes
    wanted[2, sites : sites + len(arcs)] = 1
    lazy = (np.arange(columns) >= sites) & ~np.r_[np.zeros(sites, dtype=bool), must, must]
    whole = (np.arange(columns) >= sites + len(arcs)) & whole_trips
    whole |= (np.arange(columns) >= sites) & (np.arange(columns) < sites + len(arcs)) & whole_moves
    return matrix(
        wanted,
        rows,
        lower,
        upper,
        col_lower=np.r_[np.zeros(sites), must, must],
        col_upper=np.where(np.arange(columns) >= sites, 20.0, np.inf),
        whole=whole,
        lazy=lazy,
    )


def best(model: Matrix, goal: int, held: list[tuple[int, float]] = (), relaxed: bool = False) -> float:
    """The least value of a goal while those held stay at or under their limits."""
    rows = [LinearConstraint(model.a, model.row_lower, model.row_upper)] if model.a.shape[0] else []
    if held:
        wanted = sparse.csr_array(np.array([model.goals[g] for g, _ in held]))
        limits = np.array([limit - model.goal_offset[g] for g, limit in held])
        rows.append(LinearConstraint(wanted, -np.inf, limits))
    found = milp(
        model.goals[goal], integrality=None if relaxed else model.whole.astype(int),
        bounds=Bounds(model.col_lower, model.col_upper), constraints=rows, options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    assert found.status == 0, found.message
    return float(found.fun + model.goal_offset[goal])
