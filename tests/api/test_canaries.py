"""Canaries: every region has figures that no other has. Whatever a region asks for, it never meets another's.

Three regions by default; with NSPL_OPT_ALL_REGIONS=1 the whole country, 420 ordered pairs.
"""

import os
import re

import pytest

from api.permissions import load_operations
from nspl_opt.store import answers, audit, capacities, help_requests, keys, lines, what_ifs
from nspl_opt.store.actor import LOCAL, Actor
from tests.api.test_story import FORM
from tests.api.world import add_plan, draft, new_world, publish

NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{5,}(?![0-9A-Za-z])")
"""A number by itself, not digits within an id."""
ALL = os.environ.get("NSPL_OPT_ALL_REGIONS") == "1"


def canary(region, field):
    """A whole number that stands for one private field of one region and for nothing else."""
    return 7_000_000 + int(region) * 1000 + field


def small_canary(region, field):
    """The same, small enough for a count of people."""
    return 90_000 + int(region) * 100 + field


def _card(sender, receiver, carrier):
    names = ("sender_present", "sender_need_without", "sender_beds", "sender_unmet", "sender_unmet_without",
             "own_h_if_no")  # fmt: skip
    return {
        "secretariat": {"sv": [f"{canary(sender, 1)} {canary(receiver, 2)}"], "en": []},
        "sender": {name: canary(sender, number) for number, name in enumerate(names, 10)},
        "receiver": {
            name: canary(receiver, number)
            for number, name in enumerate(("receiver_free_before", "receiver_free_after", "receiver_beds"), 20)
        },
        "carrier": {"minutes": canary(carrier, 30), "trips": canary(carrier, 31)},
        "no": {},
    }


@pytest.fixture(scope="module")
def crowd(tmp_path_factory, planned):
    """A service in which every region has something in every private field."""
    reference = None if ALL else planned.reference
    with new_world(tmp_path_factory.mktemp("crowd"), reference=reference) as world:
        regions = sorted(world.services.regions)
        plan_id = add_plan(world.store, planned)
        pairs = [(one, regions[(n + step) % len(regions)]) for n, one in enumerate(regions) for step in (1, 2)]
        drafts = [
            draft(f"{one}-{other}", one, other, one, card=_card(one, other, one), amount=9) for one, other in pairs
        ]
        ids = publish(world, plan_id, *drafts)
        for region in regions:
            _furnish(world, plan_id, region)
            _propose(world, region)
        yield world, plan_id, regions, ids


def _furnish(world, plan_id, region):
    person = Actor(f"{region}ab", "region_decision_maker", region, f"region-{region}")
    figures = {"amount": small_canary(region, 40), "from_time": "2027-01-11T00:00", "to_time": "2027-01-12T00:00"}
    form = {**FORM, "lines": [{**FORM["lines"][0], "quantity": small_canary(region, 41)}]}
    asked = {"changes": [{"lever": "beds", "place": region, "change": f"+{canary(region, 42)}"}]}
    result = {"regions": [{"region": one, "before": canary(one, 43), "after": 0} for one in world.services.regions],
              "unmet": {"before": 0, "after": 0}}  # fmt: skip

    def act(work):
        capacities.declare(work, region, "take", "icu_general", *figures.values())
        made = help_requests.draft_request(work, form)
        help_requests.step_request(work, made, "submitted", 1)
        what_if = what_ifs.ask(work, plan_id, asked)
        what_ifs.tell(work, what_if, "running")
        what_ifs.tell(work, what_if, "done", result)
        world.texts[f"decision_{region}"] = keys.issue(
            work, "region_decision_maker", region, f"beslut-{canary(region, 44)}"
        ).text
        return what_if

    key = world.store.run_write(
        lambda work: keys.issue(work, "region_decision_maker", region, f"region-{region}-k"), LOCAL, "key.issue"
    )
    assert key.id
    world.texts.setdefault("what_ifs", {})[region] = world.store.run_write(act, person, "furnish")


def _propose(world, region):
    """The operator on duty proposes something else for every line of the region."""
    person = Actor(f"{region}cd", "region_operator", region, f"jour-{canary(region, 45)}")
    given = answers.Answer("counter", counter={"amount": small_canary(region, 42)})

    def act(work):
        for line in lines.lines_of_region(work.connection, region):
            answers.propose_answer(work, line.id, given, line.last_change(region)[0])

    world.store.run_write(act, person, "answer_line")
    world.texts[f"operator_{region}"] = world.store.run_write(
        lambda work: keys.issue(work, "region_operator", region, f"jour-{canary(region, 45)}"), LOCAL, "key.issue"
    ).text


