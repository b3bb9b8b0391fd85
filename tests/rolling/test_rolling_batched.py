"""Windows with lines, offers, batches and stability together: every rule holds over the whole plan."""

from __future__ import annotations

import pytest

from nspl_opt.formulation.catalogue import list_models
from nspl_opt.rolling import make_rolling_plan

from .test_rolling_agreed import LINES
from .test_rolling_plan import DEMAND, country  # noqa: F401

TABLES = "".join(
    f'\n[[{name}]]\nfile = "{name}.csv"\nbasis = "invented"\nsource = "exercise"\n' for name in ("agreements", "offers")
)
FAMILIES = """
[families.batching]
smallest_group = 2
partners = 1
gap_h = 0.0
most_per_day = 12
most_in_all = 30

[families.stability]
most_new = 20

"""


@pytest.fixture(scope="module")
def files(country, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("rolling_batched")
    text = country.SCENARIO.replace("[[12, 2], [24, 1]]", "[[12, 6]]") + TABLES
    scenario = country.small_scenario(folder / "scenario", scenario=text, demand=DEMAND)
    lines = "T1,accepted,patients,18,17,icu_general,,0,24,4,,\nT2,proposed,patients,18,19,icu_general,,0,24,3,,\n"
    (scenario / "agreements.csv").write_text(LINES + lines, encoding="utf-8")
    (scenario / "offers.csv").write_text("region,side,what,from_h,to_h,amount\n17,take,icu,0,72,10\n", encoding="utf-8")
    model = folder / "model.toml"
    text = list_models()["national"].read_text(encoding="utf-8")
    model.write_text(text.replace("[families.beds]", f"{FAMILIES}[families.beds]", 1), encoding="utf-8")
    return {"scenario": scenario, "model": model, "reference": country.small_reference(folder / "reference")}


@pytest.mark.parametrize("window, step", [(3, 1), (2, 2)])
def test_a_plan_made_in_windows_keeps_lines_offers_batches_and_stability(files, window, step):
    made = make_rolling_plan(**files, window=window, step=step, time_limit_s=30)
    assert made.check.ok, made.check.text("en")
    assert {"offers.kept", "offers.limit", "batching.group", "batching.budgets", "stability.most_new"} <= set(
        made.check.checked
    )
    assert made.plan.goals[0].name == "agreements_broken"
    assert made.plan.table("transfers")["patients"].sum() > 0
