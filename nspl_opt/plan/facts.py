"""Figures that explanations and reports share: names, capacity, need if nobody moved, main flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.instance.paths import binding_paths, half_even, stepped
from nspl_opt.plan.aggregate import load_table, open_beds_micro
from nspl_opt.plan.plan import Plan
from nspl_opt.plan.words import Words
from nspl_opt.reference.reference import MICRO, Reference
from nspl_opt.scenario.situation import Situation


@dataclass(frozen=True)
class Names:
    """Codes to names in one language: regions (short), sites, categories, bed types and so on."""

    regions: Mapping[str, str]
    sites: Mapping[str, str]
    categories: Mapping[str, str]
    bed_types: Mapping[str, str]
    professions: Mapping[str, str]
    vehicles: Mapping[str, str]
    modes: Mapping[str, str]
    """Vehicle type -> mode."""


@dataclass(frozen=True)
class Places:
    """What people call the ends of a ride. A town and its hospital may have one code: the vehicle tells which."""

    towns: Mapping[str, str]
    """Ports and stations of ferries and trains."""
    others: Mapping[str, str]
    """Sites, hospitals and airfields of all other vehicles."""
    modes: Mapping[str, str]

    def called(self, code: str, vehicle_type: str) -> str:
        """The name of an end of a ride with the vehicle type; the code where no name is known."""
        at_town = self.modes[vehicle_type] in ("ferry", "rail")
        first, second = (self.towns, self.others) if at_town else (self.others, self.towns)
        return first.get(code) or second.get(code, code)


def places_of(reference: Reference | None, names: Names) -> Places:
    """The names of terminals; without a reference package those of the planning sites alone."""
    if reference is None:
        return Places({}, names.sites, names.modes)
    towns = {node.code: node.name for node in reference.nodes}
    others = {place.code: place.name for kind in (reference.airfields, reference.sites) for place in kind}
    return Places(towns, others | dict(names.sites), names.modes)


def names_of(situation: Situation, words: Words) -> Names:
    """Names for people. A first word that most regions share is left out of the short names."""
    full = {region.code: region.name for region in situation.regions}
    first = [name.split(" ", 1)[0] for name in full.values() if " " in name]
    common = max(sorted(set(first)), key=first.count) if first else ""
    shared = bool(common) and 2 * first.count(common) > len(full)
    short = {code: name.removeprefix(common + " ") if shared else name for code, name in full.items()}
    sites = {site.code: short[site.region] if site.code == site.region else site.name for site in situation.sites}
    stays = {
        item.parent: words.pick(item).rsplit(" (", 1)[0] if item.stage[1] > 1 else words.pick(item)
        for item in situation.categories
        if item.stage
    }
    return Names(
        regions=short,
        sites=sites,
        categories=stays | {item.code: words.pick(item) for item in situation.categories},
        bed_types={item.code: words.pick(item) for item in situation.bed_types},
        professions={item.code: words.pick(item) for item in situation.professions},
        vehicles={item.code: words.pick(item) for item in situation.vehicle_types},
        modes={item.code: item.mode for item in situation.vehicle_types},
    )


def by_stay(table: pd.DataFrame, situation: Situation) -> pd.DataFrame:
    """A table with the stages of a stay named as the category whose stages they are, for sums."""
    whole = {one.code: one.parent for one in situation.categories if one.stage}
    return table.assign(category=table["category"].map(lambda code: whole.get(code, code))) if whole else table


def period_span(situation: Situation, index: int) -> tuple[datetime, datetime]:
    """Start and end of a period."""
    period = situation.periods[index]
    start = situation.start + timedelta(hours=period.start_h)
    return start, start + timedelta(hours=period.length_h)


def need_if_nobody_moved(situation: Situation, families: Mapping[str, Any] = {}) -> np.ndarray:
    """(category, site, period) patients if nobody moved and all were cared for [patients / 1e6].

    The least that each site would have to care for alone; who goes without stays longer. ``families`` are those of
    the model, for the care paths that bind in it.
    """
    need = np.zeros(situation.arrivals_micro.shape, dtype=np.int64)
    before = situation.initial_micro.astype(np.int64)
    leaves, steps = situation.leaves(), binding_paths(situation, families)
    for t in range(len(situation.periods)):
        gone = half_even(before * leaves[:, t][:, None])
        before = before - gone + stepped(gone, steps)[0] + situation.arrivals_micro[:, :, t]
        need[:, :, t] = before
    return need


def load_if_nobody_moved(plan: Plan, situation: Situation) -> pd.DataFrame:
    """A ``load`` table in which nobody moved and no planned care was postponed; ``cared`` is what fits."""
    need = need_if_nobody_moved(situation, plan.model["families"])
    rows = []
    for k, category in enumerate(situation.categories):
        for i, site in enumerate(situation.sites):
            for period in situation.periods:
                rows.append((period.index, site.region, category.code, need[k, i, period.index] / MICRO))
    census = pd.DataFrame(rows, columns=["period", "region", "category", "present"])
    census = census.assign(conventional=census["present"], contingency=0.0)
    return load_table(situation, plan.model, census, plan.tables["postponed"].iloc[:0])


def sites_over(plan: Plan, situation: Situation) -> tuple[str, ...]:
    """Codes of sites whose need exceeds their beds of some type at some time if nobody moved, sorted."""
    need = need_if_nobody_moved(situation, plan.model["families"])
    beds = open_beds_micro(situation, plan.model, plan.tables["postponed"].iloc[:0]) + MICRO * situation.surge_beds
    over = set()
    for b, bed_type in enumerate(situation.bed_types):
        mine = [k for k, category in enumerate(situation.categories) if category.bed_type == bed_type.code]
        excess = (need[mine].sum(axis=0) - beds[b]).max(axis=1)
        over |= {site.code for site, most in zip(situation.sites, excess, strict=True) if most > 0.05 * MICRO}
    return tuple(sorted(over))


def beds_open(load: pd.DataFrame) -> pd.Series:
    """Staffed and surge beds of a load table [beds]."""
    return load["staffed"] + load["surge"]


def load_share(load: pd.DataFrame) -> pd.Series:
    """Need as a share of the beds that can be open; infinite with need and no bed, missing with neither."""
    beds, present = beds_open(load).to_numpy(float), load["present"].to_numpy(float)
    share = np.full(len(load), np.nan)
    np.divide(present, beds, out=share, where=beds > 0)
    share[(beds <= 0) & (present > 1e-6)] = np.inf
    return pd.Series(share, index=load.index)


def overloads(load: pd.DataFrame) -> pd.DataFrame:
    """Region and bed type whose need exceeds the beds at some time, the largest excess first.

    Columns region, bed_type, period (of the largest excess), present, beds, excess [patients], share.
    """
    table = load.assign(beds=beds_open(load), share=load_share(load))
    table = table.assign(excess=(table["present"] - table["beds"]).round(6))
    table = table[table["excess"] > 0.05].sort_values(
        ["excess", "region", "bed_type", "period"], ascending=[False, True, True, True], kind="stable"
    )
    peaks = table.drop_duplicates(["region", "bed_type"])
    return peaks[["region", "bed_type", "period", "present", "beds", "excess", "share"]].reset_index(drop=True)


def worst_period(plan: Plan, situation: Situation) -> int:
    """The period with most patients without care among those in which patients move.

    When nobody goes without: the one with most need above the beds if nobody moved; then the one
    with most patients moved. When nobody moves all periods count.
    """
    moved = plan.tables["transfers"].groupby("period")["patients"].sum().round(3)
    census = plan.tables["census"].groupby("period")["unmet"].sum().round(3)
    alone = load_if_nobody_moved(plan, situation)
    excess = (alone["present"] - beds_open(alone)).clip(lower=0).groupby(alone["period"]).sum().round(3)
    candidates = sorted(moved[moved > 0].index) or [period.index for period in situation.periods]
    return int(max(candidates, key=lambda t: (census.get(t, 0.0), excess.get(t, 0.0), moved.get(t, 0.0), -t)))


def flows(transfers: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Patients moved between different regions, summed ``by`` columns, the largest first."""
    between = transfers[transfers["from_region"] != transfers["to_region"]]
    table = between.groupby(by, as_index=False, sort=True)["patients"].sum()
    table["patients"] = table["patients"].round(6)
    return table.sort_values(["patients", *by], ascending=[False] + [True] * len(by), kind="stable").reset_index(
        drop=True
    )
