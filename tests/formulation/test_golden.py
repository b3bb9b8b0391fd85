"""Every rule of every family, row by row, as text. ``NSPL_GOLDEN=write`` writes the files anew."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from nspl_opt.formulation import core, goals
from nspl_opt.formulation.build import arc_rules, build_model
from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.formulation.texts import rules_in, rules_of
from nspl_opt.instance.derive import derive_instance
from nspl_opt.reference.reference import MICRO

from ..solver.same_form import same_form
from .rows import offered, rows_by_block
from .small import ICU, WARD, by_air, by_sea, model, small

GOLDEN = Path(__file__).with_name("golden")
REGIONS = {"crossings": {"grouping": "region"}}
TODAY = (
    "elective", "staff_loans", "beds", "staff", "transports", "travel_time", "capability", "areas", "reserve",
)  # fmt: skip
AIMS = (
    "unmet_care", "worst_region", "postponed_care", "patient_hours_in_transit", "crossings", "staff_away",
    "contingency_care",
)  # fmt: skip
"""The families and goals of these files; every later one has a file of its own."""
LATER = {"reserve.region_floor", "reserve.hosted", "reserve.helper"}
"""Rules of these families that later options brought: they are looked through in ``golden/more``."""
BUILT = ["core", "goals", "worst_region", "staff_loans", "beds", "staff", "transports", "reserve"]


@pytest.fixture(scope="module")
def golden_model():
    """An island and two hospitals of one region on the mainland; the first families and goals."""
    case = small(
        {"visby": "i", "huddinge": "ab", "solna": "ab"}, hours=(6, 18, 24),
        categories=(replace(ICU, mean_stay_h=120, capability="icu", escort_micro={"nurse": MICRO}),
                    replace(WARD, vehicle_types=("bus", "ferry"))),
        beds={("icu", "visby"): 2, ("icu", "huddinge"): (8, 8, 6), ("ward", "huddinge"): 20, ("ward", "solna"): 9},
        surge={("icu", "visby"): (0, 1, 1)}, planned={("icu", "huddinge"): 3, ("ward", "solna"): 2},
        staff={"visby": 12, "huddinge": 60, "solna": (30, 30, 24)}, planned_staff={"huddinge": 6, "solna": 4},
        on_duty=0.25, initial={("icu", "visby"): 1, ("ward", "solna"): 4},
        arrivals={("icu", "visby"): (4, 2, 0), ("ward", "huddinge"): (1, 1, 0.5)},
        roads={("huddinge", "solna"): 45},
        journeys=(by_air("visby", "huddinge", 150, (10, 25)), by_sea("visby", "huddinge", 420, (0, 30)),
                  by_sea("visby", "solna", 500, (0, 50)), by_sea("huddinge", "visby", 420)),
        fleet={"amb-ab": 4, "amb-i": 1, "plane-ab": (0, 1, 1), "bus-ab": 1, "bus-i": 1},
        trips={("bus-ab", "huddinge", "solna"): 300, ("plane-ab", "air-visby", "air-huddinge"): 400},
        departures=(0, 1, 2), areas={"mitt": ("ab",), "ost": ("ab", "i")},
        able={"visby": ("icu",), "huddinge": ("icu",)},
    )  # fmt: skip
    families = {name: {} for name in TODAY} | {
        "staff_loans": {"professions": ["nurse"], "share": 0.1, "shortest_stay_h": 48, "longest_stay_h": 48},
        "reserve": {"bed_types": ["icu"]},
    }
    spec = model_from_dict(model(families, [{"name": goal} | REGIONS.get(goal, {}) for goal in AIMS]))
    inst = derive_instance(case.situation, case.travel, arc_rules(spec, case.situation))
    return build_model(spec, inst, case.travel)


@pytest.fixture(scope="module")
def written(golden_model):
    return rows_by_block(golden_model) | {"offered": offered(golden_model)}


@pytest.mark.parametrize("block", [*BUILT, "offered"])
def test_the_rows_are_those_that_were_looked_through(block, written):
    file = GOLDEN / f"{block}.txt"
    if os.environ.get("NSPL_GOLDEN") == "write":
        file.write_text(written[block], encoding="utf-8")
    assert written[block].splitlines() == file.read_text(encoding="utf-8").splitlines()


def test_no_block_and_no_file_is_forgotten(written):
    assert sorted(written) == sorted([*BUILT, "offered"])
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == sorted(written)


def test_every_rule_of_these_families_has_a_golden_row(golden_model):
    text = "\n".join(path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.txt"))
    said = {rule.name for family in map(FAMILIES.get, TODAY) for rule in family.says}
    rules = {rule.name for family in map(FAMILIES.get, TODAY) for rule in rules_of(family)} - said
    rules |= {rule.name for rule in (*rules_in(core, "core"), *rules_in(goals, "worst_region"))}
    assert {rule for rule in rules - LATER if f"{rule} " not in text} == set()
    assert {rule.name for rule in golden_model.rule_texts} == rules - LATER


def test_the_words_of_a_rule_read_from_its_source_are_those_of_the_model(golden_model):
    read = {rule.name: rule for family in map(FAMILIES.get, TODAY) for rule in rules_of(family)}
    for rule in golden_model.rule_texts:
        if rule.name in read:
            assert read[rule.name] == rule
        assert rule.sentence.endswith(".") and rule.equation and rule.unit


def test_the_matrix_of_every_rule_and_goal_is_the_one_that_pyomo_makes(golden_model):
    same_form(golden_model)
