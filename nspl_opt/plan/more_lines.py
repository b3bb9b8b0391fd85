"""Lines of the summary about what only some models decide: lines of help, stocks, surge units, groups."""

from __future__ import annotations

from collections.abc import Sequence

from nspl_opt.plan.facts import Names, period_span
from nspl_opt.plan.lines_of_help import help_lines
from nspl_opt.plan.plan import Plan
from nspl_opt.plan.words import Words
from nspl_opt.scenario.situation import Situation

SHOWN = 4
"""How many items a line names before it says how many more there are."""


def more_lines(plan: Plan, situation: Situation, names: Names, words: Words) -> dict[str, str]:
    """Topic -> text, of the tables that the plan has and of which there is something to tell."""
    found = help_lines(plan, situation, names, words)
    if "stock_moves" in plan.tables and situation.stocks:
        found["stock_moves"] = _stocks(plan, situation, names, words)
    if "surge_units" in plan.tables and situation.surge_units:
        found["surge_units"] = _units(plan, situation, names, words)
    if "groups" in plan.tables and situation.groups:
        found["groups"] = _groups(plan, situation, names, words)
    return found


def _some(items: Sequence[str], words: Words) -> str:
    more = len(items) - SHOWN
    rest = ["; " + words("line.more", number=words.number(more))] if more > 0 else []
    return "; ".join(items[:SHOWN]) + "".join(rest)


def _stocks(plan: Plan, situation: Situation, names: Names, words: Words) -> str:
    table = plan.tables["stock_moves"]
    if table.empty:
        return words("line.stock_moves_none")
    stocks = {stock.code: stock for stock in situation.stocks}
    sums = table.groupby(["stock", "from_region", "to_region"], sort=True)["amount"].sum().sort_values(ascending=False)
    items = [
        words(
            "line.stock_moves_item",
            stock=words.pick(stocks[stock]).lower(),
            amount=words.quantity(amount),
            unit=stocks[stock].unit,
            origin=names.regions[origin] if origin else words("line.national_stock"),
            destination=names.regions[destination],
        )
        for (stock, origin, destination), amount in sums.items()
    ]
    return words("line.stock_moves_some", items=_some(items, words))


def _units(plan: Plan, situation: Situation, names: Names, words: Words) -> str:
    table = plan.tables["surge_units"]
    opened = table[table["opened"] > 0]
    if opened.empty:
        return words("line.surge_units_none")
    keys = ["block", "site", "bed_type"]
    opened = opened.groupby(keys, as_index=False, sort=True)["opened"].sum()
    first = {period.block: period.index for period in reversed(situation.periods)}
    items = [
        words(
            "line.surge_units_item",
            units=words.number(row.opened),
            bed_type=names.bed_types[row.bed_type].lower(),
            site=names.sites[row.site],
            when=words.when(period_span(situation, first[row.block])[0]),
        )
        for row in opened.itertuples()
    ]
    return words("line.surge_units_some", items=_some(items, words))


def _groups(plan: Plan, situation: Situation, names: Names, words: Words) -> str:
    items = []
    for row in plan.tables["groups"].itertuples():
        ends = {
            "group": row.group,
            "patients": words.count("patient", row.patients),
            "origin": names.sites[row.from_site],
        }
        if row.to_site:
            when = words.when(period_span(situation, int(row.period))[0])
            items.append(words("line.groups_goes", destination=names.sites[row.to_site], when=when, **ends))
        else:
            items.append(words("line.groups_stays", **ends))
    return words("line.groups_some", items=_some(items, words))
