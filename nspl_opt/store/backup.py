"""Copies of a store made while it is written to, brought back, and looked through before they are believed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, select, text

from nspl_opt.files import sha256_file
from nspl_opt.store import audit, tables
from nspl_opt.store.actor import LOCAL, Actor
from nspl_opt.store.clock import Clock, time_text, utc_now
from nspl_opt.store.database import Database
from nspl_opt.store.errors import Full, Unfit
from nspl_opt.store.failures import told
from nspl_opt.store.store import Store

LONGEST_S = 3600


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: told beside it in ``FILE.json``. ``seq`` and ``head``: the audit's end when it began."""

    database: str
    realm: str
    made_at: str
    seq: int
    head: str
    sha256: str


def back_up(store: Store, target: Path, actor: Actor = LOCAL) -> Backup:
    """Copy a store, while it is read and written, into one new file, and write ``TARGET.json`` beside it.

    Whoever holds a copy can read all of it: the audit tells of it first.

    SQLite: its own online copy, which is then looked through. PostgreSQL: ``pg_dump``, in its custom format.

    Raises
    ------
    Unfit
        ``L113`` the file is there already, ``L114`` a program of PostgreSQL is missing or fails.
    Full
        ``L503`` no room.
    """
    if target.exists():
        raise Unfit("L113", where=target)
    store.note(actor, "store.backup")
    with store.read() as connection:
        head = audit.head(connection)
    with _beside(target) as draft:
        if store.database.path is not None:
            _copy_sqlite(store.database.path, draft)
        else:
            _run("pg_dump", store.database.url, "--format=custom", "--no-owner", "--no-privileges", f"--file={draft}")
        kind = "sqlite" if store.database.is_sqlite else "postgresql"
        made = Backup(kind, store.realm, time_text(store.now()), head.seq, head.hash, sha256_file(draft))
        note = target.with_name(target.name + ".json")
        note.write_text(json.dumps(asdict(made), indent=2, sort_keys=True) + "\n", encoding="utf-8")
        _keep(draft, target)
    return made


def restore(source: Path, address: str, *, clock: Clock = utc_now, actor: Actor = LOCAL) -> Store:
    """Bring a backup back to where no store is, look it through, tell its audit so, and open it.

    Raises
    ------
    Unfit
        ``L102`` a store is there, ``L108`` the backup is damaged or less than its note says, ``L114`` a program of
        PostgreSQL is missing or fails.
    """
    note = _read_note(source)
    database = Database(address)
    try:
        if database.is_there():
            raise Unfit("L102", where=database.name)
        if note is not None and note.sha256 != sha256_file(source):
            raise Unfit("L108", why="the backup is not the file that was written")
        if database.path is not None:
            database.path.parent.mkdir(parents=True, exist_ok=True)
            with _beside(database.path) as draft:
                shutil.copyfile(source, draft)
                _check_sqlite(draft)
                _keep(draft, database.path)
        else:
            _run("pg_restore", database.url, "--single-transaction", "--exit-on-error", "--no-owner",
                 "--no-privileges", f"--dbname={_plain(database.url)}", str(source), target=False)  # fmt: skip
    finally:
        database.close()
    store = Store.open(address, clock=clock, realm=note.realm if note else None)
    try:
        with store.read() as connection:
            problems = look_through(connection)
            row = select(tables.audit.c.hash).where(tables.audit.c.seq == (note.seq if note else 0))
            if note is not None and connection.execute(row).scalar() != note.head:
                problems.append("it ends before its note says")
        if problems:
            raise Unfit("L108", why="; ".join(problems[:3]))
        store.note(actor, "store.restore", detail={"made_at": note.made_at if note else ""})
    except BaseException:
        store.close()
        raise
    return store


def look_through(connection: Connection) -> list[str]:
    """What is wrong with a store, in short: the chain of the audit, the database itself, the archives of plans."""
    return [*(finding.en for finding in audit.verify(connection)), *damage(connection)]


def damage(connection: Connection) -> list[str]:
    """What is wrong with the database itself and the archives of plans."""
    problems = []
    if connection.dialect.name == "sqlite":
        problems += [line for line in connection.execute(text("PRAGMA integrity_check")).scalars() if line != "ok"]
        if connection.execute(text("PRAGMA foreign_key_check")).first():
            problems.append("a row belongs to none")
    return problems + list(_changed_plans(connection))


def _changed_plans(connection: Connection) -> Iterator[str]:
    """Plans whose archive is not the one that the audit tells of."""
    packed, about = tables.plan_archives, tables.plans
    noted = {}
    told_of = select(tables.audit.c.detail).where(tables.audit.c.outcome == "ok")
    for row in connection.execute(told_of.where(tables.audit.c.detail.contains("archive_sha256"))):
        detail = json.loads(row.detail)
        noted[detail["run"]] = detail["archive_sha256"]  # the row itself may be about the run that ended with the plan
    found = select(packed, about.c.run_id).join(about, about.c.id == packed.c.plan_id, isouter=True)
    for row in connection.execute(found.order_by(packed.c.plan_id).execution_options(yield_per=10)):
        if noted.get(row.run_id) != hashlib.sha256(bytes(row.zip)).hexdigest():
            yield f"the archive of {row.plan_id} has changed"


def _copy_sqlite(source: Path, draft: Path) -> None:
    try:
        with (
            contextlib.closing(sqlite3.connect(source.as_uri() + "?mode=ro", uri=True)) as here,
            contextlib.closing(sqlite3.connect(draft)) as there,
        ):
            here.backup(there)
            # One file that needs no log beside it.
            there.execute("PRAGMA journal_mode=DELETE").close()
    except sqlite3.OperationalError as error:
        raise (
            Full("L503") if "full" in str(error) or "I/O" in str(error) else Unfit("L108", why=str(error))
        ) from error
    _check_sqlite(draft)


def _check_sqlite(draft: Path) -> None:
    database = Database(str(draft))
    try:
        with told(), database.reading() as connection:
            problems = look_through(connection)
    finally:
        database.close()
        for left in ("-wal", "-shm", ".lock"):
            draft.with_name(draft.name + left).unlink(missing_ok=True)
    if problems:
        raise Unfit("L108", why="; ".join(problems[:3]))


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A file beside its place that only its owner can read; gone when nobody kept it."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        yield draft
    except OSError as error:
        raise Full("L503") from error
    finally:
        draft.unlink(missing_ok=True)


def _keep(draft: Path, target: Path) -> None:
    with open(draft, "rb") as stream:
        os.fsync(stream.fileno())
    os.replace(draft, target)


def _read_note(source: Path) -> Backup | None:
    note = source.with_name(source.name + ".json")
    if not source.is_file():
        raise Unfit("L101", where=source)
    try:
        return Backup(**json.loads(note.read_text(encoding="utf-8"))) if note.is_file() else None
    except (ValueError, TypeError):
        raise Unfit("L108", why="the note beside the backup cannot be read") from None


def _run(program: str, url: URL, *options: str, target: bool = True) -> None:
    """A program of PostgreSQL; the password goes by the environment, where other users cannot see it."""
    found = shutil.which(program)
    if found is None:
        raise Unfit("L114", program=program, why="is not installed")
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    database = [f"--dbname={_plain(url)}"] if target else []
    ran = subprocess.run(
        [found, *options, *database], env={**os.environ, **password, "LC_ALL": "C"}, capture_output=True, text=True,
        timeout=LONGEST_S, check=False,
    )  # fmt: skip
    if ran.returncode != 0:
        said = ran.stderr.strip().splitlines()
        raise Unfit("L114", program=program, why=said[-1][:200] if said else f"ended with {ran.returncode}")


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
