"""PostgreSQL is restarted under load: 503 and when to try again, soon well again, nothing lost, nothing twice.

``NSPL_RESTARTS`` sets the rounds; a few unless told otherwise.
"""

import json
import os
import threading
import time
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from nspl_opt.store import audit, tables
from nspl_opt.store.store import Store
from tests.api.serving import new_store, serve_command
from tests.api.test_story import FORM
from tests.store.postgres import postgres_server  # noqa: F401

ROUNDS = int(os.environ.get("NSPL_RESTARTS", "3"))
RECOVERED_S = 5.0
WRITERS, READERS = 2, 3
LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""Digits in a row could be taken for a personal number, which is refused."""


class Caller(threading.Thread):
    """Asks again and again until told to stop. A writer repeats what was not answered, with the same token."""

    def __init__(self, address: str, key: str, writes: bool) -> None:
        super().__init__(daemon=True)
        self.writes, self.ending, self.answers, self.done = writes, threading.Event(), [], {}
        self.http = httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
        )
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.ending.is_set():
                self.write() if self.writes else self.ask("GET", "/v1/help-requests?limit=5")
                time.sleep(0.03)
        except BaseException as error:
            self.failed = error

    def ask(self, method: str, path: str, **given) -> httpx.Response:
        begun = time.monotonic()
        answer = self.http.request(method, path, **given)
        self.answers.append((begun, answer.status_code, answer.headers.get("retry-after", ""), answer.text[:300]))
        return answer

    def write(self) -> None:
        token = uuid4().hex.translate(LETTERS)
        wanted = {"form": {**FORM, "contact": f"tib-{token[:12]}"}}
        while True:
            answer = self.ask("POST", "/v1/help-requests", json=wanted, headers={"Idempotency-Key": token})
            if answer.status_code == 201:
                self.done[token[:12]] = answer.json()["id"]
                return
            if self.ending.is_set():
                return
            time.sleep(0.1)

    def stop(self) -> None:
        self.ending.set()
        self.join(60)
        self.http.close()
        assert self.failed is None, repr(self.failed)


@pytest.fixture
def database(postgres_server):  # noqa: F811
    made = postgres_server.new_database()
    yield made
    postgres_server.drop(made)


def test_a_restart_of_the_database_is_told_as_busy_and_loses_nothing(tmp_path, postgres_server, database):  # noqa: F811
    keys = new_store(database)
    with serve_command(tmp_path, database, rate_per_s=10_000, rate_burst=10_000) as (address, _):
        callers = [Caller(address, keys["decision_17"], number < WRITERS) for number in range(WRITERS + READERS)]
        watcher = Caller(address, keys["decision_17"], True)
        for caller in callers:
            caller.start()
        longest = 0.0
        for number in range(ROUNDS):
            _wait_until(lambda: sum(len(one.done) for one in callers) >= 5 * (number + 1))  # noqa: B023
            _restart(postgres_server, number)
            longest = max(longest, _recovered_after(watcher))
        quiet = time.monotonic() + RECOVERED_S
        _wait_until(lambda: time.monotonic() > quiet and all(one.answers[-1][0] > quiet for one in callers))
        for caller in callers:
            caller.stop()
        watcher.http.close()
    _look_at_answers([one for caller in callers for one in caller.answers], quiet, longest)
    _look_at_store(database, {token: made for caller in [*callers, watcher] for token, made in caller.done.items()})


def _restart(server, number: int) -> None:
    """In order, as an administrator does; every third time as a crash, every third with a pause."""
    if number % 3 == 0:
        server.restart()
        return
    server.stop("immediate" if number % 3 == 1 else "fast")
    time.sleep(0.5)
    server.start()


def _recovered_after(watcher: Caller) -> float:
    """Seconds until both a read and a change are well again."""
    begun = time.monotonic()
    while True:
        read = watcher.ask("GET", "/v1/help-requests?limit=5")
        if read.status_code == 200 and (len(watcher.done), watcher.write())[0] < len(watcher.done):
            return time.monotonic() - begun
        assert time.monotonic() - begun < 30, "the service does not recover"
        time.sleep(0.05)


def _wait_until(held) -> None:
    until = time.monotonic() + 60
    while not held():
        assert time.monotonic() < until
        time.sleep(0.02)


def _look_at_answers(answers, quiet: float, longest: float) -> None:
    told = {status for _, status, _, _ in answers}
    assert told <= {200, 201, 503}, [one for one in answers if one[1] not in (200, 201, 503)][:3]
    assert all(again.isdigit() for _, status, again, _ in answers if status == 503)
    assert not [one for one in answers if one[1] == 503 and one[0] > quiet]
    assert longest <= RECOVERED_S
    print(f"{ROUNDS} restarts, {len(answers)} answers, {sum(1 for one in answers if one[1] == 503)} of them 503, "
          f"well again after {longest:.2f} s at most")  # fmt: skip


def _look_at_store(database: str, acknowledged: dict[str, str]) -> None:
    store = Store.open(database)
    try:
        with store.read() as connection:
            rows = connection.execute(select(tables.help_requests.c.id, tables.help_requests.c.body)).all()
            findings = audit.verify(connection)
    finally:
        store.close()
    found = {}
    for row in rows:
        token = json.loads(row.body)["contact"].removeprefix("tib-")
        assert token not in found, "stored twice"
        found[token] = row.id
    assert {token: found.get(token) for token in acknowledged} == acknowledged
    assert len(acknowledged) >= 5 * ROUNDS and not findings
    print(f"{len(acknowledged)} acknowledged, {len(found)} stored")
