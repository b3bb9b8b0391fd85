"""An oracle of another kind: the first goal of a small case, minimised exactly by CP-SAT.

Reads ``{"cases": [...]}`` (see ``cases.as_plain``) on standard input and writes
``{"results": [...]}``. Runs in a process of its own: ortools cannot share one with highspy.
Written from ``docs/mathematics.md``; imports nothing of the product.

Expected values are integers in 1/5040 of a patient. The cases are such that the best plan lies on
that grid; on any other the answer may be too high by the rounding, never too low.
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from fractions import Fraction
from typing import Any

from moving import GRID, MICRO, Moving
from ortools.sat.python import cp_model

LEVELS = ("district", "county", "university")


class Oracle(Moving):
    """One case as an integer programme. Every row is scaled to integers."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.c = case
        self.m = cp_model.CpModel()
        self.families = case["model"]["families"]
        self.periods, self.sites = case["periods"], case["sites"]
        self.region = {site["code"]: site["region"] for site in self.sites}
        self.kinds = {v["code"]: v for v in case["vehicle_types"]}
        self.block_hours = self._blocks()
        self.transfers = self._offered()
        people = case["arrivals_micro"], case["initial_micro"]
        self.most = sum(a for k in people[0] for i in k for a in i) + sum(a for k in people[1] for a in k)
        self.most //= MICRO
        self._variables()
        self._core()
        self._beds()
        if "staff" in self.families:
            self._staff()
        if "staff_loans" in self.families:
            self._loans()
        self._transports()
        if "reserve" in self.families:
            self._reserve()

    def le(self, terms: list[tuple[Fraction, Any]], limit: Fraction | int) -> None:
        """Sum of coefficient times variable at most the limit, after clearing denominators."""
        terms = [(Fraction(a), v) for a, v in terms if a]
        scale = math.lcm(Fraction(limit).denominator, *(a.denominator for a, _ in terms))
        self.m.add(sum(int(a * scale) * v for a, v in terms) <= int(Fraction(limit) * scale))

    def _blocks(self) -> list[int]:
        hours = [0] * (self.periods[-1]["block"] + 1)
        for period in self.periods:
            hours[period["block"]] += period["length_h"]
        return hours

    def _block_start(self, d: int) -> int:
        return min(p["start_h"] for p in self.periods if p["block"] == d)

    def _same_area(self, grouping: str, one: str, other: str) -> bool:
        if one == other:
            return True
        areas = self.c["groupings"].get(grouping, ())
        return any(one in a["regions"] and other in a["regions"] for a in areas)

    def _open_border(self, one: str, other: str) -> bool:
        areas = self.families.get("areas", {"border": "open"})
        return areas["border"] == "open" or self._same_area(areas["grouping"], one, other)

    def _capable(self, k: dict, site: dict) -> bool:
        if "capability" not in self.families:
            return True
        has = not k["capability"] or k["capability"] in site["capabilities"]
        return has and LEVELS.index(site["level"]) >= LEVELS.index(k["minimum_level"])

    def _feeder(self, region: str, kind: str) -> tuple[str, int] | None:
        for pool in self.c["pools"]:
            vehicle = self.kinds[pool["vehicle_type"]]
            if pool["region"] == region and kind in vehicle["feeder_for"]:
                return pool["code"], vehicle["loading_min"]
        return None

    def _offered(self) -> list[dict]:
        """Possible transfers: category, journey, departure and arrival period."""
        found = []
        by_code = {site["code"]: site for site in self.sites}
        factor = Fraction(str(self.families["travel_time"]["longest_journey_factor"]))
        for k, category in enumerate(self.c["categories"]):
            for journey in self.c["journeys"]:
                start, end = self.region[journey["origin"]], self.region[journey["destination"]]
                fit = journey["vehicle_type"] in category["vehicle_types"]
                fit = fit and self.kinds[journey["vehicle_type"]]["capacity"].get(category["patient_kind"], 0) > 0
                fit = fit and journey["minutes"] <= math.floor(category["longest_journey_min"] * factor)
                fit = fit and self._capable(category, by_code[journey["destination"]]) and self._open_border(start, end)
                for region, leg in ((start, journey["feeder_from_min"]), (end, journey["feeder_to_min"])):
                    fit = fit and (leg == 0 or self._feeder(region, category["patient_kind"]) is not None)
                if not fit:
                    continue
                for t, period in enumerate(self.periods):
                    if period["network_state"] == journey["state"]:
                        arrive = period["start_h"] + Fraction(period["length_h"], 2) + Fraction(journey["minutes"], 60)
                        ends = [p["start_h"] + p["length_h"] for p in self.periods]
                        later = [u for u in range(t, len(ends)) if arrive < ends[u]]
                        if later and self._boards(journey, category["patient_kind"], t):
                            found.append({"k": k, "t": t, "arrival": later[0], **journey})
        return found

    def _variables(self) -> None:
        m, most = self.m, self.most
        sites = range(len(self.sites))
        kinds, periods = range(len(self.c["categories"])), range(len(self.periods))
        self.keys = [(k, i, t) for k in kinds for i in sites for t in periods]
        self.n = {key: m.new_int_var(0, most, f"n{key}") for key in self.keys}
        self.s = {(g, *key): m.new_int_var(0, most * GRID, f"s{g}{key}") for key in self.keys for g in (0, 1)}
        self.x = [m.new_int_var(0, most, f"x{e}") for e in range(len(self.transfers))]
        self.z = {}
        elective = self.families.get("elective")
        for i in sites:
            for d in range(len(self.block_hours)):
                late = elective and self._block_start(d) >= elective["delay_h"]
                late = late and sum(bed[i] for bed in self.c["planned_beds"]) > 0
                self.z[i, d] = m.new_int_var(0, elective["steps"] if late else 0, f"z{i},{d}")
        self.lent: dict[tuple, Any] = {}
        self.begun: dict[tuple, Any] = {}
        regions = sorted(set(self.region.values()))
        if "staff_loans" in self.families:
            for c, profession in enumerate(self.c["professions"]):
                if profession["code"] not in self.families["staff_loans"]["professions"]:
                    continue
                for r in regions:
                    for q in regions:
                        if r != q and self._open_border(r, q):
                            for d in range(len(self.block_hours)):
                                self.lent[c, r, q, d] = m.new_int_var(0, 1000, f"L{c}{r}{q}{d}")
                                self.begun[c, r, q, d] = m.new_int_var(0, 1000, f"l{c}{r}{q}{d}")

    def _core(self) -> None:
        code = {site["code"]: i for i, site in enumerate(self.sites)}
        into, out = defaultdict(list), defaultdict(list)
        for e, transfer in enumerate(self.transfers):
            out[transfer["k"], code[transfer["origin"]], transfer["t"]].append(self.x[e])
            into[transfer["k"], code[transfer["destination"]], transfer["arrival"]].append(self.x[e])
        self.out_of = out
        for k, i, t in self.keys:
            category = self.c["categories"][k]
            leaves = 1 - math.exp(-self.periods[t]["length_h"] / category["mean_stay_h"])
            assert round(leaves * MICRO) == 0, "the oracle is for cases in which nobody leaves"
            before = self.n[k, i, t - 1] if t else self.c["initial_micro"][k][i] // MICRO
            there = before + self.c["arrivals_micro"][k][i][t] // MICRO
            self.m.add(self.n[k, i, t] == there + sum(into[k, i, t]) - sum(out[k, i, t]))
            self.m.add(sum(out[k, i, t]) <= there)
            self.m.add(self.s[0, k, i, t] + self.s[1, k, i, t] <= GRID * self.n[k, i, t])
            if not self._capable(category, self.sites[i]):
                self.m.add(self.s[0, k, i, t] + self.s[1, k, i, t] == 0)
            if not self.families.get("staff", {"contingency": False})["contingency"]:
                self.m.add(self.s[1, k, i, t] == 0)

    def _freed(self) -> Fraction:
        """Share of planned care that one step postpones."""
        elective = self.families.get("elective")
        return Fraction(str(elective["largest_share"])) / elective["steps"] if elective else Fraction(0)

    def _beds(self) -> None:
        if "beds" not in self.families:
            return
        for b, bed in enumerate(self.c["bed_types"]):
            for i in range(len(self.sites)):
                for t, period in enumerate(self.periods):
                    kinds = [k for k, one in enumerate(self.c["categories"]) if one["bed_type"] == bed["code"]]
                    lie = [(Fraction(1, GRID), self.s[g, k, i, t]) for g in (0, 1) for k in kinds]
                    planned = self.c["planned_beds"][b][i]
                    room = self.c["beds"][b][i][t] + self.c["surge_beds"][b][i][t] - planned
                    assert room >= 0, "planned care has its beds"
                    if lie:
                        self.le([*lie, (-planned * self._freed(), self.z[i, period["block"]])], room)

    def _staff(self) -> None:
        options = self.families["staff"]
        wider = 1 + Fraction(str(options["within_region_share"]))
        for c, profession in enumerate(self.c["professions"]):
            duty = Fraction(profession["on_duty_micro"], MICRO)
            for r in sorted(set(self.region.values())):
                members = [i for i, site in enumerate(self.sites) if site["region"] == r]
                for t, period in enumerate(self.periods):
                    d, own = period["block"], Fraction(0)
                    need, freed = [], []
                    for i in members:
                        mine = self._staff_need(c, i, t)
                        held = self.c["planned_staff"][c][i]
                        people = self.c["staff"][c][i][t] - held
                        assert people >= 0, "planned care has its people"
                        back = (-duty * held * self._freed(), self.z[i, d])
                        if len(members) > 1:
                            borrowed = self._borrowed(c, r, d, duty)
                            self.le([*mine, (wider * back[0], back[1]), *borrowed], duty * wider * people)
                        need, freed, own = need + mine, [*freed, back], own + people
                    away = [(duty, v) for (c2, r2, _, d2), v in self.lent.items() if (c2, r2, d2) == (c, r, d)]
                    self.le([*need, *freed, *away, *self._borrowed(c, r, d, duty)], duty * own)

    def _staff_need(self, c: int, i: int, t: int) -> list[tuple[Fraction, Any]]:
        code, site = self.c["professions"][c]["code"], self.sites[i]["code"]
        terms = []
        for k, category in enumerate(self.c["categories"]):
            for g, standard in enumerate(("conventional", "contingency")):
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
        lost = min(Fraction(1), Fraction(options["travel_h"], self.block_hours[d]))
        here = [(-yields, v) for (c2, _, q, d2), v in self.lent.items() if (c2, q, d2) == (c, r, d)]
        new = [(yields * lost, v) for (c2, _, q, d2), v in self.begun.items() if (c2, q, d2) == (c, r, d)]
        return here + new

    def _loans(self) -> None:
        options, B = self.families["staff_loans"], self.block_hours
        for c, r, q, d in sorted(self.lent):
            away, start = self.lent[c, r, q, d], [self.begun[c, r, q, e] for e in range(d + 1)]
            young = [start[e] for e in range(d + 1) if e == d or sum(B[e:d]) < options["shortest_stay_h"]]
            able = [start[e] for e in range(d + 1) if e == d or sum(B[e : d + 1]) <= options["longest_stay_h"]]
            self.m.add(away >= sum(young))
            self.m.add(away <= sum(able))
            self.m.add(away <= (self.lent[c, r, q, d - 1] if d else 0) + start[d])
        for c, r, d in sorted({(c, r, d) for c, r, _, d in self.lent}):
            members = [i for i, site in enumerate(self.sites) if site["region"] == r]
            times = [t for t, p in enumerate(self.periods) if p["block"] == d]
            heads = sum(min(self.c["staff"][c][i][t] for t in times) for i in members)
            may = math.floor(Fraction(str(options["share"])) * heads)
            self.m.add(sum(v for (c2, r2, _, d2), v in self.lent.items() if (c2, r2, d2) == (c, r, d)) <= may)

    def solve(self, seconds: float) -> dict[str, Any]:
        """Minimise unmet care; the answer with every decision."""
        weight = [category["severity_weight"] for category in self.c["categories"]]
        hours = [period["length_h"] for period in self.periods]
        goal = [weight[k] * hours[t] * (GRID * self.n[k, i, t] - self.s[0, k, i, t] - self.s[1, k, i, t])
                for k, i, t in self.keys]  # fmt: skip
        for e, transfer in enumerate(self.transfers):
            away = sum(hours[transfer["t"] : transfer["arrival"]])
            goal.append(GRID * weight[transfer["k"]] * away * self.x[e])
        self.m.minimize(sum(goal))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 0
        solver.parameters.max_time_in_seconds = seconds
        status = solver.solve(self.m)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return {"status": solver.status_name(status)}
        value = solver.value
        return {
            "status": solver.status_name(status),
            "unmet_care": solver.objective_value / GRID,
            "cared": [[g, k, i, t, value(v) / GRID] for (g, k, i, t), v in self.s.items() if value(v)],
            "transfers": [{**self.transfers[e], "patients": value(v)} for e, v in enumerate(self.x) if value(v)],
            "trips": [[*run, pool, busy, value(v) / unit] for run, pool, busy, unit, v in self.trips if value(v)],
            "steps": [[i, d, value(v)] for (i, d), v in self.z.items() if value(v)],
            "lent": [[*key, value(v)] for key, v in self.lent.items() if value(v)],
            "begun": [[*key, value(v)] for key, v in self.begun.items() if value(v)],
        }


def main() -> None:
    """Answer every case on standard input."""
    request = json.load(sys.stdin)
    results = [Oracle(case).solve(request.get("seconds", 10.0)) for case in request["cases"]]
    json.dump({"results": results}, sys.stdout)


if __name__ == "__main__":
    main()
