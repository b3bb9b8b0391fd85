"""If a region says no, and what one more of something is worth: whole re-solves beside the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.living import Living
from nspl_opt.plan.plan import Plan
from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.what_if import Amount, Beds, Declines, Staff, Vehicles, WhatIf
from nspl_opt.solver.around import base_around
from nspl_opt.solver.warm import Resolved, Warm

NO_GAP = 1e-6
"""Weighted patient-hours between a plan and its bound that are none."""
PER_REGION = 3
"""Most values asked for per region: the dearest."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value to be asked for: one more of ``what`` at ``place`` of ``region`` in these hours."""

    region: str
    kind: str
    place: str
    what: str
    from_h: int
    to_h: int

    def what_if(self) -> WhatIf:
        """The change of the situation."""
        one, window = Amount(added=1), {"from_h": self.from_h, "to_h": self.to_h}
        if self.kind == "beds":
            return Beds(self.place, self.what, one, **window)
        if self.kind == "staff":
            return Staff(self.place, self.what, one, **window)
        return Vehicles(self.place, one, **window)


class Cases:
    """The plan as the base of what-ifs: what cases come to, plan against plan and bound against bound."""

    def __init__(self, living: Living, point: np.ndarray, plan: Plan) -> None:
        self.living, self.plan = living, plan
        parts = living.parts()
        self._ahead, self._price = int(parts.get("main", 0)), float(parts.get("ahead_price", 0.0))
        self._goals = parts["goals"]
        main = next((goal for goal in plan.goals if goal.name == "unmet_care"), None)
        # Where something is agreed the plan's own bound holds with that kept; here it is priced, so it is none.
        bound = main.bound if main is not None and not self._ahead else -np.inf
        self.base = base_around(parts, living.spec.solver.model_dump(), point, bound)
        self._warm = Warm(self.base)
        self.before = self._warm.resolve(None)
        self.hours = living.unmet(self.before.point) / living.inst.weight[:, None]

    def resolve(self, what_if: WhatIf) -> Resolved:
        """The situation with this otherwise. InvalidInput when the model has no place for it."""
        return self._warm.resolve(self.living.change(what_if))

    def differences(self, after: Resolved) -> tuple[float, float, float]:
        """Change of the main goal, plan against plan; the least and the most that the best plans can differ by.

        What is agreed and cannot be kept then is told by itself (``broken``), and no part of these.
        """
        price = self._price * self.broken(after)
        before = self.before.value
        return after.value - before - price, after.bound - before - price, after.value - self.base.bound - price

    def broken(self, after: Resolved) -> float:
        """By how much more of what is agreed is not kept [patients and people]."""
        if not self._ahead or after.point is None or self.before.point is None:
            return 0.0
        return float(self._goals[: self._ahead].sum(axis=0) @ (after.point - self.before.point))

    def exact(self, after: Resolved) -> bool:
        """Whether both plans are proven best."""
        gaps = self.before.value - self.base.bound, after.value - after.bound
        return max(gaps) <= NO_GAP


def refusal_rows(cases: Cases) -> Iterator[dict[str, Any]]:
    """Rows of the table ``if_no``, region by region, those that help most first."""
    living, plan = cases.living, cases.plan
    received = _helped(plan.tables["transfers"], "patients")
    lent = plan.tables["ledger"].set_index("region")["staff_days_lent"]
    codes = [region.code for region in living.situation.regions]
    helps = {code: (-float(received.get(code, 0.0)), -float(lent.get(code, 0.0)), code) for code in codes}
    for number, region in sorted(enumerate(living.situation.regions), key=lambda one: helps[one[1].code]):
        row = {"region": region.code, "received": round(float(received.get(region.code, 0.0)), 6),
               "lent": round(float(lent.get(region.code, 0.0)), 6)}  # fmt: skip
        after = cases.resolve(Declines(region.code, "help"))
        if after.value is None or after.point is None:
            empty = ("unmet_change", "hours_change", "own_change", "least_change", "most_change", "broken_change")
            yield row | dict.fromkeys(empty) | {"exact": False}
            continue
        hours = living.unmet(after.point) / living.inst.weight[:, None] - cases.hours
        change, least, most = cases.differences(after)
        least = max(least, 0.0)  # with less to choose from the best plan is no better
        own = hours[:, living.inst.site_region == number].sum()
        figures = {"unmet_change": change, "hours_change": hours.sum(), "own_change": own, "least_change": least,
                   "most_change": most, "broken_change": cases.broken(after)}  # fmt: skip
        yield (
            row
            | {name: round(float(value), 3) + 0.0 for name, value in figures.items()}
            | {"exact": cases.exact(after)}
        )


