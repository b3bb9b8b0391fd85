"""Forty what-ifs at once against a real service: taken in or told to wait, and the service stays awake.

How soon is measured by ``benchmarks/load.py --rush``.
"""

import asyncio
import json
from collections import Counter

import pytest

from nspl_opt.store import keys
from nspl_opt.store.actor import LOCAL
from nspl_opt.store.store import Store
from tests.api.served import served
from tests.api.world import draft

AT_ONCE, PEOPLE, QUEUE = 40, 14, 20
TIME_OUT_S = 120


class Line:
    """One connection that is open already; requests are bytes, so that asking costs next to nothing."""

    async def open(self, url):
        host, port = url.removeprefix("http://").split(":")
        self.reader, self.writer = await asyncio.open_connection(host, int(port))
        return self

    async def ask(self, method, path, key="", body=None):
        """Status and headers."""
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: service\r\nAuthorization: Bearer {key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self.writer.write(head.encode() + content)
        said = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in said[1:] if line)
        await self.reader.readexactly(int(headers["content-length"]))
        return int(said[0].split()[1]), headers

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
    """What each of the forty was told, while /health is looked at all the time; how often it was."""
    lines = [await Line().open(url) for _ in range(AT_ONCE)]
    watcher, over, looks = await Line().open(url), asyncio.Event(), 0

    async def watch():
        nonlocal looks
        while not over.is_set():
            status, _ = await watcher.ask("GET", "/health")
            assert status == 200
            looks += 1
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


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_forty_what_ifs_at_once_are_taken_in_or_told_to_wait(tmp_path, planned, request, database):
    address = None
    if database == "postgresql":
        address = request.getfixturevalue("postgres_server").new_database()
    with served(tmp_path, planned, [draft()], address, what_if_time_s=1) as service:
        given = people(service.address)
        told, looks = asyncio.run(asyncio.wait_for(rush(service.url, service.plan_id, given), TIME_OUT_S))
    statuses = Counter(status for status, _ in told)
    assert set(statuses) == {202, 429} and statuses[202] == QUEUE, statuses
    assert all(int(headers["retry-after"]) > 0 for status, headers in told if status == 429)
    assert looks > 10
