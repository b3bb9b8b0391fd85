"""Reserve: areas and regions take others' patients only while a share of their beds stays free."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, grid
from nspl_opt.formulation.extra import right_for, terms_for
from nspl_opt.formulation.families.discharge_ready import own_waiting
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
from nspl_opt.formulation.own_need import own_patients
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO


class ReserveOptions(Options):
    """Which areas keep how much free."""

    grouping: str = Field(
        "civil_area", description='grouping whose areas keep a reserve, or "region"',
        json_schema_extra={"codes": "groupings"},
    )  # fmt: skip
    bed_types: tuple[str, ...] = Field(
        ("icu",), description="bed types that keep a reserve", strict=False, json_schema_extra={"codes": "bed_types"}
    )
    free_share: float = Field(0.20, ge=0, le=1, description="share of beds that stays free when helping others")
    region_bed_types: tuple[str, ...] = Field(
        (), description="bed types of which every region keeps a reserve too", strict=False,
        json_schema_extra={"codes": "bed_types"},
    )  # fmt: skip
    region_free_share: float = Field(
        0.1, ge=0, le=1, description="share of a region's beds that stays free when helping others"
    )
    helper_load: Annotated[float, Field(ge=0, le=2)] | Literal["off"] = Field(
        "off", description='no region takes guests beyond this share of its beds, its own need counted; or "off"'
    )
    helper_bed_types: tuple[str, ...] = Field(
        ("icu",), description="bed types of which helpers are not filled beyond that", strict=False,
        json_schema_extra={"codes": "bed_types"},
    )  # fmt: skip
    waiting: bool = Field(
        False, description="beds in which people wait for a municipal place are not free (discharge_ready)"
    )


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: ReserveOptions) -> None:
    """A floor per area, bed type and period, one per region, and what helpers may take at most."""
    situation, home = inst.situation, _home(inst)
    codes = [region.code for region in situation.regions]
    areas = (
        [(code,) for code in codes]
        if options.grouping == "region"
        else [area.regions for area in situation.groupings[options.grouping]]
    )
    members = [
        [i for code in area if code in codes for i in inst.region_sites[codes.index(code)] if home[i]] for area in areas
    ]
    block.members, block.waiting = members, options.waiting and m.component("discharge_ready") is not None
    block.region_members = [[i for i in sites if home[i]] for sites in inst.region_sites]

    @rule(block, grid(len(areas), _types(inst, options.bed_types), len(inst.hours)), "patients")
    def floor(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> Said:
        r"""An area cares for others' patients only while its reserve of beds stays free.

        .. math:: \sum_{i \in g} s_{kit} \le \max((1 - f) C_{gbt}, N^0_{gbt})
        """
        right = _most(m, members, options.free_share) + right_for(m, "reserve.floor")
        return [*_used(m, members), *terms_for(m, "reserve.floor")], "<=", right[a, b, t]

    if options.region_bed_types:
        _add_regions(block, m, inst, options.region_free_share, _types(inst, options.region_bed_types))
    if options.helper_load != "off":
        _add_helpers(block, m, inst, options.helper_load, _types(inst, options.helper_bed_types))


def _add_regions(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, free_share: float, types: list[int]) -> None:
    """One floor per region, bed type and period."""
    sites = block.region_members

    @rule(block, grid(len(sites), types, len(inst.hours)), "patients")
    def region_floor(r: np.ndarray, b: np.ndarray, t: np.ndarray) -> Said:
        r"""A region cares for others' patients only while its own reserve of beds stays free.

        .. math:: \sum_{i \in r} s_{kit} \le \max((1 - f_r) C_{rbt}, N^0_{rbt})
        """
        right = _most(m, sites, free_share) + right_for(m, "reserve.region_floor")
        return [*_used(m, sites), *terms_for(m, "reserve.region_floor")], "<=", right[r, b, t]


def _add_helpers(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, load: float, types: list[int]) -> None:
    """Guests of each region, as if all of them were cared for, and how many it may have."""
    moves, last = inst.moves, len(inst.hours) - 1
    hosts = [r for r, sites in enumerate(block.region_members) if sites]
    kinds = np.flatnonzero(np.isin(inst.bed_of, types))
    index = grid(kinds, hosts, len(inst.hours))
    block.guests = Columns(index, index.axes[2])
    bed = inst.bed_of[index.axes[0]]
    away = np.flatnonzero(inst.site_region[moves.origin] != inst.site_region[moves.destination])
    host = inst.site_region[moves.destination[away]]

    @rule(block, index, "patients")
    def hosted(k: np.ndarray, r: np.ndarray, t: np.ndarray) -> Said:
        r"""Guests of a region are those who have come from others and would not have left it yet.

        .. math:: g_{krt} = (1 - \delta_{kt}) g_{kr,t-1} + \sum_{k'} q_{k'k} \delta_{k't} g_{k'r,t-1}
                  + \sum_{e \mathrm{\ into\ } r \mathrm{\ from\ others},\ \alpha(e,t') = t} x_{et'}
        """
        stay = 1 - inst.discharge[k, np.minimum(t + 1, last)]
        terms = [Term(1.0, block.guests, (k, r, t)), Term(-stay, block.guests, (k, r, t + 1))]
        for one, other, share in onward(m):
            some = np.flatnonzero(k == one)
            left = share * inst.discharge[one, np.minimum(t[some] + 1, last)]
            terms.append(Term(-left, block.guests, (np.full(len(some), other), r[some], t[some] + 1), some))
        return [*terms, Term(-1.0, m.move, (moves.category[away], host, moves.arrival[away]), away)], "==", 0.0

    @rule(block, grid(hosts, types, len(inst.hours)), "patients")
    def helper(r: np.ndarray, b: np.ndarray, t: np.ndarray) -> Said:
        r"""No region takes so many guests that, its own need counted, it is fuller than a helper may be.

        .. math:: \sum_{k: b(k) = b} g_{krt} \le \max(0, x C_{rbt} - N^0_{rbt})
        """
        guests = Term(1.0, block.guests, (index.axes[1], bed, index.axes[2]))
        room = load * _beds(inst, block.region_members) - _own(m, block.region_members)
        return [guests], "<=", np.maximum(0.0, room)[r, b, t]


def onward(m: pyo.ConcreteModel) -> list[tuple[int, int, float]]:
    """(category, next category, share) of those who leave the one for the other, by the paths in force."""
    return [(step.category, step.next, step.share_micro / MICRO) for step in m.inst.steps]


def _home(inst: Instance) -> np.ndarray:
    """(site,) whether it lies in the nation: places abroad keep no reserve and are no helpers."""
    abroad = inst.situation.external_regions
    return np.array([site.region not in abroad for site in inst.situation.sites], dtype=bool)


def _types(inst: Instance, codes: tuple[str, ...]) -> list[int]:
    return [b for b, bed in enumerate(inst.situation.bed_types) if bed.code in codes]


def _used(m: pyo.ConcreteModel, members: list[list[int]]) -> list[Term]:
    """Who is cared for, and with `waiting` who waits in a bed, in rows of group of sites, bed type and period."""
    _, *cared = m.cared.axes
    lying = [(m.cared, cared), *([(ready.in_bed, ready.in_bed.axes)] if (ready := _ready(m)) is not None else [])]
    member = np.array([np.isin(np.arange(len(m.inst.site_region)), sites) for sites in members])
    terms = []
    for columns, (k, site, period) in lying:
        group, n = np.nonzero(member.reshape(len(members), -1)[:, site])
        terms.append(Term(1.0, columns, (group, m.inst.bed_of[k[n]], period[n]), n))
    return terms


def _ready(m: pyo.ConcreteModel) -> pyo.Block | None:
    """The family discharge_ready, where those who wait count."""
    return m.discharge_ready if m.reserve.waiting else None


def _most(m: pyo.ConcreteModel, members: list[list[int]], free_share: float) -> np.ndarray:
    """(group of sites, bed type, period) beds that may be used: all but the reserve, or what own patients need."""
    return np.maximum((1 - free_share) * _beds(m.inst, members), _own(m, members))


def _beds(inst: Instance, members: list[list[int]]) -> np.ndarray:
    """(group of sites, bed type, period) beds that are there, less those of planned care."""
    return np.stack([inst.free_beds[:, sites].sum(axis=1) for sites in members]).astype(float)


def _own(m: pyo.ConcreteModel, members: list[list[int]]) -> np.ndarray:
    """(group of sites, bed type, period) patients if nobody moved and all were cared for; who would wait too."""
    inst, ready = m.inst, _ready(m)
    need = own_patients(inst) + (0.0 if ready is None else own_waiting(inst, ready.options))
    found = np.zeros((len(members), len(inst.free_beds), len(inst.hours)))
    for group, bed, t in np.ndindex(*found.shape):
        found[group, bed, t] = need[np.ix_(inst.bed_of == bed, members[group], [t])].sum()
    return found


FAMILY = Family(
    "reserve",
    "Reserv",
    "Reserve",
    ReserveOptions,
    build,
    symbols=(
        Symbol(r"f", "`free_share`", "share", "option"),
        Symbol(r"C_{gbt}", "beds of the area: Σ_{i∈g} (beds − P + surge) in t", "beds", "data"),
        Symbol(r"f_r", "`region_free_share`", "share", "option"),
        Symbol(r"x", "`helper_load`", "share", "option"),
        Symbol(r"g_{krt}", "guests: patients from other regions, as if all were cared for", "patients", "variable"),
        Symbol(r"N^0_{gbt}", "patients of the area if nobody moved and all were cared for", "patients", "data"),
    ),
    notes=(
        "**floor** for every area g of `grouping`, bed type b in `bed_types`, t: Σ_{i∈g} s ≤ max( (1 − "
        "`free_share`) C_gbt , N⁰_gbt ), C = Σ_i (beds − P + surge) in t, N⁰ = patients of the area if nobody moved "
        "and all were cared for (the balance above with x = 0, s = n). Own patients may always be cared for; others "
        "only while the reserve stays free. N⁰ is the need of the area's own regions. A region in two areas keeps "
        "both floors. `bed_types = []` keeps none.",
        "**region_floor** is the same for every region by itself, bed types `region_bed_types` (none) and the share "
        "`region_free_share`, besides the floors of `grouping`.",
        "**hosted, helper** with `helper_load` x: g_kr,0 = those who arrive in period 0 by transfers from other "
        "regions; then g_krt = (1 − δ_kt) g_kr,t−1 + Σ_k' q_k'k δ_k't g_k'r,t−1 + those who arrive in t, q the paths "
        "in force (stages of a stay always, others with the family care_paths, by the shares stated). For every region "
        "r, bed type b in `helper_bed_types`, t: Σ_{k of b} g_krt ≤ max(0, x C_rbt − N⁰_rbt). Guests are counted as if "
        "all were cared for and none moved on, so they are at most those there; the limit is on what a region takes "
        "in, by what it foresees for its own. Places abroad keep no reserve and are no helpers.",
        "**waiting** (with the family discharge_ready) Beds in which people wait are used: Σ h stands beside Σ s in "
        "floor and region_floor, and N⁰ + W⁰ instead of N⁰ in all three rules. W⁰ are those of the area who would wait "
        "if nobody moved and all were cared for, municipal places given to the categories in their order, to the "
        "sites in theirs. Without it a bed in which somebody waits counts as free: it can be cleared when it is "
        "needed.",
    ),
    sources=(
        "`free_share`: the joint escalation plan of December 2020 began when free intensive-care capacity fell below "
        "20 % (svt.se, lakartidningen.se 2020-12); 20 to 25 % is free in a normal year (dagensmedisin.no 2021-01-05)",
    ),
)
