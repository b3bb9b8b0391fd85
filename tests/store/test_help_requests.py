"""Help requests: a form in a file, a draft that stays at home, steps that are each somebody's."""

import copy

import pytest
from sqlalchemy import select

from nspl_opt.store import forms, help_requests, tables
from nspl_opt.store.actor import Actor
from nspl_opt.store.errors import BadForm, NotThere, Refused, Stale, Unsound
from tests.store.small import LEAD, STAFF, decision_maker

BODY = {
    "authorised_by": "region_director",
    "classification": "sekretess",
    "legal_basis": "hsl_16a_2",
    "need_status": "expected",
    "needed_from": "2027-01-12T06:00",
    "disaster_state": "foreseeable",
    "cause": "mass_casualty",
    "own_measures": [{"measure": "surge_beds", "degree_percent": 100}],
    "contact": "tib-18",
    "lines": [
        {
            "help_kind": "patient_relief", "what": "icu_general", "quantity": 8, "unit": "patients",
            "earliest": "2027-01-11T12:00", "latest": "2027-01-12T12:00", "minimum_useful": 2, "divisible": True,
            "priority": 1, "conditions": ["ventilator"],
        }
    ],
}  # fmt: skip
CODES = {"care_categories": ["icu_general"], "professions": ["nurse"]}
OPERATOR = Actor("3" * 12, "region_operator", "18", "region-18b")
DECIDER, NEIGHBOUR = decision_maker("18"), decision_maker("17")


def drafted(store, actor=OPERATOR, **given):
    return store.run_write(lambda work: help_requests.draft_request(work, BODY, **given), actor, "help.draft")


def step(store, actor, request, state, version, **more):
    return store.run_write(
        lambda work: help_requests.step_request(work, request, state, version, **more), actor, "help.step", request
    )


def test_a_request_goes_from_draft_to_closed(store):
    request = drafted(store)
    with pytest.raises(Refused, match="L221"):
        step(store, OPERATOR, request, "submitted", 1)
    with store.read() as connection:
        assert help_requests.all_requests(connection) == []
        assert [one.state for one in help_requests.all_requests(connection, requester="18")] == ["draft"]
    way = [(DECIDER, "submitted"), (STAFF[0], "acknowledged"), (STAFF[0], "in_matching"), (STAFF[1], "partly_met"),
           (STAFF[0], "met"), (STAFF[0], "executing"), (STAFF[0], "closed")]  # fmt: skip
    for version, (actor, state) in enumerate(way, start=1):
        stands = step(store, actor, request, state, version)
        assert (stands.state, stands.version, stands.requester) == (state, version + 1, "18")
    with store.read() as connection:
        told = help_requests.history(connection, request)
    assert [one["state"] for one in told] == ["draft", *(state for _, state in way)]


def test_nobody_takes_the_step_of_another(store):
    request = drafted(store)
    with pytest.raises(NotThere):
        step(store, STAFF[0], request, "withdrawn", 1)
    for actor in (NEIGHBOUR, Actor("4" * 12, "observer", None, "tillsyn-01")):
        with pytest.raises(NotThere):
            step(store, actor, request, "submitted", 1)
    step(store, DECIDER, request, "submitted", 1)
    with pytest.raises(Refused, match="L222"):
        step(store, DECIDER, request, "acknowledged", 2)
    with pytest.raises(Refused, match="L213"):
        step(store, STAFF[0], request, "withdrawn", 2)
    with pytest.raises(Refused, match="L202"):
        step(store, STAFF[0], request, "closed", 2)
    with pytest.raises(Stale):
        step(store, STAFF[0], request, "acknowledged", 1)
    with store.read() as connection, pytest.raises(NotThere):
        help_requests.find(connection, request, requester="17")


def test_a_request_that_is_changed_is_submitted_anew(store):
    request, more = drafted(store), copy.deepcopy(BODY)
    more["lines"][0]["quantity"] = 12

    def change(actor, version):
        return store.run_write(
            lambda work: help_requests.change_request(work, request, more, version), actor, "help.change", request
        )

    assert change(OPERATOR, 1).state == "draft"
    step(store, DECIDER, request, "submitted", 2)
    step(store, STAFF[0], request, "acknowledged", 3)
    with pytest.raises(Refused, match="L221"):
        change(OPERATOR, 4)
    with pytest.raises(NotThere):
        change(NEIGHBOUR, 4)
    changed = change(DECIDER, 4)
    assert (changed.state, changed.version, changed.body["lines"][0]["quantity"]) == ("submitted", 5, 12)
    step(store, DECIDER, request, "withdrawn", 5)
    with pytest.raises(Refused, match="L202"):
        change(DECIDER, 6)


def test_the_lead_of_an_exercise_plays_every_part(store):
    request = drafted(store, LEAD, requester="19")
    for version, state in enumerate(("submitted", "acknowledged", "escalated"), start=1):
        assert step(store, LEAD, request, state, version).state == state
    assert step(store, LEAD, request, "directed", 4, legal_basis="hsl_16a_2").state == "directed"
    for actor, given in ((OPERATOR, {"requester": "17"}), (STAFF[0], {"requester": "17"}), (LEAD, {})):
        with pytest.raises(NotThere):
            drafted(store, actor, **given)


