"""Room at a place: beds and staff that are still free in a period, recomputed from a plan's tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nspl_opt.plan.aggregate import open_beds_micro
from nspl_opt.plan.opened import open_surge_micro, units_in
from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO, STANDARDS
from nspl_opt.scenario.situation import Situation


class Room:
    """Beds of one type, site by site and period by period, after the whole plan is carried out."""

    def __init__(self, plan: Plan, situation: Situation, bed_type: str) -> None:
        b = [item.code for item in situation.bed_types].index(bed_type)
        opened = open_beds_micro(situation, plan.model, plan.tables["postponed"])[b]
        self._beds = (opened + open_surge_micro(situation, units_in(plan))[b]) / MICRO
        self._index = {site.code: index for index, site in enumerate(situation.sites)}
        kinds = {category.code for category in situation.categories if category.bed_type == bed_type}
        census = plan.tables["census"]
        census = census[census["category"].isin(sorted(kinds))]
        self._present = self._grid(census, census["present"])
        self._unmet = self._grid(census, census["unmet"])
        self._others = self._other_use(plan, bed_type, kinds)

    def _grid(self, census: pd.DataFrame, column: pd.Series) -> np.ndarray:
        grid = np.zeros(self._beds.shape)
        np.add.at(grid, (census["site"].map(self._index).to_numpy(int), census["period"].to_numpy(int)), column)
        return grid

    def _other_use(self, plan: Plan, bed_type: str, kinds: set[str]) -> np.ndarray:
        """(site, period) beds lent to other care, less those borrowed, and those of who is ready for discharge."""
        use, ready = plan.table("bed_use"), plan.table("ready")
        lent, borrowed = use[use["bed_type"] == bed_type], use[use["used_by"] == bed_type]
        housed = ready[ready["category"].isin(sorted(kinds))]
        more = self._grid(lent, lent["beds"]) + self._grid(housed, housed["housed"])
        return more - self._grid(borrowed, borrowed["patients"])

    def beds(self, site: str, period: int) -> float:
        """Beds that can be open, staffed and surge [beds]."""
        return round(float(self._beds[self._index[site], period]), 6)

    def present(self, site: str, period: int) -> float:
        """Patients who need such a bed at the end of the period."""
        return round(float(self._present[self._index[site], period]), 6)

    def unmet(self, site: str, period: int) -> float:
        """Of them without a staffed bed."""
        return round(float(self._unmet[self._index[site], period]), 6)

    def free(self, site: str, period: int) -> float:
        """Beds left when those present are cared for [beds]; never below 0."""
        used = self.present(site, period) - self.unmet(site, period) + float(self._others[self._index[site], period])
        return round(max(0.0, self.beds(site, period) - used), 6)


def staff_room(plan: Plan, situation: Situation, region: str, period: int) -> dict[str, float]:
    """Profession -> people on duty left in the region in the period [people]. Loans and escorts count.

    As the rule ``staff.region`` of docs/mathematics.md has it, with travel on the first loan block left out.
    """
    sites = [index for index, site in enumerate(situation.sites) if site.region == region]
    length, block = situation.periods[period].length_h, situation.periods[period].block
    census, moved = plan.tables["census"], plan.tables["transfers"]
    here = list(census[(census["region"] == region) & (census["period"] == period)].itertuples())
    gone = list(moved[(moved["from_region"] == region) & (moved["period"] == period)].itertuples())
    loans = plan.tables["loans"]
    loans = loans[(loans["first_block"] <= block) & (loans["last_block"] >= block)]
    families = plan.model.get("families", {})
    yield_away = float(families.get("staff_loans", {}).get("yield_share", 1.0))
    waiting_share = float(families.get("discharge_ready", {}).get("staff_share", 0.0))
    ready, extra = plan.table("ready"), plan.table("extra_hours")
    ready = list(ready[(ready["region"] == region) & (ready["period"] == period)].itertuples())
    extra = extra[(extra["region"] == region) & (extra["block"] == block)]
    kept = _planned_kept(plan, situation, sites, block)
    care = {category.code: category for category in situation.categories}
    left = {}
    for c, profession in enumerate(situation.professions):
        name = profession.code
        need = sum(_need(care[row.category], name, row) for row in here)
        for row in gone:
            escort = care[row.category].escort_micro.get(name, 0) / MICRO
            need += escort * row.patients * min(1.0, 2 * row.minutes / 60 / length)
        for row in ready:
            usual = care[row.category].staff_micro.get("conventional", {}).get(name, 0) / MICRO
            need += waiting_share * usual * row.housed
        mine = loans[loans["profession"] == name]
        people = float((situation.staff[c, sites, period] - situation.planned_staff[c, sites] * kept).sum())
        people = max(0.0, people) - float(mine[mine["from_region"] == region]["persons"].sum())
        people += yield_away * float(mine[mine["to_region"] == region]["persons"].sum())
        people += float(extra[extra["profession"] == name]["people"].sum())
        left[name] = round(profession.on_duty_micro / MICRO * people - need, 6)
    return left


def _need(category, profession: str, row) -> float:
    """People on duty that the patients of a row of the census take."""
    return sum(
        category.staff_micro.get(standard, {}).get(profession, 0) / MICRO * getattr(row, standard, 0.0)
        for standard in STANDARDS
    )


def _planned_kept(plan: Plan, situation: Situation, sites: list[int], block: int) -> np.ndarray:
    share = float(plan.model.get("families", {}).get("elective", {}).get("largest_share", 0.0))
    table = plan.tables["postponed"]
    table = table[table["block"] == block]
    steps = {row.site: row.step / row.steps for row in table.itertuples()}
    return np.array([1 - share * steps.get(situation.sites[index].code, 0.0) for index in sites])
