"""What a goal does by being there, and what it gives back: taken by a later one. For every goal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ..register import acted, watching
from .small import Case, planned, small

TWO = {"norr": "n", "syd": "s"}
LENDING = {"professions": ["nurse"], "share": 0.1, "yield_share": 1.0, "shortest_stay_h": 0, "travel_h": 0}


@dataclass(frozen=True)
class Given:
    """A value of the option (None: the goal itself, off and on), the goals in order, and what the last of them
    comes to without and with it."""

    amount: float | None
    case: Callable[[], Case]
    goals: tuple[str, ...]
    last: tuple[float, float]
    families: Mapping[str, Any] = field(default_factory=lambda: {"beds": {}})


def short() -> Case:
    """Five at norr with two beds, one bed at syd two hours away: one moves, two go without (480)."""
    return small(TWO, beds={("icu", "norr"): 2, ("icu", "syd"): 1}, initial={("icu", "norr"): 5})


def uneven() -> Case:
    """Twelve in six beds: two move so that both regions are 100 percent above, one if 150 will do."""
    return small(TWO, beds={("icu", "norr"): 4, ("icu", "syd"): 2}, initial={("icu", "norr"): 6, ("icu", "syd"): 6})


def postponing() -> Case:
    """Five at norr with two free beds and six in planned care; a step frees two, and one moves two hours."""
    return small(TWO, beds={("icu", "norr"): 8, ("icu", "syd"): 2}, planned={("icu", "norr"): 6},
                 initial={("icu", "norr"): 5})  # fmt: skip


def bordering() -> Case:
    """Four at norr: two beds in the area five hours away, nine outside it one hour away."""
    roads = {("mitt", "norr"): 300, ("norr", "syd"): 60}
    return small(TWO | {"mitt": "m"}, areas={"upp": ("n", "m"), "ner": ("s",)}, initial={("icu", "norr"): 4},
                 beds={("icu", "mitt"): 2, ("icu", "syd"): 9}, roads=roads)  # fmt: skip


def lent() -> Case:
    """Twelve at norr, five on duty, half a nurse each by contingency: two people lent, or the four there are."""
    return small(TWO, beds={("icu", "norr"): 20}, staff={"norr": 10, "syd": 40}, initial={("icu", "norr"): 12},
                 roads={})  # fmt: skip


POSTPONED = {"beds": {}, "elective": {"delay_h": 0}}
STAFF = {"beds": {}, "staff": {}, "staff_loans": LENDING}
TRANSIT = "patient_hours_in_transit"
EFFECTS = {
    "goals.unmet_care": Given(None, short, ("unmet_care", TRANSIT), (0, 2)),
    "goals.worst_region": Given(None, uneven, ("unmet_care", "worst_region", TRANSIT), (0, 4)),
    "goals.postponed_care": Given(None, postponing, ("unmet_care", "postponed_care", TRANSIT), (0, 2), POSTPONED),
    "goals.patient_hours_in_transit": Given(None, bordering, ("unmet_care", TRANSIT, "crossings"), (2, 4)),
    "goals.crossings": Given(None, bordering, ("unmet_care", "crossings", TRANSIT), (4, 12)),
    "goals.staff_away": Given(None, lent, ("unmet_care", "staff_away", "contingency_care"), (240, 288), STAFF),
    "goals.contingency_care": Given(None, lent, ("unmet_care", "contingency_care", "staff_away"), (2, 4), STAFF),
    "goals.unmet_care.slack": Given(240, short, ("unmet_care", TRANSIT), (2, 0)),
    "goals.unmet_care.slack_share": Given(0.5, short, ("unmet_care", TRANSIT), (2, 0)),
    "goals.worst_region.slack": Given(50, uneven, ("unmet_care", "worst_region", TRANSIT), (4, 2)),
    "goals.worst_region.slack_share": Given(0.5, uneven, ("unmet_care", "worst_region", TRANSIT), (4, 2)),
    "goals.postponed_care.slack": Given(48, postponing, ("unmet_care", "postponed_care", TRANSIT), (2, 0), POSTPONED),
    "goals.postponed_care.slack_share": Given(
        1.0, postponing, ("unmet_care", "postponed_care", TRANSIT), (2, 0), POSTPONED
    ),
    "goals.patient_hours_in_transit.slack": Given(4, bordering, ("unmet_care", TRANSIT, "crossings"), (4, 3)),
    "goals.patient_hours_in_transit.slack_share": Given(1.0, bordering, ("unmet_care", TRANSIT, "crossings"), (4, 3)),
    "goals.crossings.slack": Given(1, bordering, ("unmet_care", "crossings", TRANSIT), (12, 8)),
    "goals.crossings.slack_share": Given(0.5, bordering, ("unmet_care", "crossings", TRANSIT), (12, 8)),
    "goals.staff_away.slack": Given(2, lent, ("unmet_care", "staff_away", "contingency_care"), (288, 240), STAFF),
    "goals.staff_away.slack_share": Given(1, lent, ("unmet_care", "staff_away", "contingency_care"), (288, 240), STAFF),
    "goals.contingency_care.slack": Given(
        48, lent, ("unmet_care", "contingency_care", "staff_away"), (4, 2), STAFF
    ),
    "goals.contingency_care.slack_share": Given(
        0.2, lent, ("unmet_care", "contingency_care", "staff_away"), (4, 2), STAFF
    ),
}  # fmt: skip
"""Option -> what it gives back, and to whom."""


@pytest.mark.parametrize("option", sorted(EFFECTS))
def test_a_goal_costs_later_ones_and_what_it_gives_back_is_theirs(option):
    given, (_, goal, *slack) = EFFECTS[option], option.split(".")
    last = []
    with watching() as seen:
        for amount in (0.0, given.amount):
            goals = [{"name": name} for name in given.goals]
            if slack:
                goals = [one | ({slack[0]: float(amount)} if one["name"] == goal else {}) for one in goals]
            elif amount is not None:
                goals = [one for one in goals if one["name"] != goal]
            last.append(planned(given.case(), given.families, goals).value(given.goals[-1]))
    assert last == pytest.approx(given.last, abs=1e-3)
    assert acted(option, seen)
