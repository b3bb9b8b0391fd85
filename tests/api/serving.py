"""The service for real, for tests that need a network: in a thread of this process, or ``nspl-opt serve`` itself."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import uvicorn

from nspl_opt.store import keys
from nspl_opt.store.actor import LOCAL
from nspl_opt.store.store import Store
from tests.api.world import ROLES

ROOT = Path(__file__).resolve().parents[2]
LOG = "serve.log"
"""What the command said, in the folder it was started in."""


@contextlib.contextmanager
def served(app) -> Iterator[str]:
    """The address of an application while a thread of this process serves it."""
    config = uvicorn.Config(app, port=0, log_level="error", access_log=False, ws="none", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive() and time.monotonic() < until, "the service does not start"
        time.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def new_store(database: str, realm: str = "live") -> dict[str, str]:
    """Make a store with a key for every caller of ``ROLES``; caller -> key."""
    store = Store.create(database, realm)
    try:
        found = {}
        for who, (role, region, holder) in ROLES.items():
            made = store.run_write(lambda work, given=(role, region, holder): keys.issue(work, *given), LOCAL, "key")
            found[who] = made.text
        return found
    finally:
        store.close()


class Listening(NamedTuple):
    """Where a service listens, and its process."""

    url: str
    pid: int


@contextlib.contextmanager
def serve_command(
    folder: Path, database: str, *arguments: str, also: Path | None = None, **settings: object
) -> Iterator[Listening]:
    """``nspl-opt serve`` in a process of its own, which ends in order.

    ``also`` is a folder that Python imports from too; ``settings`` are those of the service, by their names.
    """
    port = free_port()
    command = [sys.executable, "-m", "nspl_opt", "serve", "--port", str(port), "--database", database]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NSPL_OPT")}
    kept |= {f"NSPL_OPT_API_{name.upper()}": str(value) for name, value in settings.items()}
    paths = os.pathsep.join(str(one) for one in (also, ROOT) if one is not None)
    log = folder / LOG
    with log.open("wb") as said, subprocess.Popen(
        [*command, "--work-dir", str(folder / "work"), *arguments],
        cwd=folder, env=kept | {"PYTHONPATH": paths}, stdout=said, stderr=said,
    ) as child:  # fmt: skip
        try:
            wait_for(f"http://127.0.0.1:{port}", lambda: child.poll() is None)
            yield Listening(f"http://127.0.0.1:{port}", child.pid)
            child.send_signal(signal.SIGTERM)
            assert child.wait(60) == 0, log.read_text(errors="replace")
        finally:
            child.kill()


def wait_for(address: str, alive=lambda: True, seconds: float = 60) -> None:
    """Wait until the service answers."""
    until = time.monotonic() + seconds
    while True:
        assert alive() and time.monotonic() < until, f"{address} does not answer"
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{address}/health", timeout=5, trust_env=False).status_code == 200:
                return
        time.sleep(0.05)
