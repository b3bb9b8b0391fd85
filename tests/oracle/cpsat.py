"""An oracle of another kind: the first goal of a small case, minimised exactly by CP-SAT.

Reads ``{"cases": [...], "patience": ...}`` (see ``plain.as_plain``) on standard input and writes
``{"results": [...]}``. Runs in a process of its own: ortools cannot share one with highspy.
Written from ``docs/mathematics.md``; imports nothing of the product.

Expected values are integers in 1/80640 of a patient. The cases are such that the best plan lies on
that grid; on any other the answer may be too high by the rounding, never too low.

Families that have a module in ``parts`` add their own columns and rows, and terms to the rows here: see ``parts``.
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from moving import GRID, MICRO, Moving
from ortools.sat.python import cp_model
from parts import parts_of
from searching import Searching
from staffing import STANDARDS, Staffing

LEVELS = ("district", "county", "university")


class Oracle(Staffing, Moving, Searching):
    """One case as an integer programme. Every row is scaled to integers."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.c = case
        self.m = cp_model.CpModel()
        self.families = case["model"]["families"]
        self.periods, self.sites = case["periods"], case["sites"]
        self.region = {site["code"]: site["region"] for site in self.sites}
        self.kinds = {v["code"]: v for v in case["vehicle_types"]}
        self.block_hours = self._blocks()
        people = case["arrivals_micro"], case["initial_micro"]
        self.most = sum(a for k in people[0] for i in k for a in i) + sum(a for k in people[1] for a in k)
        self.most = math.ceil(Fraction(self.most, MICRO))
        self.grid, self.micro = GRID, MICRO
        self.refuse: list[Callable[[int, dict, int], bool]] = []
        self.shut: list[Callable[[str, str], bool]] = []
        self.refuse_loan: list[Callable[[int, str, str, int], bool]] = []
        self.serves: set[tuple[str, str, int]] = set()
        self.flows: dict[int, list[tuple[int, Fraction]]] = defaultdict(list)
        self.more: dict[str, dict[tuple, list]] = defaultdict(lambda: defaultdict(list))
        self.room: dict[str, dict[tuple, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        self.unmet: list[tuple[Fraction, Any]] = []
        self.ahead: list[tuple[int, Any]] = []
        self.own: dict[str, Any] = {}
        self.parts = parts_of(case["model"])
        for part in self.parts:
            getattr(part, "prepare", lambda oracle: None)(self)
        self.transfers = self._offered()
        self._variables()
        for part in self.parts:
            part.add(self)
        self._core()
        self._beds()
        if "staff" in self.families:
            self._staff()
        if "staff_loans" in self.families:
            self._loans()
        self._transports()

    def le(self, terms: list[tuple[Fraction, Any]], limit: Fraction | int) -> None:
        """Sum of coefficient times variable at most the limit, after clearing denominators."""
        terms = [(Fraction(a), v) for a, v in terms if a]
        scale = math.lcm(Fraction(limit).denominator, *(a.denominator for a, _ in terms))
        self.m.add(sum(int(a * scale) * v for a, v in terms) <= int(Fraction(limit) * scale))

    def eq(self, terms: list[tuple[Fraction, Any]], value: Fraction | int) -> None:
        """Sum of coefficient times variable equal to the value."""
        self.le(terms, value)
        self.le([(-a, v) for a, v in terms], -Fraction(value))

    def _blocks(self) -> list[int]:
        hours = [0] * (self.periods[-1]["block"] + 1)
        for period in self.periods:
            hours[period["block"]] += period["length_h"]
        return hours

    def _block_start(self, d: int) -> int:
        return min(p["start_h"] for p in self.periods if p["block"] == d)

    def same_area(self, grouping: str, one: str, other: str) -> bool:
        """Whether two regions share an area of the grouping."""
        if one == other:
            return True
        areas = self.c["groupings"].get(grouping, ())
        return any(one in a["regions"] and other in a["regions"] for a in areas)

    def _capable(self, k: dict, site: dict) -> bool:
        if "capability" not in self.families:
            return True
        has = not k["capability"] or k["capability"] in site["capabilities"]
        return has and LEVELS.index(site["level"]) >= LEVELS.index(k["minimum_level"])

    def _has_beds(self, category: dict, destination: str) -> bool:
        """Whether there ever are beds of the type, or of one that may serve it there."""
        i = [site["code"] for site in self.sites].index(destination)
        types = {category["bed_type"]} | {
            gives for gives, serves, j in self.serves if (serves, j) == (category["bed_type"], i)
        }
        return any(
            self.c["beds"][b][i][t] + self.c["surge_beds"][b][i][t]
            for b, bed in enumerate(self.c["bed_types"]) if bed["code"] in types for t in range(len(self.periods))
        )  # fmt: skip

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
        for k, category in enumerate(self.c["categories"]):
            for journey in self.c["journeys"]:
                start, end = self.region[journey["origin"]], self.region[journey["destination"]]
                fit = journey["vehicle_type"] in category["vehicle_types"]
                fit = fit and self.kinds[journey["vehicle_type"]]["capacity"].get(category["patient_kind"], 0) > 0
                fit = fit and self._capable(category, by_code[journey["destination"]])
                fit = fit and self._has_beds(category, journey["destination"])
                for region, leg in ((start, journey["feeder_from_min"]), (end, journey["feeder_to_min"])):
                    driven = leg and region not in self.c["external_regions"]  # abroad the host drives
                    fit = fit and (not driven or self._feeder(region, category["patient_kind"]) is not None)
                if not fit:
                    continue
                for t, period in enumerate(self.periods):
                    if period["network_state"] == journey["state"]:
                        arrive = period["start_h"] + Fraction(period["length_h"], 2) + Fraction(journey["minutes"], 60)
                        ends = [p["start_h"] + p["length_h"] for p in self.periods]
                        later = [u for u in range(t, len(ends)) if arrive < ends[u]]
                        refused = any(refuse(k, journey, t) for refuse in self.refuse)
                        if later and not refused and self._boards(journey, category["patient_kind"], t):
                            found.append({"k": k, "t": t, "arrival": later[0], **journey})
        return found

    def _variables(self) -> None:
        m, most = self.m, self.most
        sites = range(len(self.sites))
        kinds, periods = range(len(self.c["categories"])), range(len(self.periods))
        self.keys = [(k, i, t) for k in kinds for i in sites for t in periods]
        self.n = {key: m.new_int_var(0, most * GRID, f"n{key}") for key in self.keys}
        self.s = {(g, *key): m.new_int_var(0, most * GRID * self._may_use(g, *key), f"s{g}{key}")
                  for key in self.keys for g in range(len(STANDARDS))}  # fmt: skip
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
                        if r != q and not any(shut(r, q) for shut in self.shut):
                            for d in range(len(self.block_hours)):
                                if any(refuse(c, r, q, d) for refuse in self.refuse_loan):
                                    continue
                                self.lent[c, r, q, d] = m.new_int_var(0, 1000, f"L{c}{r}{q}{d}")
                                self.begun[c, r, q, d] = m.new_int_var(0, 1000, f"l{c}{r}{q}{d}")

    def _may_use(self, g: int, k: int, i: int, t: int) -> bool:
        """Whether care by the standard may be given: by the family staff, and crisis where it is unlocked."""
        staff = self.families.get("staff", {})
        if STANDARDS[g] == "conventional":
            return True
        if STANDARDS[g] == "contingency":
            return bool(staff.get("contingency", False))
        unlocked = self.c["crisis_open"] and self.c["crisis_open"][i][t]
        return bool(unlocked and staff.get("crisis", False) and "crisis" in self.c["categories"][k]["staff_micro"])

    def _core(self) -> None:
        code = {site["code"]: i for i, site in enumerate(self.sites)}
        into, out = defaultdict(list), defaultdict(list)
        for e, transfer in enumerate(self.transfers):
            out[transfer["k"], code[transfer["origin"]], transfer["t"]].append(self.x[e])
            into[transfer["k"], code[transfer["destination"]], transfer["arrival"]].append(self.x[e])
        self.out_of = out
        for k, i, t in self.keys:
            category, given = self.c["categories"][k], [self.s[g, k, i, t] for g in range(len(STANDARDS))]
            there, fixed = self._there(k, i, t)
            moved = [(Fraction(-1), x) for x in into[k, i, t]] + [(Fraction(1), x) for x in out[k, i, t]]
            self.eq([(Fraction(1, GRID), self.n[k, i, t]), *((-a, v) for a, v in there), *moved], fixed)
            self.le([*((Fraction(1), x) for x in out[k, i, t]), *((-a, v) for a, v in there)], fixed)
            self.m.add(sum(given) <= self.n[k, i, t])
            if not self._capable(category, self.sites[i]):
                self.m.add(sum(given) == 0)

    def leaves(self, k: int, t: int) -> int:
        """Whether those cared for in the period before leave in this one: all (1) or nobody (0)."""
        share = self.c["leaves_micro"][k][t]
        assert share in (0, MICRO), "the oracle is for cases in which all or nobody leaves"
        return share // MICRO

    def _there(self, k: int, i: int, t: int) -> tuple[list[tuple[Fraction, Any]], Fraction]:
        """Who stayed and who came, before anybody is moved: terms and a number."""
        came = Fraction(self.c["arrivals_micro"][k][i][t], MICRO)
        steps = [(k, Fraction(-self.leaves(k, t))), *((a, q * self.leaves(a, t)) for a, q in self.flows[k])]
        if not t:
            start = [Fraction(row[i], MICRO) for row in self.c["initial_micro"]]
            return [], came + start[k] + sum(q * start[a] for a, q in steps)
        cared = [(q / GRID, self.s[g, a, i, t - 1]) for a, q in steps if q for g in range(len(STANDARDS))]
        return [(Fraction(1, GRID), self.n[k, i, t - 1]), *cared], came

    def own_need(self, i: int) -> list[list[Fraction]]:
        """(category, period) patients at a site if nobody moved and all were cared for."""
        need = [Fraction(row[i], MICRO) for row in self.c["initial_micro"]]
        found: list[list[Fraction]] = [[] for _ in need]
        for t in range(len(self.periods)):
            left = [one * self.leaves(k, t) for k, one in enumerate(need)]
            need = [
                one - left[k] + sum(q * left[a] for a, q in self.flows[k])
                + Fraction(self.c["arrivals_micro"][k][i][t], MICRO)
                for k, one in enumerate(need)
            ]  # fmt: skip
            for k, one in enumerate(need):
                found[k].append(one)
        return found

    def freed(self) -> Fraction:
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
                    lie = [(Fraction(1, GRID), self.s[g, k, i, t]) for g in range(len(STANDARDS)) for k in kinds]
                    planned = self.c["planned_beds"][b][i]
                    room = self.c["beds"][b][i][t] + self.c["surge_beds"][b][i][t] - planned
                    assert room >= 0, "planned care has its beds"
                    freed = (-planned * self.freed(), self.z[i, period["block"]])
                    more, changed = self.more["beds.capacity"][b, i, t], self.room["beds.capacity"][b, i, t]
                    if lie or more:
                        self.le([*lie, freed, *more], room + changed)


def main() -> None:
    """Answer every case on standard input."""
    request = json.load(sys.stdin)
    results = [Oracle(case).solve(request["patience"]) for case in request["cases"]]
    json.dump({"results": results}, sys.stdout)


if __name__ == "__main__":
    main()
