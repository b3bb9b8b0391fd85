"""Proposals over HTTP: the operator on duty proposes, the decision-maker sees it and answers, nobody else knows."""

import pytest

from tests.api.world import draft, publish

NO = {"answer": "decline", "reason": "no_staffed_capacity"}


@pytest.fixture
def line(world, plan_id):
    """A line from 17, which carries too, to 18."""
    return publish(world, plan_id, draft())[0]


def send(world, who, line_id, version=1, token=None, region="18", **body):
    token = token or f"{who}-{version}-{line_id}"
    return world.post(
        who, f"/v1/regions/{region}/answers", {"line_id": line_id, **body},
        If_Match=f'"{version}"', Idempotency_Key=token,
    )  # fmt: skip


def seen(world, who, region="18"):
    return world.get(who, f"/v1/regions/{region}/recommendations").json()["lines"][0]


def test_what_an_operator_sends_is_a_proposal(world, line):
    made = send(world, "operator_18", line, answer="accept", amount=3, legal_basis="hsl_16a_2")
    told = made.json()
    assert (made.status_code, told["state"], told["agreed"], told["answers"]) == (200, "offered", None, [])
    assert (told["version"], made.headers["etag"]) == (2, '"2"')
    (proposal,) = told["proposals"]
    assert proposal == {
        "region": "18", "party": "receiver", "answer": "accept", "amount": 3, "counter": None, "reason": "",
        "legal_basis": "hsl_16a_2", "at": "2026-11-23T07:00:00.000000Z", "holder": "region-18-op",
    }  # fmt: skip


def test_the_decision_maker_sees_what_was_proposed_by_whom_and_when_and_confirms_it(world, line):
    send(world, "operator_18", line, **NO)
    world.clock.move(hours=1)
    read = seen(world, "decision_18")
    (proposal,) = read["proposals"]
    assert (proposal["answer"], proposal["reason"], proposal["holder"]) == ("decline", NO["reason"], "region-18-op")
    assert proposal["at"].startswith("2026-11-23T07:00")
    told = send(world, "decision_18", line, read["version"], **NO).json()
    assert (told["state"], told["proposals"]) == ("declined", [])
    assert [one["answer"] for one in told["answers"]] == ["decline"]


def test_the_decision_maker_answers_otherwise_and_that_counts(world, line):
    send(world, "operator_18", line, **NO)
    told = send(world, "decision_18", line, 2, answer="accept").json()
    assert (told["state"], told["proposals"], told["answers"][0]["answer"]) == ("offered", [], "accept")
    assert send(world, "operator_18", line, told["version"], **NO).json()["type"] == "urn:nspl-opt:problem:L208"


def test_a_new_proposal_replaces_the_older(world, line):
    send(world, "operator_18", line, **NO)
    send(world, "operator_18", line, 2, answer="counter", counter={"amount": 2})
    (proposal,) = seen(world, "operator_18")["proposals"]
    assert (proposal["answer"], proposal["counter"]) == ("counter", {"amount": 2})


@pytest.mark.parametrize("step", ["scheduled", "in_transit", "arrived", "closed", "failed", "cancelled", "directed"])
def test_an_operator_takes_no_line_further(world, line, step):
    send(world, "decision_17", line, region="17", answer="accept")
    send(world, "decision_18", line, 3, answer="accept")
    refused = send(world, "operator_18", line, 4, answer=step)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:nspl-opt:problem:L214")
    assert seen(world, "decision_18")["state"] == "accepted"


def test_an_operator_proposes_for_the_own_region_only(world, line):
    assert send(world, "operator_18", line, region="17", answer="accept").status_code == 404
    assert send(world, "operator_18", line, 1, "as-the-sender", answer="accept", party="sender").status_code == 404


def test_a_proposal_is_no_answer_and_silence_expires(world, line):
    send(world, "decision_17", line, region="17", answer="accept")
    send(world, "operator_18", line, 3, answer="accept")
    world.clock.move(hours=5)
    read = seen(world, "decision_18")
    assert (read["state"], read["agreed"], read["answers"]) == ("expired", None, [])
    late = send(world, "operator_18", line, read["version"], answer="accept")
    assert (late.status_code, late.json()["type"]) == (409, "urn:nspl-opt:problem:L207")


def test_nobody_outside_the_region_learns_what_was_proposed(world, line):
    before = seen(world, "decision_17", "17")
    send(world, "operator_18", line, **NO)
    for who in ("decision_17", "operator_17"):
        after = seen(world, who, "17")
        assert after["proposals"] == []
        assert after == before  # version and time of change too
        assert "region-18-op" not in world.get(who, "/v1/audit").text
    told = [world.get("secretariat", f"/v1/regions/{region}/recommendations").text for region in ("17", "18")]
    told += [world.get(who, "/v1/national").text for who in ("secretariat", "observer")]
    for text in told:
        assert "region-18-op" not in text and "no_staffed_capacity" not in text


def test_the_own_audit_tells_that_something_was_proposed_and_no_audit_tells_what(world, line):
    send(world, "operator_18", line, **NO)
    (row,) = (one for one in world.get("decision_18", "/v1/audit").json()["rows"] if one["object"] == line)
    assert (row["role"], row["action"], row["outcome"]) == ("region_operator", "answer_line", "ok")
    for who in ("decision_18", "secretariat", "administrator"):
        assert "no_staffed_capacity" not in world.get(who, "/v1/audit").text


def test_a_proposal_and_a_note_by_telephone_are_never_taken_for_each_other(world, line):
    send(world, "operator_18", line, **NO)
    noted = send(world, "secretariat", line, **NO).json()  # whose version no proposal moves
    assert (noted["state"], len(noted["noted"]), noted["answers"]) == ("offered", 1, [])
    again = send(world, "operator_18", line, 3, **NO).json()
    assert (again["state"], again["answers"], len(again["proposals"])) == ("offered", [], 1)
    assert seen(world, "decision_18")["proposals"][0]["holder"] == "region-18-op"
    second = send(world, "secretariat_2", line, 2, **NO).json()
    assert (second["state"], second["answers"][0]["on_behalf"]) == ("declined", "18")


def test_a_proposal_needs_a_version_and_a_token_and_is_made_once(world, line):
    path, body = "/v1/regions/18/answers", {"line_id": line, "answer": "accept"}
    assert world.post("operator_18", path, body, Idempotency_Key="a" * 8).status_code == 428
    assert world.post("operator_18", path, body, If_Match='"1"').status_code == 422
    first = send(world, "operator_18", line, answer="accept")
    again = send(world, "operator_18", line, answer="accept")
    assert first.content == again.content and again.headers["idempotent-replay"] == "true"
    assert seen(world, "operator_18")["version"] == 2
    other = send(world, "operator_18", line, token="another-one", **NO)
    assert (other.status_code, other.json()["type"]) == (412, "urn:nspl-opt:problem:L504")


def test_the_operator_hears_early_that_the_own_figure_does_not_reach(world, line):
    figure = {
        "side": "take", "what": "icu_general", "amount": 4, "from_time": "2027-01-11T00:00",
        "to_time": "2027-01-13T00:00",
    }  # fmt: skip
    assert world.post("operator_18", "/v1/regions/18/capacity", figure).status_code == 201
    refused = send(world, "operator_18", line, answer="accept")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:nspl-opt:problem:L209")
    assert send(world, "operator_18", line, token="four-of-five", answer="accept", amount=4).status_code == 200
    (shown,) = world.get("decision_18", "/v1/regions/18/capacity").json()["capacities"]
    assert (shown["promised"], shown["left"]) == (0, 4)  # a proposal takes no bed
