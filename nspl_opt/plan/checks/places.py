"""Rules and goals of receiving sites, places abroad and reserves."""

from __future__ import annotations

from collections.abc import Mapping

from nspl_opt.plan.checks.rule import Rule, Value

RULES_HERE: Mapping[str, Rule] = {}
GOALS_HERE: Mapping[str, Value] = {}
