"""The database below the store: connections, their settings, and the two kinds of transactions.

All writing is serial, for every change appends to one audit chain. On SQLite a lock of the process, a lock between
processes and ``BEGIN IMMEDIATE`` see to that; on PostgreSQL a table lock taken before the snapshot, in SERIALIZABLE.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from nspl_opt.store.errors import Busy, Unfit
from nspl_opt.store.failures import told

try:
    import fcntl
except ImportError:  # no such locks on Windows: there a store belongs to one process
    fcntl = None  # type: ignore[assignment]

WAIT_S = 5.0
"""Longest wait for a lock [s]."""
_POSTGRES_OPTIONS = (
    "-c lock_timeout=5000 -c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000 -c TimeZone=UTC"
)


def parse_url(address: str) -> URL:
    """The address of a database: ``sqlite:///FILE``, ``postgresql://...``, or the path of a file.

    Raises
    ------
    Unfit
        ``L107`` for any other kind of address.
    """
    if "://" not in address:
        address = f"sqlite:///{Path(address).absolute()}"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise Unfit("L107", why="it has no form that is known") from None
    kind = url.get_backend_name()
    if kind == "sqlite":
        if not url.database or url.database == ":memory:" or url.query:
            raise Unfit("L107", why="SQLite needs the path of a file and nothing else")
        return url.set(drivername="sqlite", database=str(Path(url.database).absolute()))
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise Unfit("L107", why=f"{kind[:20]} is neither sqlite nor postgresql")


class Database:
    """One database: an engine for reading, one for writing, the locks of a writer."""

    def __init__(self, address: str) -> None:
        self.url = parse_url(address)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock = threading.Lock()
        self._served: int | Connection | None = None
        if self.is_sqlite:
            self.path: Path | None = Path(self.url.database or "")
            engine = create_engine(
                self.url, pool_size=20, max_overflow=40, pool_timeout=WAIT_S,
                connect_args={"timeout": WAIT_S, "check_same_thread": False},
            )  # fmt: skip
            _set_up_sqlite(engine)
            self._reader, self._writer = engine, engine.execution_options(nspl_write=True)
        else:
            self.path = None
            engine = create_engine(
                self.url, pool_pre_ping=True, pool_size=10, max_overflow=15, pool_timeout=WAIT_S, pool_recycle=1800,
                connect_args={"options": _POSTGRES_OPTIONS, "connect_timeout": 5},
            )  # fmt: skip
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._writer = engine.execution_options(isolation_level="SERIALIZABLE")
        self._engine = engine

    @property
    def name(self) -> str:
        """The address without its password."""
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)

    def is_there(self) -> bool:
        """Whether there is a file (SQLite) or whether the server knows the database and it has tables of ours."""
        if self.path is not None:
            return self.path.exists() and self.path.stat().st_size > 0
        with self.reading() as connection:
            return connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one()

    def prepare_file(self) -> None:
        """Make the SQLite file readable to nobody but its owner, before SQLite makes it readable to all."""
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))

    def check_file(self) -> None:
        """``Unfit L106`` when everybody on the machine may read or write the SQLite file."""
        if self.path is not None and stat.S_IMODE(self.path.stat().st_mode) & 0o007:
            raise Unfit("L106", where=self.path)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state throughout and changes nothing."""
        with told(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes alone; committed at the end, undone on any error.

        Raises
        ------
        Busy
            ``L502`` when the lock was not to be had within 5 s.
        """
        if not self._lock.acquire(timeout=WAIT_S):
            raise Busy("L502")
        try:
            with told(), self._between_processes(), self._writer.connect() as connection, connection.begin():
                if not self.is_sqlite:
                    # A LOCK takes no snapshot, so that of the transaction is taken when the writer before is done.
                    connection.execute(text("LOCK TABLE store_lock IN EXCLUSIVE MODE"))
                yield connection
        finally:
            self._lock.release()

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """As ``writing``, where the tables need not be there yet."""
        with told(), self._between_processes(), self._writer.connect() as connection, connection.begin():
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(7061873)"))
            yield connection

    @contextmanager
    def _between_processes(self, make: bool = True) -> Iterator[None]:
        """One writer and one checkpointer among all processes: SQLite before 3.51.3 can lose a WAL that two reset.

        Without ``make`` no file is made for it: where there is none, nobody has written.
        """
        lock = f"{self.path}.lock"
        if self.path is None or fcntl is None or not (make or os.path.exists(lock)):
            yield
            return
        handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            _lock_file(handle)
            yield
        finally:
            os.close(handle)

    def take(self) -> bool:
        """Be the one service of this database until ``close``, or the end of the process; False when another is.

        SQLite: a lock on ``FILE.serve``. PostgreSQL: a lock of a session, which is lost with its connection.
        """
        if self.path is not None:
            if fcntl is not None:
                handle = os.open(f"{self.path}.serve", os.O_CREAT | os.O_RDWR, 0o600)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    os.close(handle)
                    return False
                self._served = handle
            return True
        with told():
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            for name, seconds in (("idle", 30), ("interval", 10), ("count", 3)):  # a machine that vanished lets go
                connection.execute(text(f"SET tcp_keepalives_{name} = {seconds}"))
            until = time.monotonic() + WAIT_S  # one that was killed just now is noticed soon
            while not connection.execute(text("SELECT pg_try_advisory_lock(7061874)")).scalar_one():
                if time.monotonic() > until:
                    connection.close()
                    return False
                time.sleep(0.1)
        self._served = connection
        return True

    def facts(self) -> dict[str, str]:
        """Kind and version of the database, for the first line of a log."""
        if self.is_sqlite:
            return {"database": "SQLite", "version": sqlite3.sqlite_version}
        with self.reading() as connection:
            return {"database": "PostgreSQL", "version": connection.execute(text("SHOW server_version")).scalar_one()}

    def close(self) -> None:
        """Close every connection; for SQLite the last one empties the write-ahead log."""
        served, self._served = self._served, None
        if isinstance(served, int):
            os.close(served)
        elif served is not None:
            served.invalidate()  # closed for good: the lock goes with it
            served.close()
        with self._between_processes(make=False):
            self._engine.dispose()


def _lock_file(handle: int) -> None:
    until = time.monotonic() + WAIT_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            if time.monotonic() > until:
                raise Busy("L502") from None
            time.sleep(0.002)


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def settings(connection: Any, _record: Any) -> None:
        # Transactions are begun below, by us: the driver would begin none before DDL, and only deferred ones.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(WAIT_S * 1000)}",
            "mmap_size=0", "recursive_triggers=ON", "trusted_schema=OFF",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("nspl_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
