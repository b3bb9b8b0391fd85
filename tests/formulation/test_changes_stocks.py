"""What-ifs where equipment, supplies and surge units count: the same as building the changed case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.formulation.catalogue import load_model
from nspl_opt.living import Living
from nspl_opt.reference.package import load_reference
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Stock
from nspl_opt.scenario.what_if import Declines

from ..sweep.few import living_of
from .same_change import (  # noqa: F401
    test_a_change_is_what_building_the_changed_case_gives,
    test_asking_only_the_rules_that_read_a_number_misses_none,
)

FAMILIES = {
    "families.equipment.partners": 2, "families.supplies.partners": 2, "families.surge.notice_h": 6,
}  # fmt: skip


def _stock(code, kind, category, situation):
    regions, periods = len(situation.regions), len(situation.periods)
    held = np.arange(20, 20 + regions, dtype=np.int64) * MICRO
    delivered = np.zeros((regions, periods), dtype=np.int64)
    return Stock(code, code, code, "st", kind, {category: MICRO}, held, held // 10, delivered, delivered[0] + MICRO)


@pytest.fixture(scope="module")
def living():
    """Three regions with ventilators, gowns and the surge units of the package."""
    base = living_of("region")
    sites = {site.code for site in base.situation.sites}
    kinds = {"gown": "supply", "vent": "equipment"}
    stocks = tuple(_stock(code, kind, "icu_general", base.situation) for code, kind in kinds.items())
    units = tuple(unit for unit in base.situation.surge_units if unit.site in sites)
    assert units
    situation = replace(base.situation, stocks=stocks, surge_units=units)
    return Living.of(
        situation, base.detail.hospitals, base.travel, load_model("national", FAMILIES), load_reference(None)
    )


def test_who_declines_to_help_sends_no_stocks(living):
    columns = [living.compiled.columns[column] for column in living.change(Declines("03")).columns]
    region = [region.code for region in living.situation.regions].index("03")
    sent = [column.index() for column in columns if column.parent_component().name == "supplies.sent"]
    assert {key[1] for key in sent} == {region}


def test_nothing_changes_when_nothing_is_otherwise(living):
    everything = living._changes.arrays(living.detail.amounts(()), every=True)
    assert not any(len(values) for values in everything.values())
