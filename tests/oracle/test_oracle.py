"""The first goal against an oracle of another kind: whole small cases, every family, gap nought.

Two sorts of cases: those in which only the families of ``cases.py`` are on, and whole ones, in which every family
that the oracle has a part for may be. ``NSPL_ORACLE_SEEDS`` says how many of each.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import repeat
from unittest.mock import patch

import pytest

from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.pipeline import plan_situation
from nspl_opt.plan.checks import verify

from ..formulation.small import solve_here
from .ask import ask
from .assemble import assemble, decisions_of
from .cases import as_plain, random_case, whole_case
from .parts import MODULES

SEEDS = range(int(os.environ.get("NSPL_ORACLE_SEEDS", "150")))
CLOSE = 1e-3
LESS_OFFERED = "vehicle no quicker and no larger than another"
"""Cases in which the product offers fewer vehicles than there are; there the oracle may do better."""
SHARED = {"beds", "transports"}
"""Families without which the oracle's cases have no sense."""


@pytest.fixture(scope="module", params=[random_case, whole_case], ids=["today", "whole"])
def cases(request):
    return {seed: request.param(seed) for seed in SEEDS}


@pytest.fixture(scope="module")
def answers(cases):
    return dict(zip(cases, ask(as_plain(*case) for case in cases.values()), strict=True))


def test_the_oracle_finds_the_best_plan_of_every_case(answers):
    assert {answer["status"] for answer in answers.values()} == {"OPTIMAL"}


def test_the_cases_use_every_means_there_is(answers):
    found = list(answers.values())
    vehicles = {transfer["vehicle_type"] for answer in found for transfer in answer["transfers"]}
    assert vehicles >= {"amb", "bus", "plane"}
    assert any(answer["lent"] for answer in found) and any(answer["steps"] for answer in found)
    assert any(cared[0] == 1 for answer in found for cared in answer["cared"])


def test_the_ferry_is_used_too():
    ferries = [case for case in map(random_case, SEEDS) if case[0].timetables["L1"].sailings_min]
    found = ask(as_plain(*case) for case in ferries[:60])
    assert any(transfer["vehicle_type"] == "ferry" for answer in found for transfer in answer["transfers"])


def test_the_checker_accepts_every_plan_of_the_oracle(cases, answers):
    for seed, (situation, travel, model) in cases.items():
        plan = assemble(situation, travel, model, decisions_of(answers[seed], situation))
        report = verify(plan, situation, travel)
        assert report.ok, f"{seed}: {report.text('en')}"
        assert _values(plan) == pytest.approx(_best(answers[seed], plan), rel=1e-6, abs=1e-3)


def test_nobody_could_do_better_says_the_oracle_too(cases, answers):
    compared, apart = 0, []
    for seed, (situation, travel, model) in cases.items():
        with patch("nspl_opt.pipeline.solve", solve_here):
            made = plan_situation(situation, travel, model)
        assert made.plan is not None, f"{seed}: {made.why}"
        assert made.check.ok, f"{seed}: {made.check.text('en')}"
        values, best = _values(made.plan), _best(answers[seed], made.plan)
        if made.plan.pruned.get(LESS_OFFERED, 0):
            assert values >= [one - CLOSE for one in best], f"{seed}: better than the best"
            continue
        compared += 1
        if values != pytest.approx(best, abs=CLOSE, rel=0) or made.plan.status != "optimal":
            apart.append((seed, made.plan.status, values, best))
    assert not apart
    assert compared >= 0.75 * len(cases)


def test_the_solvers_own_process_says_the_same_as_the_search_in_this_one(cases):
    situation, travel, model = cases[0]
    with patch("nspl_opt.pipeline.solve", solve_here):
        here = plan_situation(situation, travel, model)
    there = plan_situation(situation, travel, model)
    assert all(there.plan.tables[name].equals(table) for name, table in here.plan.tables.items())


def test_every_family_decides_the_best_plan_of_five_cases():
    """Not only is each on: without it the best plan would be another."""
    cases = [whole_case(seed) for seed in SEEDS]
    families = sorted({name for _, _, model in cases for name in model["families"]} - SHARED)
    assert {part.NAME for part in MODULES} <= set(families)
    left = {name: [case for case in cases if _may_go(name, case[2]["families"])] for name in families}
    wanted = {name: [name, *([f"{name}: its means"] if name in MEANS else [])] for name in families}
    decided = Counter(_decided(left, 12))
    while pending := {
        name: left[name] for name in families if left[name] and min(map(decided.get, wanted[name], repeat(0))) < 5
    }:
        decided.update(_decided(pending, 24))
    assert {what: decided[what] for names in wanted.values() for what in names if decided[what] < 5} == {}


MEANS = {part.NAME: part.used for part in MODULES if hasattr(part, "used")}
"""Family -> whether what it lets do is done in an answer."""


def _may_go(name, families) -> bool:
    """Whether a family is on and no other needs it."""
    return name in families and not any(name in FAMILIES[other].requires for other in families)


def _decided(left, number) -> list[str]:
    """Families, once for each of the next cases in which the best plan is another without them, or uses their means."""
    asked, names = [], []
    for name, cases in left.items():
        for situation, travel, model in cases[:number]:
            without = {other: options for other, options in model["families"].items() if other != name}
            asked += [as_plain(situation, travel, model), as_plain(situation, travel, model | {"families": without})]
            names.append(name)
        del cases[:number]
    found = ask(asked)
    best = [(one["ahead"], one["unmet_care"]) for one in found]
    used = [
        f"{name}: its means" for name, one in zip(names, found[::2], strict=True) if name in MEANS and MEANS[name](one)
    ]
    return used + [name for name, one, other in zip(names, best[::2], best[1::2], strict=True) if one != other]


def test_in_every_eighth_case_every_family_is_on():
    cases = [whole_case(seed) for seed in SEEDS]
    every = {name for _, _, model in cases for name in model["families"]}
    assert sum(set(model["families"]) == every for _, _, model in cases) >= len(cases) // 10


def _values(plan) -> list[float]:
    """The values of the goals that the oracle minimises too: what comes ahead, and unmet care."""
    return [goal.value for goal in plan.goals[: len(plan.goals) if plan.goals[0].name != "unmet_care" else 1]][:2]


def _best(answer, plan) -> list[float]:
    both = [answer["ahead"], answer["unmet_care"]]
    return both[2 - len(_values(plan)) :]
