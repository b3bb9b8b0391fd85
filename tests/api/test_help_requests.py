"""Help requests over HTTP: what may be asked for, and a direction with its legal basis."""

import pytest

from tests.api.test_story import FORM

LINE = FORM["lines"][0]


def asked(world, **line):
    return world.post("decision_18", "/v1/help-requests", {"form": {**FORM, "lines": [{**LINE, **line}]}})


@pytest.mark.parametrize(
    ("line", "field", "rule"),
    [
        ({"what": "icu_genral"}, "what", "is no code of care categories: did you mean 'icu_general'?"),
        ({"what": "nurse"}, "what", "is no code of care categories: known: "),
        ({"help_kind": "staff_loan", "unit": "people"}, "what", "is no code of professions: did you mean"),
        ({"help_kind": "transport", "unit": "vehicles", "what": "ambulans"}, "what", "is no code of vehicle types"),
        ({"unit": "pieces"}, "unit", "is none of patients"),
        ({"earliest": "2027-02-29T06:00", "latest": "2027-03-01T06:00"}, "earliest", "is a day that the calendar"),
    ],
)
def test_what_does_not_exist_cannot_be_asked_for(world, line, field, rule):
    refused = asked(world, **line)
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert fault["field"] == f"body.form.lines.0.{field}" and fault["rule"].startswith(rule)


def test_a_request_is_directed_with_the_legal_basis_of_the_decision(world):
    request = asked(world, help_kind="staff_loan", unit="people", what="icu_nurse").json()
    path = f"/v1/help-requests/{request['id']}/steps"

    def step(who, version, state, **more):
        return world.post(who, path, {"state": state, **more}, If_Match=f'"{version}"')

    refused = step("decision_18", 1, "submitted", legal_basis="hsl_16a_2")
    assert refused.json()["errors"][0]["field"] == "legal_basis"
    refused = step("operator_18", 1, "submitted")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:nspl-opt:problem:L221")
    assert "beslutsfattare" in refused.json()["detail"]
    steps = (("decision_18", "submitted"), ("secretariat", "acknowledged"), ("secretariat", "escalated"))
    for version, (who, state) in enumerate(steps, start=1):
        assert step(who, version, state).status_code == 200
    refused = step("secretariat", 4, "directed")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "legal_basis")
    done = step("secretariat", 4, "directed", legal_basis="hsl_16a_2").json()
    assert (done["state"], done["steps"][-1]["legal_basis"]) == ("directed", "hsl_16a_2")
    seen = world.get("decision_18", f"/v1/help-requests/{request['id']}").json()
    assert seen["steps"][-1]["legal_basis"] == "hsl_16a_2"
