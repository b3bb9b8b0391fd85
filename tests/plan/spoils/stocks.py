"""Spoiled equipment and supplies: a cell, a row, or a load sent otherwise with every figure that follows from it."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import cache
from typing import Any

import pandas as pd

from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation

from ...formulation.small import planned, small
from ...formulation.stores import LIGHT, stocked
from .making import Spoil, added, changed, dropped, row_of, shifted, with_table

MODEL = {
    "beds": {}, "equipment": {"partners": 2, "locked_h": 48}, "supplies": {"delay_h": 0, "floor_days": 1},
}  # fmt: skip


@cache
def sound() -> tuple[Plan, Situation, Any]:
    """A has patients and little; B and C lend ventilators and gowns, and so does the nation."""
    beds, come = {("icu", site): 99 for site in "abc"}, {("icu", "c"): [0, 0, 3, 0]}
    case = small(
        {"a": "A", "b": "B", "c": "C"}, hours=(24,) * 4, categories=(LIGHT,), beds=beds, arrivals=come,
        initial={("icu", "a"): 14, ("icu", "b"): 2}, roads={},
    )  # fmt: skip
    case = stocked(case, {"A": 4, "B": 8, "C": 3}, national={2: 1})
    case = stocked(case, {"A": 10, "B": 20, "C": 9}, "supply", delivered={("A", 1): 4}, national={1: 3}, code="gown")
    made = planned(case, MODEL).made
    return made.plan, case.situation, case.travel


def _again(plan: Plan, situation: Situation, moves: list[dict[str, Any]]) -> Plan:
    """The plan with other loads, and with what regions then hold."""
    change: dict[tuple[str, str, int], float] = defaultdict(float)
    for move in moves:
        change[move["stock"], move["to_region"], move["arrival_period"]] += move["amount"]
        change[move["stock"], move["from_region"], move["period"]] -= move["amount"]
    kind = {stock.code: stock for stock in situation.stocks}
    regions = [region.code for region in situation.regions]
    frame, held = plan.tables["stocks"].copy(), {}
    for n, row in frame.iterrows():
        stock, r, supply = kind[row.stock], regions.index(row.region), kind[row.stock].kind == "supply"
        before = held.get((row.stock, row.region), int(stock.held_micro[r]) / MICRO)
        now = before + int(stock.delivered_micro[r, row.period]) / MICRO + change[row.stock, row.region, row.period]
        now = round(now - (row.used if supply else 0), 6)
        held[row.stock, row.region] = frame.loc[n, "held"] = now
        frame.loc[n, "short"] = round(max(0, row.own_need - now - (row.used if supply else 0)), 6)
        if supply:
            frame.loc[n, "days_left"] = round(max(now, 0) / row.used, 6) if row.used else None
    table = pd.DataFrame(moves, columns=plan.tables["stock_moves"].columns).sort_values("id")
    return with_table(with_table(plan, "stocks", frame), "stock_moves", table)


def _moves(plan: Plan) -> list[dict[str, Any]]:
    return plan.tables["stock_moves"].to_dict("records")


def _more(stock: str, origin: str, amount: float) -> Spoil:
    """So much more of a load that leaves ``origin``."""

    def spoil(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        moves = _moves(plan)
        some = [move for move in moves if move["stock"] == stock and move["from_region"] == origin]
        rng.choice(some)["amount"] += amount
        return _again(plan, situation, moves)

    return spoil


def _load(stock: str, ends: tuple[str, str], periods: tuple[int, int], amount: float) -> Spoil:
    """One more load."""

    def spoil(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        starts = [plan.tables["census"].query(f"period == {t}")["start"].iloc[0] for t in periods]
        one = (f"{stock}-{ends[0]}-{ends[1]}-{periods[0]:03d}x", stock, *ends, periods[0], starts[0], periods[1],
               starts[1], amount)  # fmt: skip
        moves = [*_moves(plan), dict(zip(plan.tables["stock_moves"].columns, one, strict=True))]
        return _again(plan, situation, moves)

    return spoil


def _unknown(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    return changed(plan, "stocks", row_of(plan, "stocks", rng), stock="none")


def _elsewhere(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    frame = plan.tables["stock_moves"]
    row = row_of(plan, "stock_moves", rng, frame["from_region"] != "")
    ends = {frame.loc[row, "from_region"], frame.loc[row, "to_region"]}
    return changed(plan, "stock_moves", row, to_region=min({"A", "B", "C"} - ends))


KINDS_HERE: dict[str, Spoil] = {
    "stock_held": added("stocks", "held", (-1.0, 0.5, 0.001)),
    "stock_used": added("stocks", "used", (-1.0, 0.001, 2.0)),
    "stock_need": added("stocks", "own_need", (0.01, 1.0)),
    "stock_short": added("stocks", "short", (0.01, 1.0)),
    "stock_forgotten": dropped("stocks", "held"),
    "stock_unknown": _unknown,
    "stock_start": shifted("stocks", "start"),
    "load_amount": added("stock_moves", "amount", (-0.5, 0.001, 1.0)),
    "load_forgotten": dropped("stock_moves"),
    "load_elsewhere": _elsewhere,
    "load_depart": shifted("stock_moves", "depart"),
    "load_arrive": shifted("stock_moves", "arrive"),
}
DEEP_HERE: dict[str, tuple[Spoil, str]] = {
    "equipment_in_use_sent": (_more("vent", "B", 1.0), "equipment.enough"),
    "equipment_floor_sent": (_more("vent", "B", 0.5), "equipment.floor"),
    "equipment_own_need_sent": (_more("vent", "B", 0.01), "equipment.own_first"),
    "equipment_sent_while_short": (_load("vent", ("A", "B"), (0, 1), 0.5), "equipment.own_first"),
    "equipment_sent_on_at_once": (_load("vent", ("A", "B"), (2, 3), 4.5), "equipment.locked"),
    "equipment_given_twice": (_more("vent", "", 1.0), "equipment.national"),
    "equipment_too_soon": (_load("vent", ("C", "A"), (0, 0), 0.1), "equipment.partners"),
    "equipment_to_itself": (_load("vent", ("C", "C"), (0, 1), 0.1), "equipment.partners"),
    "supplies_used_up_sent": (_load("gown", ("A", "B"), (3, 3), 9.0), "supplies.enough"),
    "supplies_floor_sent": (_more("gown", "B", 1.0), "supplies.floor"),
    "supplies_sent_before_they_come": (_load("gown", ("A", "C"), (0, 0), 20.0), "supplies.locked"),
    "supplies_given_twice": (_more("gown", "", 1.0), "supplies.national"),
    "supplies_too_late": (_load("gown", ("B", "A"), (0, 2), 0.1), "supplies.partners"),
}
"""Kind -> spoil and the rule that must tell."""
