"""Endurance: extra hours can be worked for a while, and then there must be rest."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, grid
from nspl_opt.formulation.extra import add_terms
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO


class EnduranceOptions(Options):
    """Who may work extra hours, how many, and for how long."""

    professions: tuple[str, ...] = Field(
        ("icu_nurse", "nurse"), description="professions that may work extra hours", strict=False,
        json_schema_extra={"codes": "professions"},
    )  # fmt: skip
    extra_share: float = Field(0.2, ge=0, le=1, description="extra hours at most, as a share of the ordinary ones")
    work_h: float = Field(96, ge=0, le=2000, description="hours for which they can be worked in full [h]")
    rest_h: float = Field(24, ge=0, le=2000, description="hours without them that must follow [h]")


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: EnduranceOptions) -> None:
    """Extra hours as people's worth per staff block, and rest after them."""
    situation = inst.situation
    codes = [profession.code for profession in situation.professions]
    chosen = [c for c, code in enumerate(codes) if code in options.professions]
    regions = [r for r, sites in enumerate(inst.region_sites) if sites]
    index = grid(chosen, regions, len(inst.block_hours))
    c, r, d = index.axes
    if not index.count:
        m.notes.append("endurance.nobody")

    def most() -> np.ndarray:
        """(column,) people's worth of extra hours at most, as the numbers are now."""
        return options.extra_share * _people(inst)[c, r, d]

    block.extra = Columns(index, inst.block_start[d], most())
    m.limits.append(("staff", block.extra, most))
    on_duty = np.array([profession.on_duty_micro / MICRO for profession in situation.professions])
    _add_hours(m, inst, block.extra, on_duty)
    runs = _runs(inst.block_hours, options.work_h + options.rest_h)
    first = np.array(sorted(runs), dtype=np.int64)

    @rule(block, grid(chosen, regions, first), "hours")
    def rest(c: np.ndarray, r: np.ndarray, d: np.ndarray) -> Said:
        r"""Who has worked extra hours for as long as can be borne rests from them.

        .. math:: \sum_{d' = d}^{e(d)} B_{d'} v_{crd'} \le \epsilon W \min_{d \le d' \le e(d)} H_{crd'}
        """
        vc, vr, vd = block.extra.axes
        terms = []
        for begin, end in sorted(runs.items()):
            at = np.flatnonzero((vd >= begin) & (vd <= end))
            hours = inst.block_hours[vd[at]].astype(float)
            terms.append(Term(hours, block.extra, (vc[at], vr[at], np.full(len(at), begin)), at))
        people = _people(inst)
        least = (
            np.stack([people[:, :, begin : end + 1].min(axis=2) for begin, end in sorted(runs.items())], axis=2)
            if runs
            else np.zeros((*people.shape[:2], 0))
        )
        return terms, "<=", options.extra_share * options.work_h * least[c, r, np.searchsorted(first, d)]


def _people(inst: Instance) -> np.ndarray:
    """(profession, region, staff block) people employed and there, the fewest in any period of the block."""
    staff = inst.situation.staff
    by_region = np.stack([staff[:, list(sites)].sum(axis=1) for sites in inst.region_sites], axis=1)
    blocks = [by_region[:, :, inst.block == d].min(axis=2) for d in range(len(inst.block_hours))]
    return np.stack(blocks, axis=2).astype(float)


def _runs(block_hours: np.ndarray, least_h: float) -> dict[int, int]:
    """First staff block -> last one of the shortest run from there that lasts so long; none where the horizon ends."""
    ends = np.cumsum(block_hours)
    found = {}
    for d in range(len(block_hours)):
        long_enough = np.flatnonzero(ends - ends[d] + block_hours[d] >= least_h)
        if len(long_enough):
            found[d] = max(d, int(long_enough[0]))
    return found


def _add_hours(m: pyo.ConcreteModel, inst: Instance, extra: Columns, on_duty: np.ndarray) -> None:
    """More people on duty in the region, in every period of the block, and at any of its sites."""
    c, r, d = extra.axes
    n, t = np.nonzero(inst.block[None, :] == d[:, None])

    def region() -> list[Term]:
        return [Term(-on_duty[c[n]], extra, (c[n], r[n], t), n)]

    def site() -> list[Term]:
        terms = []
        for place, home in enumerate(inst.site_region.tolist()):
            here = np.flatnonzero(r[n] == home)
            at = n[here]
            terms.append(Term(-on_duty[c[at]], extra, (c[at], r[at], place, t[here]), at, follows=True))
        return terms

    add_terms(m, "staff.region", region)
    add_terms(m, "staff.site", site)


FAMILY = Family(
    "endurance",
    "Uthållighet",
    "Endurance",
    EnduranceOptions,
    build,
    symbols=(
        Symbol(r"v_{crd}", "people's worth of extra hours in a staff block", "people", "variable"),
        Symbol(r"H_{crd}", "people employed and there, the fewest in any period of the block", "people", "data"),
        Symbol(r"e(d)", "last block of the shortest run from d of at least `work_h` + `rest_h`", "", "data"),
        Symbol(r"\epsilon", "`extra_share`", "share", "option"),
        Symbol(r"W", "`work_h`", "h", "option"),
    ),
    notes=(
        "0 ≤ v_crd ≤ ε H_crd for the professions named, H_crd = min over periods t of d of Σ_{i∈r} staff_cit, those in "
        "planned care and on loan elsewhere counted. **staff.region** of every period of d gets φ_c v_crd on the side "
        "of those on duty; so does **staff.site** of every site of the region: the extra hours may be worked at any "
        "one of them, and the rule of the region binds them together.",
        "**rest** for every block d from which some run of blocks lasts `work_h` + `rest_h` or more before the horizon "
        "ends; e(d) ends the shortest. Σ B v ≤ ε W min H: hours worked in full for W, or fewer for longer. What was "
        "worked before the first block is not counted.",
    ),
    sources=(
        "48 hours a week instead of 40 under the crisis agreement of local authorities (arbetet.se, 2020)",
        "`work_h` and `rest_h` are estimates",
    ),
    requires=("staff",),
)
