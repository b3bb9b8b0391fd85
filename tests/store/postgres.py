"""A real PostgreSQL server of this machine, in a temporary folder and on a socket there, for as long as the tests run.

Other tests take the fixtures too: ``from tests.store.postgres import postgres_server`` in their conftest.py.
The server is never skipped where Debian's package is installed.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

HOMES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


class PostgresServer:
    """A server that is started, stopped, killed and started again; each ``new_database`` is empty."""

    def __init__(self) -> None:
        found = shutil.which("postgres")
        self.bin = HOMES[0] if HOMES else Path(found).parent
        self.folder = Path(tempfile.mkdtemp(prefix="nspl-pg-"))
        self.data = self.folder / "data"
        # PostgreSQL refuses to run as root: there it runs as the user that Debian's package made.
        self.before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.before:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", str(self.data), "-U", "nspl", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.start()

    def _run(self, program: str, *args: str) -> None:
        # Its output goes nowhere: a pipe would stay open as long as the server runs.
        command = [*self.before, str(self.bin / program), *args]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    # Processes are killed here, the machine is not: what the server has written to the kernel stays, and fsync is slow.
    def start(self) -> None:
        """Start, and come back when it answers."""
        settings = (
            f"-c listen_addresses= -c unix_socket_directories={self.folder} -c shared_buffers=16MB "
            "-c max_connections=60 -c fsync=off"
        )
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "30", "-l", log, "-o", settings, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop; ``immediate`` is a crash from which the next start recovers."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "30", "-m", mode, "stop")

    def restart(self) -> None:
        """What an administrator does in the middle of everything: connections are cut."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "30", "-m", "fast", "restart")

    def kill(self) -> None:
        """Kill -9 of the server and of all its processes, and start it again when they are gone."""
        first = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        family = [first, *_children(first)]
        for process in family:
            os.kill(process, signal.SIGKILL)
        while any(_is_alive(process) for process in family):
            time.sleep(0.01)
        # Nobody may have reaped the first process: by its number the server would think that it still runs.
        for left in (self.data / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"):
            left.unlink(missing_ok=True)
        self.start()

    def url(self, database: str) -> str:
        """The address of one database of the server."""
        return f"postgresql://nspl@/{database}?host={self.folder}"

    def new_database(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of another that nobody is connected to; its address."""
        name = f"t{uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            copied = "template1" if template is None else self._name(template)
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {copied} STRATEGY FILE_COPY")
        return self.url(name)

    def drop(self, address: str) -> None:
        """Remove a database with all that is still connected to it."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {self._name(address)} WITH (FORCE)")

    def _name(self, address: str) -> str:
        return address.rpartition("?")[0].rpartition("/")[2]

    def close(self) -> None:
        """Stop the server and remove its folder."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for all tests of a process."""
    if not HOMES and shutil.which("postgres") is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    server = PostgresServer()
    try:
        yield server
    finally:
        server.close()
