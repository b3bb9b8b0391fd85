"""Random small mixed-integer models of every kind of row and column, their relaxations, and whole points by trying."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from scipy import sparse

from nspl_opt.solver import highs as hs
from nspl_opt.solver import relaxation as rx
from nspl_opt.solver.matrix import Matrix, check_numbers

from .small import matrix
from .transfers import transfers

INF = np.inf


def mixed(seed: int, *, whole: bool = False) -> Matrix:
    """A feasible model with two goals that are never negative; ``whole``: every column whole, few points.

    Base columns have any least value or none, lazy ones 0. Rows are equalities, ``<=``, ``>=`` and two-sided.
    """
    rng = np.random.default_rng(seed)
    base, lazy = rng.integers(2, 4), rng.integers(2, 4) if whole else rng.integers(4, 9)
    count = base + lazy
    is_whole = np.ones(count, dtype=bool) if whole else rng.random(count) < 0.65
    low = np.r_[rng.choice([0, 0, 1, -2, 3], base), np.zeros(lazy)].astype(float)
    high = low + rng.integers(1, 4 if whole else 7, count)
    witness = np.array([rng.integers(a, b + 1) for a, b in zip(low, high, strict=True)], dtype=float)
    if not whole:
        low[(rng.random(count) < 0.15) & ~is_whole & (np.arange(count) < base)] = -INF
        high[rng.random(count) < 0.2] = INF
    rows = rng.integers(-4, 8, (rng.integers(2, 6), count)) * (rng.random(count) < 0.7)
    rows = rows.astype(float) + (0 if whole else rng.choice([0, 0.25], rows.shape) * (rows != 0))
    rows = rows[(rows != 0).any(axis=1)]
    made, slack = rows @ witness, rng.integers(0, 7, (2, len(rows))) / 2
    kind = rng.choice(4, len(rows), p=[0.55, 0.2, 0.15, 0.1])  # <=, =, >=, both
    lower = np.where(kind == 0, -INF, np.where(kind == 1, made, made - slack[0]))
    upper = np.where(kind == 2, INF, np.where(kind == 1, made, made + slack[1]))
    costs = [aims(rng, low, high) for _ in range(2)]
    least = [np.where(c > 0, low, np.where(c < 0, high, 0.0)) @ c for c in costs]
    model = matrix(
        costs, rows, lower, upper, col_lower=low, col_upper=high, whole=is_whole, roundable=False,
        lazy=np.arange(count) >= base, offset=[-one for one in least],
    )  # fmt: skip
    check_numbers(model)
    return model


def aims(rng: np.random.Generator, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Random costs under which nothing falls without end."""
    costs = rng.integers(-6, 7, len(low)).astype(float)
    costs = np.where(np.isneginf(low), np.minimum(costs, 0.0), costs)
    return np.where(np.isposinf(high), np.where(np.isneginf(low), 0.0, np.maximum(costs, 0.0)), costs)


def fleet(seed: int) -> Matrix:
    """Transfers by whole trips whose vehicle hours are named to the solver."""
    model = transfers(seed, whole_trips=True, whole_moves=seed % 2 == 0, agreed=seed % 3 == 0)
    hours = model.a[[-1]].tocsr()
    trips = hours.indices[hours.data > 0]
    return replace(
        model,
        hours_row=np.array([model.a.shape[0] - 1]),
        hours_limit=model.row_upper[-1:].copy(),
        use_group=np.zeros(len(trips), dtype=np.int64),
        use_hours=hours.data[hours.data > 0],
        use_indptr=np.arange(len(trips) + 1),
        use_indices=trips.astype(np.int64),
        use_data=np.ones(len(trips)),
    )


def parts_of(model: Matrix) -> dict[str, np.ndarray]:
    """The parts that a solver process reads."""
    parts = {name: getattr(model, name) for name in model.__dataclass_fields__ if name != "a"}
    a = model.a
    return {**parts, "data": a.data, "indices": a.indices, "indptr": a.indptr, "shape": np.array(a.shape)}


def relaxed_of(model: Matrix, outside: bool = True) -> rx.Relaxation:
    """Its relaxation; lazy columns wait outside, and two at most come in at a time."""
    active = ~model.lazy if outside else np.ones_like(model.lazy)
    relaxed = rx.Relaxation(parts_of(model), {"random_seed": 0}, lambda: False, active)
    relaxed.batch = 2
    return relaxed


def soon() -> float:
    """A deadline that no small model meets."""
    return hs.now() + 30


def with_rows(model: Matrix, rows: sparse.csr_array, upper: np.ndarray) -> Matrix:
    """The model with rows ``... <= upper`` added."""
    return replace(
        model,
        a=sparse.vstack([model.a, rows]).tocsr(),
        row_lower=np.append(model.row_lower, np.full(len(upper), -INF)),
        row_upper=np.append(model.row_upper, upper),
    )


def whole_points(model: Matrix) -> np.ndarray:
    """(points, columns) every feasible point of a model all of whose columns are whole and bounded."""
    ranges = [np.arange(np.ceil(a), np.floor(b) + 1) for a, b in zip(model.col_lower, model.col_upper, strict=True)]
    points = np.array(list(itertools.product(*ranges)))
    made = points @ model.a.T.toarray()
    return points[((made >= model.row_lower - 1e-9) & (made <= model.row_upper + 1e-9)).all(axis=1)]


def least(model: Matrix, costs: np.ndarray, whole: bool = True) -> float:
    """The least of the costs (inf: no point), by one search of HiGHS over everything; nothing of ours takes part.

    Bounds of whole columns are rounded beforehand: HiGHS calls some models infeasible over bounds of a half.
    """
    parts, is_whole = parts_of(model), model.whole & whole
    parts["col_lower"] = np.where(is_whole, np.ceil(model.col_lower), model.col_lower)
    parts["col_upper"] = np.where(is_whole, np.floor(model.col_upper), model.col_upper)
    highs = hs.new_solver({"mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9, "mip_rel_gap": 0.0})
    hs.load(highs, {**parts, "whole": is_whole}, costs, 0.0, whole=whole)
    solved = hs.run(highs, 30.0)
    assert solved.status in ("Optimal", "Infeasible"), solved.status
    return solved.objective if solved.status == "Optimal" else INF
