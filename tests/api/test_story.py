"""The story of docs/api.md: a region asks, the secretariat plans, two regions answer, the plan is made anew."""

import pytest

from tests.api.world import REGIONS

FORM = {
    "authorised_by": "region_director",
    "classification": "oppen",
    "legal_basis": "hsl_16a_2",
    "need_status": "needed_now",
    "disaster_state": "foreseeable",
    "cause": "mass_casualty",
    "own_measures": [{"measure": "surge_beds", "degree_percent": 100}],
    "contact": "tib-18",
    "lines": [{"help_kind": "patient_relief", "what": "icu_general", "quantity": 20, "unit": "patients",
               "earliest": "2027-01-11T06:00", "latest": "2027-01-12T06:00", "divisible": True, "priority": 1}],
}  # fmt: skip


def test_a_region_asks_and_the_plan_made_anew_keeps_what_was_answered(working, planned):
    world = working
    asked = world.post("decision_18", "/v1/help-requests", {"form": FORM, "submit": True})
    assert asked.status_code == 201, asked.text
    scenario = world.post("secretariat", "/v1/scenarios", {"name": "many-ill", "files": planned.files})
    model = world.post("secretariat", "/v1/models", {"name": "national", "text": planned.model})
    assert (scenario.status_code, model.status_code) == (201, 201), (scenario.text, model.text)
    wanted = {"scenario_id": scenario.json()["id"], "model_id": model.json()["id"], "time_limit_s": 20}

    first = _run(world, wanted)
    _publish(world, first["plan_id"])
    accepted, declined = _answer_two(world)

    again = _run(world, {**wanted, "based_on": first["plan_id"]})
    kept = world.get("secretariat", f"/v1/plans/{again['plan_id']}/tables/agreements").json()
    names = [column["name"] for column in kept["columns"]]
    rows = {row["id"]: row for row in (dict(zip(names, cells, strict=True)) for cells in kept["rows"])}
    assert rows[accepted["id"]]["state"] == "accepted"
    assert rows[accepted["id"]]["kept"] == pytest.approx(accepted["amount"])
    assert again["conflicts"] == []
    assert rows[declined["id"]]["state"] == "declined"
    moved = world.get("secretariat", f"/v1/plans/{again['plan_id']}/export?format=json").json()["tables"]["transfers"]
    refused = [declined[name] for name in ("from_region", "to_region", "from_time")]
    assert not [row for row in moved if [row["from_region"], row["to_region"], row["depart"]] == refused]
    seen = world.get("secretariat", f"/v1/plans/{first['plan_id']}/compare/{again['plan_id']}").json()
    assert {one["state"] for one in seen["answers"]} >= {"accepted", "declined"}
    assert "scenario/store_lines.csv" in seen["comparison"]["causes"]["files"]


def _run(world, wanted):
    started = world.post("secretariat", "/v1/runs", wanted)
    assert started.status_code == 202, started.text
    assert started.headers["location"] == f"/v1/runs/{started.json()['id']}"
    run = world.wait_for_run(started.json()["id"])
    assert run["state"] == "done", run
    return run


def _publish(world, plan_id):
    asked = world.post("secretariat", f"/v1/plans/{plan_id}/publish")
    assert (asked.status_code, asked.json()["state"]) == (200, "publish_asked")
    assert world.post("secretariat", f"/v1/plans/{plan_id}/publish").status_code == 409
    assert world.get("decision_17", f"/v1/plans/{plan_id}").status_code == 404
    published = world.post("secretariat_2", f"/v1/plans/{plan_id}/publish")
    assert (published.status_code, published.json()["state"]) == (200, "published"), published.text
    assert world.get("decision_17", f"/v1/plans/{plan_id}").status_code == 200


def _answer_two(world):
    """Everybody says yes to the first line, the receiver of a line to another region says no."""
    lines = world.get("secretariat", "/v1/regions/18/recommendations").json()["lines"]
    accepted = lines[0]
    declined = next(one for one in lines if one["to_region"] != accepted["to_region"])
    parties = {accepted[name] for name in ("from_region", "to_region", "carrier")}
    for region in sorted(parties & set(REGIONS)):
        done = _answer(world, region, accepted["id"], {"answer": "accept"})
        assert done.status_code == 200, done.text
    if "national" in parties:
        for who in ("secretariat", "secretariat_2"):
            raise AssertionError(f"a line carried nationally, for {who}")
    done = _answer(world, declined["to_region"], declined["id"], {"answer": "decline", "reason": "no_staffed_capacity"})
    assert (done.status_code, done.json()["state"]) == (200, "declined"), done.text
    found = world.get("secretariat", "/v1/regions/18/recommendations").json()["lines"]
    now = {one["id"]: one["state"] for one in found}
    assert now[accepted["id"]] == "accepted"
    return accepted, declined


def _answer(world, region, line_id, body):
    mine = world.get(f"decision_{region}", f"/v1/regions/{region}/recommendations").json()["lines"]
    line = next(one for one in mine if one["id"] == line_id)
    return world.post(
        f"decision_{region}", f"/v1/regions/{region}/answers", {"line_id": line_id, **body},
        If_Match=f'"{line["version"]}"', Idempotency_Key=f"answer-{region}-{line_id}",
    )  # fmt: skip
