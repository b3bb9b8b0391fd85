"""The model of everything on a scenario with every table: the plan is made, verified, told and drawn."""

import importlib.util
import json
from pathlib import Path

import pytest

from nspl_opt.formulation.catalogue import load_model
from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.goals import GOALS
from nspl_opt.scenario.extras import EXTRAS

HERE = Path(__file__).resolve().parent


def _everything():
    spec = importlib.util.spec_from_file_location("cli_everything", HERE / "everything.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(tmp_path_factory, country, place, shell):
    top = tmp_path_factory.mktemp("everything")
    scenario = _everything().scenario_of_everything(top / "scenario", country)
    ran = shell("plan", scenario, "--reference", place / "reference", "--model", "exercise", "--out", top / "plan",
                "--no-reasons", "--lang", "en", "--time-limit", "20", timeout=120)  # fmt: skip
    assert ran.code == 0, ran.err + ran.out
    return top / "plan"


def test_the_model_has_every_family_and_every_goal():
    spec = load_model("exercise")
    assert set(spec.families) == set(FAMILIES)
    assert {goal.name for goal in spec.goals} == set(GOALS)


def test_the_scenario_has_every_table_beside_it():
    assert {extra.key for extra in EXTRAS} <= set(_everything().TABLES)


def test_every_rule_holds_and_every_family_has_something_to_act_on(folder, shell):
    assert shell("verify", folder, "--lang", "en").code == 0
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    # Two regions state no municipal places: they take everybody, which is told.
    assert plan["notes"] == ["demand.not_known:9", "discharge_ready.some_take_all"]
    assert len(plan["goals"]) == len(GOALS) + 1  # one of them level by level, two of these


def test_it_is_told_and_drawn(folder, shell):
    assert shell("explain", folder).code == 0
    assert shell("report", folder).code == 0
