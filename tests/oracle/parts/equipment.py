"""Equipment: a region cares only for as many as its units are enough for; units move and come back into use."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from .stocking import MICRO, Store, drawn
from .stocking import tables as stock_tables

NAME = "equipment"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Respirators, one for each patient or one for two."""
    options = {"moves": rng.random() < 0.9, "partners": 10, "delay_h": rng.choice((0, 6, 12)),
               "locked_h": rng.choice((0, 24, 48)), "floor_share": rng.choice((0.25, 0.5))}  # fmt: skip
    families = model["families"] | {NAME: options}
    return (
        drawn(rng, situation, "resp", "equipment", (MICRO, MICRO, MICRO // 2)),
        travel,
        model | {"families": families},
    )


def add(oracle: Any) -> None:
    """Enough, the floor, own patients first, and what is locked after it was received."""
    options = oracle.families[NAME]
    oracle.own[NAME] = [
        Store(oracle, n, options, True) for n, one in enumerate(oracle.c["stocks"]) if one["kind"] == NAME
    ]
    starts, share = [period["start_h"] for period in oracle.periods], Fraction(str(options["floor_share"]))
    for store in oracle.own[NAME]:
        for r in store.home:
            floor = max(Fraction(store.stock["floor_micro"][r], MICRO), share * store.start[r])
            for t in store.times:
                there = [(-store.one, store.held[r, t])]
                store.stays(r, t, [])
                oracle.le([*store.care(r, t), *there], 0)
                oracle.le(there, -max(floor, min(store.need[r, t], store.own[r, t])))
                terms, number = store.before(r, t)
                new = [(store.one, v) for (_, q, _, u), v in store.sent.items()
                       if q == r and u < t and starts[t] - starts[u] < options["locked_h"]]  # fmt: skip
                oracle.le([*store.out(r, t), *new, *((-a, v) for a, v in terms)], number)


def tell(oracle: Any, value: Any) -> list:
    """What was sent and given, stock by stock."""
    return [store.told(value) for store in oracle.own[NAME]]


def tables(maker: Any) -> dict[str, list[dict[str, Any]]]:
    """Stocks and moves."""
    return stock_tables(maker, NAME)


def used(answer: dict[str, Any]) -> bool:
    """Whether units are sent from one region to another."""
    return any(told["sent"] for told in answer["more"][NAME])
