"""Many at once against a real server: one winner, and the last bed given once.

A few rounds by default; NSPL_OPT_ROUNDS=100 for as many as the bar asks for.
"""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta

import httpx
import pytest

from tests.api.served import served
from tests.api.world import draft

ROUNDS = int(os.environ.get("NSPL_OPT_ROUNDS", "4"))
AT_ONCE, BEDS = 20, 8
NO = {"answer": "decline", "reason": "other"}
DATABASES = ["sqlite", "postgresql"]


def _day(number):
    """A day for each round: what is promised for another is no part of it."""
    first = datetime(2027, 2, 1) + timedelta(days=number)
    return {"from_time": f"{first:%Y-%m-%dT%H:%M}", "to_time": f"{first + timedelta(days=1):%Y-%m-%dT%H:%M}"}


@pytest.fixture(scope="module", params=DATABASES)
def service(request, tmp_path_factory, planned):
    address = None
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres_server").new_database()
    one = [draft(f"one-{number}", amount=3) for number in range(ROUNDS)]
    beds = [
        draft(f"bed-{number}-{place}", amount=1, what="icu_covid", **_day(number))
        for number in range(ROUNDS)
        for place in range(BEDS)
    ]
    place = tmp_path_factory.mktemp("together")
    with served(place, planned, [*one, *beds], address, what_if_time_s=1, what_ifs_per_h=10_000) as found:
        yield found


def _at_once(work, jobs):
    with ThreadPoolExecutor(len(jobs)) as threads:
        return [one.result() for one in [threads.submit(work, *job) for job in jobs]]


def _answers(service, jobs):
    """The statuses of answers by region 18 to lines at their first version, all sent at once."""

    def answer(client, line, token, said):
        headers = service.headers("decision_18", If_Match='"1"', Idempotency_Key=token)
        return client.post("/v1/regions/18/answers", json={"line_id": line, **said}, headers=headers).status_code

    return Counter(_at_once(answer, jobs))


def _clients(service, stack):
    return [stack.enter_context(httpx.Client(base_url=service.url, timeout=60)) for _ in range(AT_ONCE)]


def test_of_twenty_answers_to_one_line_one_wins(service):
    with ExitStack() as stack:
        clients = _clients(service, stack)
        for number, line in enumerate(service.lines[:ROUNDS]):
            said = [{"answer": "accept"} if place % 2 else NO for place in range(AT_ONCE)]
            jobs = [(client, line, f"race-{number}-{place}", said[place]) for place, client in enumerate(clients)]
            statuses = _answers(service, jobs)
            assert statuses[200] == 1, statuses
            assert set(statuses) <= {200, 409, 412}, statuses


def test_the_last_bed_is_given_once(service):
    with ExitStack() as stack:
        clients = _clients(service, stack)
        for number in range(ROUNDS):
            figure = {"side": "take", "what": "icu_covid", "amount": 1, **_day(number)}
            said = clients[0].post("/v1/regions/18/capacity", json=figure, headers=service.headers("decision_18"))
            assert said.status_code == 201, said.text
            lines = service.lines[ROUNDS + number * BEDS :][:BEDS]
            jobs = [
                (client, line, f"bed-{line}", {"answer": "accept"})
                for client, line in zip(clients, lines, strict=False)
            ]
            statuses = _answers(service, jobs)
            assert statuses[200] == 1 and statuses[409] == BEDS - 1, statuses
            shown = clients[0].get("/v1/regions/18/capacity", headers=service.headers("decision_18")).json()
            assert {(one["promised"], one["left"]) for one in shown["capacities"]} == {(1, 0)}
