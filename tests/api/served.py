"""A real server process over a store that has something in it: for what only a real one shows."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from nspl_opt.store import keys, lines, plans
from nspl_opt.store.actor import LOCAL, Actor
from nspl_opt.store.store import Store
from tests.api.world import ROLES, add_plan

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Served:
    """Where it listens, the keys of ``ROLES``, the published plan and its lines."""

    url: str
    keys: dict[str, str]
    plan_id: str
    lines: list[str]
    process: subprocess.Popen
    address: str

    def headers(self, who, **more):
        return {"Authorization": f"Bearer {self.keys[who]}"} | {name.replace("_", "-"): v for name, v in more.items()}


def furnish(address, planned, drafts):
    """A live store with keys, and where lines are given a published plan with these."""
    store = Store.create(address, "live")
    try:
        found = {
            who: store.run_write(
                lambda work, given=given: keys.issue(work, given[0], given[1], given[2]), LOCAL, "key.issue"
            ).text
            for who, given in ROLES.items()
        }
        if not drafts:
            return found, "", []
        plan_id = add_plan(store, planned)
        people = [Actor(f"{number}" * 12, "secretariat", None, f"kansli-0{number}") for number in (8, 9)]
        store.run_write(lambda work: plans.publish(work, plan_id), people[0], "publish_plan")

        def act(work):
            plans.publish(work, plan_id)
            return lines.make_lines(work, plan_id, drafts, 48)

        return found, plan_id, store.run_write(act, people[1], "publish_plan")
    finally:
        store.close()


@contextlib.contextmanager
def served(folder, planned, drafts=(), address=None, **settings):
    """Start ``nspl-opt serve`` over a furnished store; ``settings`` as in ``api.settings``."""
    address = address or f"sqlite:///{folder / 'store.sqlite'}"
    given = furnish(address, planned, drafts)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    plenty = {"rate_per_s": 100_000, "rate_burst": 100_000, "failures_per_min": 1_000_000, "reasons_time_s": 0}
    environment = {f"NSPL_OPT_API_{name.upper()}": str(value) for name, value in {**plenty, **settings}.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NSPL_OPT")}
    command = [sys.executable, "-m", "nspl_opt", "serve", "--database", address, "--port", str(port)]
    command += ["--reference", str(planned.reference), "--work-dir", str(folder / "work")]
    log = open(folder / "server.log", "w+", encoding="utf-8")  # noqa: SIM115
    child = subprocess.Popen(
        command, cwd=folder, stdout=log, stderr=log, env={**kept, **environment, "PYTHONPATH": str(ROOT)}
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, child)
        yield Served(url, *given, process=child, address=address)
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        log.seek(0)
        said = log.read()
        log.close()
        assert "Traceback" not in said, said
        assert not [text for text in given[0].values() if text in said]  # no key in any log


def _wait(url, child):
    for _ in range(300):
        assert child.poll() is None
        try:
            if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the service does not start")
