"""What is wrong with a request: every fault at once, where it is, the rule, and what would have been right."""

from api.faults import names_at
from api.routes.regions import AnswerSent
from api.routes.what_ifs import WhatIfWanted


def faults(answer):
    assert answer.status_code == 422, answer.text
    return {one["field"]: (one["rule"], one["remedy"]) for one in answer.json()["errors"]}


def test_a_name_that_is_nearly_one_is_told_which_is_meant(world):
    change = {"levr": "beds", "place": "17", "sidee": "help"}
    found = faults(world.post("secretariat", "/v1/what-if", {"base_plan": "plan-l-1", "changes": [change]}))
    assert found["body.changes.0.levr"] == ("is not known here", "did you mean 'lever'?")
    assert found["body.changes.0.sidee"] == ("is not known here", "did you mean 'side'?")
    assert found["body.changes.0.lever"] == ("is missing", "send it")
    found = faults(world.post("secretariat", "/v1/runs", {"scenario": "a", "model_id": "b", "time_limits": 1}))
    assert found["body.scenario"][1] == "did you mean 'scenario_id'?"
    assert found["body.time_limits"][1] == "did you mean 'time_limit_s'?"
    assert faults(world.get("secretariat", "/v1/plans?limt=3"))["query.limt"][1] == "did you mean 'limit'?"
    assert faults(world.get("secretariat", "/v1/plans?limit=many"))["query.limit"][0] == "must be a whole number"


def test_a_value_that_is_none_of_the_known_is_told_which_are(world):
    sent = {"line_id": "line-l-1", "answer": "maybe", "party": "driver"}
    headers = {"If_Match": '"1"', "Idempotency_Key": "known-values"}
    found = faults(world.post("decision_17", "/v1/regions/17/answers", sent, **headers))
    assert found["body.party"][1] == "send one of: 'sender', 'receiver' or 'carrier'"
    assert "'accept', 'counter', 'decline'" in found["body.answer"][1]
    figure = {"side": "take", "what": "icu_general", "amount": 4, "from_time": "today", "to_time": "2027-01-12T06:00"}
    assert faults(world.post("decision_17", "/v1/regions/17/capacity", figure))["body.from_time"][0].startswith(
        "has not the form ^[0-9]{4}-"
    )


def test_names_are_those_of_the_object_at_the_place():
    assert names_at(WhatIfWanted, ()) == ("base_plan", "changes")
    assert "lever" in names_at(WhatIfWanted, ("changes", 0))
    assert names_at(AnswerSent, ("counter",)) == ("amount", "from_h", "to_h", "what")
    assert names_at(AnswerSent, ("line_id",)) == names_at(AnswerSent, ("nothing",)) == names_at(None, ("a",)) == ()
