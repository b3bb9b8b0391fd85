"""Beds that serve one another: a bed of one type may hold a patient who needs another, where the scenario says so."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, Index, grid
from nspl_opt.formulation.extra import add_terms
from nspl_opt.formulation.families.elective import freed
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation


class SubstitutionOptions(Options):
    """Which beds may be lent to other care, and how many of them."""

    largest_share: float = Field(1.0, ge=0, le=1, description="share of a bed type's open beds that may serve others")
    types: Annotated[tuple[str, ...], Field(strict=False)] | Literal["all"] = Field(
        "all", description='bed types that may give, or "all"', json_schema_extra={"codes": "bed_types"}
    )


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: SubstitutionOptions) -> None:
    """Patients in beds of another type, and what they take of both."""
    gives, serves, per_patient, named, there = _listed(inst.situation, options)
    where = np.nonzero(named[:, :, None] & there)
    if not len(where[0]):
        m.notes.append("bed_substitution.nothing_listed")
    block.other = Columns(Index(*where), where[2])
    block.giving = {(int(gives[p]), int(i)): int(p) for p, i in np.argwhere(named)}
    p, i, t = block.other.axes
    given, served, taken = gives[p], serves[p], per_patient[p]
    add_terms(m, "beds.capacity", lambda: _used(block.other, given, served, taken, i, t))
    for name, members in (("floor", "members"), ("region_floor", "region_members")):
        add_terms(
            m, f"reserve.{name}", lambda members=members: _in_areas(m, block.other, given, served, taken, members)
        )
    everywhere = grid(*inst.free_beds.shape)
    _, k, cared_at, cared_in = m.cared.axes

    @rule(block, _some(everywhere, given, i, t), "beds")
    def share(b: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""No more beds of a type serve other care than the share of its open beds that may.

        .. math:: \sum_{p: g(p)=b} \beta_p o_{pit} \le \sigma_b (B_{bit} + Q_{bit} - P_{bit} (1 - \sigma z_{id} / Z))
        """
        lent = Term(taken, block.other, (given, *block.other.axes[1:]))
        back = freed(m, i, t, -options.largest_share, inst.planned_beds[b, i, t], (b, i, t))
        return [lent, *back], "<=", options.largest_share * inst.free_beds[b, i, t].astype(float)

    @rule(block, _some(everywhere, served, i, t), "patients")
    def needed(b: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""Only patients who are cared for lie in beds of another type.

        .. math:: \sum_{p: h(p)=b} o_{pit} \le \sum_{k: b(k)=b} s_{kit}
        """
        lie = Term(1.0, block.other, (served, *block.other.axes[1:]))
        return [lie, Term(-1.0, m.cared, (inst.bed_of[k], cared_at, cared_in), follows=True)], "<=", 0.0


def beds_lent(situation: Situation, options: SubstitutionOptions | None) -> np.ndarray | None:
    """(bed type, site, period) whether beds of another type may serve it; None without the family."""
    if options is None:
        return None
    _, serves, _, named, there = _listed(situation, options)
    found = np.zeros(situation.beds.shape, dtype=bool)
    for p, b in enumerate(serves):
        found[b] |= named[p][:, None] & there[p]
    return found


def sites_lent(situation: Situation, options: SubstitutionOptions | None) -> frozenset[tuple[int, int]]:
    """(bed type, site) that beds of another type may serve at some time."""
    lent = beds_lent(situation, options)
    return frozenset() if lent is None else frozenset((int(b), int(i)) for b, i in np.argwhere(lent.any(axis=2)))


def _listed(
    situation: Situation, options: SubstitutionOptions
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Giving and served bed type and beds per patient of each pair; (pair, site) where it may be used; (pair, site,
    period) where the giver has beds."""
    beds, codes = [bed.code for bed in situation.bed_types], [site.code for site in situation.sites]
    pairs = situation.bed_substitutes
    gives = np.array([beds.index(pair.gives) for pair in pairs], dtype=np.int64)
    serves = np.array([beds.index(pair.serves) for pair in pairs], dtype=np.int64)
    per_patient = np.array([pair.beds_micro / MICRO for pair in pairs])
    there = situation.beds + situation.surge_beds != 0
    named = np.zeros((len(pairs), len(codes)), dtype=bool)
    for p, pair in enumerate(pairs):
        if options.types == "all" or pair.gives in options.types:
            named[p] = np.isin(codes, pair.sites) if pair.sites else True
    return gives, serves, per_patient, named, there[gives]


def _some(everywhere: Index, bed: np.ndarray, i: np.ndarray, t: np.ndarray) -> Index:
    """The keys of all in which one of these stands."""
    at = np.unique(everywhere.places(bed, i, t))
    return Index(*(axis[at] for axis in everywhere.axes))


def _used(other: Columns, given: np.ndarray, served: np.ndarray, taken: np.ndarray, *where: np.ndarray) -> list[Term]:
    """Beds used: more of the type that gives, fewer of the type that is served."""
    return [Term(taken, other, (given, *where)), Term(-1.0, other, (served, *where))]


def _in_areas(
    m: pyo.ConcreteModel, other: Columns, given: np.ndarray, served: np.ndarray, taken: np.ndarray, members: str
) -> list[Term]:
    """Beds used, in each area or region with a reserve to which a site belongs."""
    _, i, t = other.axes
    terms = []
    for area, sites in enumerate(getattr(m.reserve, members)):
        at = np.flatnonzero(np.isin(i, sites))
        terms.append(Term(taken[at], other, (area, given[at], t[at]), at))
        terms.append(Term(-1.0, other, (area, served[at], t[at]), at))
    return terms


FAMILY = Family(
    "bed_substitution",
    "Vårdplatser för annan vård",
    "Beds for other care",
    SubstitutionOptions,
    build,
    symbols=(
        Symbol(r"o_{pit}", "patients of the served type who lie in beds of the giving type", "patients", "variable"),
        Symbol(r"g(p), h(p)", "bed type that gives, bed type that is served, of a listed pair", "", "data"),
        Symbol(r"\beta_p", "beds per patient", "beds", "data"),
        Symbol(r"\sigma_b", "`largest_share`", "share", "option"),
    ),
    notes=(
        "A pair p of the scenario's table `bed_substitutes` says that beds of type g(p) may hold patients who need "
        "h(p), β_p beds each, at the sites it names (none: everywhere). There is o_pit where the giver has beds in t "
        "(staffed or surge). Patients may then be cared for "
        "there without a bed of their own type. Nothing follows from two pairs in a row: only what is listed.",
        "**beds.capacity** of b gets + Σ_{g(p)=b} β_p o_pit − Σ_{h(p)=b} o_pit on the side of the patients, and so "
        "do **reserve.floor** and **reserve.region_floor**: the reserve is of beds, whoever lies in them.",
        "**share** for b, i, t with a pair that gives b: Σ β_p o_pit ≤ σ_b · (beds + surge − P (1 − z/Z σ)), the open "
        "beds of capacity. Surge counts as it can be open. **needed**: Σ_{h(p)=b} o_pit ≤ Σ_{k: b(k)=b} s_kit, all "
        "standards. Staff follow the patient's category, not the bed. o is judged in millionths.",
    ),
    sources=("which beds may serve which patients is stated by the scenario, with its source",),
    requires=("beds",),
)
