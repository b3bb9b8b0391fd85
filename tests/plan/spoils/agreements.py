"""Agreements, offers and pairs: kept less than it says, more than is agreed, what was declined."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Agreement, Pair, RegionOffer
from nspl_opt.scenario.situation import Situation

from ...formulation.small import USUAL, planned, small
from ..spoiling import decisions_in, rebuilt
from .making import Spoil, added, changed, dropped, row_of

MODEL = {"beds": {}, "offers": {}, "allowed_pairs": {}, "stability": {"most_new": 0.0}}
SITES = {"norr": "n", "ost": "o", "syd": "s", "vast": "v"}


def _line(code: str, state: str, to: str, amount: int) -> Agreement:
    ends = ("norr",), (to,), "n", SITES[to]
    return Agreement(code, state, "patients", *ends, "icu", "", 0, 24, amount * MICRO, "", "")


@cache
def sound() -> tuple[Plan, Situation, Any]:
    """Nine leave norr: three accepted by ost, of whom one is wanting beds; vast declines, syd takes five."""
    beds = {("icu", site): 9 for site in ("ost", "syd", "vast")}
    case = small(SITES, beds=beds, initial={("icu", "norr"): 9}).having(
        agreements=[
            _line("T1", "accepted", "ost", 3), _line("T2", "directed", "syd", 7), _line("T3", "declined", "vast", 2),
        ],
        offers=[RegionOffer("s", "take", "icu", 0, 24, 5 * MICRO)],
        pairs=[Pair(("norr",), ("ost", "syd", "vast"), "icu")],
    )  # fmt: skip
    made = planned(case, MODEL, [{"name": "agreements_broken"}, *USUAL]).made
    return made.plan, case.situation, case.travel


def _sent(site: str, extra: int, other: str = "") -> Spoil:
    """Others than agreed go to a site, or go there instead of elsewhere."""

    def spoil(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        d = decisions_in(plan, situation)
        n = next(n for n, row in enumerate(d.transfers) if row[2] == site)
        row = d.transfers[n]
        d.transfers[n] = (*row[:5], row[5] + extra)
        if other:
            d.transfers.append((*row[:2], other, *row[3:5], row[5] * 0 + 1))
        return _again(plan, situation, d)

    return spoil


def _again(plan: Plan, situation: Situation, decisions: Any) -> Plan:
    """The plan of these decisions; what is told of agreements and goals stays as it was."""
    known = [goal for goal in plan.model["goals"] if goal["name"] != "agreements_broken"]
    again = rebuilt(plan, situation, decisions, sound()[2], {**plan.model, "goals": known})
    mine = {name: plan.tables[name] for name in ("agreements", "changes")}
    return replace(again, model=plan.model, goals=plan.goals, tables={**again.tables, **mine})


def _option(family: str, name: str, value: object) -> Spoil:
    """The model says otherwise than it was planned by."""

    def spoil(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        families = {**plan.model["families"], family: {**plan.model["families"][family], name: value}}
        return replace(plan, model={**plan.model, "families": families})

    return spoil


def _no_reason(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    table = plan.tables["agreements"]
    return changed(plan, "agreements", row_of(plan, "agreements", rng, table["broken"] > 0), why="")


def _other_state(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    return changed(plan, "agreements", row_of(plan, "agreements", rng), state="proposed")


KINDS_HERE: dict[str, Spoil] = {
    "an agreement left out": dropped("agreements"),
    "more kept than was moved": added("agreements", "kept", (1.0, 0.5)),
    "another amount broken": added("agreements", "broken", (1.0, 0.25)),
    "broken without a reason": _no_reason,
    "an answer that was not given": _other_state,
    "a change left out": dropped("changes"),
    "more done than was moved": added("changes", "now", (1.0, 0.5)),
    "more planned before than was": added("changes", "before", (1.0,)),
}
DEEP_HERE: dict[str, tuple[Spoil, str]] = {
    "one agreed upon is not moved": (_sent("ost", -1), "offers.kept"),
    "one more than is agreed": (_sent("ost", 1), "offers.no_more"),
    "one more than the region takes": (_sent("syd", 1), "offers.limit"),
    "one to where it was declined": (_sent("ost", 0, "vast"), "offers.declined"),
    "one on no line": (_sent("ost", 0, "vast"), "stability.most_new"),
    "a pair that is forbidden": (_option("allowed_pairs", "list", "forbid"), "allowed_pairs.listed"),
}
