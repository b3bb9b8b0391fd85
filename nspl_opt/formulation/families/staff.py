"""Staff: people on duty limit care, by profession and standard of care; escorts are missed at home."""

from __future__ import annotations

from dataclasses import dataclass

import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.families.elective import freed
from nspl_opt.formulation.families.staff_loans import gained, lost
from nspl_opt.formulation.family import Family, Options, Terms, rule
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO, STANDARDS


class StaffOptions(Options):
    """Which standards of care may be used, and how freely people move inside a region."""

    contingency: bool = Field(True, description="whether care by the contingency standard may be planned")
    within_region_share: float = Field(
        0.25, ge=0, le=5, description="extra people a site may draw from its region, as a share of its own"
    )


@dataclass(frozen=True)
class _Duty:
    """What care and escorts need of each profession at a site, and who is there."""

    m: pyo.ConcreteModel
    inst: Instance
    on_duty: list[float]
    """(profession,) share of the people who are on duty at a time."""
    ratio: list[list[list[float]]]
    """(standard, category, profession) people on duty per patient."""
    escorts: dict[tuple[int, int, int], Terms]

    def need(self, c: int, i: int, t: int) -> Terms:
        """Care given at the site, and escorts of the patients it sends."""
        amounts = [(self.ratio[g][k][c], g, k) for g in self.m.standards for k in range(len(self.inst.bed_of))]
        cared_at = self.m.cared_at
        served = [(amount, cared_at[g, k, i, t]) for amount, g, k in amounts if amount and (g, k, i, t) in cared_at]
        return served + self.escorts.get((c, i, t), [])

    def people(self, c: int, i: int, t: int, share: float) -> tuple[float, Terms]:
        """``share`` of the people there but not in planned care, and the terms by which its steps add to them."""
        there = int(self.inst.situation.staff[c, i, t])
        planned = min(int(self.inst.situation.planned_staff[c, i]), there)
        return share * float(there - planned), [(-share * n, z) for n, z in freed(self.m, i, t, float(planned))]


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: StaffOptions) -> None:
    """People on duty per region, and per site where a region has several."""
    duty = _duty(m, inst)
    on_duty = duty.on_duty
    professions, periods, regions = range(len(on_duty)), range(len(inst.hours)), range(len(inst.region_sites))

    @rule(block, [(c, r, t) for c in professions for r in regions for t in periods], "people on duty")
    def region(c, r, t):
        r"""Care and escorts need no more people than the region has on duty, loans included.

        .. math:: \sum_{i \in r} \sum_{k,g} \rho^g_{kc} s^g_{kit} + \sum_{e} E_{kc} x_{et} h_e
                  \le \varphi_c (H_{crt} - P_{crt} (1 - \sigma z / Z) - \sum_q L_{crq} + \eta \sum_q L_{cqr})
        """
        terms = [term for i in inst.region_sites[r] for term in duty.need(c, i, t)]
        if not terms:
            return None
        people = [duty.people(c, i, t, on_duty[c]) for i in inst.region_sites[r]]
        d = int(inst.block[t])
        loans = [*gained(m, c, r, d, -on_duty[c]), *lost(m, c, r, d, on_duty[c])]
        return [*terms, *[term for _, more in people for term in more], *loans], "<=", sum(there for there, _ in people)

    several = [(r, i) for r, sites in enumerate(inst.region_sites) if len(sites) > 1 for i in sites]

    @rule(block, [(c, r, i, t) for c in professions for r, i in several for t in periods], "people on duty")
    def site(c, r, i, t):
        r"""A site draws only so many more people from its region than its own.

        .. math:: \sum_{k,g} \rho^g_{kc} s^g_{kit} + \sum_{e} E_{kc} x_{et} h_e
                  \le \varphi_c ((1 + \mu)(H_{cit} - P_{cit} (1 - \sigma z_{id} / Z)) + \eta \sum_q L_{cqr})
        """
        terms = duty.need(c, i, t)
        if not terms:
            return None
        there, more = duty.people(c, i, t, on_duty[c] * (1 + options.within_region_share))
        return [*terms, *more, *gained(m, c, r, int(inst.block[t]), -on_duty[c])], "<=", there


def _duty(m: pyo.ConcreteModel, inst: Instance) -> _Duty:
    situation = inst.situation
    names = [profession.code for profession in situation.professions]
    ratio = [
        [[category.staff_micro.get(g, {}).get(name, 0) / MICRO for name in names] for category in situation.categories]
        for g in STANDARDS
    ]
    on_duty = [profession.on_duty_micro / MICRO for profession in situation.professions]
    return _Duty(m, inst, on_duty, ratio, _escorts(m, inst, names))


def _escorts(m: pyo.ConcreteModel, inst: Instance, names: list[str]) -> dict[tuple[int, int, int], Terms]:
    """(profession, sending site, period) -> people away with patients, out and back, as a share of the period."""
    escorts = [
        [(c, category.escort_micro[name] / MICRO) for c, name in enumerate(names) if category.escort_micro.get(name)]
        for category in inst.situation.categories
    ]
    found: dict[tuple[int, int, int], Terms] = {}
    lengths = inst.hours.astype(float).tolist()
    for cell, moved in zip(inst.cells, m.moves, strict=True):
        arc = inst.arcs[cell.arc]
        share = min(1.0, 2 * cell.minutes / 60 / lengths[cell.period])
        for c, people in escorts[arc.category]:
            found.setdefault((c, arc.origin, cell.period), []).append((people * share, moved))
    return found


FAMILY = Family("staff", "Personal", "Staff", StaffOptions, build)
