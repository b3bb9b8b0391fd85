"""The service answers, and says nothing to whom it does not know."""

import pytest

from tests.api.world import ROLES


def test_anyone_may_ask_whether_the_service_is_alive(world):
    answer = world.get(None, "/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/v1/plans", "/v1/keys", "/metrics", "/docs", "/openapi.json"])
def test_without_a_key_nothing_else_is_told(world, path):
    answer = world.get(None, path)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize("who", ROLES)
def test_every_role_sees_the_end_of_the_chain(world, who):
    if who == "exercise_lead":
        assert world.get(who, "/v1/audit/head").status_code == 200
    answer = world.get(who, "/v1/audit/head").json()
    assert answer["seq"] > 0 and len(answer["hash"]) == 64
