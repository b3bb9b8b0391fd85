"""Load on a real ``nspl-opt serve``: users who poll in an open loop, a few who write, one solve running.

    python benchmarks/load.py                                   500 users every 5 s, 5 % writes, 60 s, SQLite
    python benchmarks/load.py --database postgresql://...       the same on an empty database of PostgreSQL
    python benchmarks/load.py --rate 500 --seconds 120          more of it
    python benchmarks/load.py --rate 2000 --seconds 20 --after 15    too much of it, and how it is afterwards
    python benchmarks/load.py --publish --seconds 5             the same from the moment that another plan is published
    python benchmarks/load.py --rush                            forty what-ifs at once instead, and /health meanwhile

Every user has a key and connections of its own. A latency counts from when the request was due, not from when it was
sent: a service that stalls is seen to stall. Nine of ten reads ask for a region's recommendations, the others for the
plans, with the ETag of the answer before; a write states a figure of the region's own. Times in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from nspl_opt.client import Client, ServiceError
from nspl_opt.shipped import shipped_dir
from nspl_opt.store import keys
from nspl_opt.store.actor import LOCAL
from nspl_opt.store.store import Store

ROOT = Path(__file__).resolve().parent.parent
TIME_OUT_S = 30.0
RUSH, LEADS = 40, 14
"""What-ifs at once, and the people who ask them."""


@dataclass
class Told:
    """What came back: latencies by kind [ms], statuses, and what failed without a status."""

    times: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    statuses: Counter = field(default_factory=Counter)
    failures: Counter = field(default_factory=Counter)
    late: int = 0

    def show(self, title: str, since: float = 0.0) -> None:
        """One line per kind, of what was due at ``since`` or later."""
        print(f"{title}: " + ", ".join(f"{kind} {status}: {n}" for (kind, status), n in sorted(self.statuses.items())))
        for kind, found in sorted(self.times.items()):
            taken = sorted(ms for due, ms in found if due >= since)
            if taken:
                p50, p95, p99 = (taken[min(len(taken) - 1, int(len(taken) * part))] for part in (0.5, 0.95, 0.99))
                print(
                    f"  {kind:10}  {len(taken):6} p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f}  max {taken[-1]:7.1f}"
                )
        print(f"  failures {dict(self.failures) or 'none'}; sent more than 100 ms late {self.late}")


class User:
    """One caller with its own connections; what it has read it asks for with its ETag."""

    def __init__(self, port: int, key: str, region: str) -> None:
        self.port, self.key, self.region = port, key, region
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.tags: dict[str, str] = {}

    def request(self, writes: bool) -> tuple[str, str, bytes]:
        """Kind, path, and the bytes to send."""
        head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n"
        if writes:
            path, body = f"/v1/regions/{self.region}/capacity", _figure()
            head += f"Idempotency-Key: {uuid4()}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            return "write", path, f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body
        path = "/v1/plans" if random.random() < 0.1 else f"/v1/regions/{self.region}/recommendations"
        tag = self.tags.get(path)
        head += f"If-None-Match: {tag}\r\n" if tag else ""
        return "read", path, f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()

    async def ask(self, writes: bool, due: float, told: Told) -> None:
        """Send one request and note how it went."""
        await self.send(*self.request(writes), due, told)

    async def send(self, kind: str, path: str, sent: bytes, due: float, told: Told) -> None:
        """Send bytes and note how it went."""
        writes = kind == "write"
        told.late += time.perf_counter() - due > 0.1
        try:
            async with asyncio.timeout(TIME_OUT_S):
                status, tag = await self._exchange(sent)
        except (OSError, EOFError, asyncio.IncompleteReadError, TimeoutError) as error:
            told.failures[type(error).__name__] += 1
            return
        if tag and not writes:
            self.tags[path] = tag
        told.statuses[kind, status] += 1
        name = kind if status < 400 else f"no {kind}"
        told.times.setdefault(name, []).append((due, 1000 * (time.perf_counter() - due)))

    async def _exchange(self, sent: bytes) -> tuple[int, str]:
        reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(sent)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            status = int(head.split(" ", 2)[1])
            if status != 304:
                await reader.readexactly(int(fields.get("content-length", "0")))
        except BaseException:
            writer.close()
            raise
        if fields.get("connection") == "close":
            writer.close()
        else:
            self.idle.append((reader, writer))
        return status, fields.get("etag", "")


def _figure() -> bytes:
    wanted = {
        "side": random.choice(["give", "take"]), "what": "icu_general", "amount": random.randint(10, 20),
        "from_time": "2027-01-11T06:00", "to_time": "2027-01-12T06:00", "confirmed": True,
    }  # fmt: skip
    return json.dumps(wanted).encode()


async def poll(users: list[User], rate: float, seconds: float, writes: float, told: Told) -> None:
    """An open loop: requests are due at even times, whoever has not answered yet."""
    begun, number, flying = time.perf_counter(), 0, set()
    while (due := begun + number / rate) < begun + seconds:
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(users[number % len(users)].ask(random.random() < writes, due, told))
        flying.add(task)
        task.add_done_callback(flying.discard)
        number += 1
    if flying:
        await asyncio.wait(flying, timeout=TIME_OUT_S + 5)


async def measure(given: argparse.Namespace, users: list[User], publish: Callable[[], object]) -> None:
    """The load, and what comes after it."""
    # Connections are opened and ETags known, as in the middle of a day.
    await poll(users, 100, len(users) / 100, 0, Told())
    if given.publish:
        await asyncio.to_thread(publish)
    told = Told()
    await poll(users, given.rate, given.seconds, given.writes, told)
    told.show(f"{given.rate:g} requests a second for {given.seconds:g} s")
    if given.after:
        after, begun = Told(), time.perf_counter()
        await poll(users, 100, given.after, given.writes, after)
        after.show("100 a second afterwards, from the sixth second on", begun + 5)
    for user in users:
        for _, writer in user.idle:
            writer.close()


async def rush(leads: list[User], plan: str) -> None:
    """Forty what-ifs at the same moment, and a look at the service's health every 5 ms."""
    told, over = Told(), asyncio.Event()

    async def look() -> None:
        while not over.is_set():
            sent = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            await leads[0].send("health", "/health", sent, time.perf_counter(), told)
            await asyncio.sleep(0.005)

    def question(user: User, number: int) -> bytes:
        change = {"lever": "beds", "place": "12", "what": "icu", "change": f"+{1 + number}"}
        body = json.dumps({"base_plan": plan, "changes": [change]}).encode()
        head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {user.key}\r\nContent-Type: application/json\r\n"
        return f"POST /v1/what-if HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    asked = [(user := leads[number % len(leads)], question(user, number)) for number in range(RUSH)]
    for user in leads:  # connections are open, as those of people who work with it
        user.idle = [await asyncio.open_connection("127.0.0.1", user.port) for _ in range(1 + RUSH // len(leads))]
    looking = asyncio.create_task(look())
    await asyncio.sleep(0.5)
    begun = time.perf_counter()
    await asyncio.gather(*(user.send("what-if", "/v1/what-if", sent, begun, told) for user, sent in asked))
    await asyncio.sleep(2)  # the first of them is being solved
    over.set()
    await looking
    told.show(f"{RUSH} what-ifs at once")
    for user in leads:
        for _, writer in user.idle:
            writer.close()


@contextlib.contextmanager
def serving(database: str, folder: Path, port: int):
    """``nspl-opt serve`` in a process of its own."""
    command = [sys.executable, "-m", "nspl_opt", "serve", "--realm", "exercise", "--database", database]
    with subprocess.Popen(
        [*command, "--port", str(port), "--work-dir", str(folder / "work")],
        env=os.environ | {"PYTHONPATH": str(ROOT), "NSPL_OPT_API_REASONS_TIME_S": "5"}, stdout=subprocess.DEVNULL,
    ) as child:  # fmt: skip
        try:
            for _ in range(600):
                with socket.socket() as one:
                    if one.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield child.pid
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(60)
            except subprocess.TimeoutExpired:
                child.kill()


def rss_mb(pid: int) -> float:
    """Memory of a process that lies in the machine's [MB]; 0 where it is not told."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0


def files(pid: int) -> int:
    """Open files and connections of a process; 0 where they are not told."""
    with contextlib.suppress(OSError):
        return len(os.listdir(f"/proc/{pid}/fd"))
    return 0


def cpu_s(pid: int) -> float:
    """Time of a processor that a process has used, its children's apart [s]; 0 where it is not told."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def new_keys(database: str, regions: list[str], count: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Make the store: keys of two leads of the exercise, and one per user, round the regions."""
    store = Store.create(database, "exercise")
    try:

        def act(work):
            leads = [keys.issue(work, "exercise_lead", None, f"ledning-{n:02}").text for n in range(LEADS)]
            places = [regions[n % len(regions)] for n in range(count)]
            made = [
                (place, keys.issue(work, "region_operator", place, f"region-{n}").text)
                for n, place in enumerate(places)
            ]
            return leads, made

        return store.run_write(act, LOCAL, "key.issue")
    finally:
        store.close()


def prepare(client: Client, again: bool) -> tuple[str, str, str, int]:
    """A plan of the shipped exercise, published; scenario, model, plan, and how many lines were offered.

    With ``again`` another plan is made then, and that is the one told: not published yet.
    """
    scenario = client.add_scenario("exercise", shipped_dir("data/scenarios/gotland-ovning"))["id"]
    model = client.add_model("national", shipped_dir("models") / "national.toml")["id"]
    run = client.run(scenario, model, time_limit_s=20, level="region")
    if run["plan_id"] is None:
        raise SystemExit(f"no plan: {run['status']} {run['why']}")
    client.publish(run["plan_id"])
    offered = len({row["id"] for code in REGIONS for row in client.recommendations(code)})
    if again:
        run = client.run(scenario, model, time_limit_s=20, level="region")
    return scenario, model, run["plan_id"], offered


REGIONS = [f"{code:02}" for code in (1, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 17, 18, 19, 20, 21, 22, 23, 24, 25)]


def main() -> None:
    """Set up, load, tell."""
    parser = argparse.ArgumentParser(description="load on a real service")
    parser.add_argument("--database", help="empty PostgreSQL database; SQLite in a temporary folder if left out")
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--rate", type=float, default=100.0, help="requests per second of all users (500 users / 5 s)")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--writes", type=float, default=0.05, help="share of writes")
    parser.add_argument("--after", type=float, default=0.0, help="seconds at 100 a second afterwards")
    parser.add_argument("--no-solve", action="store_true", help="without a solve meanwhile")
    begin = parser.add_mutually_exclusive_group()
    begin.add_argument("--publish", action="store_true", help="publish another plan at the beginning")
    begin.add_argument("--rush", action="store_true", help="forty what-ifs at once, instead of polls and of the solve")
    given = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="nspl-load-") as place, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port, database = free.getsockname()[1], given.database or f"sqlite:///{place}/store.sqlite"
        free.close()
        leads, callers = new_keys(database, REGIONS, given.users)
        with serving(database, Path(place), port) as pid, Client(f"http://127.0.0.1:{port}", leads[0]) as lead:
            scenario, model, plan, offered = prepare(lead, given.publish)
            print(f"{database.partition(':')[0]}, {given.users} users, {offered} lines offered, load {os.getloadavg()}")
            run = None
            if not (given.no_solve or given.rush):
                run = lead.start_run(scenario, model, level="hospital", time_limit_s=300)
            before, used, opened = rss_mb(pid), cpu_s(pid), files(pid)
            if given.rush:
                asyncio.run(rush([User(port, key, "") for key in leads], plan))
            else:
                users = [User(port, key, region) for region, key in callers]
                asyncio.run(measure(given, users, lambda: lead.publish(plan)))
            print(f"  processor {cpu_s(pid) - used:.1f} s, warming up included")
            print(f"  memory {before:.0f} MB before, {rss_mb(pid):.0f} MB after; load {os.getloadavg()}")
            time.sleep(1)
            print(f"  open files {opened} before, {files(pid)} after the connections were closed")
            if run is not None:
                print(f"  the solve was {lead.read_run(run['id'])['state']} in the end")
                with contextlib.suppress(ServiceError):
                    lead.cancel(run["id"])


if __name__ == "__main__":
    main()
