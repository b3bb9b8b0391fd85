"""What a scenario says of care: the crisis standard, stays, paths, other beds, places in the municipalities."""

from __future__ import annotations

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.resolve import resolve


def codes(toy, scenario) -> list[tuple[str, str]]:
    """(code, address) of every problem of a scenario."""
    with pytest.raises(InvalidInput) as refused:
        resolve(toy, scenario)
    return [(problem.code, problem.where.split(": ")[-1]) for problem in refused.value.problems]


UNLOCKED = '\n[[crisis]]\nplaces = ["01"]\nfrom_h = 6\nto_h = 30\nunlocked_by = "regionledning"\n'


def test_the_crisis_standard_is_unlocked_in_periods_that_lie_wholly_in_the_window(given, toy):
    situation = resolve(toy, given(UNLOCKED))
    assert situation.crisis_open[0].tolist() == [False, True, True, True, False, False]
    assert not situation.crisis_open[1:].any()
    assert resolve(toy, given(folder="again")).crisis_open is None


def test_a_region_is_unlocked_when_all_its_hospitals_are(given, toy):
    one = given(UNLOCKED.replace('"01"', '"alfa"'))
    assert not resolve(toy, one, "region").crisis_open.any()
    assert resolve(toy, one, "hospital").crisis_open.sum() == 3
    both = given(UNLOCKED.replace('"01"', '"alfa", "beta"'), folder="both")
    assert resolve(toy, both, "region").crisis_open.sum() == 3


def test_an_unknown_place_and_an_empty_window_are_refused_together(given, toy):
    wrong = given(UNLOCKED.replace('"01"', '"99"').replace("to_h = 30", "to_h = 6"))
    assert codes(toy, wrong) == [("S410", "crisis[0].places[0]"), ("S201", "crisis[0].to_h")]
