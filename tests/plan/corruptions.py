"""Plans spoiled on purpose. Every kind makes a plan that the checker must refuse.

``corrupt(plan, situation, seed, kind)`` takes any plan. The kinds in ``SHALLOW`` change cells or
rows and leave the rest as it was; those in ``DEEP`` change a decision and derive every table anew,
so that only the rule that was broken can tell.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from nspl_opt.plan.plan import Plan
from nspl_opt.scenario.situation import Situation

from . import deep
from .spoiling import Inapplicable
from .spoils import DEEP_HERE, KINDS_HERE
from .spoils.making import Spoil, added, added_whole, changed, dropped, row_of, shifted, with_table


def corrupt(plan: Plan, situation: Situation, seed: int, kind: str) -> Plan:
    """A spoiled copy. Raises ``Inapplicable`` when the plan has nothing of the kind to spoil."""
    return KINDS[kind](plan, situation, random.Random(f"{kind} {seed}"))


def duplicate_transfer(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """The same transfer twice, under another id or the same."""
    frame = plan.tables["transfers"]
    twin = frame.loc[[row_of(plan, "transfers", rng)]].copy()
    if rng.random() < 0.5:
        twin["id"] = twin["id"] + "x"
    return with_table(plan, "transfers", pd.concat([frame, twin]).sort_values("id"))


def duplicate_census(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """A place counted twice."""
    frame = plan.tables["census"]
    row = row_of(plan, "census", rng)
    return with_table(plan, "census", pd.concat([frame.loc[:row], frame.loc[[row]], frame.loc[row + 1 :]]))


def shuffle_rows(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """The census backwards."""
    if len(plan.tables["census"]) < 2:
        raise Inapplicable("census")
    return with_table(plan, "census", plan.tables["census"].iloc[::-1])


def forget_discharge(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """Somebody who recovered is kept in the books, as unmet, and the row still adds up."""
    frame = plan.tables["census"]
    row = row_of(plan, "census", rng, frame["discharged"] > 0)
    left = float(frame.loc[row, "discharged"])
    cells = {name: round(float(frame.loc[row, name]) + left, 6) for name in ("present", "unmet")}
    return changed(plan, "census", row, discharged=0.0, **cells)


def swap_standards(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """More cared for than there are."""
    frame = plan.tables["census"]
    row = row_of(plan, "census", rng)
    return changed(plan, "census", row, conventional=float(frame.loc[row, "present"]) + rng.randint(1, 9))


def unknown_code(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """A category that is not there."""
    return changed(plan, "census", row_of(plan, "census", rng), category="no-such-care")


def wrong_region(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """A site in somebody else's region."""
    row = row_of(plan, "census", rng)
    others = [r.code for r in situation.regions if r.code != plan.tables["census"].loc[row, "region"]]
    if not others:
        raise Inapplicable("one region only")
    return changed(plan, "census", row, region=rng.choice(others))


