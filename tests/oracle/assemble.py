"""A whole plan from bare decisions: who moves, who is cared for, which trips, loans and steps.

Written for tests, apart from the product's own extraction and from the checker.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pandas as pd

from nspl_opt.plan.columns import those_in
from nspl_opt.plan.plan import ALWAYS, TABLES, GoalResult, Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation, arrival_period

from .cases import TinyTravel
from .parts import parts_of


@dataclass
class Decisions:
    """What was decided. ``cared[standard, category, site, period]`` in millionths; amounts may be fractions."""

    transfers: list[tuple[int, str, str, str, str, Fraction]] = field(default_factory=list)
    """(period, from site, to site, category, vehicle type, patients)"""
    trips: list[tuple[int, str, str, str, str, str, Fraction]] = field(default_factory=list)
    """(period, vehicle type, pool, line, from terminal, to terminal, trips)"""
    loans: list[tuple[str, str, str, int, int, int]] = field(default_factory=list)
    """(profession, from region, to region, first block, last block, persons)"""
    steps: dict[tuple[int, int], int] = field(default_factory=dict)
    """(site, block) -> step"""
    cared: dict[tuple[int, int, int, int], int] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    """Part of the oracle -> what it decided, as its ``tables`` reads it."""


def assemble(s: Situation, travel: TinyTravel, model: Mapping[str, Any], decisions: Decisions) -> Plan:
    """Every table of the plan, from the decisions; goals as the tables give them, bounds equal to them."""
    maker = _Maker(s, travel, model, decisions)
    rows = maker.tables()
    tables = {name: _frame(name, rows[name]) for name in TABLES if name in rows}
    return Plan(
        s.scenario, s.title_sv, s.title_en, s.marking, s.level, s.start.isoformat(), "optimal", dict(model),
        maker.goals(rows),
        tables, {}, {}, {"inputs": dict(s.input_hashes)}, {"solve": 0.1},
    )  # fmt: skip


def decisions_of(answer: Mapping[str, Any], s: Situation) -> Decisions:
    """The decisions in an answer of the oracle."""
    decisions = Decisions()
    categories = [k.code for k in s.categories]
    for t in answer["transfers"]:
        decisions.transfers.append((t["t"], t["origin"], t["destination"], categories[t["k"]], t["vehicle_type"],
                                    Fraction(t["patients"])))  # fmt: skip
    for vehicle, start, end, line, t, pool, _, trips in answer["trips"]:
        decisions.trips.append((t, vehicle, pool, line, start, end, Fraction(trips)))
    decisions.steps = {(i, d): z for i, d, z in answer["steps"]}
    decisions.cared = {(g, k, i, t): math.floor(amount * MICRO + 1e-6) for g, k, i, t, amount in answer["cared"]}
    decisions.more = dict(answer["more"])
    lent = {tuple(row[:4]): row[4] for row in answer["lent"]}
    begun = {tuple(row[:4]): row[4] for row in answer["begun"]}
    for c, r, q in sorted({key[:3] for key in lent}):
        course = [lent.get((c, r, q, d), 0) for d in range(len(s.block_hours))]
        new = [begun.get((c, r, q, d), 0) for d in range(len(s.block_hours))]
        decisions.loans += [(s.professions[c].code, r, q, *stay) for stay in _stays(course, new)]
    return decisions


def _stays(course: list[int], new: list[int]) -> list[tuple[int, int, int]]:
    """(first block, last block, people): who came first goes home first."""
    away: list[list[int]] = []
    result: list[tuple[int, int, int]] = []
    for d, there in enumerate([*course, 0]):
        home = sum(people for _, people in away) + (new[d] if d < len(new) else 0) - there
        if d < len(new) and new[d]:
            away.append([d, new[d]])
        while home > 0:
            first, people = away[0]
            gone = min(home, people)
            if first < d:  # who leaves in the block of arrival was never away
                result.append((first, d - 1, gone))
            home, away[0][1] = home - gone, people - gone
            if not away[0][1]:
                away.pop(0)
    return sorted(result)


def _frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    kinds = {"text": "str", "whole": "int64", "number": "float64", "flag": "bool", "time": "str"}
    columns = those_in(TABLES[name], rows[0] if rows else ())
    return pd.DataFrame({c.name: pd.Series([row[c.name] for row in rows], dtype=kinds[c.kind]) for c in columns})


def _number(value: Fraction | int) -> float:
    return round(Fraction(value) * MICRO) / MICRO


class _Maker:
    def __init__(self, s: Situation, travel: TinyTravel, model: Mapping[str, Any], decisions: Decisions) -> None:
        self.s, self.travel, self.model, self.d = s, travel, model, decisions
        self.families, self.parts = model["families"], parts_of(model)
        self.time = [(s.start + timedelta(hours=p.start_h)).isoformat() for p in s.periods]
        self.region = {site.code: site.region for site in s.sites}
        self.elective = self.families.get("elective", {"steps": 1, "largest_share": 0})

    def share(self, path: Any) -> int:
        """Millionths of those who leave a category who go on along a path."""
        if path.stage:
            return path.share_micro
        factor = self.families.get("care_paths", {"share_factor": 0})["share_factor"]
        return round(path.share_micro * Fraction(str(factor)))

    def freed(self, i: int, d: int) -> Fraction:
        return Fraction(self.d.steps.get((i, d), 0), self.elective["steps"]) * Fraction(
            str(self.elective["largest_share"])
        )

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ALWAYS}
        rows["transfers"], rows["trips"], rows["loans"] = self.transfers(), self.trips(), self.loans()
        rows["postponed"] = self.postponed()
        self.census(rows)
        self.beds(rows)
        rows["ledger"] = self.ledger(rows)
        for part in self.parts:
            for name, more in getattr(part, "tables", lambda maker: {})(self).items():
                rows.setdefault(name, []).extend(more)
        return rows

    def transfers(self) -> list[dict[str, Any]]:
        until = self.families.get("transports", {}).get("patients_whole_until_h", 24)
        watched = self.families.get("areas", {}).get("grouping", "civil_area")
        rows = []
        for t, start, end, category, vehicle, patients in self.d.transfers:
            journey = self.travel.journey(self.s.periods[t].network_state, vehicle, start, end)
            arrival = arrival_period(self.s.periods, t, journey.minutes)
            one, other = self.region[start], self.region[end]
            rows.append({
                "id": f"{category}-{start}-{end}-{vehicle}-{t:03d}", "period": t, "depart": self.time[t],
                "arrival_period": arrival, "arrive": self.time[arrival], "from_site": start, "to_site": end,
                "from_region": one, "to_region": other, "home_region": one, "category": category,
                "vehicle_type": vehicle, "from_terminal": journey.from_terminal, "to_terminal": journey.to_terminal,
                "line": journey.line, "patients": _number(patients),
                "whole": until == "all" or self.s.periods[t].start_h < until, "minutes": journey.minutes,
                "kind": "relief",
                "crosses_area": not self.s.same_area(watched, one, other),
            })  # fmt: skip
        return sorted(rows, key=lambda row: row["id"])

    def trips(self) -> list[dict[str, Any]]:
        options = self.families.get("transports", {})
        until = {True: options.get("trips_whole_until_h", 48), False: options.get("patients_whole_until_h", 24)}
        several = {v.code: v.carries_several for v in self.s.vehicle_types}
        rows = []
        for t, vehicle, pool, line, start, end, trips in self.d.trips:
            minutes = self.travel.trip_min(self.s.periods[t].network_state, pool, start, end) if pool else 0
            last = until[several[vehicle]]
            near = last == "all" or self.s.periods[t].start_h < last
            rows.append({
                "id": f"{vehicle}-{pool or line}-{start}-{end}-{t:03d}", "period": t, "depart": self.time[t],
                "vehicle_type": vehicle, "pool": pool, "line": line, "from_terminal": start, "to_terminal": end,
                "trips": _number(trips), "whole": near, "minutes": minutes,
            })  # fmt: skip
        return sorted(rows, key=lambda row: row["id"])

    def loans(self) -> list[dict[str, Any]]:
        starts = [min(p.start_h for p in self.s.periods if p.block == d) for d in range(len(self.s.block_hours))]
        rows = []
        for profession, one, other, first, last, persons in self.d.loans:
            end = starts[last] + self.s.block_hours[last]
            rows.append({
                "id": f"{profession}-{one}-{other}-{first:03d}-{last:03d}", "profession": profession,
                "from_region": one, "to_region": other, "first_block": first, "last_block": last,
                "start": (self.s.start + timedelta(hours=starts[first])).isoformat(),
                "end": (self.s.start + timedelta(hours=end)).isoformat(), "persons": persons,
            })  # fmt: skip
        return sorted(rows, key=lambda row: row["id"])

    def postponed(self) -> list[dict[str, Any]]:
        starts = [min(p.start_h for p in self.s.periods if p.block == d) for d in range(len(self.s.block_hours))]
        rows = []
        for (i, d), step in sorted(self.d.steps.items(), key=lambda item: (item[0][1], item[0][0])):
            beds = self.freed(i, d) * int(self.s.planned_beds[:, i].sum())
            rows.append({
                "block": d, "start": (self.s.start + timedelta(hours=starts[d])).isoformat(),
                "region": self.s.sites[i].region, "site": self.s.sites[i].code, "step": step,
                "steps": self.elective["steps"], "beds_freed": _number(beds),
            })  # fmt: skip
        return rows

    def census(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        into, out = defaultdict(int), defaultdict(int)
        for row in rows["transfers"]:
            amount = round(row["patients"] * MICRO)
            out[row["category"], row["from_site"], row["period"]] += amount
            into[row["category"], row["to_site"], row["arrival_period"]] += amount
        self.present: dict[tuple[int, int, int], int] = {}
        leaves = self.s.leaves()
        for t, period in enumerate(self.s.periods):
            for i, site in enumerate(self.s.sites):
                for k, category in enumerate(self.s.categories):
                    before = self.present[k, i, t - 1] if t else int(self.s.initial_micro[k, i])
                    cared = self.served(k, i, t - 1) if t else before
                    left = round(Fraction(int(leaves[k, t]) * cared, MICRO))
                    came, key = int(self.s.arrivals_micro[k, i, t]), (category.code, site.code, t)
                    self.present[k, i, t] = before - left + came + into[key] - out[key]
                    unmet = self.present[k, i, t] - self.served(k, i, t)
                    head = {"period": t, "start": self.time[t], "region": site.region, "site": site.code,
                            "category": category.code}  # fmt: skip
                    figures = {
                        "arrived": came, "moved_in": into[key], "moved_out": out[key], "discharged": left,
                        "present": self.present[k, i, t], "conventional": self.d.cared.get((0, k, i, t), 0),
                        "contingency": self.d.cared.get((1, k, i, t), 0),
                        "crisis": self.d.cared.get((2, k, i, t), 0), "unmet": unmet,
                    }  # fmt: skip
                    rows["census"].append(head | {name: value / MICRO for name, value in figures.items()})
                    if unmet:
                        hours = {"unmet": unmet / MICRO, "patient_hours": unmet * period.length_h / MICRO}
                        rows["unmet"].append(head | hours)
                    if left:
                        rows["discharges"].append(head | {"patients": left / MICRO})

    def served(self, k: int, i: int, t: int) -> int:
        return sum(self.d.cared.get((g, k, i, t), 0) for g in range(3))

    def beds(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        """The tables of surge and load."""
        s = self.s
        for t, period in enumerate(s.periods):
            totals = defaultdict(lambda: [0, 0, Fraction(0), 0])
            for i, site in enumerate(s.sites):
                for b, bed in enumerate(s.bed_types):
                    kinds = [k for k, category in enumerate(s.categories) if category.bed_type == bed.code]
                    cared = sum(self.served(k, i, t) for k in kinds)
                    held = min(int(s.planned_beds[b, i]), int(s.beds[b, i, t])) * (1 - self.freed(i, period.block))
                    staffed = int(s.beds[b, i, t]) - held
                    needed = Fraction(cared, MICRO) - staffed
                    if needed > 0:
                        rows["surge"].append({
                            "period": t, "start": self.time[t], "region": site.region, "site": site.code,
                            "bed_type": bed.code, "needed": _number(needed), "open": math.ceil(needed),
                            "available": int(s.surge_beds[b, i, t]),
                        })  # fmt: skip
                    total = totals[site.region, b]
                    total[0] += sum(self.present[k, i, t] for k in kinds)
                    total[1] += cared
                    total[2] += staffed
                    total[3] += int(s.surge_beds[b, i, t])
            for (region, b), (present, cared, staffed, surge) in sorted(totals.items()):
                free = 1 - Fraction(cared, MICRO) / (staffed + surge) if staffed + surge else None
                rows["load"].append({
                    "period": t, "start": self.time[t], "region": region, "bed_type": s.bed_types[b].code,
                    "present": present / MICRO, "cared": cared / MICRO, "staffed": _number(staffed), "surge": surge,
                    "free_share": math.nan if free is None else _number(free),
                })  # fmt: skip

    def ledger(self, rows: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
        result = []
        for region in self.s.regions:
            code = region.code
            away = [r for r in rows["transfers"] if r["from_region"] != r["to_region"]]
            days = [(r, r["persons"] * sum(self.s.block_hours[r["first_block"] : r["last_block"] + 1]) / 24)
                    for r in rows["loans"]]  # fmt: skip
            held = sum(
                (self.freed(i, d) * int(self.s.planned_beds[:, i].sum()) * hours
                 for i, site in enumerate(self.s.sites) if site.region == code
                 for d, hours in enumerate(self.s.block_hours)), Fraction(0))  # fmt: skip
            result.append({
                "region": code,
                "patients_sent": sum(r["patients"] for r in away if r["from_region"] == code),
                "patients_received": sum(r["patients"] for r in away if r["to_region"] == code),
                "patient_hours_unmet": _number(sum(Fraction(str(r["patient_hours"])) for r in rows["unmet"]
                                                   if r["region"] == code)),
                "staff_days_lent": _number(Fraction(sum(n for r, n in days if r["from_region"] == code))),
                "staff_days_borrowed": _number(Fraction(sum(n for r, n in days if r["to_region"] == code))),
                "bed_hours_postponed": _number(held),
            })  # fmt: skip
        return result

    def goals(self, rows: dict[str, list[dict[str, Any]]]) -> tuple[GoalResult, ...]:
        """Every goal of the model, computed from the tables; the bounds claim that nothing is better."""
        results = []
        for goal in self.model["goals"]:
            more = {name: count for part in self.parts for name, count in getattr(part, "GOALS_HERE", {}).items()}
            if goal["name"] in more:
                value = float(more[goal["name"]](self, rows, goal))
            else:
                value = float(getattr(self, goal["name"])(rows, goal))
            results.append(GoalResult(goal["name"], "unit", value, value, 0.0, 0.1, True))
        return tuple(results)

    def unmet_care(self, rows: dict[str, list[dict[str, Any]]], _: Any) -> Fraction:
        total = Fraction(0)
        for (k, i, t), present in self.present.items():
            weight, hours = self.s.categories[k].severity_weight, self.s.periods[t].length_h
            total += weight * hours * Fraction(present - self.served(k, i, t), MICRO)
        weights = {k.code: k.severity_weight for k in self.s.categories}
        for r in rows["transfers"]:
            away = sum(p.length_h for p in self.s.periods[r["period"] : r["arrival_period"]])
            total += weights[r["category"]] * Fraction(str(r["patients"])) * away
        return total + sum(getattr(part, "unmet", lambda maker: 0)(self) for part in self.parts)

    def worst_region(self, rows: dict[str, list[dict[str, Any]]], _: Any) -> float:
        s, worst = self.s, 0.0
        least = {b.code: min((k.severity_weight for k in s.categories if k.bed_type == b.code), default=0)
                 for b in s.bed_types}  # fmt: skip
        for region in s.regions:
            mine = [i for i, site in enumerate(s.sites) if site.region == region.code]
            beds = sum(least[bed.code] * int(s.beds[b, i, 0]) for b, bed in enumerate(s.bed_types) for i in mine)
            for t in range(len(s.periods)):
                there = sum(k.severity_weight * self.present[n, i, t] for n, k in enumerate(s.categories) for i in mine)
                worst = max(worst, there / MICRO / beds - 1 if beds else 0.0)
        return 100 * worst

    def postponed_care(self, rows: dict[str, list[dict[str, Any]]], _: Any) -> float:
        return sum(r["beds_freed"] * self.s.block_hours[r["block"]] for r in rows["postponed"])

    def patient_hours_in_transit(self, rows: dict[str, list[dict[str, Any]]], _: Any) -> float:
        return sum(r["patients"] * r["minutes"] / 60 for r in rows["transfers"])

    def crossings(self, rows: dict[str, list[dict[str, Any]]], goal: Mapping[str, Any]) -> float:
        same = self.s.same_area
        return sum(r["patients"] for r in rows["transfers"]
                   if not same(goal["grouping"], r["from_region"], r["to_region"]))  # fmt: skip

    def staff_away(self, rows: dict[str, list[dict[str, Any]]], _: Any) -> float:
        hours = self.s.block_hours
        return sum(r["persons"] * sum(hours[r["first_block"] : r["last_block"] + 1]) for r in rows["loans"]) / 24

    def contingency_care(self, rows: dict[str, list[dict[str, Any]]], _: Any) -> float:
        return sum(r["contingency"] * self.s.periods[r["period"]].length_h for r in rows["census"])
