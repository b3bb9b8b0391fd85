"""A plan read back from its tables: the base of what-ifs about it, nothing searched for again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.jobs.job import Job
from nspl_opt.jobs.what_if import living_of
from nspl_opt.pipeline import make_plan
from nspl_opt.plan.folder import read_plan, write_plan
from nspl_opt.retold import base_of_plan, point_of
from nspl_opt.solver.base import quiet_search


@pytest.fixture(scope="module", params=["minimal", "national", "exercise"])
def stored(request, small, tmp_path_factory):
    """A plan as it was made, and the same read from its folder with its case."""
    made = make_plan(small / "scenario", request.param, reference=small / "reference", time_limit_s=20)
    folder = write_plan(made.plan, tmp_path_factory.mktemp("plan") / "plan", made.scenario_dir, made.reference_dir)
    plan = read_plan(folder)
    job = Job(kind="what_if", plan=str(folder), changes=(("beds", "18:icu=1"),), time_limit_s=20)
    return made, plan, living_of(folder, job, plan)


def test_what_the_tables_tell_is_what_was_planned(stored):
    made, plan, living = stored
    point, known = point_of(living, plan)
    assert known.any() and (point[known] > 0).any()
    assert np.abs(point - made.point)[known].max() <= 1e-6


def test_the_base_around_a_plan_is_a_plan_and_no_worse(stored):
    made, plan, living = stored
    base = base_of_plan(living, plan)
    settings = living.spec.solver.model_dump()
    assert quiet_search(base.parts, settings).obeys(base.plan)
    goals = living.compiled.matrix.goals @ base.plan + living.compiled.matrix.goal_offset
    main = int(living.compiled.matrix.main)
    assert goals[main] <= made.plan.main.value + 0.01 and base.bound <= goals[main] + 1e-6
    point, known = point_of(living, plan)
    whole = base.parts["whole"].astype(bool) & known
    assert np.array_equal(np.round(base.plan[whole]), np.round(point[whole]))


def test_a_plan_that_its_own_case_refuses_is_no_base(stored):
    _, plan, living = stored
    rows = plan.tables["transfers"].copy()
    assert rows["whole"].any()
    rows.loc[rows["whole"], "patients"] = 1e6
    assert base_of_plan(living, replace(plan, tables={**plan.tables, "transfers": rows})) is None
