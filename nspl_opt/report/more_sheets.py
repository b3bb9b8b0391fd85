"""Tables of the report that only some plans have: what is agreed, stocks, units, groups, who waits, origins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from nspl_opt.plan.facts import period_span
from nspl_opt.plan.lines_of_help import called_line_place, called_what, why_words
from nspl_opt.report.sheets import Amount, Sheet, Source, Span, heads, moment
from nspl_opt.scenario.subjects.origins import CIVILIAN

LEAST = 0.05
"""Patients, people, beds and units fewer than this are not shown."""
WHOLE = 1e-6


def amount(value: float) -> Amount:
    """A figure that is told as whole where it is."""
    return Amount(float(value), abs(value - round(value)) < WHOLE)


def about(value: float) -> Amount:
    """An expected value; next to none is none."""
    return Amount(float(value), abs(value) < LEAST)


def agreements_sheet(source: Source) -> Sheet:
    """Each line of help, what of it is kept, and why not the rest; what is broken first."""
    names, words, rows = source.names, source.words, []
    start = source.situation.start.replace(tzinfo=None)
    for row in source.table("agreements").sort_values(["broken", "id"], ascending=[False, True]).itertuples():
        answered = row.state == "declined"
        ends = [called_line_place(names, words, code) for code in (row.sender, row.receiver)]
        window = Span(*(start + timedelta(hours=int(hour)) for hour in (row.from_h, row.to_h)))
        rows.append((
            row.id, words.known("state", row.state), " → ".join(ends), called_what(names, words, row.kind, row.what),
            window, None if answered else amount(row.amount), None if answered else amount(row.kept),
            amount(row.broken) if row.broken > LEAST else None, why_words(words, row),
        ))  # fmt: skip
    columns = heads("agreement", "state", "help_way", "what", "window:period", "agreed:amount", "kept:amount",
                    "broken:amount", "why")  # fmt: skip
    told = "agreements_why" if "conflict" in source.plan.provenance else "agreements_broken"
    note = words(f"page.{told}") if any(row[7] for row in rows) else ""
    return Sheet("agreements", words("table.agreements"), columns, tuple(rows), note)


def changes_sheet(source: Source) -> Sheet:
    """Where the plan differs from the lines of the earlier one, the largest differences first."""
    names, words, table = source.names, source.words, source.table("changes")
    differ = table[table["change"].abs() > LEAST]
    differ = differ.assign(size=-differ["change"].abs()).sort_values(["size", "agreement", "from_region", "to_region"])
    rows = tuple(
        (row.agreement or words("cell.new_line"), names.regions.get(row.from_region, words("agreed.everywhere")),
         names.regions.get(row.to_region, words("agreed.everywhere")), called_what(names, words, "patients", row.what),
         amount(row.before), amount(row.now), float(row.change))
        for row in differ.itertuples()
    )  # fmt: skip
    same = len(table) - len(differ)
    note = words("page.changes_same", lines=words.count("line", same)) if same else ""
    columns = heads("agreement", "from_region", "to_region", "category", "before:amount", "now:amount",
                    "change:number")  # fmt: skip
    return Sheet("changes", words("table.changes"), columns, rows, note)


def stocks_sheet(source: Source) -> Sheet:
    """Per stock and region: the least there is, what is used, what is short, how long it lasts."""
    words, names, rows = source.words, source.names, []
    stocks = {stock.code: stock for stock in source.situation.stocks}
    for (code, region), part in source.table("stocks").groupby(["stock", "region"], sort=True):
        stock = stocks[code]
        used = part["used"].sum() if stock.kind == "supply" else part["used"].max()
        if max(used, part["own_need"].max(), part["short"].max()) < LEAST:
            continue
        days = pd.to_numeric(part["days_left"], errors="coerce").min() if stock.kind == "supply" else float("nan")
        rows.append((f"{words.pick(stock)} ({stock.unit})", names.regions[region], about(part["held"].min()),
                     about(used), about(part["short"].max()), None if pd.isna(days) else float(days)))  # fmt: skip
    rows.sort(key=lambda row: (row[0], -row[4].value, row[1]))
    columns = heads("stock", "region", "least_held:amount", "used:amount", "short:amount", "days_left:number")
    return Sheet("stocks", words("table.stocks"), columns, tuple(rows))


def stock_moves_sheet(source: Source) -> Sheet:
    """What is sent, whence and whither, in order of departure."""
    names, words, rows = source.names, source.words, []
    stocks = {stock.code: stock for stock in source.situation.stocks}
    table = source.table("stock_moves")
    for row in table[table["amount"] > LEAST].sort_values(["period", "id"], kind="stable").itertuples():
        stock = stocks[row.stock]
        origin = names.regions[row.from_region] if row.from_region else words("line.national_stock")
        rows.append((_span(source, row.period), f"{words.pick(stock)} ({stock.unit})", origin,
                     names.regions[row.to_region], about(row.amount), _span(source, row.arrival_period)))  # fmt: skip
    columns = heads("depart:period", "stock", "from", "to_region", "units:amount", "arrive:period")
    return Sheet("stock_moves", words("table.stock_moves"), columns, tuple(rows))


def units_sheet(source: Source) -> Sheet:
    """Surge units that open or close at a place, block by block."""
    names, table = source.names, source.table("surge_units")
    keys = ["block", "start", "region", "site", "bed_type"]
    sums = table.groupby(keys, as_index=False, sort=True)[["opened", "closed", "units", "beds"]].sum()
    places = ("region", "site") if source.situation.level == "hospital" else ("region",)
    called = {"region": names.regions, "site": names.sites}
    rows = tuple(
        (moment(row.start), *(called[key][getattr(row, key)] for key in places), names.bed_types[row.bed_type],
         _some(row.opened), _some(row.closed), amount(row.units), amount(row.beds))
        for row in sums[(sums["opened"] > 0) | (sums["closed"] > 0)].itertuples()
    )  # fmt: skip
    columns = heads("start:time", *places, "bed_type", "opens:amount", "closes:amount", "units_open:amount",
                    "unit_beds:amount")  # fmt: skip
    return Sheet("surge_units", source.words("table.surge_units"), columns, rows)


def groups_sheet(source: Source) -> Sheet:
    """Each group: where it came, where it goes and when, or that it stays."""
    names, words, rows = source.names, source.words, []
    for row in source.table("groups").sort_values("group").itertuples():
        goes = bool(row.to_site)
        rows.append((row.group, names.categories.get(row.category, row.category), amount(row.patients),
                     names.sites[row.from_site], names.sites[row.to_site] if goes else words("cell.stays"),
                     _span(source, row.period) if goes else None))  # fmt: skip
    columns = heads("group", "category", "patients:amount", "from", "to", "depart:period")
    return Sheet("groups", words("table.groups"), columns, tuple(rows))


def ready_sheet(source: Source) -> Sheet:
    """Per region and category: who became ready, who came to a municipal place, who waits at most."""
    names, rows = source.names, []
    table = source.table("ready")
    sums = table.groupby(["region", "category", "period"], as_index=False)[
        ["became", "placed", "waiting", "housed"]
    ].sum()
    for (region, category), part in sums.groupby(["region", "category"], sort=True):
        if max(part["became"].sum(), part["waiting"].max()) > LEAST:
            rows.append((names.regions[region], names.categories[category], about(part["became"].sum()),
                         about(part["placed"].sum()), about(part["waiting"].max()),
                         about(part["housed"].max())))  # fmt: skip
    rows.sort(key=lambda row: (-row[4].value, *row[:2]))
    columns = heads("region", "category", "became:amount", "placed:amount", "waiting:amount", "housed:amount")
    return Sheet("ready", source.words("table.ready"), columns, tuple(rows))


def bed_use_sheet(source: Source) -> Sheet:
    """Beds that serve other care: per region and pair of bed types the most at one time."""
    names, rows = source.names, []
    keys = ["region", "bed_type", "used_by"]
    sums = source.table("bed_use").groupby([*keys, "period"], as_index=False)[["patients", "beds"]].sum()
    for (region, gives, serves), part in sums.groupby(keys, sort=True):
        if part["patients"].max() > LEAST:
            rows.append((names.regions[region], names.bed_types[gives], names.bed_types[serves],
                         about(part["patients"].max()), about(part["beds"].max())))  # fmt: skip
    rows.sort(key=lambda row: (-row[3].value, *row[:3]))
    columns = heads("region", "gives", "serves", "most_patients:amount", "most_beds:amount")
    return Sheet("bed_use", source.words("table.bed_use"), columns, tuple(rows))


def extra_hours_sheet(source: Source) -> Sheet:
    """Extra hours per region and profession: the most at one time, and in all."""
    names, hours, rows = source.names, source.situation.block_hours, []
    for (region, profession), part in source.table("extra_hours").groupby(["region", "profession"], sort=True):
        days = sum(row.people * hours[int(row.block)] / 24 for row in part.itertuples())
        if part["people"].max() > LEAST:
            rows.append((names.regions[region], names.professions[profession], about(part["people"].max()),
                         about(days)))  # fmt: skip
    rows.sort(key=lambda row: (-row[3].value, *row[:2]))
    columns = heads("region", "profession", "most_people:amount", "extra_days:amount")
    return Sheet("extra_hours", source.words("table.extra_hours"), columns, tuple(rows))


def origins_sheet(source: Source) -> Sheet:
    """Who patients are, in regions with others than civilians: over the whole time, and who is there at its end."""
    names, words, rows = source.names, source.words, []
    table, last = source.table("origins"), len(source.situation.periods) - 1
    keys = ("arrived", "moved_out", "moved_in", "discharged")
    mixed = table[(table["origin_class"] != CIVILIAN) & (table[["arrived", "present"]].max(axis=1) > LEAST)]
    table = table[table["region"].isin(set(mixed["region"]))]
    for (origin, region), part in table.groupby(["origin_class", "region"], sort=True):
        values = [float(part[key].sum()) for key in keys]
        values.append(float(part[part["period"] == last]["present"].sum()))
        if max(values) > LEAST:
            rows.append((words.known("origin", origin), names.regions[region], *map(about, values)))
    columns = heads("origin", "region", *(f"{key}:amount" for key in keys), "present_last:amount")
    note = words("page.origins_others") if len(set(mixed["region"])) < len(source.situation.regions) else ""
    return Sheet("origins", words("table.origins"), columns, tuple(rows), note)


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page that only some plans have."""

    key: str
    sheets: tuple[Sheet, ...]


