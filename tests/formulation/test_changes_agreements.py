"""What-ifs where agreements, offers, batches and stability count: the same as building the changed case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.living import Living
from nspl_opt.reference.package import load_reference
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Agreement, Pair, RegionOffer

from ..sweep.few import living_of
from .same_change import (  # noqa: F401
    test_a_change_is_what_building_the_changed_case_gives,
    test_asking_only_the_rules_that_read_a_number_misses_none,
)

MODEL = {
    "offers": {},
    "stability": {"most_new": 9.0},
    "allowed_pairs": {"list": "forbid"},
    "batching": {"smallest_group": 2, "partners": 1, "gap_h": 24.0, "most_per_day": 50},
}


def _line(code, state, kind, ends, what, to_h, amount):
    one, other = ends
    return Agreement(code, state, kind, (one,), (other,), one, other, what, "", 0, to_h, amount * MICRO, "", "")


@pytest.fixture(scope="module")
def living():
    """Three regions; one has accepted patients of another, one lends nurses, one takes only so many."""
    base = living_of("region")
    situation = replace(
        base.situation,
        agreements=(
            _line("T1", "accepted", "patients", ("09", "03"), "icu_general", 48, 3),
            _line("T2", "proposed", "patients", ("09", "04"), "medical_ward", 48, 1),
            _line("T3", "directed", "staff", ("03", "09"), "nurse", 96, 2),
        ),
        offers=(RegionOffer("04", "take", "all", 0, 168, 20 * MICRO),),
        pairs=(Pair(("04",), ("03",), "all"),),
    )
    raw = base.spec.as_dict()
    raw["families"] = raw["families"] | MODEL
    raw["goals"] = [*raw["goals"], {"name": "changes"}]
    return Living.of(situation, base.detail.hospitals, base.travel, model_from_dict(raw), load_reference(None))


def test_nothing_changes_when_nothing_is_otherwise(living):
    everything = living._changes.arrays(living.detail.amounts(()), every=True)
    assert not any(len(values) for values in everything.values())
