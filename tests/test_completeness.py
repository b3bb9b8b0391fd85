"""Nothing silent: each rule has its rows looked through, its check, its tests; each table its spoiled plans."""

from __future__ import annotations

import pytest

from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.texts import rules_of
from nspl_opt.plan.checks.catalogue import RULES
from nspl_opt.plan.parts.tables_reasons import TABLES_HERE as REASONS
from nspl_opt.plan.plan import TABLES

from .plan import island
from .plan.corruptions import SHALLOW, corrupt
from .plan.spoils import MODULES
from .register import TESTS

FORMULATION = TESTS / "formulation"
TESTED_IN = {
    "capability": "test_beds.py",
    "staff_loans": "test_staff.py",
    "travel_time": "test_options.py",
    "areas": "test_options.py",
}
"""Families that have no file of tests of their own, and the file that holds them."""
TOLD = {"rules", *REASONS}
"""Tables that tell of the model and decide nothing: the checker does not read them."""


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_rule_with_rows_has_one_that_was_looked_through(family):
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((FORMULATION / "golden").rglob("*.txt")))
    kept_otherwise = {rule.name for rule in FAMILIES[family].says}
    rules = {rule.name for rule in rules_of(FAMILIES[family])} - kept_otherwise
    assert {rule for rule in rules if f"\n{rule} " not in f"\n{text}"} == set()


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_is_checked_and_has_tests_of_its_own(family):
    assert [name for name, rule in RULES.items() if rule.family == family]
    tests = FORMULATION / TESTED_IN.get(family, f"test_{family}.py")
    assert family in tests.read_text(encoding="utf-8")


def test_every_table_that_is_checked_is_spoiled_in_some_way():
    sound, situation = island.plan(), island.situation()
    spoiled = {name for kind in SHALLOW for name in _apart(sound, corrupt(sound, situation, 0, kind))}
    for module in MODULES:
        plan, case, _ = module.sound()
        spoiled |= {name for kind in module.KINDS_HERE for name in _apart(plan, corrupt(plan, case, 0, kind))}
    assert set(TABLES) - spoiled == TOLD


def _apart(one, other) -> set[str]:
    return {name for name, table in one.tables.items() if not table.equals(other.tables[name])}
