"""Keys: 256 bits, shown once, stored as SHA-256, compared in constant time, ending, revocable at once.

``nspl_x_<key id>_<secret>`` in an exercise, ``nspl_l_...`` live. Nothing is cached: a key that is revoked is
refused at the next request of every worker.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select

from nspl_opt.store import audit, tables
from nspl_opt.store.actor import LOCAL, REGIONAL, ROLES, Actor
from nspl_opt.store.canonical import sha256_of
from nspl_opt.store.clock import time_text
from nspl_opt.store.errors import NotThere, Refused, Unsound
from nspl_opt.store.store import REALMS, Store, Work

DAYS, MOST_DAYS = 90, 366
"""How long a key lasts: unless said otherwise, and at most [days]."""

_KEY = re.compile(r"nspl_([lx])_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_LIKE_A_PERSON = re.compile(r"(?:19|20)?[0-9]{6}-?[0-9]{4}", re.ASCII)
_REGION = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key. ``text`` is the whole key: shown once, never stored, absent from ``repr``."""

    id: str
    text: str
    expires_at: str

    def __repr__(self) -> str:
        return f"Issued(id={self.id!r}, text='...', expires_at={self.expires_at!r})"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What may be told of a key; times as stored, ``revoked_at`` None while it is not revoked."""

    id: str
    role: str
    region: str | None
    holder: str
    label: str
    created_at: str
    created_by: str
    expires_at: str
    revoked_at: str | None


def issue(work: Work, role: str, region: str | None, holder: str, *, label: str = "", days: int = DAYS) -> Issued:
    """Make a key. ``holder`` is a function code (``kansli-03``); ``region`` the code that a regional role is bound to.

    Raises
    ------
    Unsound
        ``L301`` an unknown role, a region missing or too many, a holder that is no code, days outside 1 to 366.
    Refused
        ``L201`` a key for oneself.
    """
    _check(role, region, holder, label, days)
    if holder == work.actor.holder:
        raise Refused("L201")
    key_id = secrets.token_hex(6)
    text = f"nspl_{REALMS[work.realm]}_{key_id}_{secrets.token_urlsafe(32)}"
    expires = time_text(work.now + timedelta(days=days))
    row = {
        "id": key_id, "ordinal": work.next_ordinal(tables.keys), "hash": sha256_of(text),
        "role": role, "region": region, "holder": holder, "label": label,
        "created_at": work.at, "created_by": work.actor.key_id, "expires_at": expires,
    }  # fmt: skip
    work.connection.execute(insert(tables.keys), [row])
    work.about(key_id, role=role, for_region=region, for_holder=holder, expires_at=expires)
    return Issued(key_id, text, expires)


def issue_first(
    store: Store, wanted: Sequence[tuple[str, str]], show: Callable[[str, str, str], None], actor: Actor = LOCAL
) -> bool:
    """The first keys of a store, role and holder of each, in one transaction; False when it ever had one.

    ``show`` is called with role, holder and the key itself, before any of them holds: who is stopped meanwhile has a
    store without keys, which gets others the next time, and never one whose keys nobody has seen.
    """
    with store.write(actor, "key.begin") as work:
        if all_keys(work.connection):
            work.about("", keys=0)
            return False
        for role, holder in wanted:
            one = replace(work, action="key.issue", detail={})
            show(role, holder, issue(one, role, None, holder).text)
            audit.append(work.connection, audit.Entry(work.now, actor, one.action, one.object_id, "ok", one.detail))
        work.about("", keys=len(wanted))
    return True


def _check(role: str, region: str | None, holder: str, label: str, days: int) -> None:
    if role not in ROLES:
        raise Unsound("L301", field="role", what="is none of " + ", ".join(ROLES))
    if (region is not None) != (role in REGIONAL):
        what = "is needed for this role" if role in REGIONAL else "belongs only to a role of a region"
        raise Unsound("L301", field="region", what=what)
    if region is not None and not _REGION.fullmatch(region):
        raise Unsound("L301", field="region", what="is no code of a region")
    if not _CODE.fullmatch(holder) or _LIKE_A_PERSON.search(holder):
        raise Unsound("L301", field="holder", what="must be a function code such as kansli-03, never a person")
    if len(label) > 100 or not label.isprintable() or _LIKE_A_PERSON.search(label):
        raise Unsound("L301", field="label", what="must be at most 100 printable characters and name no person")
    if not 1 <= days <= MOST_DAYS:
        raise Unsound("L301", field="days", what=f"lies outside 1 to {MOST_DAYS}")


def find(store: Store, text: str) -> Actor | None:
    """Who holds this key; None for a key that is unknown, of the other realm, revoked or past its time."""
    return find_at(store, text)[0]


def find_at(store: Store, text: str) -> tuple[Actor | None, int]:
    """As ``find``, with the number of the audit's newest row as it was then: nothing is newer than that."""
    parts = _KEY.fullmatch(text)
    given = sha256_of(text) if parts else sha256_of("")
    if parts is None or parts[1] != REALMS[store.realm]:
        return None, 0
    now, wanted = time_text(store.now()), {"key_id": parts[2]}
    row = store.run_read(lambda read: read.execute(_FOUND, wanted).first())
    # A key that is not there costs a comparison too.
    alike = hmac.compare_digest(row.hash if row else sha256_of("absent"), given)
    if row is None or not alike or row.revoked_at is not None or row.expires_at <= now:
        return None, 0
    return Actor(row.id, row.role, row.region, row.holder), row.seq or 0


def revoke(work: Work, key_id: str) -> None:
    """End a key at once; one that is revoked already stays so.

    Raises
    ------
    NotThere
        ``L401`` no such key.
    Refused
        ``L201`` the key that is in use: so the last administrator cannot shut everybody out.
    """
    if key_id == work.actor.key_id:
        raise Refused("L201")
    row = work.connection.execute(_with_end().where(tables.keys.c.id == key_id)).first()
    if row is None:
        raise NotThere("L401")
    if row.revoked_at is None:
        new = {"key_id": key_id, "at": work.at, "by": work.actor.key_id}
        work.connection.execute(insert(tables.key_revocations), [new])
    work.about(key_id, for_holder=row.holder)


def all_keys(connection: Connection) -> tuple[KeyFacts, ...]:
    """What may be told of every key, in the order they were made; never a hash."""
    rows = connection.execute(_with_end().order_by(tables.keys.c.ordinal))
    return tuple(KeyFacts(*(getattr(row, name) for name in KeyFacts.__slots__)) for row in rows)


def is_open(facts: KeyFacts, now: datetime) -> bool:
    """Whether a key may still be used."""
    return facts.revoked_at is None and facts.expires_at > time_text(now)


def _with_end():
    return select(tables.keys, tables.key_revocations.c.at.label("revoked_at")).join(
        tables.key_revocations, tables.key_revocations.c.key_id == tables.keys.c.id, isouter=True
    )


# Asked with every request: made once, and one statement.
_FOUND = (
    _with_end()
    .add_columns(select(func.max(tables.audit.c.seq)).scalar_subquery().label("seq"))
    .where(tables.keys.c.id == bindparam("key_id"))
)
