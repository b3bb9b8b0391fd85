"""A plan's transfers and loans as lines of help: what a next plan is told of this one.

Lines that stood in the scenario already (but for what was only proposed) are carried on with what is left of them;
what the plan does beyond them becomes new lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Agreement
from nspl_opt.scenario.situation import Situation

COLUMNS = (
    "id", "state", "kind", "from", "to", "what", "vehicle_type", "from_h", "to_h", "amount", "reason", "legal_basis",
)  # fmt: skip
"""Of the table of agreements in a scenario."""
CLAIMS = ("directed", "accepted", "countered", "offered", "proposed")


@dataclass(frozen=True, slots=True)
class Done:
    """A transfer or loan of the plan as a line would have it, and its middle, by which it belongs to a window."""

    line: Agreement
    middle_x2: int
    whole: bool


def next_lines(plan: Plan, situation: Situation, state: str, start_h: int = 0) -> list[tuple[Any, ...]]:
    """Rows of a table of agreements (``COLUMNS``) for a scenario that starts ``start_h`` hours after this one.

    New lines are ``state``, proposed or offered; only whole patients are offered. What departs before ``start_h``
    is done and no line any more.
    """
    standing = [line for line in situation.agreements if line.state != "proposed"]
    left, ended = {line.code: line.amount_micro for line in standing}, dict.fromkeys((x.code for x in standing), 0)
    new: list[Agreement] = []
    for done in sorted(_done(plan, situation, state), key=lambda done: done.middle_x2):
        group = [line for line in standing if line.state in CLAIMS and _is_on(done, line, situation)]
        gone, over = done.middle_x2 < 2 * start_h, done.line.amount_micro
        if group and done.line.kind == "staff":
            continue  # who is lent on a line is lent throughout
        for line in sorted(group, key=lambda line: (CLAIMS.index(line.state), line.code)):
            part = min(over, left[line.code])
            left[line.code], over = left[line.code] - part, over - part
            ended[line.code] += part if gone else 0
        if over and not gone and (done.whole or state == "proposed"):
            model = group[0] if group else _trimmed(done, standing)
            fresh = {"code": done.line.code, "state": state, "reason": "", "legal_basis": ""}
            new.append(replace(model, amount_micro=over, **fresh))
    carried = [
        line if line.state == "declined" else replace(line, amount_micro=line.amount_micro - ended[line.code])
        for line in standing
    ]
    lines = [_shifted(line, start_h) for line in (*carried, *_named(new, set(left)))]
    lines = [line for line in lines if line.to_h > line.from_h and (line.amount_micro or line.state == "declined")]
    return [_row(situation, line) for line in sorted(lines, key=lambda line: line.code)]


def _done(plan: Plan, situation: Situation, state: str) -> Iterator[Done]:
    """Transfers, then loans, in the order of the tables."""
    for row in plan.table("transfers").itertuples():
        period = situation.periods[int(row.period)]
        line = Agreement(
            row.id, state, "patients", (row.from_site,), (row.to_site,), row.from_region, row.to_region, row.category,
            row.vehicle_type, period.start_h, period.start_h + period.length_h, round(row.patients * MICRO), "", "",
        )  # fmt: skip
        yield Done(line, 2 * period.start_h + period.length_h, bool(row.whole))
    starts = [min(p.start_h for p in situation.periods if p.block == d) for d in range(len(situation.block_hours))]
    sites = {region: tuple(s.code for s in situation.sites if s.region == region) for region in _regions(situation)}
    for row in plan.table("loans").itertuples():
        first, last = int(row.first_block), int(row.last_block)
        line = Agreement(
            row.id, state, "staff", sites[row.from_region], sites[row.to_region], row.from_region, row.to_region,
            row.profession, "", starts[first], starts[last] + situation.block_hours[last],
            int(row.persons) * MICRO, "", "",
        )  # fmt: skip
        yield Done(line, 2 * (starts[last] + situation.block_hours[last]) - 1, True)


def _regions(situation: Situation) -> list[str]:
    return [region.code for region in situation.regions]


def _is_on(done: Done, line: Agreement, situation: Situation) -> bool:
    """Whether what is done is of the line: patients by the middle of their period, loans if they meet at all."""
    one, parent = done.line, {category.code: category.parent for category in situation.categories}
    alike = one.kind == line.kind and line.what in (one.what, parent.get(one.what))
    ends = set(one.from_sites) <= set(line.from_sites) and set(one.to_sites) <= set(line.to_sites)
    then = 2 * line.from_h <= done.middle_x2 < 2 * line.to_h
    if one.kind == "staff":
        then = one.from_h < line.to_h and line.from_h < one.to_h
    return alike and ends and then and line.vehicle_type in ("", one.vehicle_type)


def transfers_on(plan: Plan, situation: Situation, line: Agreement) -> list[str]:
    """The transfers of a plan that a line of patients is about, in the order of the table."""
    done = (one for one in _done(plan, situation, line.state) if one.line.kind == "patients")
    return [one.line.code for one in done if _is_on(one, line, situation)]


def _trimmed(done: Done, standing: Iterable[Agreement]) -> Agreement:
    """The line of what is done, its window less those of standing lines for the same journeys."""
    one = done.line
    for line in standing:
        same = line.state in CLAIMS and (line.kind, line.what) == (one.kind, one.what)
        if same and set(line.from_sites) & set(one.from_sites) and set(line.to_sites) & set(one.to_sites):
            if 2 * line.to_h <= done.middle_x2:
                one = replace(one, from_h=max(one.from_h, line.to_h))
            elif done.middle_x2 < 2 * line.from_h:
                one = replace(one, to_h=min(one.to_h, line.from_h))
    return one


def _named(lines: Iterable[Agreement], taken: set[str]) -> Iterator[Agreement]:
    """New lines with names of their own."""
    for line in lines:
        code, number = line.code, 2
        while code in taken:
            code, number = f"{line.code}-{number}", number + 1
        taken.add(code)
        yield replace(line, code=code)


def _shifted(line: Agreement, start_h: int) -> Agreement:
    return replace(line, from_h=max(line.from_h - start_h, 0), to_h=max(line.to_h - start_h, 0))


def _row(situation: Situation, line: Agreement) -> tuple[Any, ...]:
    parent = {category.code: category.parent for category in situation.categories}
    amount = line.amount_micro / MICRO
    return (
        line.code, line.state, line.kind, place(situation, line.from_sites), place(situation, line.to_sites),
        parent.get(line.what) or line.what, line.vehicle_type, line.from_h, line.to_h,
        int(amount) if amount == int(amount) else amount, line.reason, line.legal_basis,
    )  # fmt: skip


def place(situation: Situation, sites: tuple[str, ...]) -> str:
    """The region, site or ``all`` that the sites of a line are."""
    region = {site.code: site.region for site in situation.sites}
    regions = {region[code] for code in sites}
    if len(sites) == 1:
        return sites[0]
    return regions.pop() if len(regions) == 1 else "all"
