"""Reasons in words, from a plan's own tables: what else could be done for a transfer, what binds near it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nspl_opt.plan.facts import Names, period_span
from nspl_opt.plan.plan import Plan
from nspl_opt.plan.words import Words
from nspl_opt.scenario.situation import Situation

LEAST_HOURS = 0.05
"""Patient-hours, and hours on the way, that are no difference."""
SHOWN, LEAST_SHOWN = 3, 0.05
"""Ways told one by one, and patients from which one is told."""
THINGS = {
    "beds.capacity": "beds", "staff.region": "staff", "staff.site": "staff", "transports.vehicles": "vehicles",
    "transports.duty": "vehicles", "transports.load": "load", "transports.departures": "departures",
    "reserve.floor": "reserve",
}  # fmt: skip
"""Rule -> the message that names what there is too little of."""
STOCK_RULES = ("equipment.enough", "equipment.national", "supplies.stock", "supplies.national")
"""Rules of which one unit more is one more of a stock."""


def card_reasons(plan: Plan, situation: Situation, names: Names, words: Words, transfer: Any) -> tuple[str, ...]:
    """What binds, what else could be done and what it would cost; nothing when reasons were not asked for."""
    if "alternatives" not in plan.tables:
        return ()
    text = []
    if tight := tight_words(plan, situation, names, words, transfer):
        text.append(tight)
    found = _rows(plan, "alternatives", transfer.id)
    if found.empty:
        return (*text, words("reason.not_reached"))
    answers: dict[str, str] = {}
    for row in found.sort_values("asked", ascending=False, kind="stable").itertuples():  # the transfer alone first
        said, answers[row.asked] = answers.get("transfer"), _answer(plan, situation, names, words, transfer, row)
        text.append(_told(situation, names, words, transfer, row.asked, answers[row.asked], said))
    if (found["found"] == "stopped").any():
        text.append(words("reason.stopped"))
    return (*text, words("reason.label"))


def _answer(plan: Plan, situation: Situation, names: Names, words: Words, transfer: Any, row: Any) -> str:
    """What is done instead, and what it costs."""
    if row.found == "none":
        return words("reason.hangs") + "."
    return f"{_ways(plan, situation, names, words, transfer, row)}. {_cost(words, row)}"


def _told(
    situation: Situation, names: Names, words: Words, transfer: Any, asked: str, answer: str, before: str | None
) -> str:
    category = next(words.pick(one) for one in situation.categories if one.code == transfer.category).lower()
    ends = {"receiver": names.sites[transfer.to_site], "sender": names.sites[transfer.from_site], "category": category}
    if asked == "receiver" and answer == before:
        return words("reason.same", **ends)
    return words(f"reason.if_{asked}", answer=answer, **ends)


def _ways(plan: Plan, situation: Situation, names: Names, words: Words, transfer: Any, row: Any) -> str:
    """What is done instead, the most patients first, and who stays."""
    ways = _rows(plan, "instead", transfer.id)
    ways = ways[(ways["asked"] == row.asked) & (ways["patients"] >= LEAST_SHOWN)]
    order = ["patients", "period", "to_site", "vehicle_type"]
    ways = ways.sort_values(order, ascending=[False, True, True, True], kind="stable")
    text = [
        words("reason.instead", patients=_patients(words, way.patients), receiver=names.sites[way.to_site],
              vehicle=names.vehicles[way.vehicle_type].lower(),
              when=words.span(*period_span(situation, int(way.period))))
        for way in ways.head(SHOWN).itertuples()
    ]  # fmt: skip
    if len(ways) > SHOWN:
        text.append(words("reason.more_ways", number=words.number(len(ways) - SHOWN)))
    if row.stay >= LEAST_SHOWN:
        stay = _patients(words, row.stay)
        text.append(words("reason.stay", patients=stay, sender=names.sites[transfer.from_site]))
    return "; ".join(text) or words("reason.as_planned")


def _patients(words: Words, patients: float) -> str:
    whole = abs(patients - round(patients)) < 1e-6
    return words.count("patient", round(patients) if whole else patients, whole)


def _cost(words: Words, row: Any) -> str:
    hours, transit = float(row.hours_change), float(row.transit_change)
    if abs(hours) < LEAST_HOURS:
        text = words("reason.cost_none")
    else:
        text = words("reason.cost_more" if hours > 0 else "reason.cost_less", hours=words.number(abs(hours), 1))
    if abs(transit) < LEAST_HOURS:
        return text + words("reason.transit_same")
    key = "reason.transit_more" if transit > 0 else "reason.transit_less"
    return text + words(key, hours=words.number(abs(transit), 1))


def tight_words(plan: Plan, situation: Situation, names: Names, words: Words, transfer: Any) -> str:
    """Where there is no room for one more, end by end; "" where there is everywhere."""
    rows = _rows(plan, "binding", transfer.id)
    ends = []
    for end, site in (("sender", transfer.from_site), ("journey", ""), ("receiver", transfer.to_site)):
        mine = rows[rows["end"] == end]
        if end == "journey":  # what patients need at the ends is told there
            mine = mine[mine["rule"].str.startswith("transports.")]
        things = sorted({thing_words(row, situation, names, words) for row in mine.itertuples()})
        if things:
            told = words(f"reason.tight_{end}", site=names.sites.get(site, site), things=words.listing(things))
            ends.append(told)
    return words("reason.tight", ends=words.listing(ends)) if ends else ""


def thing_words(row: Any, situation: Situation, names: Names, words: Words) -> str:
    """What a rule says there is too little of."""
    kind = THINGS.get(row.rule)
    if kind == "vehicles":
        pool = next((one for one in situation.pools if one.code == row.what), None)
        if pool is not None:
            vehicle, region = names.vehicles.get(pool.vehicle_type, pool.vehicle_type), names.regions.get(pool.region)
            return words("reason.thing_vehicles", what=vehicle.lower(), region=region or pool.region)
    if kind in ("beds", "reserve", "staff"):
        names_of = names.professions if kind == "staff" else names.bed_types
        return words(f"reason.thing_{kind}", what=names_of.get(row.what, row.what).lower())
    if row.rule in STOCK_RULES:
        stock = next((words.pick(one) for one in situation.stocks if one.code == row.what), row.what)
        return words("reason.thing_stock", what=stock.lower())
    if kind in ("load", "departures"):
        return words(f"reason.thing_{kind}")
    return words("reason.thing_rule", rule=words.known("rule", row.rule.replace(".", "_"), row.rule).rstrip("."))


def _rows(plan: Plan, table: str, transfer: str) -> pd.DataFrame:
    frame = plan.table(table)
    return frame[frame["transfer"] == transfer]
