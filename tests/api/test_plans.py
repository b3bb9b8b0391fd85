"""Plans over HTTP: lists in pages, conditional reads, tables, files, two people, what a region sees."""

import csv
import io
import json
import re

import highspy
import openpyxl
import pytest

from api.routes.exports import _cell
from nspl_opt.store import tables
from tests.api.world import add_plan, draft, publish


def test_lists_come_in_pages_that_lead_on(world, planned):
    made = [add_plan(world.store, planned, f"case-{number}") for number in range(5)]
    found, after = [], ""
    while True:
        page = world.get("secretariat", f"/v1/plans?limit=2&after={after}").json()
        assert len(page["plans"]) <= 2
        found += [one["id"] for one in page["plans"]]
        if (after := page["next"]) is None:
            break
    assert found == made[::-1]


def test_what_has_not_changed_is_not_sent_again(world, plan_id):
    path = f"/v1/plans/{plan_id}"
    first = world.get("secretariat", path)
    again = world.get("secretariat", path, If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    world.post("secretariat", f"{path}/publish")
    assert world.get("secretariat", path, If_None_Match=first.headers["etag"]).status_code == 200


def test_a_table_has_its_columns_units_and_pages(world, plan_id, planned):
    page = world.get("secretariat", f"/v1/plans/{plan_id}/tables/census?limit=3").json()
    assert page["columns"][0] == {"name": "period", "kind": "whole", "unit": ""}
    assert len(page["rows"]) == 3 and page["next"]
    rows, after = list(page["rows"]), page["next"]
    while after:
        page = world.get("secretariat", f"/v1/plans/{plan_id}/tables/census?limit=200&after={after}").json()
        rows, after = [*rows, *page["rows"]], page["next"]
    assert len(rows) == len(planned.checked.opened.plan.tables["census"])
    for table in ("nothing", "plan", "inputs"):
        assert world.get("secretariat", f"/v1/plans/{plan_id}/tables/{table}").status_code == 404


def test_publishing_takes_two_people_and_offers_the_lines(world, plan_id):
    path = f"/v1/plans/{plan_id}"
    assert world.post("secretariat", f"{path}/publish").json()["state"] == "publish_asked"
    alone = world.post("secretariat", f"{path}/publish")
    assert (alone.status_code, alone.json()["type"]) == (409, "urn:nspl-opt:problem:L205")
    done = world.post("secretariat_2", f"{path}/publish", {"note": "granskad"})
    assert done.json()["state"] == "published"
    lines = world.get("secretariat", "/v1/regions/18/recommendations").json()["lines"]
    assert lines and {one["state"] for one in lines} == {"offered"}
    assert world.post("secretariat", f"{path}/publish").status_code == 409
    asked = world.post("secretariat", f"{path}/withdraw").json()
    assert asked["state"] == "published" and asked["withdraw_asked_by"]
    assert world.post("secretariat", f"{path}/withdraw").status_code == 409
    assert world.post("secretariat_2", f"{path}/withdraw").json()["state"] == "withdrawn"
    assert world.get("decision_17", path).status_code == 404
    gone = world.get("secretariat", "/v1/regions/18/recommendations?open_only=true").json()["lines"]
    assert gone == []


def test_a_note_with_a_personal_number_is_refused(world, plan_id):
    answer = world.post("secretariat", f"/v1/plans/{plan_id}/publish", {"note": "ring 19121212-1212"})
    assert answer.status_code == 422 and "1212" not in answer.text


def test_a_region_sees_its_own_rows_and_who_is_at_the_other_end(world, plan_id):
    publish(world, plan_id, draft())
    head = world.get("decision_17", f"/v1/plans/{plan_id}").json()
    whole = world.get("secretariat", f"/v1/plans/{plan_id}").json()
    assert head["commitment"] == whole["commitment"] and "run_id" not in head
    moved = world.get("decision_17", f"/v1/plans/{plan_id}/tables/transfers").json()["rows"]
    assert moved and all("17" in (row["from_region"], row["to_region"]) for row in moved)
    own = world.get("decision_17", f"/v1/plans/{plan_id}/tables/census").json()["rows"]
    assert own and {row["region"] for row in own} == {"17"}
    assert world.get("decision_17", f"/v1/plans/{plan_id}/tables/rules").status_code == 404
    sums = world.get("decision_17", "/v1/national").json()
    assert sums["plan_id"] == plan_id and not {"region", "regions"} & set(sums)
    assert all("region" not in one for one in (*sums["categories"], *sums["staff"]))


def test_national_figures_are_shown_to_observers_for_a_while(world, plan_id):
    assert world.get("observer", "/v1/national").status_code == 404
    publish(world, plan_id, draft())
    told = world.get("observer", "/v1/national").json()
    assert all(one["patients_moved"] is None or one["patients_moved"] not in range(1, 5) for one in told["categories"])
    assert world.get("observer", f"/v1/plans/{plan_id}/export?format=json").json() == told
    world.clock.move(hours=49)
    assert world.get("observer", "/v1/national").status_code == 404
    assert world.get("secretariat", "/v1/national").status_code == 200


def test_every_form_of_export_can_be_read_and_is_audited(world, plan_id):
    got = {
        form: world.get("secretariat", f"/v1/plans/{plan_id}/export?format={form}")
        for form in ("json", "csv", "xlsx", "geojson", "mps")
    }
    assert {answer.status_code for answer in got.values()} == {200}
    assert got["json"].json()["plan"]["marking"] == "open"
    rows = list(csv.DictReader(io.StringIO(got["csv"].content.decode("utf-8-sig"))))
    assert rows and rows[0]["marking"] == "open"
    assert openpyxl.load_workbook(io.BytesIO(got["xlsx"].content)).sheetnames
    shapes = got["geojson"].json()
    assert {one["geometry"]["type"] for one in shapes["features"]} == {"LineString", "Point"}
    assert got["mps"].text.startswith("NAME") and "INTORG" in got["mps"].text
    with world.store.read() as read:
        rows = read.execute(tables.audit.select().where(tables.audit.c.action == "export_plan")).all()
    assert [json.loads(row.detail)["format"] for row in rows] == list(got)
    assert all("attachment" in answer.headers["content-disposition"] for answer in got.values())


def test_a_region_gets_files_of_its_own_rows_only(world, plan_id):
    publish(world, plan_id, draft())
    told = world.get("decision_17", f"/v1/plans/{plan_id}/export?format=json").json()["tables"]
    assert {row["region"] for name in ("census", "load", "ledger") for row in told[name]} == {"17"}
    assert world.get("decision_17", f"/v1/plans/{plan_id}/export?format=csv&table=load").status_code == 200
    for form in ("xlsx", "geojson", "mps"):
        assert world.get("decision_17", f"/v1/plans/{plan_id}/export?format={form}").status_code == 422


def test_the_report_and_the_comparison_need_nothing_from_elsewhere(world, plan_id):
    page = world.get("secretariat", f"/v1/plans/{plan_id}/report", Accept_Language="en")
    assert page.status_code == 200 and "default-src 'none'" in page.headers["content-security-policy"]
    assert not _fetched(page.text)
    docs = world.get("administrator", "/docs")
    assert not _fetched(docs.text) and "<script" not in docs.text
    assert 'id="AnswerSent"' in docs.text and "ÖVNING" not in docs.text
    linked = set(re.findall(r'href="#([^"]+)"', docs.text))
    assert linked and linked <= set(re.findall(r'id="([^"]+)"', docs.text))
    found = world.get("secretariat", f"/v1/plans/{plan_id}/compare/{plan_id}").json()
    assert found["comparison"]["causes"] == {"files": [], "grid": False, "level": False, "options": []}


def _fetched(page):
    """What a page would load from elsewhere."""
    return re.findall(
        r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//[^\"']*|url\(\s*[\"']?(?:https?:)?//|@import", page
    )


def test_an_exercise_says_so_everywhere(tmp_path, planned, planned_exercise):
    from tests.api.world import new_world

    with new_world(tmp_path, "exercise", planned.reference) as world:
        plan_id = add_plan(world.store, planned_exercise)
        assert "-x-" in plan_id
        assert world.post("exercise_lead", f"/v1/plans/{plan_id}/publish").json()["state"] == "published"  # alone
        for who, path in (
            ("secretariat", f"/v1/plans/{plan_id}"),
            ("decision_18", "/v1/regions/18/recommendations"),
            ("observer", "/v1/national"),
            (None, "/health"),
            ("decision_17", "/v1/regions/18/capacity"),
        ):
            answer = world.get(who, path)
            assert answer.headers["x-nspl-realm"] == "exercise"
            if answer.status_code == 200 and path != "/health":
                assert "exercise" in answer.text
        table = world.get("secretariat", f"/v1/plans/{plan_id}/export?format=csv").content.decode("utf-8-sig")
        assert all(line.endswith(",ÖVNING") for line in table.splitlines()[1:])


@pytest.fixture
def exercise(tmp_path_factory, planned, planned_exercise):
    from tests.api.world import new_world

    with new_world(tmp_path_factory.mktemp("exercise"), "exercise", planned.reference) as world:
        plan_id = add_plan(world.store, planned_exercise)
        publish(world, plan_id, draft())
        yield world, plan_id


def test_every_file_of_an_exercise_says_so_in_itself_and_in_its_name(exercise):
    world, plan_id = exercise
    got = {}
    for form in ("json", "csv", "xlsx", "geojson", "mps"):
        got[form] = world.get("exercise_lead", f"/v1/plans/{plan_id}/export?format={form}")
        assert f'filename="ovning-{plan_id}.' in got[form].headers["content-disposition"]
    assert got["json"].json()["mark"] == "ÖVNING"
    shapes = got["geojson"].json()
    assert {one["properties"]["mark"] for one in (shapes, *shapes["features"])} == {"ÖVNING"}
    model = got["mps"].content.decode().splitlines()
    assert (model[0], model[1].split()) == ("* ÖVNING", ["NAME", "OVNING"]) and model[-1] == "ENDATA"
    sheets = openpyxl.load_workbook(io.BytesIO(got["xlsx"].content)).worksheets
    assert all(any("ÖVNING" in str(cell.value) for cell in sheet[1]) for sheet in sheets)
    for who in ("decision_17", "observer"):
        for form in ("json", "csv"):
            answer = world.get(who, f"/v1/plans/{plan_id}/export?format={form}")
            assert "ÖVNING" in answer.text and "ovning-" in answer.headers["content-disposition"], (who, form)
    assert "ÖVNING" in world.get("exercise_lead", f"/v1/plans/{plan_id}/report").text


def test_the_model_of_an_exercise_can_still_be_read_by_a_solver(exercise, tmp_path):
    world, plan_id = exercise
    file = tmp_path / "model.mps"
    file.write_bytes(world.get("exercise_lead", f"/v1/plans/{plan_id}/export?format=mps").content)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(file)) == highspy.HighsStatus.kOk and highs.getNumCol() > 0


