"""Stability: a new plan beside the lines of an earlier one. What is dropped, what is new."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, Index
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
from nspl_opt.formulation.lines import patient_lines
from nspl_opt.formulation.stages import AGREED
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO


class StabilityOptions(Options):
    """How much a plan may differ from the one before."""

    most_new: Annotated[float, Field(ge=0, le=1e6)] | Literal["any"] = Field(
        "any", description="patients beyond what the earlier plan's lines have, and on lines that it did not have"
    )


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: StabilityOptions) -> None:
    """Per line what is dropped of it, per lines for the same journeys what is more, and the transfers that are new."""
    offers = m.component("offers")
    bound = {some.lines: n for n, some in enumerate(offers.patients)} if offers is not None else {}
    block.groups = patient_lines(inst)
    if not block.groups:
        m.notes.append("stability.no_lines")
    block.lines = tuple(
        (group, line)
        for group, some in enumerate(block.groups)
        for line in some.lines
        if line.state not in AGREED or some.lines not in bound
    )
    ends = np.array([some.times[-1] if len(some.times) else 0 for some in block.groups], dtype=np.int64)
    of = np.array([group for group, _ in block.lines], dtype=np.int64)
    amounts = np.array([line.amount_micro for _, line in block.lines]) / MICRO
    block.less = Columns(Index(np.arange(len(of))), ends[of], amounts)
    block.more = Columns(Index(np.arange(len(ends))), ends)
    block.fresh = _fresh(inst, block.groups)
    if block.groups:
        broken = np.array(
            [(group, bound[some.lines]) for group, some in enumerate(block.groups) if some.lines in bound]
        )
        _compare(block, m, of, broken.reshape(-1, 2).astype(np.int64))
    if options.most_new != "any":
        _limit(block, m, float(options.most_new))


def _fresh(inst: Instance, groups: tuple) -> np.ndarray:
    """Numbers of the cells that are on no line, of periods that begin before the last line ends; without lines, all."""
    last = max((line.to_h for some in groups for line in some.lines), default=np.inf)
    starts = np.array([period.start_h for period in inst.situation.periods])
    new = (starts < last)[inst.moves.period]
    for some in groups:
        new[some.at] = False
    return np.flatnonzero(new)


def _compare(block: pyo.Block, m: pyo.ConcreteModel, of: np.ndarray, broken: np.ndarray) -> None:
    number = np.repeat(np.arange(len(block.groups)), [len(some.at) for some in block.groups])
    cell = np.concatenate([some.at for some in block.groups]).astype(np.int64)
    amounts = np.array([some.all for some in block.groups])

    @rule(block, Index(np.arange(len(block.groups))), "patients")
    def line(a: np.ndarray) -> Said:
        r"""What is moved on lines, with what is dropped, is what they amount to, and what is more.

        .. math:: \sum_{e \in E_a} x_{et} + \sum_{l \in a} \lambda_l + \beta_a - \mu_a = \bar q_a
        """
        kept = [Term(1.0, m.move, (number,), cell), Term(1.0, block.less, (of,)), Term(-1.0, block.more, (a,))]
        told = [Term(1.0, m.offers.broken, (broken[:, 0],), broken[:, 1])] if len(broken) else []
        return [*kept, *told], "==", amounts


def _limit(block: pyo.Block, m: pyo.ConcreteModel, most: float) -> None:
    @rule(block, Index(np.zeros(1)), "patients")
    def most_new(_: np.ndarray) -> Said:
        r"""No more patients are moved otherwise than by the earlier plan.

        .. math:: \sum_a \mu_a + \sum_{e \in E_*} x_{et} \le b
        """
        more = Term(1.0, block.more, (np.zeros(len(block.more), dtype=np.int64),))
        new = Term(1.0, m.move, (np.zeros_like(block.fresh),), block.fresh)
        return [more, new], "<=", most


FAMILY = Family(
    "stability",
    "Stabilitet",
    "Stability",
    StabilityOptions,
    build,
    symbols=(
        Symbol(r"a", "lines of patients for the same journeys that are not declined", "", "data"),
        Symbol(r"\bar q_a", "what they amount to", "patients", "data"),
        Symbol(r"\lambda_l", "of the line l, what is dropped", "patients", "variable"),
        Symbol(r"\mu_a", "what is moved beyond the lines a", "patients", "variable"),
        Symbol(r"E_*", "transfers on no line, departing before the last line ends", "", "data"),
        Symbol(r"b", "`most_new`", "patients", "option"),
    ),
    notes=(
        "The earlier plan is what the scenario's agreements say of patients, but for what is declined: "
        "`nspl-opt agreements` writes them from its folder. Lines and their transfers are as in **offers**.",
        "**line** of each line the part that is moved, shared as in **offers** (directed, accepted, countered, "
        "offered, proposed, each by code); the rest of it is dropped, or broken where **offers** keeps it (β_a).",
        "**most_new** what is moved beyond the amount of lines, and on no line at all in periods that begin before the "
        "last `to_h` of any line (without lines: in all periods), is at most `most_new`. What is dropped has no limit.",
    ),
)
