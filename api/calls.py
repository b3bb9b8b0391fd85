"""One request on its way: who asks, for what, how far they may see; and the one way to change something."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from nspl_opt.store import idempotency
from nspl_opt.store.actor import Actor

from .answers.base import Reply
from .permissions import REGION_ROLES, Operation
from .problems import Fault, Refusal
from .services import Services

VERSION = re.compile(r'"([0-9]{1,9})"\Z', re.ASCII)
AUDIENCES = {"all": "secretariat", "published": "observer", "metadata": "administrator", "head": "anyone"}


@dataclass
class Call:
    """A request that was let in. ``scope`` is what the filters take; the region is the key's, never the request's."""

    operation: Operation
    services: Services
    actor: Actor | None
    scope: str
    language: str = "sv"
    parameters: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    body_sha256: str = ""
    if_match: str = ""
    format: str = ""
    """Of an export, for the audit."""
    target: str = ""
    """Method and path, as the idempotency key is bound to."""
    query: str = ""
    seq: int = 0
    """The audit's newest row when the call was let in."""

    @property
    def who(self) -> Actor:
        """The caller; only operations that anyone may ask for have none."""
        if self.actor is None:
            raise Refusal("unauthorized")
        return self.actor

    @property
    def region(self) -> str | None:
        """The region of the key, where its role is bound to one."""
        return self.actor.region if self.actor and self.actor.role in REGION_ROLES else None

    @property
    def audience(self) -> str:
        """Whom the answer is for; see ``Answer.audiences``."""
        if self.region is not None:
            return "region"
        if self.scope in ("all", "exercise") and self.actor is not None and self.actor.role == "administrator":
            return "administrator"
        return AUDIENCES.get(self.scope, "anyone")

    @property
    def asked(self) -> tuple[Any, ...]:
        """What was asked, and by whom as far as it makes a difference: for answers that are kept."""
        return self.operation.name, self.audience, self.scope, self.region, *self.parameters.values(), self.query

    def read(self) -> AbstractContextManager[Any]:
        """A connection to read with."""
        return self.services.store.read()

    def change(self, act: Callable[[Any], Reply], object_id: str, detail: Mapping[str, Any] | None = None) -> Reply:
        """Do ``act`` in one transaction with its row of the audit and, where a token came, with the answer kept.

        ``act`` may be run again when the database asks for it: it does nothing outside the transaction.
        """

        request = self.request

        def whole(work: Any) -> Reply:
            if request is not None and (kept := idempotency.replay(work.connection, request)) is not None:
                raise _Answered(kept)
            reply = act(work)
            if request is not None:
                told = idempotency.Reply(reply.status, dict(reply.headers), reply.rendered().decode())
                idempotency.remember(work, request, told)
            return reply

        try:
            return self.services.store.run_write(whole, self.who, self.operation.name, object_id, detail or {})
        except _Answered as answered:
            return kept_reply(answered.kept)

    @property
    def request(self) -> idempotency.Request | None:
        """What makes this request the same as one before; None without a token."""
        if not self.token:
            return None
        return idempotency.Request(self.who.key_id, self.token, self.target, self.body_sha256)

    def version(self) -> int:
        """The version in ``If-Match``.

        Raises
        ------
        Refusal
            ``precondition_required`` without one; ``invalid`` where it is no version.
        """
        if not self.if_match:
            raise Refusal("precondition_required", [Fault("If-Match", "is missing", "send the version you read")])
        found = VERSION.match(self.if_match)
        if found is None:
            raise Refusal("invalid", [Fault("If-Match", "is no version", 'send it in quotation marks, as "3"')])
        return int(found[1])


def kept_reply(kept: idempotency.Reply) -> Reply:
    """The answer that was given before, as it was: nothing was done again."""
    return Reply(kept.body.encode(), kept.status, {**kept.headers, "Idempotent-Replay": "true"}, kept=True)


class _Answered(Exception):
    """The same request was answered before: undoes the transaction."""

    def __init__(self, kept: idempotency.Reply) -> None:
        self.kept = kept
        super().__init__()
