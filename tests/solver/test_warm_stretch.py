"""What a change leaves as it was is not solved, and what it breaks is stretched and drawn back to the same bound."""

from __future__ import annotations

import numpy as np
import pytest

from nspl_opt.solver import stretch
from nspl_opt.solver import warm as wm
from nspl_opt.solver.base import solve_base
from nspl_opt.solver.change import MatrixChange
from nspl_opt.solver.warm import Warm

from .small import settings
from .test_warm import changed, changes_of, few, parts_of
from .transfers import best, transfers

__all__ = ["few"]  # the fixture that lets transfers wait outside


def closing(columns):
    zeros = np.zeros(len(columns))
    return MatrixChange("closed", columns=columns, col_lower=zeros, col_upper=zeros)


def unused(model, base):
    """Transfers that the base's optimum and its plan leave idle."""
    used = (np.abs(base.first.point) > 0) | (False if base.plan is None else np.abs(base.plan) > 0)
    return np.flatnonzero(model.lazy & ~used)


@pytest.mark.parametrize("whole", [False, True])
def test_a_closed_road_that_nobody_takes_costs_nothing_and_no_solve(tmp_path, monkeypatch, whole):
    model = transfers(3, whole_trips=True)
    base = solve_base(parts_of(model, tmp_path), settings(), whole)
    warm, change = Warm(base), closing(unused(model, base))
    assert len(change.columns)
    monkeypatch.setattr(wm, "solve_stretched", None)
    monkeypatch.setattr(wm, "Relaxation", None)
    found = warm.resolve(change, whole=whole)
    assert found.bound == base.bound
    assert found.bound == pytest.approx(best(changed(model, change), 0, relaxed=True), abs=1e-6)
    assert np.array_equal(found.point, base.plan if whole else base.first.point)


def test_a_road_that_opens_is_never_taken_for_one_that_does_not_matter(tmp_path):
    model = transfers(3, whole_trips=True)
    base = solve_base(parts_of(model, tmp_path), settings(), whole=False)
    columns = unused(model, base)[:2]
    change = MatrixChange(
        "wider", columns=columns, col_lower=model.col_lower[columns], col_upper=model.col_upper[columns] + 1
    )
    new = stretch.changed(base.parts, change)
    assert not stretch.stays(base.first, base.parts, new, change)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_stretched_is_drawn_back_to_the_bound_of_a_cold_solve(tmp_path, seed):
    model = transfers(seed, whole_trips=True)
    base = solve_base(parts_of(model, tmp_path), settings(), whole=False)
    options = {"presolve": "off"}
    for change in changes_of(model, seed):
        new = stretch.changed(base.parts, change)
        solved = stretch.solve_stretched(base.first, new, change, options, wm.hs.now() + 20)
        offset = float(base.parts["goal_offset"][0])
        assert solved.bound + offset == pytest.approx(best(changed(model, change), 0, relaxed=True), abs=1e-6)
        assert len(solved.point) == len(model.lazy)
