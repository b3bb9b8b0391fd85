"""Publishing beside the lines as they stand: what was answered since the run, other plans, what has lapsed."""

from typing import NamedTuple

import pytest

from nspl_opt.pipeline import make_plan
from nspl_opt.plan.folder import write_plan
from nspl_opt.store import agreements, lines, plans, runs, scenarios
from nspl_opt.store.actor import SYSTEM
from tests.api.world import add_plan


def step(world, line_id, what, who="secretariat", region=None, **more):
    """Answer a line or take it a step; the secretariat on a region's behalf."""
    with world.store.read() as read:
        line = lines.find(read, line_id)
    path = f"/v1/regions/{region or line.from_region}/answers"
    own = region if who.startswith("decision") else None
    version = f'"{line.last_change(own)[0]}"'
    sent = {"line_id": line_id, "answer": what, **more}
    answer = world.post(who, path, sent, If_Match=version, Idempotency_Key=f"{line_id[-8:]}-{version}-{what}-{region}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def accept(world, line, amount=None):
    """All parties of a line say yes."""
    more = {} if amount is None else {"amount": amount}
    for region in dict.fromkeys(line.parties.values()):
        step(world, line.id, "accept", f"decision_{region}", region, **more)


def published(world, plan_id):
    """Publish by two people; the answers."""
    return [world.post(who, f"/v1/plans/{plan_id}/publish") for who in ("secretariat", "secretariat_2")]


def lines_of(world, plan_id):
    with world.store.read() as read:
        return lines.lines_of_plan(read, plan_id)


def state_of(world, line_id):
    with world.store.read() as read:
        return lines.find(read, line_id).state


def plan_based_on(world, planned, base, place):
    """Plan anew with the lines as they stand; the id of the draft."""
    checked = scenarios.check_scenario(planned.files)
    with world.store.read() as read:
        files = agreements.files_with_lines(read, base, checked)
        ids = plans.find(read, base).scenario_id, plans.find(read, base).model_id
    place.mkdir(parents=True)
    (place / "scenario").mkdir()
    for name, text in files.items():
        (place / "scenario" / name).write_text(text, encoding="utf-8")
    (place / "model.toml").write_text(planned.model, encoding="utf-8")
    made = make_plan(place / "scenario", place / "model.toml", reference=planned.reference, time_limit_s=20)
    checked_plan = plans.check_plan(write_plan(made.plan, place / "plan", place / "scenario", planned.reference))

    def act(work):
        run = runs.ask(work, *ids, based_on=base)
        runs.tell(work, run, "running", owner="1")
        plan = plans.add_plan(work, run, checked_plan)
        runs.tell(work, run, "done", status=checked_plan.opened.plan.status)
        return plan

    return world.store.run_write(act, SYSTEM, "plan.add")


class Two(NamedTuple):
    """A published plan, its lines, and a draft of another that was made on them."""

    first: str
    lines: list
    second: str


@pytest.fixture
def two(world, planned, tmp_path):
    first = add_plan(world.store, planned)
    assert published(world, first)[1].status_code == 200
    return Two(first, lines_of(world, first), plan_based_on(world, planned, first, tmp_path / "second"))


def test_a_plan_is_not_published_against_answers_given_since_it_was_made(world, two):
    declined, directed, scheduled = two.lines[0], two.lines[1], two.lines[2]
    kept = world.get("secretariat", f"/v1/plans/{two.second}/tables/agreements").json()
    place = {column["name"]: number for number, column in enumerate(kept["columns"])}
    assert {row[place["id"]]: row[place["kept"]] for row in kept["rows"]} == {
        line.id: line.amount for line in two.lines
    }
    step(world, declined.id, "decline", f"decision_{declined.to_region}", declined.to_region,
         reason="no_staffed_capacity")  # fmt: skip
    asked = world.post("secretariat", f"/v1/plans/{two.second}/publish")
    assert (asked.status_code, asked.json()["type"]) == (409, "urn:nspl-opt:problem:L215")
    told = asked.json()["detail"]
    assert f"{declined.number} ({declined.id}: declined)" in told and f"based_on {two.first}" in told
    assert directed.id not in told
    assert world.get("secretariat", f"/v1/plans/{two.second}").json()["state"] == "draft"
    if directed.amount > 1:
        step(world, directed.id, "directed", legal_basis="leh_4_2", amount=1)
    accept(world, scheduled)
    step(world, scheduled.id, "scheduled")
    told = world.post("secretariat", f"/v1/plans/{two.second}/publish").json()["detail"]
    assert (f"{directed.id}: directed" in told) == (directed.amount > 1)
    assert scheduled.id not in told  # the plan keeps just what was promised


def test_the_second_step_of_publishing_looks_again(world, two):
    assert world.post("secretariat", f"/v1/plans/{two.second}/publish").json()["state"] == "publish_asked"
    line = two.lines[0]
    step(world, line.id, "decline", f"decision_{line.to_region}", line.to_region, reason="no_staffed_capacity")
    refused = world.post("secretariat_2", f"/v1/plans/{two.second}/publish")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:nspl-opt:problem:L215")
    assert lines_of(world, two.second) == []
    assert {state_of(world, one.id) for one in two.lines[1:]} == {"offered"}


def test_what_is_carried_on_whole_keeps_its_line_and_what_has_lapsed_gets_a_new_one(world, two):
    accept(world, two.lines[0])
    world.clock.move(hours=5)
    assert [one.status_code for one in published(world, two.second)] == [200, 200]
    assert [state_of(world, one.id) for one in two.lines] == ["accepted", *["expired"] * (len(two.lines) - 1)]
    anew = lines_of(world, two.second)
    assert {one.state for one in anew} == {"offered"}
    assert [(one.number, one.amount, one.from_region, one.to_region, one.carrier) for one in anew] == [
        (one.number, one.amount, one.from_region, one.to_region, one.carrier) for one in two.lines[1:]
    ]
    assert all(one.card["secretariat"]["sv"] for one in anew)


def test_lines_that_are_open_still_go_on_without_a_second_one(world, two):
    assert [one.status_code for one in published(world, two.second)] == [200, 200]
    assert {state_of(world, one.id) for one in two.lines} == {"offered"}
    assert lines_of(world, two.second) == []


def test_another_plan_ends_open_lines_and_is_refused_beside_promised_ones(world, planned, two, tmp_path):
    other = add_plan(world.store, planned, "again")
    accept(world, two.lines[0])
    refused = published(world, other)[0]
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:nspl-opt:problem:L216")
    assert f"{two.lines[0].id}: accepted" in refused.json()["detail"]
    assert f"based_on {two.first}" in refused.json()["detail"]
    mended = plan_based_on(world, planned, two.first, tmp_path / "third")
    assert [one.status_code for one in published(world, mended)] == [200, 200]


def test_of_two_unrelated_plans_only_the_later_has_open_lines(world, planned, two):
    other = add_plan(world.store, planned, "again")
    assert [one.status_code for one in published(world, other)] == [200, 200]
    assert {state_of(world, one.id) for one in two.lines} == {"superseded"}
    assert {one.state for one in lines_of(world, other)} == {"offered"}
    assert [one.status_code for one in published(world, two.second)] == [200, 200]  # on lines superseded since
    assert {one.state for one in lines_of(world, other)} == {"superseded"}
    assert [one.number for one in lines_of(world, two.second)] == [one.number for one in two.lines]


def test_lines_of_a_plan_that_was_withdrawn_are_offered_again(world, two):
    for who in ("secretariat", "secretariat_2"):
        world.post(who, f"/v1/plans/{two.first}/withdraw")
    assert {state_of(world, one.id) for one in two.lines} == {"cancelled"}
    assert [one.status_code for one in published(world, two.second)] == [200, 200]
    assert sum(one.amount for one in lines_of(world, two.second)) == sum(one.amount for one in two.lines)


def test_a_counter_offer_is_the_most_that_the_next_plan_asks_for(world, planned, two, tmp_path):
    line = max(two.lines, key=lambda one: one.amount)
    assert line.amount > 1
    step(world, line.id, "counter", f"decision_{line.to_region}", line.to_region, counter={"amount": 1})
    refused = published(world, two.second)[0]
    assert (refused.status_code, f"{line.id}: countered" in refused.json()["detail"]) == (409, True)
    again = plan_based_on(world, planned, two.first, tmp_path / "again")
    assert [one.status_code for one in published(world, again)] == [200, 200]
    journey = ("from_region", "to_region", "what", "from_h")
    anew = [one for one in lines_of(world, again) if all(getattr(one, name) == getattr(line, name) for name in journey)]
    assert sum(one.amount for one in anew) <= 1 and {one.state for one in anew} <= {"offered"}
    kept = world.get("secretariat", f"/v1/plans/{again}/tables/agreements").json()
    rows = [dict(zip([one["name"] for one in kept["columns"]], row, strict=True)) for row in kept["rows"]]
    (told,) = [row for row in rows if row["id"] == line.id]
    assert (told["state"], told["amount"], told["broken"]) == ("countered", 1, 0) and told["kept"] <= 1


def test_a_comparison_tells_lines_as_they_were_and_why_each_transfer_differs(world, planned, two, tmp_path):
    no, later = two.lines[0], two.lines[1]
    step(world, no.id, "decline", f"decision_{no.to_region}", no.to_region, reason="no_staffed_capacity")
    again = plan_based_on(world, planned, two.first, tmp_path / "again")
    step(world, later.id, "decline", f"decision_{later.to_region}", later.to_region, reason="no_staffed_capacity")
    told = world.get("secretariat", f"/v1/plans/{two.first}/compare/{again}").json()
    assert {one["id"]: (one["state"], one["state_now"]) for one in told["answers"]} == {no.id: ("declined", "declined")}
    assert len(told["changes"]) == len(told["comparison"]["changes"][1]) > 0
    causes = {one["transfer_id"]: one for one in told["changes"]}
    gone = [one for one in causes.values() if one["cause"] == "answered_no"]
    assert gone and all((one["after"], one["lines"]) == (0, [no.id]) for one in gone)
    others = [one for one in causes.values() if one["cause"] != "answered_no"]
    assert {one["cause"] for one in others} <= {"other_lines", "not_known"}
    assert all("other_lines" in one["may_be"] for one in others if one["cause"] == "not_known")
    same = world.get("secretariat", f"/v1/plans/{two.first}/compare/{two.first}").json()
    assert (same["answers"], same["changes"]) == ([], [])
