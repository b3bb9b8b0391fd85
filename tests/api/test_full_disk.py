"""A full disk: told as 507 with when to try again; nothing stored or left behind; well again without a restart."""

import contextlib
import errno
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from api import desk as desks
from api import rendering
from nspl_opt.jobs import supervisor
from nspl_opt.jobs.result import Result
from nspl_opt.store import archive, plans, runs, tables
from nspl_opt.store.actor import LOCAL
from nspl_opt.store.errors import Full
from tests.api.served import served
from tests.api.test_story import FORM
from tests.api.world import add_plan, draft, new_world, publish

FIGURE = {"side": "take", "what": "icu_general", "amount": 4, "from_time": "2027-01-11T06:00",
          "to_time": "2027-01-12T06:00"}  # fmt: skip
BEDS = [{"lever": "beds", "place": "18", "what": "icu", "change": "+5"}]
ROOT = Path(__file__).resolve().parents[2]
WELL = {200, 201, 202}


def _is_no_room(answer, status=507):
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert answer.json()["type"] == "urn:nspl-opt:problem:" + {507: "no_room", 503: "busy"}[status]
    assert int(answer.headers["retry-after"]) > 0
    assert "Errno" not in answer.text and "/" not in answer.json()["title"]


@pytest.fixture
def desk(tmp_path, planned):
    """A service with a published plan, a scenario and a model, whose jobs are real."""
    with new_world(tmp_path, reference=planned.reference, start=True, reasons_time_s=0) as world:
        plan_id = add_plan(world.store, planned)
        publish(world, plan_id, draft())
        with world.store.read() as read:
            plan = plans.find(read, plan_id)
        world.run = {"scenario_id": plan.scenario_id, "model_id": plan.model_id, "time_limit_s": 20}
        world.what_if = {"base_plan": plan_id, "changes": BEDS}
        world.plan_id = plan_id
        yield world


def _stored(world):
    with world.store.read() as read:
        return {name: len(read.execute(tables.metadata.tables[name].select()).all())
                for name in ("runs", "run_events", "what_ifs", "what_if_results", "idempotency")}  # fmt: skip


def _folders(world):
    return [one.name for one in (world.services.settings.work_dir / "jobs").iterdir() if one.is_dir()]


@pytest.mark.parametrize(("code", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EMFILE, 503)])
def test_what_is_handed_in_on_a_full_disk_leaves_nothing_and_is_taken_in_later(desk, monkeypatch, code, status):
    write, before = supervisor.write_files, _stored(desk)

    def full(folder, files):
        write(folder, dict(list(files.items())[:1]))
        raise OSError(code, "as the system says", str(folder))

    monkeypatch.setattr(supervisor, "write_files", full)
    for path, wanted in (("/v1/runs", desk.run), ("/v1/what-if", desk.what_if)):
        for _ in range(3):  # more than one person may have: no place in the queue is lost
            _is_no_room(desk.post("secretariat", path, wanted, Idempotency_Key=f"full-{path[-4:]}"), status)
    assert _stored(desk) == before and not _folders(desk)
    assert desk.services.desk.load() == {"queued": 0, "running": 0}
    if code != errno.ENOSPC:
        return
    monkeypatch.undo()
    run = desk.post("secretariat", "/v1/runs", desk.run, Idempotency_Key="full-runs")
    what_if = desk.post("secretariat", "/v1/what-if", desk.what_if, Idempotency_Key="full-t-if")
    assert (run.status_code, what_if.status_code) == (202, 202), (run.text, what_if.text)
    assert desk.wait_for_run(run.json()["id"])["state"] == "done"
    desk.services.desk.jobs.wait(what_if.json()["id"], 120)
    assert desk.get("secretariat", what_if.headers["location"]).json()["state"] == "done"


@pytest.mark.parametrize("failing", [Full("L503"), OSError(errno.ENOSPC, "no room to unpack")])
def test_the_end_of_a_run_waits_for_room_and_no_plan_is_lost(desk, monkeypatch, failing):
    monkeypatch.setattr(desks, "PAUSE_S", 0.01)
    tries, check = [], plans.check_plan

    def full(folder):
        tries.append(folder)
        if len(tries) < 20:
            raise failing
        return check(folder)

    monkeypatch.setattr(plans, "check_plan", full)
    run = desk.post("secretariat", "/v1/runs", desk.run).json()
    ended = desk.wait_for_run(run["id"])
    assert ended["state"] == "done" and ended["plan_id"] and len(tries) == 20


