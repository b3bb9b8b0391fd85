"""From a model file and an instance to a Pyomo model."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pyomo.environ as pyo

from nspl_opt.formulation.arrays import Columns
from nspl_opt.formulation.core import CONTINGENCY, CONVENTIONAL, CRISIS, add_core
from nspl_opt.formulation.families import external
from nspl_opt.formulation.families.bed_substitution import beds_lent, sites_lent
from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.families.offers import agreed_pairs, declined_loans
from nspl_opt.formulation.families.transports import TransportOptions, hours_of
from nspl_opt.formulation.goals import GOALS, add_goals
from nspl_opt.formulation.spec import ModelSpec
from nspl_opt.formulation.stages import main_of
from nspl_opt.formulation.trip_hours import HoursRows
from nspl_opt.formulation.trip_hours import hours_rows as rows_of_pools
from nspl_opt.instance.arc_rules import ArcRules, Offer, joined
from nspl_opt.instance.instance import Instance
from nspl_opt.instance.paths import binding_paths
from nspl_opt.network.travel import TravelTimes
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation


def arc_rules(spec: ModelSpec, situation: Situation) -> ArcRules:
    """What the model file says about which transfers are offered: what its families say together."""
    travel = spec.families.get("travel_time")
    return ArcRules(
        longest_journey_factor=travel.longest_journey_factor if travel else None,
        need_capability="capability" in spec.families,
        closed_grouping=closed_grouping(spec),
        nearest=travel.nearest if travel else 6,
        largest=travel.largest if travel else 3,
        vehicles="transports" in spec.families,
        offer=joined(_offers(spec, situation)),
        lent=sites_lent(situation, spec.families.get("bed_substitution")),
        steps=binding_paths(situation, spec.families),
    )


def closed_grouping(spec: ModelSpec) -> str:
    """The grouping over whose borders nothing goes, "" where there is none."""
    areas = spec.families.get("areas")
    return areas.grouping if areas and areas.border == "closed" else ""


def _offers(spec: ModelSpec, situation: Situation) -> Iterator[Offer]:
    """What each family that is on says about the transfers offered, in catalogue order; abroad is closed if none is."""
    if "external" not in spec.families and (closed := external.offers(situation, None)) is not None:
        yield closed
    for name, family in FAMILIES.items():
        if name in spec.families and family.offers is not None:
            said = family.offers(situation, spec.families[name])
            if said is not None:
                yield said


def build_model(spec: ModelSpec, inst: Instance, travel: TravelTimes) -> pyo.ConcreteModel:
    """The whole model: core, the families of the model file in catalogue order, the goals."""
    m = pyo.ConcreteModel(name=spec.name)
    transports = spec.families.get("transports", TransportOptions())
    lent = beds_lent(inst.situation, spec.families.get("bed_substitution"))
    add_core(m, inst, _standards(spec, inst.situation), hours_of(transports.patients_whole_until_h), lent)
    if inst.situation.unknown_patients:
        m.notes.append(f"demand.not_known:{inst.situation.unknown_patients / MICRO:g}")
    loans = spec.families.get("staff_loans")
    answers = (offers := spec.families.get("offers")) is not None and offers.answers
    agreed = agreed_pairs(inst.situation) if answers else set()
    m.loan_pairs = loan_pairs(inst.situation, travel, loans.partners, closed_grouping(spec), agreed) if loans else ()
    m.declined_loans = declined_loans(inst.situation) if answers else None
    m.region_minutes = travel.region_minutes
    m.near_regions = lambda count: loan_pairs(inst.situation, travel, count, closed_grouping(spec))
    for name, family in FAMILIES.items():
        if name in spec.families:
            block = pyo.Block()
            m.add_component(name, block)
            family.build(block, m, inst, spec.families[name])
    stages = spec.stages(inst.situation)
    add_goals(m, inst, stages)
    left_out = {goal.name for goal in spec.goals} - {stage.goal.name for stage in stages}
    m.notes += [f"{name}.left_out" for name in sorted(left_out) if not GOALS[name].ahead]
    return m


def _standards(spec: ModelSpec, situation: Situation) -> tuple[int, ...]:
    """Standards of care that may be planned; crisis only where a person has unlocked it."""
    staff = spec.families.get("staff")
    unlocked = situation.crisis_open is not None and bool(situation.crisis_open.any())
    may = {CONTINGENCY: staff and staff.contingency, CRISIS: staff and staff.crisis and unlocked}
    return (CONVENTIONAL, *(standard for standard, allowed in may.items() if allowed))


def solver_notes(m: pyo.ConcreteModel, spec: ModelSpec) -> dict[str, list[Any]]:
    """What a solver must know beside rows and columns: the arguments of ``compile_matrix`` by name.

    ``holds`` and ``tolerances`` have an entry per stage, in order; ``main`` is the number of the main one.
    """
    stages = spec.stages(m.inst.situation)
    return {
        "holds": [(stage.options.slack_share, stage.options.slack) for stage in stages],
        "tolerances": [stage.goal.tolerance for stage in stages],
        "main": main_of(stages),
        "ahead_price": ahead_price(m.inst),
        **column_notes(m),
        "hours": hours_rows(m),
        "periods": [(some, some.period) for some in _columns(m)],
    }


def ahead_price(inst: Instance) -> float:
    """What a patient or person not moved as agreed is worth in weighted patient-hours, where it must be priced: as
    much as if the severest patient went without care throughout."""
    return float(inst.weight.max(initial=0) * inst.hours.sum())


def column_notes(m: pyo.ConcreteModel) -> dict[str, list[Columns]]:
    """The variables that are ``lazy``, ``roundable`` and ``switch``, as each family says of its own."""
    columns = _columns(m)
    return {
        "lazy": [some for some in columns if some.lazy],
        "roundable": [some for some in columns if some.roundable],
        "switch": [some for some in columns if some.switch],
    }


def _columns(m: pyo.ConcreteModel) -> list[Columns]:
    return [some for some in m.component_objects(pyo.Var) if isinstance(some, Columns)]


def hours_rows(m: pyo.ConcreteModel) -> HoursRows | None:
    """Rows of vehicle hours with their whole trips: what the solver needs to cut off halves of trips."""
    return None if m.component("transports") is None else rows_of_pools(m)


def loan_pairs(
    situation: Situation,
    travel: TravelTimes,
    partners: int,
    closed_grouping: str,
    agreed: Collection[tuple[str, str]] = (),
) -> tuple[tuple[int, int], ...]:
    """(lender, borrower) indices of regions: the nearest partners, ties by code, and those ``agreed`` upon; none over a
    closed border."""
    home = {site.region for site in situation.sites} - situation.external_regions
    codes = [region.code for region in situation.regions if region.code in home]
    index = {region.code: r for r, region in enumerate(situation.regions)}
    pairs = []
    for code in codes:
        others = [
            o for o in codes if o != code and (not closed_grouping or situation.same_area(closed_grouping, code, o))
        ]
        minutes = {other: travel.region_minutes(code, other) for other in others}
        near = sorted((reach, other) for other, reach in minutes.items() if reach is not None)
        pairs += [(index[code], index[other]) for _, other in near[:partners]]
        pairs += [(index[code], index[other]) for other in others if (code, other) in agreed]
    return tuple(sorted(set(pairs)))