def test_what_is_directed_is_noted_with_the_legal_basis_of_the_decision(store):
    request = drafted(store)
    way = [(DECIDER, "submitted"), (STAFF[0], "acknowledged"), (STAFF[0], "escalated")]
    for version, (actor, state) in enumerate(way, start=1):
        step(store, actor, request, state, version)
    for basis in ("", "because"):
        with pytest.raises(Unsound, match="legal_basis"):
            step(store, STAFF[0], request, "directed", 4, legal_basis=basis)
    with pytest.raises(Unsound, match="legal_basis"):
        step(store, STAFF[0], request, "in_matching", 4, legal_basis="hsl_16a_2")
    step(store, STAFF[0], request, "directed", 4, legal_basis="hsl_16a_2", note="beslut")
    with store.read() as connection:
        assert [one["legal_basis"] for one in help_requests.history(connection, request)] == [""] * 4 + ["hsl_16a_2"]
        rows = connection.execute(select(tables.audit.c.detail).where(tables.audit.c.outcome == "ok")).scalars().all()
    assert "hsl_16a_2" in rows[-1] and not any("hsl_16a_2" in row for row in rows[:-1])


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("cause",), "boredom", ("cause", "is none of")),
        (("lines", 0, "quantity"), 0, ("lines.0.quantity", "is less than 1")),
        (("lines", 0, "quantity"), 10**9, ("lines.0.quantity", "is more than 100000")),
        (("lines", 0, "quantity"), "8", ("lines.0.quantity", "is of another type")),
        (("lines", 0, "unit"), "vehicles", ("lines.0.unit", "is none of patients")),
        (("lines", 0, "help_kind"), "staff_loan", ("lines.0.unit", "is none of people")),
        (("lines", 0, "what"), "icu_genral", ("lines.0.what", "is no code of care categories: did you mean 'icu_g")),
        (("lines", 0, "what"), "nurse", ("lines.0.what", "is no code of care categories: known: icu_general")),
        (("lines", 0, "latest"), "2027-02-30T11:00", ("lines.0.latest", "is a day that the calendar does not have")),
        (("lines", 0, "latest"), "2027-01-11T11:00", ("lines.0.latest", "comes before earliest")),
        (("lines", 0, "minimum_useful"), 9, ("lines.0.minimum_useful", "is more than quantity")),
        (("lines", 0, "conditions"), ["ecmo", "ecmo"], ("lines.0.conditions", "says the same twice")),
        (("lines",), [], ("lines", "has fewer than 1")),
        (("contact",), "Anna Andersson", ("contact", "is not written as the form says")),
        (("age",), 42, ("", "has a field that the form does not know")),
        (("needed_from",), None, ("needed_from", "is of another type")),
        (("scenario_id",), "811228-9874", ("scenario_id", "looks like a personal identity number")),
    ],
)
def test_every_fault_of_a_form_is_told_by_its_field_and_never_by_its_value(path, value, fault):
    body = copy.deepcopy(BODY)
    inner = body
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    with pytest.raises(BadForm) as refused:
        forms.check_form(body, "1", CODES)
    (where, rule), *others = refused.value.faults
    assert not others and where == fault[0] and rule.startswith(fault[1])
    assert str(value) not in f"{rule} {refused.value.sv}" or value in (0, [])


def test_what_is_asked_for_is_a_code_where_the_form_says_so(store):
    line = BODY["lines"][0] | {"conditions": []}
    good = [
        line,
        line | {"help_kind": "staff_loan", "unit": "people", "what": "nurse"},
        line | {"help_kind": "medical_products", "unit": "days_of_supply", "what": "oxygen_10l"},
        line | {"help_kind": "transport", "unit": "vehicles", "what": "any"},  # no codes of vehicles are given
    ]
    forms.check_form(BODY | {"lines": good}, "1", CODES)
    consequence = [{"what": "icu_genral", "day": 1, "patients": 4}]
    with pytest.raises(BadForm, match="did you mean 'icu_general'"):
        forms.check_form(BODY | {"consequence": consequence}, "1", CODES)
    bad = BODY | {"lines": [good[1] | {"what": "nurses"}]}
    request = drafted(store)
    for act in (
        lambda work: help_requests.draft_request(work, bad, codes=CODES),
        lambda work: help_requests.change_request(work, request, bad, 1, codes=CODES),
    ):
        with pytest.raises(BadForm, match="did you mean 'nurse'"):
            store.run_write(act, OPERATOR, "help")


def test_what_is_expected_tells_from_when(store):
    body = {name: value for name, value in BODY.items() if name != "needed_from"}
    with pytest.raises(BadForm, match="lacks the field needed_from"):
        forms.check_form(body, "1")
    forms.check_form(body | {"need_status": "needed_now"}, "1")


def test_the_form_cannot_carry_what_must_not_decide():
    words = str(forms.schema()).lower()
    assert not [word for word in ("age", "sex", "citizen", "nationality", "religion", "name") if f"'{word}'" in words]
    assert forms.versions() == ("1",)
    with pytest.raises(NotThere):
        forms.schema("2")
