"""Rules and goals of offers, answers, pairs, batches and stability."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from nspl_opt.plan.checks.case import Case
from nspl_opt.plan.checks.report import Tally
from nspl_opt.plan.checks.rule import Rule, Value


def _covers(case: Case, what: str, category: str) -> bool:
    """Whether a code that a scenario names is the category, the one it is a stage or group of, or all."""
    one = case.situation.categories[case.category[category]]
    return what in ("all", one.code, one.parent)


def listed(case: Case) -> Tally:
    """Patients are moved between pairs that the list allows; an empty list allows all."""
    tally = Tally()
    pairs: Collection[Any] = case.situation.pairs
    allow = case.option("allowed_pairs", "list", "allow") == "allow"
    for row in case.rows["transfers"] if pairs else ():
        on_it = any(
            row.from_site in pair.from_sites
            and row.to_site in pair.to_sites
            and _covers(case, pair.category, row.category)
            for pair in pairs
        )
        found = f"{row.category} from {row.from_site} to {row.to_site}"
        tally.holds(("transfers", row.id), on_it == allow, f"a pair {'on' if allow else 'not on'} the list", found)
    return tally


RULES_HERE: Mapping[str, Rule] = {
    "allowed_pairs.listed": Rule(
        listed,
        "allowed_pairs",
        "patients move only between pairs that are allowed",
        "patienter flyttas bara mellan tillåtna par",
    ),
}
GOALS_HERE: Mapping[str, Value] = {}