def wrong_area_flag(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """A transfer marked as inside its area when it is not, or the other way."""
    row = row_of(plan, "transfers", rng)
    return changed(plan, "transfers", row, crosses_area=not bool(plan.tables["transfers"].loc[row, "crosses_area"]))


def unmark_whole(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """A whole transfer marked as expected, or the other way."""
    row = row_of(plan, "transfers", rng)
    return changed(plan, "transfers", row, whole=not bool(plan.tables["transfers"].loc[row, "whole"]))


def too_many_decimals(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """A figure finer than the contract."""
    row = row_of(plan, "census", rng)
    return changed(plan, "census", row, present=float(plan.tables["census"].loc[row, "present"]) + 4e-7)


def change_goal(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """A goal said to be better, or worse, than it is."""
    if not plan.goals:
        raise Inapplicable("goals")
    n = rng.randrange(len(plan.goals))
    goal, factor = plan.goals[n], rng.choice((0.5, 0.99, 1.01, 2.0))
    value = goal.value * factor if goal.value else 1.0
    spoiled = replace(goal, value=value, bound=min(goal.bound, value))
    spoiled = replace(spoiled, gap=(value - spoiled.bound) / max(abs(value), 1e-9))
    return replace(plan, goals=(*plan.goals[:n], spoiled, *plan.goals[n + 1 :]))


def claim_bound(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """A bound that the plan itself disproves, or one that does not fit the gap."""
    if not plan.goals:
        raise Inapplicable("goals")
    n = rng.randrange(len(plan.goals))
    goal = plan.goals[n]
    high = goal.value + max(1.0, 0.1 * abs(goal.value))
    spoiled = replace(goal, bound=high, gap=0.0) if rng.random() < 0.5 else replace(goal, gap=goal.gap + 0.05)
    return replace(plan, goals=(*plan.goals[:n], spoiled, *plan.goals[n + 1 :]))


def claim_optimal(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """Optimal without proof of one goal."""
    if not plan.goals:
        raise Inapplicable("goals")
    n = rng.randrange(len(plan.goals))
    goals = (*plan.goals[:n], replace(plan.goals[n], proven=False), *plan.goals[n + 1 :])
    return replace(plan, status="optimal", goals=goals)


def claim_proof(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """Proven, with a gap as wide as the value."""
    wide = [n for n, goal in enumerate(plan.goals) if goal.value > 20]
    if not wide:
        raise Inapplicable("goals")
    n = rng.choice(wide)
    goals = (*plan.goals[:n], replace(plan.goals[n], bound=0.0, gap=1.0, proven=True), *plan.goals[n + 1 :])
    return replace(plan, goals=goals)


def change_input(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """Made from other files than those given."""
    inputs = dict(plan.provenance.get("inputs", {}))
    if not inputs:
        raise Inapplicable("inputs")
    name = rng.choice(sorted(inputs))
    if rng.random() < 0.5:
        del inputs[name]
    else:
        inputs[name] = inputs[name][:-1] + ("0" if inputs[name][-1] != "0" else "1")
    return replace(plan, provenance={**plan.provenance, "inputs": inputs})


def change_marking(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """An exercise that says it is none."""
    return replace(plan, marking=plan.marking + "x")


SHALLOW: Mapping[str, Spoil] = {
    "move_one_patient": added("transfers", "patients", (1.0, 2.0, -1.0)),
    "drop_transfer": dropped("transfers"),
    "duplicate_transfer": duplicate_transfer,
    "duplicate_census": duplicate_census,
    "shuffle_rows": shuffle_rows,
    "change_departure": shifted("transfers", "depart"),
    "change_arrival": shifted("transfers", "arrive"),
    "change_trip_time": shifted("trips", "depart"),
    "change_loan_end": shifted("loans", "end"),
    "change_travel_minutes": added_whole("transfers", "minutes", (-7, -1, 1, 30)),
    "change_trip_minutes": added_whole("trips", "minutes", (1, 5, 60)),
    "forget_discharge": forget_discharge,
    "lose_a_patient": added("census", "present", (1.0, -1.0, 0.000001)),
    "invent_an_arrival": added("census", "arrived", (1.0, 0.5)),
    "care_for_one_more": added("census", "conventional", (1.0, -1.0)),
    "swap_standards": swap_standards,
    "hide_unmet": dropped("unmet", "unmet"),
    "hide_discharges": dropped("discharges", "patients"),
    "hide_surge": dropped("surge", "needed"),
    "open_too_many": added_whole("surge", "open", (1, 3)),
    "wrong_load": added("load", "cared", (1.0, -1.0)),
    "wrong_ledger": added("ledger", "patients_sent", (1.0, -1.0)),
    "wrong_beds_freed": added("postponed", "beds_freed", (1.0, -0.5)),
    "unknown_code": unknown_code,
    "wrong_region": wrong_region,
    "wrong_area_flag": wrong_area_flag,
    "unmark_whole": unmark_whole,
    "too_many_decimals": too_many_decimals,
    "change_goal": change_goal,
    "claim_bound": claim_bound,
    "claim_optimal": claim_optimal,
    "claim_proof": claim_proof,
    "change_input": change_input,
    "change_marking": change_marking,
}

DEEP: Mapping[str, tuple[Spoil, str]] = {**deep.DEEP, **DEEP_HERE}
KINDS: Mapping[str, Spoil] = {**SHALLOW, **KINDS_HERE, **{name: spoil for name, (spoil, _) in DEEP.items()}}
RULE_BROKEN: Mapping[str, str] = {name: rule for name, (_, rule) in DEEP.items()}
"""The rule that a deep kind must be caught by."""
