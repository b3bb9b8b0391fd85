"""The store: opened once, read in transactions, written in one way only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, Table, func, insert, inspect, select

from nspl_opt.store import audit, tables
from nspl_opt.store.actor import LOCAL, Actor
from nspl_opt.store.clock import Clock, time_text, utc_now
from nspl_opt.store.database import Database
from nspl_opt.store.errors import Again, Busy, Refused, Unfit
from nspl_opt.store.migrations import run as migrations

T = TypeVar("T")

LIVE, EXERCISE = "live", "exercise"
REALMS = {LIVE: "l", EXERCISE: "x"}
"""Realm -> its letter in ids and keys."""
TRIES = 5
"""How often a transaction that had to give way is run."""


def new_id(kind: str, realm: str) -> str:
    """An id that nobody can guess: ``plan-x-...`` in an exercise, ``plan-l-...`` live."""
    return f"{kind}-{REALMS[realm]}-{uuid4().hex}"


@dataclass(slots=True)
class Work:
    """One writing transaction: its connection, its time, and what its row of the audit will say."""

    connection: Connection
    now: datetime
    realm: str
    actor: Actor
    action: str
    object_id: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> str:
        """The time of this transaction as it is stored."""
        return time_text(self.now)

    def new_id(self, kind: str) -> str:
        """An id for something made here."""
        return new_id(kind, self.realm)

    def next_ordinal(self, table: Table) -> int:
        """The number of the next row of a table: writers are alone, so nobody else takes it."""
        return (self.connection.execute(select(func.max(table.c.ordinal))).scalar() or 0) + 1

    def about(self, object_id: str, **detail: Any) -> None:
        """What the row of the audit is about: known only now, where the thing was made in this transaction."""
        self.object_id = object_id
        self.detail |= detail


class Store:
    """What the service remembers, in one database of one realm."""

    def __init__(self, database: Database, realm: str, clock: Clock) -> None:
        self.database, self.realm, self.clock = database, realm, clock
        self.on_append: Callable[[audit.Head], None] = _nothing
        """Called after every transaction with the new head of the audit: signed heads hang on here."""

    @classmethod
    def open(cls, address: str, *, clock: Clock = utc_now, realm: str | None = None) -> Store:
        """Open a store that is there.

        Raises
        ------
        Unfit
            ``L101`` none there, ``L103`` another realm than asked for, ``L104`` and ``L105`` a newer or older
            schema, ``L106`` a file that everybody may read, ``L107`` no address, ``L108`` damaged.
        """
        database = Database(address)
        try:
            if not database.is_there():
                raise Unfit("L101", where=database.name)
            database.check_file()
            with database.reading() as connection:
                migrations.check_version(connection, database.name)
                found = connection.execute(select(tables.meta.c.value).where(tables.meta.c.name == "realm")).scalar()
            if found not in REALMS:
                raise Unfit("L108", why="it tells no realm")
            if realm is not None and realm != found:
                raise Unfit("L103", found=found, wanted=realm)
        except BaseException:
            database.close()
            raise
        return cls(database, found, clock)

    @classmethod
    def create(cls, address: str, realm: str, *, clock: Clock = utc_now, actor: Actor = LOCAL) -> Store:
        """Make a new store of a realm, ``live`` or ``exercise``, which it keeps for good.

        Raises
        ------
        Unfit
            ``L102`` one is there already, ``L109`` no such realm, ``L107`` no address.
        """
        if realm not in REALMS:
            raise Unfit("L109", found=str(realm)[:20])
        database = Database(address)
        try:
            database.prepare_file()
            database.check_file()
            with database.migrating() as connection:
                # A file or database of something else is left alone; what a process that died left empty is not.
                if inspect(connection).get_table_names():
                    raise Unfit("L102", where=database.name)
                _, version = migrations.upgrade(connection)
                now = clock()
                facts = {"realm": realm, "created_at": time_text(now)}
                connection.execute(insert(tables.meta), [{"name": n, "value": v} for n, v in facts.items()])
                entry = audit.Entry(now, actor, "store.create", "", "ok", {"realm": realm, "schema": version})
                audit.append(connection, entry)
        except BaseException:
            database.close()
            raise
        return cls(database, realm, clock)

    @classmethod
    def migrate(cls, address: str, *, clock: Clock = utc_now, actor: Actor = LOCAL) -> tuple[str | None, str | None]:
        """Bring a store to the newest schema, with its row in the audit; version before and after.

        Raises
        ------
        Unfit
            ``L101`` no store there, ``L104`` a newer schema than is known.
        """
        database = Database(address)
        try:
            if not database.is_there():
                raise Unfit("L101", where=database.name)
            database.check_file()
            with database.migrating() as connection:
                before, after = migrations.upgrade(connection)
                if before != after:
                    detail = {"before": before, "after": after}
                    audit.append(connection, audit.Entry(clock(), actor, "store.migrate", "", "ok", detail))
            return before, after
        finally:
            database.close()

    def now(self) -> datetime:
        """The time on the store's one clock."""
        return self.clock().astimezone(UTC)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading transaction. Raises ``Busy`` when the database does not answer."""
        with self.database.reading() as connection:
            yield connection

    def run_read(self, function: Callable[[Connection], T]) -> T:
        """``function`` in a reading transaction, once more when the connection was lost."""
        try:
            with self.read() as connection:
                return function(connection)
        except Busy:
            with self.read() as connection:
                return function(connection)

    @contextmanager
    def write(
        self, actor: Actor, action: str, object_id: str = "", detail: Mapping[str, Any] | None = None
    ) -> Iterator[Work]:
        """The one way to write: a transaction that ends with its row of the audit, or leaves nothing at all.

        A ``Refused`` raised inside undoes everything and is then told in the audit, outcome ``refused``.

        Raises
        ------
        Busy, Again, Full
            As the database says. After a ``Busy`` from a connection lost at the very end the change may stand.
        """
        try:
            with self.database.writing() as connection:
                work = Work(connection, self.now(), self.realm, actor, action, object_id, dict(detail or {}))
                yield work
                entry = audit.Entry(work.now, actor, action, work.object_id, "ok", work.detail)
                head = audit.append(connection, entry)
        except Refused as refused:
            self.note(actor, action, object_id, "refused", {"code": refused.code})
            raise
        self.on_append(head)

    def run_write(
        self, function: Callable[[Work], T], actor: Actor, action: str, object_id: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> T:  # fmt: skip
        """``function`` in a writing transaction, again (five times at most) when it had to give way to another."""
        for left in reversed(range(TRIES)):
            try:
                with self.write(actor, action, object_id, detail) as work:
                    return function(work)
            except Again:
                if not left:
                    raise Busy("L502") from None
        raise AssertionError("unreachable")

    def note(
        self, actor: Actor, action: str, object_id: str = "", outcome: str = "ok",
        detail: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """A row of the audit for what changes nothing: a denial, a refusal, a read of what is others'."""
        with self.database.writing() as connection:
            head = audit.append(connection, audit.Entry(self.now(), actor, action, object_id, outcome, detail or {}))
        self.on_append(head)

    def facts(self) -> dict[str, str]:
        """Realm, schema, kind and version of the database: for the first line of a log."""
        return {"realm": self.realm, "schema": migrations.known_versions()[-1], **self.database.facts()}

    def close(self) -> None:
        """Close every connection. The store cannot be used after it."""
        self.database.close()


def _nothing(_head: audit.Head) -> None:
    pass
