"""Runs over HTTP: 202 and a place to look, progress, a bounded queue, cancel, what is refused at once."""

import json
import threading

import pytest

from nspl_opt.store import keys, runs
from nspl_opt.store.actor import LOCAL
from tests.api.world import add_plan, draft, new_world, publish

SLEEPER = "import json, pathlib, sys, time\nfolder = pathlib.Path(sys.argv[-1])\n"
SLEEPER += "print(json.dumps({'stage': 'solve', 'goal': 'unmet_care', 'value': 12.5, 'bound': 3.0, 'gap': 0.76}))\n"
SLEEPER += "sys.stdout.flush()\nwhile not (folder / 'stop').exists(): time.sleep(0.05)\n"
SLEEPER += "(folder / 'result.json').write_text(json.dumps({'status': 'cancelled', 'why': 'stopped'}))\n"
"""A child that reports progress and then waits to be stopped."""


@pytest.fixture
def sleepy(tmp_path, planned, monkeypatch):
    """A service whose runs do nothing but wait."""
    import sys

    from nspl_opt.jobs.supervisor import Jobs

    child = tmp_path / "sleeper.py"
    child.write_text(SLEEPER, encoding="utf-8")
    made = Jobs.__init__

    def init(self, *given, **named):
        made(self, *given, **named, command=(sys.executable, str(child)))

    monkeypatch.setattr(Jobs, "__init__", init)
    with new_world(tmp_path, reference=planned.reference, start=True, queue=3) as world:
        scenario = world.post("secretariat", "/v1/scenarios", {"name": "small", "files": planned.files}).json()
        model = world.post("secretariat", "/v1/models", {"name": "national", "text": planned.model}).json()
        world.wanted = {"scenario_id": scenario["id"], "model_id": model["id"]}
        yield world


def test_a_run_is_taken_in_followed_and_cancelled(sleepy):
    taken = sleepy.post("secretariat", "/v1/runs", sleepy.wanted)
    assert taken.status_code == 202
    path = taken.headers["location"]
    _until(sleepy, path, lambda shown: shown["progress"] and shown["progress"]["goal"])
    shown = sleepy.get("secretariat", path).json()
    assert (shown["state"], shown["progress"]["stage"]) == ("running", "solve")
    assert (shown["progress"]["value"], shown["progress"]["bound"]) == (12.5, 3.0)
    assert sleepy.post("secretariat", f"{path}/cancel").status_code == 200
    ended = sleepy.wait_for_run(shown["id"])
    assert (ended["state"], ended["status"], ended["plan_id"]) == ("cancelled", "cancelled", None)
    assert sleepy.post("secretariat", f"{path}/cancel").json()["state"] == "cancelled"


def _until(world, path, wanted):
    import time

    for _ in range(200):
        if wanted(world.get("secretariat", path).json()):
            return
        time.sleep(0.05)
    raise AssertionError("it never comes")


def test_news_come_as_events_and_end_with_the_run(sleepy):
    path = sleepy.post("secretariat", "/v1/runs", sleepy.wanted).headers["location"]
    ender = threading.Timer(1.5, sleepy.services.desk.cancel, [path.rpartition("/")[2]])
    ender.start()
    answer = sleepy.get("secretariat", f"{path}/events")
    ender.join()
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [dict(line.split(": ", 1) for line in one.splitlines()) for one in answer.text.strip().split("\n\n")]
    assert [one["event"] for one in events][-1] == "end"
    told = [json.loads(one["data"]) for one in events]
    assert any(one.get("goal") == "unmet_care" for one in told[:-1])
    assert told[-1]["state"] == "cancelled"
    assert [int(one["id"]) for one in events] == sorted(int(one["id"]) for one in events)


