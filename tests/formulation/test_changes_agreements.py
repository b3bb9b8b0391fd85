"""What-ifs where agreements, offers, batches and stability count: the same as building the changed case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.living import Living
from nspl_opt.reference.package import load_reference
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Agreement, Pair, RegionOffer

from ..sweep.few import living_of
from .test_changes import NUMBERS, applied, compiled_from, named

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


@pytest.mark.parametrize("words", NUMBERS)
def test_a_change_is_what_building_the_changed_case_gives(living, words):
    change, (model, anew) = living.change(NUMBERS[words]), compiled_from(living, NUMBERS[words])
    assert model and not change.empty
    a, lower, upper, high = applied(living, change)
    here = named(living.compiled.rows, living.compiled.columns, a, lower, upper)
    there = named(anew.rows, anew.columns, anew.matrix.a, anew.matrix.row_lower, anew.matrix.row_upper)
    columns = {column.name: n for n, column in enumerate(anew.columns)}
    for name, (terms, low, most) in there.items():
        own, own_low, own_most = here[name]
        own = {column: v for column, v in own.items() if column in columns}
        assert own == pytest.approx(terms), name
        assert (own_low, own_most) == pytest.approx((low, most)), name
    for n, column in enumerate(living.compiled.columns):
        if column.name in columns:
            assert high[n] == anew.matrix.col_upper[columns[column.name]] or n in change.columns


@pytest.mark.parametrize("words", NUMBERS)
def test_asking_only_the_rules_that_read_a_number_misses_none(living, words):
    amounts = living.detail.amounts([NUMBERS[words]])
    asked, all_asked = living._changes.arrays(amounts), living._changes.arrays(amounts, every=True)
    for name, values in asked.items():
        assert np.array_equal(values, all_asked[name]), name


def test_nothing_changes_when_nothing_is_otherwise(living):
    everything = living._changes.arrays(living.detail.amounts(()), every=True)
    assert not any(len(values) for values in everything.values())
