"""An optimum that HiGHS will not call one: taken where both sides hold, no better than its duals prove."""

from types import SimpleNamespace

import numpy as np
import pytest

from nspl_opt.solver.highs import Solved, accepted


def said(primal=0.0, dual=5e-9, apart=6.5e-5, status="Unknown", objective=-6.6e-5):
    info = SimpleNamespace(
        max_primal_infeasibility=primal, max_dual_infeasibility=dual, primal_dual_objective_error=apart
    )
    return accepted(SimpleNamespace(getInfo=lambda: info), Solved(status, np.zeros(1), objective, -np.inf, 0))


def test_an_unknown_whose_sides_hold_is_optimal_and_its_bound_is_what_its_duals_prove():
    found = said()
    assert found.status == "Optimal"
    assert found.bound == found.objective == pytest.approx(-6.6e-5 - 6.5e-5 * (1 + 6.6e-5))


@pytest.mark.parametrize(
    "fault", [{"primal": 1e-5}, {"dual": 1e-5}, {"apart": 1e-2}, {"apart": np.inf}, {"status": "Time limit reached"}]
)
def test_whatever_else_is_unknown_stays_so(fault):
    assert said(**fault).status != "Optimal"
