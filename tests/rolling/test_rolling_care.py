"""Windows with stays in stages, paths, other beds, who is ready, extra hours: every rule is kept across their ends."""

from __future__ import annotations

import numpy as np
import pytest

from nspl_opt.formulation.catalogue import list_models
from nspl_opt.pipeline import make_plan
from nspl_opt.rolling import make_rolling_plan

from .test_rolling_plan import country  # noqa: F401

SOURCE = 'basis = "invented"\nsource = "exercise"\n'
CARE = f"""
[[stays]]
category = "icu_general"
kind = "fixed"
hours = 48
stages = 2
{SOURCE}
[[care_paths]]
from = "icu_general"
to = "medical_ward"
share = 0.8
{SOURCE}
[[bed_substitutes]]
gives = "icu"
serves = "ward"
{SOURCE}
[[discharge_ready]]
category = "medical_ward"
share = 0.5
{SOURCE}
[[municipal_places]]
file = "municipal.csv"
{SOURCE}
[[ordinary]]
category = "medical_ward"
occupancy_share = 0.95
{SOURCE}
[[crisis]]
places = ["18"]
from_h = 24
to_h = 72
unlocked_by = "regionledningen"
"""
DEMAND = "from_h,to_h,place,category,patients\n0,12,18,icu_general,60\n24,36,19,icu_general,40\n"
CARE_FAMILIES = ("bed_substitution", "care_paths", "discharge_ready", "eligibility", "endurance")


@pytest.fixture(scope="module")
def files(country, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("rolling_care")
    text = country.SCENARIO.replace("[[12, 2], [24, 1]]", "[[12, 6]]") + CARE
    text = text.replace('["icu_general"]', '["icu_general", "medical_ward"]')
    scenario = country.small_scenario(folder / "scenario", scenario=text, demand=DEMAND)
    (scenario / "municipal.csv").write_text("place,from_h,to_h,patients_per_day\n18,0,72,4\n", encoding="utf-8")
    model = folder / "model.toml"
    text = list_models()["national"].read_text(encoding="utf-8")
    more = [f"\n[families.{name}]\n" for name in CARE_FAMILIES if f"[families.{name}]" not in text]
    model.write_text(text + "".join(more), encoding="utf-8")
    return {"scenario": scenario, "model": model, "reference": country.small_reference(folder / "reference")}


def test_a_plan_made_in_windows_keeps_every_rule_of_care(files):
    made = make_rolling_plan(**files, window=3, step=1, time_limit_s=30)
    whole = make_plan(**files, time_limit_s=30)
    assert made.check.ok, made.check.text("en")
    assert whole.check.ok, whole.check.text("en")
    assert made.plan.goals[0].value >= whole.plan.goals[0].bound - 1e-6
    for table in ("bed_use", "ready", "extra_hours"):
        assert table in made.plan.tables
    assert sorted(made.plan.tables["census"]["period"].unique()) == list(np.arange(6))
    assert made.plan.tables["ready"]["waiting"].max() > 0
    assert made.plan.tables["census"]["stepped_in"].sum() > 0
