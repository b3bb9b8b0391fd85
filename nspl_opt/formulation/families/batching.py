"""Batched transfers: no crumbs, few receivers, no place that sends and receives at once, budgets."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, Index, distinct
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO

Count = Annotated[int, Field(ge=0, le=1_000_000)]


class BatchingOptions(Options):
    """How transfers are gathered. Judged by sending and receiving site and by staff block of departure."""

    smallest_group: int = Field(
        0, ge=0, le=1000, description="fewest patients from one site to another in a staff block; up to 1: no limit"
    )
    partners: Count | Literal["any"] = Field("any", description="receivers that a site sends to in a staff block")
    gap_h: Annotated[float, Field(ge=0, le=10_000)] | Literal["off"] = Field(
        "off", description="a site that sends a category receives none in blocks that start within [h]; 0: in the same"
    )
    most_per_pair: Count | Literal["any"] = Field("any", description="patients from one site to another in all")
    most_per_site_day: Count | Literal["any"] = Field(
        "any", description="patients that a site sends and receives a day"
    )
    most_per_day: Count | Literal["any"] = Field("any", description="patients moved a day")
    most_in_all: Count | Literal["any"] = Field("any", description="patients moved in all")


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: BatchingOptions) -> None:
    """What gathers transfers, as far as the options ask for it."""
    if options == BatchingOptions():
        m.notes.append("batching.no_limits")
    if options.smallest_group > 1 or options.partners != "any":
        _gather(block, m, inst, options)
    if options.gap_h != "off":
        _part(block, m, inst, options.gap_h)
    _limit(block, m, inst, options)


def _gather(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: BatchingOptions) -> None:
    """Switches of pairs of sites and staff blocks, and how they bind who is sent."""
    moves = inst.moves
    when = inst.block[moves.period]
    lanes = distinct(moves.origin, moves.destination, when)
    block.used = Columns(lanes, inst.block_start[lanes.axes[2]], 1.0, whole=True, switch=True)
    sent = (moves.origin, moves.destination, when)

    need = inst.bed_of[moves.category]
    typed = distinct(moves.origin, moves.destination, need, when)

    @rule(block, typed, "patients")
    def group(i: np.ndarray, j: np.ndarray, b: np.ndarray, d: np.ndarray) -> Said:
        r"""Patients are sent only to receivers that the sender uses, no more than these have beds.

        .. math:: \sum_{e: i \to j,\ b(k) = b,\ t \in d} x_{et} \le B_{bj}\, \chi_{ijd}
        """
        patients = Term(1.0, m.move, (moves.origin, moves.destination, need, when))
        used = Term(-_beds(m, inst)[b, j], block.used, (i, j, b, d), lanes.places(i, j, d))
        return [patients, used], "<=", 0.0

    if options.smallest_group > 1:

        @rule(block, lanes, "patients")
        def smallest(i: np.ndarray, j: np.ndarray, d: np.ndarray) -> Said:
            r"""Who sends to a receiver sends the smallest group at least.

            .. math:: m\, \chi_{ijd} \le \sum_{e: i \to j,\ t \in d} x_{et}
            """
            used = Term(float(options.smallest_group), block.used, (i, j, d))
            return [used, Term(-1.0, m.move, sent)], "<=", 0.0

    if options.partners != "any":

        @rule(block, distinct(lanes.axes[0], lanes.axes[2]), "receivers")
        def few(i: np.ndarray, d: np.ndarray) -> Said:
            r"""A site sends to few receivers in a staff block.

            .. math:: \sum_j \chi_{ijd} \le p
            """
            return [Term(1.0, block.used, (lanes.axes[0], lanes.axes[2]))], "<=", float(options.partners)


def _beds(m: pyo.ConcreteModel, inst: Instance) -> np.ndarray:
    """(bed type, site) patients for whom there ever are beds: of the type, and of others that may serve it."""
    there = (inst.free_beds + inst.planned_beds).max(axis=2)
    found = there.astype(float)
    lent = m.component("bed_substitution")
    if lent is not None and len(lent.other):
        codes = [bed.code for bed in inst.situation.bed_types]
        p, i, _ = lent.other.axes
        for pair, site in sorted(set(zip(p.tolist(), i.tolist(), strict=True))):
            one = inst.situation.bed_substitutes[pair]
            found[codes.index(one.serves), site] += there[codes.index(one.gives), site] * MICRO / one.beds_micro
    return found


def _part(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, gap_h: float) -> None:
    """Where a category can both leave and arrive: whether it does, and not both within the gap."""
    moves = inst.moves
    leave = (moves.category, moves.origin, inst.block[moves.period])
    arrive = (moves.category, moves.destination, inst.block[moves.arrival])
    both = distinct(*leave[:2]).places(*arrive[:2]) >= 0
    back = distinct(*arrive[:2]).places(*leave[:2]) >= 0
    sends, receives = (
        distinct(*(axis[there] for axis in key)) for key, there in ((leave, back), (arrive, both))
    )  # fmt: skip
    block.sends = Columns(sends, inst.block_start[sends.axes[2]], 1.0, whole=True, switch=True)
    block.receives = Columns(receives, inst.block_start[receives.axes[2]], 1.0, whole=True, switch=True)

    @rule(block, sends, "patients")
    def sending(k: np.ndarray, i: np.ndarray, d: np.ndarray) -> Said:
        r"""Patients leave a site only in staff blocks in which it sends the category.

        .. math:: \sum_{e \in A^-_{ki},\ t \in d} x_{et} \le N_k\, \sigma_{kid}
        """
        return [Term(1.0, m.move, leave), Term(-_patients(inst)[k], block.sends, (k, i, d))], "<=", 0.0

    @rule(block, receives, "patients")
    def receiving(k: np.ndarray, i: np.ndarray, d: np.ndarray) -> Said:
        r"""Patients come to a site only in staff blocks in which it receives the category.

        .. math:: \sum_{e \in A^+_{ki},\ \alpha(e,t) \in d} x_{et} \le N_k\, \rho_{kid}
        """
        return [Term(1.0, m.move, arrive), Term(-_patients(inst)[k], block.receives, (k, i, d))], "<=", 0.0

    starts = np.cumsum([0, *inst.block_hours])[:-1]
    near = (np.abs(starts[:, None] - starts[None, :]) < gap_h) | np.eye(len(starts), dtype=bool)
    of, later = np.nonzero(near[sends.axes[2]])
    k, i, d = (axis[of] for axis in sends.axes)
    meet = receives.places(k, i, later)
    pairs = Index(*(axis[meet >= 0] for axis in (k, i, d, later)))

    @rule(block, pairs, "sites")
    def gap(k: np.ndarray, i: np.ndarray, d: np.ndarray, e: np.ndarray) -> Said:
        r"""No site sends and receives a category within the gap.

        .. math:: \sigma_{kid} + \rho_{kid'} \le 1
        """
        return [
            Term(1.0, block.sends, (k, i, d, e), sends.places(k, i, d)),
            Term(1.0, block.receives, (k, i, d, e), receives.places(k, i, e)),
        ], "<=", 1.0  # fmt: skip


def _patients(inst: Instance) -> np.ndarray:
    """(category,) all patients there ever are; of all categories where they may change, rounded up."""
    there = inst.initial.sum(axis=1) + inst.arrivals.sum(axis=(1, 2))
    return np.ceil(np.full_like(there, there.sum()) if inst.situation.paths else there) + 1.0


def _limit(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: BatchingOptions) -> None:
    """Budgets: plain sums."""
    moves = inst.moves
    when, days = inst.block[moves.period], inst.block_hours / 24
    cells = np.arange(len(moves.period))
    if options.most_per_pair != "any":

        @rule(block, distinct(moves.origin, moves.destination), "patients")
        def pair(i: np.ndarray, j: np.ndarray) -> Said:
            r"""From one site to another no more are moved than the budget of a pair.

            .. math:: \sum_{e: i \to j} \sum_t x_{et} \le b
            """
            return [Term(1.0, m.move, (moves.origin, moves.destination))], "<=", float(options.most_per_pair)

    if options.most_per_site_day != "any":
        ends = np.concatenate([moves.origin, moves.destination])
        twice, cell = np.tile(when, 2), np.tile(cells, 2)

        @rule(block, distinct(ends, twice), "patients")
        def site_day(i: np.ndarray, d: np.ndarray) -> Said:
            r"""A site sends and receives no more patients a day than its budget.

            .. math:: \sum_{e \in A^-_i \cup A^+_i,\ t \in d} x_{et} \le b\, B_d / 24
            """
            return [Term(1.0, m.move, (ends, twice), cell)], "<=", options.most_per_site_day * days[d]

    if options.most_per_day != "any":

        @rule(block, distinct(when), "patients")
        def day(d: np.ndarray) -> Said:
            r"""No more patients are moved a day than the budget.

            .. math:: \sum_e \sum_{t \in d} x_{et} \le b\, B_d / 24
            """
            return [Term(1.0, m.move, (when,))], "<=", options.most_per_day * days[d]

    if options.most_in_all != "any":

        @rule(block, Index(np.zeros(1)), "patients")
        def in_all(_: np.ndarray) -> Said:
            r"""No more patients are moved in all than the budget.

            .. math:: \sum_e \sum_t x_{et} \le b
            """
            return [Term(1.0, m.move, (np.zeros_like(cells),))], "<=", float(options.most_in_all)


FAMILY = Family(
    "batching",
    "Samlade överflyttningar",
    "Batched transfers",
    BatchingOptions,
    build,
    symbols=(
        Symbol(r"\chi_{ijd}", "1: i sends to j in staff block d", "", "variable"),
        Symbol(r"\sigma_{kid}, \rho_{kid}", "1: i sends, receives patients of k in block d", "", "variable"),
        Symbol(r"B_{bj}", "patients of the bed type for whom the receiver has beds", "patients", "data"),
        Symbol(r"N_k", "patients of the category, initial and arriving, in all", "patients", "data"),
        Symbol(r"m", "`smallest_group`", "patients", "option"),
        Symbol(r"p", "`partners`", "receivers", "option"),
        Symbol(r"b", "`most_per_pair`, `most_per_site_day`, `most_per_day`, `most_in_all`", "patients", "option"),
    ),
    notes=(
        "All transfers count, those inside a region, of groups and agreed upon too. A transfer belongs to the staff "
        "block of its period of departure, for `gap_h` at the receiver to that of its period of arrival.",
        "**group** (with `partners` or a `smallest_group` above 1) Σ x from i to j in block d of patients who "
        "need bed type b is at most B_bj: the staffed and surge beds of the type at j, at their most in any period, "
        "and those of types that may serve it there by bed_substitution, by its beds per patient. So no group is "
        "larger than the beds for it.",
        "**smallest** Σ x from i to j in d is 0 or at least `smallest_group`. **few** of a site i in d, at most "
        "`partners` receivers j with Σ x > 0.",
        "**gap** where patients of k leave i in block d, none of k come to i in d, nor in any block d' whose start "
        "lies less than `gap_h` from that of d.",
        "**pair** Σ x from i to j over the horizon; **site_day** patients who leave or come to the site, by staff "
        "block of departure, and **day** all of them, at most the budget times the days in the block, B_d / 24; "
        "**in_all** all patients moved.",
    ),
)
