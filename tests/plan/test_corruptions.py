"""Six hundred and more spoiled plans; the checker lets none through."""

from __future__ import annotations

import pytest

from nspl_opt.plan.checks import verify

from . import island
from .corruptions import DEEP, KINDS, RULE_BROKEN, corrupt
from .deep import unspoiled
from .spoils import HOME, MODULES

SEEDS = range(20)


@pytest.fixture(scope="module")
def sound():
    return island.plan(), island.situation(), island.travel()


def test_the_plan_for_the_island_keeps_every_rule(sound):
    plan, situation, travel = sound
    report = verify(plan, situation, travel)
    assert report.ok, report.text("en")


def test_a_plan_taken_apart_and_put_together_again_is_the_same_plan(sound):
    plan, situation, travel = sound
    again = unspoiled(plan, situation)
    assert verify(again, situation, travel).ok
    assert all(again.tables[name].equals(plan.tables[name]) for name in plan.tables)


@pytest.fixture(scope="module")
def sound_by_module():
    return {module: module.sound() for module in MODULES}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_the_plan_that_a_module_spoils_keeps_every_rule(sound_by_module, module):
    report = verify(*sound_by_module[module])
    assert report.ok, report.text("en")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_spoiled_plan_is_refused(sound, sound_by_module, kind):
    plan, situation, travel = sound_by_module[HOME[kind]] if kind in HOME else sound
    for seed in SEEDS:
        report = verify(corrupt(plan, situation, seed, kind), situation, travel)
        assert not report.ok, f"{kind} {seed} was let through"
        if kind in DEEP:
            assert RULE_BROKEN[kind] in report.broken, f"{kind} {seed}: {report.text('en')}"
