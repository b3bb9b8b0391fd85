"""The audit: one row for every change, denial and read of what is others', each chained to the row before.

``hash`` = SHA-256 of the hash before followed by the canonical JSON of the row without its hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from nspl_opt.store import tables
from nspl_opt.store.actor import Actor
from nspl_opt.store.canonical import json_text, sha256_of
from nspl_opt.store.clock import time_text

FIRST = "0" * 64
"""The hash before the first row."""
ROW = ("seq", "at", "actor", "role", "region", "action", "object", "outcome", "detail", "previous")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row of the audit says. ``detail`` holds codes and counts, never the content of an answer or a plan."""

    at: datetime
    actor: Actor
    action: str
    object_id: str = ""
    outcome: str = "ok"
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of the chain: its number, 0 before the first, and its hash."""

    seq: int
    hash: str


def head(connection: Connection) -> Head:
    """Where the chain ends now."""
    last = connection.execute(
        select(tables.audit.c.seq, tables.audit.c.hash).order_by(tables.audit.c.seq.desc()).limit(1)
    ).one_or_none()
    return Head(last.seq, last.hash) if last else Head(0, FIRST)


def append(connection: Connection, entry: Entry) -> Head:
    """Add a row to the chain, in the transaction of what it tells of; the new head."""
    before = head(connection)
    row = {
        "seq": before.seq + 1, "at": time_text(entry.at), "actor": entry.actor.key_id, "role": entry.actor.role,
        "region": entry.actor.region, "action": entry.action, "object": entry.object_id, "outcome": entry.outcome,
        "detail": json_text({"holder": entry.actor.holder, **entry.detail}), "previous": before.hash,
    }  # fmt: skip
    row["hash"] = hash_of(row)
    connection.execute(insert(tables.audit), [row])
    return Head(row["seq"], row["hash"])


def hash_of(row: Mapping[str, Any]) -> str:
    """What the hash of a row must be."""
    return sha256_of(row["previous"] + json_text({name: row[name] for name in ROW}))
