"""A whole plan from bare decisions: who moves, who is cared for, which trips, loans and steps.

Written for tests, apart from the product's own extraction and from the checker.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pandas as pd

from nspl_opt.plan.columns import those_in
from nspl_opt.plan.plan import ALWAYS, TABLES, Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation, arrival_period

from .cases import TinyTravel
from .counted import Counted, number
from .decisions import Decisions
from .parts import parts_of


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


def _frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    kinds = {"text": "str", "whole": "int64", "number": "float64", "flag": "bool", "time": "str"}
    columns = those_in(TABLES[name], rows[0] if rows else ())
    types = [object if c.kind == "whole" and c.empty else kinds[c.kind] for c in columns]
    return pd.DataFrame(
        {c.name: pd.Series([row[c.name] for row in rows], dtype=kind) for c, kind in zip(columns, types, strict=True)}
    )


class _Maker(Counted):
    def __init__(self, s: Situation, travel: TinyTravel, model: Mapping[str, Any], decisions: Decisions) -> None:
        self.s, self.travel, self.model, self.d = s, travel, model, decisions
        self.families, self.parts = model["families"], parts_of(model)
        self.time = [(s.start + timedelta(hours=p.start_h)).isoformat() for p in s.periods]
        self.region = {site.code: site.region for site in s.sites}
        self.elective = self.families.get("elective", {"steps": 1, "largest_share": 0})
        self.steps = self._steps()
        self.present: dict[tuple[int, int, int], int] = {}
        self.left: dict[tuple[int, int, int], int] = {}
        """[category, site, period] patients present, and those who have left care for good [millionths]."""
        self.use: dict[str, dict[tuple[int, int, int], Fraction]] = {}
        """lent, borrowed and housed -> (bed type, site, period) -> beds, where a family says so."""
        self.own: dict[str, Any] = {}

    def _steps(self) -> list[tuple[int, int, int]]:
        """(category, next one, millionths of those who leave it) of the care paths that bind, sorted."""
        factor = Fraction(str(self.families.get("care_paths", {"share_factor": 0})["share_factor"]))
        code = {category.code: k for k, category in enumerate(self.s.categories)}
        shares = [path.share_micro if path.stage else round(path.share_micro * factor) for path in self.s.paths]
        found = zip(self.s.paths, shares, strict=True)
        return sorted((code[path.category], code[path.next], share) for path, share in found if share)

    def goes_on(self, gone: list[int]) -> tuple[list[int], list[int]]:
        """[category] who comes on to it and who goes on from it, of those who leave care [millionths]."""
        into, out = [0] * len(gone), [0] * len(gone)
        for k, other, share in self.steps:
            some = min(round(Fraction(gone[k] * share, MICRO)), gone[k] - out[k])
            into[other] += some
            out[k] += some
        return into, out

    def freed(self, i: int, d: int) -> Fraction:
        return Fraction(self.d.steps.get((i, d), 0), self.elective["steps"]) * Fraction(
            str(self.elective["largest_share"])
        )

    def first(self, d: int) -> int:
        """First period of a staff block."""
        return next(t for t, period in enumerate(self.s.periods) if period.block == d)

    def open_surge(self, b: int, i: int, t: int) -> int:
        """Surge beds that can be used: all, or those of the units that are open, rounded up."""
        units = self.own.get("open surge")
        return int(self.s.surge_beds[b, i, t]) if units is None else math.ceil(units.get((b, i, t), 0))

    def is_on(self, move: tuple[int, str, str, str, str, Fraction], line: Mapping[str, Any]) -> bool:
        """Whether a line of patients is about a transfer."""
        t, start, end, code, vehicle, _ = move
        (category,) = (one for one in self.s.categories if one.code == code)
        period = self.s.periods[t]
        return (
            start in line["from_sites"] and end in line["to_sites"] and line["vehicle_type"] in ("", vehicle)
            and line["what"] in ("all", category.code, category.parent)
            and line["from_h"] <= period.start_h + period.length_h / 2 < line["to_h"]
        )  # fmt: skip

    def moved_on(self, line: Mapping[str, Any]) -> int:
        """Patients on the transfers that a line is about [millionths]."""
        return sum(round(move[5] * MICRO) for move in self.d.transfers if self.is_on(move, line))

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ALWAYS}
        rows["transfers"], rows["trips"], rows["loans"] = self.transfers(), self.trips(), self.loans()
        rows["postponed"] = self.postponed()
        self.census(rows)
        for part in self.parts:
            self.use |= getattr(part, "lies", lambda maker: {})(self)
        self.discharges(rows)
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
                "line": journey.line, "patients": number(patients),
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
                "trips": number(trips), "whole": near, "minutes": minutes,
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
                "steps": self.elective["steps"], "beds_freed": number(beds),
            })  # fmt: skip
        return rows

    def census(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        into, out = defaultdict(int), defaultdict(int)
        for row in rows["transfers"]:
            amount = round(row["patients"] * MICRO)
            out[row["category"], row["from_site"], row["period"]] += amount
            into[row["category"], row["to_site"], row["arrival_period"]] += amount
        leaves, kinds = self.s.leaves(), range(len(self.s.categories))
        for t, period in enumerate(self.s.periods):
            for i, site in enumerate(self.s.sites):
                before = [self.present[k, i, t - 1] if t else int(self.s.initial_micro[k, i]) for k in kinds]
                cared = [self.served(k, i, t - 1) if t else before[k] for k in kinds]
                gone = [round(Fraction(int(leaves[k, t]) * cared[k], MICRO)) for k in kinds]
                came_on, went_on = self.goes_on(gone)
                for k, category in enumerate(self.s.categories):
                    came, key = int(self.s.arrivals_micro[k, i, t]), (category.code, site.code, t)
                    self.left[k, i, t] = gone[k] - went_on[k]
                    self.present[k, i, t] = before[k] - gone[k] + came_on[k] + came + into[key] - out[key]
                    unmet = self.present[k, i, t] - self.served(k, i, t)
                    head = {"period": t, "start": self.time[t], "region": site.region, "site": site.code,
                            "category": category.code}  # fmt: skip
                    figures = {
                        "arrived": came, "moved_in": into[key], "moved_out": out[key], "discharged": self.left[k, i, t],
                        "stepped_in": came_on[k], "stepped_out": went_on[k],
                        "present": self.present[k, i, t], "conventional": self.d.cared.get((0, k, i, t), 0),
                        "contingency": self.d.cared.get((1, k, i, t), 0),
                        "crisis": self.d.cared.get((2, k, i, t), 0), "unmet": unmet,
                    }  # fmt: skip
                    rows["census"].append(head | {name: value / MICRO for name, value in figures.items()})
                    if unmet:
                        hours = {"unmet": unmet / MICRO, "patient_hours": unmet * period.length_h / MICRO}
                        rows["unmet"].append(head | hours)

    def discharges(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        """Who leaves, less who is ready and waits, with who waited and is placed."""
        later = self.own.get("not yet", {})
        for (k, i, t), left in self.left.items():
            site, patients = self.s.sites[i], left - later.get((k, i, t), 0)
            if patients:
                rows["discharges"].append({
                    "period": t, "start": self.time[t], "region": site.region, "site": site.code,
                    "category": self.s.categories[k].code, "patients": patients / MICRO,
                })  # fmt: skip

    def served(self, k: int, i: int, t: int) -> int:
        return sum(self.d.cared.get((g, k, i, t), 0) for g in range(3))

    def beds(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        """The tables of surge and load."""
        s = self.s
        for t, period in enumerate(s.periods):
            totals: dict[tuple[str, int], dict[str, Any]] = defaultdict(lambda: defaultdict(Fraction))
            for i, site in enumerate(s.sites):
                for b, bed in enumerate(s.bed_types):
                    kinds = [k for k, category in enumerate(s.categories) if category.bed_type == bed.code]
                    cared = Fraction(sum(self.served(k, i, t) for k in kinds), MICRO)
                    more = {name: use.get((b, i, t), Fraction(0)) for name, use in self.use.items()}
                    used = cared + sum(-one if name == "borrowed" else one for name, one in more.items())
                    held = min(int(s.planned_beds[b, i]), int(s.beds[b, i, t])) * (1 - self.freed(i, period.block))
                    staffed = int(s.beds[b, i, t]) - held
                    needed = used - staffed
                    if needed > 0:
                        rows["surge"].append({
                            "period": t, "start": self.time[t], "region": site.region, "site": site.code,
                            "bed_type": bed.code, "needed": number(needed), "open": math.ceil(needed),
                            "available": self.open_surge(b, i, t),
                        })  # fmt: skip
                    present = Fraction(sum(self.present[k, i, t] for k in kinds), MICRO)
                    here = {"present": present, "cared": cared, "staffed": staffed, **more, "used": used}
                    total = totals[site.region, b]
                    for name, amount in (here | {"surge": int(s.surge_beds[b, i, t])}).items():
                        total[name] += amount
            for (region, b), total in sorted(totals.items()):
                room, used = total["staffed"] + total["surge"], total.pop("used")
                rows["load"].append({
                    "period": t, "start": self.time[t], "region": region, "bed_type": s.bed_types[b].code,
                    **{name: number(amount) for name, amount in total.items()}, "surge": int(total["surge"]),
                    "free_share": number(1 - used / room) if room else math.nan,
                })  # fmt: skip
