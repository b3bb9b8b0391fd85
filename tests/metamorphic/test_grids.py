"""The same days on another grid: near days as before, far ones within what longer periods can do."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest

from nspl_opt.scenario.grid import growing_grid, uniform_grid

from ..formulation.small import planned, small

WEEK = 168
BEDS = {("icu", "norr"): 2, ("icu", "syd"): 3}
FAMILIES = {"beds": {}, "transports": {"patients_whole_until_h": 0, "trips_whole_until_h": 0}}
SEVERITY = 10


def value(lengths, from_h, to_h, patients):
    """Unmet care when patients come evenly to the north between two hours; nobody recovers."""
    starts = [0, *accumulate(lengths)]
    overlaps = [max(0, min(to_h, end) - max(from_h, start)) for start, end in pairwise(starts)]
    come = [patients * hours / (to_h - from_h) for hours in overlaps]
    case = small({"norr": "n", "syd": "s"}, hours=lengths, beds=BEDS, arrivals={("icu", "norr"): come})
    return planned(case, FAMILIES, ["unmet_care"]).value()


def test_what_happens_in_the_first_two_days_costs_the_same_on_a_growing_grid():
    fine, growing = (value(grid, 0, 48, 12) for grid in (uniform_grid(WEEK, 6), growing_grid(WEEK)))
    assert fine > 0 and growing == pytest.approx(fine, rel=1e-5)


@pytest.mark.parametrize(("from_h", "to_h", "period_h"), [(48, 96, 12), (96, 168, 24)])
def test_in_the_coarse_tail_a_patient_counts_from_the_beginning_of_a_longer_period(from_h, to_h, period_h):
    fine, growing = (value(grid, from_h, to_h, 12) for grid in (uniform_grid(WEEK, 6), growing_grid(WEEK)))
    # each of the 12 counts at most so many hours earlier than on the fine grid, and never later
    assert 0 <= growing - fine <= 12 * (period_h - 6) * SEVERITY
    assert growing > fine


def test_a_bound_on_the_growing_grid_is_no_bound_for_the_uniform_one():
    """Here the growing grid says that no plan can do as well as a plan on the uniform grid does."""
    assert value(growing_grid(WEEK), 96, 168, 12) > value(uniform_grid(WEEK, 6), 96, 168, 12) + 1
