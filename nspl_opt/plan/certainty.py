"""How sure a plan is: what is whole and what expected, what is proven, what help between regions avoids."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from nspl_opt.plan.plan import Avoidable, Plan
from nspl_opt.plan.words import Words


@dataclass(frozen=True, slots=True)
class Wholeness:
    """How much of a plan is whole, to be executed, and how much is expected and planned anew before then."""

    transfers: int
    patients: float
    transfers_expected: int
    patients_expected: float
    trips: float
    trips_expected: float
    persons: int
    """People lent; always whole, as are the steps of postponed care."""
    steps: int
    """Sites and staff blocks in which a step of planned care is postponed."""


def wholeness(plan: Plan) -> Wholeness:
    """Count the rows and amounts of a plan's tables by their column ``whole``."""
    moved, trips = plan.tables["transfers"], plan.tables["trips"]
    firm, driven = moved["whole"].astype(bool), trips["whole"].astype(bool)
    return Wholeness(
        transfers=int(firm.sum()),
        patients=_sum(moved[firm]["patients"]),
        transfers_expected=int((~firm).sum()),
        patients_expected=_sum(moved[~firm]["patients"]),
        trips=_sum(trips[driven]["trips"]),
        trips_expected=_sum(trips[~driven]["trips"]),
        persons=int(plan.tables["loans"]["persons"].sum()),
        steps=len(plan.tables["postponed"]),
    )


def whole_lines(plan: Plan, words: Words) -> tuple[str, str]:
    """Two sentences: what is whole and to be executed, and what is expected."""
    found = wholeness(plan)
    whole = words(
        "certainty.whole",
        transfers=words.count("transfer", found.transfers),
        patients=words.count("patient", found.patients),
        trips=words.count("trip", found.trips),
        persons=words.count("person", found.persons),
        steps=words.count("row", found.steps),
    )
    expected = words(
        "certainty.expected",
        transfers=words.count("transfer", found.transfers_expected),
        patients=words.count("patient", found.patients_expected, whole=False),
        trips=words.count("trip", found.trips_expected, whole=False),
    )
    return whole, expected


def proof_lines(plan: Plan, words: Words) -> Iterator[str]:
    """How the run ended, the main goal with its bound, how many goals are proven, the share avoided."""
    yield words.known("status", plan.status) + "."
    if (first := plan.main) is None:
        return
    yield words(
        "line.proof_goal_proven" if first.proven else "line.proof_goal",
        goal=words.known("goal", first.name),
        value=words.number(first.value, 1),
        bound=words.number(first.bound, 1),
        unit=words.known("unit", first.unit.replace(" ", "_"), first.unit),
        gap=words.percent(first.gap, 1),
    )
    proven = sum(goal.proven for goal in plan.goals)
    yield words("line.proof_count", proven=words.number(proven), goals=words.number(len(plan.goals)))
    if plan.avoidable is not None:
        yield avoidable_line(plan.avoidable, words)


def avoidable_line(found: Avoidable, words: Words) -> str:
    """The share of the avoidable unmet care that is avoided, with the figures behind it; or why there is none."""
    figures = {
        "without": words.number(found.without_help, 1),
        "without_bound": words.number(found.without_help_bound, 1),
        "plan": words.number(found.plan, 1),
        "bound": words.number(found.bound, 1),
    }
    if found.share is None:
        return words("certainty.nothing_avoidable", **figures)
    text = words("certainty.avoidable", share=share_text(found.share, words), **figures)
    if found.least_share is not None and share_text(found.least_share, words) != share_text(found.share, words):
        text += " " + words("certainty.avoidable_least", share=share_text(found.least_share, words), **figures)
    return text


def share_text(share: float | None, words: Words) -> str:
    """A share in per cent with one decimal, rounded down: what is not all is never shown as 100 %."""
    return "–" if share is None else words.percent(math.floor(1000 * share + 1e-9) / 1000, 1)


def _sum(column: pd.Series) -> float:
    return round(float(column.sum()), 6)
