"""Stocks in words, for small cases: amounts per region, in units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Stock

from .small import ICU, Case, small

LIGHT = replace(ICU, severity_weight=1)
"""An hour without care counts as one."""


def stocked(
    case: Case,
    held: Mapping[str, float],
    kind: str = "equipment",
    use: Mapping[str, float] | float = 1,
    floor: Mapping[str, float] = {},
    delivered: Mapping[tuple[str, int], float] = {},
    national: Mapping[int, float] = {},
    code: str = "vent",
) -> Case:
    """The case with one more stock. ``delivered`` by region and period, ``national`` by period."""
    situation = case.situation
    regions, periods = [region.code for region in situation.regions], len(situation.periods)
    use = use if isinstance(use, Mapping) else {category.code: use for category in situation.categories}

    def micro(values: Any) -> np.ndarray:
        array = np.rint(np.array(values, dtype=float) * MICRO).astype(np.int64)
        array.setflags(write=False)
        return array

    stock = Stock(
        code, "Lager", "Stock", "st", kind, {name: round(units * MICRO) for name, units in use.items()},
        micro([held.get(r, 0) for r in regions]), micro([floor.get(r, 0) for r in regions]),
        micro([[delivered.get((r, t), 0) for t in range(periods)] for r in regions]),
        micro([national.get(t, 0) for t in range(periods)]),
    )  # fmt: skip
    return case.having(stocks=[*situation.stocks, stock])


def states(hours: Sequence[int] = (24,) * 4) -> Case:
    """Three regions and a national stock: A has 14 patients who need a unit each and 4 units, B 2 and 8, C 3 units and
    from the third period 3 patients; then a national unit is released. Nobody is moved; a region is its site."""
    late = [0.0] * len(hours)
    late[2 % len(hours)] = 3
    case = small(
        {"a": "A", "b": "B", "c": "C"}, hours=hours, categories=(LIGHT,), beds={("icu", site): 99 for site in "abc"},
        initial={("icu", "a"): 14, ("icu", "b"): 2}, arrivals={("icu", "c"): late}, roads={},
    )  # fmt: skip
    return stocked(case, {"A": 4, "B": 8, "C": 3}, national={2: 1})


def roads(case: Case, minutes: Mapping[tuple[str, str], int]) -> Case:
    """The case with other minutes between regions, both ways."""
    both = {**minutes, **{(b, a): time for (a, b), time in minutes.items()}}

    class Roads(type(case.travel)):
        def region_minutes(self, region_a: str, region_b: str) -> int | None:
            return both.get((region_a, region_b))

    travel = Roads([], {})
    vars(travel).update(vars(case.travel))
    return Case(case.situation, travel)
