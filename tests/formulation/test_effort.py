"""Effort: nothing is moved, worked, opened or lent that changes nothing, and what is done is counted."""

from __future__ import annotations

import pytest

from nspl_opt.formulation.catalogue import load_model
from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.goals import GOALS
from nspl_opt.scenario.parts import BedSubstitute

from ..register import shows
from .small import ICU, WARD, planned, small
from .stores import stocked
from .test_cost import opening
from .test_endurance import days, with_hours
from .test_surge import unit

GOODS = {"delay_h": 0, "partners": 2}
STORES = {"beds": {}, "equipment": {**GOODS, "floor_share": 0, "locked_h": 0}, "supplies": {**GOODS, "floor_days": 0}}
EVERYTHING = {"staff": {"contingency": False}, "surge": {}, "bed_substitution": {},
              "endurance": {"professions": ["nurse"]}} | STORES  # fmt: skip
GOALS_HERE = ["unmet_care", "effort"]


def plenty():
    """Enough of everything at either place, and more that could be moved, worked, opened or lent."""
    case = small(
        {"a": "A", "b": "B"}, hours=(24,) * 4, categories=(ICU, WARD), beds={("icu", "a"): 9, ("ward", "a"): 9},
        surge={("icu", "a"): 4}, initial={("icu", "a"): 5, ("ward", "a"): 3}, roads={},
    )  # fmt: skip
    for code, kind in (("vent", "equipment"), ("mask", "supply")):
        case = stocked(case, {"A": 400, "B": 400}, kind=kind, national={0: 100}, code=code)
    return case.having(surge_units=[unit(4, 4)], bed_substitutes=[BedSubstitute("icu", "ward", 1_000_000, ())])


def test_where_nothing_would_change_nothing_is_moved_worked_opened_or_lent():
    plan = planned(plenty(), EVERYTHING, GOALS_HERE)
    assert plan.goal() == plan.goal("effort") == 0
    for table in ("stock_moves", "extra_hours", "surge_units", "bed_use"):
        assert plan.rows(table).empty, table


def short(**more):
    """Five at A with two units; B has ten, and beds for all."""
    beds = {("icu", "a"): 9, ("icu", "b"): 9}
    return stocked(small({"a": "A", "b": "B"}, beds=beds, initial={("icu", "a"): 5}, **more), {"A": 2, "B": 10})


def test_only_the_units_that_are_needed_are_moved():
    plan = planned(short(roads={("a", "b"): 60}), STORES, ["unmet_care", "patient_hours_in_transit", "effort"])
    assert plan.goal("patient_hours_in_transit") == 0
    assert plan.total("stock_moves", "amount", from_region="B", to_region="A") == pytest.approx(3)
    assert plan.goal("effort") == pytest.approx(3)


@shows("goals.effort")
def test_before_journeys_it_spares_units_and_patients_travel():
    after = ["unmet_care", "patient_hours_in_transit"]
    assert planned(short(), STORES, after).total("stock_moves", "amount") >= 3
    plan = planned(short(), STORES, ["unmet_care", "effort", "patient_hours_in_transit"])
    assert plan.goal() == plan.goal("effort") == 0 and plan.moved() == 3


@shows("goals.effort.parts")
def test_what_counts_can_be_chosen():
    def value(case, families, part):
        return planned(case, families, ["unmet_care", {"name": "effort", "parts": [part]}]).goal("effort")

    worked = days(), with_hours()
    assert [value(*worked, part) for part in ("extra_hours", "stocks")] == [8, 0]
    opened = opening(), {"beds": {}, "surge": {}}
    # Two openings; a unit a day, for two days.
    assert [value(*opened, part) for part in ("surge_units", "other_beds")] == [4, 0]


def test_patients_in_other_beds_count_by_the_day():
    case = small({"a": "A"}, (12, 24), (ICU,), {("ward", "a"): 4}, initial={("icu", "a"): 3})
    case = case.having(bed_substitutes=[BedSubstitute("ward", "icu", 1_000_000, ())])
    plan = planned(case, {"beds": {}, "bed_substitution": {}}, GOALS_HERE)
    assert plan.goal() == 0 and plan.goal("effort") == pytest.approx(3 * 1.5)


def test_it_comes_last_in_every_shipped_model_in_which_there_is_something_to_spare():
    spared = {"equipment", "supplies", "endurance", "surge", "bed_substitution"}
    assert spared <= set(FAMILIES) and "effort" in GOALS
    for name in ("exercise", "inside-first", "island", "minimal", "national"):
        spec = load_model(name)
        last = [goal.name for goal in spec.goals][-1]
        assert (last == "effort") == bool(spared & set(spec.families)), name
