"""Forty what-ifs at once against a real service: taken in or told to wait, soon, and the service stays awake.

The bounds are those we want of a machine of its own, times ``SLACK``: machines of tests are busy. NSPL_SLACK=1 for
the bounds themselves.
"""

import asyncio
import json
import os
import time
from collections import Counter
from pathlib import Path
from statistics import median

import pytest

from nspl_opt.store import keys
from nspl_opt.store.actor import LOCAL
from nspl_opt.store.store import Store
from tests.api.served import served
from tests.api.world import draft

SLACK = float(os.environ.get("NSPL_SLACK", "10"))
TAKEN_IN_S, HEALTH_S = 0.2 * SLACK, 0.1 * SLACK
AT_ONCE, PEOPLE, QUEUE = 40, 14, 20


class Line:
    """One connection that is open already; requests are bytes, so that asking costs next to nothing."""

    async def open(self, url):
        host, port = url.removeprefix("http://").split(":")
        self.reader, self.writer = await asyncio.open_connection(host, int(port))
        return self

    async def ask(self, method, path, key="", body=None):
        """Status, headers, body and seconds."""
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: service\r\nAuthorization: Bearer {key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        began = time.perf_counter()
        self.writer.write(head.encode() + content)
        said = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in said[1:] if line)
        content = await self.reader.readexactly(int(headers["content-length"]))
        return int(said[0].split()[1]), headers, content, time.perf_counter() - began

    async def close(self):
        self.writer.close()
        await self.writer.wait_closed()


def people(address):
    """Keys of the secretariat, one for each person."""
    store = Store.open(address)
    try:
        issue = lambda number: lambda work: keys.issue(work, "secretariat", None, f"kansli-{number}")  # noqa: E731
        return [store.run_write(issue(20 + number), LOCAL, "key.issue").text for number in range(PEOPLE)]
    finally:
        store.close()


async def rush(url, plan_id, given):
    """What each of the forty was told, and how long each look at /health took [s]."""
    lines = [await Line().open(url) for _ in range(AT_ONCE)]
    watcher, over, looks = await Line().open(url), asyncio.Event(), []

    async def watch():
        while not over.is_set():
            status, *_, seconds = await watcher.ask("GET", "/health")
            looks.append(seconds)
            assert status == 200
            await asyncio.sleep(0.005)

    def wanted(number):
        change = {"lever": "beds", "place": "18", "what": "icu", "change": f"+{1 + number}"}
        return {"base_plan": plan_id, "changes": [change]}

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.2)
    try:
        asked = [line.ask("POST", "/v1/what-if", given[n % PEOPLE], wanted(n)) for n, line in enumerate(lines)]
        told = await asyncio.gather(*asked)
        await asyncio.sleep(1.0)  # the first what-if is being solved now
    finally:
        over.set()
        await watching
        for line in (*lines, watcher):
            await line.close()
    return told, looks


def processor_s(pid):
    """What a process has used so far, its children left out [s]."""
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_forty_what_ifs_at_once_are_taken_in_or_told_to_wait_and_soon(tmp_path, planned, request, database):
    address = None
    if database == "postgresql":
        address = request.getfixturevalue("postgres_server").new_database()
    with served(tmp_path, planned, [draft()], address, what_if_time_s=1) as service:
        given, before = people(service.address), processor_s(service.pid)
        told, looks = asyncio.run(rush(service.url, service.plan_id, given))
        spent = processor_s(service.pid) - before
    statuses = Counter(status for status, *_ in told)
    taken = sorted(seconds for status, *_, seconds in told if status == 202)
    refused = sorted(seconds for status, *_, seconds in told if status == 429)
    print(
        f"\n{database}: {dict(statuses)}; taken in p50 {median(taken) * 1000:.0f} max {taken[-1] * 1000:.0f} ms; "
        f"told to wait p50 {median(refused) * 1000:.0f} max {refused[-1] * 1000:.0f} ms; "
        f"/health {len(looks)} looks p50 {median(looks) * 1000:.1f} max {max(looks) * 1000:.0f} ms; "
        f"{spent * 1000:.0f} ms of a processor"
    )
    assert set(statuses) == {202, 429} and statuses[202] == QUEUE, statuses
    assert all(int(headers["retry-after"]) > 0 for status, headers, *_ in told if status == 429)
    assert taken[-1] <= TAKEN_IN_S and max(looks) <= HEALTH_S
