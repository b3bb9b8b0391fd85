"""The tables of a report, once for page and workbook: headers by key, values not yet written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from nspl_opt.plan.explain import unmet_summed
from nspl_opt.plan.facts import Names, Places, by_stay, names_of, period_span, places_of
from nspl_opt.plan.plan import Plan
from nspl_opt.plan.words import Words
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.situation import Situation

SMALL = 0.05
"""Expected transfers below this many patients are summed up in a note on the page."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity that is whole, or an expected value."""

    value: float
    whole: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A period: something happens between its start and its end."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """A column: ``key`` in the catalogue, ``kind`` how it is written.

    Kinds: text, time, period, code, number, sparse, amount, minutes, share, flag.

    ``sparse`` is a number of which most are zero: the page shows a dash instead.
    """

    key: str
    kind: str = "text"


@dataclass(frozen=True)
class Sheet:
    """A table for people. ``rows`` hold one raw value per head; None where there is nothing to say."""

    key: str
    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple, ...]
    note: str = ""


@dataclass(frozen=True)
class Source:
    """What every table is made from."""

    plan: Plan
    situation: Situation
    words: Words
    names: Names
    places: Places
    lines: Mapping[str, str]
    """Ferry lines, where the reference is given."""

    @classmethod
    def of(cls, plan: Plan, situation: Situation, language: str, reference: Reference | None = None) -> Source:
        words = Words(language)
        names = names_of(situation, words)
        lines = {line.code: line.name for line in reference.ferries} if reference else {}
        return cls(plan, situation, words, names, places_of(reference, names), lines)

    def table(self, name: str) -> pd.DataFrame:
        return self.plan.tables[name]


def heads(*pairs: str) -> tuple[Head, ...]:
    """Heads from ``key`` or ``key:kind``."""
    return tuple(Head(*pair.split(":")) for pair in pairs)


def moment(text: str) -> datetime:
    """A time of a plan table, without its zone: people and spreadsheets read local time."""
    return datetime.fromisoformat(str(text)).replace(tzinfo=None)


TRANSFER_HEADS = heads(
    "depart:period", "from", "to", "category", "patients:amount", "vehicle", "minutes:minutes", "arrive:period",
    "status", "transfer_id:code"
)  # fmt: skip


def transfer_sheets(source: Source) -> tuple[Sheet, Sheet]:
    """Transfers to be executed, and those expected later; very small expected ones in a note."""
    table = source.table("transfers").sort_values(["period", "from_region", "to_region", "id"], kind="stable")
    whole = table["whole"].astype(bool)
    later = table[~whole]
    small = later[later["patients"] < SMALL]
    note = ""
    if len(small):
        note = source.words(
            "page.transfers_small",
            number=source.words.number(len(small)),
            sum=source.words.number(float(small["patients"].sum()), 1),
        )
    parts = (("transfers_now", table[whole], ""), ("transfers_later", later[later["patients"] >= SMALL], note))
    now, then = (
        Sheet(key, source.words(f"page.{key}"), TRANSFER_HEADS, _transfer_rows(source, part), text)
        for key, part, text in parts
    )
    return now, then


def _span(source: Source, period: int) -> Span:
    return Span(*(end.replace(tzinfo=None) for end in period_span(source.situation, int(period))))


def _transfer_rows(source: Source, table: pd.DataFrame) -> tuple[tuple, ...]:
    names, words = source.names, source.words
    return tuple(
        (
            _span(source, row.period), names.sites[row.from_site], names.sites[row.to_site],
            names.categories[row.category], Amount(float(row.patients), bool(row.whole)),
            names.vehicles[row.vehicle_type], int(row.minutes),
            _span(source, row.arrival_period), words("cell.firm" if row.whole else "cell.expected"), str(row.id),
        )
        for row in table.itertuples()
    )  # fmt: skip


def loans_sheet(source: Source) -> Sheet:
    """Staff loans, the largest first."""
    names, hours = source.names, source.situation.block_hours
    rows = []
    for row in source.table("loans").itertuples():
        days = row.persons * sum(hours[row.first_block : row.last_block + 1]) / 24
        rows.append((names.professions[row.profession], names.regions[row.from_region], names.regions[row.to_region],
                     Amount(row.persons, True), moment(row.start), moment(row.end), Amount(days, True)))  # fmt: skip
    rows.sort(key=lambda row: (-row[3].value, *row[:3], row[4]))
    columns = heads("profession", "from_region", "to_region", "persons:amount", "start:time", "end:time",
                    "person_days:amount")  # fmt: skip
    return Sheet("loans", source.words("table.loans"), columns, tuple(rows))


def surge_sheet(source: Source) -> Sheet:
    """Surge beds per hospital and bed type: how many at most, from when, until when."""
    table = source.table("surge")
    table = table[table["open"] > 0]
    names, rows = source.names, []
    for (region, site, bed_type), part in table.groupby(["region", "site", "bed_type"], sort=True):
        start, _ = period_span(source.situation, int(part["period"].min()))
        _, end = period_span(source.situation, int(part["period"].max()))
        rows.append((names.regions[region], names.sites[site], names.bed_types[bed_type],
                     Amount(int(part["open"].max()), True), Amount(int(part["available"].max()), True),
                     moment(start.isoformat()), moment(end.isoformat())))  # fmt: skip
    rows.sort(key=lambda row: (-row[3].value, *row[:3]))
    columns = heads("region", "site", "bed_type", "open_beds:amount", "available:amount", "start:time", "end:time")
    return Sheet("surge", source.words("table.surge"), columns, tuple(rows))


def postponed_sheet(source: Source) -> Sheet:
    """Planned care postponed, block by block."""
    table = source.table("postponed")
    table = table[table["step"] > 0]
    names, words, hours = source.names, source.words, source.situation.block_hours
    rows = []
    for row in table.sort_values(["block", "region", "site"], kind="stable").itertuples():
        start = moment(row.start)
        step = words("cell.step_of", step=int(row.step), steps=int(row.steps))
        end = start + timedelta(hours=hours[row.block])
        freed = Amount(float(row.beds_freed), False)
        rows.append((names.regions[row.region], names.sites[row.site], start, end, step, freed))
    columns = heads("region", "site", "start:time", "end:time", "step", "beds_freed:amount")
    return Sheet("postponed", source.words("table.postponed"), columns, tuple(rows))


def unmet_sheet(source: Source) -> Sheet:
    """Who goes without: region (and hospital, where plans are by hospital), category, hours, peak, from, until."""
    names, rows = source.names, []
    by = ("region", "site", "category") if source.situation.level == "hospital" else ("region", "category")
    called = {"region": names.regions, "site": names.sites, "category": names.categories}
    for row in unmet_summed(by_stay(source.table("unmet"), source.situation), by).itertuples():
        start, _ = period_span(source.situation, int(row.first))
        _, end = period_span(source.situation, int(row.last))
        rows.append((*(called[key][getattr(row, key)] for key in by), Amount(row.patient_hours, False),
                     Amount(row.peak, False), moment(start.isoformat()), moment(end.isoformat())))  # fmt: skip
    columns = heads(*by, "patient_hours:amount", "peak:amount", "start:time", "end:time")
    return Sheet("unmet", source.words("table.unmet"), columns, tuple(rows))


def ledger_sheet(source: Source) -> Sheet:
    """What each region gives and receives."""
    keys = ("patients_received", "patients_sent", "staff_days_lent", "staff_days_borrowed", "bed_hours_postponed",
            "patient_hours_unmet")  # fmt: skip
    rows = []
    for row in source.table("ledger").itertuples():
        rows.append((source.names.regions[row.region], *(float(getattr(row, key)) for key in keys)))
    return Sheet("ledger", source.words("table.ledger"), heads("region", *(f"{key}:sparse" for key in keys)),
                 tuple(rows))  # fmt: skip


def goals_sheet(source: Source) -> Sheet:
    """Goals in order, with value, bound, gap and proof."""
    words = source.words
    rows = tuple(
        (words.known("goal", goal.name), goal.value, goal.bound, goal.gap, words.known(
            "unit", goal.unit.replace(" ", "_"), goal.unit), goal.proven)
        for goal in source.plan.goals
    )  # fmt: skip
    columns = heads("goal", "value:number", "bound:number", "gap:share", "unit", "proven:flag")
    return Sheet("goals", words("table.goals"), columns, rows)


def rules_sheet(source: Source) -> Sheet:
    """Rules of the model, those that bind most often first."""
    words, rows = source.words, []
    table = source.table("rules")
    table = table.assign(core=table["name"].astype(str).str.startswith("core."))  # equations always bind
    table = table.sort_values(["core", "binding", "name"], ascending=[True, False, True], kind="stable")
    for row in table.itertuples():
        sentence = words.known("rule", str(row.name).replace(".", "_"), str(row.sentence_en))
        rows.append((row.name, sentence, Amount(int(row.rows), True), Amount(int(row.binding), True)))
    columns = heads("rule:code", "sentence", "rows:amount", "binding:amount")
    return Sheet("rules", words("table.rules"), columns, tuple(rows))


def inputs_sheet(source: Source) -> Sheet:
    """Files that were read, with the beginning of their checksum."""
    hashes = source.plan.provenance.get("inputs") or source.situation.input_hashes
    rows = tuple((name, str(digest)[:16]) for name, digest in sorted(hashes.items()))
    return Sheet("inputs", source.words("page.inputs"), heads("file", "hash:code"), rows)


SHEETS: tuple[Callable[[Source], Sheet], ...] = (
    loans_sheet, surge_sheet, postponed_sheet, unmet_sheet, ledger_sheet, goals_sheet, rules_sheet, inputs_sheet,
)  # fmt: skip
"""Tables that page and workbook share, besides the transfers."""
