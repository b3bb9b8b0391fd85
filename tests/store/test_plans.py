"""Plans: verified before they are stored, published by two people, offered as lines, never removed."""

import json
import shutil
import zipfile

import pytest
from sqlalchemy import select

from nspl_opt.plan.folder import read_plan
from nspl_opt.problems import InvalidInput
from nspl_opt.store import agreements, archive, lines, plans, runs, scenarios, tables
from nspl_opt.store.canonical import sha256_of
from nspl_opt.store.drafts import carried_on, draft_lines
from nspl_opt.store.errors import NotThere, Refused, Stale, Unfit, Unsound
from tests.store.small import LEAD, STAFF, add_small_plan, decision_maker


def test_the_same_folder_is_packed_to_the_same_bytes_and_comes_back_whole(small, tmp_path):
    again = shutil.copytree(small.folder, tmp_path / "copy")
    (again / "report.sv.html").write_text("beside the plan")
    assert archive.pack(again) == archive.pack(small.folder) == small.checked.content
    back = archive.unpack(small.checked.content, tmp_path / "back")
    assert read_plan(back).goals == read_plan(small.folder).goals
    assert archive.pack(back) == small.checked.content
    assert not (back / "report.sv.html").exists()


def test_a_plan_is_stored_with_the_stamp_of_its_check(store, small, plan_id, tmp_path):
    with store.read() as connection:
        facts = plans.find(connection, plan_id)
        folder = plans.write_folder(connection, plan_id, tmp_path / "plan")
    assert facts.check_report["ok"] and facts.check_report["rules"] > 10
    assert (facts.state, facts.version, facts.marking) == ("draft", 0, "exercise")
    assert facts.manifest_sha256 == sha256_of((folder / "manifest.json").read_bytes())
    assert read_plan(folder).goals == small.checked.opened.plan.goals


