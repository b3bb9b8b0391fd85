"""Runs as they are told."""

from __future__ import annotations

from typing import Any

from .base import Answer


class RunProgress(Answer):
    """How far a run is: ``value``, ``bound`` in the goal's unit, ``gap`` a share, ``seconds`` since it was asked."""

    seq: int
    state: str
    stage: str
    goal: str | None
    value: float | None
    bound: float | None
    gap: float | None
    seconds: float


class BrokenAgreement(Answer):
    """A line of help that the plan could not keep: who must talk to each other."""

    id: str
    kind: str
    state: str
    sender: str
    receiver: str
    what: str
    amount: float
    broken: float
    why: str


class RunShown(Answer):
    """A run as it stands. ``plan_id`` once there is a plan, also of a run that was cancelled.

    ``conflicts`` are agreements that the plan breaks; ``conflict`` is what must give way where there is no plan.
    """

    id: str
    scenario_id: str
    model_id: str
    overrides: dict[str, str]
    level: str | None
    time_limit_s: int
    based_on: str | None
    asked_by: str
    at: str
    state: str
    status: str
    why: str
    plan_id: str | None
    progress: RunProgress | None
    conflicts: tuple[BrokenAgreement, ...]
    conflict: dict[str, Any] | None


class RunList(Answer):
    """Runs, the latest first."""

    runs: tuple[RunShown, ...]
    next: str | None
