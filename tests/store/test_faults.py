"""What befalls a store: killed processes, a full disk, a server that restarts, a migration cut short."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from nspl_opt.store import audit, backup, capacities, tables
from nspl_opt.store.database import Database
from nspl_opt.store.errors import Busy, Full, StoreError, Unfit
from nspl_opt.store.migrations import run as migrations
from nspl_opt.store.store import Store
from tests.store.small import LEAD

HERE = Path(__file__).resolve().parent
WINDOW = ("2027-01-11T00:00", "2027-01-12T00:00")
ROUNDS = int(os.environ.get("NSPL_ROUNDS", "20"))


class Child:
    """A process that is there to be killed: its lines as it says them, and those left when it is gone."""

    def __init__(self, zygote, *words):
        self.pipe = zygote.stdout
        zygote.stdin.write(" ".join(map(str, words)) + "\n")
        zygote.stdin.flush()
        self.process = int(self.pipe.readline())
        assert self.pipe.readline() == "ready\n"

    def line(self):
        return self.pipe.readline().strip()

    def kill(self):
        os.kill(self.process, signal.SIGKILL)
        return [line.strip() for line in iter(self.pipe.readline, "gone\n")]


@pytest.fixture(scope="module")
def zygote():
    path = os.pathsep.join([str(HERE.parent.parent), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, str(HERE / "zygote.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": path},
    ) as process:  # fmt: skip
        yield process
        process.stdin.close()


def figures(store):
    """What a writer has left, and whether the store is whole."""
    with store.read() as connection:
        assert backup.look_through(connection) == []
        query = select(tables.capacities.c.amount).order_by(tables.capacities.c.version)
        changes = connection.execute(
            select(tables.audit.c.object).where(tables.audit.c.action == "capacity.declare")
        ).all()
        amounts = connection.execute(query).scalars().all()
    assert len(changes) == len(amounts)
    return amounts


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(address, zygote):
    store = Store.create(address, "exercise")
    before = 0
    for turn in range(ROUNDS):
        writer = Child(zygote, "write", address)
        told = [int(writer.line()) for _ in range(1 + turn % 3)]
        time.sleep(0.003 * (turn % 5))
        told += map(int, writer.kill())
        amounts = figures(store)
        assert amounts[before:][: len(told)] == told
        # One change may have been made whose answer nobody heard.
        assert len(amounts) - before - len(told) in (0, 1)
        before = len(amounts)
    store.close()


def test_nothing_acknowledged_is_lost_when_the_database_server_is_killed(postgres_server):
    store, told = Store.create(postgres_server.new_database(), "exercise"), []
    stop = threading.Event()

    def write():
        while not stop.is_set():
            try:
                with store.write(LEAD, "capacity.declare") as work:
                    version = capacities.declare(work, "18", "take", "icu_general", 1, *WINDOW).version
            except Busy:
                time.sleep(0.01)
            else:
                told.append(version)

    def wait_for(more):
        wanted, until = len(told) + more, time.monotonic() + 30
        while len(told) < wanted and time.monotonic() < until:
            time.sleep(0.005)
        assert len(told) >= wanted

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(max(3, ROUNDS // 5)):
            wait_for(5)
            postgres_server.kill()
        wait_for(5)
    finally:
        stop.set()
        thread.join()
    with store.read() as connection:
        assert backup.look_through(connection) == []
        versions = connection.execute(select(tables.capacities.c.version)).scalars().all()
    assert set(told) <= set(versions)
    store.close()


def test_a_server_that_restarts_gives_busy_and_nothing_else(postgres_server):
    store = Store.create(postgres_server.new_database(), "exercise")
    for _ in range(3):
        postgres_server.stop()
        with pytest.raises(Busy, match="L501"), store.write(LEAD, "nothing"):
            pass
        with pytest.raises(Busy, match="L501"):
            store.run_read(audit.head)
        postgres_server.start()
        with store.write(LEAD, "nothing"):
            pass
    with store.read() as connection:
        assert audit.head(connection).seq == 4 and audit.verify(connection) == ()
    postgres_server.restart()
    assert store.run_read(audit.head).seq == 4
    store.close()


def test_a_full_disk_loses_nothing_and_leaves_the_store_usable(tmp_path):
    store = Store.create(str(tmp_path / "s.sqlite"), "exercise")

    def write(size):
        with store.write(LEAD, "thing.note", "x" * size):
            pass

    write(10)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, limits[1]))
    refused = 0
    try:
        for _ in range(12):
            try:
                write(60_000)
            except Full as error:
                assert error.code == "L503"
                refused += 1
        with store.read() as connection:
            kept = audit.head(connection).seq
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert refused and kept == 2 + 12 - refused
    write(60_000)
    with store.read() as connection:
        assert audit.head(connection).seq == kept + 1
        assert backup.look_through(connection) == []
    store.close()


def test_a_store_that_could_not_be_made_whole_is_made_when_there_is_room(tmp_path):
    path = str(tmp_path / "s.sqlite")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limits[1]))
    try:
        with pytest.raises(Full):
            Store.create(path, "exercise")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with pytest.raises(Unfit, match="L101"):
        Store.open(path)
    Store.create(path, "exercise").close()
    Store.open(path, realm="exercise").close()


def test_a_database_of_something_else_is_left_alone(tmp_path):
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
    path.chmod(0o600)
    with pytest.raises(Unfit, match="L102"):
        Store.create(str(path), "exercise")
    with pytest.raises(Unfit, match="L101"):
        Store.open(str(path))
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_a_backup_without_room_leaves_nothing_behind(tmp_path):
    store = Store.create(str(tmp_path / "s.sqlite"), "exercise")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(Full):
            backup.back_up(store, tmp_path / "copy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not [path.name for path in tmp_path.iterdir() if "copy" in path.name]
    store.close()


def test_a_backup_made_while_writing_holds_all_that_was_acknowledged_before(address, tmp_path, postgres_server, zygote):
    store = Store.create(address, "exercise")
    writer = Child(zygote, "write", address)
    for turn in range(max(3, ROUNDS // 5)):
        told = [int(writer.line()) for _ in range(5)]
        made = backup.back_up(store, tmp_path / f"copy-{turn}")
        there = f"sqlite:///{tmp_path / f'again-{turn}.sqlite'}"
        again = backup.restore(
            tmp_path / f"copy-{turn}", there if store.database.is_sqlite else postgres_server.new_database()
        )
        amounts = figures(again)
        assert amounts == list(range(1, len(amounts) + 1)) and len(amounts) >= told[-1]
        with again.write(LEAD, "nothing"), again.read() as connection:
            assert again.realm == "exercise" and audit.head(connection).seq >= made.seq
        again.close()
    writer.kill()
    store.close()


def test_a_backup_is_not_overwritten_nor_brought_back_over_a_store(store, address, tmp_path, postgres_server):
    backup.back_up(store, tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0
    with pytest.raises(Unfit, match="L113"):
        backup.back_up(store, tmp_path / "copy")
    with pytest.raises(Unfit, match="L102"):
        backup.restore(tmp_path / "copy", address)
    content = bytearray((tmp_path / "copy").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "copy").write_bytes(content)
    elsewhere = str(tmp_path / "x.sqlite") if store.database.is_sqlite else postgres_server.new_database()
    for note in (True, False):
        with pytest.raises(Unfit, match=r"L108|L114"):
            backup.restore(tmp_path / "copy", elsewhere)
        if note:
            (tmp_path / "copy.json").unlink()
            (tmp_path / "copy").write_bytes(content[:-900])
    with pytest.raises(Unfit, match="L101"):
        backup.restore(tmp_path / "none", elsewhere)


def prepared(address):
    """A store of the first version of the schema, with a row in it."""
    database = Database(address)
    database.prepare_file()
    with database.migrating() as connection:
        migrations.upgrade(connection, "0001")
        connection.execute(insert(tables.meta), [{"name": "realm", "value": "exercise"}])
    database.close()


def test_a_migration_that_is_killed_leaves_the_old_schema_or_the_new(address, zygote):
    prepared(address)
    with pytest.raises(Unfit, match="L105"):
        Store.open(address)
    for turn in range(ROUNDS):
        migrator = Child(zygote, "migrate", address, 0.005)
        for _ in range(1 + 3 * turn % 20):
            assert migrator.line() == "."
        migrator.kill()
        database = Database(address)
        with database.reading() as connection:
            assert migrations.found_version(connection) == "0001"
            assert connection.execute(select(tables.meta.c.value)).scalar() == "exercise"
        database.close()
    assert Store.migrate(address) == ("0001", migrations.known_versions()[-1])
    store = Store.open(address, realm="exercise")
    with store.read() as connection:
        assert connection.execute(select(tables.audit.c.action)).scalars().all() == ["store.migrate"]
        assert audit.verify(connection) == ()
    store.close()


def test_a_newer_schema_is_not_touched(store, address):
    store.close()
    database = Database(address)
    with database.migrating() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    for use in (lambda: Store.open(address), lambda: Store.migrate(address)):
        with pytest.raises(Unfit, match="L104"):
            use()


def test_the_migrated_schema_is_that_of_the_tables(store):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def test_a_store_that_another_process_holds_is_busy_not_broken(tmp_path, monkeypatch):
    monkeypatch.setattr("nspl_opt.store.database.WAIT_S", 0.2)
    path = tmp_path / "s.sqlite"
    store = Store.create(str(path), "exercise")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy, match="L502"), store.write(LEAD, "nothing"):
            pass
        other.execute("ROLLBACK")
    with store.write(LEAD, "nothing"), pytest.raises(Busy, match="L502"), store.write(LEAD, "inside another"):
        pass
    second = Store.open(str(path))
    with store.write(LEAD, "nothing"), pytest.raises(Busy, match="L502"), second.write(LEAD, "from beside"):
        pass
    for one in (second, store):
        one.close()


def test_writers_of_many_threads_and_stores_make_one_chain(address):
    stores = [Store.create(address, "exercise"), Store.open(address)]
    failed: list[StoreError] = []

    def write(number):
        for turn in range(10):
            try:
                with stores[number % 2].write(LEAD, "thing.note", f"{number}-{turn}"):
                    pass
            except StoreError as error:
                failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores[0].read() as connection:
        assert failed == [] and audit.head(connection).seq == 81 and audit.verify(connection) == ()
    for store in stores:
        store.close()
