"""A what-if that names nothing of the plan is refused before it is taken, and what is wrong is told where it is."""

from __future__ import annotations

import pytest

from nspl_opt.store import what_ifs
from nspl_opt.store.actor import DECISION_MAKER, Actor
from tests.api.world import add_plan, draft, new_world, publish


@pytest.fixture(scope="module")
def published(tmp_path_factory, planned):
    """A service with a published plan, and the plan's id."""
    with new_world(tmp_path_factory.mktemp("levers"), reference=planned.reference) as world:
        plan_id = add_plan(world.store, planned)
        publish(world, plan_id, draft())
        yield world, plan_id


def asked(published, who, **change):
    world, plan_id = published
    return world.post(
        who, "/v1/what-if", {"base_plan": plan_id, "changes": [{"lever": "beds", "place": "18"} | change]}
    )


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"what": "icu_ventilated", "change": "0.5"}, "body.changes.0.what", "W102: is no bed type of the plan"),
        (
            {"lever": "staff", "what": "nurze", "change": "0.5"},
            "body.changes.0.what",
            "W102: is no profession of the plan",
        ),
        ({"lever": "decline", "what": "burnt"}, "body.changes.0.what", "W102: is no category of the plan"),
        ({"what": "icu"}, "body.changes.0", "W101: is not of the form"),
    ],
)
def test_a_region_hears_at_once_what_its_question_names_wrongly(published, change, field, rule):
    for who in ("decision_18", "secretariat"):
        answer = asked(published, who, **change)
        assert answer.status_code == 422, answer.text
        error = answer.json()["errors"][0]
        assert (error["field"], error["rule"]) == (field, rule) and error["remedy"]
        assert "nurze" not in answer.text and "burnt" not in answer.text
    world, plan_id = published
    assert world.store.run_read(lambda read: what_ifs.of_plan(read, plan_id, "18")) == []


def test_a_near_miss_is_told_the_code_that_was_meant(published):
    answer = asked(published, "decision_18", what="icuu", change="0.5")
    assert answer.json()["errors"][0]["remedy"] == "did you mean 'icu'?"


def test_places_are_looked_up_for_the_secretariat_too(published):
    for change in (
        {"place": "99", "change": "0.5"},
        {"lever": "lose", "place": "18x"},
        {"lever": "vehicles", "change": "0"},
    ):
        answer = asked(published, "secretariat", **change)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.changes.0.place"), answer.text


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("W103 there is nothing of it in the base to be changed", True),
        ("P107 census.csv is not as it was written", False),
    ],
)
def test_why_a_question_could_not_be_reckoned_is_told_the_region_that_asked(published, what, told):
    world, plan_id = published

    def end(work):
        what_if_id = what_ifs.ask(work, plan_id, {"changes": []})
        what_ifs.tell(work, what_if_id, "failed", {"status": "rejected_input", "why": what})
        return what_if_id

    who = Actor("a-key", DECISION_MAKER, "18", "region-18-02")
    what_if_id = world.store.run_write(end, who, "what_if.ask")
    why = world.get("decision_18", f"/v1/what-if/{what_if_id}").json()["why"]
    assert why == (f"rejected_input: {what}" if told else "rejected_input")
