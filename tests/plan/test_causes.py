"""Why a transfer differs between two plans: its own line first, then the one thing that differs; else not known."""

import pytest

from nspl_opt.plan.causes import LineThen, causes_of, general_causes

TRANSFER = {
    "from_site": "norr", "to_site": "ost", "from_region": "n", "to_region": "o", "category": "icu.s1",
    "vehicle_type": "amb", "depart": "2027-01-11T06:00",
}  # fmt: skip
CHANGE = {"transfer_id": "t", "before": 3.0, "after": 0.0}


def line(state, **other):
    given = {
        "id": state, "state": state, "kind": "patients", "from_place": "n", "to_place": "ost", "what": "icu",
        "vehicle_type": "amb", "from_time": "2027-01-11T06:00", "to_time": "2027-01-11T12:00",
    }  # fmt: skip
    return LineThen(**given | other)


def cause(*lines, general=("data",)):
    (found,) = causes_of([CHANGE], {"t": TRANSFER}, lines, general)
    return found.cause, found.lines


@pytest.mark.parametrize(
    ("state", "told"),
    [("declined", "answered_no"), ("countered", "countered"), ("directed", "directed"), ("accepted", "promised"),
     ("expired", "expired")],
)  # fmt: skip
def test_the_answer_on_its_own_line_is_the_cause(state, told):
    assert cause(line("offered"), line(state)) == (told, (state,))


@pytest.mark.parametrize(
    "other",
    [{"what": "ward"}, {"from_place": "o"}, {"to_time": "2027-01-11T06:00"}, {"kind": "staff"},
     {"vehicle_type": "plane"}],
)  # fmt: skip
def test_a_line_about_something_else_is_none(other):
    assert cause(line("countered", **other)) == ("data", ())


def test_a_no_is_about_every_vehicle():
    assert cause(line("declined", vehicle_type="plane"))[0] == "answered_no"


def test_of_several_things_that_differ_none_is_told_as_the_cause():
    (found,) = causes_of([CHANGE], {"t": TRANSFER}, [], ["data", "model"])
    assert (found.cause, found.may_be) == ("not_known", ("data", "model"))


def test_what_differs_between_two_plans_is_told_in_general():
    same = {"files": [], "options": [], "level": False, "grid": False}
    heads = [{"scenario_id": "s", "goals": [{"proven": True}]}, {"scenario_id": "s", "goals": [{"proven": True}]}]
    own = ("scenario.toml", "store_lines.csv")
    assert general_causes(same, heads, own) == []
    assert general_causes(same | {"files": ["scenario/store_lines.csv"]}, heads, own) == ["other_lines"]
    assert general_causes(same | {"files": ["scenario/demand.csv"], "grid": True}, heads, own) == ["data", "model"]
    late = [heads[0], heads[1] | {"goals": [{"proven": False}]}]
    assert general_causes(same, late, own) == ["time_of_solving"]
