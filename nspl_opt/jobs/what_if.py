"""The child's work for a what-if: the case of a stored plan, and the same case with some things otherwise."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nspl_opt.differences import compared
from nspl_opt.files import sha256_file
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.jobs.bases import BASES, base_of
from nspl_opt.jobs.job import Job
from nspl_opt.living import Living
from nspl_opt.network.graph import travel_times
from nspl_opt.others import takes_away, with_rough_room
from nspl_opt.plan.folder import MANIFEST, read_inputs, read_plan
from nspl_opt.plan.plan import Plan
from nspl_opt.retold import base_of_plan
from nspl_opt.scenario.what_if_text import parse_what_ifs

GOAL = "unmet_care"
UNPROVEN, NOTABLE, LEAST_H = 0.75, 0.25, 10.0
"""A plan says nothing of a change when what lacks rises by more than the second share of what lacked before and by more
than the third [severity-weighted patient-hours], and more than the first share of that is a wider gap to the bound."""


def make(job: Job, folder: Path, tell: Callable[[dict[str, Any]], None], stop: threading.Event) -> dict[str, Any]:
    """Answer the what-if and say how it went (``result.json``); see ``answer``.

    Raises
    ------
    InvalidInput
        The plan cannot be read, or a change is not of its form (W101), names what is not there (W102), or is one
        that the model has no place for (W103).
    """
    began = time.monotonic()
    tell({"stage": "read"})
    plan = read_plan(folder / job.plan)
    living = living_of(folder / job.plan, job, plan)
    what_ifs = parse_what_ifs(job.changes, living.known)
    living.change(what_ifs)  # refused before anything is solved
    tell({"stage": "base"})
    settings, told = living.spec.solver.model_dump(), sha256_file(folder / job.plan / MANIFEST)
    vars(living)["base"] = base_of(
        living.parts(), settings, folder.parent / BASES, told, lambda: base_of_plan(living, plan)
    )
    found = tried(living, job.changes, job.region, lambda key: tell({"stage": key}))
    if found["before"]["goals"] is None or found["after"]["goals"] is None:
        return {"status": "no_solution_in_time", "why": "no whole plan was found in time"}
    if _another_plan(found, plan):
        return {"status": "no_solution_in_time", "why": "the plan could not be taken up in time to be compared with"}
    if says_nothing(found):
        return {"status": "no_solution_in_time", "why": _far_off(found)}
    _tell_proof(found, plan, takes_away(what_ifs))
    if "least" in found and says_nothing(found["least"]):
        found["least"] = _nothing_lacks(found)
    # The main goal has a bound, the later ones none: never called optimal.
    return {"status": "feasible_gap", "what_if": answer(found, time.monotonic() - began)}


def tried(
    living: Living, changes: Sequence[tuple[str, str]], region: str = "", tell: Callable[[str], None] = lambda key: None
) -> dict[str, Any]:
    """The base and the changed case side by side (``differences.compared``).

    For a ``region`` that asks, the changed case is one in which the others have less room left than they have, and,
    where something is taken away, ``least`` the same with more (``others.with_rough_room``): what it is told then does
    not tell of them.
    """
    what_ifs = parse_what_ifs(changes, living.known)
    change = living.change(what_ifs)
    said = [f"{sort} {text}" for sort, text in changes]
    if not region or living.base.plan is None:
        return compared(living, change, said, tell)
    most = compared(living, with_rough_room(living, change, region), said, tell)
    if not takes_away(
        what_ifs
    ):  # with more room elsewhere it is better without the change too: that tells nothing of it
        return most
    return most | {"least": compared(living, with_rough_room(living, change, region, up=True), said, tell)}


def says_nothing(found: dict[str, Any]) -> bool:
    """Whether what came of a case tells of the search and not of the change: much worse, little of it proven.

    A plan in which nobody moves is always found, and is far from its bound. Then the truth may be anywhere between.
    """
    if found["after"]["goals"] is None:
        return True
    main = found["main"]
    (before, least_before), (after, least_after) = (
        (case["goals"][main], _bound(case)) for case in (found["before"], found["after"])
    )
    rise, wider = after - before, (after - least_after) - (before - least_before)
    return rise > max(NOTABLE * before, LEAST_H) and wider > UNPROVEN * rise


def _another_plan(found: dict[str, Any], plan: Plan) -> bool:
    """Whether the base is far worse than the plan asked about: it was searched for anew, in too little time."""
    return found["before"]["goals"][found["main"]] > (1 + NOTABLE) * plan.main.value + LEAST_H


def _tell_proof(found: dict[str, Any], plan: Plan, fewer: bool) -> None:
    """Tell the plan's own bound where it is better: cuts went into it. With ``fewer`` of something it still holds."""
    if found["main"]:  # goals ahead of it: their price is in the bounds here, and not in that
        return
    for case in (found["before"], *([found["after"]] if fewer else [])):
        case["bound"] = max(_bound(case), min(float(plan.main.bound), case["goals"][0]))


