"""Later parts of a scenario act in one order, and each sees the places and categories as they then are."""

import dataclasses
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from nspl_opt.scenario import resolve, steps
from nspl_opt.scenario.parts import Pair


@pytest.fixture
def acting(monkeypatch):
    def listed(**modules):
        for name, functions in modules.items():
            monkeypatch.setitem(sys.modules, f"nspl_opt.scenario.{name}", SimpleNamespace(**functions))
        monkeypatch.setattr(steps, "STEPS", tuple(modules))
        monkeypatch.setattr(steps, "EXTRAS", ())

    return listed


def twice(scene):
    """Every category once more, with nobody in it."""
    copies = tuple(dataclasses.replace(one, code=f"{one.code}.g", parent=one.code) for one in scene.categories)
    figures = dict(scene.by_hospital)
    for name in ("arrivals_micro", "initial_micro"):
        figures[name] = np.concatenate([figures[name], np.zeros_like(figures[name])])
    return dataclasses.replace(scene, categories=(*scene.categories, *copies), by_hospital=figures)


def pairs(scene):
    last = scene.categories[-1].code
    return {"pairs": (Pair(scene.sites_of("02"), scene.sites_of("all"), last),)}


def test_what_is_filled_in_sees_the_categories_that_were_cloned_before(given, toy, acting):
    acting(groups={"clone": twice}, pairs={"fill": pairs})
    situation = resolve.resolve(toy, given())
    assert situation.pairs == (Pair(("02",), ("01", "02", "03"), "ward.g"),)
    assert situation.arrivals_micro.shape[0] == len(situation.categories) == situation.leaves().shape[0]


def test_two_owners_of_one_field_are_refused(given, toy, acting):
    acting(pairs={"fill": pairs}, offers={"fill": pairs})
    with pytest.raises(TypeError, match="pairs"):
        resolve.resolve(toy, given())
