"""The goals: named expressions with a unit, each minimised in its turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.core import CONTINGENCY
from nspl_opt.formulation.family import Options, Terms, linear, rule
from nspl_opt.instance.instance import Instance


class GoalOptions(Options):
    """How much of a goal later goals may give back."""

    name: str
    slack_share: float = Field(0.0, ge=0, le=1, description="share of the value that later goals may give back")
    slack: float = Field(0.0, ge=0, le=1e9, description="amount that later goals may give back, in the goal's unit")


class CrossingOptions(GoalOptions):
    """Which borders count."""

    grouping: str = Field(
        "civil_area", description='grouping whose borders count, or "region"', json_schema_extra={"codes": "groupings"}
    )


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: name, titles, unit, least gap that matters (absolute), options, terms."""

    name: str
    title_sv: str
    title_en: str
    unit: str
    tolerance: float
    options: type[GoalOptions]
    terms: Callable[[pyo.ConcreteModel, Instance, Any], tuple[Terms, float]]


def _unmet_care(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> tuple[Terms, float]:
    r"""Severity-weighted hours of patients without a staffed bed, in transit included.

    .. math:: \sum w_k \Delta_t (n_{kit} - s_{kit}) + \sum_e w_k x_{et} \sum_{t \le t' < \alpha(e,t)} \Delta_{t'}
    """
    amounts = (inst.weight[:, None] * inst.hours[None, :]).astype(float).tolist()
    terms: Terms = [(amounts[k][t], present) for (k, _, t), present in m.present_at.items()]
    terms += [(-amounts[k][t], cared) for (_, k, _, t), cared in m.cared_at.items()]
    weights = inst.weight.astype(float).tolist()
    begins = [period.start_h for period in inst.situation.periods]
    for cell, moved in zip(inst.cells, m.moves, strict=True):
        if away := begins[cell.arrival] - begins[cell.period]:
            terms.append((away * weights[inst.arcs[cell.arc].category], moved))
    return terms, 0.0


def _worst_region(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> tuple[Terms, float]:
    r"""Load above capacity of the most loaded region; load below capacity is not levelled.

    .. math:: 100 \max(0, \max_{r,t} \sum_{i \in r,k} w_k n_{kit} / W_r - 1)
    """
    beds = inst.situation.beds
    least = np.array(
        [
            min((inst.weight[k] for k in range(len(inst.bed_of)) if inst.bed_of[k] == b), default=0)
            for b in range(len(beds))
        ]
    )
    block = m.worst_region = pyo.Block()
    block.overload = pyo.Var(bounds=(0, None))

    def capacity(r: int) -> float:
        return float((least @ beds[:, list(inst.region_sites[r]), 0]).sum())

    regions = [r for r in range(len(inst.region_sites)) if capacity(r) > 0]

    @rule(block, [(r, t) for r in regions for t in range(len(inst.hours))], "percent")
    def overload_of(r, t):
        r"""The overload of the worst region is at least that of every region in every period.

        .. math:: 100 \left(\sum_{i \in r, k} w_k n_{kit} / W_r - 1\right) \le \theta
        """
        whole = capacity(r)
        if not whole:
            return None  # all beds of the region lost: it has no load that could be compared
        terms: Terms = [
            (100.0 * float(inst.weight[k]) / whole, m.present_at[k, i, t])
            for i in inst.region_sites[r]
            for k in range(len(inst.weight))
        ]
        return [*terms, (-1.0, block.overload)], "<=", 100.0

    return [(1.0, block.overload)], 0.0


def _postponed_care(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> tuple[Terms, float]:
    r"""Bed-hours of planned care that are postponed.

    .. math:: \sum_{i,d} B_d\, \sigma z_{id} / Z \sum_b P_{bi}
    """
    elective = m.component("elective")
    if elective is None:
        return [], 0.0
    beds = inst.situation.planned_beds.sum(axis=0)
    freed = [(key, float(inst.block_hours[key[1]]) * elective.freed_per_step) for key in elective.step]
    return [(hours * float(beds[key[0]]), elective.step[key]) for key, hours in freed], 0.0


def _in_transit(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> tuple[Terms, float]:
    r"""Hours that patients travel, door to door.

    .. math:: \sum x_{et}\, \mathrm{minutes}_e / 60
    """
    return [(cell.minutes / 60, moved) for cell, moved in zip(inst.cells, m.moves, strict=True)], 0.0


def _crossings(m: pyo.ConcreteModel, inst: Instance, options: CrossingOptions) -> tuple[Terms, float]:
    r"""Patients who leave their area.

    .. math:: \sum_{e \mathrm{\ across}} x_{et}
    """
    situation = inst.situation
    across: dict[tuple[int, int], bool] = {}
    for ends in {(arc.origin, arc.destination) for arc in inst.arcs}:
        across[ends] = not situation.same_area(options.grouping, *(situation.sites[i].region for i in ends))
    leaves = [across[arc.origin, arc.destination] for arc in inst.arcs]
    terms = [(1.0, moved) for cell, moved in zip(inst.cells, m.moves, strict=True) if leaves[cell.arc]]
    return terms, 0.0


def _staff_away(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> tuple[Terms, float]:
    r"""Days that people work in another region.

    .. math:: \sum L_{crqd} B_d / 24
    """
    loans = m.component("staff_loans")
    if loans is None:
        return [], 0.0
    return [(float(inst.block_hours[key[3]]) / 24, loans.away[key]) for key in loans.away], 0.0


def _contingency_care(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> tuple[Terms, float]:
    r"""Hours of care by the contingency standard.

    .. math:: \sum \Delta_t s^1_{kit}
    """
    return [(float(inst.hours[key[3]]), cared) for key, cared in m.cared_at.items() if key[0] == CONTINGENCY], 0.0


GOALS = {
    goal.name: goal
    for goal in (
        Goal(
            "unmet_care",
            "Vård som inte ges",
            "Unmet care",
            "severity-weighted patient-hours",
            1.0,
            GoalOptions,
            _unmet_care,
        ),
        Goal(
            "worst_region",
            "Mest belastad region",
            "Worst region",
            "percent above capacity",
            0.1,
            GoalOptions,
            _worst_region,
        ),
        Goal(
            "postponed_care",
            "Uppskjuten planerad vård",
            "Postponed planned care",
            "bed-hours",
            1.0,
            GoalOptions,
            _postponed_care,
        ),
        Goal(
            "patient_hours_in_transit",
            "Patienttimmar på väg",
            "Patient-hours in transit",
            "patient-hours",
            1.0,
            GoalOptions,
            _in_transit,
        ),
        Goal(
            "crossings",
            "Patienter över områdesgräns",
            "Patients across area borders",
            "patients",
            0.5,
            CrossingOptions,
            _crossings,
        ),
        Goal(
            "staff_away", "Personal på annan ort", "Staff away from home", "person-days", 1.0, GoalOptions, _staff_away
        ),
        Goal(
            "contingency_care",
            "Vård med beredskapsstandard",
            "Care by contingency standard",
            "patient-hours",
            1.0,
            GoalOptions,
            _contingency_care,
        ),
    )
}
"""Every goal by name. ``tolerance`` is the absolute gap that counts as none."""


def add_goals(m: pyo.ConcreteModel, inst: Instance, chosen: list[GoalOptions]) -> None:
    """One inactive-free Pyomo objective per goal, in the order of the model file."""
    m.goal = pyo.Block()
    for option in chosen:
        terms, constant = GOALS[option.name].terms(m, inst, option)
        # Pyomo needs one variable at least; a goal with none is the constant 0.
        expression = linear(terms) + constant if terms else 0.0 * m.present[next(iter(m.present))]
        m.goal.add_component(option.name, pyo.Objective(expr=expression, sense=pyo.minimize))