def _far_off(found: dict[str, Any]) -> str:
    main = found["main"]
    goal, after = found["goals"][main], found["after"]
    between = f"between {_bound(after):.0f} and {after['goals'][main]:.0f} {goal['unit']}"
    return f"the best plan found in time is too far from what no plan beats: {goal['name']} would be {between}"


def _nothing_lacks(found: dict[str, Any]) -> dict[str, Any]:
    """The least that is sure of what takes something away: nothing more comes to lack."""
    return {**found, "regions": [{**one, "after": one["before"]} for one in found["regions"]]}


def living_of(folder: Path, job: Job, plan: Plan | None = None) -> Living:
    """The case that a stored plan was made for, by the plan's own model; the job says for how long it may be solved."""
    plan = plan or read_plan(folder)
    reference, situation = read_inputs(folder, plan.level, plan.grid)
    hospitals = situation
    if plan.level != "hospital":
        hospitals = read_inputs(folder, "hospital", plan.grid)[1]
    model = {**plan.model, "solver": {**plan.model["solver"], "time_limit_s": job.time_limit_s}}
    return Living.of(situation, hospitals, travel_times(reference, situation), model_from_dict(model), reference)


def answer(found: dict[str, Any], seconds: float) -> dict[str, Any]:
    """What is unmet before and after, in all and by region [severity-weighted patient-hours], and what no plan beats.

    ``bound`` is None where unmet care is not the main goal. ``goals`` are all goals before and after, ``differs`` the
    patient-hours by site and category that differ. ``least`` is there for a region that asks what less
    would do: ``unmet`` and ``regions`` once more, the others' room rounded up where it was rounded down.
    """
    before, after, main = found["before"], found["after"], found["main"]
    bounded = found["goals"][main]["name"] == GOAL
    goals = zip(found["goals"], before["goals"], after["goals"], strict=True)
    told = {
        "scenario": found["scenario"],
        "marking": found["marking"],
        "what_if": found["what_if"],
        "unmet": _sums(found["regions"]),
        "bound": {"before": _bound(before), "after": _bound(after)} if bounded else None,
        "regions": found["regions"],
        "goals": [{**goal, "before": one, "after": other} for goal, one, other in goals],
        "differs": found["differs"],
        "seconds": round(seconds, 3),
    }
    if (least := found.get("least")) is None:
        return told
    return told | {"least": {"unmet": _sums(least["regions"]), "regions": least["regions"]}}


def _sums(regions: list[dict[str, Any]]) -> dict[str, float]:
    return {side: round(sum(one[side] for one in regions), 3) for side in ("before", "after")}


def _bound(figures: dict[str, Any]) -> float:
    """What no plan beats; unmet care is never below nought, whatever was proven."""
    return max(figures["bound"] or 0.0, 0.0)
