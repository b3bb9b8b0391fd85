"""Are the tables well formed: known codes, no row twice, in order, times and regions that fit?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from nspl_opt.plan.checks.case import Case
from nspl_opt.plan.checks.form import Rows
from nspl_opt.plan.checks.report import TOLERANCE, Tally
from nspl_opt.plan.parts.tables import MORE_KEYS, MORE_TABLES
from nspl_opt.plan.plan import TABLES
from nspl_opt.scenario.situation import Situation

KEYS: Mapping[str, tuple[str, ...]] = {
    "transfers": ("period", "from_site", "to_site", "category", "vehicle_type"),
    "trips": ("period", "vehicle_type", "pool", "line", "from_terminal", "to_terminal"),
    "loans": ("profession", "from_region", "to_region", "first_block", "last_block"),
    "postponed": ("block", "site"),
    "surge": ("period", "site", "bed_type"),
    "census": ("period", "site", "category"),
    "unmet": ("period", "site", "category"),
    "discharges": ("period", "site", "category"),
    "load": ("period", "region", "bed_type"),
    "ledger": ("region",),
    "rules": ("name",),
} | MORE_KEYS
"""What makes a row of each table one of a kind."""


def codes(rows: Mapping[str, Rows], situation: Situation) -> Tally:
    """Every code is one of the situation's; periods and blocks exist."""
    tally = Tally()
    known = _known(situation)
    blocks = range(situation.periods[-1].block + 1)
    spans = {"period": range(len(situation.periods)), "arrival_period": range(len(situation.periods))}
    spans |= {"block": blocks, "first_block": blocks, "last_block": blocks}
    for name in KEYS:
        if not rows[name]:
            continue
        allowed = [
            (c.name, [*(known[c.name] if c.name in known else spans[c.name]), *(["", None] if c.empty else [])])
            for c in TABLES[name]
            if c.name in known or c.name in spans
        ]
        for number, row in enumerate(rows[name], start=1):
            for column, among in allowed:
                value = getattr(row, column)
                tally.holds((name, "row", number, column), value in among, "a known code", value)
    for row in rows["loans"]:
        ordered = row.first_block <= row.last_block
        tally.holds(("loans", row.id), ordered, f"last block from {row.first_block} on", row.last_block)
    return tally


def _known(situation: Situation) -> dict[str, frozenset[str]]:
    regions = frozenset(region.code for region in situation.regions)
    sites = frozenset(site.code for site in situation.sites)
    vehicles = frozenset(vehicle.code for vehicle in situation.vehicle_types)
    return {
        "region": regions, "from_region": regions, "to_region": regions, "home_region": regions,
        "site": sites, "from_site": sites, "to_site": sites,
        "category": frozenset(category.code for category in situation.categories),
        "bed_type": frozenset(bed.code for bed in situation.bed_types),
        "profession": frozenset(profession.code for profession in situation.professions),
        "vehicle_type": vehicles,
        "pool": frozenset(pool.code for pool in situation.pools) | {""},
        "line": frozenset(situation.departures) | {""},
    }  # fmt: skip


def positive(case: Case) -> Tally:
    """Nothing that is decided or counted is less than nought; present and unmet within the tolerance."""
    tally = Tally()
    for name in ("transfers", "trips", "loans", "postponed", "surge", "census"):
        columns = [column.name for column in TABLES[name] if column.kind in ("whole", "number")]
        least = {column: -TOLERANCE if column in ("present", "unmet") else 0 for column in columns}
        for number, row in enumerate(case.rows[name], start=1):
            for column in columns:
                value = getattr(row, column)
                tally.holds((name, "row", number, column), value >= least[column], "nought or more", value)
    return tally


def unique(case: Case) -> Tally:
    """No id and no key stands twice."""
    tally = Tally()
    for name, key in KEYS.items():
        seen: set[Any] = set()
        ids: set[str] = set()
        for number, row in enumerate(case.rows[name], start=1):
            mine = tuple(getattr(row, column) for column in key)
            tally.holds((name, "row", number), mine not in seen, "a row that stands once", " ".join(map(str, mine)))
            seen.add(mine)
            if hasattr(row, "id"):
                tally.holds((name, "row", number, "id"), bool(row.id) and row.id not in ids, "an id of its own", row.id)
                ids.add(row.id)
    return tally


def in_order(case: Case) -> Tally:
    """Rows are sorted by id or by key, so that equal plans are equal files."""
    tally = Tally()
    ranks = _ranks(case.situation)
    for name, key in KEYS.items():
        rows = case.rows[name]
        if not rows:
            continue
        orders = [[tuple(getattr(row, column) for column in key) for row in rows]]
        orders.append([tuple(ranks.get(c, {}).get(getattr(r, c), getattr(r, c)) for c in key) for r in rows])
        if hasattr(rows[0], "id"):
            orders += [[row.id for row in rows], [_natural(row.id) for row in rows]]
        tally.holds((name,), any(_sorted(order) for order in orders), "rows sorted by id or key", "another order")
    return tally


