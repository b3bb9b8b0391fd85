"""Time: near days are planned finely and far days coarsely, and what happens stays the same."""

from __future__ import annotations

import numpy as np
import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.grid import MOST_DAYS, MOST_PERIODS, growing_grid, pairs_of, parse_grid, uniform_grid
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve

from .conftest import BASE


@pytest.mark.parametrize(
    ("hours", "pairs"),
    [
        (168, [[6, 8], [12, 4], [24, 3]]),
        (336, [[6, 8], [12, 4], [24, 10]]),
        (24, [[6, 4]]),
        (60, [[6, 8], [12, 1]]),
        (50, [[6, 8], [2, 1]]),
        (97, [[6, 8], [12, 4], [1, 1]]),
        (5, [[5, 1]]),
    ],
)
def test_a_horizon_of_any_length_grows_by_the_same_rule(hours, pairs):
    assert pairs_of(growing_grid(hours)) == pairs
    assert sum(growing_grid(hours)) == hours


def test_the_longest_growing_grid_has_just_as_many_periods_as_are_allowed():
    assert len(growing_grid(24 * MOST_DAYS)) == MOST_PERIODS


def test_a_rest_shorter_than_a_period_is_a_period_of_its_own():
    assert uniform_grid(20, 6) == (6, 6, 6, 2)
    assert uniform_grid(18, 6) == (6, 6, 6)


def test_a_grid_is_named_in_three_ways():
    assert pairs_of(parse_grid("growing", 168)) == pairs_of(parse_grid("6x8,12x4,24x3", 168))
    assert pairs_of(parse_grid("12", 168)) == [[12, 14]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no grid"),
        ("often", "is no grid"),
        ("6x8,", "is no grid"),
        ("6x8,12", "is no grid"),
        ("-6", "is no grid"),
        ("٦", "is no grid"),
        ("6\n", "is no grid"),
        ("0", "lasts 1 to 168 h"),
        ("169", "lasts 1 to 168 h"),
        ("6x0", "1 to 400 periods"),
        ("6x8", "lasts 48 h, the scenario 500 h"),
        ("1", "has 500 periods, at most 400"),
        ("9" * 5000, "is no grid"),
    ],
)
def test_what_is_no_grid_is_refused_with_a_remedy(text, words):
    with pytest.raises(InvalidInput) as refused:
        parse_grid(text, 500, "scenario.toml")
    (problem,) = refused.value.problems
    assert problem.code == "S111" and words in problem.what and problem.remedy and len(problem.where) < 100


def test_days_alone_make_a_growing_grid(written):
    read = read_scenario(written(base=BASE.replace("grid = [[6, 4], [12, 2]]", "days = 7")))
    assert read.file.grid == growing_grid(168) and read.file.horizon_h == 168


def test_the_same_patients_come_on_any_grid_and_beds_lost_count_for_as_long(given, toy):
    extra = """
[[demand]]
file = "demand.csv"
basis = "invented"
source = "test"
[[injects]]
name = "lost"
from_h = 6
to_h = 30
staff_factor = { place = "alfa", profession = "nurse", factor = 0.5 }
"""
    scenario = given(extra, demand="from_h,to_h,place,category,patients\n3,31,01,icu,17\n")
    own, coarse = (resolve(toy, scenario.on_grid(grid)) for grid in (None, "24"))
    assert [period.length_h for period in coarse.periods] == [24, 24]
    assert own.arrivals_micro.sum() == coarse.arrivals_micro.sum() == 17_000_000
    hours = [np.array([period.length_h for period in one.periods]) for one in (own, coarse)]
    # people are rounded down to whole ones in each period: by less than one a period
    lost = [int((one.staff * length).sum()) for one, length in zip((own, coarse), hours, strict=True)]
    assert abs(lost[0] - lost[1]) < 24 * 2
