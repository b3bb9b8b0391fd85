"""Lines carried by vehicles of no single region: the secretariat answers for them, in an exercise its lead."""

import pytest

from tests.api.test_answers import answer
from tests.api.world import add_plan, draft, new_world, publish

PATH = "/v1/regions/national/recommendations"


@pytest.fixture
def line(world, plan_id):
    return publish(world, plan_id, draft(carrier="national"))[0]


def note(world, who, line_id, version, **said):
    return answer(world, "national", line_id, version, who=who, token=f"{who}-{version}", party="carrier", **said)


def test_a_line_with_a_national_carrier_is_accepted_when_two_of_the_secretariat_say_so(world, line):
    for region in ("17", "18"):
        version = world.get(f"decision_{region}", f"/v1/regions/{region}/recommendations").json()["lines"][0]["version"]
        assert answer(world, region, line, version, answer="accept").json()["state"] == "offered"
    told = world.get("secretariat", PATH).json()
    assert (told["region"], [one["id"] for one in told["lines"]]) == ("national", [line])
    noted = note(world, "secretariat", line, told["lines"][0]["version"], answer="accept")
    assert (noted.status_code, noted.json()["state"], len(noted.json()["noted"])) == (200, "offered", 1)
    alone = note(world, "secretariat", line, noted.json()["version"], answer="accept")
    assert (alone.status_code, alone.json()["type"]) == (409, "urn:nspl-opt:problem:L211")
    done = note(world, "secretariat_2", line, noted.json()["version"], answer="accept")
    assert (done.json()["state"], done.json()["agreed"]) == ("accepted", 5)


def test_in_an_exercise_its_lead_answers_alone(tmp_path, planned_exercise):
    with new_world(tmp_path, "exercise", planned_exercise.reference) as world:
        line = publish(world, add_plan(world.store, planned_exercise), draft(carrier="national"))[0]
        for version, region in enumerate(("17", "18", "national"), start=1):
            said = answer(world, region, line, version, who="exercise_lead", answer="accept")
            assert said.status_code == 200, said.text
        assert said.json()["state"] == "accepted"
        assert world.get("exercise_lead", PATH).json()["lines"][0]["id"] == line


@pytest.mark.parametrize("who", ["decision_17", "operator_17", "decision_19"])
def test_for_a_region_there_is_no_national(world, line, who):
    assert world.get(who, PATH).content == world.get(who, "/v1/regions/99/recommendations").content
    assert world.get(who, PATH).status_code == 404
    assert note(world, who, line, 1, answer="accept").status_code == 404


def test_only_lines_are_answered_nationally(world):
    figure = {"side": "take", "what": "icu_general", "amount": 4, "from_time": "2027-01-11T06:00",
              "to_time": "2027-01-12T06:00"}  # fmt: skip
    assert world.get("secretariat", "/v1/regions/national/capacity").status_code == 404
    assert world.post("secretariat", "/v1/regions/national/capacity", figure).status_code == 404
