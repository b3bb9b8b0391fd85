"""Every option that is accepted changes or bounds something: one effect test each, and a register of them."""

from __future__ import annotations

import io
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from nspl_opt.formulation.goals import GOALS
from nspl_opt.formulation.spec import SolverOptions, model_from_dict
from nspl_opt.pipeline import plan_situation
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Agreement
from nspl_opt.solver import child, stages
from nspl_opt.solver.search import Search

from ..oracle.cases import random_case
from ..register import shows
from .small import ICU, WARD, Case, Result, model, planned, small, solve_here
from .test_staff import LENDING, ORDER, need

TWO = {"norr": "n", "syd": "s"}
FIVE = {"beds": {("icu", "norr"): 2, ("icu", "syd"): 9}, "initial": {("icu", "norr"): 5}}
STRICT = {"contingency": False}


@dataclass(frozen=True)
class Effect:
    """Two values of an option that must give different answers to a question."""

    case: Callable[[], Case]
    families: dict[str, dict[str, Any]]
    values: tuple[Any, Any]
    ask: Callable[[Result], Any]
    goals: tuple[Any, ...] = ()


def unmet(plan: Result) -> float:
    return round(plan.value(), 2)


def moved(plan: Result) -> float:
    return plan.moved()


def away(plan: Result) -> float:
    return round(plan.value("staff_away"), 2)


def stays(plan: Result) -> set[int]:
    loans = plan.rows("loans")
    return set(loans["last_block"] - loans["first_block"])


def held() -> Case:
    return small({"norr": "n"}, hours=(24, 24), beds={("icu", "norr"): 8}, planned={("icu", "norr"): 6},
                 initial={("icu", "norr"): 5})  # fmt: skip


def star() -> Case:
    sites = {f"h{n}": f"r{n}" for n in range(4)}
    roads = {("h0", f"h{n}"): 60 * n for n in range(1, 4)}
    return small(sites, roads=roads, initial={("icu", "h0"): 9}, beds={("icu", f"h{n}"): n for n in range(1, 4)})


def areas() -> Case:
    return small({"norr": "n", "mitt": "m", "syd": "s"}, areas={"upp": ("n", "m"), "ner": ("s",)},
                 beds={("icu", "syd"): 9, ("icu", "mitt"): 2}, initial={("icu", "norr"): 9})  # fmt: skip


def bus(hours: tuple[int, ...] = (24,)) -> Case:
    return small(TWO, hours=hours, categories=(WARD,), beds={("ward", "syd"): 9}, initial={("ward", "norr"): 9},
                 fleet={"bus-n": 1}, trips={("bus-n", "norr", "syd"): 600})  # fmt: skip


def half_patients() -> Case:
    return small(TWO, beds={("icu", "syd"): 2}, initial={("icu", "norr"): 1.5}, fleet={"amb-n": 9})


def partners() -> Case:
    sites = {"norr": "n", "ost": "o", "syd": "s"}
    return small(sites, beds={("icu", "syd"): 99}, staff={"norr": 40, "syd": 10}, initial={("icu", "syd"): 9}, roads={})


def one_site_of_two() -> Case:
    return small({"a": "r", "b": "r"}, beds={("icu", "a"): 99}, staff={"a": 8, "b": 100}, initial={("icu", "a"): 9})


def lending(values: tuple[Any, Any], ask: Callable[[Result], Any], **case: Any) -> Effect:
    families = {"beds": {}, "staff": STRICT, "staff_loans": LENDING}
    days = case.pop("days", (0, 1, 2))
    return Effect(lambda: need(days, patients=8, **case), families, values, ask, tuple(ORDER))


