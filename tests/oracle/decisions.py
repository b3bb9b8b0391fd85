"""Bare decisions: who moves, who is cared for, which trips, loans and steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation


@dataclass
class Decisions:
    """What was decided. ``cared[standard, category, site, period]`` in millionths; amounts may be fractions."""

    transfers: list[tuple[int, str, str, str, str, Fraction]] = field(default_factory=list)
    """(period, from site, to site, category, vehicle type, patients)"""
    trips: list[tuple[int, str, str, str, str, str, Fraction]] = field(default_factory=list)
    """(period, vehicle type, pool, line, from terminal, to terminal, trips)"""
    loans: list[tuple[str, str, str, int, int, int]] = field(default_factory=list)
    """(profession, from region, to region, first block, last block, persons)"""
    steps: dict[tuple[int, int], int] = field(default_factory=dict)
    """(site, block) -> step"""
    cared: dict[tuple[int, int, int, int], int] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    """Part of the oracle -> what it decided, as its ``tables`` reads it."""


def decisions_of(answer: Mapping[str, Any], s: Situation) -> Decisions:
    """The decisions in an answer of the oracle."""
    decisions = Decisions()
    categories = [k.code for k in s.categories]
    for t in answer["transfers"]:
        decisions.transfers.append((t["t"], t["origin"], t["destination"], categories[t["k"]], t["vehicle_type"],
                                    Fraction(t["patients"])))  # fmt: skip
    for vehicle, start, end, line, t, pool, _, trips in answer["trips"]:
        decisions.trips.append((t, vehicle, pool, line, start, end, Fraction(trips)))
    decisions.steps = {(i, d): z for i, d, z in answer["steps"]}
    decisions.cared = {(g, k, i, t): math.floor(amount * MICRO + 1e-6) for g, k, i, t, amount in answer["cared"]}
    decisions.more = dict(answer["more"])
    lent = {tuple(row[:4]): row[4] for row in answer["lent"]}
    begun = {tuple(row[:4]): row[4] for row in answer["begun"]}
    for c, r, q in sorted({key[:3] for key in lent}):
        course = [lent.get((c, r, q, d), 0) for d in range(len(s.block_hours))]
        new = [begun.get((c, r, q, d), 0) for d in range(len(s.block_hours))]
        decisions.loans += [(s.professions[c].code, r, q, *stay) for stay in _stays(course, new)]
    return decisions


def _stays(course: list[int], new: list[int]) -> list[tuple[int, int, int]]:
    """(first block, last block, people): who came first goes home first."""
    away: list[list[int]] = []
    result: list[tuple[int, int, int]] = []
    for d, there in enumerate([*course, 0]):
        home = sum(people for _, people in away) + (new[d] if d < len(new) else 0) - there
        if d < len(new) and new[d]:
            away.append([d, new[d]])
        while home > 0:
            first, people = away[0]
            gone = min(home, people)
            if first < d:  # who leaves in the block of arrival was never away
                result.append((first, d - 1, gone))
            home, away[0][1] = home - gone, people - gone
            if not away[0][1]:
                away.pop(0)
    return sorted(result)
