"""The audit: one row for every change, denial and read of what is others', each chained to the row before.

``hash`` = SHA-256 of the hash before followed by the canonical JSON of the row without its hash.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
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


def changes_since(connection: Connection, seq: int) -> frozenset[str]:
    """Names of what was done after a row; what was denied or refused changed nothing and is left out."""
    told = tables.audit.c
    found = connection.execute(select(told.action).where(told.seq > seq, told.outcome == "ok").distinct())
    return frozenset(found.scalars())


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


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head of the chain as it once was, signed and kept outside the database."""

    realm: str
    seq: int
    hash: str
    at: str
    mac: str

    @classmethod
    def sign(cls, realm: str, head: Head, at: str, secret: bytes) -> SignedHead:
        """Sign a head with HMAC-SHA256."""
        return cls(realm, head.seq, head.hash, at, _mac((realm, head.seq, head.hash, at), secret))

    def holds(self, secret: bytes) -> bool:
        """Whether the signature is ours."""
        return hmac.compare_digest(self.mac, _mac((self.realm, self.seq, self.hash, self.at), secret))


def _mac(said: tuple[Any, ...], secret: bytes) -> str:
    return hmac.new(secret, json_text(list(said)).encode(), "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the chain, at a row; ``kind`` is a key of the words below."""

    kind: str
    seq: int

    @property
    def sv(self) -> str:
        """In Swedish."""
        return _WORDS[self.kind][0].format(seq=self.seq)

    @property
    def en(self) -> str:
        """In English."""
        return _WORDS[self.kind][1].format(seq=self.seq)


_WORDS = {
    "changed": ("rad {seq} har ändrats", "row {seq} was changed"),
    "missing": ("rad {seq} saknas", "row {seq} is missing"),
    "link": ("rad {seq} hör inte till raden före", "row {seq} does not belong to the row before"),
    "truncated": ("raderna till och med {seq} saknas i slutet", "the rows up to {seq} are missing at the end"),
    "rechained": ("kedjan har gjorts om före rad {seq}", "the chain was made anew before row {seq}"),
    "head": ("signaturen för rad {seq} stämmer inte", "the signature of row {seq} does not hold"),
}


def verify(
    connection: Connection, heads: Iterable[SignedHead] = (), secret: bytes | None = None
) -> tuple[Finding, ...]:
    """Follow the chain from its first row to its last; nothing found means that nobody has touched it.

    Parameters
    ----------
    heads
        Signed heads kept outside the database. Without them a chain that was cut at its end, or made anew as a
        whole, cannot be told from a true one.
    secret
        What they were signed with; without it their signatures are not checked.
    """
    findings: list[Finding] = []
    # Of one row there may be several: a chain that was made anew is signed again by who does not know.
    signed = sorted(heads, key=lambda head: head.seq)
    wanted, found = {head.seq for head in signed}, {}
    before, expected = FIRST, 1
    query = select(tables.audit).order_by(tables.audit.c.seq).execution_options(yield_per=1000)
    for row in connection.execute(query).mappings():
        if row["seq"] != expected:
            findings.append(Finding("missing", expected))
        if row["previous"] != before:
            findings.append(Finding("link", row["seq"]))
        if hash_of(row) != row["hash"]:
            findings.append(Finding("changed", row["seq"]))
        if row["seq"] in wanted:
            found[row["seq"]] = row["hash"]
        before, expected = row["hash"], row["seq"] + 1
    for head in signed:
        if secret is not None and not head.holds(secret):
            findings.append(Finding("head", head.seq))
        elif head.seq >= expected:
            findings.append(Finding("truncated", head.seq))
        elif head.seq and found.get(head.seq) != head.hash:
            findings.append(Finding("rechained", head.seq))
    return tuple(dict.fromkeys(findings))
