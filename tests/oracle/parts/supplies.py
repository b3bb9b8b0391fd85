"""Supplies: care uses them up; a region sends only what its own need of some days can spare."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from .stocking import MICRO, Store, drawn
from .stocking import tables as stock_tables

NAME = "supplies"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Oxygen, one unit for each patient and day or half of one."""
    options = {"moves": rng.random() < 0.9, "partners": 10, "delay_h": rng.choice((0, 6)),
               "floor_days": rng.choice((0, 0.5, 1))}  # fmt: skip
    families = model["families"] | {NAME: options}
    return drawn(rng, situation, "syre", "supply", (MICRO, MICRO // 2)), travel, model | {"families": families}


def add(oracle: Any) -> None:
    """What is held after use, what may be sent on, and what own need of some days leaves to send."""
    options = oracle.families[NAME]
    oracle.own[NAME] = [
        Store(oracle, n, options, False) for n, one in enumerate(oracle.c["stocks"]) if one["kind"] == "supply"
    ]
    days = [Fraction(period["length_h"], 24) for period in oracle.periods]
    least = Fraction(str(options["floor_days"]))
    for store in oracle.own[NAME]:
        for r in store.home:
            floor, gone = Fraction(store.stock["floor_micro"][r], MICRO), Fraction(0)
            out: list = []
            received: list = []
            for t in store.times:
                store.stays(r, t, [(a * days[t], v) for a, v in store.care(r, t)])
                terms, number = store.before(r, t)
                oracle.le([*store.out(r, t), *((-a, v) for a, v in terms)], number)
                gone += store.need[r, t] * days[t]
                out += store.out(r, t)
                received += [*store.into(r, t), (store.one, store.given[r, t])]
                spare = store.own[r, t] - gone - max(floor, least * store.need[r, t])
                oracle.le([*out, *((-a, v) for a, v in received)], max(Fraction(0), spare))


def tell(oracle: Any, value: Any) -> list:
    """What was sent and given, stock by stock."""
    return [store.told(value) for store in oracle.own[NAME]]


def tables(maker: Any) -> dict[str, list[dict[str, Any]]]:
    """Stocks and moves."""
    return stock_tables(maker, NAME)


def used(answer: dict[str, Any]) -> bool:
    """Whether units are sent from one region to another."""
    return any(told["sent"] for told in answer["more"][NAME])
