"""The goals: named expressions with a unit, each minimised in its turn."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Aim, Entries, grid
from nspl_opt.formulation.core import CONTINGENCY
from nspl_opt.formulation.extra import entries_for
from nspl_opt.formulation.family import Said, Symbol, Term, rule
from nspl_opt.formulation.goal import Goal, GoalOptions, Stage, sum_of
from nspl_opt.formulation.overload import capacity, load_term
from nspl_opt.formulation.wishes import add_wish
from nspl_opt.instance.instance import Instance


class CrossingOptions(GoalOptions):
    """Which borders count."""

    grouping: str = Field(
        "civil_area", description='grouping whose borders count, or "region"', json_schema_extra={"codes": "groupings"}
    )


def _unmet_care(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> list[Entries]:
    r"""Severity-weighted hours of patients without a staffed bed, in transit included.

    .. math:: \sum w_k \Delta_t (n_{kit} - s_{kit}) + \sum_e w_k x_{et} \sum_{t \le t' < \alpha(e,t)} \Delta_{t'}
    """
    amounts = (inst.weight[:, None] * inst.hours[None, :]).astype(float)
    (k, _, t), (_, ck, _, ct), moves = m.present.axes, m.cared.axes, inst.moves
    begins = np.array([period.start_h for period in inst.situation.periods])
    away = begins[moves.arrival] - begins[moves.period]
    late = np.flatnonzero(away)
    weights = inst.weight.astype(float)[moves.category[late]]
    return [
        sum_of(m.present, amounts[k, t]),
        sum_of(m.cared, -amounts[ck, ct]),
        sum_of(m.move, away[late] * weights, late),
        *entries_for(m, "goals.unmet_care"),
    ]


def _worst_region(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> list[Entries]:
    r"""Load above capacity of the most loaded region; load below capacity is not levelled.

    .. math:: 100 \max(0, \max_{r,t} \sum_{i \in r,k} w_k n_{kit} / W_r - 1)
    """
    block = m.worst_region = pyo.Block()
    block.overload = pyo.Var(bounds=(0, None))

    @rule(block, grid(np.flatnonzero(capacity(inst) > 0), len(inst.hours)), "percent")
    def overload_of(r: np.ndarray, t: np.ndarray) -> Said:
        r"""The overload of the worst region is at least that of every region in every period.

        .. math:: 100 \left(\sum_{i \in r, k} w_k n_{kit} / W_r - 1\right) \le \theta
        """
        present, right = load_term(m, inst)
        return [present, Term(-1.0, block.overload, (r, t), np.zeros_like(r))], "<=", right[r]

    return [sum_of(block.overload, 1.0)]


def _postponed_care(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> list[Entries]:
    r"""Bed-hours of planned care that are postponed.

    .. math:: \sum_{i,d} B_d\, \sigma z_{id} / Z \sum_b P_{bi}
    """
    elective = m.component("elective")
    if elective is None:
        return []
    beds, (i, d) = inst.situation.planned_beds.sum(axis=0).astype(float), elective.step.axes
    return [sum_of(elective.step, inst.block_hours[d].astype(float) * elective.freed_per_step * beds[i])]


def _in_transit(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> list[Entries]:
    r"""Hours that patients travel, door to door.

    .. math:: \sum x_{et}\, \mathrm{minutes}_e / 60
    """
    return [sum_of(m.move, inst.moves.minutes / 60)]


def _crossings(m: pyo.ConcreteModel, inst: Instance, options: CrossingOptions) -> list[Entries]:
    r"""Patients who leave their area.

    .. math:: \sum_{e \mathrm{\ across}} x_{et}
    """
    same, codes, moves = inst.situation.same_area, [region.code for region in inst.situation.regions], inst.moves
    across = np.array([[not same(options.grouping, one, other) for other in codes] for one in codes], dtype=bool)
    leaves = across[inst.site_region[moves.origin], inst.site_region[moves.destination]]
    return [sum_of(m.move, 1.0, np.flatnonzero(leaves))]


def _staff_away(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> list[Entries]:
    r"""Days that people work in another region.

    .. math:: \sum L_{crqd} B_d / 24
    """
    loans = m.component("staff_loans")
    return [] if loans is None else [sum_of(loans.away, inst.block_hours[loans.away.axes[3]].astype(float) / 24)]


def _contingency_care(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> list[Entries]:
    r"""Hours of care by the contingency standard.

    .. math:: \sum \Delta_t s^1_{kit}
    """
    g, _, _, t = m.cared.axes
    some = np.flatnonzero(g == CONTINGENCY)
    return [sum_of(m.cared, inst.hours[t[some]].astype(float), some)]


GOALS_HERE = (
    Goal(
        "unmet_care",
        "Vård som inte ges",
        "Unmet care",
        "severity-weighted patient-hours",
        1.0,
        GoalOptions,
        _unmet_care,
        symbols=(
            Symbol(r"w_k", "severity weight of the category", "", "data"),
            Symbol(r"\alpha(e,t)", "period in which the journey ends", "", "data"),
        ),
        notes=("Σ w_k Δ_t u_kit + Σ w_k x_et Σ_{t ≤ t' < α(e,t)} Δ_t' (in transit counts as not cared for).",),
    ),
    Goal(
        "worst_region",
        "Mest belastad region",
        "Worst region",
        "percent above capacity",
        0.1,
        GoalOptions,
        _worst_region,
        symbols=(
            Symbol(
                r"W_r",
                "weighted beds of the region: Σ_{i∈r} Σ_b w_b beds_bi,0, w_b the least w_k of the bed type",
                "beds",
                "data",
            ),
            Symbol(r"\theta", "the overload", "percent", "variable"),
        ),
        notes=(
            "100 · max(0, max_{r,t} Σ_{i∈r,k} w_k n_kit / W_r − 1), W_r = Σ_{i∈r} Σ_b w_b beds_bi,0, w_b the least "
            "w_k of the bed type; regions with W_r = 0 are left out.",
        ),
    ),
    Goal(
        "postponed_care",
        "Uppskjuten planerad vård",
        "Postponed planned care",
        "bed-hours",
        1.0,
        GoalOptions,
        _postponed_care,
        notes=("Σ_i Σ_d B_d σ z_id / Z Σ_b planned_bi (the beds as they are when nothing is lost).",),
    ),
    Goal(
        "patient_hours_in_transit",
        "Patienttimmar på väg",
        "Patient-hours in transit",
        "patient-hours",
        1.0,
        GoalOptions,
        _in_transit,
        notes=("Σ x_et minutes_e / 60.",),
    ),
    Goal(
        "crossings",
        "Patienter över områdesgräns",
        "Patients across area borders",
        "patients",
        0.5,
        CrossingOptions,
        _crossings,
        notes=("Σ x_et over transfers whose regions share no area of the goal's `grouping` (default civil_area).",),
    ),
    Goal(
        "staff_away",
        "Personal på annan ort",
        "Staff away from home",
        "person-days",
        1.0,
        GoalOptions,
        _staff_away,
        notes=("Σ L_crqd B_d / 24.",),
    ),
    Goal(
        "contingency_care",
        "Vård med beredskapsstandard",
        "Care by contingency standard",
        "patient-hours",
        1.0,
        GoalOptions,
        _contingency_care,
        notes=("Σ Δ_t s¹_kit.",),
    ),
)

MORE: tuple[str, ...] = (
    "care",
    "fair",
    "near",
    "agreements",
    "cost",  # never put before care
    "effort",  # last: decides nothing but that nothing is done for nothing
)
"""Modules of ``goals_more``, each with its ``GOALS_HERE``, in the order in which goals are listed."""


def _goals() -> dict[str, Goal]:
    modules = [import_module(f"nspl_opt.formulation.goals_more.{name}") for name in MORE]
    return {goal.name: goal for goals in (GOALS_HERE, *(module.GOALS_HERE for module in modules)) for goal in goals}


GOALS: dict[str, Goal] = _goals()
"""Every goal by name. ``tolerance`` is the absolute gap that counts as none."""


def add_goals(m: pyo.ConcreteModel, inst: Instance, stages: Iterable[Stage]) -> None:
    """One Pyomo objective per stage, in their order, and a row for each hard limit that is wished for."""
    m.goal = pyo.Block()
    for stage in stages:
        entries = stage.entries(m, inst)
        if not any(len(one.at) for one in entries):  # Pyomo needs one variable at least
            entries = [sum_of(m.present, 0.0, np.zeros(1, dtype=np.int64))]
        m.goal.add_component(stage.label, Aim(entries))
        if stage.options.at_most is not None and stage.level <= 1:
            add_wish(m, stage, entries)
