"""The client, over a real connection: the story of docs/api.md, and what it does for its user on the way."""

import http.server
import importlib.util
import json
import threading
from pathlib import Path

import pytest

from nspl_opt.client import Client, ServiceError
from nspl_opt.store import backup
from tests.api.serving import served
from tests.api.test_story import FORM
from tests.api.world import REGIONS, draft, publish

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def address(world):
    with served(world.app) as found:
        yield found


@pytest.fixture
def as_caller(world, address):
    """``as_caller("decision_17")``: a client with the key of that caller."""
    opened = []

    def open_client(who: str, **more) -> Client:
        opened.append(Client(address, world.key(who), **more))
        return opened[-1]

    yield open_client
    for client in opened:
        client.close()


def test_a_region_asks_the_secretariat_plans_two_regions_answer_and_the_plan_is_made_anew(working, planned):
    callers = ("secretariat", "secretariat_2", *(f"decision_{region}" for region in REGIONS))
    keys = {who: working.key(who) for who in callers}
    with served(working.app) as address:
        everybody = {who: Client(address, key) for who, key in keys.items()}
        try:
            _tell_the_story(everybody, planned)
        finally:
            for client in everybody.values():
                client.close()
    with working.store.read() as connection:  # what runs leave is whole: it may be verified, and brought back
        assert backup.look_through(connection) == []


def _tell_the_story(everybody, planned):
    lead, second = everybody["secretariat"], everybody["secretariat_2"]
    asked = everybody["decision_18"].help_request(FORM)
    assert asked["state"] == "submitted"
    taken = lead.step_help_request(lead.help_requests()[0], "acknowledged")
    assert (taken["id"], taken["state"]) == (asked["id"], "acknowledged")
    scenario = lead.add_scenario("many-ill", planned.files)
    model = lead.add_model("national", planned.model)
    assert [one["id"] for one in lead.scenarios() + lead.models()] == [scenario["id"], model["id"]]

    heard = []
    first = lead.run(scenario["id"], model["id"], heard.append, time_limit_s=20)
    assert first["state"] == "done", first
    assert heard and [news["seq"] for news in heard] == sorted({news["seq"] for news in heard})
    assert lead.publish(first["plan_id"])["state"] == "publish_asked"
    with pytest.raises(ServiceError) as alone:
        lead.publish(first["plan_id"])
    assert alone.value.status == 409 and alone.value.words
    assert second.publish(first["plan_id"])["state"] == "published"

    accepted, declined = _answer_two(everybody)
    again = lead.run(scenario["id"], model["id"], time_limit_s=20, based_on=first["plan_id"])
    kept = {row["id"]: row for row in lead.table(again["plan_id"], "agreements")}
    assert kept[accepted["id"]]["state"] == "accepted"
    assert kept[declined["id"]]["state"] == "declined"
    assert {one["state"] for one in lead.compare(first["plan_id"], again["plan_id"])["answers"]} >= {"accepted"}
    assert json.loads(lead.export(again["plan_id"]))["tables"]["transfers"]
    assert lead.export(again["plan_id"], "csv").startswith(b"\xef\xbb\xbf")
    assert {one["id"] for one in lead.plans()} == {first["plan_id"], again["plan_id"]}
    seen = lead.what_if(first["plan_id"], {"lever": "beds", "place": "18", "what": "icu", "change": "+2"})
    assert seen["state"] == "done", seen


def _answer_two(everybody):
    """Each party says yes to the first line, the receiver no to a line that goes elsewhere."""
    lines = everybody["secretariat"].recommendations("18")
    accepted = lines[0]
    for region in {accepted[name] for name in ("from_region", "to_region", "carrier")} & set(REGIONS):
        own = everybody[f"decision_{region}"]
        line = next(one for one in own.recommendations(region) if one["id"] == accepted["id"])
        own.answer(region, line, "accept")
    declined = next(one for one in lines if one["to_region"] != accepted["to_region"])
    receiver = everybody[f"decision_{declined['to_region']}"]
    said = receiver.answer(declined["to_region"], declined, "decline", reason="no_staffed_capacity")
    assert said["state"] == "declined"
    with pytest.raises(ServiceError) as late:
        receiver.answer(declined["to_region"], declined, "accept")
    assert late.value.status == 412
    return accepted, declined


def test_what_has_not_changed_is_not_sent_twice(as_caller, plan_id):
    lead, statuses = as_caller("secretariat"), []
    lead._http.event_hooks["response"].append(lambda answer: statuses.append(answer.status_code))
    first = lead.plan(plan_id)
    assert lead.plan(plan_id) == first
    lead.publish(plan_id)
    assert lead.plan(plan_id)["state"] == "publish_asked"
    assert statuses == [200, 304, 200, 200]


def test_a_list_comes_whole_and_a_key_is_shown_once(world, as_caller, plan_id):
    publish(world, plan_id, *(draft(f"n{number}") for number in range(230)))
    assert len({line["id"] for line in as_caller("decision_17").recommendations("17")}) == 230
    chief = as_caller("administrator")
    made = chief.issue_key("region_operator", "region-17-op", "17")
    assert made["key"] and made["key"] not in json.dumps(chief.keys())
    assert chief.revoke_key(made["id"])["revoked"]
    listed = chief.keys()
    assert made["id"] in {one["id"] for one in listed if one["revoked_at"]}