Make = Callable[[Source], Sheet]
SECTIONS: tuple[tuple[str, tuple[tuple[str, Make], ...]], ...] = (
    ("agreed", (("agreements", agreements_sheet), ("changes", changes_sheet))),
    ("groups", (("groups", groups_sheet),)),
    ("stocks", (("stock_moves", stock_moves_sheet), ("stocks", stocks_sheet))),
    ("units", (("surge_units", units_sheet),)),
    ("other_care", (("bed_use", bed_use_sheet), ("extra_hours", extra_hours_sheet))),
    ("ready", (("ready", ready_sheet),)),
    ("origins", (("origins", origins_sheet),)),
)
"""Section -> tables of the plan and what they are shown as."""


def more_sections(source: Source) -> tuple[Section, ...]:
    """Sections of the tables that the plan has and that say something."""
    found = []
    for key, tables in SECTIONS:
        sheets = [make(source) for table, make in tables if len(source.plan.table(table))]
        if any(sheet.rows or sheet.note for sheet in sheets):
            found.append(Section(key, tuple(sheet for sheet in sheets if sheet.rows or sheet.note)))
    return tuple(found)


def _span(source: Source, period: int) -> Span:
    return Span(*(end.replace(tzinfo=None) for end in period_span(source.situation, int(period))))


def _some(count: int) -> Amount | None:
    return Amount(int(count), True) if count else None
