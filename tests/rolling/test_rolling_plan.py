"""Plans made window after window, from files to a verified plan, in a country of three regions."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from nspl_opt.pipeline import make_plan
from nspl_opt.problems import InvalidInput
from nspl_opt.rolling import make_rolling_plan

COUNTRY = Path(__file__).resolve().parent.parent / "cli" / "country.py"
DEMAND = "from_h,to_h,place,category,patients\n0,12,18,icu_general,60\n24,36,19,icu_general,40\n"


@pytest.fixture(scope="module")
def country():
    spec = importlib.util.spec_from_file_location("rolling_country", COUNTRY)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def files(country, tmp_path_factory):
    """Scenario of six periods, and reference package."""
    folder = tmp_path_factory.mktemp("rolling")
    text = country.SCENARIO.replace("[[12, 2], [24, 1]]", "[[12, 6]]")
    return {
        "scenario": country.small_scenario(folder / "scenario", scenario=text, demand=DEMAND),
        "reference": country.small_reference(folder / "reference"),
    }


def test_a_plan_made_in_windows_keeps_every_rule_and_says_how_far_it_is_from_the_best(files):
    made = make_rolling_plan(**files, window=3, step=1, time_limit_s=30)
    whole = make_plan(**files, time_limit_s=30)
    assert made.check.ok, made.check.text("en")
    assert made.plan.provenance["windows"] == {"periods": 3, "step": 1}
    first, best = made.plan.goals[0], whole.plan.goals[0]
    assert first.value >= best.bound - 1e-6
    assert first.bound <= best.value + 1e-6
    assert first.value <= best.value * 1.01 + 1


def test_every_patient_of_every_period_is_in_some_window(files):
    made = make_rolling_plan(**files, window=2, step=2, time_limit_s=30)
    assert made.check.ok
    assert sorted(made.plan.tables["census"]["period"].unique()) == list(np.arange(6))


def test_windows_that_cannot_be_are_refused_with_all_that_is_wrong(files):
    with pytest.raises(InvalidInput) as refused:
        make_rolling_plan(**files, window=0, step=4)
    assert [problem.where for problem in refused.value.problems] == ["window", "step"]
