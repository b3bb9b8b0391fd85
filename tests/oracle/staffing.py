"""The part of the oracle about people on duty and people lent; see ``cpsat.py``."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from moving import GRID, MICRO

STANDARDS = ("conventional", "contingency", "crisis")


class Staffing:
    """People on duty by region and site, and loans."""

    c: dict[str, Any]
    m: Any
    families: dict[str, Any]

    def _staff(self) -> None:
        options = self.families["staff"]
        wider = 1 + Fraction(str(options["within_region_share"]))
        for c, profession in enumerate(self.c["professions"]):
            duty = Fraction(profession["on_duty_micro"], MICRO)
            for r in sorted(set(self.region.values()) - set(self.c["external_regions"])):
                members = [i for i, site in enumerate(self.sites) if site["region"] == r]
                for t, period in enumerate(self.periods):
                    d, own = period["block"], Fraction(0)
                    need, freed = [], []
                    for i in members:
                        mine = self._staff_need(c, i, t)
                        held = self.c["planned_staff"][c][i]
                        people = self.c["staff"][c][i][t] - held
                        assert people >= 0, "planned care has its people"
                        back = (-duty * held * self.freed(), self.z[i, d])
                        if len(members) > 1:
                            borrowed = self._borrowed(c, r, d, duty)
                            mine_and = [*mine, (wider * back[0], back[1]), *borrowed, *self.more["staff.site"][c, i, t]]
                            self.le(mine_and, duty * wider * people + self.room["staff.site"][c, i, t])
                        need, freed, own = need + mine, [*freed, back], own + people
                    away = [(duty, v) for (c2, r2, _, d2), v in self.lent.items() if (c2, r2, d2) == (c, r, d)]
                    more = [*self._borrowed(c, r, d, duty), *self.more["staff.region"][c, r, t]]
                    self.le([*need, *freed, *away, *more], duty * own + self.room["staff.region"][c, r, t])

    def _staff_need(self, c: int, i: int, t: int) -> list[tuple[Fraction, Any]]:
        code, site = self.c["professions"][c]["code"], self.sites[i]["code"]
        terms = []
        for k, category in enumerate(self.c["categories"]):
            for g, standard in enumerate(STANDARDS):
                ratio = Fraction(category["staff_micro"].get(standard, {}).get(code, 0), MICRO)
                terms.append((ratio / GRID, self.s[g, k, i, t]))
        for e, transfer in enumerate(self.transfers):
            if transfer["origin"] == site and transfer["t"] == t:
                people = Fraction(self.c["categories"][transfer["k"]]["escort_micro"].get(code, 0), MICRO)
                there_and_back = Fraction(2 * transfer["minutes"], 60 * self.periods[t]["length_h"])
                terms.append((people * min(Fraction(1), there_and_back), self.x[e]))
        return terms

    def _borrowed(self, c: int, r: str, d: int, duty: Fraction) -> list[tuple[Fraction, Any]]:
        if "staff_loans" not in self.families:
            return []
        options = self.families["staff_loans"]
        yields = duty * Fraction(str(options["yield_share"]))
        lost = min(Fraction(1), Fraction(str(options["travel_h"])) / self.block_hours[d])
        here = [(-yields, v) for (c2, _, q, d2), v in self.lent.items() if (c2, q, d2) == (c, r, d)]
        new = [(yields * lost, v) for (c2, _, q, d2), v in self.begun.items() if (c2, q, d2) == (c, r, d)]
        return here + new

    def _loans(self) -> None:
        options, B = self.families["staff_loans"], self.block_hours
        for c, r, q, d in sorted(self.lent):
            away, start = self.lent[c, r, q, d], {e: self.begun.get((c, r, q, e), 0) for e in range(d + 1)}
            young = [start[e] for e in range(d + 1) if e == d or sum(B[e:d]) < options["shortest_stay_h"]]
            able = [start[e] for e in range(d + 1) if e == d or sum(B[e : d + 1]) <= options["longest_stay_h"]]
            self.m.add(away >= sum(young))
            self.m.add(away <= sum(able))
            self.m.add(away <= self.lent.get((c, r, q, d - 1), 0) + start[d])
        for c, r, d in sorted({(c, r, d) for c, r, _, d in self.lent}):
            members = [i for i, site in enumerate(self.sites) if site["region"] == r]
            times = [t for t, p in enumerate(self.periods) if p["block"] == d]
            heads = sum(min(self.c["staff"][c][i][t] for t in times) for i in members)
            may = math.floor(Fraction(str(options["share"])) * heads)
            self.m.add(sum(v for (c2, r2, _, d2), v in self.lent.items() if (c2, r2, d2) == (c, r, d)) <= may)
