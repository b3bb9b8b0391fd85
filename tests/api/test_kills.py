"""The service is killed in the middle of requests that are repeated: one effect, and the same answer every time.

``NSPL_KILLS`` sets how often it is killed, ``NSPL_REPEATS`` how often each request is answered in its round.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import httpx
import pytest
from sqlalchemy import select

from nspl_opt.store import audit, lines, tables
from nspl_opt.store.store import Store
from tests.api.served import furnish
from tests.api.serving import ROOT, free_port, wait_for
from tests.api.test_story import FORM
from tests.api.world import draft

KILLS = int(os.environ.get("NSPL_KILLS", "3"))
REPEATS = int(os.environ.get("NSPL_REPEATS", "10"))
LONGEST_S = 0.12
"""The service is killed at most so long after the first of its requests was sent [s]."""
LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""Digits in a row could be taken for a personal number, which is refused."""


class Service:
    """``nspl-opt serve`` on one port, to be killed and started again."""

    def __init__(self, folder, address, reference):
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.command = [sys.executable, "-m", "nspl_opt", "serve", "--database", address, "--port", str(self.port)]
        self.command += ["--reference", str(reference), "--work-dir", str(folder / "work")]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NSPL_OPT")}
        plenty = {"RATE_PER_S": 10**6, "RATE_BURST": 10**6, "PER_HOLDER": 50, "QUEUE": 200, "REASONS_TIME_S": 0}
        self.environment = kept | {f"NSPL_OPT_API_{name}": str(value) for name, value in plenty.items()}
        self.environment["PYTHONPATH"] = str(ROOT)
        self.child = None

    def start(self):
        with open(self.folder / "serve.log", "ab") as log:
            self.child = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        wait_for(self.url, lambda: self.child.poll() is None)

    def kill(self):
        self.child.kill()
        self.child.wait(30)

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(60) == 0, (self.folder / "serve.log").read_text(errors="replace")


class Request:
    """One request with its own token, and every answer to it."""

    def __init__(self, kind, path, body, key, token, **headers):
        self.kind, self.path, self.body, self.token = kind, path, body, token
        self.headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": token, **headers}
        self.answers, self.replayed, self.unheard = [], [], 0

    def ask(self, http):
        """Once; what was refused for now, or never answered, is asked again by who wants an answer."""
        try:
            said = http.post(self.path, json=self.body, headers=self.headers)
        except httpx.TransportError:
            self.unheard += 1
            time.sleep(0.1)
            return
        if said.status_code in (429, 503):
            return
        same = {name: said.headers.get(name) for name in ("location", "etag", "content-type")}
        self.answers.append((said.status_code, same, said.content))
        self.replayed.append("idempotent-replay" in said.headers)


class Caller(threading.Thread):
    """Repeats a request until it has been answered often enough."""

    def __init__(self, service, request, ready):
        super().__init__(daemon=True)
        self.request, self.ready, self.failed = request, ready, None
        self.http = httpx.Client(base_url=service.url, timeout=60, trust_env=False)

    def run(self):
        try:
            with self.http:
                self.http.get("/health")  # connected before the first of its requests
                self.ready.wait()
                until = time.monotonic() + 120
                while len(self.request.answers) < REPEATS:
                    self.request.ask(self.http)
                    assert time.monotonic() < until, f"{self.request.kind} is not answered"
                    time.sleep(0.001)
        except BaseException as error:
            self.failed = error


def _requests(number, keys, line, facts):
    word = str(1000 + number).translate(LETTERS)
    region = {"key": keys["decision_18"]}
    figure = {"side": "take", "what": "nurse", "amount": 4, "from_time": "2027-01-11T06:00",
              "to_time": "2027-01-12T06:00"}  # fmt: skip
    run = {"scenario_id": facts["scenario_id"], "model_id": facts["model_id"], "time_limit_s": 20 + number}
    yield Request("answer", "/v1/regions/18/answers", {"line_id": line, "answer": "accept"}, **region,
                  token=f"answer-{word}", **{"If-Match": '"1"'})  # fmt: skip
    yield Request("help", "/v1/help-requests", {"form": {**FORM, "contact": f"tib-{word}"}}, **region,
                  token=f"help-{word}")  # fmt: skip
    yield Request("capacity", "/v1/regions/18/capacity", figure, **region, token=f"capacity-{word}")
    yield Request("run", "/v1/runs", run, keys["secretariat"], f"run-{word}")


