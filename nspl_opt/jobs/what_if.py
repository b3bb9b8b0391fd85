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
    living.change(parse_what_ifs(job.changes, living.known))  # refused before anything is solved
    tell({"stage": "base"})
    settings, told = living.spec.solver.model_dump(), sha256_file(folder / job.plan / MANIFEST)
    vars(living)["base"] = base_of(
        living.parts(), settings, folder.parent / BASES, told, lambda: base_of_plan(living, plan)
    )
    found = tried(living, job.changes, job.region, lambda key: tell({"stage": key}))
    cases = [found["before"], found["after"], *([found["least"]["after"]] if "least" in found else [])]
    if any(case["goals"] is None for case in cases):
        return {"status": "no_solution_in_time", "why": "no whole plan was found in time"}
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
