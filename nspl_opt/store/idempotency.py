"""Requests that were answered: repeated with the same token, they get the same answer and have no second effect.

Answers are kept for ``KEPT_H`` at least; each new one removes a few that are older, so there are never many of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select, tuple_

from nspl_opt.store import tables
from nspl_opt.store.canonical import json_text
from nspl_opt.store.clock import time_text
from nspl_opt.store.errors import Refused, Unsound
from nspl_opt.store.store import Work

KEPT_H = 24
"""How long an answer is kept at least [h]. A request repeated later than that may be done again."""
REMOVED = 20
"""Old answers removed with each new one at most, the oldest first: no write waits for a long clearing."""


@dataclass(frozen=True, slots=True)
class Request:
    """What makes a request the same as one before: the key, its token, the path, the hash of the body."""

    key_id: str
    token: str
    method_path: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: str


def replay(connection: Connection, request: Request) -> Reply | None:
    """What this request was answered before; None when it is new. To be asked in the transaction of the effect.

    Raises
    ------
    Refused
        ``L212`` the token was used by the same key for another path or body.
    """
    told = tables.idempotency
    row = connection.execute(
        select(told).where(told.c.key_id == request.key_id, told.c.token == request.token)
    ).one_or_none()
    if row is None:
        return None
    if (row.method_path, row.body_sha256) != (request.method_path, request.body_sha256):
        raise Refused("L212")
    return Reply(row.status, json.loads(row.headers), row.body)


def remember(work: Work, request: Request, reply: Reply) -> None:
    """Keep the answer, in the transaction of its effect: both are there or neither. A few old ones are removed.

    Raises
    ------
    Unsound
        ``L301`` a token that is empty, longer than 200 or not printable ASCII.
    Stale
        ``L504`` the same request was answered meanwhile: read it with ``replay``.
    """
    if not (1 <= len(request.token) <= 200 and request.token.isascii() and request.token.isprintable()):
        raise Unsound("L301", field="Idempotency-Key", what="must be 1 to 200 printable characters of ASCII")
    row = {
        "key_id": request.key_id, "token": request.token, "method_path": request.method_path,
        "body_sha256": request.body_sha256, "status": reply.status, "headers": json_text(dict(reply.headers)),
        "body": reply.body, "at": work.at,
    }  # fmt: skip
    work.connection.execute(insert(tables.idempotency), [row])
    _remove_old(work)


def _remove_old(work: Work) -> None:
    told = tables.idempotency
    before = time_text(work.now - timedelta(hours=KEPT_H))
    old = select(told.c.key_id, told.c.token).where(told.c.at < before).order_by(told.c.at).limit(REMOVED)
    work.connection.execute(delete(told).where(tuple_(told.c.key_id, told.c.token).in_(old)))