DAY = {"trips_whole_until_h": "all", "patients_whole_until_h": 0, "duty_share": 1.0}
FLOOR = {"beds": {}, "reserve": {"bed_types": ["icu"], "free_share": 0.5}}
EFFECTS = {
    "families.elective.steps": Effect(
        held, {"beds": {}, "elective": {}}, (1, 3), lambda p: p.value("postponed_care"),
        ("unmet_care", "postponed_care"),
    ),
    "families.elective.largest_share": Effect(held, {"beds": {}, "elective": {}}, (0.3, 1.0), unmet),
    "families.elective.delay_h": Effect(held, {"beds": {}, "elective": {}}, (0, 24), unmet),
    "families.staff_loans.professions": lending((["nurse"], []), away),
    "families.staff_loans.share": lending((0.1, 0.05), away),
    "families.staff_loans.yield_share": lending((1.0, 0.5), unmet),
    "families.staff_loans.shortest_stay_h": lending((24, 72), away, days=(0,)),
    "families.staff_loans.longest_stay_h": lending((24, 96), stays),
    "families.staff_loans.travel_h": lending((0, 24), unmet),
    "families.staff_loans.partners": Effect(
        partners, {"beds": {}, "staff": STRICT, "staff_loans": LENDING}, (1, 2), away, tuple(ORDER)
    ),
    "families.staff.contingency": Effect(one_site_of_two, {"beds": {}, "staff": {}}, (True, False), unmet),
    "families.staff.within_region_share": Effect(one_site_of_two, {"beds": {}, "staff": STRICT}, (0, 0.5), unmet),
    "families.transports.trips_whole_until_h": Effect(bus, {"beds": {}, "transports": DAY}, (0, "all"), moved),
    "families.transports.patients_whole_until_h": Effect(
        half_patients, {"beds": {}, "transports": DAY}, (0, "all"), moved
    ),
    "families.transports.duty_share": Effect(bus, {"beds": {}, "transports": DAY}, (0.5, 1.0), moved),
    "families.travel_time.longest_journey_factor": Effect(star, {"beds": {}, "travel_time": {}}, (0.2, 1.0), moved),
    "families.travel_time.nearest": Effect(star, {"beds": {}, "travel_time": {"largest": 0}}, (1, 2), moved),
    "families.travel_time.largest": Effect(star, {"beds": {}, "travel_time": {"nearest": 1}}, (0, 1), moved),
    "families.areas.grouping": Effect(
        areas, {"beds": {}, "areas": {"border": "closed"}}, ("civil_area", "region"), moved
    ),
    "families.areas.border": Effect(areas, {"beds": {}, "areas": {}}, ("open", "closed"), moved),
    "families.reserve.grouping": Effect(areas, FLOOR, ("civil_area", "region"), unmet),
    "families.reserve.bed_types": Effect(areas, FLOOR, (["icu"], ["ward"]), unmet),
    "families.reserve.free_share": Effect(areas, FLOOR, (0.1, 0.5), unmet),
    "goals.crossings.grouping": Effect(
        areas, {"beds": {}}, ("civil_area", "region"), lambda p: round(p.value("crossings"), 2),
        ("unmet_care", "crossings"),
    ),
}  # fmt: skip
"""Option -> two values that differ in what the plan does."""

OF_EVERY_GOAL = ("slack", "slack_share")
"""Options that every goal has; ``test_slack`` shows what they do for each goal, and below they reach the search."""

SOLVER = {f"solver.{option}" for option in SolverOptions.model_fields}


def test_every_setting_of_the_solver_has_an_effect_test():
    assert set(SOLVER_EFFECTS) == SOLVER


@pytest.mark.parametrize("option", sorted(EFFECTS))
def test_an_option_changes_the_plan(option):
    effect = EFFECTS[option]
    kind, name, field = option.split(".")
    answers = []
    for value in effect.values:
        families, goals = dict(effect.families), list(effect.goals)
        if kind == "families":
            families[name] = families.get(name, {}) | {field: value}
        else:
            goals = [{"name": goal} | ({field: value} if goal == name else {}) for goal in goals]
        answers.append(effect.ask(planned(effect.case(), families, goals)))
    assert answers[0] != answers[1]


@shows("families.beds", "families.capability")
def test_a_family_that_has_no_options_acts_by_being_there():
    # Two beds at the hospital that can, nine at the one that cannot and where the five patients are.
    case = small(TWO, categories=(replace(ICU, capability="icu"),), able={"norr": ("icu",)},
                 beds={("icu", "norr"): 2, ("icu", "syd"): 9}, initial={("icu", "syd"): 5})  # fmt: skip
    both, beds, capability = (planned(case, on) for on in (("beds", "capability"), ("beds",), ("capability",)))
    assert [unmet(both), unmet(beds), unmet(capability)] == [3 * 24 * 10, 0, 0]
    assert [moved(both), moved(beds), moved(capability)] == [2, 0, 5]


