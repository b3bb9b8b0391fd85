"""What each role is told of scenarios, runs and the audit: its own part, and no more."""

import csv
import io
import zipfile

import pytest

from api.archives import Archive
from api.routes import runs as routes
from nspl_opt.plan.plan import TABLES
from nspl_opt.store import scenarios
from nspl_opt.store.actor import LOCAL
from tests.api.world import draft, publish


@pytest.fixture
def two_regions(world, planned):
    """A published plan's scenario in which two regions have demand; its id."""
    from tests.api.world import add_plan

    plan_id = add_plan(world.store, planned)
    publish(world, plan_id, draft())
    return world.get("secretariat", f"/v1/plans/{plan_id}").json()["scenario_id"]


def test_a_region_sees_its_own_rows_of_a_scenario_behind_a_published_plan(world, two_regions):
    own = world.get("decision_18", f"/v1/scenarios/{two_regions}").json()
    assert [table["rows"] for table in own["tables"]] == [[["0", "12", "18", "icu_general", "60"]]]
    other = world.get("decision_17", f"/v1/scenarios/{two_regions}").json()
    assert [table["rows"] for table in other["tables"]] == [[]]
    assert "files" not in own and "sha256" not in own
    whole = world.get("secretariat", f"/v1/scenarios/{two_regions}").json()
    assert set(whole["files"]) == {"scenario.toml", "demand.csv"}


def test_a_scenario_without_a_published_plan_is_not_there_for_a_region(world, planned, two_regions):
    files = {**planned.files, "demand.csv": planned.files["demand.csv"].replace("60", "61")}
    checked = scenarios.check_scenario(files)
    newer = world.store.run_write(lambda work: scenarios.add_scenario(work, "small", checked), LOCAL, "add")
    assert world.get("decision_18", f"/v1/scenarios/{newer}").status_code == 404
    listed = world.get("decision_18", "/v1/scenarios").json()["scenarios"]
    assert [one["id"] for one in listed] == [two_regions]
    assert world.get("secretariat", "/v1/scenarios").json()["scenarios"][0]["id"] == newer


def test_a_scenario_that_comes_again_unchanged_is_no_new_version(world, planned):
    sent = {"name": "small", "files": planned.files}
    first, again = (world.post("secretariat", "/v1/scenarios", sent).json() for _ in range(2))
    assert first["id"] == again["id"]
    changed = {**planned.files, "demand.csv": planned.files["demand.csv"].replace("60", "61")}
    third = world.post("secretariat", "/v1/scenarios", {"name": "small", "files": changed}).json()
    assert (third["version"], third["id"] != first["id"]) == (2, True)


def test_the_audit_shows_a_region_its_own_and_an_administrator_no_content(world, plan_id):
    for who in ("operator_17", "decision_18"):
        world.get(who, "/v1/runs")
    own = world.get("operator_17", "/v1/audit").json()["rows"]
    assert own and {row["region"] for row in own} == {"17"} and "detail" not in own[0]
    bare = world.get("administrator", "/v1/audit").json()["rows"]
    assert {"17", "18"} <= {row["region"] for row in bare} and "detail" not in bare[0] and "hash" in bare[0]
    whole = world.get("secretariat", "/v1/audit?limit=2").json()
    assert len(whole["rows"]) == 2 and "holder" in whole["rows"][0]["detail"]
    following = world.get("secretariat", f"/v1/audit?limit=2&after={whole['next']}").json()["rows"]
    assert following[0]["seq"] == whole["rows"][-1]["seq"] + 1
    head = world.get("observer", "/v1/audit/head").json()
    last = world.get("secretariat", "/v1/audit?limit=200").json()["rows"][-1]
    assert (head["seq"], head["hash"]) == (last["seq"], last["hash"])


def test_an_agreement_that_could_not_be_kept_is_told_as_a_conflict(world, plan_id, monkeypatch):
    run_id = world.get("secretariat", f"/v1/plans/{plan_id}").json()["run_id"]
    row = {"id": "line-1", "state": "accepted", "kind": "patients", "sender": "18", "receiver": "17", "amount": 5,
           "what": "icu_general", "from_h": 0, "to_h": 12, "kept": 3, "broken": 2, "why": "no_journey"}  # fmt: skip
    kept = {**row, "id": "line-2", "kept": 5, "broken": 0}
    text, content = io.StringIO(), io.BytesIO()
    writer = csv.DictWriter(text, [column.name for column in TABLES["agreements"]])
    writer.writeheader()
    writer.writerows([row, kept])
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("agreements.csv", text.getvalue())
    monkeypatch.setattr(routes, "open_archive", lambda *_: Archive(content.getvalue()))
    conflicts = world.get("secretariat", f"/v1/runs/{run_id}").json()["conflicts"]
    assert [(one["id"], one["broken"], one["why"]) for one in conflicts] == [("line-1", 2.0, "no_journey")]


def test_keys_are_shown_once_and_listed_without_themselves(world):
    made = world.post("administrator", "/v1/keys", {"role": "observer", "holder": "myndighet-02"})
    assert made.status_code == 201 and made.json()["key"].startswith("nspl_l_")
    listed = world.get("administrator", "/v1/keys")
    assert made.json()["key"] not in listed.text and made.json()["id"] in listed.text
    for wanted, field in (
        ({"role": "region_operator", "holder": "region-17"}, "region"),
        ({"role": "region_operator", "region": "99", "holder": "region-99"}, "body.region"),
        ({"role": "exercise_lead", "holder": "ledning-02"}, "body.role"),
        ({"role": "observer", "holder": "Anna Andersson"}, "body.holder"),
        ({"role": "observer", "holder": "m-191212121212"}, "holder"),
    ):
        answer = world.post("administrator", "/v1/keys", wanted)
        assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == field, answer.text
    own = world.post("administrator", "/v1/keys", {"role": "administrator", "holder": "admin-01"})
    assert (own.status_code, own.json()["type"]) == (409, "urn:nspl-opt:problem:L201")
