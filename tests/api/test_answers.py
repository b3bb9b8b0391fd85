"""Answers to lines over HTTP: versions, repeated requests, capacities, telephone, silence."""

import pytest

from tests.api.world import draft, publish

TIMES = {"from_time": "2027-01-11T00:00", "to_time": "2027-01-13T00:00"}


@pytest.fixture
def line(world, plan_id):
    """A line from 17, which carries too, to 18."""
    return publish(world, plan_id, draft())[0]


def answer(world, region, line_id, version=1, token=None, who=None, **body):
    return world.post(
        who or f"decision_{region}", f"/v1/regions/{region}/answers", {"line_id": line_id, **body},
        If_Match=f'"{version}"', Idempotency_Key=token or f"answer-{region}-{version}-{line_id}",
    )  # fmt: skip


def line_of(world, region, line_id):
    found = world.get(f"decision_{region}", f"/v1/regions/{region}/recommendations").json()["lines"]
    return next(one for one in found if one["id"] == line_id)


def test_a_line_is_accepted_when_sender_carrier_and_receiver_have_each_said_yes(world, line):
    first = answer(world, "17", line, answer="accept")
    assert (first.status_code, first.json()["state"]) == (200, "offered")
    assert {one["party"] for one in first.json()["answers"]} == {"sender", "carrier"}
    seen = line_of(world, "18", line)
    assert seen["answers"] == []  # what the others said is not told
    second = answer(world, "18", line, seen["version"], answer="accept", amount=3)
    assert (second.json()["state"], second.json()["agreed"]) == ("accepted_partial", 3)
    assert second.headers["etag"] == f'"{second.json()["version"]}"'


def test_who_answers_an_old_version_is_told_to_read_again(world, line):
    assert answer(world, "17", line, answer="accept").status_code == 200
    late = answer(world, "18", line, 1, answer="accept")
    assert (late.status_code, late.json()["type"]) == (412, "urn:nspl-opt:problem:L504")


def test_an_answer_needs_a_version_and_a_token(world, line):
    path, body = "/v1/regions/17/answers", {"line_id": line, "answer": "accept"}
    assert world.post("decision_17", path, body, Idempotency_Key="a" * 8).status_code == 428
    missing = world.post("decision_17", path, body, If_Match='"1"')
    assert missing.json()["errors"][0]["field"] == "Idempotency-Key"
    odd = world.post("decision_17", path, body, If_Match='"one"', Idempotency_Key="a" * 8)
    assert odd.json()["errors"][0]["field"] == "If-Match"


def test_the_same_request_a_hundred_times_has_one_effect_and_one_answer(world, line):
    told = {answer(world, "17", line, answer="accept").content for _ in range(100)}
    assert len(told) == 1
    assert line_of(world, "17", line)["version"] == 3  # as sender and as carrier, once each
    other = answer(world, "17", line, answer="decline", reason="other")
    assert (other.status_code, other.json()["type"]) == (422, "urn:nspl-opt:problem:L212")


def test_a_key_of_another_caller_does_not_get_the_kept_answer(world, line):
    answer(world, "17", line, token="shared-token", answer="accept")
    seen = line_of(world, "18", line)
    done = answer(world, "18", line, seen["version"], token="shared-token", answer="accept")
    assert (done.status_code, done.json()["state"]) == (200, "accepted")


def test_what_goes_beyond_the_regions_own_figure_is_refused(world, line):
    figure = {"side": "take", "what": "icu_general", "amount": 4, **TIMES}
    assert world.post("decision_18", "/v1/regions/18/capacity", figure).status_code == 201
    refused = answer(world, "18", line, answer="accept")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:nspl-opt:problem:L209")
    assert answer(world, "18", line, answer="accept", amount=4, token="in part").status_code == 422  # a space
    assert answer(world, "18", line, answer="accept", amount=4, token="in-part-4").status_code == 200
    shown = world.get("decision_18", "/v1/regions/18/capacity").json()["capacities"]
    assert [(one["amount"], one["promised"], one["left"]) for one in shown] == [(4, 4, 0)]


@pytest.mark.parametrize(
    ("other", "field", "remedy"),
    [
        ({"what": "icu_genral"}, "body.what", "did you mean 'icu_general'?"),
        ({"what": "ward"}, "body.what", "known: "),
        ({"what": "nonsense"}, "body.what", "known: "),
        ({"from_time": "2027-02-30T06:00"}, "from_time", ""),
        ({"to_time": "2027-04-31T06:00"}, "to_time", ""),
        ({"to_time": "2027-01-11T24:00"}, "to_time", ""),
        ({"to_time": TIMES["from_time"]}, "to_time", ""),
    ],
)
def test_a_figure_of_something_that_does_not_exist_is_refused(world, other, field, remedy):
    figure = {"side": "take", "what": "icu_general", "amount": 4, **TIMES, **other}
    refused = world.post("decision_18", "/v1/regions/18/capacity", figure)
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert fault["field"] == field and fault["remedy"].startswith(remedy)
    assert world.get("decision_18", "/v1/regions/18/capacity").json()["capacities"] == []


