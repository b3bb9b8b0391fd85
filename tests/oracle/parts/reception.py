"""Reception: how many patients places can take in a day."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

NAME = "reception"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """A limit for one place or two together, and now and then a share of the beds of every place."""
    from nspl_opt.scenario.parts import ReceptionLimit

    codes = [site.code for site in situation.sites]
    last = situation.periods[-1]
    limits = tuple(
        ReceptionLimit(tuple(sorted(rng.sample(codes, rng.randint(1, 2)))), rng.choice(("icu", "ward", "all")), 0,
                       rng.choice((24, last.start_h + last.length_h)), rng.choice((0, 1_000_000, 2_000_000)))
        for _ in range(rng.randint(1, 2))
    )  # fmt: skip
    options = {"per_day_share": rng.choice(("off", "off", 0.25, 0.5)), "limits": rng.random() < 0.8}
    families = model["families"] | {NAME: options}
    return replace(situation, reception=limits), travel, model | {"families": families}


def add(oracle: Any) -> None:
    """Patients who arrive in a staff block, per limit of the scenario and per site and bed type."""
    options, case = oracle.families[NAME], oracle.c
    if options["limits"]:
        for limit in case["reception"]:
            rate = Fraction(limit["per_day_micro"], oracle.micro)
            window = [_inside(period, limit) for period in oracle.periods]
            _limit(oracle, limit["sites"], limit["bed_type"], window, [rate] * len(oracle.periods))
    if options["per_day_share"] != "off":
        share = Fraction(str(options["per_day_share"]))
        for i, site in enumerate(oracle.sites):
            for b, bed in enumerate(case["bed_types"]):
                rates = [share * beds for beds in case["beds"][b][i]]
                _limit(oracle, [site["code"]], bed["code"], [True] * len(oracle.periods), rates)


def _inside(period: dict[str, Any], limit: dict[str, Any]) -> bool:
    """Whether the middle of the period lies in the window."""
    return limit["from_h"] <= Fraction(2 * period["start_h"] + period["length_h"], 2) < limit["to_h"]


def _limit(oracle: Any, sites: list[str], bed_type: str, window: list[bool], rates: list[Fraction]) -> None:
    kinds = [k for k, one in enumerate(oracle.c["categories"]) if bed_type in ("all", one["bed_type"])]
    for d in range(len(oracle.block_hours)):
        times = [t for t, period in enumerate(oracle.periods) if period["block"] == d and window[t]]
        coming = [
            (Fraction(1), oracle.x[e]) for e, one in enumerate(oracle.transfers)
            if one["k"] in kinds and one["arrival"] in times and one["destination"] in sites
            and one["origin"] not in sites
        ]  # fmt: skip
        if times and coming:
            oracle.le(coming, sum(rates[t] * oracle.periods[t]["length_h"] / 24 for t in times))