def _proposed(region):
    return {str(canary(region, 45)), str(small_canary(region, 42))}


def _canaries(region):
    whole = {canary(region, field) for field in range(1, 45)}
    counts = {str(small_canary(region, field)) for field in (40, 41)}
    return {str(number) for number in whole} | counts | _proposed(region)


def _crawl(world, plan_id, line_id, regions, who):
    """Everything the caller can ask for: lists, objects of its own and of others, files, errors."""
    found = []
    for operation in load_operations().values():
        if operation.method != "GET" or operation.name in ("follow_run", "read_report"):
            continue
        for region in regions if operation.parameters else regions[:1]:
            given = {
                "region": region, "plan_id": plan_id, "other_id": plan_id, "table": "load",
                "what_if_id": world.texts["what_ifs"][region],
            }  # fmt: skip
            path = operation.path.format(**{name: given.get(name, line_id) for name in operation.parameters})
            tails = ("?format=json", "?format=csv&table=census") if operation.name == "export_plan" else ("",)
            found += [world.get(who, path + tail) for tail in tails]
    listed = world.get(who, "/v1/help-requests").json()["help_requests"]
    found += [world.get(who, f"/v1/help-requests/{one['id']}") for one in listed]
    for table in ("transfers", "loans", "census", "load", "ledger", "unmet"):
        found.append(world.get(who, f"/v1/plans/{plan_id}/tables/{table}"))
    body = {"line_id": line_id, "answer": "accept"}
    for region in regions[:3]:
        found.append(
            world.post(who, f"/v1/regions/{region}/answers", body, If_Match='"99"', Idempotency_Key=f"crawl-{region}")
        )
    return found


def test_no_region_ever_meets_anothers_figures(crowd, capfd):
    world, plan_id, regions, ids = crowd
    assert len(regions) == (21 if ALL else 3)
    pairs = 0
    for own in regions:
        found = _crawl(world, plan_id, ids[0], regions, f"decision_{own}")
        assert sum(answer.status_code == 200 for answer in found) > 15
        found.append(world.get(f"operator_{own}", f"/v1/regions/{own}/recommendations"))
        told = [(answer.text, *(v for k, v in answer.headers.items() if k != "content-length")) for answer in found]
        numbers = set(NUMBER.findall("\n".join(part for parts in told for part in parts)))
        assert numbers & _canaries(own) and numbers >= _proposed(own)  # its own it does meet
        for other in set(regions) - {own}:
            assert not numbers & (_canaries(other) - _canaries(own)), f"{own} meets {other}"
            pairs += 1
    assert pairs == len(regions) * (len(regions) - 1)
    said = capfd.readouterr()
    assert not re.findall(r"70\d{5}", said.out + said.err)


def test_an_observer_and_an_administrator_meet_none(crowd):
    world, plan_id, regions, _ = crowd
    everybody = set().union(*(_canaries(region) for region in regions))
    for who in ("observer", "administrator"):
        for operation in load_operations().values():
            if operation.method == "GET" and "{" not in operation.path and operation.name != "list_keys":
                assert not set(NUMBER.findall(world.get(who, operation.path).text)) & everybody
        assert world.get(who, f"/v1/plans/{plan_id}").status_code == 403


def test_the_secretariat_meets_them_all(crowd):
    world, _, regions, _ = crowd
    text = "".join(
        world.get("secretariat", f"/v1/regions/{region}/recommendations?limit=200").text for region in regions
    )
    assert all(str(canary(region, 10)) in text for region in regions)
    assert not set(NUMBER.findall(text)) & set().union(*(_proposed(region) for region in regions))  # but for proposals


def test_the_guard_stops_what_a_filter_let_through(world, plan_id, monkeypatch):
    """Were the filter in SQL gone, the look at the answer itself would still stop it."""
    from api.routes import regions as routes

    publish(world, plan_id, draft("a", "17", "18", "17"), draft("b", "18", "19", "18"))
    everything = routes.lines.lines_of_region
    monkeypatch.setattr(
        routes.lines, "lines_of_region",
        lambda read, region, states=(): everything(read, "18", states),
    )  # fmt: skip
    answer = world.get("decision_17", "/v1/regions/17/recommendations")
    assert answer.status_code == 500 and "19" not in answer.json()["title"]
    assert answer.json()["instance"].startswith("urn:nspl-opt:incident:")


def test_reads_of_national_figures_are_audited(world, plan_id):
    publish(world, plan_id, draft())
    with world.store.read() as read:
        before = audit.head(read).seq
    world.get("decision_17", "/v1/national")
    with world.store.read() as read:
        assert audit.head(read).seq > before
