"""Who may do what: every actor, every operation, every relation to the object. The table here is written from the
rules and not from ``permissions.toml``; a way in that is missing from either fails."""

import pytest
from fastapi import FastAPI
from starlette.routing import Route

from api.permissions import load_operations
from api.routing import add_routes, functions
from nspl_opt.store import help_requests, keys, plans, tables, what_ifs
from nspl_opt.store.actor import LOCAL, Actor
from tests.api.test_story import FORM
from tests.api.world import add_plan, draft, new_world, publish

COLUMNS = ("secretariat", "operator_17", "decision_17", "exercise_lead", "observer", "administrator")
TABLE = """
health                S R D E O A
metrics               S . . . . A
docs                  S . . . . A
openapi               S . . . . A
list_scenarios        S R D E . .
add_scenario          S . . E . .
read_scenario         S R D E . .
list_models           S . . E . .
add_model             S . . E . .
read_model            S . . E . .
start_run             S . . E . .
list_runs             S . . E . .
read_run              S . . E . .
follow_run            S . . E . .
cancel_run            S . . E . .
list_plans            S R D E . .
read_plan             S R D E . .
read_table            S R D E . .
export_plan           S R D E O .
compare_plans         S . . E . .
read_report           S . . E . .
publish_plan          S . . E . .
withdraw_plan         S . . E . .
read_national         S R D E O .
list_recommendations  S R D E . .
answer_line           S R D E . .
list_capacity         S R D E . .
state_capacity        S R D E . .
list_help_requests    S R D E . .
help_request_form     S R D E . .
add_help_request      . R D E . .
read_help_request     S R D E . .
step_help_request     S R D E . .
ask_what_if           S R D E . .
read_what_if          S R D E . .
cancel_what_if        S R D E . .
list_keys             . . . . . A
add_key               . . . . . A
revoke_key            . . . . . A
read_audit            S R D E . A
read_audit_head       S R D E O A
"""
MAY = {line.split()[0]: line.split()[1:] for line in TABLE.strip().splitlines()}
ABSENT = {
    "plan": "plan",
    "scenario": "scenario",
    "model": "model",
    "run": "run",
    "what_if": "whatif",
    "request": "help",
}
IN_EXERCISES = {name for name in MAY if name not in ("health", "read_audit_head")}
"""What the lead of an exercise may do only in a store for exercises."""


class Scene:
    """One service with something of everything in it; ids by relation to region 17."""

    def __init__(self, world, planned, realm):
        self.world, self.realm = world, realm
        self.letter = {"live": "l", "exercise": "x"}[realm]
        names = ("draft", "published", "to-do")
        draft_plan, self.plan, self.spare = (add_plan(world.store, planned, name) for name in names)
        lines = publish(world, self.plan, draft("own"), draft("other", "18", "19", "18"))
        self.ids = {
            "plan_id": {"own": self.plan, "other": draft_plan},
            "line": dict(zip(("own", "other"), lines, strict=True)),
            "region": {"own": "17", "other": "18"},
            "request_id": {"own": self._request("17"), "other": self._request("18")},
            "what_if_id": {"own": self._what_if("17"), "other": self._what_if("18")},
        }
        found = world.store.run_read(lambda read: plans.find(read, self.plan))
        other = world.store.run_read(lambda read: plans.find(read, draft_plan))
        self.ids |= {
            "scenario_id": {"own": found.scenario_id, "other": other.scenario_id},
            "model_id": {"own": found.model_id},
            "run_id": {"own": found.run_id},
            "key_id": {"own": self._spare_key()},
        }

    def _actor(self, region):
        return Actor(region * 6, "region_decision_maker", region, f"region-{region}")

    def _request(self, region):
        def act(work):
            made = help_requests.draft_request(work, FORM)
            help_requests.step_request(work, made, "submitted", 1)
            return made

        return self.world.store.run_write(act, self._actor(region), "help")

    def _what_if(self, region):
        changes = {"changes": [{"lever": "beds", "place": region}]}
        return self.world.store.run_write(
            lambda work: what_ifs.ask(work, self.plan, changes), self._actor(region), "what_if"
        )

    def _spare_key(self):
        issue = self.world.store.run_write(
            lambda work: keys.issue(work, "observer", None, "myndighet-09"), LOCAL, "key.issue"
        )
        return issue.id

    def ask(self, who, name, relation="own", **headers):
        """Ask for an operation about an object of the relation; bodies are sound as far as they go."""
        operation = load_operations()[name]
        given = {}
        for parameter in operation.parameters:
            found = self.ids.get(parameter, {"own": "transfers"} if parameter == "table" else {"own": self.plan})
            given[parameter] = found.get(relation, found["own"]) if relation != "absent" else self._absent(parameter)
        if name in ("publish_plan", "withdraw_plan"):
            given = {"plan_id": self.spare}
        path = operation.path.format(**given)
        path += "?format=csv" if name == "export_plan" else ""
        sent = {"If_Match": '"1"', "Idempotency_Key": f"{who}-{name}-{relation}"} | headers
        if operation.method == "GET":
            return self.world.get(who, path, **headers)
        return self.world.post(who, path, self._body(name, relation), **sent)

    def _absent(self, parameter):
        kind = ABSENT.get(parameter.removesuffix("_id").replace("other", "plan"), "")
        if kind:
            return f"{kind}-{self.letter}-{'0' * 32}"
        return {"region": "99", "table": "transfers"}.get(parameter, "0" * 12)

    def _body(self, name, relation):
        line = self.ids["line"].get(relation, f"line-{self.letter}-{'0' * 32}")
        return {
            "answer_line": {"line_id": line, "answer": "decline", "reason": "other"},
            "state_capacity": {
                "side": "take", "what": "icu_general", "amount": 4, "from_time": "2027-01-11T06:00",
                "to_time": "2027-01-12T06:00",
            },
            "add_help_request": {"form": FORM} | ({"requester": "17"} if self.realm == "exercise" else {}),
            "step_help_request": {"state": "acknowledged"},
        }.get(name, {})  # fmt: skip


