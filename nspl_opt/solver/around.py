"""The base of what-ifs around a plan that is at hand: nothing is searched for that was found already."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nspl_opt.solver import highs as hs
from nspl_opt.solver.base import TRACE, Base, Parts, light, quiet_search, solve_base, take_better
from nspl_opt.solver.basis import basis_of
from nspl_opt.solver.primal import polish
from nspl_opt.solver.relaxation import PRIMAL, Relaxation
from nspl_opt.solver.search import COST_SCALE
from nspl_opt.solver.stretch import Optimum


def base_around(parts: Parts, settings: dict, plan: np.ndarray, bound: float = -np.inf) -> Base:
    """As ``solve_base``, with this plan instead of one made anew.

    Parameters
    ----------
    plan
        (columns,) a whole plan of this matrix. What follows from it is polished by the costs of cases.
    bound
        A bound of the main goal that is proven already, by cuts perhaps.

    Raises
    ------
    SolverFault
        HiGHS took in something other than what it was given.
    """
    start = hs.now()
    base = solve_base(parts, settings, whole=False)
    if base.first is None:
        return base
    parts = base.parts
    search, goal = quiet_search(parts, settings), parts["goals"][0]
    search.aim(0, base.bound, base.first.point, trace=True)
    search.costs = COST_SCALE * (goal + TRACE * (search.costs - goal))
    relaxed = Relaxation(parts, search.options(), lambda: False, base.first.active)
    relaxed.aim(search.costs)
    relaxed.restore(basis_of(base.first.columns, base.first.rows))
    solved = relaxed.settle(search.deadline, PRIMAL)
    traced = Optimum.of(relaxed, solved.point) if solved.status == "Optimal" and solved.point is not None else None
    costs = relaxed.costs
    search.costs = light(costs, parts)
    search.plan = np.where(search.whole, np.round(plan), plan)
    relaxed.active |= search.plan != 0  # the plan was made by another search: what it uses takes part
    take_better(search, polish(search, relaxed, search.plan, search.deadline))
    return replace(
        base, bound=max(base.bound, bound), costs=costs, traced=traced, plan=search.plan, seconds=hs.now() - start
    )
