"""Reception: how many patients a place can take in a day."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import NO_KEYS, Index, grid
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import ReceptionLimit


class ReceptionOptions(Options):
    """How many may be taken in."""

    per_day_share: Annotated[float, Field(ge=0, le=5)] | Literal["off"] = Field(
        "off", description='largest intake a day per site and bed type, as a share of its staffed beds; or "off"'
    )
    limits: bool = Field(True, description="the limits that the scenario states bind")


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: ReceptionOptions) -> None:
    """One row per limit and staff block: first the scenario's limits, then every bed type at every site."""
    stated = inst.situation.reception if options.limits else ()
    shared = grid(len(inst.free_beds), len(inst.site_region)).count if options.per_day_share != "off" else 0
    block.stated = len(stated)
    if not stated and not shared:
        m.notes.append("reception.no_limits")
    key, cell = _counted(inst, stated, shared > 0)
    period, days = inst.moves.arrival[cell], np.arange(len(inst.block_hours))
    index = Index(*(axis.ravel() for axis in np.meshgrid(np.arange(len(stated) + shared), days, indexing="ij")))

    @rule(block, index, "patients")
    def intake(n: np.ndarray, d: np.ndarray) -> Said:
        r"""No place takes in more patients in a day than it can receive.

        .. math:: \sum_{e \mathrm{\ into\ } n,\ d(\alpha(e,t)) = d} x_{et}
                  \le \sum_{t \in d \cap n} R_{nt} \Delta_t / 24
        """
        right = np.concatenate([_stated(inst, stated), _shared(inst, options.per_day_share if shared else 0)[:shared]])
        return [Term(1.0, m.move, (key, inst.block[period]), cell)], "<=", right[n, d]


def _counted(inst: Instance, stated: tuple[ReceptionLimit, ...], shared: bool) -> tuple[np.ndarray, np.ndarray]:
    """(pair,) number of a limit and of a cell that counts against it."""
    moves, beds = inst.moves, [bed.code for bed in inst.situation.bed_types]
    codes = [site.code for site in inst.situation.sites]
    bed = inst.bed_of[moves.category]
    keys, cells = [NO_KEYS], [NO_KEYS]
    for number, limit in enumerate(stated):
        there = np.isin(moves.destination, [codes.index(site) for site in limit.sites])
        there &= _inside(inst, limit)[moves.arrival]
        if limit.bed_type != "all":
            there &= bed == beds.index(limit.bed_type)
        some = np.flatnonzero(there & ~np.isin(moves.origin, [codes.index(site) for site in limit.sites]))
        keys.append(np.full(len(some), number))
        cells.append(some)
    if shared:
        keys.append(len(stated) + bed * len(codes) + moves.destination)
        cells.append(np.arange(len(moves.period)))
    return np.concatenate(keys), np.concatenate(cells)


def _inside(inst: Instance, limit: ReceptionLimit) -> np.ndarray:
    """(period,) whether the middle of the period lies in the window of the limit."""
    middle = np.array([2 * period.start_h + period.length_h for period in inst.situation.periods])
    return (middle >= 2 * limit.from_h) & (middle < 2 * limit.to_h)


def _stated(inst: Instance, stated: tuple[ReceptionLimit, ...]) -> np.ndarray:
    """(limit, staff block) patients whom the scenario's limits let in; infinite in blocks outside the window."""
    right = np.full((len(stated), len(inst.block_hours)), np.inf)
    for number, limit in enumerate(stated):
        inside = _inside(inst, limit)
        hours = np.bincount(inst.block, inst.hours * inside, len(inst.block_hours))
        right[number] = np.where(hours > 0, limit.per_day_micro / MICRO * hours / 24, np.inf)
    return right


def _shared(inst: Instance, share: float) -> np.ndarray:
    """(bed type and site, staff block) patients for whom the share of the staffed beds leaves room."""
    beds = inst.situation.beds * inst.hours
    days = np.stack([beds[:, :, inst.block == d].sum(axis=2) for d in range(len(inst.block_hours))], axis=2)
    return share * days.reshape(-1, len(inst.block_hours)) / 24


FAMILY = Family(
    "reception",
    "Mottagningsgräns",
    "Reception limit",
    ReceptionOptions,
    build,
    symbols=(
        Symbol(r"n", "limit: some sites together, a bed type or all, a window", "", "data"),
        Symbol(r"R_{nt}", "patients a day", "patients/day", "data"),
        Symbol(r"d(t)", "staff block of a period", "", "data"),
    ),
    notes=(
        "**intake** for every limit n and staff block d: the patients who arrive in periods of d and come from outside "
        "the limit's sites, who need its bed type (`all`: any), are at most Σ_{t ∈ d} R_nt Δ_t / 24. Of a stated limit "
        "only periods whose middle lies in its window count, on both sides, and blocks without such a period are not "
        "limited. By block, not by period: 2.5 a day would let no whole patient in during six hours.",
        "With `per_day_share` there is also a limit for each site and bed type: R_nt is that share of the staffed beds "
        "of the period, those of planned care included, surge not. A site without staffed beds then takes in nobody.",
        "A limit of a hospital binds at region level only together with those of all hospitals of the region that have "
        "such beds: then their sum does. A limit of a region is of all its hospitals together.",
    ),
)