def test_who_comes_back_to_the_events_hears_what_came_after_the_last_one(sleepy):
    path = sleepy.post("secretariat", "/v1/runs", sleepy.wanted).headers["location"]
    _until(sleepy, path, lambda shown: shown["progress"] and shown["progress"]["goal"])
    sleepy.services.desk.cancel(path.rpartition("/")[2])
    sleepy.wait_for_run(path.rpartition("/")[2])

    def heard(last):
        answer = sleepy.get("secretariat", f"{path}/events", Last_Event_ID=last)
        assert answer.status_code == 200
        return [one.splitlines()[0].removeprefix("id: ") for one in answer.text.strip().split("\n\n")]

    everything = heard("0")
    assert len(everything) > 2 and everything[0] == "1"
    assert heard("2") == everything[2:]
    assert heard(everything[-1]) == heard("999999999") == everything[-1:]  # the end is told again
    for wrong in ("-1", "x", "1" * 10, "1 or 2"):
        refused = sleepy.get("secretariat", f"{path}/events", Last_Event_ID=wrong)
        assert refused.status_code == 422 and "Last-Event-ID" in refused.text, refused.text


def test_what_ifs_of_regions_leave_a_place_for_the_secretariat_whose_run_begins_before_them(sleepy, planned):
    plan_id = add_plan(sleepy.store, planned)
    publish(sleepy, plan_id, draft())

    def tried(who, place, factor):
        change = {"lever": "beds", "place": place, "what": "icu", "change": f"x{factor}"}
        return sleepy.post(who, "/v1/what-if", {"base_plan": plan_id, "changes": [change]})

    assert [tried("operator_17", "17", factor).status_code for factor in (0.5, 0.6)] == [202, 202]
    third = tried("operator_18", "18", 0.5)
    assert (third.status_code, third.json()["type"]) == (429, "urn:nspl-opt:problem:full")
    run = sleepy.post("secretariat", "/v1/runs", sleepy.wanted)
    assert run.status_code == 202
    assert sleepy.services.desk.jobs.ahead(run.json()["id"]) == 1  # the one that is being solved
    assert sleepy.post("secretariat_2", "/v1/runs", sleepy.wanted).json()["type"] == "urn:nspl-opt:problem:full"


def test_a_what_if_is_cancelled_by_its_region_or_the_secretariat_and_leaves_its_place(sleepy, planned):
    plan_id = add_plan(sleepy.store, planned)
    publish(sleepy, plan_id, draft())
    changes = [{"lever": "beds", "place": "17", "what": "icu", "change": "x0.5"}]
    wanted = {"base_plan": plan_id, "changes": changes}
    for who in ("decision_17", "secretariat"):
        path = sleepy.post("operator_17", "/v1/what-if", wanted).headers["location"]
        assert sleepy.post("operator_18", f"{path}/cancel").status_code == 404
        answer = sleepy.post(who, f"{path}/cancel")
        assert answer.status_code == 200 and answer.json()["state"] in ("queued", "running"), answer.text
        _until(sleepy, path, lambda shown: shown["state"] == "cancelled")
        sleepy.services.desk.jobs.wait(path.rpartition("/")[2], 20)
        assert sleepy.post(who, f"{path}/cancel").json()["state"] == "cancelled"  # it stays so
    assert sleepy.services.desk.jobs.open_jobs() == []


def test_a_stream_ends_when_its_key_is_revoked(sleepy):
    path = sleepy.post("secretariat", "/v1/runs", sleepy.wanted).headers["location"]
    key_id = sleepy.key("secretariat_2").split("_")[2]
    revoke = threading.Timer(
        1.0, lambda: sleepy.store.run_write(lambda work: keys.revoke(work, key_id), LOCAL, "key.revoke")
    )
    revoke.start()
    answer = sleepy.get("secretariat_2", f"{path}/events")
    revoke.join()
    assert "event: end" not in answer.text
    sleepy.services.desk.cancel(path.rpartition("/")[2])


def test_the_queue_is_bounded_and_leaves_nothing_behind(sleepy):
    first = [sleepy.post("secretariat", "/v1/runs", sleepy.wanted) for _ in range(2)]
    assert {one.status_code for one in first} == {202}
    third = sleepy.post("secretariat", "/v1/runs", sleepy.wanted)  # two for each person
    assert (third.status_code, third.json()["type"]) == (429, "urn:nspl-opt:problem:own_places")
    assert int(third.headers["retry-after"]) > 0
    assert sleepy.post("secretariat_2", "/v1/runs", sleepy.wanted).status_code == 202
    fourth = sleepy.post("secretariat_2", "/v1/runs", sleepy.wanted)  # three in all
    assert (fourth.status_code, fourth.json()["type"]) == (429, "urn:nspl-opt:problem:full")
    assert len(sleepy.get("secretariat", "/v1/runs").json()["runs"]) == 3
    for one in first:
        sleepy.services.desk.cancel(one.json()["id"])


