"""Three states and a nation share ventilators for four days: the plan lends what will come back in time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nspl_opt.pipeline import make_plan

from .country import write_model, write_reference, write_scenario

SOURCE = 'basis = "invented"\nsource = "toy"\n'
SCENARIO = f"""
name = "states-and-days"
grid = [[24, 4]]
level = "region"
categories = ["ventilated"]

[[groups]]
file = "groups.csv"
{SOURCE}
[[stocks]]
code = "ventilator"
kind = "equipment"
name_sv = "Ventilatorer"
name_en = "Ventilators"
unit = "st"
use = {{ ventilated = 1 }}
{SOURCE}
[[stock_holdings]]
file = "held.csv"
{SOURCE}
[[stock_releases]]
file = "released.csv"
{SOURCE}"""
GROUPS = """\
group,category,place,at_h,patients
a,ventilated,a,0,14
b,ventilated,b,0,2
c,ventilated,c,48,3
"""
"""They stay to the end, and their journeys would be too long."""
HELD = "stock,place,quantity,floor\nventilator,a,4,0\nventilator,b,8,0\nventilator,c,3,0\n"
RELEASED = "stock,place,at_h,quantity\nventilator,national,48,1\n"
FAMILIES = """\
[families.beds]
[families.travel_time]
[families.equipment]
partners = PARTNERS
locked_h = 48
"""


def toy(folder: Path, partners: int = 2, roads: tuple[int, int, int] = (60, 90, 120), options: str = ""):
    """Reference, scenario and model; ``roads`` are minutes a-c, b-c and a-b."""
    tables = {
        "bed_types": [{"code": "bed"}],
        "beds": [{"site": town, "bed_type": "bed", "staffed": 99} for town in "abc"],
        "care_categories": [{"code": "ventilated", "bed_type": "bed", "longest_journey_min": 1}],
    }
    pairs = dict(zip((("a", "c"), ("b", "c"), ("a", "b")), roads, strict=True))
    reference = write_reference(folder / "reference", tuple("abc"), pairs, tables)
    scenario = write_scenario(folder / "scenario", SCENARIO, groups=GROUPS, held=HELD, released=RELEASED)
    families = FAMILIES.replace("PARTNERS", str(partners)) + options
    return reference, scenario, write_model(folder / "model.toml", families, ["unmet_care"])


@pytest.mark.parametrize(
    ("options", "hours"),
    [
        ({}, 19 * 24),  # a has 4, 11, 11 and 11 of 14; without looking ahead it would be 480
        ({"options": "floor_share = 0.5\n"}, 600),
        ({"options": "delay_h = 0\n"}, 288),
        ({"options": "moves = false\n"}, 912),
        ({"partners": 1, "roads": (60, 90, 140)}, 714),  # b lends to c only, c to a only
    ],
)
def test_who_is_without_a_ventilator(tmp_path, options, hours):
    reference, scenario, model = toy(tmp_path, **options)
    made = make_plan(scenario, model, reference=reference)
    assert made.plan is not None, made.why
    assert made.check.ok, made.check.text("en")
    assert made.plan.goals[0].value == pytest.approx(hours, abs=1e-3)
    if not options:
        stocks = made.plan.tables["stocks"]
        assert stocks[stocks["region"] == "a"]["held"].tolist() == [4, 11, 11, 11]


def test_the_command_line_plans_it_from_the_same_files(tmp_path, monkeypatch, capsys):
    from nspl_opt.cli import main

    reference, scenario, model = toy(tmp_path)
    plan = tmp_path / "plan"
    words = ["plan", scenario, "--model", model, "--reference", reference, "--out", plan, "--quiet"]
    monkeypatch.setattr(sys, "argv", ["nspl-opt", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code in (0, None), capsys.readouterr().err
    assert (plan / "stock_moves.csv").read_text(encoding="utf-8").count("ventilator-national-") == 1
