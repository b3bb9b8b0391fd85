"""Places abroad: whether patients may be sent there, and how many of the places offered are counted on."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import grid
from nspl_opt.formulation.family import Family, Options, RuleText, Said, Symbol, Term, rule
from nspl_opt.formulation.own_need import own_patients
from nspl_opt.instance.arc_rules import Offer
from nspl_opt.instance.instance import Instance
from nspl_opt.scenario.situation import Situation

CLOSED = "abroad closed"
"""Why a transfer over the border of the country is not offered."""


class ExternalOptions(Options):
    """Whether places abroad are used, and how far one relies on them."""

    send: bool = Field(True, description="patients may be sent abroad")
    share: float = Field(1.0, ge=0, le=1, description="share of the beds offered abroad that are counted on")


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: ExternalOptions) -> None:
    """No more patients abroad than places counted on."""
    abroad = _sites_abroad(inst.situation)
    if not abroad:
        m.notes.append("external.no_places")
        return
    k, i, t = m.present.axes

    @rule(block, grid(len(inst.free_beds), abroad, len(inst.hours)), "patients")
    def places(b: np.ndarray, i_: np.ndarray, t_: np.ndarray) -> Said:
        r"""No more patients are abroad than there are places counted on.

        .. math:: \sum_{k: b(k)=b} n_{kit} \le \max(\lfloor \varphi_e B_{bit} \rfloor, N^0_{bit})
        """
        counted = np.floor(options.share * inst.situation.beds + 1e-9)
        own = np.zeros(counted.shape)
        np.add.at(own, inst.bed_of, own_patients(inst))
        return [Term(1.0, m.present, (inst.bed_of[k], i, t))], "<=", np.maximum(counted, own)[b, i_, t_]


def _sites_abroad(situation: Situation) -> list[int]:
    return [i for i, site in enumerate(situation.sites) if site.region in situation.external_regions]


def offers(situation: Situation, options: ExternalOptions | None) -> Offer | None:
    """Nothing crosses the country's border unless the family is on (None: it is not) and lets patients be sent."""
    abroad = set(_sites_abroad(situation))
    if not abroad or (options is not None and options.send):
        return None
    return Offer(refuse=lambda k, i, j: CLOSED if i in abroad or j in abroad else "")


FAMILY = Family(
    "external",
    "Platser utomlands",
    "Places abroad",
    ExternalOptions,
    build,
    says=(
        RuleText(
            "external.border",
            "Patients are sent abroad only where the model lets them.",
            r"x_{et} = 0 \text{ to and from abroad}",
            "patients",
        ),
    ),
    symbols=(
        Symbol(r"\varphi_e", "`share`", "share", "option"),
        Symbol(r"B_{bit}", "beds offered, 0 in periods that do not lie in the window as a whole", "beds", "data"),
        Symbol(r"N^0_{bit}", "patients there if nobody moved and all were cared for", "patients", "data"),
    ),
    notes=(
        "**border** without the family, or with `send = false`, no transfer to or from a place abroad is offered "
        '(counted as "abroad closed").',
        "**places** for every place abroad i, bed type b, t: the patients of the type who are there at the end of t "
        "are at most ⌊`share` · B_bit⌋, whole beds per place, type and period. Present, not only cared for: a place "
        "abroad carries no load in any goal of evenness, so nobody may wait there. B is 0 in a period that does not "
        "lie in the window of the place as a whole: whoever is still there then must have come home. N⁰ is nought but "
        "for a what-if that lets patients come abroad.",
        "Beds abroad are offered with their staff: rules of staff, loans, stocks and reserves do not count there, nor "
        "do the goals of evenness. The host drives to and from the terminal at its end of a journey; all other driving "
        "and flying, and the escorts, are the sender's. With closed `areas` nothing goes abroad: no area has a place "
        "abroad as a member.",
        "An entry point has no beds and no people of its own: who waits there is not cared for. Where a region has one "
        "hospital and entry points, `staff.site` says nothing; escorts of those who leave are the region's.",
    ),
    offers=offers,
)
