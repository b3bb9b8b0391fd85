"""Allowed pairs: transfers only between the places on a list, or only between others."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

NAME = "allowed_pairs"


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Some of the ordered pairs, of one category or of all."""
    from nspl_opt.scenario.parts import Pair

    codes, kinds = [site.code for site in situation.sites], [category.code for category in situation.categories]
    allow = rng.random() < 0.5
    pairs = tuple(
        Pair((one,), (other,), rng.choice((*kinds, "all", "all")))
        for one in codes for other in codes if one != other and rng.random() < (0.8 if allow else 0.25)
    )  # fmt: skip
    families = model["families"] | {NAME: {"list": "allow" if allow else "forbid"}}
    return replace(situation, pairs=pairs), travel, model | {"families": families}


def prepare(oracle: Any) -> None:
    """What is not on the list, or what is, is not offered. An empty list says nothing."""
    pairs, allow = oracle.c["pairs"], oracle.families[NAME]["list"] == "allow"
    named = [{"all", one["code"], one["parent"]} for one in oracle.c["categories"]]

    def listed(k: int, journey: dict[str, Any]) -> bool:
        return any(
            pair["category"] in named[k] and journey["origin"] in pair["from_sites"]
            and journey["destination"] in pair["to_sites"]
            for pair in pairs
        )  # fmt: skip

    if pairs:
        oracle.refuse.append(lambda k, journey, t: listed(k, journey) != allow)


def add(oracle: Any) -> None:
    """Nothing more."""
