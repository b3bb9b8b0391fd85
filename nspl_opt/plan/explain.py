"""A plan in short, and why one transfer is recommended: data first, sentences from it.

No solver is called: every figure is recomputed from the plan's tables and the situation.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from nspl_opt.plan.card import Card, explain_transfer
from nspl_opt.plan.care_lines import care_sentences
from nspl_opt.plan.certainty import proof_lines, wholeness
from nspl_opt.plan.facts import (
    Names,
    by_stay,
    flows,
    load_if_nobody_moved,
    names_of,
    overloads,
    period_span,
    sites_over,
)
from nspl_opt.plan.more_lines import more_lines
from nspl_opt.plan.plan import Plan
from nspl_opt.plan.words import Words
from nspl_opt.scenario.situation import Situation

__all__ = ["Card", "Line", "explain_plan", "explain_transfer", "plan_lines"]

SHOWN = 4
"""How many regions, pairs or professions a line names before it says how many more there are."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary. ``topic`` is stable, ``title`` and ``text`` are for people."""

    topic: str
    title: str
    text: str


def explain_plan(plan: Plan, situation: Situation, language: str = "sv") -> tuple[str, ...]:
    """The plan in ten sentences-with-a-title, for a terminal or a message."""
    return tuple(f"{line.title}: {line.text}" for line in plan_lines(plan, situation, language))


def plan_lines(plan: Plan, situation: Situation, language: str = "sv") -> tuple[Line, ...]:
    """The plan in short: overload, who moves whence and how, loans, surge, postponed, unmet, proof, data;
    and more for what is agreed, changed, stocks, surge units and groups where the model decides on them."""
    words = Words(language)
    names = names_of(situation, words)
    texts = {
        "overload": _overload(plan, situation, names, words),
        "moved": _moved(plan, words),
        "flows": _flows(plan, names, words),
        "transport": _transport(plan, names, words),
        "loans": _loans(plan, names, words),
        "surge": _surge(plan, names, words),
        "postponed": _postponed(plan, names, words),
        **more_lines(plan, situation, names, words),
        "unmet": _unmet(plan, situation, names, words),
        "proof": " ".join(proof_lines(plan, words)),
        "data": situation.notice_sv if language == "sv" else situation.notice_en,
    }
    for topic, more in care_sentences(plan, situation, words).items():
        texts[topic] = f"{texts[topic]} {more}"
    return tuple(Line(topic, words(f"line.{topic}"), text[:1].upper() + text[1:]) for topic, text in texts.items())


def _some(items: list[str], words: Words, total: int | None = None) -> str:
    more = (len(items) if total is None else total) - SHOWN
    shown = "; ".join(items[:SHOWN])
    return shown + ("; " + words("line.more", number=words.number(more)) if more > 0 else "")


def _overload(plan: Plan, situation: Situation, names: Names, words: Words) -> str:
    peaks = overloads(load_if_nobody_moved(plan, situation))
    sites = sites_over(plan, situation) if situation.level == "hospital" else ()
    hidden = len(sites) > peaks["region"].nunique()  # more hospitals are full than regions
    alone = " " + words("line.overload_sites", sites=words.count("hospital", len(sites))) if hidden else ""
    if peaks.empty:
        return words("line.overload_none") + alone
    items = []
    for row in peaks.itertuples():
        start, _ = period_span(situation, row.period)
        items.append(
            words(
                "line.overload_item",
                region=names.regions[row.region],
                bed_type=names.bed_types[row.bed_type].lower(),
                need=words.number(row.present),
                beds=words.number(row.beds),
                when=words.when(start),
            )
        )
    return words("line.overload_some", items=_some(items, words)) + alone


def _moved(plan: Plan, words: Words) -> str:
    table = plan.tables["transfers"]
    if table.empty:
        return words("line.moved_none")
    between = table["from_region"] != table["to_region"]
    found = wholeness(plan)
    text = words(
        "line.moved_some",
        firm=words.count("patient", found.patients),
        firm_rows=words.count("transfer", found.transfers),
        later=words.count("patient", found.patients_expected, whole=False),
        later_rows=words.count("transfer", found.transfers_expected),
    )
    inside = table[~between]["patients"].sum()
    if inside > 0.05:
        text += " " + words("line.moved_inside", patients=words.count("patient", inside, whole=False))
    return text


def _flows(plan: Plan, names: Names, words: Words) -> str:
    pairs = flows(plan.tables["transfers"], ["from_region", "to_region"])
    if pairs.empty:
        return words("line.flows_none")
    firm = plan.tables["transfers"].groupby(["from_region", "to_region"])["whole"].all()
    items = [
        f"{names.regions[row.from_region]} → {names.regions[row.to_region]} "
        + words.quantity(row.patients, bool(firm[row.from_region, row.to_region]))
        for row in pairs.itertuples()
    ]
    return _some(items, words) + "."


