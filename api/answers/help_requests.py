"""Help requests as they are told: to the region that asks, and to the secretariat."""

from __future__ import annotations

from typing import Any, ClassVar

from .base import BOTH, Answer


class HelpRequestStep(Answer):
    """A step that was taken; ``changed`` where what is asked for was written anew."""

    audiences: ClassVar[frozenset[str]] = BOTH
    version: int
    at: str
    state: str
    note: str
    legal_basis: str
    changed: bool


class HelpRequestShown(Answer):
    """A help request as it stands. ``form`` is filled in as its ``schema_version`` says."""

    audiences: ClassVar[frozenset[str]] = BOTH
    id: str
    requester: str
    schema_version: str
    form: dict[str, Any]
    at: str
    version: int
    state: str
    note: str
    changed_at: str
    steps: tuple[HelpRequestStep, ...]

    def may_see(self, region: str) -> bool:
        return region == self.requester


class HelpRequestList(Answer):
    """Help requests, the latest first."""

    audiences: ClassVar[frozenset[str]] = BOTH
    help_requests: tuple[HelpRequestShown, ...]
    next: str | None


class HelpRequestForm(Answer):
    """``form`` is a JSON Schema; and which versions of it there are."""

    audiences: ClassVar[frozenset[str]] = BOTH
    version: str
    versions: tuple[str, ...]
    form: dict[str, Any]
