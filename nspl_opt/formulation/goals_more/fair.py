"""Goals of evenness: nobody should carry what others could share."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Entries, grid
from nspl_opt.formulation.family import Said, Symbol, Term, rule
from nspl_opt.formulation.goal import Goal, GoalOptions, sum_of
from nspl_opt.formulation.overload import capacity, load_term
from nspl_opt.instance.instance import Instance


class LevelOptions(GoalOptions):
    """How far down the load is levelled."""

    levels: int = Field(3, ge=1, le=10, description="regions levelled one after the other, the most loaded first")


def _load_levels(m: pyo.ConcreteModel, inst: Instance, options: LevelOptions, level: int) -> list[Entries]:
    r"""Load above capacity of the most loaded regions together: of one, then of two, and so on.

    .. math:: \min_{\tau} \left( m \tau_m + \sum_r \max(0, o_r - \tau_m) \right),\quad
              o_r = 100 \max(0, \max_t \sum_{i \in r,k} w_k n_{kit} / W_r - 1)
    """
    if level > 1:
        return _at_level(m.load_levels, level)
    block = m.load_levels = pyo.Block()
    regions = np.flatnonzero(capacity(inst) > 0)
    numbers = np.full(len(inst.region_sites), -1, dtype=np.int64)
    numbers[regions] = np.arange(len(regions))
    both = grid(options.levels, regions)
    named = [(number + 1, r) for number, r in both.named()]
    block.peak = pyo.Var(regions.tolist(), bounds=(0, None))
    block.tau = pyo.Var(range(1, options.levels + 1), bounds=(0, None))
    block.above = pyo.Var(named, bounds=(0, None))

    @rule(block, grid(regions, len(inst.hours)), "percent")
    def peak_of(r: np.ndarray, t: np.ndarray) -> Said:
        r"""The peak of a region is at least its overload in every period.

        .. math:: 100 \left(\sum_{i \in r, k} w_k n_{kit} / W_r - 1\right) \le o_r
        """
        present, right = load_term(m, inst)
        return [present, Term(-1.0, block.peak, (r, t), numbers[r])], "<=", right[r]

    @rule(block, both, "percent", named)
    def level_of(number: np.ndarray, r: np.ndarray) -> Said:
        r"""What of a peak stands above a level's threshold counts beside the threshold.

        .. math:: o_r \le \tau_m + e_{mr}
        """
        key, peak = (number, r), Term(1.0, block.peak, (number, r), numbers[r])
        return [peak, Term(-1.0, block.tau, key, number), Term(-1.0, block.above, key)], "<=", 0.0

    return _at_level(block, level)


def _at_level(block: pyo.Block, level: int) -> list[Entries]:
    """The sum that is minimised at a level."""
    count = len(block.peak)
    mine = np.arange((level - 1) * count, level * count)
    return [sum_of(block.tau, float(level), np.array([level - 1])), sum_of(block.above, 1.0, mine)]


def _postponed_evenly(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> list[Entries]:
    r"""Largest share of a region's planned care that is postponed, of what could be.

    .. math:: 100 \max_r \frac{\sum_{i \in r,d} B_d \sigma z_{id} / Z \sum_b P_{bi}}
              {\sum_{i \in r,d} B_d \sigma \sum_b P_{bi}}
    """
    elective = m.component("elective")
    if elective is None or not len(elective.step):
        return []
    block = m.postponed_evenly = pyo.Block()
    block.share = pyo.Var(bounds=(0, None))
    i, d = elective.step.axes
    regions = inst.site_region[i]

    @rule(block, grid(np.unique(regions)), "bed-hours")
    def share_of(r: np.ndarray) -> Said:
        r"""The largest share postponed is at least that of every region.

        .. math:: \sum_{i \in r,d} B_d \sigma z_{id} / Z \sum_b P_{bi}
                  \le \frac{\theta}{100} \sum_{i \in r,d} B_d \sigma \sum_b P_{bi}
        """
        held = inst.situation.planned_beds.sum(axis=0).astype(float)[i] * inst.block_hours[d]
        most = np.bincount(regions, held * elective.largest_share, len(inst.region_sites))
        postponed = Term(held * elective.freed_per_step, elective.step, (regions,))
        return [postponed, Term(-most[r] / 100, block.share, (r,), np.zeros_like(r))], "<=", 0.0

    return [sum_of(block.share, 1.0)]


_LOAD = (
    Symbol(r"W_r", "severity-weighted staffed beds of a region in the first period", "weighted beds", "data"),
    Symbol(r"o_r", "peak: largest load above capacity in any period", "percent", "variable"),
    Symbol(r"\tau_m", "threshold of level m", "percent", "variable"),
    Symbol(r"e_{mr}", "what of a region's peak stands above the threshold of level m", "percent", "variable"),
)

GOALS_HERE = (
    Goal(
        "load_levels",
        "Belastning, nivå för nivå",
        "Load, level by level",
        "percent above capacity",
        0.1,
        LevelOptions,
        _load_levels,
        symbols=_LOAD,
        notes=(
            "Level m (m = 1 .. `levels`) is a stage of its own, `load_levels:m`; its value is the sum of the m largest "
            "peaks. The least of m τ + Σ_r max(0, o_r − τ) over τ is that sum, so each level is linear. Held one after "
            "the other they make the most loaded region as little loaded as it can be, then the two most loaded "
            "together, and so on: what remains uneven cannot be helped without loading someone higher up more.",
            "o_r = 100 max(0, max_t Σ w_k n_kit / W_r − 1) as in worst_region; W_r = Σ_b (least w_k of categories "
            "that need b) times the staffed beds of b in the first period. Regions without such beds, and places "
            "abroad, have no peak. With more levels than regions the value stays the sum of all peaks.",
        ),
        sources=("W. Ogryczak and A. Tamir, Minimizing the sum of the k largest functions in linear time, 2003",),
        levels=lambda options: options.levels,
    ),
    Goal(
        "postponed_evenly",
        "Jämnt uppskjuten vård",
        "Care postponed evenly",
        "percent",
        0.1,
        GoalOptions,
        _postponed_evenly,
        notes=(
            "A region's share is 100 Σ B_d σ z_id / Z Σ_b P_bi over its sites and blocks, divided by the same sum with "
            "z_id = Z in every block that starts at or after the notice (`delay_h`): bed-hours postponed of those that "
            "could be. The value is the largest share. Regions without planned beds are left out; 0 without the family "
            "elective, and where no block lies after the notice.",
        ),
    ),
)
