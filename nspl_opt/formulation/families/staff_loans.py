"""Staff loans: whole people lent from region to region for whole staff blocks."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.family import Family, Options, Terms, rule
from nspl_opt.instance.instance import Instance


class StaffLoanOptions(Options):
    """Who may be lent, how many, how long, and what a lent person achieves."""

    professions: tuple[str, ...] = Field(
        ("icu_nurse", "nurse"), description="professions that may be lent", strict=False,
        json_schema_extra={"codes": "professions"},
    )  # fmt: skip
    share: float = Field(0.08, ge=0, le=1, description="largest share of a region's people away at once")
    yield_share: float = Field(0.9, ge=0, le=1, description="work done away from home, as a share of work at home")
    shortest_stay_h: float = Field(72, ge=0, le=5000, description="shortest stay [h]")
    longest_stay_h: float = Field(336, ge=0, le=10000, description="longest stay [h]")
    travel_h: float = Field(12, ge=0, le=200, description="travel and introduction, lost once at the start [h]")
    partners: int = Field(6, ge=1, le=50, description="nearest regions that a region may lend to")


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: StaffLoanOptions) -> None:
    """People away and loans started, by profession, pair of regions and staff block."""
    names = [profession.code for profession in inst.situation.professions]
    lent = [c for c, name in enumerate(names) if name in options.professions]
    blocks = range(len(inst.block_hours))
    index = [(c, r, q, d) for c in lent for r, q in m.loan_pairs for d in blocks]
    largest = {
        (c, r, d): _may_lend(inst, c, r, d, options.share)
        for c in lent
        for r in range(len(inst.region_sites))
        for d in blocks
    }
    bounds = {key: (0, largest[key[0], key[1], key[3]]) for key in index}
    block.away = pyo.Var(index, domain=pyo.NonNegativeIntegers, bounds=lambda _, *key: bounds[key])
    block.started = pyo.Var(index, domain=pyo.NonNegativeIntegers, bounds=lambda _, *key: bounds[key])
    m.limits += [
        (variable, lambda c, r, _, d: _may_lend(inst, c, r, d, options.share))
        for variable in (block.away, block.started)
    ]
    block.options = options
    block.by_lender, block.by_borrower = {}, {}
    for c, r, q, d in index:
        block.by_lender.setdefault((c, r, d), []).append((c, r, q, d))
        block.by_borrower.setdefault((c, q, d), []).append((c, r, q, d))
    _add_rules(block, inst, options, index)


def _may_lend(inst: Instance, c: int, r: int, d: int, share: float) -> int:
    """Whole people of the region that may be away in the block: a share of the fewest it has then."""
    within = np.flatnonzero(inst.block == d)
    people = inst.situation.staff[c][list(inst.region_sites[r])][:, within].min(axis=1).sum()
    return int(np.floor(float(people) * share + 1e-9))


def _add_rules(block: pyo.Block, inst: Instance, options: StaffLoanOptions, index: list) -> None:
    length, blocks = inst.block_hours, range(len(inst.block_hours))
    young = [[e for e in range(d + 1) if length[e:d].sum() < options.shortest_stay_h] for d in blocks]
    recent = [[e for e in range(d + 1) if e == d or length[e : d + 1].sum() <= options.longest_stay_h] for d in blocks]
    away, started = dict(block.away.items()), dict(block.started.items())

    @rule(block, sorted(block.by_lender), "people")
    def share(c, r, d):
        r"""A region lends no more than a share of its people.

        .. math:: \sum_q L_{crqd} \le \lfloor \lambda H_{crd} \rfloor
        """
        return (
            [(1.0, block.away[key]) for key in block.by_lender[c, r, d]],
            "<=",
            float(_may_lend(inst, c, r, d, options.share)),
        )

    @rule(block, index, "people")
    def shortest_stay(c, r, q, d):
        r"""Whoever is lent stays the shortest stay at least.

        .. math:: L_{crqd} \ge \sum_{d' \le d,\ \mathrm{age} < \mathrm{shortest}} l_{crqd'}
        """
        return [*[(1.0, started[c, r, q, e]) for e in young[d]], (-1.0, away[c, r, q, d])], "<=", 0.0

    @rule(block, index, "people")
    def longest_stay(c, r, q, d):
        r"""Nobody is away longer than the longest stay.

        .. math:: L_{crqd} \le \sum_{d' \le d,\ \mathrm{stay} \le \mathrm{longest}} l_{crqd'}
        """
        return [(1.0, away[c, r, q, d]), *[(-1.0, started[c, r, q, e]) for e in recent[d]]], "<=", 0.0

    @rule(block, index, "people")
    def returns(c, r, q, d):
        r"""Who is away was away before or has just left.

        .. math:: L_{crqd} \le L_{crq,d-1} + l_{crqd}
        """
        before = [(-1.0, away[c, r, q, d - 1])] if d else []
        return [(1.0, away[c, r, q, d]), *before, (-1.0, started[c, r, q, d])], "<=", 0.0


def lost(m: pyo.ConcreteModel, c: int, r: int, d: int, factor: float) -> Terms:
    """``factor`` times the people whom the region has lent in the block."""
    loans = m.component("staff_loans")
    return [] if loans is None else [(factor, loans.away[key]) for key in loans.by_lender.get((c, r, d), ())]


def gained(m: pyo.ConcreteModel, c: int, r: int, d: int, factor: float) -> Terms:
    """``factor`` times the people whom the region has borrowed, as the work they do there."""
    loans = m.component("staff_loans")
    if loans is None:
        return []
    works = factor * loans.options.yield_share
    late = min(1.0, loans.options.travel_h / float(m.inst.block_hours[d]))
    terms: Terms = []
    for key in loans.by_borrower.get((c, r, d), ()):
        terms.append((works, loans.away[key]))
        if late:
            terms.append((-works * late, loans.started[key]))
    return terms


FAMILY = Family("staff_loans", "Personallån", "Staff loans", StaffLoanOptions, build)
