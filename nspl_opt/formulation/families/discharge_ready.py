"""Ready for discharge: who needs a place in the municipality waits for it, in a bed if there is one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, grid
from nspl_opt.formulation.extra import add_entries, add_terms
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
from nspl_opt.formulation.goal import sum_of
from nspl_opt.formulation.own_need import own_patients
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.shares import share_out
from nspl_opt.scenario.situation import Situation


class ReadyOptions(Options):
    """How many need a municipal place, and what they take while they wait."""

    share_factor: float = Field(1.0, ge=0, le=1, description="the stated shares are taken times this factor [share]")
    staff_share: float = Field(
        0.3, ge=0, le=1, description="people that who waits in a bed takes, of those of conventional care [share]"
    )
    start_days: float = Field(0, ge=0, le=30, description="who waits at the start, in days of municipal places [days]")


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: ReadyOptions) -> None:
    """Who becomes ready, who waits and where, who is placed."""
    share, start = ready_micro(inst.situation, options.share_factor), waiting_at_start(inst.situation, options)
    limited = limited_sites(inst.situation)
    where = grid(np.flatnonzero(share), np.flatnonzero(limited), len(inst.hours))
    if not where.count:
        m.notes.append("discharge_ready.nothing_stated")
    elif not limited.all():
        m.notes.append("discharge_ready.some_take_all")
    block.options = options
    block.waiting, block.in_bed, block.placed = (Columns(where, where.axes[2]) for _ in range(3))
    i = where.axes[1]
    _add_to_others(m, inst, block, options.staff_share)
    home = share / MICRO * (1 - _goes_on(inst))
    _, ck, ci, ct = m.cared.axes

    @rule(block, where, "patients")
    def waits(k: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""Who waits: who waited, who has become ready, less who was placed.

        .. math:: y_{kit} = y_{ki,t-1} + m_k (1 - \sum_{k'} q_{kk'}) \delta_{kt} s_{ki,t-1} - p_{kit}
        """
        leaves = inst.discharge[ck, np.minimum(ct + 1, len(inst.hours) - 1)]
        became = Term(-home[ck] * leaves, m.cared, (ck, ci, ct + 1))
        terms = [Term(1.0, block.waiting, (k, i, t)), Term(-1.0, block.waiting, (k, i, t + 1))]
        first = start / MICRO + home[:, None] * inst.discharge[:, :1] * inst.initial
        return [*terms, became, Term(1.0, block.placed, (k, i, t))], "==", np.where(t == 0, first[k, i], 0.0)

    region = inst.site_region[i]

    @rule(block, grid(np.unique(region), len(inst.hours)), "patients")
    def places(r: np.ndarray, t: np.ndarray) -> Said:
        r"""No more are placed than the municipalities of the region take in.

        .. math:: \sum_{i \in r, k} p_{kit} \le M_{rt}
        """
        municipal = inst.situation.municipal
        most = 0.0 if municipal is None else municipal.places_micro[r, t] / MICRO
        return [Term(1.0, block.placed, (region, block.placed.axes[2]))], "<=", most

    @rule(block, where, "patients")
    def housed(k: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""Only who waits lies in a bed.

        .. math:: h_{kit} \le y_{kit}
        """
        return [Term(1.0, block.in_bed, (k, i, t)), Term(-1.0, block.waiting, (k, i, t), follows=True)], "<=", 0.0


def ready_micro(situation: Situation, factor: float) -> np.ndarray:
    """(category,) of those who leave care for good, how many need a municipal place [1e-6]."""
    if situation.municipal is None:
        return np.zeros(len(situation.categories), dtype=np.int64)
    exactly = Fraction(str(factor))
    return np.array([round(int(one) * exactly) for one in situation.municipal.ready_micro], dtype=np.int64)


def limited_sites(situation: Situation) -> np.ndarray:
    """(site,) whether its region takes only so many; elsewhere nobody waits."""
    if situation.municipal is None:
        return np.zeros(len(situation.sites), dtype=bool)
    codes = [region.code for region in situation.regions]
    return situation.municipal.limited[[codes.index(site.region) for site in situation.sites]].astype(bool)


def waiting_at_start(situation: Situation, options: ReadyOptions) -> np.ndarray:
    """(category, site) who waits before the first period [patients / 1e6].

    ``start_days`` days of the region's places of the first period, shared out by largest remainder in proportion to
    the share who need a place times the patients at the start.
    """
    found = np.zeros(situation.initial_micro.shape, dtype=np.int64)
    share, limited = ready_micro(situation, options.share_factor), limited_sites(situation)
    kinds = np.flatnonzero(share).tolist()
    for r, region in enumerate(situation.regions if limited.any() else ()):
        here = [i for i, site in enumerate(situation.sites) if site.region == region.code and limited[i]]
        cells = [(k, i) for k in kinds for i in here]
        if cells:
            per_day = Fraction(24 * int(situation.municipal.places_micro[r, 0]), situation.periods[0].length_h)
            weights = [int(share[k]) * int(situation.initial_micro[k, i]) for k, i in cells]
            for cell, part in zip(
                cells, share_out(round(Fraction(str(options.start_days)) * per_day), weights), strict=True
            ):
                found[cell] = part
    return found


def own_waiting(inst: Instance, options: ReadyOptions) -> np.ndarray:
    """(category, site, period) who would wait if nobody moved and all were cared for [patients].

    As the numbers are now. Places go to the categories in their order, and to the sites in theirs.
    """
    need, found = own_patients(inst), np.zeros(inst.arrivals.shape)
    limited = limited_sites(inst.situation)
    if not limited.any():
        return found
    share = ready_micro(inst.situation, options.share_factor) / MICRO * (1 - _goes_on(inst))
    there = waiting_at_start(inst.situation, options) / MICRO
    before, places = inst.initial, inst.situation.municipal.places_micro / MICRO
    for t in range(len(inst.hours)):
        there = there + np.where(limited, share[:, None] * inst.discharge[:, t][:, None] * before, 0.0)
        for r, sites in enumerate(inst.region_sites):
            queue = there[:, list(sites)]
            first = np.cumsum(queue).reshape(queue.shape) - queue
            there[:, list(sites)] = queue - np.clip(places[r, t] - first, 0.0, queue)
        before, found[:, :, t] = need[:, :, t], there
    return found


def _goes_on(inst: Instance) -> np.ndarray:
    """(category,) of those who leave it, the share who go on to other care."""
    found = np.zeros(len(inst.bed_of))
    for step in inst.steps:
        found[step.category] += step.share_micro / MICRO
    return found


def _add_to_others(m: pyo.ConcreteModel, inst: Instance, block: pyo.Block, staff_share: float) -> None:
    """The beds and people that who waits takes, and what waiting without a bed is worth."""
    situation, (k, i, t) = inst.situation, block.in_bed.axes
    add_terms(m, "beds.capacity", lambda: [Term(1.0, block.in_bed, (inst.bed_of[k], i, t))])
    names = [profession.code for profession in situation.professions]
    ratio = np.array(
        [
            [one.staff_micro.get("conventional", {}).get(name, 0) / MICRO for name in names]
            for one in situation.categories
        ]
    )
    region = inst.site_region[i]

    def people(sites: bool) -> list[Term]:
        keys = (region, i, t) if sites else (region, t)
        return [Term(staff_share * ratio[k, c], block.in_bed, (c, *keys)) for c in range(len(names))]

    add_terms(m, "staff.region", lambda: people(False))
    add_terms(m, "staff.site", lambda: people(True))
    worth = inst.weight[k].astype(float) * inst.hours[t]
    add_entries(m, "goals.unmet_care", lambda: [sum_of(block.waiting, worth), sum_of(block.in_bed, -worth)])


FAMILY = Family(
    "discharge_ready",
    "Utskrivningsklara",
    "Ready for discharge",
    ReadyOptions,
    build,
    symbols=(
        Symbol(r"y_{kit}", "ready and still there at the end of the period", "patients", "variable"),
        Symbol(r"h_{kit}", "of them in a bed", "patients", "variable"),
        Symbol(r"p_{kit}", "placed in the municipality during the period", "patients", "variable"),
        Symbol(r"m_k", "share of those who leave care for good who need a municipal place", "share", "data"),
        Symbol(r"M_{rt}", "patients whom the municipalities of a region can take in the period", "patients", "data"),
        Symbol(r"q_{kk'}", "share who go on to other care", "share", "data"),
    ),
    notes=(
        "m_k = share · `share_factor`, rounded half to even to millionths. M_rt = Σ over rows of the table "
        "`municipal_places` of patients per day · hours of t in the window / 24, each rounded half to even. A region "
        "without a row takes everybody: nobody waits there and there are no columns. Who waits is no longer in n: "
        "cannot be moved, needs no more care of the category.",
        "**waits**, in millionths: became_kit = half_even(m_k · discharged_kit), where discharged are those who leave "
        "care altogether (care paths taken off); y_t = y_t−1 + became − p. Before the first period y is `start_days` "
        "days of M_r0 · 24 / Δ_0, rounded half to even, shared over categories and sites of the region by largest "
        "remainder in proportion to m_k times the initial census. **places** Σ_{i∈r,k} p ≤ M_rt. **housed** h ≤ y. "
        "The plan told leaves nobody waiting while the region has a place: what the model leaves open is filled "
        "category by category, site by site.",
        "**beds.capacity** of the category's bed type gets + Σ h; **staff.region** and **staff.site** get + "
        "`staff_share` · ρ⁰_kc h; the goal **unmet_care** gets + w_k Δ_t (y − h): who waits without a bed goes without "
        "care. The table discharges then counts those placed and those who needed no place. The own need N⁰ does "
        "not count who waits; the reserve does with its option `waiting`.",
    ),
    sources=("shares and places are stated by the scenario, each with its source",),
    requires=("beds",),
)