def _helped(transfers: pd.DataFrame, column: str) -> pd.Series:
    between = transfers[transfers["from_region"] != transfers["to_region"]]
    return between.groupby("to_region")[column].sum()


def wanted_values(living: Living, prices: Iterable[dict[str, Any]]) -> list[Wanted]:
    """What to ask the value of, the dearest first: per region the bed types, professions and pools with a price."""
    case = living.situation
    end = case.periods[-1].start_h + case.periods[-1].length_h
    of_site = {site.code: site.region for site in case.sites}
    pools = {pool.code: pool for pool in case.pools}
    sums: dict[Wanted, float] = {}
    for row in prices:
        if row["rule"] == "beds.capacity":
            region = of_site.get(row["place"], "")
            one = Wanted(region, "beds", row["place"], row["what"], 0, end)
        elif row["rule"] in ("staff.region", "staff.site"):
            region = of_site.get(row["place"], row["place"])
            one = Wanted(region, "staff", row["place"], row["what"], 0, end)
        elif row["rule"] in ("transports.vehicles", "transports.duty") and row["what"] in pools:
            start, stop = _block_of(living, row["period"])
            one = Wanted(pools[row["what"]].region, "vehicles", row["what"], "", start, stop)
        else:
            continue
        sums[one] = sums.get(one, 0.0) + row["price"]
    ranked = sorted(sums, key=lambda one: (-round(sums[one], 6), one.region, one.kind, one.place, one.what, one.from_h))
    counts: dict[str, int] = {}
    chosen = []
    for one in ranked:
        counts[one.region] = counts.get(one.region, 0) + 1
        if counts[one.region] <= PER_REGION:
            chosen.append(one)
    return chosen


def _block_of(living: Living, period: int) -> tuple[int, int]:
    """Hours of the staff block of a period [h]."""
    case = living.situation
    mine = [one for one in case.periods if one.block == case.periods[period].block]
    return mine[0].start_h, mine[-1].start_h + mine[-1].length_h


def value_row(cases: Cases, one: Wanted) -> dict[str, Any] | None:
    """A row of the table ``values``; None where the model has no place for one more."""
    try:
        after = cases.resolve(one.what_if())
    except InvalidInput:
        return None
    pool = next((pool for pool in cases.living.situation.pools if pool.code == one.place), None)
    what = pool.vehicle_type if one.kind == "vehicles" and pool is not None else one.what
    units = {"beds": "beds", "staff": "people", "vehicles": "vehicles"}
    row = {
        "region": one.region, "what": what, "kind": one.kind, "place": one.place, "amount": 1.0,
        "unit": units[one.kind], "from_h": one.from_h, "to_h": one.to_h,
    }  # fmt: skip
    if after.value is None:
        return row | {"gain": None, "least_gain": None, "most_gain": None, "exact": False}
    change, least, most = (-value for value in cases.differences(after))
    figures = {"gain": change, "least_gain": max(most, 0.0), "most_gain": least}
    return row | {name: round(float(value), 3) + 0.0 for name, value in figures.items()} | {"exact": cases.exact(after)}
