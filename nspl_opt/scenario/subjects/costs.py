"""What things cost: the table ``[costs]``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nspl_opt.problems import Problem, did_you_mean
from nspl_opt.reference.reference import MICRO, Reference
from nspl_opt.scenario.extra import Scene
from nspl_opt.scenario.fields import exact
from nspl_opt.scenario.findings import unknown
from nspl_opt.scenario.parts import Costs
from nspl_opt.scenario.scenario import Scenario


def check(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    """``S426`` a vehicle type, profession or stock that is not there."""
    costs = scenario.file.costs
    if costs is None:
        return
    where = f"{scenario.file_name}: costs"
    for key, kind, many in (
        ("vehicle_hour", "vehicle type", reference.vehicle_types), ("loan_day", "profession", reference.professions),
    ):  # fmt: skip
        for code in getattr(costs, key):
            yield from unknown("S426", f"{where}.{key}", kind, code, [one.code for one in many])
    stocks = [entry.code for entry in scenario.file.stocks]
    for code in costs.stock_move:
        if code not in stocks:
            what = f"'{code}': no [[stocks]] of this code"
            yield Problem("S426", f"{where}.stock_move", what, did_you_mean(code, stocks))


def fill(scene: Scene) -> dict[str, Any]:
    """The field ``costs``."""
    costs = scene.scenario.file.costs
    if costs is None:
        return {}

    def micro(price: float) -> int:
        return round(exact(price) * MICRO)

    def each(prices: Mapping[str, float]) -> dict[str, int]:
        return {code: micro(price) for code, price in sorted(prices.items())}

    maps = each(costs.vehicle_hour), each(costs.loan_day), each(costs.stock_move)
    plain = (micro(price) for price in (costs.surge_bed_day, costs.postponed_bed_day, costs.journey_hour))
    return {"costs": Costs(costs.currency, *maps, *plain)}
