"""Two trusts, three weeks of 168 hours, forty beds each; patients stay a week, or two, and only who comes may move."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nspl_opt.pipeline import make_plan

from .country import write_model, write_reference, write_scenario

SOURCE = 'basis = "invented"\nsource = "toy"\n'
SCENARIO = f"""
name = "trusts-and-weeks"
grid = [[168, 3]]
level = "region"
categories = ["care"]

[[demand]]
file = "demand.csv"
{SOURCE}
[[stays]]
category = "care"
kind = "fixed"
hours = HOURS
stages = STAGES
{SOURCE}"""
COME = {"east": (30, 50, 30), "west": (20, 20, 20)}


def toy(folder: Path, weeks: int) -> tuple[Path, Path, Path]:
    """Reference, scenario and model for a stay of so many weeks."""
    tables = {
        "bed_types": [{"code": "bed"}],
        "beds": [{"site": town, "bed_type": "bed", "staffed": 40} for town in COME],
        "care_categories": [{"code": "care", "bed_type": "bed"}],
    }
    reference = write_reference(folder / "reference", tuple(COME), {("east", "west"): 120}, tables)
    rows = [f"{168 * t},{168 * t + 168},{town},care,{n}" for town, weekly in COME.items() for t, n in enumerate(weekly)]
    text = SCENARIO.replace("HOURS", str(168 * weeks)).replace("STAGES", str(weeks))
    demand = "\n".join(["from_h,to_h,place,category,patients", *rows, ""])
    scenario = write_scenario(folder / "scenario", text, demand=demand)
    families = '[families.beds]\n[families.eligibility]\nwho = "arrivals"\n'
    return reference, scenario, write_model(folder / "model.toml", families, ["unmet_care", "patient_hours_in_transit"])


@pytest.mark.parametrize(
    ("weeks", "unmet", "transit"),
    [
        (1, 0, 10 * 2),  # fifty come to forty beds in the second week: ten go to the twenty that are free
        (2, (40 + 40) * 168, None),  # 120 want eighty beds in the second week and in the third, whoever moves
    ],
)
def test_what_the_weeks_ask_of_the_trusts(tmp_path, weeks, unmet, transit):
    reference, scenario, model = toy(tmp_path, weeks)
    made = make_plan(scenario, model, reference=reference)
    assert made.plan is not None, made.why
    assert made.check.ok, made.check.text("en")
    values = {goal.name: goal.value for goal in made.plan.goals}
    assert values["unmet_care"] == pytest.approx(unmet, abs=1e-3)
    if transit is not None:
        assert values["patient_hours_in_transit"] == pytest.approx(transit, abs=1e-4)
        moved = made.plan.tables["transfers"]
        assert moved[["from_site", "to_site", "period", "patients"]].to_numpy().tolist() == [["east", "west", 1, 10]]


def test_the_command_line_plans_it_from_the_same_files(tmp_path, monkeypatch, capsys):
    from nspl_opt.cli import main

    reference, scenario, model = toy(tmp_path, 1)
    plan = tmp_path / "plan"
    words = ["plan", scenario, "--model", model, "--reference", reference, "--out", plan, "--quiet"]
    monkeypatch.setattr(sys, "argv", ["nspl-opt", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code in (0, None), capsys.readouterr().err
    header, line = (plan / "transfers.csv").read_text(encoding="utf-8").splitlines()
    assert line.split(",")[header.split(",").index("patients")] == "10"
