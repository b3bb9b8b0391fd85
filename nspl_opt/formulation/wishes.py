"""Hard limits on goals, wished for by who asks: all that can leave a model without any plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyomo.environ as pyo

from nspl_opt.formulation.arrays import Entries, Index
from nspl_opt.formulation.family import Said, Term, rule
from nspl_opt.formulation.goal import Stage


def add_wish(m: pyo.ConcreteModel, stage: Stage, entries: Sequence[Entries]) -> None:
    """The row ``wishes.GOAL``: the goal's sum is at most ``at_most``. Of a goal with levels the first is meant."""
    if m.component("wishes") is None:
        m.wishes = pyo.Block()
    limit = float(stage.options.at_most)

    def wish(_: np.ndarray) -> Said:
        return [Term(one.factor, one.columns, (np.zeros_like(one.at),), one.at) for one in entries], "<=", limit

    wish.__name__ = stage.goal.name
    wish.__doc__ = (
        f"{stage.goal.title_en}: no more than was wished for.\n\n.. math:: "
        rf"G_{{\mathrm{{{stage.goal.name.replace('_', chr(92) + '_')}}}}} \le \mathrm{{at\_most}}"
    )
    rule(m.wishes, Index(np.zeros(1, dtype=np.int64)), stage.goal.unit)(wish)