def _ranks(situation: Situation) -> dict[str, dict[str, int]]:
    """The situation's own order of codes, which the tables may follow instead of the alphabet."""
    groups = {
        ("site", "from_site", "to_site"): situation.sites,
        ("category",): situation.categories,
        ("bed_type",): situation.bed_types,
        ("profession",): situation.professions,
        ("region", "from_region", "to_region"): situation.regions,
    }
    return {column: {one.code: i for i, one in enumerate(of)} for columns, of in groups.items() for column in columns}


def _natural(text: str) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", text)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _sorted(order: Iterable[Any]) -> bool:
    return all(one <= other for one, other in pairwise(order))


def times(case: Case) -> Tally:
    """Every time stated is the start of the period or block beside it."""
    tally = Tally()
    periods = case.situation.periods

    def at(hours: int) -> datetime:
        return case.situation.start + timedelta(hours=hours)

    starts = [at(period.start_h) for period in periods]
    blocks = [at(hours) for hours in case.block_starts]
    ends = [at(start + hours) for start, hours in zip(case.block_starts, case.block_hours, strict=True)]
    for row in case.rows["transfers"]:
        tally.equal(("transfers", row.id, "depart"), starts[row.period], row.depart)
        tally.equal(("transfers", row.id, "arrive"), starts[row.arrival_period], row.arrive)
    for row in case.rows["trips"]:
        tally.equal(("trips", row.id, "depart"), starts[row.period], row.depart)
    for row in case.rows["loans"]:
        tally.equal(("loans", row.id, "start"), blocks[row.first_block], row.start)
        tally.equal(("loans", row.id, "end"), ends[row.last_block], row.end)
    for row in case.rows["postponed"]:
        tally.equal(("postponed", row.site, row.block), blocks[row.block], row.start)
    for name in ("surge", "census", "unmet", "discharges", "load"):
        for number, row in enumerate(case.rows[name], start=1):
            tally.equal((name, "row", number, "start"), starts[row.period], row.start)
    for name, contract in MORE_TABLES.items():
        there = {column.name for column in contract}
        pairs = [(time, index, hours) for time, index, hours in _meant(starts, blocks) if {time, index} <= there]
        for number, row in enumerate(case.rows[name], start=1):
            for time, index, hours in pairs:
                place = getattr(row, index)
                tally.equal((name, "row", number, time), None if place is None else hours[place], getattr(row, time))
    return tally


def _meant(starts: list[datetime], blocks: list[datetime]) -> list[tuple[str, str, list[datetime]]]:
    """Column with a time, column with the period or block that it begins, and when each of those begins."""
    periods = [("start", "period", starts), ("depart", "period", starts), ("arrive", "arrival_period", starts)]
    return [*periods, ("start", "block", blocks), ("start", "first_block", blocks)]


def regions(case: Case) -> Tally:
    """The region beside a site is the region of that site; nothing goes from a place to itself."""
    tally = Tally()
    region = {site.code: site.region for site in case.situation.sites}
    for row in case.rows["transfers"]:
        tally.equal(("transfers", row.id, "from_region"), region[row.from_site], row.from_region)
        tally.equal(("transfers", row.id, "to_region"), region[row.to_site], row.to_region)
        tally.holds(("transfers", row.id), row.from_site != row.to_site, "two different sites", row.to_site)
    for row in case.rows["loans"]:
        tally.holds(("loans", row.id), row.from_region != row.to_region, "two different regions", row.to_region)
    for name in ("postponed", "surge", "census", "unmet", "discharges"):
        for number, row in enumerate(case.rows[name], start=1):
            tally.equal((name, "row", number, "region"), region[row.site], row.region)
    for name, contract in MORE_TABLES.items():
        there = {column.name for column in contract}
        pairs = [(f"{end}site", f"{end}region") for end in ("", "from_", "to_")]
        pairs = [(site, of) for site, of in pairs if site in there and of in there]
        for number, row in enumerate(case.rows[name], start=1):
            for site, of in pairs:
                tally.equal((name, "row", number, of), region.get(getattr(row, site), ""), getattr(row, of))
    return tally


def crosses(case: Case) -> Tally:
    """The flag for leaving an area agrees with the grouping that the model watches."""
    tally = Tally()
    groupings = [
        goal["grouping"]
        for goal in case.plan.model.get("goals", ())
        if goal["name"] == "crossings" and goal.get("grouping")
    ]
    groupings += [options["grouping"] for name, options in sorted(case.families.items())
                  if name == "areas" and options.get("grouping")]  # fmt: skip
    rows = case.rows["transfers"]

    def wrong(grouping: str) -> list[Any]:
        same = case.situation.same_area
        return [row for row in rows if row.crosses_area == same(grouping, row.from_region, row.to_region)]

    tally.rows += len(rows)
    # where goal and family watch different groupings the flag may follow either, but one for the whole table
    fewest = min((wrong(grouping) for grouping in groupings or ["civil_area"]), key=len)
    for row in fewest:
        tally.breach(("transfers", row.id, "crosses_area"), not row.crosses_area, row.crosses_area)
    return tally
