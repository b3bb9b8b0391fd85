"""Hostile bodies: refused in words, never repeated, never a fault of the service, never a long wait."""

import resource
import time

import pytest

from api.body import read_json
from api.problems import Refusal
from nspl_opt.store import tables
from tests.api.hostile import SOUND, bodies
from tests.api.world import new_world

CORPUS = list(bodies())
MARKS = ("DROP TABLE", "<script>", "passwd", "19121212", "@SUM", "gnirob", "192.0.2.1", "{{7*7}}")


@pytest.fixture(scope="module")
def hostile_world(tmp_path_factory, planned):
    with new_world(tmp_path_factory.mktemp("hostile"), reference=planned.reference) as made:
        yield made


def test_there_are_more_than_two_hundred_of_them():
    assert len(CORPUS) > 400


@pytest.mark.parametrize("path", SOUND)
def test_no_body_brings_the_service_down_or_comes_back(hostile_world, path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {}
    for number, (where, what, body) in enumerate(CORPUS):
        if where != path:
            continue
        start = time.monotonic()
        answer = hostile_world.ask(
            "decision_17", "POST", path, body, Idempotency_Key=f"hostile-{number}", If_Match='"1"'
        )
        found[what] = answer.status_code
        assert answer.status_code < 500, f"{what}: {answer.status_code} {answer.text[:200]}"
        assert time.monotonic() - start < 2, what
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", what
            told = answer.json()
            assert answer.status_code == 404 or told.get("errors") or "detail" in told, f"{what}: {told}"
            assert not [mark for mark in MARKS if mark in answer.text], what
    assert set(found.values()) & {413, 422}
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200_000, f"{grown} kB"


def test_a_sound_body_is_not_taken_for_a_hostile_one(hostile_world):
    path = "/v1/regions/17/capacity"
    assert hostile_world.post("decision_17", path, SOUND[path]).status_code == 201
    times = b'"from_time":"2027-01-11T06:00","to_time":"2027-01-12T06:00"'
    body = b'{"side":"take","what":"medical_ward","amount":4.0,%s}' % times
    assert hostile_world.post("decision_17", path, body).json()["amount"] == 4


@pytest.mark.parametrize(
    "path", ["/v1/plans/..%2f..%2fetc%2fpasswd", "/v1/plans//etc/passwd", "/v1/plans/%00", "/v1/plans/" + "a" * 5000,
             "/v1/regions/%E5/capacity", "/v1/plans/x%0aSet-Cookie:a=b"]
)  # fmt: skip
def test_odd_paths_are_not_there(hostile_world, path):
    answer = hostile_world.get("secretariat", path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=1e3", "limit=", "limit=1&limit=2", "after=%00", "after=x", "offset=5",
              "after=" + "A" * 301, "after=-1", "limit=%D9%A1", "limit=-1"]
)  # fmt: skip
def test_odd_queries_are_refused(hostile_world, query):
    for path in ("/v1/plans", "/v1/keys", "/v1/audit"):
        who = "administrator" if path != "/v1/plans" else "secretariat"
        answer = hostile_world.get(who, f"{path}?{query}")
        assert answer.status_code in (404, 422), f"{path} {answer.status_code}"


@pytest.mark.parametrize("kind", ["text/plain", "", "application/x-www-form-urlencoded", "multipart/form-data", "x"])
def test_only_json_is_taken(hostile_world, kind):
    answer = hostile_world.ask("decision_17", "POST", "/v1/what-if", b"{}", Content_Type=kind)
    assert answer.status_code == 415


def test_a_refused_body_leaves_no_trace_but_in_the_audit(hostile_world):
    with hostile_world.store.read() as read:
        rows = read.execute(tables.audit.select()).all()
    assert not [row for row in rows if any(mark in row.detail for mark in MARKS)]


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b'{"a": 1, "a": 2}', "same key"),
        (b"NaN", "NaN"),
        (b"[1e400]", "not finite"),
        (b'"\\ud800"', "surrogate"),
        (b'{"a\\u0000": 1}', "NUL"),
        (b"9007199254740993", "2^53"),
        (b"1" * 21, "digits"),
        (b"[" * 33 + b"]" * 33, "nested"),
        (b"\xff", "UTF-8"),
        (b"{", "not JSON"),
    ],
)
def test_each_rule_of_the_reader_says_which_it_is(raw, rule):
    with pytest.raises(Refusal) as refused:
        read_json(raw)
    assert rule in refused.value.faults[0].rule


def test_whole_numbers_with_a_decimal_point_are_whole():
    assert read_json(b'{"a": 12.0, "b": -0.0, "c": [0.5]}') == {"a": 12, "b": 0, "c": [0.5]}
    assert isinstance(read_json(b"12.0"), int)
