"""Vehicle hours as the solver sees them, to cut off halves of trips: the same hours as in the rows."""

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from scipy import sparse

from nspl_opt.pipeline import plan_situation
from nspl_opt.solver.matrix import Matrix

from .small import ICU, WARD, by_air, model, small, solve_here

WHOLE = {"trips_whole_until_h": "all", "patients_whole_until_h": "all"}


def matrix_of(**options: Any) -> Matrix:
    """An island and two hospitals, ambulances of two regions, buses, a plane with feeder legs."""
    case = small(
        {"visby": "i", "huddinge": "ab", "solna": "ab"}, hours=(6, 18, 24),
        categories=(replace(ICU, mean_stay_h=120), WARD),
        beds={("icu", "visby"): 2, ("icu", "huddinge"): 8, ("ward", "huddinge"): 20, ("ward", "solna"): 9},
        initial={("icu", "visby"): 4, ("ward", "solna"): 12},
        roads={("huddinge", "solna"): 45}, journeys=(by_air("visby", "huddinge", 150, (10, 25)),),
        fleet={"amb-ab": 4, "amb-i": 1, "plane-ab": (0, 1, 1), "bus-ab": 1},
        trips={("bus-ab", "huddinge", "solna"): 500, ("plane-ab", "air-visby", "air-huddinge"): 400},
    )  # fmt: skip
    seen = {}

    def look(matrix: Matrix, *rest: Any) -> Any:
        seen["matrix"] = matrix
        return solve_here(matrix, *rest)

    with patch("nspl_opt.pipeline.solve", look):
        assert plan_situation(case.situation, case.travel, model({"beds": {}, "transports": options})).plan
    return seen["matrix"]


def counted(matrix: Matrix) -> sparse.csr_array:
    """(rows, columns): hours of the whole trips in each row with whole trips."""
    shape = len(matrix.use_hours), matrix.a.shape[1]
    trips = sparse.csr_array((matrix.use_data, matrix.use_indices, matrix.use_indptr), shape=shape)
    place = matrix.use_group, np.arange(len(matrix.use_hours))
    return sparse.csr_array((matrix.use_hours, place), shape=(len(matrix.hours_row), shape[0])) @ trips


def test_whole_trips_take_the_hours_that_their_row_says():
    matrix = matrix_of(**WHOLE)
    assert len(matrix.hours_row)
    assert matrix.hours_limit == pytest.approx(matrix.row_upper[matrix.hours_row])
    rest = matrix.a[matrix.hours_row] - counted(matrix)
    rest.data[np.abs(rest.data) < 1e-9] = 0
    rest.eliminate_zeros()
    assert (rest.data > 0).all()  # what is left are the legs to and from airfields
    assert 0 < rest.nnz < 10


def test_only_whole_trips_are_listed():
    matrix = matrix_of(trips_whole_until_h=6, patients_whole_until_h=0)
    assert matrix.whole[matrix.use_indices].all()
    assert len(matrix.use_hours) == 4  # the bus there and back in the first period: in its row and its day's
    assert len(matrix_of(trips_whole_until_h=0, patients_whole_until_h=0).use_hours) == 0