def _round(service, requests, chance):
    """All at once, repeated; the service killed in the middle and started again."""
    ready = threading.Barrier(len(requests) + 1)
    callers = [Caller(service, request, ready) for request in requests]
    for caller in callers:
        caller.start()
    ready.wait()
    time.sleep(chance.uniform(0, LONGEST_S))
    service.kill()
    heard = [len(request.answers) > 0 for request in requests]
    service.start()
    for caller in callers:
        caller.join(180)
        assert caller.failed is None and not caller.is_alive(), caller.failed
    return [
        "heard before" if known else "done before" if request.replayed[0] else "done after"
        for known, request in zip(heard, requests, strict=True)
    ]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_request_repeated_over_kills_has_one_effect_and_one_answer(tmp_path, planned, request, database):
    address = f"sqlite:///{tmp_path / 'store.sqlite'}"
    if database == "postgresql":
        address = request.getfixturevalue("postgres_server").new_database()
    kills = KILLS if database == "sqlite" else max(1, KILLS // 3)
    keys, plan_id, offered = furnish(address, planned, [draft(f"line-{number}") for number in range(kills)])
    service, chance, rounds, came = Service(tmp_path, address, planned.reference), random.Random(7), [], Counter()
    try:
        service.start()
        with httpx.Client(base_url=service.url, timeout=60, trust_env=False) as http:
            who = {"Authorization": f"Bearer {keys['secretariat']}"}
            facts = http.get(f"/v1/plans/{plan_id}", headers=who).json()
            for number, line in enumerate(offered):
                rounds.append(list(_requests(number, keys, line, facts)))
                came.update(_round(service, rounds[-1], chance))
                for one in (one for earlier in rounds for one in earlier):
                    one.ask(http)
            everything = [one for some in rounds for one in some]
            _look_at_answers(everything, http)
            _wait_for_runs(http, who)
        service.stop()
    finally:
        service.kill()
    _look_at_store(address, rounds, {one.name for one in (tmp_path / "work" / "jobs").iterdir() if one.is_dir()})
    told, lost = sum(len(one.answers) for one in everything), sum(one.unheard for one in everything)
    print(f"\n{database}: {kills} kills, {len(everything)} requests, {told} answers, {lost} times none; "
          f"at the kill {dict(came)}")  # fmt: skip


def _look_at_answers(everything, http):
    for one in everything:
        assert len(one.answers) >= REPEATS and one.answers[0][0] in (200, 201, 202), one.answers[0]
        assert all(answer == one.answers[0] for answer in one.answers), one.kind
        assert all(one.replayed[1:])
        other = {**one.body, "line_id": "line-l-" + "0" * 32} if one.kind == "answer" else {**one.body, "more": 1}
        refused = http.post(one.path, json=other, headers=one.headers)
        assert (refused.status_code, refused.json()["title"]) == (
            422, "Idempotency-Key har redan använts till något annat",
        )  # fmt: skip


def _wait_for_runs(http, who):
    """No run is left without an end."""
    until = time.monotonic() + 120
    while True:
        found = http.get("/v1/runs?limit=200", headers=who).json()["runs"]
        if not [one for one in found if one["state"] in ("queued", "running")]:
            return
        assert time.monotonic() < until, "a run does not end"
        time.sleep(0.2)


def _look_at_store(address, rounds, folders):
    store = Store.open(address)
    try:
        with store.read() as read:
            assert audit.verify(read) == ()
            counted = {name: len(read.execute(select(tables.metadata.tables[name])).all())
                       for name in ("help_requests", "capacities", "idempotency")}  # fmt: skip
            runs = dict(read.execute(select(tables.runs.c.time_limit_s, tables.runs.c.id)).all())
            made = len(read.execute(select(tables.runs.c.id)).all())
            ends = read.execute(select(tables.run_events).where(tables.run_events.c.seq > 1)).all()
            found = [lines.find(read, some[0].body["line_id"]).version for some in rounds]
            acted = read.execute(
                select(tables.audit.c.action).where(tables.audit.c.outcome == "ok", tables.audit.c.actor != "local")
            ).scalars().all()  # fmt: skip
    finally:
        store.close()
    assert counted == {"help_requests": len(rounds), "capacities": len(rounds), "idempotency": 4 * len(rounds)}
    told = [json.loads(some[3].answers[0][2])["id"] for some in rounds]
    assert made == len(rounds) + 1 and told == [runs[some[3].body["time_limit_s"]] for some in rounds]
    assert found == [2] * len(rounds)
    for action in ("answer_line", "add_help_request", "state_capacity", "start_run"):
        assert acted.count(action) == len(rounds), action
    states = [one.state for one in ends if one.state not in ("queued", "running")]
    assert len(states) == made and set(states) <= {"done", "interrupted"}
    assert folders <= set(runs.values())
