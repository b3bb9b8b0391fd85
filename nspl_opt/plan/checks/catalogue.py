"""Every rule of the checker, in the order in which they are applied."""

from __future__ import annotations

from collections.abc import Mapping

from nspl_opt.plan.checks import agreements, care_more, listed, places, stocks
from nspl_opt.plan.checks.rule import Rule

MODULES = (listed, care_more, stocks, agreements, places)

FORM = ("the tables have the columns and types of the contract", "tabellerna har avtalets kolumner och typer")
CODES = ("every code is one of the situation's", "varje kod finns i läget")

RULES: Mapping[str, Rule] = {name: rule for module in MODULES for name, rule in module.RULES_HERE.items()}
"""Applied in this order."""

OWNERS: Mapping[str, tuple[str, ...]] = {
    table: tuple(sorted({rule.family for rule in RULES.values() if table in rule.owns}))
    for table in sorted({table for rule in RULES.values() for table in rule.owns})
}
"""Table -> the families that own it: it has rows only where one of them is in the model."""
