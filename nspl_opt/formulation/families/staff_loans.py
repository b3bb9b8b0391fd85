"""Staff loans: whole people lent from region to region for whole staff blocks."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, Index, distinct, grid
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
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
    lenders, borrowers = np.array(m.loan_pairs, dtype=np.int64).reshape(-1, 2).T
    c, pair, d = grid(lent, len(lenders), len(inst.block_hours)).axes
    all_of_them = Index(c, lenders[pair], borrowers[pair], d)
    if m.declined_loans is not None:
        asked = ~m.declined_loans[all_of_them.axes]
        c, pair, d = c[asked], pair[asked], d[asked]
    index = Index(c, lenders[pair], borrowers[pair], d)
    limits = _may_lend(inst, options.share)[c, lenders[pair], d]
    first = inst.block_start[d]
    block.away = Columns(index, first, limits, whole=True)
    block.started = Columns(index, first, limits, whole=True)
    m.limits += [
        ("staff", variable, lambda: _may_lend(inst, options.share)[c, lenders[pair], d])
        for variable in (block.away, block.started)
    ]
    block.options = options
    _add_rules(block, inst, options, index, all_of_them)


def _may_lend(inst: Instance, share: float) -> np.ndarray:
    """(profession, region, block) whole people who may be away: a share of the fewest there are in the block."""
    staff, blocks = inst.situation.staff, range(len(inst.block_hours))
    fewest = np.stack([staff[:, :, inst.block == d].min(axis=2) for d in blocks], axis=2)
    people = np.zeros((len(inst.region_sites), len(staff), len(blocks)))
    np.add.at(people, inst.site_region, fewest.swapaxes(0, 1))
    return np.floor(people.swapaxes(0, 1) * share + 1e-9)


def _add_rules(block: pyo.Block, inst: Instance, options: StaffLoanOptions, index: Index, all_of_them: Index) -> None:
    """``index`` are the columns; in ``all_of_them``, what is declined too, nobody stays who must."""
    length, blocks = inst.block_hours, range(len(inst.block_hours))
    young = [[e <= d and length[e:d].sum() < options.shortest_stay_h for d in blocks] for e in blocks]
    recent = [[e == d or (e < d and length[e : d + 1].sum() <= options.longest_stay_h) for d in blocks] for e in blocks]
    c, r, q, d = index.axes

    def started(sign: float, counts: list[list[bool]]) -> Term:
        """Loans started in block e that count in block d."""
        at, later = np.nonzero(np.array(counts, dtype=bool).reshape(len(blocks), -1)[d])
        return Term(sign, block.started, (c[at], r[at], q[at], later), at)

    @rule(block, distinct(c, r, d), "people")
    def share(c: np.ndarray, r: np.ndarray, d: np.ndarray) -> Said:
        r"""A region lends no more than a share of its people.

        .. math:: \sum_q L_{crqd} \le \lfloor \lambda H_{crd} \rfloor
        """
        away = Term(1.0, block.away, tuple(index.axes[n] for n in (0, 1, 3)))
        return [away], "<=", _may_lend(inst, options.share)[c, r, d]

    @rule(block, all_of_them, "people")
    def shortest_stay(c: np.ndarray, r: np.ndarray, q: np.ndarray, d: np.ndarray) -> Said:
        r"""Whoever is lent stays the shortest stay at least.

        .. math:: L_{crqd} \ge \sum_{d' \le d,\ \mathrm{age} < \mathrm{shortest}} l_{crqd'}
        """
        return [started(1.0, young), Term(-1.0, block.away, index.axes)], "<=", 0.0

    @rule(block, index, "people")
    def longest_stay(c: np.ndarray, r: np.ndarray, q: np.ndarray, d: np.ndarray) -> Said:
        r"""Nobody is away longer than the longest stay.

        .. math:: L_{crqd} \le \sum_{d' \le d,\ \mathrm{stay} \le \mathrm{longest}} l_{crqd'}
        """
        return [Term(1.0, block.away, (c, r, q, d)), started(-1.0, recent)], "<=", 0.0

    @rule(block, index, "people")
    def returns(c: np.ndarray, r: np.ndarray, q: np.ndarray, d: np.ndarray) -> Said:
        r"""Who is away was away before or has just left.

        .. math:: L_{crqd} \le L_{crq,d-1} + l_{crqd}
        """
        before = Term(-1.0, block.away, (c, r, q, d + 1))
        return [Term(1.0, block.away, (c, r, q, d)), before, Term(-1.0, block.started, (c, r, q, d))], "<=", 0.0


def lost(m: pyo.ConcreteModel, factor: np.ndarray) -> list[Term]:
    """``factor`` (profession,) times the people whom a region has lent; rows are profession, region, period."""
    loans = m.component("staff_loans")
    if loans is None:
        return []
    at, t = _days(m, loans)
    c, r, _, _ = (axis[at] for axis in loans.away.axes)
    return [Term(factor[c], loans.away, (c, r, t), at, follows=True)]


def gained(m: pyo.ConcreteModel, factor: np.ndarray, by_site: bool = False) -> list[Term]:
    """``factor`` (profession,) times the people whom a region has borrowed, as the work they do there.

    Rows are profession, region, period; or, ``by_site``, profession, region, each site of it, period.
    """
    loans = m.component("staff_loans")
    if loans is None:
        return []
    at, t = _days(m, loans)
    c, _, q, d = (axis[at] for axis in loans.away.axes)
    key: tuple = (c, q, t)
    if by_site:
        entry, site = np.nonzero(m.inst.site_region == q[:, None])
        at, c, d = at[entry], c[entry], d[entry]
        key = (c, q[entry], site, t[entry])
    works = factor[c] * loans.options.yield_share
    late = np.minimum(1.0, loans.options.travel_h / m.inst.block_hours[d].astype(float))
    return [
        Term(works, loans.away, key, at, follows=True),
        Term(-works * late, loans.started, key, at, follows=True),
    ]


def _days(m: pyo.ConcreteModel, loans: pyo.Block) -> tuple[np.ndarray, np.ndarray]:
    """Number of a loan and period of its block, for every such pair."""
    return np.nonzero(m.inst.block == loans.away.axes[3][:, None])


FAMILY = Family(
    "staff_loans",
    "Personallån",
    "Staff loans",
    StaffLoanOptions,
    build,
    symbols=(
        Symbol(r"\lambda", "`share`", "share", "option"),
        Symbol(
            r"H_{crd}", "people of the region, at each site the fewest in any period of the block", "people", "data"
        ),
        Symbol(r"L_{crqd}", "people of c lent from r to q, away during block d", "people", "variable"),
        Symbol(r"l_{crqd}", "of them started in block d", "people", "variable"),
    ),
    notes=(
        "**share** Σ_q L_crqd ≤ λ · Σ_{i∈r} min over t∈d of H_cit, whole people rounded down (λ = `share`, default "
        "0.08).",
        "**shortest_stay** L_crqd ≥ Σ of l over the blocks d' ≤ d whose age Σ_{d'..d−1} B < `shortest_stay_h`.",
        "**longest_stay** L_crqd ≤ Σ of l over the blocks d' ≤ d with Σ_{d'..d} B ≤ `longest_stay_h` (the block of "
        "the start always counts).",
        "**returns** L_crqd ≤ L_crq,d−1 + l_crqd.",
        "Partners: a region lends to its `partners` nearest regions (road minutes between their places; ties by "
        "code) among the professions in `professions`, and never over a closed border.",
    ),
    sources=(
        "lending between regions under the crisis agreement of local authorities, four weeks at a time (arbetet.se, "
        "lakartidningen.se 2020-04); `share`, `yield_share` and `travel_h` are estimates",
    ),
)