def test_an_end_that_cannot_be_stored_is_left_for_the_next_start(tmp_path, planned, monkeypatch):
    monkeypatch.setattr(desks, "PAUSE_S", 0.0)
    with new_world(tmp_path, reference=planned.reference) as world:
        add_plan(world.store, planned)
        facts = world.get("secretariat", "/v1/runs").json()["runs"][0]
        ask = lambda work: runs.ask(work, facts["scenario_id"], facts["model_id"])  # noqa: E731
        lost = world.store.run_write(ask, LOCAL, "run.ask")
        folder = world.services.settings.work_dir / "jobs" / lost
        folder.mkdir(parents=True)
        (folder.parent / "jobs.lock").touch()
        (folder / "job.json").write_text("{}", encoding="utf-8")
        one = desks.Desk(world.services.settings, world.store)
        store_once = one._store_once
        monkeypatch.setattr(one, "_store_once", lambda *_: (_ for _ in ()).throw(Full("L503")))
        one.start()
        one.stop()
        assert folder.is_dir() and world.get("secretariat", f"/v1/runs/{lost}").json()["state"] == "queued"
        monkeypatch.setattr(one, "_store_once", store_once)
        one.start()
        one.stop()
        assert not folder.exists() and world.get("secretariat", f"/v1/runs/{lost}").json()["state"] == "interrupted"


def test_what_nobody_foresaw_still_ends_the_run(desk, monkeypatch):
    monkeypatch.setattr(plans, "check_plan", lambda folder: [][0])
    run = desk.post("secretariat", "/v1/runs", desk.run).json()
    ended = desk.wait_for_run(run["id"])
    assert (ended["state"], ended["status"], ended["plan_id"]) == ("failed", "numerical_suspect", None)
    assert Result("numerical_suspect", ended["why"]) == desks.UNFIT


@pytest.mark.parametrize("kind", ["report", "xlsx", "geojson", "mps", "compare"])
def test_a_page_that_does_not_fit_is_not_kept_by_half(tmp_path, planned, kind):
    """The solver's own writer of models does not tell that it was cut off."""
    folders = [str(archive.unpack(planned.checked.content, tmp_path / f"plan-{number}")) for number in range(2)]
    out = tmp_path / "out"
    out.mkdir()
    words = [sys.executable, rendering.__file__, kind, "sv", str(out / "page"), *folders[: 1 + (kind == "compare")]]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "TMPDIR": str(out)}
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE) as process:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (300, 300))
        said = process.communicate(timeout=120)[1]
    assert process.returncode == rendering.FULL, said[-500:]
    assert not list(out.iterdir())


class Asking:
    """Requests to a real service over one connection."""

    def __init__(self, service):
        self.service = service
        self.http = httpx.Client(base_url=service.url, timeout=60)

    def __call__(self, who, where, body=None):
        given = self.service.headers(who)
        return self.http.get(where, headers=given) if body is None else self.http.post(where, json=body, headers=given)

    def limit(self, size):
        """No file that the service or its children write grows beyond this."""
        hard = resource.prlimit(self.service.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.service.pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))

    def wait(self, where):
        until = time.monotonic() + 120
        while (shown := self("secretariat", where).json())["state"] in ("queued", "running"):
            assert time.monotonic() < until
            time.sleep(0.1)
        return shown


def _files(folder):
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def _requests(ask, planned):
    """What writes files, and what writes to the store alone."""
    path = f"/v1/plans/{ask.service.plan_id}"
    facts = ask("secretariat", path).json()
    run = {"scenario_id": facts["scenario_id"], "model_id": facts["model_id"], "time_limit_s": 20}
    of_files = [
        ("secretariat", "/v1/runs", run),
        ("secretariat", "/v1/scenarios", {"name": "again", "files": planned.files}),
        ("secretariat", "/v1/what-if", {"base_plan": ask.service.plan_id, "changes": BEDS}),
        *[("secretariat", f"{path}/{what}") for what in ("report", "export?format=xlsx", "export?format=mps")],
    ]
    figure, form = ("decision_18", "/v1/regions/18/capacity", FIGURE), ("decision_18", "/v1/help-requests")
    return of_files, [figure, (*form, {"form": FORM})]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_real_service_on_a_full_disk_says_so_and_recovers_when_there_is_room(tmp_path, planned, request, database):
    """No file of the service can grow: with PostgreSQL those of jobs and pages, with SQLite the store too."""
    address = None
    if database == "postgresql":
        address = request.getfixturevalue("postgres_server").new_database()
    with served(tmp_path, planned, [draft()], address) as service, contextlib.closing(httpx.Client()) as http:
        ask = Asking(service)
        of_files, of_store = _requests(ask, planned)
        before = _files(tmp_path / "work")
        ask.limit(0)
        for given in of_files:
            _is_no_room(ask(*given))
        for given in of_store:
            answer = ask(*given)
            _is_no_room(answer) if database == "sqlite" else (answer.status_code in WELL or pytest.fail(answer.text))
        assert ask("decision_18", "/v1/regions/18/recommendations").status_code == 200
        assert http.get(f"{service.url}/health").status_code == 200
        assert _files(tmp_path / "work") == before
        ask.limit(None)
        answers = [ask(*given) for given in [*of_files, *of_store]]
        assert {one.status_code for one in answers} <= WELL, [one.text[:300] for one in answers]
        assert ask.wait(answers[0].headers["location"])["state"] == "done"
        assert ask.wait(answers[2].headers["location"])["state"] == "done"
        assert len(ask("secretariat", "/v1/runs").json()["runs"]) == 2
        ask.http.close()
