"""Lines of help as a published plan would offer them: who sends, who receives, who carries, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from nspl_opt.plan.card import explain_in
from nspl_opt.plan.next_lines import COLUMNS, next_lines, place, transfers_on
from nspl_opt.plan.plan import Plan
from nspl_opt.scenario.situation import Situation
from nspl_opt.store.lines import Draft
from nspl_opt.store.plans import Opened

NATIONAL = "national"
"""Carrier of a line whose vehicles are of several regions, or of none: the secretariat answers for it."""
ASKED = ("offered", "countered")
"""States of a line, as a scenario has them, that await an answer."""
DUST = 0.01
_STRETCH = ("period", "vehicle_type", "line", "from_terminal", "to_terminal")
_SENDER = ("sender_present", "sender_need_without", "sender_beds", "sender_unmet", "sender_unmet_without")
_RECEIVER = ("receiver_free_before", "receiver_free_after", "receiver_beds")


def draft_lines(opened: Opened) -> tuple[Draft, ...]:
    """What the plan does between regions beyond the lines that stood already, whole patients and people only.

    Takes some hundredths of a second per line: not in a transaction.
    """
    plan, situation = opened.plan, opened.situation
    standing = {line.code for line in situation.agreements}
    transfers = {row.id: row for row in plan.table("transfers").itertuples()}
    found = []
    for cells in next_lines(plan, situation, "offered"):
        row = dict(zip(COLUMNS, cells, strict=True))
        ends = [_end(situation, row[name]) for name in ("from", "to")]
        if row["id"] in standing or row["state"] != "offered" or ends[0][0] == ends[1][0]:
            continue
        transfer = transfers.get(row["id"])
        carrier = _carrier(plan, situation, transfer) if row["kind"] == "patients" else ""
        card = _card(opened, transfer) if transfer is not None else {}
        hours = {name: int(row[name]) for name in ("from_h", "to_h")}
        times = {name: _time(plan.start, hours[hour]) for name, hour in (("from_time", "from_h"), ("to_time", "to_h"))}
        found.append(
            Draft(
                row["id"], row["kind"], ends[0][0], ends[1][0], carrier, ends[0][1], ends[1][1], row["what"],
                row["vehicle_type"], **hours, **times, amount=int(row["amount"]), card=card,
            )
        )  # fmt: skip
    return tuple(found)


def kept_of(opened: Opened) -> dict[str, float]:
    """Line -> what the plan keeps of it [patients, or people at once]; lines that stood when it was made."""
    table = opened.plan.table("agreements")
    return {row.id: float(row.kept) for row in table.itertuples() if row.kept > 0} if len(table) else {}


def carried_on(opened: Opened) -> dict[str, Draft]:
    """Line that was only offered when the plan was made -> what the plan keeps of it, as a line to be offered.

    The amount is the part that is kept, in whole patients or people. Takes as long as ``draft_lines``.
    """
    plan, situation, kept = opened.plan, opened.situation, kept_of(opened)
    transfers = {row.id: row for row in plan.table("transfers").itertuples()}
    found = {}
    for line in situation.agreements:
        if line.state not in ASKED or line.code not in kept:
            continue
        on = [transfers[one] for one in transfers_on(plan, situation, line)]
        ends = [_end(situation, place(situation, sites)) for sites in (line.from_sites, line.to_sites)]
        first = max(on, key=lambda row: (row.patients, row.id)) if on else None
        card = _card(opened, first) if first is not None else {}
        carrier = _carrier(plan, situation, first) if line.kind == "patients" else ""
        found[line.code] = Draft(
            line.code, line.kind, ends[0][0], ends[1][0], carrier, ends[0][1], ends[1][1], line.what,
            line.vehicle_type, line.from_h, line.to_h, _time(plan.start, line.from_h), _time(plan.start, line.to_h),
            math.ceil(kept[line.code] - DUST), card,
        )  # fmt: skip
    return found


def _end(situation: Situation, place: str) -> tuple[str, str]:
    """Region and site of an end; no site where the whole region is meant."""
    if place in {region.code for region in situation.regions}:
        return place, ""
    return next(site.region for site in situation.sites if site.code == place), place


def _time(start: str, hours: int) -> str:
    return (datetime.fromisoformat(start) + timedelta(hours=hours)).isoformat(timespec="minutes")


def _trips(plan: Plan, transfer: Any) -> Iterator[Any]:
    table = plan.table("trips")
    for name in _STRETCH:
        table = table[table[name] == getattr(transfer, name)]
    return table.itertuples()


def _carrier(plan: Plan, situation: Situation, transfer: Any) -> str:
    """The region that owns the vehicles; national where they are of several, of a ferry line, or not to be told."""
    if transfer is None:
        return NATIONAL
    home = {pool.code: pool.region for pool in situation.pools}
    regions = {home.get(trip.pool, NATIONAL) for trip in _trips(plan, transfer)}
    return regions.pop() if len(regions) == 1 else NATIONAL


def _card(opened: Opened, transfer: Any) -> dict[str, Any]:
    plan = opened.plan
    words = explain_in(plan, opened.situation, opened.travel, transfer.id, ("sv", "en"))
    card, trips = words["sv"], round(sum(trip.trips for trip in _trips(plan, transfer)), 6)
    told = {
        "secretariat": {language: list(one.sentences) for language, one in words.items()},
        "sender": {name: getattr(card, name) for name in _SENDER} | _region_no(plan, transfer.from_region),
        "receiver": {name: getattr(card, name) for name in _RECEIVER} | _region_no(plan, transfer.to_region),
        "carrier": {"minutes": card.minutes, "trips": trips},
        "no": _if_no(plan, transfer),
    }
    return {part: {name: _known(value) for name, value in one.items()} for part, one in told.items()}


def _known(value: Any) -> Any:
    """A figure that nobody found is no number: None, as JSON has it."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _if_no(plan: Plan, transfer: Any) -> dict[str, Any]:
    """What the country loses when this transfer is not made, without saying where; nothing if it was not asked for."""
    table = plan.table("alternatives")
    rows = table[(table["transfer"] == transfer.id) & (table["asked"] == "transfer")] if len(table) else table
    for row in rows.itertuples():
        return {"found": row.found, "unmet_h": row.hours_change, "transit_h": row.transit_change}
    return {}


def _region_no(plan: Plan, region: str) -> dict[str, Any]:
    """What a region loses itself, and the country with it, when it helps nobody [patient-hours without a bed]."""
    table = plan.table("if_no")
    for row in table[table["region"] == region].itertuples() if len(table) else ():
        return {"own_h_if_no": row.own_change, "country_h_if_no": row.hours_change}
    return {}