@pytest.mark.parametrize("goal", sorted(GOALS))
def test_the_slack_of_every_goal_reaches_the_search(goal):
    """What the search does with it is seen in test_goals: the later goal takes what is given back."""
    seen = {}

    def look(matrix: Any, *rest: Any) -> Any:
        seen["holds"] = matrix.holds.tolist()
        return solve_here(matrix, *rest)

    others = [other for other in GOALS if other != goal and not GOALS[other].ahead]
    goals = [{"name": goal, "slack": 7.0, "slack_share": 0.25}, *({"name": other} for other in others)]
    families = {"beds", *(needed for name in (goal, *others) for needed in GOALS[name].requires)}
    agreed = Agreement("T1", "accepted", "patients", ("norr",), ("syd",), "n", "s", "icu", "", 0, 24, MICRO, "", "")
    case = small(TWO, **FIVE).having(agreements=[agreed], crisis_open=np.ones((2, 1), dtype=bool))
    with patch("nspl_opt.pipeline.solve", look):
        plan_situation(case.situation, case.travel, model(families, goals))
    stages = model_from_dict(model(families, goals)).stages(case.situation)
    assert seen["holds"] == [[0.25, 7.0] if stage.options.name == goal else [0.0, 0.0] for stage in stages]
    assert stages[0].options.name == goal


# The solver's settings


def knotty(**solver: Any) -> Search:
    """A search that has to branch: every family, whole trips and loans, three goals."""
    case, travel, chosen = random_case(16)
    goals = [{"name": name} for name in ("unmet_care", "worst_region", "patient_hours_in_transit")]
    found = {}

    def look(matrix: Any, settings: dict[str, Any], *_: Any) -> Any:
        found["search"] = _search(matrix, settings)
        return solve_here(matrix, settings)

    with patch("nspl_opt.pipeline.solve", look):
        plan_situation(case, travel, chosen | {"goals": goals, "solver": {"gap_share": 0.0} | solver})
    return found["search"]


def _search(matrix: Any, settings: dict[str, Any]) -> Search:
    file = io.BytesIO()
    matrix.save(file)
    file.seek(0)
    with np.load(file) as parts:
        return Search({n: parts[n] for n in parts.files}, settings, lambda: False, lambda _: None, lambda _: None)


def _branched(search: Search) -> list[tuple[int, int]]:
    """(columns searched, work allowed) of every branch and bound."""
    seen, branch = [], stages.branch

    def look(search: Any, relaxed: Any, goal: int, columns: np.ndarray, bound: float, deadline: float) -> Any:
        seen.append((int(columns.sum()), int(search.settings["work_limit"])))
        return branch(search, relaxed, goal, columns, bound, deadline)

    with patch.object(stages, "branch", look):
        stages.run_stages(search)
    return seen


def gap_share() -> None:
    # With a gap of 1 any plan is near enough.
    assert len(_branched(knotty(gap_share=0.0))) > len(_branched(knotty(gap_share=1.0)))


def seed() -> None:
    assert knotty(seed=7).options()["random_seed"] == 7


def work_limit() -> None:
    assert {work for _, work in _branched(knotty(work_limit=3))} == {3}


def effort() -> None:
    with patch.object(stages, "SMALL", 0):  # as on a large model
        quick, thorough = _branched(knotty(effort="quick")), _branched(knotty(effort="thorough"))
    assert len(thorough) > len(quick)


def time_limit_s() -> None:
    search = knotty(time_limit_s=33)
    assert search.deadline == search.started + 33
    case = small(TWO, **FIVE)
    made = plan_situation(case.situation, case.travel, model(("beds",), solver={"time_limit_s": 1e-6}))
    assert made.status in ("no_solution_in_time", "feasible_time_limit")


def memory_limit_mb() -> None:
    asked = []
    with patch.object(resource, "setrlimit", lambda what, limit: asked.append((what, limit))), patch("ctypes.CDLL"):
        child._bind_to_parent({"memory_limit_mb": 600, "parent": os.getppid()})
    assert (resource.RLIMIT_AS, (600 * 1024**2, 600 * 1024**2)) in asked


SOLVER_EFFECTS = {
    f"solver.{test.__name__}": test for test in (gap_share, seed, work_limit, effort, time_limit_s, memory_limit_mb)
}


@pytest.mark.parametrize("option", sorted(SOLVER_EFFECTS))
def test_a_setting_of_the_solver_bounds_the_search(option):
    SOLVER_EFFECTS[option]()


def test_every_setting_reaches_the_solver():
    given = {
        "time_limit_s": 9.0,
        "gap_share": 0.5,
        "seed": 3,
        "effort": "thorough",
        "work_limit": 5,
        "memory_limit_mb": 900,
    }
    assert set(given) == set(SolverOptions.model_fields)
    seen = {}

    def look(matrix: Any, settings: dict[str, Any], *rest: Any) -> Any:
        seen.update(settings)
        return solve_here(matrix, settings)

    case = small(TWO, **FIVE)
    with patch("nspl_opt.pipeline.solve", look):
        plan_situation(case.situation, case.travel, model(("beds",), solver=given))
    assert seen == given
