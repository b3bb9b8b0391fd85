"""Reserve: an area takes others' patients only while a share of its beds stays free."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.core import cared_terms
from nspl_opt.formulation.family import Family, Options, rule
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

    @rule(block, [(a, b, t) for a in range(len(areas)) for b in types for t in range(len(inst.hours))], "patients")
    def floor(a, b, t):
        r"""An area cares for others' patients only while its reserve of beds stays free.

        .. math:: \sum_{i \in g} s_{kit} \le \max((1 - f) C_{gbt}, N^0_{gbt})
        """
        users = [k for k in range(len(inst.bed_of)) if inst.bed_of[k] == b]
        terms = [term for i in members[a] for k in users for term in cared_terms(m, 1.0, k, i, t)]
        capacity = float(inst.free_beds[b, members[a], t].sum())
        need = _own_need(inst, users, members[a], t)
        return terms, "<=", max((1 - options.free_share) * capacity, need)


def _own_need(inst: Instance, categories: list[int], sites: list[int], period: int) -> float:
    """Patients at the sites in the period if nobody moved and all were cared for."""
    some = np.ix_(categories, sites)
    need = inst.initial[some]
    for t in range(period + 1):
        need = need * (1 - inst.discharge[categories, t])[:, None] + inst.arrivals[..., t][some]
    return float(need.sum())


FAMILY = Family("reserve", "Reserv", "Reserve", ReserveOptions, build)