@pytest.fixture(scope="module")
def scenes(tmp_path_factory, planned, planned_exercise):
    places = {realm: tmp_path_factory.mktemp(f"scene-{realm}") for realm in ("live", "exercise")}
    with (
        new_world(places["live"], "live", planned.reference) as live,
        new_world(places["exercise"], "exercise", planned.reference) as exercise,
    ):
        yield {"live": Scene(live, planned, "live"), "exercise": Scene(exercise, planned_exercise, "exercise")}


def _may(name, who, realm):
    if who == "exercise_lead" and realm == "live" and name in IN_EXERCISES:
        return False
    return MAY[name][COLUMNS.index(who)] != "."


SLOW = ("read_report", "compare_plans")  # asked for once where they are allowed, in test_plans.py


@pytest.mark.parametrize("realm", ["live", "exercise"])
@pytest.mark.parametrize("who", COLUMNS)
@pytest.mark.parametrize("name", MAY)
def test_a_role_may_do_what_the_table_says_and_nothing_else(scenes, realm, who, name):
    allowed = _may(name, who, realm)
    if allowed and name in SLOW:
        return
    status = scenes[realm].ask(who, name).status_code
    if allowed:
        assert status not in (401, 403, 404, 405, 500), f"{name} for {who} in {realm}: {status}"
    else:
        assert status == 403, f"{name} for {who} in {realm}: {status}"


OBJECTS = {
    "read_scenario": "scenario_id", "read_plan": "plan_id", "read_table": "plan_id", "export_plan": "plan_id",
    "list_recommendations": "region", "answer_line": "region", "list_capacity": "region", "state_capacity": "region",
    "read_help_request": "request_id", "step_help_request": "request_id", "read_what_if": "what_if_id",
    "cancel_what_if": "what_if_id",
}  # fmt: skip
"""Operations that a region may do, about an object that may be another's."""


@pytest.mark.parametrize("who", ["operator_17", "decision_17"])
@pytest.mark.parametrize("name", OBJECTS)
def test_what_is_anothers_looks_like_what_is_not_there_byte_for_byte(scenes, who, name):
    if MAY[name][COLUMNS.index(who)] == ".":
        assert scenes["live"].ask(who, name, "other").status_code == 403
        return
    other, absent = (scenes["live"].ask(who, name, relation) for relation in ("other", "absent"))
    assert (other.status_code, absent.status_code) == (404, 404)
    assert other.content == absent.content
    assert dict(other.headers) == dict(absent.headers)


@pytest.mark.parametrize("name", MAY)
def test_without_a_good_key_there_is_nothing(scenes, name):
    if name == "health":
        return
    scene = scenes["live"]
    store = scene.world.store
    revoked = store.run_write(lambda work: keys.issue(work, "secretariat", None, "kansli-07"), LOCAL, "key.issue")
    store.run_write(lambda work: keys.revoke(work, revoked.id), LOCAL, "key.revoke")
    foreign = scenes["exercise"].world.key("secretariat")
    tries = ["", "Bearer", "Bearer nspl_l_0_0", f"Bearer {revoked.text}", f"Bearer {foreign}", "Basic bmFtZTpub25l"]
    for number, sent in enumerate(tries):
        scene.world.address = f"10.9.{number}.{list(MAY).index(name)}"  # failures are counted by address
        assert scene.ask(None, name, Authorization=sent).status_code == 401


def test_a_key_past_its_time_is_refused(world):
    assert world.get("secretariat", "/v1/plans").status_code == 200
    world.clock.move(days=90)
    assert world.get("secretariat", "/v1/plans").status_code == 401


def test_a_revoked_key_is_refused_at_the_next_request(world):
    key_id = world.key("secretariat").split("_")[2]
    assert world.get("secretariat", "/v1/plans").status_code == 200
    assert world.post("administrator", f"/v1/keys/{key_id}/revoke").status_code == 200
    assert world.get("secretariat", "/v1/plans").status_code == 401


def test_the_table_lists_every_operation_and_no_other():
    assert list(MAY) == list(load_operations())
    assert set(MAY) == set(functions())


def test_every_way_in_is_an_operation(world):
    ways = {(method, route.path) for route in world.app.routes for method in (route.methods or ())}
    assert ways == {(one.method, one.path) for one in load_operations().values()}
    assert all(isinstance(route, Route) or hasattr(route, "operation_id") for route in world.app.routes)


def test_a_function_that_is_not_in_the_permissions_stops_the_start(world, monkeypatch):
    from api.routes import service

    def unlisted(call):
        """Not in permissions.toml."""

    unlisted.__module__ = service.__name__
    monkeypatch.setattr(service, "unlisted", unlisted, raising=False)
    with pytest.raises(ValueError, match="unlisted"):
        add_routes(FastAPI(), world.services)


def test_denials_are_in_the_audit(world, plan_id):
    world.get("operator_17", "/v1/runs")
    world.get("operator_17", f"/v1/plans/{plan_id}")
    world.get("operator_17", "/v1/regions/18/capacity")
    with world.store.read() as read:
        rows = read.execute(tables.audit.select().where(tables.audit.c.outcome == "denied")).all()
    assert [row.action for row in rows] == ["list_runs", "read_plan", "list_capacity"]
    assert {row.region for row in rows} == {"17"}