def test_a_counter_offer_names_a_category_that_there_is(world, line):
    refused = answer(world, "18", line, answer="counter", counter={"what": "icu_genral"})
    (fault,) = refused.json()["errors"]
    assert (fault["field"], fault["remedy"]) == ("body.counter.what", "did you mean 'icu_general'?")


def test_a_figure_that_jumps_must_be_confirmed(world):
    figure = {"side": "take", "what": "icu_general", "amount": 10, **TIMES}
    path = "/v1/regions/17/capacity"
    assert world.post("decision_17", path, figure).status_code == 201
    jump = {**figure, "amount": 100}
    assert world.post("decision_17", path, jump).json()["errors"][0]["field"] == "body.amount"
    assert world.post("decision_17", path, {**jump, "confirmed": True}).json()["version"] == 2
    assert world.post("decision_17", path, {**figure, "amount": 90}, If_Match='"1"').status_code == 412


def test_silence_expires_and_is_never_a_yes(world, line):
    world.clock.move(hours=5)
    late = answer(world, "17", line, answer="accept")
    assert late.status_code in (409, 412)
    assert line_of(world, "17", line)["state"] == "expired"


def test_an_answer_by_telephone_counts_when_a_second_person_notes_the_same(world, line):
    said = {"answer": "decline", "reason": "no_staffed_capacity"}
    first = answer(world, "18", line, who="secretariat", **said)
    assert (first.status_code, first.json()["state"], len(first.json()["noted"])) == (200, "offered", 1)
    version = first.json()["version"]
    alone = answer(world, "18", line, version, who="secretariat", token="same-person", **said)
    assert (alone.status_code, alone.json()["type"]) == (409, "urn:nspl-opt:problem:L211")
    second = answer(world, "18", line, version, who="secretariat_2", **said)
    assert (second.json()["state"], second.json()["answers"][0]["on_behalf"]) == ("declined", "18")
    assert line_of(world, "18", line)["answers"][0]["on_behalf"] == "18"  # marked to the region it was noted for


def test_what_a_region_answers_itself_is_not_marked_as_told_by_telephone(world, line):
    said = answer(world, "18", line, answer="decline", reason="no_staffed_capacity").json()["answers"]
    assert [one["on_behalf"] for one in said] == [""]


def test_a_counter_offer_and_a_direction_by_who_may(world, line):
    counter = answer(world, "18", line, answer="counter", counter={"amount": 2})
    assert (counter.status_code, counter.json()["state"]) == (200, "countered")
    version = counter.json()["version"]
    refused = answer(world, "18", line, version, token="direct-by-region", answer="directed", legal_basis="hsl_16a_2")
    assert refused.status_code == 409
    directed = answer(world, "18", line, version, who="secretariat", answer="directed", legal_basis="hsl_16a_2")
    assert (directed.json()["state"], directed.json()["agreed"]) == ("directed", 5)
    noted = {"amount": 5, "legal_basis": "hsl_16a_2", "at": directed.json()["changed_at"], "holder": "kansli-01"}
    assert directed.json()["directed"] == noted
    assert [line_of(world, region, line)["directed"] for region in ("17", "18")] == [noted, noted]
    rows = world.get("secretariat", "/v1/audit?limit=200").json()["rows"]
    told = [row["detail"] for row in rows if row["detail"].get("state") == "directed"]
    assert [one["legal_basis"] for one in told] == ["hsl_16a_2"]
    steps = ["scheduled", "in_transit", "arrived", "closed"]
    for number, step in enumerate(steps):
        done = answer(world, "18", line, version + 1 + number, token=f"step-{step}", answer=step)
        assert (done.status_code, done.json()["state"]) == (200, step)


def test_a_region_sees_its_own_end_and_why(world, plan_id):
    card = {
        "secretariat": {"sv": ["allt om 17 och 18"]},
        "sender": {"sender_present": 61.5, "sender_need_without": 66.5, "sender_beds": 60.0, "sender_unmet": 1.5,
                   "sender_unmet_without": 6.5, "own_h_if_no": 300.0, "country_h_if_no": 900.0},
        "receiver": {"receiver_free_before": 7777.0, "receiver_free_after": 7772.0, "receiver_beds": 8888.0},
        "carrier": {"minutes": 55, "trips": 5.0},
        "no": {"unmet_h": 120.0},
    }  # fmt: skip
    publish(world, plan_id, draft(card=card, from_site="karlstad"))
    answer = world.get("decision_17", "/v1/regions/17/recommendations")
    seen = answer.json()["lines"][0]
    assert seen["parts"] == ["sender", "carrier"]
    sender, carrier = seen["why"]
    assert (sender["beds"], sender["own_h_if_no"], sender["country_h_without_line"]) == (60.0, 300.0, 120.0)
    assert carrier["trips"] == 5.0 and "66,5 patienter på 60 platser" in sender["text_sv"]
    assert "7777" not in answer.text and "8888" not in answer.text and "allt om" not in answer.text
    whole = world.get("secretariat", "/v1/regions/17/recommendations").json()["lines"][0]
    assert whole["why"] == card
    other = world.get("decision_18", "/v1/regions/18/recommendations")
    assert "61.5" not in other.text and other.json()["lines"][0]["own_site"] == ""