def test_every_answer_of_an_exercise_is_marked_once_and_none_of_a_live_store(exercise, world):
    drill, plan_id = exercise
    asked = {"side": "take", "what": "icu_general", "amount": 4, "from_time": "2027-01-11T06:00",
             "to_time": "2027-01-12T06:00"}  # fmt: skip
    path, token = "/v1/regions/17/capacity", "twice-the-same"
    given = [drill.post("decision_17", path, asked, Idempotency_Key=token) for _ in range(2)]
    assert given[0].content == given[1].content and given[1].headers["idempotent-replay"]
    scenario = drill.get("exercise_lead", "/v1/scenarios").json()["scenarios"][0]["id"]
    for who, path in (
        ("exercise_lead", f"/v1/plans/{plan_id}"), ("decision_17", f"/v1/plans/{plan_id}"),
        ("decision_17", "/v1/plans"),
        ("exercise_lead", f"/v1/plans/{plan_id}/tables/transfers"), ("observer", "/v1/national"),
        ("exercise_lead", f"/v1/plans/{plan_id}/compare/{plan_id}"), ("exercise_lead", "/v1/runs"),
        ("exercise_lead", f"/v1/scenarios/{scenario}"), ("decision_17", "/v1/regions/17/capacity"),
        ("decision_17", "/v1/regions/17/recommendations"), ("decision_17", "/v1/regions/17/recommendations"),
        ("exercise_lead", "/v1/help-requests"), ("administrator", "/v1/keys"), (None, "/health"),
    ):  # fmt: skip
        given.append(drill.get(who, path))
    for answer in given:
        assert answer.is_success and answer.text.startswith('{"mark":"ÖVNING",'), answer.text
        assert answer.text.count('"mark":') == 1
    assert "mark" not in world.get("secretariat", "/v1/plans").json()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\u00a0=", "＝", "＋", "－", "＠", "\n="])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start):
    assert _cell(f"{start}1+1").startswith("'")


def test_numbers_and_plain_text_stay_as_they_are():
    assert [_cell(value) for value in (-3, -0.5, True, None, "Malmö - Ystad", "a=b")] == [
        "-3", "-0.5", "true", "", "Malmö - Ystad", "a=b",
    ]  # fmt: skip
