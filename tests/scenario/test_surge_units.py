"""Surge units: the lines of the reference by site, with their beds in each period."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nspl_opt.reference.reference import SurgeStage
from nspl_opt.scenario.resolve import resolve

BROKEN = """
[[injects]]
name = "halved"
from_h = 6
to_h = 12
beds_factor = { place = "alfa", bed_type = "icu", factor = 0.5 }
"""
LATER = '[[surge_changes]]\nbed_type = "icu"\nstage = 0\nlead_h = 24\nplaces = ["01"]\n'
UNLOCKED = '\n[[crisis]]\nplaces = ["gamma"]\nfrom_h = 6\nto_h = 30\nunlocked_by = "regionledning"\n'


def told(situation):
    return [(one.site, one.stage, one.units, one.lead_h, one.beds.tolist()) for one in situation.surge_units]


def ready(situation):
    """Surge beds that the units say, in all."""
    starts = [period.start_h for period in situation.periods]
    return sum(
        one.beds * [one.lead_h <= start and one.standard != "crisis" for start in starts]
        for one in situation.surge_units
    ).tolist()


def test_a_stage_is_one_unit_unless_it_says_how_many_beds_open_together(given, toy):
    assert told(resolve(toy, given(), "hospital")) == [
        ("alfa", 0, 1, 6, [2] * 6), ("alfa", 1, 1, 24, [4] * 6), ("gamma", 0, 1, 6, [5] * 6),
    ]  # fmt: skip
    two = replace(toy, surge=(SurgeStage("alfa", "icu", 0, 6, 6, unit_beds=2, longest_h=48, teardown_h=12),))
    (unit,) = resolve(two, given(folder="two"), "region").surge_units
    assert (unit.site, unit.units, unit.longest_h, unit.teardown_h) == ("01", 3, 48, 12)


def test_lines_of_a_region_that_are_alike_are_one(given, toy):
    alike = replace(toy, surge=tuple(SurgeStage(site, "icu", 0, 4, 6, unit_beds=2) for site in ("alfa", "beta")))
    assert told(resolve(alike, given(), "region")) == [("01", 0, 4, 6, [8] * 6)]
    assert len(resolve(alike, given(folder="again"), "hospital").surge_units) == 2


@pytest.mark.parametrize("level", ["hospital", "region"])
@pytest.mark.parametrize("extra", ["", BROKEN, LATER, BROKEN + LATER])
def test_units_add_up_to_the_surge_beds(given, toy, level, extra):
    situation = resolve(toy, given(extra), level)
    assert ready(situation) == situation.surge_beds.sum(axis=(0, 1)).tolist()


def test_beds_of_crisis_standard_count_only_where_it_is_unlocked(given, toy):
    crisis = replace(toy, surge=(SurgeStage("gamma", "icu", 0, 5, 6, standard="crisis"),))
    assert resolve(crisis, given(), "hospital").surge_beds.sum() == 0
    found = resolve(crisis, given(UNLOCKED, folder="unlocked"), "hospital").surge_beds
    assert found.sum(axis=(0, 1)).tolist() == [0, 5, 5, 5, 0, 0]
