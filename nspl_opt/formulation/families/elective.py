"""Planned care: postponed in whole steps, with notice; beds and staff it held are free for others."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, Index
from nspl_opt.formulation.family import Family, Options, RuleText, Symbol, Term
from nspl_opt.instance.instance import Instance


class ElectiveOptions(Options):
    """How far, in how many steps and with what notice planned care may be postponed."""

    steps: int = Field(3, ge=1, le=20, description="steps of postponement, from none to the largest share")
    largest_share: float = Field(1.0, ge=0, le=1, description="share of planned care that may be postponed")
    delay_h: float = Field(24, ge=0, le=2000, description="notice before beds and staff are free [h]")


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: ElectiveOptions) -> None:
    """Whole steps per site and staff block; none before the notice has passed."""
    blocks = range(len(inst.block_hours))
    starts = {int(d): period.start_h for period in reversed(inst.situation.periods) for d in [period.block]}
    held = inst.situation.planned_beds.sum(axis=0) > 0
    open_steps = [(i, d) for i in range(len(held)) for d in blocks if held[i] and starts[d] >= options.delay_h]
    sites, days = np.array(open_steps, dtype=np.int64).reshape(-1, 2).T
    block.step = Columns(Index(sites, days), inst.block_start[days], options.steps, whole=True, roundable=True)
    block.largest_share = options.largest_share
    block.freed_per_step = options.largest_share / options.steps


def freed(
    m: pyo.ConcreteModel, i: np.ndarray, t: np.ndarray, sign: float | np.ndarray, amount: np.ndarray, key: tuple
) -> list[Term]:
    """``sign`` times ``amount`` times the share of planned care postponed at sites ``i`` in periods ``t``."""
    elective = m.component("elective")
    if elective is None:
        return []
    steps = elective.step.index.places(i, m.inst.block[t])
    return [Term(sign * (amount * elective.freed_per_step), elective.step, key, steps, follows=True)]


STEPS = RuleText(
    "elective.steps", "Planned care is postponed in whole steps, and not before the notice has passed.",
    r"z_{id} \in \{0, \ldots, Z\},\ z_{id} = 0 \mathrm{\ if\ } d \mathrm{\ starts\ before\ the\ notice}", "steps",
)  # fmt: skip

FAMILY = Family(
    "elective",
    "Planerad vård",
    "Planned care",
    ElectiveOptions,
    build,
    (STEPS,),
    symbols=(
        Symbol(r"z_{id}", "step of postponed planned care in force", "steps", "variable"),
        Symbol(r"Z", "`steps`", "steps", "option"),
        Symbol(r"\sigma", "`largest_share`", "share", "option"),
    ),
    notes=(
        "**steps** z_id ∈ {0..Z}, Z = `steps` (3); z_id = 0 in blocks that start before `delay_h` (24): beds and "
        "staff freed need notice. Only sites with planned beds have steps: planned staff elsewhere is never freed.",
    ),
)
