"""What-ifs with stages, paths, other beds, who is ready, extra hours and the crisis standard: as if built anew."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.living import Living
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import BedSubstitute, CarePath, Municipal

from ..sweep.few import living_of
from . import test_changes as changes

FAMILIES = {
    "bed_substitution": {"largest_share": 0.5},
    "care_paths": {"share_factor": 0.9},
    "discharge_ready": {"start_days": 1},
    "eligibility": {"who": "unmet"},
    "endurance": {"professions": ["icu_nurse", "nurse"]},
}


def with_care(one):
    """A situation with a path from each category to the next, half of it a stage, and all the rest of care."""
    codes = [category.code for category in one.categories]
    paths = tuple(CarePath(a, b, 400_000, n % 2 == 0) for n, (a, b) in enumerate(pairwise(codes)))
    kinds = sorted({category.bed_type for category in one.categories})
    shape = (len(one.regions), len(one.periods))
    municipal = Municipal(
        np.full(len(codes), 300_000), np.full(shape, 2 * MICRO), np.array([True] * (shape[0] - 1) + [False])
    )
    return replace(
        one,
        paths=tuple(sorted(paths, key=lambda path: path.category)),
        bed_substitutes=(BedSubstitute(kinds[0], kinds[-1], 1_500_000),),
        municipal=municipal,
        crisis_open=np.ones((len(one.sites), len(one.periods)), dtype=bool),
    )


@pytest.fixture(scope="module", params=["region", "hospital"])
def living(request):
    base = living_of(request.param)
    model = base.spec.as_dict()
    goals = [goal for goal in model["goals"] if goal["name"] != "crisis_standard"]
    families = {**model["families"], **FAMILIES}
    model = {**model, "families": families, "goals": [*goals, {"name": "crisis_standard"}]}
    situation, hospitals = with_care(base.situation), with_care(base.detail.hospitals)
    return Living.of(situation, hospitals, base.travel, model_from_dict(model), None)


HERE = ("half of a hospital's intensive care beds for a day", "fewer nurses", "half as many patients",
        "a hospital lost after a day", "no bed at all in a region from the start")  # fmt: skip


@pytest.mark.parametrize("words", HERE)
def test_a_change_is_what_building_the_changed_case_gives(living, words):
    changes.test_a_change_is_what_building_the_changed_case_gives(living, words)


@pytest.mark.parametrize("words", changes.NUMBERS)
def test_asking_only_the_rules_that_read_a_number_misses_none(living, words):
    changes.test_asking_only_the_rules_that_read_a_number_misses_none(living, words)


def test_hours_without_care_are_counted_by_place_for_those_who_wait_too(living):
    columns, amounts, places = living._unmet
    waits = {id(one) for one in living.m.discharge_ready.waiting.values()}
    mine = [n for n, column in enumerate(columns) if id(living.compiled.columns[column]) in waits]
    assert mine and all(amounts[n] > 0 for n in mine)
    assert max(places) < len(living.situation.categories) * len(living.situation.sites)