def test_a_plan_that_breaks_a_rule_is_refused(small, tmp_path):
    spoilt = shutil.copytree(small.folder, tmp_path / "spoilt")
    table = (spoilt / "transfers.csv").read_text("utf-8").splitlines()
    place = table[0].split(",").index("patients")
    cells = table[1].split(",")
    cells[place] = str(int(float(cells[place])) + 1)
    (spoilt / "transfers.csv").write_text("\n".join([table[0], ",".join(cells), *table[2:]]) + "\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="P203"):
        plans.check_plan(spoilt)
    manifest = json.loads((spoilt / "manifest.json").read_text("utf-8"))
    manifest["files"]["transfers.csv"] = sha256_of((spoilt / "transfers.csv").read_bytes())
    (spoilt / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(Refused, match="L203"):
        plans.check_plan(spoilt)


def test_a_plan_of_another_scenario_or_of_fewer_rules_is_refused(store, small):
    files = dict(small.scenario.files)
    files["demand.csv"] = files["demand.csv"].replace("60", "61")
    other = scenarios.check_scenario(files)
    fewer = small.model.replace("[families.capability]\n", "", 1)

    def add(scenario, model):
        def run(work):
            ids = scenarios.add_scenario(work, "other", scenario), scenarios.add_model(work, "other", model)
            plans.add_plan(work, runs.ask(work, *ids), small.checked)

        return run

    for scenario, model in ((other, small.model), (small.scenario, fewer)):
        with pytest.raises(Refused, match="L204"):
            store.run_write(add(scenario, model), LEAD, "plan.add")
    with store.read() as connection:
        assert plans.count(connection) == 0


def test_a_run_has_one_plan(store, small, plan_id):
    with store.read() as connection:
        run = plans.find(connection, plan_id).run_id
    with pytest.raises(Stale):
        store.run_write(lambda work: plans.add_plan(work, run, small.checked), LEAD, "plan.add")


def test_two_people_of_the_secretariat_publish_a_plan(store, plan_id):
    def publish(actor):
        return store.run_write(lambda work: plans.publish(work, plan_id), actor, "plan.publish", plan_id)

    assert publish(STAFF[0]) == "publish_asked"
    with pytest.raises(Refused, match="L205"):
        publish(STAFF[0])
    assert publish(STAFF[1]) == "published"
    with pytest.raises(Refused, match="L202"):
        publish(STAFF[0])


def test_two_people_of_the_secretariat_withdraw_a_plan_and_it_stands_until_the_second(store, plan_id):
    def write(function, actor):
        return store.run_write(lambda work: function(work, plan_id), actor, "plan", plan_id)

    assert [write(plans.publish, one) for one in STAFF[:2]] == ["publish_asked", "published"]
    assert write(plans.withdraw, STAFF[0]) == "withdraw_asked"
    with store.read() as connection:
        facts = plans.find(connection, plan_id)
    assert (facts.state, facts.withdraw_asked_by) == ("published", STAFF[0].holder)
    with pytest.raises(Refused, match="L205"):
        write(plans.withdraw, STAFF[0])
    assert write(plans.withdraw, STAFF[1]) == "withdrawn"
    with store.read() as connection:
        assert [event["kind"] for event in plans.events(connection, plan_id)] == [
            "publish_asked", "published", "withdraw_asked", "withdrawn",
        ]  # fmt: skip
        assert [facts.id for facts in plans.all_plans(connection, states=("published",))] == []
        assert plans.find(connection, plan_id).state == "withdrawn"


def test_the_lead_of_an_exercise_publishes_alone(store, plan_id):
    assert store.run_write(lambda work: plans.publish(work, plan_id), LEAD, "plan.publish", plan_id) == "published"


def test_what_a_plan_does_between_regions_becomes_lines_with_their_parties(store, small, plan_id):
    drafts = draft_lines(small.checked.opened)
    transfers = small.checked.opened.plan.table("transfers")
    whole = transfers[transfers["whole"] & (transfers["from_region"] != transfers["to_region"])]
    assert sum(draft.amount for draft in drafts if draft.kind == "patients") == whole["patients"].sum() > 0
    regions = {region.code for region in small.checked.opened.situation.regions}
    assert {draft.carrier for draft in drafts if draft.kind == "patients"} <= {*regions, "national"}
    for draft in drafts:
        assert draft.from_time.startswith("2027-01-1") and draft.from_time < draft.to_time
        assert draft.from_region != draft.to_region
        if draft.card:
            assert set(draft.card) == {"secretariat", "sender", "receiver", "carrier", "no"}
            assert all(name.startswith("sender_") or name.endswith("if_no") for name in draft.card["sender"])
            assert all(name.startswith("receiver_") or name.endswith("if_no") for name in draft.card["receiver"])
    with pytest.raises(Refused, match="L206"):
        store.run_write(lambda work: lines.make_lines(work, plan_id, drafts), LEAD, "plan.publish", plan_id)

    def publish(work):
        plans.publish(work, plan_id)
        return lines.make_lines(work, plan_id, drafts)

    made = store.run_write(publish, LEAD, "plan.publish", plan_id)
    with store.read() as connection:
        stored = lines.lines_of_plan(connection, plan_id)
    assert [line.id for line in stored] == made
    assert {line.state for line in stored} == {"offered"}
    assert [line.card for line in stored] == [draft.card for draft in drafts]


def test_what_is_answered_stands_as_agreements_in_the_next_scenario(store, small, plan_id, offer):
    from nspl_opt.store.answers import Answer, answer_line

    drafts = draft_lines(small.checked.opened)[:2]
    assert len(drafts) == 2
    ids = offer(*drafts)
    for region in dict.fromkeys((drafts[0].from_region, drafts[0].to_region, drafts[0].carrier)):
        # The lead of the exercise plays the regions.
        def accept(work, region=region):
            version = lines.find(work.connection, ids[0]).version
            return answer_line(work, ids[0], Answer("accept", amount=1), version, on_behalf=region)

        accepted = store.run_write(accept, LEAD, "line.answer", ids[0])
    decliner = decision_maker(drafts[1].to_region)
    no = Answer("decline", reason="no_staffed_capacity")
    store.run_write(lambda work: answer_line(work, ids[1], no, 1), decliner, "line.answer", ids[1])
    with store.read() as connection:
        files = agreements.files_with_lines(connection, plan_id, small.scenario)
    again = scenarios.check_scenario(files)
    assert accepted.agreed == 1
    rows = {row.code: row for row in again.scenario.extra["agreements"]}
    assert (rows[ids[0]].state, rows[ids[0]].amount_micro) == ("accepted", 1_000_000)
    assert (rows[ids[1]].state, rows[ids[1]].reason) == ("declined", "no_staffed_capacity")


def test_a_new_plan_supersedes_what_nobody_promised(store, small, plan_id, offer):
    from nspl_opt.store.answers import Answer, answer_line
    from tests.store.small import draft

    first, second = offer(draft("one", carrier="17"), draft("two", carrier="17"))
    for region in ("17", "18"):

        def accept(work):
            version = lines.find(work.connection, first).version
            return answer_line(work, first, Answer("accept", amount=5), version)

        store.run_write(accept, decision_maker(region), "line.answer", first)
    later = add_small_plan(store, small, based_on=plan_id)
    ended = store.run_write(lambda work: lines.end_open(work, later), LEAD, "plan.publish", later)
    assert ended == [second]
    assert store.run_write(lambda work: lines.end_open(work, plan_id), LEAD, "plan.publish", plan_id) == []
    with store.read() as connection:
        assert [lines.find(connection, one).state for one in (first, second)] == ["accepted", "superseded"]
    assert carried_on(small.checked.opened) == {}


def test_a_changed_archive_is_found_when_it_is_read(store, small, plan_id, monkeypatch):
    row = {"plan_id": plan_id, "zip": small.checked.content + b"x", "sha256": sha256_of(small.checked.content)}

    class Changed:
        def execute(self, _query):
            return self

        def one_or_none(self):
            return type("Row", (), row)

    with pytest.raises(Unfit, match="L108"):
        plans.read_archive(Changed(), plan_id)
    with store.read() as connection, pytest.raises(NotThere):
        plans.read_archive(connection, "plan-x-0")


@pytest.mark.parametrize("name", ["../out", "/etc/x", "a/../../b", "a\\b"])
def test_an_archive_that_leads_out_of_its_folder_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr(name, b"x")
    with pytest.raises(Unfit, match="L108"):
        archive.unpack((tmp_path / "x.zip").read_bytes(), tmp_path / "out")
    with pytest.raises(Unfit, match="L108"):
        archive.unpack(b"no zip", tmp_path / "other")


def test_scenarios_and_models_keep_their_versions(store, small, tmp_path):
    files = dict(small.scenario.files)
    changed = scenarios.check_scenario(files | {"demand.csv": files["demand.csv"].replace("60", "61")})
    ids = [
        store.run_write(lambda work, one=one: scenarios.add_scenario(work, "small", one), LEAD, "scenario.add")
        for one in (small.scenario, small.scenario, changed)
    ]
    assert ids[0] == ids[1] != ids[2]
    with store.read() as connection:
        assert [row.version for row in scenarios.latest_versions(connection)] == [2]
        assert scenarios.scenario_files(connection, ids[0]) == files
        folder = scenarios.write_scenario(connection, ids[2], tmp_path / "scenario")
        with pytest.raises(NotThere):
            scenarios.find_scenario(connection, "scenario-x-0")
    assert scenarios.folder_texts(folder) == dict(changed.files)


def test_a_store_for_exercises_takes_exercises_only(store, small):
    files = dict(small.scenario.files)
    real = scenarios.check_scenario(
        files | {"scenario.toml": files["scenario.toml"].replace('"exercise"', '"open"', 1)}
    )
    with pytest.raises(Unsound, match="marking"):
        store.run_write(lambda work: scenarios.add_scenario(work, "real", real), LEAD, "scenario.add")


def test_a_scenario_with_other_files_or_names_is_refused(store, small):
    for files in ({}, {"../scenario.toml": ""}, dict(small.scenario.files) | {"x.sh": ""}):
        with pytest.raises(Unsound):
            scenarios.check_scenario(files)
    with pytest.raises(Unsound, match="name"):
        store.run_write(lambda work: scenarios.add_scenario(work, "../x", small.scenario), LEAD, "scenario.add")
    with pytest.raises(InvalidInput, match="M"):
        scenarios.check_model("[families.no_such]")


def test_a_run_goes_its_way_once(store, small, plan_id):
    with store.read() as connection:
        done = plans.find(connection, plan_id).run_id
        assert runs.find(connection, done).plan_id == plan_id
        assert [event["state"] for event in runs.events(connection, done)] == ["queued", "running", "done"]
        assert runs.unfinished(connection) == []
    with pytest.raises(Refused, match="L202"):
        store.run_write(lambda work: runs.tell(work, done, "running"), LEAD, "run.tell")
    with store.read() as connection:
        scenario, model = connection.execute(select(tables.runs.c.scenario_id, tables.runs.c.model_id)).one()
    more = [store.run_write(lambda work: runs.ask(work, scenario, model), LEAD, "run.ask") for _ in range(3)]
    with store.read() as connection:
        assert [run.id for run in runs.all_runs(connection, limit=2)] == more[:0:-1]
        assert [run.id for run in runs.all_runs(connection, after=more[1])] == [more[0], done]
        assert [run.id for run in runs.unfinished(connection)] == more
    for wrong in ({"level": "country"}, {"time_limit_s": 0}):
        with pytest.raises(Unsound):
            store.run_write(lambda work, wrong=wrong: runs.ask(work, scenario, model, **wrong), LEAD, "run.ask")
    for ids in (("scenario-x-0", model), (scenario, "model-x-0")):
        with pytest.raises(NotThere):
            store.run_write(lambda work, ids=ids: runs.ask(work, *ids), LEAD, "run.ask")
    with pytest.raises(NotThere):
        store.run_write(lambda work: runs.ask(work, scenario, model, based_on="plan-x-0"), LEAD, "run.ask")
