"""Limits: so many requests of a key, so many wrong keys, bodies that come in time; and nothing leaves unaudited."""

import asyncio

import pytest
from starlette.requests import Request

from api.limits import Buckets, read_body
from api.permissions import load_operations
from api.polls import QUIET, Holds, Poll, Polls
from api.problems import Refusal
from nspl_opt.store import audit, tables, what_ifs
from nspl_opt.store.actor import LOCAL
from nspl_opt.store.errors import Busy
from tests.api.world import draft, new_world, publish


def test_a_bucket_is_refilled_by_the_clock_and_never_beyond_its_burst():
    now = [0.0]
    buckets = Buckets(2.0, 3, lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a") == pytest.approx(0.5)
    assert buckets.take("b") == 0  # everybody has a bucket of their own
    now[0] = 100.0
    assert [buckets.take("a") > 0 for _ in range(4)] == [False, False, False, True]
    now[0] = 50.0  # a clock that goes back gives nothing and takes nothing
    assert buckets.take("a") > 0


def test_who_asks_too_often_is_told_when_to_come_again(tmp_path, planned):
    with new_world(tmp_path, reference=planned.reference, rate_per_s=0.1, rate_burst=3) as world:
        statuses = [world.get("secretariat", "/v1/plans").status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        answer = world.get("secretariat", "/v1/plans")
        assert 1 <= int(answer.headers["retry-after"]) <= 10
        assert world.get("secretariat_2", "/v1/plans").status_code == 200


def test_who_tries_keys_is_slowed_and_who_has_one_is_not(tmp_path, planned):
    with new_world(tmp_path, reference=planned.reference, failures_per_min=5) as world:
        wrong = [f"Bearer nspl_l_{number:012x}_{'A' * 43}" for number in range(7)]
        statuses = [world.get(None, "/v1/plans", Authorization=one).status_code for one in wrong]
        assert statuses == [401] * 5 + [429] * 2
        assert world.get("secretariat", "/v1/plans").status_code == 200  # from the same address


def _request(*parts, forever=False):
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]

    async def receive():
        if messages:
            return messages.pop(0)
        if forever:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": b"", "more_body": False}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


def test_a_body_that_is_too_large_or_never_ends_is_let_go():
    assert asyncio.run(read_body(_request(b"ab", b"c"), 3, 1)) == b"abc"
    for request, code in ((_request(b"ab", b"cd"), "too_large"), (_request(b"a", forever=True), "body_timeout")):
        with pytest.raises(Refusal) as refused:
            asyncio.run(read_body(request, 3, 0.1))
        assert refused.value.code == code


def _nothing_since(_seq):
    raise AssertionError("nothing newer is there")


def test_an_answer_is_kept_until_something_is_written_that_changes_it_or_its_time_is_over():
    polls, answer = Polls(), Poll(3, Holds("2027"), b"x", '"1"')
    polls.keep(("a",), answer)
    assert polls.find(("a",), 3, "2026", _nothing_since) is answer
    assert polls.find(("a",), 3, "2027", _nothing_since) is None
    assert polls.find(("a",), 2, "2026", _nothing_since) is None
    assert polls.find(("b",), 3, "2026", _nothing_since) is None
    asked = []
    assert polls.find(("a",), 5, "2026", lambda seq: asked.append(seq) or frozenset({"state_capacity"})) is answer
    assert polls.find(("a",), 6, "2026", lambda seq: asked.append(seq) or frozenset({"answer_line"})) is None
    assert asked == [3, 5]


def test_what_is_polled_changes_with_every_answer_and_every_deadline(world, plan_id):
    line = publish(world, plan_id, draft())[0]
    path = "/v1/regions/18/recommendations"
    assert world.get("decision_18", path).json() == world.get("decision_18", path).json()
    world.post(
        "decision_18", "/v1/regions/18/answers", {"line_id": line, "answer": "accept"},
        If_Match='"1"', Idempotency_Key="poll-and-answer",
    )  # fmt: skip
    assert world.get("decision_18", path).json()["lines"][0]["answers"]
    assert world.get("decision_17", "/v1/regions/17/recommendations").json()["lines"][0]["answers"] == []
    world.clock.move(hours=5)
    assert world.get("decision_18", path).json()["lines"][0]["state"] == "expired"


def test_what_counts_as_quiet_is_named_as_in_the_audit_and_leaves_lists_as_they_are(world, plan_id):
    assert set(load_operations()) | {"end_what_if"} >= QUIET
    publish(world, plan_id, draft())
    figure = {"side": "take", "what": "icu_general", "amount": 4, "from_time": "2027-01-11T06:00",
              "to_time": "2027-01-12T06:00"}  # fmt: skip
    key = {"role": "observer", "holder": "myndighet-07"}
    for path in ("/v1/regions/17/recommendations", "/v1/plans"):
        before = world.get("decision_17", path)
        assert world.post("decision_17", "/v1/regions/17/capacity", figure).status_code == 201
        assert world.post("administrator", "/v1/keys", key).status_code == 201
        assert world.get("decision_17", "/v1/national").status_code == 200
        kept = world.get("decision_17", path)
        world.services.polls = Polls()
        assert before.content == kept.content == world.get("decision_17", path).content


def _reads(world):
    with world.store.read() as read:
        return [(row.role, row.action, row.object) for row in read.execute(tables.audit.select()) if row.region is None]


def test_who_reads_the_figures_of_regions_without_being_one_is_told_in_the_audit_every_time(world, plan_id):
    publish(world, plan_id, draft())
    scenario = world.get("secretariat", "/v1/scenarios").json()["scenarios"][0]["id"]
    what_if = world.store.run_write(lambda work: what_ifs.ask(work, plan_id, {"changes": []}), LOCAL, "ask_what_if")
    wanted = {
        f"/v1/plans/{plan_id}/tables/census": ("read_table", f"{plan_id}/census"),
        f"/v1/plans/{plan_id}/compare/{plan_id}": ("compare_plans", f"{plan_id}/{plan_id}"),
        "/v1/regions/18/capacity": ("list_capacity", "18"),
        "/v1/regions/18/recommendations": ("list_recommendations", "18"),
        f"/v1/scenarios/{scenario}": ("read_scenario", scenario),
    }
    for path, row in wanted.items():
        for _ in range(2):
            assert world.get("secretariat", path).status_code == 200
            assert _reads(world)[-1] == ("secretariat", *row), path
    path = f"/v1/what-if/{what_if}"
    before = _reads(world)
    assert world.get("secretariat", path).json()["state"] == "queued" and _reads(world) == before  # nothing to read yet
    world.store.run_write(lambda work: what_ifs.tell(work, what_if, "failed", {}), LOCAL, "end_what_if")
    assert world.get("secretariat", path).status_code == 200
    assert _reads(world)[-1] == ("secretariat", "read_what_if", what_if)


def test_a_region_that_reads_what_is_its_own_leaves_no_row(world, plan_id):
    publish(world, plan_id, draft())
    world.key("decision_17")
    with world.store.read() as read:
        before = audit.head(read)
    for path in (f"/v1/plans/{plan_id}/tables/census", "/v1/regions/17/capacity", "/v1/regions/17/recommendations"):
        assert world.get("decision_17", path).status_code == 200
    with world.store.read() as read:
        assert audit.head(read) == before


def test_without_a_row_in_the_audit_there_is_no_change_and_nothing_is_read(world, plan_id, monkeypatch):
    publish(world, plan_id, draft())
    for who in ("decision_17", "secretariat", "operator_17"):
        world.key(who)
    with world.store.read() as read:
        before = read.execute(tables.capacities.select()).all()

    def fail(*_):
        raise Busy("L501")

    monkeypatch.setattr(audit, "append", fail)
    figure = {"side": "take", "what": "icu_general", "amount": 4, "from_time": "2027-01-11T06:00",
              "to_time": "2027-01-12T06:00"}  # fmt: skip
    for answer in (
        world.post("decision_17", "/v1/regions/17/capacity", figure),
        world.get("decision_17", "/v1/national"),
        world.get("secretariat", f"/v1/plans/{plan_id}/export?format=json"),
        world.get("secretariat", f"/v1/plans/{plan_id}/tables/transfers"),
        world.get("secretariat", "/v1/regions/17/capacity"),
        world.get("operator_17", "/v1/runs"),
        world.get("operator_17", "/v1/regions/18/capacity"),
    ):
        assert answer.status_code == 503, answer.text
        assert answer.headers["retry-after"]
        assert "patients" not in answer.text
    with world.store.read() as read:
        assert read.execute(tables.capacities.select()).all() == before
