"""The goals computed anew, what is claimed about them, and where the plan says it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from math import isfinite
from typing import Any

from nspl_opt.plan.checks import agreements, care_more, places, stocks
from nspl_opt.plan.checks.case import Case
from nspl_opt.plan.checks.derived import beds_freed
from nspl_opt.plan.checks.report import Tally
from nspl_opt.plan.checks.rule import Value
from nspl_opt.plan.plan import STATUSES
from nspl_opt.reference.reference import MICRO

CLOSE = 1e-6
"""Relative closeness of goal values, absolute below one."""

LEVELLED, AHEAD = frozenset({"load_levels"}), frozenset({"agreements_broken"})
"""Goals that are minimised level by level, and goals that come ahead of the main one where something is agreed."""

WITH_A_PLAN = frozenset({"optimal", "feasible_gap", "feasible_time_limit", "cancelled", "interrupted", "memory_limit"})
"""Statuses that a folder with a recommendation may carry."""


def unmet_care(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """Severity-weighted patient-hours without care, those of the journey included."""
    weight = {k.code: k.severity_weight for k in case.situation.categories}
    hours = [period.length_h for period in case.situation.periods]
    total = 0
    for row in case.rows["census"]:
        total += weight[row.category] * hours[row.period] * row.unmet
    for row in case.rows["transfers"]:
        total += weight[row.category] * row.patients * sum(hours[row.period : row.arrival_period])
    for row in case.rows["ready"]:
        total += weight[row.category] * hours[row.period] * (row.waiting - row.housed)
    return Fraction(total, MICRO)


def worst_region(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """Percent by which the most loaded region is above its weighted beds, at its worst."""
    categories = case.situation.categories
    weight = [min((k.severity_weight for k in categories if k.bed_type == bed.code), default=0)
              for bed in case.situation.bed_types]  # fmt: skip
    worst = Fraction(0)
    for region, members in case.region_sites.items():
        beds = sum(weight[b] * case.beds[b][i][0] for b in range(len(weight)) for i in members)
        if not beds or region in case.situation.external_regions:
            continue
        for t in range(len(case.situation.periods)):
            there = sum(k.severity_weight * case.grids["present"][n][i][t] for n, k in enumerate(categories)
                        for i in members)  # fmt: skip
            worst = max(worst, Fraction(there, MICRO * beds) - 1)
    return 100 * worst


def postponed_care(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """Bed-hours of planned care postponed."""
    return sum(
        (hours * beds_freed(case, i, d) for i in range(len(case.site)) for d, hours in enumerate(case.block_hours)),
        Fraction(0),
    )


def patient_hours_in_transit(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """Hours that patients travel."""
    return Fraction(sum(row.patients * row.minutes for row in case.rows["transfers"]), 60 * MICRO)


def crossings(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """Patients moved between regions that share no area of the goal's grouping."""
    grouping = goal.get("grouping") or "civil_area"
    same = case.situation.same_area
    moved = [row.patients for row in case.rows["transfers"] if not same(grouping, row.from_region, row.to_region)]
    return Fraction(sum(moved), MICRO)