def test_a_run_that_is_asked_for_twice_with_one_token_is_one_run(sleepy):
    told = [sleepy.post("secretariat", "/v1/runs", sleepy.wanted, Idempotency_Key="one-run-1") for _ in range(3)]
    assert len({one.json()["id"] for one in told}) == 1
    assert len(sleepy.get("secretariat", "/v1/runs").json()["runs"]) == 1
    sleepy.services.desk.cancel(told[0].json()["id"])


def test_what_cannot_be_run_is_refused_at_once(sleepy, planned):
    wanted = sleepy.wanted
    letter = "0" * 32
    for change, status in [
        ({"scenario_id": f"scenario-l-{letter}"}, 404),
        ({"model_id": f"model-l-{letter}"}, 404),
        ({"based_on": f"plan-l-{letter}"}, 404),
        ({"overrides": {"families.beds.surge_shre": "0.2"}}, 422),
        ({"overrides": {"solver.threads": "8"}}, 422),
        ({"time_limit_s": 100_000}, 422),
        ({"level": "ward"}, 422),
    ]:
        answer = sleepy.post("secretariat", "/v1/runs", wanted | change)
        assert answer.status_code == status, f"{change}: {answer.text}"
    assert sleepy.get("secretariat", "/v1/runs").json()["runs"] == []


def test_every_fault_of_a_scenario_is_told_at_once(world, planned):
    files = {
        **planned.files,
        "demand.csv": "from_h,to_h,place,category,patients\n0,12,18,icu_general,-4\n0,12,18,ward,many\n",
    }
    answer = world.post("secretariat", "/v1/scenarios", {"name": "wrong", "files": files})
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) >= 2
    assert all(one["remedy"] for one in answer.json()["errors"])


def test_a_run_that_a_server_left_behind_is_told_as_interrupted(tmp_path, planned):
    from api.desk import Desk
    from tests.api.world import add_plan

    with new_world(tmp_path, reference=planned.reference) as world:
        add_plan(world.store, planned)
        found = world.get("secretariat", "/v1/runs").json()["runs"][0]
        ask = lambda work: runs.ask(work, found["scenario_id"], found["model_id"])  # noqa: E731
        lost = world.store.run_write(ask, LOCAL, "run.ask")
        desk = Desk(world.services.settings, world.store)
        desk.start()
        desk.stop()
        shown = world.get("secretariat", f"/v1/runs/{lost}").json()
        assert (shown["state"], shown["status"]) == ("interrupted", "interrupted")


def test_a_what_if_of_the_regions_own_is_answered_in_rough_figures(working, planned):
    from tests.api.world import add_plan, draft, publish

    plan_id = add_plan(working.store, planned)
    publish(working, plan_id, draft())
    wanted = {"base_plan": plan_id, "changes": [{"lever": "beds", "place": "18", "what": "icu", "change": "+30"}]}
    foreign = working.post("decision_17", "/v1/what-if", wanted)
    assert foreign.status_code == 422 and "place" in foreign.json()["errors"][0]["field"]
    taken = working.post("decision_18", "/v1/what-if", wanted)
    assert taken.status_code == 202, taken.text
    working.services.desk.jobs.wait(taken.json()["id"], 120)
    _until_answered(working, taken.headers["location"])
    told = working.get("decision_18", taken.headers["location"]).json()
    assert told["state"] == "done", told
    assert told["own_before"] % 10 == 0 and told["own_after"] % 10 == 0 and told["country_change"] % 50 == 0
    assert told["country_change"] <= 0
    assert working.get("decision_17", taken.headers["location"]).status_code == 404
    whole = working.get("secretariat", taken.headers["location"]).json()
    assert {one["region"] for one in whole["result"]["regions"]} == {"17", "18", "19"}


def _until_answered(world, path):
    import time

    for _ in range(100):
        if world.get("decision_18", path).json()["state"] not in ("queued", "running"):
            return
        time.sleep(0.1)
