"""Switches are opened by what passes through them, as far as rules let them be; goals ahead become a price."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from nspl_opt.solver.ahead import folded
from nspl_opt.solver.switches import opened, set_switches, settle_switches

FLOW, USED = slice(0, 3), slice(3, 6)


def lanes(most: float = 2.0, least: float = 0.0, whole: bool = False) -> dict[str, np.ndarray]:
    """Three lanes of ten beds with a switch each, of which ``most`` may be open, for groups of ``least``."""
    one = np.eye(3)
    rows = np.vstack([np.hstack([one, -10 * one]), [[0, 0, 0, 1, 1, 1]], np.hstack([-one, least * one])])
    a = sparse.csr_array(rows)
    return {
        "data": a.data, "indices": a.indices, "indptr": a.indptr, "shape": np.array(a.shape),
        "row_lower": np.full(7, -np.inf), "row_upper": np.array([0, 0, 0, most, 0, 0, 0]),
        "col_lower": np.zeros(6), "col_upper": np.array([np.inf] * 3 + [1.0] * 3),
        "whole": np.array([whole] * 3 + [True] * 3), "switch": np.array([False] * 3 + [True] * 3),
    }  # fmt: skip


def of(*flows: float) -> np.ndarray:
    """A relaxation: so many patients, and switches open by as much as that needs."""
    return np.array([*flows, *(flow / 10 for flow in flows)])


def test_the_lanes_with_most_patients_are_opened_as_many_as_may_be():
    assert opened(lanes(), of(1, 4, 3))[USED].tolist() == [False, True, True]
    assert opened(lanes(most=3), of(1, 4, 0))[USED].tolist() == [True, True, False]
    assert not opened(lanes(), of(1, 4, 3))[FLOW].any()


def test_of_equals_the_first_is_opened_whatever_the_last_digit_says():
    assert opened(lanes(most=1), of(2, 2 + 1e-12, 2))[USED].tolist() == [True, False, False]


def test_a_lane_with_less_than_half_a_group_stays_shut():
    assert opened(lanes(most=3, least=4), of(1, 2, 5))[USED].tolist() == [False, True, True]


def test_a_switch_that_is_shut_for_good_is_not_opened():
    parts = lanes()
    parts["col_upper"][4] = 0.0
    assert opened(parts, of(1, 4, 3))[USED].tolist() == [True, False, True]


def test_beside_whole_patients_only_groups_that_are_there_are_opened():
    parts, held = lanes(most=3, least=4, whole=True), np.array([0.0, 5, 3, 0, 1, 0])
    assert set_switches(parts, of(4, 5, 5), held).tolist() == [0, 5, 3, 0, 1, 0]
    assert set_switches(lanes(most=3, least=4), of(4, 5, 5), held).tolist() == [0, 5, 3, 1, 1, 1]


def test_what_is_hardly_open_is_shut_and_what_passed_there_finds_other_ways():
    parts, bounds = lanes(most=3, least=4), []

    def bind(numbers, least, most):
        bounds.append([numbers.tolist(), least.tolist(), most.tolist()])

    # With the first lane shut its patient goes by the second, and of three in a lane for four none are sent.
    ways = iter([of(0, 3, 5), of(0, 0, 8)])
    point = settle_switches(parts, of(1, 2, 5), bind, lambda: next(ways))
    assert point.tolist() == of(0, 0, 8).tolist()
    assert bounds == [[[3, 4, 5], [0, 0, 0], [0, 1, 1]], [[3, 4, 5], [0, 0, 1], [0, 0, 1]]]


def test_where_no_solution_is_left_none_is_given():
    assert settle_switches(lanes(), of(1, 4, 3), lambda *_: None, lambda: None) is None


def test_without_switches_nothing_is_opened():
    parts = lanes() | {"switch": np.zeros(6, dtype=bool)}
    assert not opened(parts, of(1, 4, 3)).any()


def goals(main: int) -> dict[str, np.ndarray]:
    return {
        "goals": np.array([[1.0, 0, 0], [0, 2, 0], [0, 0, 3]]), "goal_offset": np.array([5.0, 1, 2]),
        "holds": np.array([[0, 0], [0.1, 2], [0, 3]]), "tolerances": np.array([1e-3, 1, 1]),
        "main": np.array(main), "ahead_price": np.array(100.0), "whole": np.zeros(3, dtype=bool),
    }  # fmt: skip


def test_a_goal_ahead_is_priced_into_the_main_one():
    found = folded(goals(1))
    assert found["goals"].tolist() == [[100, 2, 0], [0, 0, 3]]
    assert [found["goal_offset"].tolist(), int(found["main"])] == [[501, 2], 0]
    assert [found["holds"].tolist(), found["tolerances"].tolist()] == [[[0.1, 2], [0, 3]], [1, 1]]
    assert found["whole"] is not None


@pytest.mark.parametrize("parts", [goals(0), {"goals": np.ones((1, 2))}])
def test_without_goals_ahead_nothing_is_changed(parts):
    assert folded(parts) is parts
