"""What-ifs with reception limits, places abroad, reserves, helpers and goals of evenness: as if built anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.living import Living

from ..sweep.few import living_of
from . import test_changes as changes

FAMILIES = {
    "external": {"share": 0.5},
    "reception": {"per_day_share": 0.2},
    "reserve": {"region_bed_types": ["icu", "ward"], "helper_load": 0.9, "helper_bed_types": ["icu", "ward"]},
}
ABROAD = "04"
"""Taken for a place abroad."""
GOALS = [{"name": name} for name in ("load_levels", "postponed_evenly", "trips", "inside_first")]


@pytest.fixture(scope="module")
def living():
    base = living_of("region")
    model = base.spec.as_dict()
    model = {**model, "families": {**model["families"], **FAMILIES}, "goals": [*model["goals"], *GOALS]}
    situation, hospitals = (
        replace(one, external_regions=frozenset({ABROAD})) for one in (base.situation, base.detail.hospitals)
    )
    return Living.of(situation, hospitals, base.travel, model_from_dict(model), None)


@pytest.mark.parametrize("words", changes.NUMBERS)
def test_a_change_is_what_building_the_changed_case_gives(living, words):
    changes.test_a_change_is_what_building_the_changed_case_gives(living, words)


@pytest.mark.parametrize("words", changes.NUMBERS)
def test_asking_only_the_rules_that_read_a_number_misses_none(living, words):
    changes.test_asking_only_the_rules_that_read_a_number_misses_none(living, words)
