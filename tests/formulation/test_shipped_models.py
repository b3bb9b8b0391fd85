"""The shipped models: what each is for, on cases that can be worked out by hand."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest

from nspl_opt.formulation.catalogue import load_model
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.living import Living
from nspl_opt.pipeline import plan_situation

from ..sweep.few import living_of
from .small import Case, Result, small, solve_here


def planned_by(name: str, case: Case, **overrides: str) -> Result:
    """The plan of a case by a shipped model; the checker must accept it."""
    spec = load_model(name, {key.replace("__", "."): value for key, value in overrides.items()})
    with patch("nspl_opt.pipeline.solve", solve_here):
        made = plan_situation(case.situation, case.travel, spec)
    assert made.plan is not None, made.why
    assert made.check.ok, made.check.text("en")
    return Result(made)


def test_the_minimal_model_on_one_period_is_the_transportation_problem():
    # Three hours from c1 to s1, two and two from c1 and c2 to s2, three from c3: 3·1 + 1·2 + 2·1 + 2·1.5 = 10.
    roads = {("c1", "s1"): 60, ("c2", "s1"): 120, ("c3", "s1"): 180,
             ("c1", "s2"): 120, ("c2", "s2"): 60, ("c3", "s2"): 90}  # fmt: skip
    case = small(
        {"c1": "a", "c2": "b", "c3": "c", "s1": "d", "s2": "e"}, beds={("icu", "s1"): 3, ("icu", "s2"): 5},
        arrivals={("icu", "c1"): 4, ("icu", "c2"): 2, ("icu", "c3"): 2}, roads=roads,
    )  # fmt: skip
    plan = planned_by("minimal", case)
    assert plan.goal() == 0 and plan.goal("patient_hours_in_transit") == 10
    flows = {(row.from_site, row.to_site): row.patients for row in plan.rows("transfers").itertuples()}
    assert flows == {("c1", "s1"): 3, ("c1", "s2"): 1, ("c2", "s2"): 2, ("c3", "s2"): 2}


def between(north: int = 10, abroad: int = 0) -> Case:
    """Five without a bed in the north; beds in the same area three hours away, in another one hour away, and abroad."""
    case = small(
        {"norr": "n", "mitt": "m", "syd": "s", "oslo": "o"},
        beds={("icu", "mitt"): north, ("icu", "syd"): 10, ("icu", "oslo"): abroad}, initial={("icu", "norr"): 5},
        roads={("norr", "mitt"): 180, ("norr", "syd"): 60, ("norr", "oslo"): 60, ("mitt", "syd"): 180},
        areas={"upp": ("n", "m"), "ned": ("s",)},
    )  # fmt: skip
    return case.having(external_regions=frozenset("o"))


def sent(name: str, case: Case) -> dict[str, float]:
    plan = planned_by(name, case, families__staff_loans="off")
    return plan.rows("transfers").groupby("to_site")["patients"].sum().to_dict()


def test_nationally_the_nearest_helps_first_and_nobody_goes_abroad():
    assert sent("national", between(abroad=9)) == {"syd": 5}


def test_inside_first_asks_the_own_area_before_the_nearer_neighbour_and_abroad_last():
    assert sent("inside-first", between(abroad=9)) == {"mitt": 5}
    assert sent("inside-first", between(north=2, abroad=9)) == {"mitt": 2, "syd": 3}
    full = between(north=0, abroad=9).but(beds=between(north=0, abroad=9).situation.beds * [[[1], [1], [1], [0]]])
    assert sent("inside-first", full) == {"oslo": 5}


def test_on_an_island_each_area_makes_do_with_its_own():
    assert sent("island", between(north=2, abroad=9)) == {"mitt": 2}


LATER = ("care_paths", "discharge_ready", "external", "offers")


def test_what_the_national_model_knows_besides_costs_a_scenario_without_it_nothing():
    """Not a row, a column or a number more."""
    full = living_of("region")
    model = full.spec.as_dict()
    families = {name: options for name, options in model["families"].items() if name not in LATER}
    goals = [goal for goal in model["goals"] if goal["name"] not in ("agreements_broken", "crisis_standard")]
    assert len(families) == len(model["families"]) - len(LATER) and len(goals) == len(model["goals"]) - 2
    spec = model_from_dict({**model, "families": families, "goals": goals})
    plain = Living.of(full.situation, full.detail.hospitals, full.travel, spec, None)
    one, other = full.parts(), plain.parts()
    assert all(np.array_equal(one[name], other[name]) for name in one) and set(one) == set(other)


@pytest.mark.parametrize("name", ["minimal", "national", "inside-first", "island"])
def test_every_shipped_model_plans_a_case_in_which_nothing_happens(name):
    calm = small({"norr": "n", "syd": "s"}, beds={("icu", "norr"): 2, ("icu", "syd"): 2}, initial={("icu", "norr"): 1})
    overrides = {} if name == "minimal" else {"families__staff_loans": "off"}
    plan = planned_by(name, calm, **overrides)
    assert plan.goal() == 0 and not plan.moved()
