"""Which plans a caller may know of, and the forms a plan is told in."""

from __future__ import annotations

import hashlib
from typing import Any

from nspl_opt.store import plans
from nspl_opt.store.clock import time_text
from nspl_opt.store.errors import NotThere

from .answers.plans import Goal, National, PlanHead, PlanSeen
from .archives import open_archive
from .calls import Call
from .concerned import SEEN
from .national import sum_up


def visible_plan(call: Call, plan_id: str) -> plans.PlanFacts:
    """The plan, if the caller may know of it; ``NotThere``."""
    plan = call.services.store.run_read(lambda read: plans.find(read, plan_id))
    if call.region is not None and plan.state != plans.PUBLISHED:
        raise NotThere("L401")
    return plan


def national(call: Call, plan_id: str | None = None) -> National:
    """National figures of the plan published last, or of this one if that is it; ``NotThere``."""
    store, settings = call.services.store, call.services.settings
    found = store.run_read(lambda read: plans.all_plans(read, states=(plans.PUBLISHED,), limit=1000))
    last = max(found, key=lambda plan: (plan.published_at, plan.ordinal), default=None)
    if last is None or plan_id not in (None, last.id):
        raise NotThere("L401")
    sums = sum_up(last, open_archive(store, last.id), settings.national_valid_h)
    if call.audience == "observer" and call.region is None and sums.valid_until <= time_text(store.now()):
        raise NotThere("L401")
    return sums


def commitment_of(plan: plans.PlanFacts) -> str:
    """A hash that binds the plan and tells nothing of it: the run's id, which only the secretariat knows, is in it."""
    return hashlib.sha256(f"{plan.run_id} {plan.manifest_sha256}".encode()).hexdigest()


def plan_head(plan: plans.PlanFacts) -> dict[str, Any]:
    """The fields of ``PlanHead``."""
    names = set(PlanHead.model_fields) - {"goals", "rules_checked", "commitment"}
    told = {name: getattr(plan, name) for name in names}
    goals = tuple(Goal(**{name: goal[name] for name in Goal.model_fields}) for goal in plan.goals)
    return told | {
        "goals": goals, "rules_checked": plan.check_report.get("rules", 0), "commitment": commitment_of(plan)
    }  # fmt: skip


def plan_seen(call: Call, plan: plans.PlanFacts) -> PlanSeen:
    """A published plan as a region sees it."""
    names = set(PlanSeen.model_fields) - {"tables", "commitment"}
    told = {name: getattr(plan, name) for name in names}
    there = open_archive(call.services.store, plan.id).tables()
    return PlanSeen(**told, commitment=commitment_of(plan), tables=tuple(name for name in there if name in SEEN))
