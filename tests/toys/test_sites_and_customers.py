"""Which of two sites to open for three customers, each served from one of them: facilities, and single sourcing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nspl_opt.pipeline import make_plan

from .country import write_model, write_reference, write_scenario

SOURCE = 'basis = "invented"\nsource = "toy"\n'
SCENARIO = f"""
name = "sites-and-customers"
grid = [[24, 1]]
level = "region"
categories = ["order"]

[[groups]]
file = "groups.csv"
{SOURCE}
[costs]
currency = "EUR"
journey_hour = 1
{SOURCE}"""
CUSTOMERS = {"c1": (4, 60, 120), "c2": (5, 60, 90), "c3": (3, 180, 60)}
"""Orders, minutes to s1 and to s2."""
SITES = {"s1": (8, 100), "s2": (10, 120)}
"""Orders that a site can fill once it is open, and what opening it costs."""


def toy(folder: Path, whole: bool) -> tuple[Path, Path, Path]:
    """Reference, scenario and model; ``whole``: each customer is served from one site."""
    tables = {
        "bed_types": [{"code": "place"}],
        "surge": [
            {"site": site, "bed_type": "place", "stage": 0, "beds": size, "lead_h": 0, "opening_cost": cost}
            for site, (size, cost) in SITES.items()
        ],
        "care_categories": [{"code": "order", "bed_type": "place"}],
    }
    roads = {(c, site): time for c, (_, *times) in CUSTOMERS.items() for site, time in zip(SITES, times, strict=True)}
    reference = write_reference(folder / "reference", (*CUSTOMERS, *SITES), roads, tables)
    rows = [f"{c},order,{c},0,{orders}" for c, (orders, *_) in CUSTOMERS.items()]
    groups = "\n".join(["group,category,place,at_h,patients", *rows, ""])
    scenario = write_scenario(folder / "scenario", SCENARIO, groups=groups)
    families = "[families.beds]\n[families.surge]\n" + "[families.single_source]\n" * whole
    return reference, scenario, write_model(folder / "model.toml", families, ["unmet_care", "cost"])


@pytest.mark.parametrize(
    ("whole", "cost"),
    [
        (True, 220 + 4 * 1 + 5 * 1.5 + 3 * 1),  # both open; c2 does not fit beside c1 in s1
        (False, 220 + 4 * 1 + 4 * 1 + 1 * 1.5 + 3 * 1),  # four of c2's orders do
    ],
)
def test_what_serving_them_costs(tmp_path, whole, cost):
    reference, scenario, model = toy(tmp_path, whole)
    made = make_plan(scenario, model, reference=reference)
    assert made.plan is not None, made.why
    assert made.check.ok, made.check.text("en")
    values = {goal.name: goal.value for goal in made.plan.goals}
    assert values["unmet_care"] == pytest.approx(0, abs=1e-3)
    assert values["cost"] == pytest.approx(cost, abs=1e-3)
    assert made.plan.tables["surge_units"]["site"].tolist() == ["s1", "s2"]
    if whole:
        assert made.plan.tables["groups"]["to_site"].tolist() == ["s1", "s2", "s2"]


def test_the_command_line_plans_it_from_the_same_files(tmp_path, monkeypatch, capsys):
    from nspl_opt.cli import main

    reference, scenario, model = toy(tmp_path, True)
    plan = tmp_path / "plan"
    words = ["plan", scenario, "--model", model, "--reference", reference, "--out", plan, "--quiet"]
    monkeypatch.setattr(sys, "argv", ["nspl-opt", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code in (0, None), capsys.readouterr().err
    assert "c2,order.c2,c2,s2" in (plan / "groups.csv").read_text(encoding="utf-8")