def _transport(plan: Plan, names: Names, words: Words) -> str:
    table = plan.tables["transfers"]
    if table.empty:
        return words("line.transport_none")
    table = table.assign(mode=table["vehicle_type"].map(names.modes))
    modes = table.groupby("mode")["patients"].sum().sort_values(ascending=False, kind="stable")
    items = [f"{words.known('vehicle', mode)} {words.quantity(value)}" for mode, value in modes.items()]
    hours = float((table["patients"] * table["minutes"]).sum()) / 60
    mean = 60 * hours / max(float(table["patients"].sum()), 1e-9)
    found = wholeness(plan)
    return words(
        "line.transport_some", modes=", ".join(items), mean=words.duration(mean),
        longest=words.duration(table["minutes"].max()), trips=words.count("trip", found.trips),
        trips_later=words.quantity(found.trips_expected),
    )  # fmt: skip


def _loans(plan: Plan, names: Names, words: Words) -> str:
    table = plan.tables["loans"]
    if table.empty:
        return words("line.loans_none")
    per = table.groupby(["profession", "to_region"], as_index=False)["persons"].sum()
    per = per.sort_values(["persons", "profession", "to_region"], ascending=[False, True, True], kind="stable")
    items = [
        f"{words.number(row.persons)} {names.professions[row.profession].lower()} → {names.regions[row.to_region]}"
        for row in per.itertuples()
    ]
    days = float(plan.tables["ledger"]["staff_days_lent"].sum())
    return words("line.loans_some", days=words.count("personday", days), items=_some(items, words))


def _surge(plan: Plan, names: Names, words: Words) -> str:
    table = plan.tables["surge"]
    table = table[table["open"] > 0]
    if table.empty:
        return words("line.surge_none")
    per_period = table.groupby(["bed_type", "region", "period"], as_index=False)["open"].sum()
    peaks = per_period.groupby(["bed_type", "region"], as_index=False)["open"].max()
    peaks = peaks.sort_values(["open", "bed_type", "region"], ascending=[False, True, True], kind="stable")
    items = [
        f"{names.regions[row.region]} {words.number(row.open)} ({names.bed_types[row.bed_type].lower()})"
        for row in peaks.itertuples()
    ]
    return words("line.surge_some", items=_some(items, words))


def _postponed(plan: Plan, names: Names, words: Words) -> str:
    ledger = plan.tables["ledger"]
    per = ledger[ledger["bed_hours_postponed"] > 0]
    if per.empty:
        return words("line.postponed_none")
    per = per.sort_values(["bed_hours_postponed", "region"], ascending=[False, True], kind="stable")
    items = [f"{names.regions[row.region]} {words.number(row.bed_hours_postponed)}" for row in per.itertuples()]
    total = words.count("bedhour", float(per["bed_hours_postponed"].sum()))
    return words("line.postponed_some", total=total, items=_some(items, words))


def _unmet(plan: Plan, situation: Situation, names: Names, words: Words) -> str:
    table = plan.tables["unmet"]
    table = table[table["unmet"] > 1e-4]
    if table.empty or round(float(table["patient_hours"].sum()), 1) <= 0:
        return words("line.unmet_none")
    totals = table.groupby("period")["unmet"].sum()
    start, _ = period_span(situation, int(totals.round(6).idxmax()))
    items = [
        f"{names.regions[row.region]} {words.number(row.patient_hours)} h ({names.categories[row.category].lower()})"
        for row in unmet_summed(by_stay(table, situation)).itertuples()
    ]
    return words(
        "line.unmet_some",
        peak=words.count("patient", float(totals.max()), whole=False),
        when=words.when(start),
        hours=words.count("patienthour", float(table["patient_hours"].sum())),
        items=_some(items, words),
    )


def unmet_summed(unmet: pd.DataFrame, by: tuple[str, ...] = ("region", "category")) -> pd.DataFrame:
    """Who goes without: summed ``by`` columns the patient-hours, the peak and the first and last period."""
    keys = list(by)
    per_period = unmet.groupby([*keys, "period"], as_index=False)[["unmet", "patient_hours"]].sum()
    per_period = per_period[per_period["unmet"] > 1e-4]
    table = per_period.groupby(keys, as_index=False).agg(
        patient_hours=("patient_hours", "sum"), peak=("unmet", "max"), first=("period", "min"), last=("period", "max")
    )
    table["patient_hours"] = table["patient_hours"].round(6)
    order = [False] + [True] * len(keys)
    return table.sort_values(["patient_hours", *keys], ascending=order, kind="stable").reset_index(drop=True)
