"""What leaves the service: models that say who may have them and which regions they concern."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from ..polls import Holds

ANYONE = frozenset({"secretariat", "region", "observer", "administrator", "anyone"})
SECRETARIAT, REGION = frozenset({"secretariat"}), frozenset({"region"})
BOTH = SECRETARIAT | REGION
MARK = "ÖVNING"
"""What stands on everything that an exercise gives."""


def marked(body: bytes, realm: str) -> bytes:
    """A JSON object as it is sent: in a store for exercises its first member is ``mark``, so nobody takes it for real.

    Here and nowhere else, so that no answer is forgotten. Which store it is decides, for no plan or scenario is in one
    of the other kind.
    """
    if realm != "exercise" or not body.startswith(b"{"):
        return body
    rest = body[1:]
    return f'{{"mark":"{MARK}"'.encode() + (rest if rest.startswith(b"}") else b"," + rest)


class Answer(BaseModel):
    """Base of every answer. ``audiences``: who may be given it; the guard in ``outgoing`` holds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    audiences: ClassVar[frozenset[str]] = SECRETARIAT

    def may_see(self, region: str) -> bool:
        """Whether a caller of the region may be given it; what concerns no region says yes."""
        return True


class Own(Answer):
    """Base of what tells a region of itself: no other region may be given it."""

    audiences: ClassVar[frozenset[str]] = REGION
    region: str

    def may_see(self, region: str) -> bool:
        return region == self.region


F = TypeVar("F", bound=Callable[..., Any])


def gives(status: int, model: Any = None, media_type: str | tuple[str, ...] = "application/json") -> Callable[[F], F]:
    """Tell what a function of ``routes`` gives, where its annotation does not: for the description."""

    def mark(function: F) -> F:
        kinds = (media_type,) if isinstance(media_type, str) else media_type
        told: dict[str, Any] = {"model": model} if model is not None else {"content": {kind: {} for kind in kinds}}
        function.documented = {**getattr(function, "documented", {}), status: told}  # type: ignore[attr-defined]
        return function

    return mark


@dataclass(frozen=True)
class Reply:
    """An answer with its status and headers.

    ``content`` is a model, or bytes with ``media_type`` made from ``rows``, which the guard looks at instead.
    """

    content: Answer | bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    rows: tuple[Any, ...] = ()
    kept: bool = False
    """Whether it is an answer that was looked at and given to the same key before."""
    holds: Holds | None = None
    """How long the same answer may be given to who asks the same; None: it is made anew each time."""

    def rendered(self) -> bytes:
        """The bytes that are sent."""
        if isinstance(self.content, bytes):
            return self.content
        return self.content.model_dump_json().encode()