def test_the_example_of_a_region_s_desk_shows_what_is_open_and_answers_it(world, address, plan_id, capsys):
    publish(world, plan_id, draft("n1"), draft("n2", receiver="19"))
    spec = importlib.util.spec_from_file_location("region_desk", EXAMPLES / "region_desk.py")
    desk = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(desk)
    key = world.key("decision_18")
    assert desk.main(["18"], address, key) == 0
    told = capsys.readouterr().out
    assert told.startswith("1. Ni tar emot: 5 patienter (intensivvård, allmän) från Region Värmland till Region Örebro")
    assert "\n2. " not in told and "Läge: erbjudet." in told and "hann inte räknas ut" in told
    for wrong, words in (
        (["1", "decline"], "Ett nej behöver ett skäl, ett av: own_kat"), (["1", "decline", "tired"], "no_staffed_cap"),
        (["2", "accept"], "ange 1 till 1"), (["x", "accept"], "ingen rad x"), (["1", "maybe"], "ett av: accept"),
        (["1", "accept", "-3"], "siffror"),
    ):  # fmt: skip
        assert desk.main(["18", *wrong], address, key) == 1
        assert words in capsys.readouterr().err
    assert desk.main(["18", "1", "confirm"], address, key) == 1
    assert "inget förslag" in capsys.readouterr().err
    assert desk.main(["18", "1", "accept", "3"], address, world.key("operator_18")) == 0
    assert capsys.readouterr().out.startswith("Förslaget är sparat.")
    assert desk.main(["18"], address, key) == 0
    assert "Förslag (tar emot): accept 3, av region-18-op 20" in capsys.readouterr().out
    assert desk.main(["18", "1", "confirm"], address, key) == 0
    assert capsys.readouterr().out.startswith("Svaret är sparat.")
    assert desk.main(["17"], address, key) == 1
    assert "Finns inte" in capsys.readouterr().err


def test_a_region_states_its_figure_with_the_times_it_holds_for(as_caller):
    region, times = as_caller("decision_18"), ("2027-01-11T06:00", "2027-01-12T06:00")
    assert region.state_capacity("18", "take", "icu_general", 4, *times)["left"] == 4
    with pytest.raises(ServiceError) as jump:
        region.state_capacity("18", "take", "icu_general", 40, *times)
    assert jump.value.errors[0]["field"] == "body.amount"
    assert region.state_capacity("18", "take", "icu_general", 40, *times, confirmed=True)["version"] == 2


def test_a_refusal_is_told_in_the_language_asked_for_with_what_was_wrong(as_caller):
    with pytest.raises(ServiceError) as swedish:
        as_caller("decision_17").models()
    with pytest.raises(ServiceError) as english:
        as_caller("decision_17", language="en").models()
    assert (swedish.value.code, swedish.value.status, english.value.words) == (
        "forbidden", 403, "The role may not do this",
    )  # fmt: skip
    assert swedish.value.words == "Rollen får inte göra detta"
    with pytest.raises(ServiceError) as wrong:
        as_caller("secretariat").add_model("Stora Namn", "")
    assert (wrong.value.status, wrong.value.errors[0]["field"]) == (422, "body.name")


def test_a_key_goes_nowhere_unprotected_and_is_not_shown():
    for address in ("http://example.org", "http://192.0.2.1:8000", "ftp://127.0.0.1", "127.0.0.1:8000"):
        with pytest.raises(ValueError):
            Client(address, "nspl_l_secret")
    with Client("https://example.org", "nspl_l_secret") as client:
        assert "secret" not in repr(client) + repr(vars(client))


def test_a_change_that_got_lost_on_the_way_is_sent_again_with_the_same_token(monkeypatch):
    with _stand_in([503, 0, 200]) as (address, heard), Client(address, "key") as client:
        monkeypatch.setattr("nspl_opt.client.time.sleep", lambda _: None)
        assert client.publish("plan-l-1") == {"told": 3}
    assert len(heard) == 3 and len({one["Idempotency-Key"] for one in heard}) == 1


def test_who_cannot_be_reached_or_does_not_speak_our_language_is_told(monkeypatch):
    monkeypatch.setattr("nspl_opt.client.time.sleep", lambda _: None)
    with _stand_in([502]) as (address, _), Client(address, "key") as client, pytest.raises(ServiceError) as odd:
        client.plans()
    assert (odd.value.code, odd.value.status) == ("unreadable", 502)
    with _stand_in([0] * 5) as (address, heard), Client(address, "key") as client, pytest.raises(ServiceError) as gone:
        client.plans()
    assert (gone.value.code, gone.value.status, len(heard)) == ("unreachable", 0, 5)
    with _stand_in([0]) as (address, heard), Client(address, "key") as client, pytest.raises(ServiceError):
        client.issue_key("observer", "myndighet-01")
    assert len(heard) == 1  # a key is not issued twice


class _stand_in:
    """A server that gives these statuses in turn; 0 hangs up without an answer."""

    def __init__(self, statuses):
        heard = self.heard = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                heard.append(dict(self.headers))
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status = statuses[len(heard) - 1]
                if status:
                    self.send_response(status)
                    self.send_header("Retry-After", "1")
                    self.end_headers()
                    self.wfile.write(json.dumps({"told": len(heard)}).encode())

            do_POST = do_GET

            def log_message(self, *_):
                """Nothing is written."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_port}", self.heard

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)
