"""Windows and what-ifs with something agreed: it is kept there too, though they solve one goal only."""

from __future__ import annotations

import pytest

from nspl_opt.formulation.catalogue import list_models
from nspl_opt.living import Living
from nspl_opt.pipeline import make_plan
from nspl_opt.rolling import make_rolling_plan
from nspl_opt.scenario.what_if import Amount, Beds

from .test_rolling_plan import DEMAND, country  # noqa: F401

AGREED = """
[[agreements]]
file = "agreements.csv"
basis = "invented"
source = "exercise"
"""
LINES = "id,state,kind,from,to,what,vehicle_type,from_h,to_h,amount,reason,legal_basis\n"


@pytest.fixture(scope="module")
def files(country, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("rolling_agreed")
    text = country.SCENARIO.replace("[[12, 2], [24, 1]]", "[[12, 6]]") + AGREED
    scenario = country.small_scenario(folder / "scenario", scenario=text, demand=DEMAND)
    # From where there is room to where there is none: nothing but the agreement would move them.
    line = "T1,accepted,patients,19,18,icu_general,,24,48,2,,\n"
    (scenario / "agreements.csv").write_text(LINES + line, encoding="utf-8")
    text = list_models()["national"].read_text(encoding="utf-8")
    if "[families.offers]" not in text:
        text = text.replace("[[goals]]", '[families.offers]\n\n[[goals]]\nname = "agreements_broken"\n\n[[goals]]', 1)
    model = folder / "model.toml"
    model.write_text(text, encoding="utf-8")
    return {"scenario": scenario, "model": model, "reference": country.small_reference(folder / "reference")}


def test_what_is_agreed_is_kept_in_windows_as_in_a_whole_plan(files):
    whole = make_plan(**files, time_limit_s=30)
    made = make_rolling_plan(**files, window=3, step=1, time_limit_s=30)
    assert made.check.ok, made.check.text("en")
    for plan in (whole.plan, made.plan):
        first = plan.goals[0]
        assert [first.name, first.value] == ["agreements_broken", pytest.approx(0, abs=1e-3)]
        assert plan.tables["agreements"]["kept"].tolist() == [pytest.approx(2, abs=1e-3)]
    assert [goal.name for goal in made.plan.goals] == [goal.name for goal in whole.plan.goals]
    assert made.plan.goals[1].bound <= whole.plan.goals[1].value + 1e-6


def test_what_is_agreed_is_kept_in_a_what_if(files):
    living = Living.build(files["scenario"], model=files["model"], reference=files["reference"])
    broken = [n for n, variable in enumerate(living.compiled.columns) if ".broken" in variable.name]
    base = living.resolve()
    fewer = living.resolve(Beds(place="18", bed_type="icu", amount=Amount(added=-1)))
    assert len(broken) == 1
    for found in (base, fewer):
        assert found.point[broken[0]] == pytest.approx(0, abs=1e-6)
    assert fewer.value >= base.value - 1e-6
