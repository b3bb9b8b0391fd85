"""Sharing out and windows: nothing is lost, whatever is shared over whatever."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from nspl_opt.scenario.grid import holds_middle, make_periods, starts_of
from nspl_opt.scenario.shares import overlap, share_out

LENGTHS = st.lists(st.integers(1, 168), min_size=1, max_size=60)


def test_seven_patients_over_three_equal_hospitals():
    assert share_out(7, [1, 1, 1]) == [3, 2, 2]


def test_the_largest_remainder_comes_first():
    # 10 x 1/6, 2/6, 3/6 = 1.67, 3.33, 5.00.
    assert share_out(10, [1, 2, 3]) == [2, 3, 5]


def test_where_nothing_weighs_the_first_gets_all():
    assert share_out(5, [0, 0]) == [5, 0]


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=80))
def test_shares_sum_to_the_whole_and_miss_their_due_by_less_than_one(total, weights):
    parts = share_out(total, weights)
    assert sum(parts) == total and min(parts) >= 0
    if sum(weights):
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(LENGTHS, st.data())
def test_a_window_meets_the_periods_for_exactly_its_own_length(lengths, data):
    horizon = sum(lengths)
    from_h = data.draw(st.integers(0, horizon - 1))
    to_h = data.draw(st.integers(from_h + 1, horizon))
    periods = make_periods(lengths, [0] * len(lengths))
    met = [overlap(from_h, to_h, period.start_h, period.start_h + period.length_h) for period in periods]
    assert sum(met) == to_h - from_h
    assert all(0 <= hours <= period.length_h for hours, period in zip(met, periods, strict=True))


@given(LENGTHS)
def test_every_block_but_the_last_lasts_a_day_and_would_not_without_its_last_period(lengths):
    periods = make_periods(lengths, [0] * len(lengths))
    assert [period.start_h for period in periods] == starts_of(lengths)
    blocks: dict[int, list[int]] = {}
    for period in periods:
        blocks.setdefault(period.block, []).append(period.length_h)
    assert list(blocks) == list(range(len(blocks)))
    for number, hours in blocks.items():
        assert sum(hours[:-1]) < 24
        assert sum(hours) >= 24 or number == len(blocks) - 1


@given(LENGTHS, st.data())
def test_two_windows_end_to_end_close_the_periods_that_one_would(lengths, data):
    horizon = sum(lengths)
    cuts = sorted(data.draw(st.lists(st.integers(0, horizon), min_size=3, max_size=3)))
    for start, length in zip(starts_of(lengths), lengths, strict=True):
        one = holds_middle(cuts[0], cuts[2], start, length)
        two = [holds_middle(cuts[0], cuts[1], start, length), holds_middle(cuts[1], cuts[2], start, length)]
        assert one == any(two) and sum(two) <= 1


ROWS = st.lists(
    st.tuples(
        st.integers(0, 46),
        st.integers(1, 48),
        st.sampled_from(["01", "02", "03", "alfa", "beta", "gamma"]),
        st.sampled_from(["burns", "icu", "vent", "ward"]),
        st.integers(0, 10**9),
    ),
    max_size=12,
    unique_by=lambda row: row[:4],
)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_any_demand_arrives_to_the_last_millionth_and_alike_at_both_levels(rows, toy, tmp_path_factory):
    from nspl_opt.scenario.read import read_scenario
    from nspl_opt.scenario.resolve import resolve

    rows = [row for row in rows if row[0] < row[1]]
    folder = tmp_path_factory.mktemp("any")
    lines = [f"{a},{b},{place},{kind},{micro / 1e6:.6f}\n" for a, b, place, kind, micro in rows]
    (folder / "demand.csv").write_text("from_h,to_h,place,category,patients\n" + "".join(lines), encoding="utf-8")
    (folder / "scenario.toml").write_text(ANY, encoding="utf-8")
    scenario = read_scenario(folder)
    region, hospital = resolve(toy, scenario, "region"), resolve(toy, scenario, "hospital")
    assert hospital.arrivals_micro.sum() == sum(row[4] for row in rows)
    assert hospital.arrivals_micro.sum(axis=1).tolist() == region.arrivals_micro.sum(axis=1).tolist()
    for number, code in enumerate(("01", "02", "03")):
        own = [index for index, site in enumerate(hospital.sites) if site.region == code]
        assert hospital.arrivals_micro[:, own].sum(axis=1).tolist() == region.arrivals_micro[:, number].tolist()


ANY = """\
name = "any"
title_sv = "ÖVNING"
title_en = "EXERCISE"
marking = "exercise"
start = 2026-11-28T06:00:00
grid = [5, 7, [12, 3]]
categories = ["burns", "icu", "vent", "ward"]
[[demand]]
file = "demand.csv"
basis = "invented"
source = "test"
"""
