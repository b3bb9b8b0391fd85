"""What must hold of a what-if as a change of the matrix; tests of a kind of case import it, with ``living``."""

import numpy as np
import pytest

from .test_changes import NUMBERS, applied, compiled_from, named


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
