"""What a plan amounts to: the ledger of the regions, and the value of every goal from the tables.

Written for tests, apart from the product's own goals and from the checker's.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.plan.plan import GoalResult
from nspl_opt.reference.reference import MICRO


def number(value: Fraction | int) -> float:
    """Six decimals, a half to the even one."""
    return round(Fraction(value) * MICRO) / MICRO


class Counted:
    """The part of ``assemble``'s maker that counts what its tables say."""

    s: Any
    d: Any
    model: Mapping[str, Any]
    parts: tuple[Any, ...]
    present: dict[tuple[int, int, int], int]

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
                "patient_hours_unmet": number(sum(Fraction(str(r["patient_hours"])) for r in rows["unmet"]
                                                   if r["region"] == code)),
                "staff_days_lent": number(Fraction(sum(n for r, n in days if r["from_region"] == code))),
                "staff_days_borrowed": number(Fraction(sum(n for r, n in days if r["to_region"] == code))),
                "bed_hours_postponed": number(held),
            })  # fmt: skip
        return result

    def goals(self, rows: dict[str, list[dict[str, Any]]]) -> tuple[GoalResult, ...]:
        """Every goal of the model, computed from the tables; the bounds claim that nothing is better."""
        results = []
        agreed = any(line.state in ("accepted", "directed") for line in self.s.agreements)
        unlocked = self.s.crisis_open is not None and self.s.crisis_open.any()
        idle = {"agreements_broken": not agreed, "crisis_standard": not unlocked}
        more = {name: count for part in self.parts for name, count in getattr(part, "GOALS_HERE", {}).items()}
        own = {"trips": self.trips_made}  # the name is that of the table too
        for goal in self.model["goals"]:
            name = goal["name"]
            if idle.get(name, False):
                continue
            for level in range(1, goal["levels"] + 1) if name == "load_levels" else (0,):
                label = f"{name}:{level}" if level else name
                if name in more:
                    value = float(more[name](self, rows, goal))
                else:
                    value = float(own.get(name, getattr(self, name, None))(rows, {**goal, "level": level}))
                results.append(GoalResult(label, "unit", value, value, 0.0, 0.1, True))
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

    def peaks(self) -> list[float]:
        """Largest load above capacity of each region at home that has beds, in percent, the largest first."""
        s, found = self.s, []
        least = {b.code: min((k.severity_weight for k in s.categories if k.bed_type == b.code), default=0)
                 for b in s.bed_types}  # fmt: skip
        for region in s.regions:
            mine = [i for i, site in enumerate(s.sites) if site.region == region.code]
            beds = sum(least[bed.code] * int(s.beds[b, i, 0]) for b, bed in enumerate(s.bed_types) for i in mine)
            if not beds or region.code in s.external_regions:
                continue
            there = [
                sum(k.severity_weight * self.present[n, i, t] for n, k in enumerate(s.categories) for i in mine)
                for t in range(len(s.periods))
            ]
            found.append(100 * max(0.0, max(there) / MICRO / beds - 1))
        return sorted(found, reverse=True)

    def worst_region(self, rows: dict[str, list[dict[str, Any]]], _: Any) -> float:
        return max(self.peaks(), default=0.0)

    def load_levels(self, rows: dict[str, list[dict[str, Any]]], goal: Mapping[str, Any]) -> float:
        return sum(self.peaks()[: goal["level"]])

    def postponed_evenly(self, rows: dict[str, list[dict[str, Any]]], _: Any) -> float:
        s, worst = self.s, Fraction(0)
        starts = [min(p.start_h for p in s.periods if p.block == d) for d in range(len(s.block_hours))]
        for region in s.regions if "elective" in self.families else ():
            done = could = Fraction(0)
            for i, site in enumerate(s.sites):
                if site.region != region.code:
                    continue
                for d, hours in enumerate(s.block_hours):
                    most = hours * int(s.planned_beds[:, i].sum()) * Fraction(str(self.elective["largest_share"]))
                    could += most if starts[d] >= self.elective["delay_h"] else 0
                    done += Fraction(self.d.steps.get((i, d), 0), self.elective["steps"]) * most
            worst = max(worst, 100 * done / could if could else Fraction(0))
        return float(worst)

    def trips_made(self, rows: dict[str, list[dict[str, Any]]], _: Any) -> float:
        return sum(r["trips"] for r in rows["trips"])

    def inside_first(self, rows: dict[str, list[dict[str, Any]]], goal: Mapping[str, Any]) -> float:
        """The cases have no neighbours: within the region, abroad too, within the area, elsewhere, abroad."""

        def ring(one: str, other: str) -> int:
            if one != other and {one, other} & self.s.external_regions:
                return 4
            return 0 if one == other else 1 if self.s.same_area(goal["grouping"], one, other) else 3

        return sum(r["patients"] * goal["weights"][ring(r["from_region"], r["to_region"])] for r in rows["transfers"])

    def crisis_standard(self, rows: dict[str, list[dict[str, Any]]], _: Any) -> float:
        return sum(r["crisis"] * self.s.periods[r["period"]].length_h for r in rows["census"])

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


def with_every_goal(model: dict[str, Any]) -> dict[str, Any]:
    """The model with every goal that ``counted`` can count, after its own: what a plan is worth by them."""
    more = [{"name": name} for name in COUNTED if name != "changes" or "stability" in model["families"]]
    more = [goal | {"levels": 2} if goal["name"] == "load_levels" else goal for goal in more]
    return model_from_dict(model | {"goals": [*model["goals"], *more]}, "random").as_dict()


COUNTED = ("worst_region", "postponed_care", "patient_hours_in_transit", "crossings", "staff_away", "contingency_care",
           "crisis_standard", "load_levels", "postponed_evenly", "trips", "inside_first", "changes")  # fmt: skip
