"""Reserve: an area takes others' patients only while a share of its beds stays free."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import grid
from nspl_opt.formulation.extra import right_for, terms_for
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance


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


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: ReserveOptions) -> None:
    """One floor per area, bed type and period. Own patients may always be cared for."""
    situation = inst.situation
    codes = [region.code for region in situation.regions]
    areas = (
        [(code,) for code in codes]
        if options.grouping == "region"
        else [area.regions for area in situation.groupings[options.grouping]]
    )
    members = [[i for code in area if code in codes for i in inst.region_sites[codes.index(code)]] for area in areas]
    block.members = members
    types = [b for b, bed in enumerate(situation.bed_types) if bed.code in options.bed_types]

    _, k, site, period = m.cared.axes
    member = np.array([np.isin(np.arange(len(inst.site_region)), sites) for sites in members]).reshape(len(areas), -1)
    area, n = np.nonzero(member[:, site])

    @rule(block, grid(len(areas), types, len(inst.hours)), "patients")
    def floor(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> Said:
        r"""An area cares for others' patients only while its reserve of beds stays free.

        .. math:: \sum_{i \in g} s_{kit} \le \max((1 - f) C_{gbt}, N^0_{gbt})
        """
        cared = Term(1.0, m.cared, (area, inst.bed_of[k[n]], period[n]), n)
        right = np.empty((len(areas), len(inst.free_beds), len(inst.hours)))
        for one, sites in enumerate(members):
            for bed in types:
                free = inst.free_beds[bed, sites].sum(axis=0)
                own = _own_need(inst, np.flatnonzero(inst.bed_of == bed).tolist(), sites)
                right[one, bed] = np.maximum((1 - options.free_share) * free, own)
        right = right + right_for(m, "reserve.floor")
        return [cared, *terms_for(m, "reserve.floor")], "<=", right[a, b, t]


def _own_need(inst: Instance, categories: list[int], sites: list[int]) -> list[float]:
    """(period,) patients at the sites if nobody moved and all were cared for."""
    some = np.ix_(categories, sites)
    need, found = inst.initial[some], []
    for t in range(len(inst.hours)):
        need = need * (1 - inst.discharge[categories, t])[:, None] + inst.arrivals[..., t][some]
        found.append(float(need.sum()))
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
        Symbol(r"N^0_{gbt}", "patients of the area if nobody moved and all were cared for", "patients", "data"),
    ),
    notes=(
        "**floor** for every area g of `grouping`, bed type b in `bed_types`, t: Σ_{i∈g} s ≤ max( (1 − "
        "`free_share`) C_gbt , N⁰_gbt ), C = Σ_i (beds − P + surge) in t, N⁰ = patients of the area if nobody moved "
        "and all were cared for (the balance above with x = 0, s = n). Own patients may always be cared for; others "
        "only while the reserve stays free. N⁰ is the need of the area's own regions. A region in two areas keeps "
        "both floors. `bed_types = []` keeps none.",
    ),
    sources=(
        "`free_share`: the joint escalation plan of December 2020 began when free intensive-care capacity fell below 20 % "
        "(svt.se, lakartidningen.se 2020-12); 20 to 25 % is free in a normal year (dagensmedisin.no 2021-01-05)",
    ),
)
