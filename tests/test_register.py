"""The register: every option of a model file acts, and a test says so and shows it."""

from __future__ import annotations

import pytest

from nspl_opt.formulation.goals import GOALS

from .formulation.small import planned, small
from .formulation.test_options import SOLVER_EFFECTS
from .register import acted, claims, every_option, shows, watching

FIVE = {"beds": {("icu", "norr"): 2, ("icu", "syd"): 9}, "initial": {("icu", "norr"): 5}}
TWO = {"norr": "n", "syd": "s"}


def test_every_option_is_claimed_by_a_test_that_shows_what_it_does():
    named, options = claims(GOALS), every_option()
    print(f"{len(options)} options, {sum(map(len, named.values())) + len(SOLVER_EFFECTS)} claims")
    assert sorted(options - set(named) - set(SOLVER_EFFECTS)) == [], "options without a test that shows what they do"


def test_every_claim_is_of_an_option_a_family_or_a_goal_that_there_is():
    options = every_option()
    known = options | {".".join(option.split(".")[:2]) for option in options}
    assert {name: files for name, files in claims(GOALS).items() if name not in known} == {}


def test_a_claim_holds_only_if_nothing_else_was_changed_and_the_plan_differs():
    def plans(*shares: float, beds: int = 9, **more: float) -> list:
        with watching() as seen:
            for share in shares:
                case = small(TWO, **FIVE | {"beds": {("icu", "syd"): beds}})
                planned(case, {"beds": {}, "travel_time": {"longest_journey_factor": share}}, **more)
        return seen

    option = "families.travel_time.longest_journey_factor"
    apart = plans(0.1, 1.0)
    assert acted(option, apart)
    assert not acted("families.travel_time.nearest", apart)
    assert not acted(option, plans(0.9, 1.0)), "two hours are within both limits: the plans are alike"
    assert not acted(option, [*plans(0.1), *plans(1.0, beds=8)]), "another case"
    assert not acted(option, [*plans(0.1), *plans(1.0, seed=3)]), "another setting too"


def test_a_claim_that_its_test_does_not_show_fails():
    @shows("families.travel_time.nearest")
    def nothing_shown() -> None:
        planned(small(TWO, **FIVE), {"beds": {}, "travel_time": {}})

    with pytest.raises(AssertionError, match="nearest"):
        nothing_shown()


def test_a_family_is_shown_by_plans_with_it_and_without():
    full = small({"norr": "n"}, beds={("icu", "norr"): 1}, initial={("icu", "norr"): 2})

    @shows("families.beds")
    def beds() -> None:
        planned(full, ())
        planned(full, ("beds",))

    beds()
