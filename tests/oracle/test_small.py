"""The oracle against brute force: so few decisions that all of them can be tried."""

from __future__ import annotations

import itertools
from fractions import Fraction

from nspl_opt.plan.checks import verify
from nspl_opt.reference.reference import MICRO

from .ask import ask
from .assemble import assemble
from .cases import random_case
from .decisions import Decisions
from .plain import as_plain

BEDS_ONLY = {"beds", "transports", "travel_time", "capability"}


def _tiny(seed: int):
    """A case with beds and ambulances only, and no more than two sites."""
    situation, travel, model = random_case(seed)
    if len(situation.sites) != 2 or len(situation.periods) > 3 or len(situation.categories) != 1:
        return None
    families = {name: options for name, options in model["families"].items() if name in BEDS_ONLY}
    travel.by_key = {key: journey for key, journey in travel.by_key.items() if key[1] == "amb"}
    return situation, travel, {**model, "families": families}


def _everything_tried(situation, travel, model) -> float:
    """The least unmet care over all transfers by ambulance that the checker lets through."""
    steps = [(t, one, other) for t in range(len(situation.periods)) for one, other in (("h0", "h1"), ("h1", "h0"))]
    best = float("inf")
    for amounts in itertools.product(range(3), repeat=len(steps)):
        plan = _plan(situation, travel, model, list(zip(steps, amounts, strict=True)))
        if plan is not None and plan.goals[0].value < best and verify(plan, situation, travel).ok:
            best = plan.goals[0].value
    return best


def _plan(situation, travel, model, moves):
    decisions = Decisions()
    category, sites = situation.categories[0], {"h0": 0, "h1": 1}
    here = [int(n) for n in situation.initial_micro[0] // MICRO]
    arriving = {}
    for t, period in enumerate(situation.periods):
        there = [here[i] + int(situation.arrivals_micro[0, i, t]) // MICRO for i in (0, 1)]
        for (when, one, other), amount in moves:
            if when != t or not amount:
                continue
            journey = travel.journey(period.network_state, "amb", one, other)
            pool = next((p for p in situation.pools if p.vehicle_type == "amb"), None)
            if journey is None or pool is None:
                return None
            decisions.transfers.append((t, one, other, category.code, "amb", Fraction(amount)))
            decisions.trips += _cheapest(situation, travel, t, one, other, amount)
            there[sites[one]] -= amount
            end = (period.start_h + period.length_h / 2) + journey.minutes / 60
            arrival = next((p.index for p in situation.periods if end < p.start_h + p.length_h), None)
            if arrival is None:
                return None
            arriving[arrival, sites[other]] = arriving.get((arrival, sites[other]), 0) + amount
        here = [there[i] + arriving.get((t, i), 0) for i in (0, 1)]
        if min(here) < 0:
            return None
        b = [bed.code for bed in situation.bed_types].index(category.bed_type)
        for i, site in enumerate(situation.sites):
            able = not category.capability or category.capability in site.capabilities
            able = able and (category.minimum_level != "university" or site.level == "university")
            able = able or "capability" not in model["families"]
            room = int(situation.beds[b, i, t] + situation.surge_beds[b, i, t] - situation.planned_beds[b, i])
            decisions.cared[0, 0, i, t] = MICRO * min(here[i], room) if able else 0
    return assemble(situation, travel, model, decisions)


def _cheapest(situation, travel, t, one, other, amount):
    """All trips by the pool with the shortest trip; enough where no pool is short of hours."""
    state = situation.periods[t].network_state
    found = []
    for pool in situation.pools:
        minutes = travel.trip_min(state, pool.code, one, other) if pool.vehicle_type == "amb" else None
        if minutes is not None:
            found.append((-int(situation.pool_quantity[situation.pools.index(pool), t]), minutes, pool.code))
    return [(t, "amb", min(found)[2], "", one, other, Fraction(amount))] if found else []


def test_the_oracle_is_never_worse_than_trying_everything():
    tried = {seed: _tiny(seed) for seed in range(400)}
    chosen = {seed: case for seed, case in tried.items() if case is not None and len(case[0].periods) == 2}
    chosen = dict(list(chosen.items())[:8])
    answers = ask(as_plain(*case) for case in chosen.values())
    equal = 0
    for case, answer in zip(chosen.values(), answers, strict=True):
        best = _everything_tried(*case)
        assert answer["unmet_care"] <= best + 1e-6
        equal += abs(answer["unmet_care"] - best) <= 1e-6
    # brute force tries at most two patients per way and one pool, so the oracle may do better now and then
    assert equal >= 5