def staff_away(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """Person-days on loan."""
    hours = case.block_hours
    return Fraction(sum(people[d] * hours[d] for people in case.lent.values() for d in range(len(hours))), 24)


def contingency_care(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """Patient-hours by the contingency standard."""
    periods = case.situation.periods
    return Fraction(sum(row.contingency * periods[row.period].length_h for row in case.rows["census"]), MICRO)


GOALS: Mapping[str, Value] = {
    function.__name__: function
    for function in (
        unmet_care, worst_region, postponed_care, patient_hours_in_transit, crossings, staff_away, contingency_care,
    )
} | care_more.GOALS_HERE | stocks.GOALS_HERE | agreements.GOALS_HERE | places.GOALS_HERE  # fmt: skip


def _near(one: float, other: float) -> bool:
    return isfinite(one) and isfinite(other) and abs(one - other) <= CLOSE * max(1.0, abs(one), abs(other))


def _in_turn(case: Case) -> dict[str, Mapping[str, Any]]:
    """Label -> options (and ``level``) of each goal in its turn: those with levels come once per level, what keeps
    agreements is there only where something is agreed, the crisis standard only where it is unlocked."""
    wanted = list(case.plan.model.get("goals", ()))
    idle = set() if any(one.state in ("accepted", "directed") for one in case.situation.agreements) else set(AHEAD)
    unlocked = case.situation.crisis_open
    if unlocked is None or not unlocked.any():
        idle.add("crisis_standard")
    found: dict[str, Mapping[str, Any]] = {}
    for goal in wanted:
        if goal["name"] in LEVELLED:
            found |= {f"{goal['name']}:{m}": {**goal, "level": m} for m in range(1, int(goal.get("levels", 3)) + 1)}
        elif goal["name"] not in idle or all(one["name"] in idle for one in wanted):
            found[goal["name"]] = goal
    return found


def values(case: Case) -> Tally:
    """The goals are those of the model, in its order, and each has the value that the tables give."""
    tally = Tally()
    wanted = _in_turn(case)
    tally.equal(("goals",), list(wanted), [goal.name for goal in case.plan.goals])
    for (label, goal), stated in zip(wanted.items(), case.plan.goals, strict=False):
        name = stated.name.partition(":")[0]
        if label == stated.name and name in GOALS:
            value = float(GOALS[name](case, goal))
            tally.holds((label,), _near(value, stated.value), value, stated.value)
        else:
            tally.holds((stated.name,), name in GOALS, "a goal that is known", stated.name)
    return tally


def wishes(case: Case) -> Tally:
    """No goal is above the hard limit that was wished for."""
    tally = Tally()
    for label, goal in _in_turn(case).items():
        limit = goal.get("at_most")
        if limit is not None and goal["name"] in GOALS and goal.get("level", 1) == 1:
            value = float(GOALS[goal["name"]](case, goal))
            tally.holds((label,), value <= limit + CLOSE * max(1.0, abs(limit)), f"at most {limit:g}", value)
    return tally


def bounds(case: Case) -> Tally:
    """No goal is better than its bound, and each gap is the distance between the two."""
    tally = Tally()
    for goal in case.plan.goals:
        sound = isfinite(goal.bound) and goal.bound <= goal.value + CLOSE * max(1.0, abs(goal.value))
        tally.holds((goal.name, "bound"), sound, f"at most {goal.value:g}", goal.bound)
        tally.holds((goal.name, "bound"), goal.bound >= -CLOSE, "not below nought", goal.bound)
        distance = goal.value - goal.bound
        gap = 0.0 if abs(distance) <= CLOSE else distance / max(abs(goal.value), 1e-9)
        exact = distance / max(abs(goal.value), 1e-9)
        tally.holds((goal.name, "gap"), _near(gap, goal.gap) or _near(exact, goal.gap), gap, goal.gap)
    return tally


def status(case: Case) -> Tally:
    """What is called proven is within the model's gap, and only a plan proven in every goal is optimal."""
    tally, plan = Tally(), case.plan
    tally.holds(("status",), plan.status in STATUSES, "a known status", plan.status)
    tally.holds(("status",), plan.status in WITH_A_PLAN, "a status of a run that made a plan", plan.status)
    solver = plan.model.get("solver", {})
    largest = float(solver.get("gap_share", 0.0))
    wanted = _in_turn(case)
    for goal in plan.goals:
        said = wanted.get(goal.name, {})
        given_back = float(said.get("slack_share", 0.0)) * goal.value + float(said.get("slack", 0.0))
        near = max(largest * goal.value, float(said.get("tolerance", 0.0))) + given_back
        close = goal.value - goal.bound <= near + CLOSE * max(1.0, goal.value)
        distance = goal.value - goal.bound
        tally.holds((goal.name, "proven"), close or not goal.proven, f"a distance of at most {near:g}", distance)
    if plan.status == "optimal":
        complete = len(plan.goals) == len(wanted) and all(goal.proven for goal in plan.goals)
        tally.holds(("status",), complete, "every goal proven", "a goal without proof")
    return tally


def origin(case: Case) -> Tally:
    """The plan is made for this situation, from these very files."""
    tally, plan, situation = Tally(), case.plan, case.situation
    for name in ("scenario", "title_sv", "title_en", "marking", "level"):
        tally.equal((name,), getattr(situation, name), getattr(plan, name))
    try:
        start: object = datetime.fromisoformat(plan.start)
    except (TypeError, ValueError):
        start = plan.start
    tally.equal(("start",), situation.start, start)
    stated, read = dict(plan.provenance.get("inputs", {})), dict(situation.input_hashes)
    for name in sorted(set(stated) | set(read)):
        tally.equal(("inputs", name), read.get(name, "no such input"), stated.get(name, "not stated"))
    return tally
