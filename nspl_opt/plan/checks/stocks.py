"""Rules and goals of equipment, supplies, surge units and groups kept together."""

from __future__ import annotations

from collections.abc import Mapping

from nspl_opt.plan.checks import costs, efforts, groups, stores, units
from nspl_opt.plan.checks.rule import Rule, Value

RULES_HERE: Mapping[str, Rule] = {**stores.RULES_HERE, **units.RULES_HERE, **groups.RULES_HERE}
GOALS_HERE: Mapping[str, Value] = {"cost": costs.cost, "effort": efforts.effort}
