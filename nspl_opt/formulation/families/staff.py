"""Staff: people on duty limit care, by profession and standard of care; escorts are missed at home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Index, grid
from nspl_opt.formulation.extra import right_for, terms_for
from nspl_opt.formulation.families.elective import freed
from nspl_opt.formulation.families.staff_loans import gained, lost
from nspl_opt.formulation.family import Family, Options, RuleText, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO, STANDARDS


class StaffOptions(Options):
    """Which standards of care may be used, and how freely people move inside a region."""

    contingency: bool = Field(True, description="whether care by the contingency standard may be planned")
    crisis: bool = Field(True, description="whether the crisis standard may be planned where a scenario unlocks it")
    within_region_share: float = Field(
        0.25, ge=0, le=5, description="extra people a site may draw from its region, as a share of its own"
    )


@dataclass(frozen=True)
class _Duty:
    """What care and escorts need of each profession at a site, and who is there."""

    m: pyo.ConcreteModel
    inst: Instance
    on_duty: np.ndarray
    """(profession,) share of the people who are on duty at a time."""
    ratio: np.ndarray
    """(standard, category, profession) people on duty per patient."""
    escort: np.ndarray
    """(category, profession) people per patient on the way."""

    def need(self, key: Callable[..., tuple]) -> list[Term]:
        """Care given, and escorts, who are away out and back, as a share of the period.

        ``key`` gives the rows of profession, site and period.
        """
        g, k, i, t = self.m.cared.axes
        moves = self.inst.moves
        away = np.minimum(1.0, 2 * moves.minutes / 60 / self.inst.hours[moves.period])
        terms = []
        for c in range(len(self.on_duty)):
            amounts, people = self.ratio[g, k, c], self.escort[moves.category, c]
            care, cells = np.flatnonzero(amounts), np.flatnonzero(people)
            terms.append(Term(amounts[care], self.m.cared, key(c, i[care], t[care]), care))
            out = key(c, moves.origin[cells], moves.period[cells])
            terms.append(Term(people[cells] * away[cells], self.m.move, out, cells))
        return terms

    def freed(self, key: Callable[..., tuple], share: np.ndarray) -> list[Term]:
        """People whom postponed care sets free, ``share`` (profession,) of them, on the side of the need."""
        c, i, t = grid(*self.inst.situation.staff.shape).axes
        return freed(self.m, i, t, -share[c], self.planned()[c, i, t].astype(float), key(c, i, t))

    def planned(self) -> np.ndarray:
        """(profession, site, period) people in planned care."""
        situation = self.inst.situation
        return np.minimum(situation.planned_staff[:, :, None], situation.staff)

    def there(self, share: np.ndarray) -> np.ndarray:
        """(profession, site, period) ``share`` (profession,) of the people there but not in planned care."""
        return share[:, None, None] * (self.inst.situation.staff - self.planned()).astype(float)


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: StaffOptions) -> None:
    """People on duty per region, and per site where a region has several."""
    duty = _duty(m, inst)
    region_of, counts = inst.site_region, inst.situation.staff.shape

    def in_region(c: Any, i: np.ndarray, t: np.ndarray) -> tuple:
        return c, region_of[i], t

    def at_site(c: Any, i: np.ndarray, t: np.ndarray) -> tuple:
        return c, region_of[i], i, t

    home = [r for r, one in enumerate(inst.situation.regions) if one.code not in inst.situation.external_regions]

    @rule(block, grid(counts[0], home, counts[2]), "people on duty")
    def region(c: np.ndarray, r: np.ndarray, t: np.ndarray) -> Said:
        r"""Care and escorts need no more people than the region has on duty, loans included.

        .. math:: \sum_{i \in r} \sum_{k,g} \rho^g_{kc} s^g_{kit} + \sum_{e} E_{kc} x_{et} h_e
                  \le \varphi_c (H_{crt} - P_{crt} (1 - \sigma z / Z) - \sum_q L_{crq} + \eta \sum_q L_{cqr})
        """
        people = np.zeros((len(inst.region_sites), counts[0], counts[2]))
        np.add.at(people, region_of, duty.there(duty.on_duty).swapaxes(0, 1))
        loans = [*gained(m, -duty.on_duty), *lost(m, duty.on_duty)]
        terms = [*duty.need(in_region), *duty.freed(in_region, duty.on_duty), *loans, *terms_for(m, "staff.region")]
        return terms, "<=", (people + right_for(m, "staff.region"))[r, c, t]

    several = _side_by_side(inst)
    c, i, t = grid(counts[0], several, counts[2]).axes

    @rule(block, Index(*at_site(c, i, t)), "people on duty")
    def site(c: np.ndarray, r: np.ndarray, i: np.ndarray, t: np.ndarray) -> Said:
        r"""A site draws only so many more people from its region than its own.

        .. math:: \sum_{k,g} \rho^g_{kc} s^g_{kit} + \sum_{e} E_{kc} x_{et} h_e
                  \le \varphi_c ((1 + \mu)(H_{cit} - P_{cit} (1 - \sigma z_{id} / Z)) + \eta \sum_q L_{cqr})
        """
        share = duty.on_duty * (1 + options.within_region_share)
        terms = [*duty.need(at_site), *duty.freed(at_site, share), *gained(m, -duty.on_duty, by_site=True)]
        there = duty.there(share) + right_for(m, "staff.site")
        return [*terms, *terms_for(m, "staff.site")], "<=", there[c, i, t]


def _side_by_side(inst: Instance) -> list[int]:
    """Sites of regions at home with more than one that has people of its own."""
    entry = [site.code in inst.situation.entries for site in inst.situation.sites]
    own = [[i for i in sites if not entry[i]] for sites in inst.region_sites]
    return [i for sites in own if len(sites) > 1 for i in sites]


def _duty(m: pyo.ConcreteModel, inst: Instance) -> _Duty:
    situation = inst.situation
    names = [profession.code for profession in situation.professions]
    ratio = [
        [[category.staff_micro.get(g, {}).get(name, 0) / MICRO for name in names] for category in situation.categories]
        for g in STANDARDS
    ]
    escort = [[category.escort_micro.get(name, 0) / MICRO for name in names] for category in situation.categories]
    on_duty = np.array([profession.on_duty_micro / MICRO for profession in situation.professions])
    return _Duty(m, inst, on_duty, np.array(ratio), np.array(escort))


FAMILY = Family(
    "staff",
    "Personal",
    "Staff",
    StaffOptions,
    build,
    says=(
        RuleText(
            "staff.crisis",
            "The crisis standard is used only where a person has unlocked it.",
            r"s^2_{kit} = 0 \text{ where it is not unlocked}",
            "patients",
        ),
    ),
    symbols=(
        Symbol(r"\rho^g_{kc}", "people on duty of c per patient, by the standard g", "people", "data"),
        Symbol(r"\varphi_c", "share of the people who are on duty at a time", "share", "data"),
        Symbol(r"H_{cit}", "people employed and there", "people", "data"),
        Symbol(r"P_{cit}", "people in planned care: min(planned_ci, H_cit)", "people", "data"),
        Symbol(r"E_{kc}", "escorts per patient on the way", "people", "data"),
        Symbol(
            r"h_e",
            "time of an escort out and back, as a share of the period: min(1, 2 minutes_e / 60 / Δ_t)",
            "share",
            "data",
        ),
        Symbol(r"\eta", "`yield_share` of the family staff_loans", "share", "option"),
        Symbol(r"\mu", "`within_region_share`", "share", "option"),
    ),
    notes=(
        "**region** for c, r, t: Σ_{i∈r} Σ_k Σ_g ρ^g_kc s^g_kit + Σ_{e out of r} E_kc x_et · min(1, "
        "2·minutes_e / 60 / Δ_t) ≤ φ_c · ( Σ_{i∈r} (H_cit − P_cit (1 − z_id / Z · σ)) − Σ_q L_crq,d(t) + η Σ_q "
        "(L_cqr,d − l_cqr,d · min(1, travel_h / B_d)) ), where P_cit = min(planned_ci, H_cit). Escorts (E people of "
        "c per patient) are away out and back, taken from the sender in the period of departure. If the contingency "
        "standard is off (`staff.contingency = false`), s¹ = 0.",
        "**crisis standard**: s²_kit = 0 unless `crisis` is true, a person has unlocked it at site i for the whole of "
        "period t (table `crisis` of the scenario), and the category has people per patient for it. What is not "
        "unlocked is never planned, however many go without care.",
        "**site** (only where a region has more than one site): the same need at one site, escorts of the patients "
        "it sends included ≤ φ_c ( (1 + μ)·(H − P(1 − z/Z σ)) + borrowed as above ), μ = `within_region_share` "
        "(default 0.25).",
        "Loans appear only with the family staff_loans.",
    ),
    sources=(
        "conventional, contingency and crisis standards: National Academies, Crisis Standards of Care (NBK32751)",
    ),
)
