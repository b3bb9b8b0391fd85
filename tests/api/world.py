"""What the tests of the API share: a small country planned once, a service over it, callers of every role."""

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from api.app import create_app
from api.desk import Desk
from api.services import make_services
from api.settings import Settings
from nspl_opt.store import keys, lines, plans, runs, scenarios
from nspl_opt.store.actor import LOCAL, SYSTEM, Actor
from nspl_opt.store.lines import Draft
from nspl_opt.store.store import Store

REGIONS = ("17", "18", "19")
ROLES = {
    "secretariat": ("secretariat", None, "kansli-01"),
    "secretariat_2": ("secretariat", None, "kansli-02"),
    "operator_17": ("region_operator", "17", "region-17-op"),
    "decision_17": ("region_decision_maker", "17", "region-17"),
    "operator_18": ("region_operator", "18", "region-18-op"),
    "decision_18": ("region_decision_maker", "18", "region-18"),
    "decision_19": ("region_decision_maker", "19", "region-19"),
    "exercise_lead": ("exercise_lead", None, "ledning-01"),
    "observer": ("observer", None, "myndighet-01"),
    "administrator": ("administrator", None, "admin-01"),
}


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """On, or back with negative figures; as ``timedelta``."""
        self.now += timedelta(**by)


class Planned(NamedTuple):
    """A country, a scenario in it, and a plan made of it: checked, ready to be stored."""

    reference: Path
    files: dict[str, str]
    model: str
    checked: plans.CheckedPlan


@dataclass
class World:
    """One service over one store, without a network: requests go straight into the application."""

    services: Any
    app: Any
    clock: HandClock
    loop: asyncio.AbstractEventLoop
    texts: dict[str, str] = field(default_factory=dict)
    address: str = "10.1.2.3"

    @property
    def store(self) -> Store:
        return self.services.store

    def key(self, who: str) -> str:
        """The key of a caller of ``ROLES``, issued when it is first asked for."""
        if who not in self.texts:
            role, region, holder = ROLES[who]
            made = self.store.run_write(lambda work: keys.issue(work, role, region, holder), LOCAL, "key.issue")
            self.texts[who] = made.text
        return self.texts[who]

    def ask(self, who: str | None, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request. ``body`` is sent as JSON, bytes as they are; underscores in header names become hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if who is not None:
            sent.setdefault("Authorization", f"Bearer {self.key(who)}")
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        return self.loop.run_until_complete(self._ask(method, path, content, sent))

    async def _ask(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, client=(self.address, 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.request(method, path, content=content, headers=headers)

    def get(self, who: str | None, path: str, **headers: str) -> httpx.Response:
        return self.ask(who, "GET", path, **headers)

    def post(self, who: str | None, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self.ask(who, "POST", path, {} if body is None else body, **headers)

    def wait_for_run(self, run_id: str, seconds: float = 120) -> dict[str, Any]:
        """The run as the secretariat sees it once its end is stored."""
        self.services.desk.jobs.wait(run_id, seconds)
        for _ in range(200):
            shown = self.get("secretariat", f"/v1/runs/{run_id}").json()
            if shown["state"] not in ("queued", "running"):
                return shown
            self.loop.run_until_complete(asyncio.sleep(0.1))
        raise AssertionError("the run does not end")


@contextlib.contextmanager
def new_world(folder: Path, realm: str = "live", reference: Path | None = None, start: bool = False, **more: Any):
    """A service over a new SQLite store in a folder; ``start`` its desk too, for tests that run jobs."""
    clock = HandClock()
    store = Store.create(f"sqlite:///{folder / 'store.sqlite'}", realm, clock=clock)
    given = {
        "realm": realm,
        "reference": reference,
        "work_dir": folder / "work",
        "rate_burst": 100_000,
        "failures_per_min": 100_000,
        **more,
    }
    settings = Settings(**given)
    desk = Desk(settings, store)
    services = make_services(settings, store, desk)
    if start:
        desk.start()
    loop = asyncio.new_event_loop()
    try:
        yield World(services, create_app(settings, services=services), clock, loop)
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        desk.stop()
        store.close()


def add_plan(store: Store, planned: Planned, name: str = "small") -> str:
    """Store the plan as if it had been run; a draft."""

    def act(work: Any) -> str:
        scenario = scenarios.add_scenario(work, name, scenarios.check_scenario(planned.files))
        model = scenarios.add_model(work, "national", planned.model)
        run = runs.ask(work, scenario, model)
        runs.tell(work, run, "running", owner="1")
        plan = plans.add_plan(work, run, planned.checked)
        runs.tell(work, run, "done", status=planned.checked.opened.plan.status)
        return plan

    return store.run_write(act, SYSTEM, "plan.add")


def draft(number: str = "one", sender: str = "17", receiver: str = "18", carrier: str = "17", **other: Any) -> Draft:
    """A line of help, by hand."""
    given = {
        "number": number, "kind": "patients", "from_region": sender, "to_region": receiver, "carrier": carrier,
        "from_site": "", "to_site": "", "what": "icu_general", "vehicle_type": "icu_ambulance", "from_h": 0,
        "to_h": 12, "from_time": "2027-01-11T06:00", "to_time": "2027-01-11T18:00", "amount": 5, "card": {},
    }  # fmt: skip
    return Draft(**given | other)


def publish(world: World, plan_id: str, *drafts: Draft) -> list[str]:
    """Publish a plan by two people and offer lines written by hand; their ids."""
    people = [Actor(f"{number}" * 12, "secretariat", None, f"kansli-0{number}") for number in (8, 9)]
    for person in people:
        world.store.run_write(lambda work: plans.publish(work, plan_id), person, "publish_plan")
    return world.store.run_write(lambda work: lines.make_lines(work, plan_id, drafts), people[0], "offer")
