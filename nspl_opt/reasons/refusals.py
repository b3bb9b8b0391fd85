"""If a region says no, and what one more of something is worth: whole re-solves beside the plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.living import Living
from nspl_opt.plan.plan import Plan
from nspl_opt.reasons.neighbourhood import Neighbourhood
from nspl_opt.reference.reference import Region
from nspl_opt.scenario.what_if import Amount, Beds, Declines, Staff, Vehicles, WhatIf
from nspl_opt.solver.around import base_around
from nspl_opt.solver.warm import Resolved, Warm

NO_GAP = 1e-6
"""Weighted patient-hours between a plan and its bound that are none."""
PER_REGION = 3
"""Most values asked for per region: the dearest."""
USED = 1e-6
"""Patients, people and trips fewer than this are none."""
QUICK_S = 5.0
"""Longest time for a refusal beside the plan [s]."""
EMPTY = ("unmet_change", "hours_change", "own_change", "least_change", "most_change", "broken_change")
"""Figures of a refusal."""


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

    def __init__(self, living: Living, point: np.ndarray, plan: Plan, seconds: float = np.inf) -> None:
        self.living, self.plan = living, plan
        parts, settings = living.parts(), living.spec.solver.model_dump()
        self._ahead, self._price = int(parts.get("main", 0)), float(parts.get("ahead_price", 0.0))
        self._goals, self._longest = parts["goals"], float(settings["time_limit_s"])
        settings["time_limit_s"] = min(self._longest, seconds)
        self.base = base_around(parts, settings, point, proven_bound(plan) if not self._ahead else -np.inf)
        self._warm = Warm(self.base)
        self.before = self._warm.resolve(None)
        self.cut = self.base.seconds >= settings["time_limit_s"] < self._longest
        self.hours = None if self.before.point is None else living.unmet(self.before.point) / self._weight

    @property
    def _weight(self) -> np.ndarray:
        return self.living.inst.weight[:, None]

    def resolve(self, what_if: WhatIf, seconds: float = np.inf) -> Resolved | None:
        """The situation with this otherwise; None where the clock cut it short: it would not repeat.

        InvalidInput when the model has no place for it.
        """
        longest = min(self._longest, max(seconds, 1.0))
        self.base.settings["time_limit_s"] = longest
        after = self._warm.resolve(self.living.change(what_if))
        return None if after.seconds >= longest < self._longest else after

    def less_to_choose_from(self, after: Resolved) -> Resolved:
        """The same with the base's bound where that is better: no plan of such a case is better than all plans."""
        return replace(after, bound=min(max(after.bound, self.base.bound), after.value))

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


@dataclass(frozen=True)
class Refusal:
    """A region that helps nobody: what it does for others in the plan, and columns of the matrix closed by its no."""

    number: int
    region: Region
    received: float
    lent: float
    closed: np.ndarray

    @property
    def row(self) -> dict[str, Any]:
        """Its row of ``if_no`` without figures."""
        known = {"region": self.region.code, "received": round(self.received, 6), "lent": round(self.lent, 6)}
        return known | dict.fromkeys(EMPTY) | {"exact": False}


def refusals_of(living: Living, plan: Plan) -> list[Refusal]:
    """One per region, those that help most first."""
    received = _helped(plan.tables["transfers"], "patients")
    lent = plan.tables["ledger"].set_index("region")["staff_days_lent"]
    found = [
        Refusal(
            number, region, float(received.get(region.code, 0.0)), float(lent.get(region.code, 0.0)),
            living.change(Declines(region.code, "help")).columns,
        )
        for number, region in enumerate(living.situation.regions)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.received, -one.lent, one.region.code))


def quick_row(near: Neighbourhood, one: Refusal, plan: Plan, seconds: float) -> tuple[dict[str, Any] | None, bool]:
    """A row of ``if_no`` from the plan as it stands, and whether that is all there is to say.

    Where the plan asks nothing of the region it can be carried out without it: the change is none. Else what it
    comes to with nothing put in the place of its help: the best plans differ by no more. None without answer, and
    where something is agreed: that may break then, and bounds that hold with it kept say nothing.
    """
    if plan.goals[0] is not plan.main:
        return None, False
    bound = proven_bound(plan)
    closed = one.closed[near.plan[one.closed] > USED]
    if not len(closed):
        gap = max(plan.main.value - bound, 0.0)
        figures = dict.fromkeys(EMPTY, 0.0) | {"most_change": round(gap, 3), "exact": gap <= NO_GAP}
        return one.row | figures, True
    change = near.with_nothing_instead(closed, one.number, min(seconds, QUICK_S))
    if change is None:
        return None, False
    most = max(plan.main.value + near.goal(change, plan.main.name) - bound, 0.0)
    return one.row | {"least_change": 0.0, "most_change": round(most, 3)}, False


def refusal_row(cases: Cases, one: Refusal, seconds: float) -> dict[str, Any] | None:
    """A row of the table ``if_no``, the case solved anew; None where the clock cut it short."""
    after = cases.resolve(Declines(one.region.code, "help"), seconds)
    if after is None:
        return None
    if after.value is None or after.point is None:
        return one.row
    living, after = cases.living, cases.less_to_choose_from(after)
    hours = living.unmet(after.point) / living.inst.weight[:, None] - cases.hours
    change, least, most = cases.differences(after)
    own = hours[:, living.inst.site_region == one.number].sum()
    figures = {"unmet_change": change, "hours_change": hours.sum(), "own_change": own,
               "least_change": max(least, 0.0), "most_change": most, "broken_change": cases.broken(after)}  # fmt: skip
    figures = {name: round(float(value), 3) + 0.0 for name, value in figures.items()}
    return one.row | figures | {"exact": cases.exact(after)}


def proven_bound(plan: Plan) -> float:
    """What no plan's main goal is below."""
    return float(plan.main.bound)


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


def value_row(cases: Cases, one: Wanted, seconds: float) -> dict[str, Any] | None:
    """A row of the table ``values``; None where the clock cut it short.

    InvalidInput where the model has no place for one more.
    """
    after = cases.resolve(one.what_if(), seconds)
    if after is None:
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
