"""Stability: no more is moved otherwise than by the lines of an earlier plan."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from .lines import MICRO, ORDER, amount, columns_on, drawn, is_on, together

NAME = "stability"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """The lines of offers where there are any, else lines of its own; at most so many patients more."""
    options = {"most_new": rng.choice((0, 1, 2, 4, 8, "any"))}
    if not situation.agreements and rng.random() < 0.8:
        situation = drawn(rng, situation)
    return situation, travel, model | {"families": model["families"] | {NAME: options}}


def add(oracle: Any) -> None:
    """What is moved beyond lines, and on none while any of them lasts."""
    most = oracle.families[NAME]["most_new"]
    if most == "any":
        return
    groups = together(oracle.c["agreements"], "patients")
    beyond = []
    for some in groups:
        more = oracle.m.new_int_var(0, 10 * oracle.most, f"beyond{some[0]['code']}")
        oracle.m.add(more >= sum(columns_on(oracle, some[0])) - amount(some, *ORDER))
        beyond.append((Fraction(1), more))
    last = max((line["to_h"] for some in groups for line in some), default=None)
    for e, one in enumerate(oracle.transfers):
        early = last is None or oracle.periods[one["t"]]["start_h"] < last
        if early and not any(is_on(oracle, one, some[0]) for some in groups):
            beyond.append((Fraction(1), oracle.x[e]))
    oracle.le(beyond, Fraction(str(most)))


def changes(maker: Any, rows: dict[str, list[dict[str, Any]]], goal: dict[str, Any]) -> Fraction:
    """What lines have lost, but for what offers keeps; what is moved beyond them and on none of them."""
    keeps = maker.families.get("offers", {"answers": False})["answers"]
    state, total = {line.code: line.state for line in maker.s.agreements}, Fraction(0)
    for row in tables(maker)["changes"]:
        before, now = (Fraction(round(row[name] * MICRO), MICRO) for name in ("before", "now"))
        total += Fraction(str(goal["weight_new"])) * max(Fraction(0), now - before)
        told = state.get(row["agreement"], "")
        if not (keeps and told in ("directed", "accepted")):
            weight = 1 if told == "proposed" else Fraction(str(goal["offered_weight"]))
            total += Fraction(str(goal["weight_gone"])) * weight * max(Fraction(0), before - now)
    return total


GOALS_HERE = {"changes": changes}


def tables(maker: Any) -> dict[str, list[dict[str, Any]]]:
    """Lines of patients, before and now; and what is new."""
    groups = together([asdict(line) for line in maker.s.agreements], "patients")
    rows: dict[tuple[str, str, str, str], tuple[int, int]] = {}
    for some in groups:
        left = maker.moved_on(some[0])
        for line in some:
            now = left if line is some[-1] else min(left, line["amount_micro"])
            left -= now
            rows[line["code"], line["from_region"], line["to_region"], line["what"]] = line["amount_micro"], now
    last = max((line["to_h"] for some in groups for line in some), default=None)
    new: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for move in maker.d.transfers:
        early = last is None or maker.s.periods[move[0]].start_h < last
        if early and not any(maker.is_on(move, some[0]) for some in groups):
            new["", maker.region[move[1]], maker.region[move[2]], move[3]] += round(move[5] * MICRO)
    found = rows | {key: (0, patients) for key, patients in new.items()}
    return {"changes": [
        {"agreement": key[0], "from_region": key[1], "to_region": key[2], "what": key[3], "before": before / MICRO,
         "now": now / MICRO, "change": (now - before) / MICRO}
        for key, (before, now) in sorted(found.items())
    ]}  # fmt: skip
