"""A stored plan back to its bare decisions, to be spoiled and assembled anew."""

from __future__ import annotations

from fractions import Fraction

from nspl_opt.network.travel import Journey
from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation

from ..oracle.assemble import Decisions, assemble
from ..oracle.cases import TinyTravel


class Inapplicable(Exception):
    """The plan has nothing of the kind."""


def _exact(value: float) -> Fraction:
    return Fraction(round(float(value) * MICRO), MICRO)


def decisions_in(plan: Plan, situation: Situation) -> Decisions:
    """What the tables decide."""
    decisions = Decisions()
    for r in plan.tables["transfers"].itertuples():
        decisions.transfers.append(
            (int(r.period), r.from_site, r.to_site, r.category, r.vehicle_type, _exact(r.patients))
        )
    for r in plan.tables["trips"].itertuples():
        decisions.trips.append((int(r.period), r.vehicle_type, r.pool, r.line, r.from_terminal, r.to_terminal,
                                _exact(r.trips)))  # fmt: skip
    for r in plan.tables["loans"].itertuples():
        decisions.loans.append((r.profession, r.from_region, r.to_region, int(r.first_block), int(r.last_block),
                                int(r.persons)))  # fmt: skip
    site = {one.code: i for i, one in enumerate(situation.sites)}
    category = {one.code: k for k, one in enumerate(situation.categories)}
    for r in plan.tables["postponed"].itertuples():
        decisions.steps[site[r.site], int(r.block)] = int(r.step)
    for r in plan.tables["census"].itertuples():
        for g, amount in ((0, r.conventional), (1, r.contingency)):
            decisions.cared[g, category[r.category], site[r.site], int(r.period)] = round(float(amount) * MICRO)
    return decisions


def travel_in(plan: Plan, situation: Situation) -> TinyTravel:
    """The journeys and trips that the tables state, as far as assembling needs them."""
    state = [period.network_state for period in situation.periods]
    journeys = [
        (state[int(r.period)], Journey(r.vehicle_type, r.from_site, r.to_site, int(r.minutes), r.from_terminal,
                                       r.to_terminal, 0, 0, r.line))
        for r in plan.tables["transfers"].itertuples()
    ]  # fmt: skip
    trips = {
        (state[int(r.period)], r.pool, r.from_terminal, r.to_terminal): int(r.minutes)
        for r in plan.tables["trips"].itertuples()
    }
    return TinyTravel(journeys, trips)


def rebuilt(plan: Plan, situation: Situation, decisions: Decisions, travel: TinyTravel | None = None,
            model: dict | None = None) -> Plan:  # fmt: skip
    """A plan with every table and goal derived anew from the decisions."""
    return assemble(situation, travel or travel_in(plan, situation), model or dict(plan.model), decisions)
