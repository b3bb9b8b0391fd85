"""Rules and goals of offers, answers and pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from nspl_opt.plan.checks import batches, changes
from nspl_opt.plan.checks.case import Case
from nspl_opt.plan.checks.lines import BINDING, blocks, covers, departs, together
from nspl_opt.plan.checks.report import Tally, allowance
from nspl_opt.plan.checks.rule import Rule, Value
from nspl_opt.reference.reference import MICRO


def listed(case: Case) -> Tally:
    """Patients are moved between pairs that the list allows; an empty list allows all."""
    tally = Tally()
    pairs: Collection[Any] = case.situation.pairs
    allow = case.option("allowed_pairs", "list", "allow") == "allow"
    for row in case.rows["transfers"] if pairs else ():
        on_it = any(
            row.from_site in pair.from_sites
            and row.to_site in pair.to_sites
            and covers(case, pair.category, row.category)
            for pair in pairs
        )
        found = f"{row.category} from {row.from_site} to {row.to_site}"
        tally.holds(("transfers", row.id), on_it == allow, f"a pair {'on' if allow else 'not on'} the list", found)
    return tally


def _answers(case: Case) -> bool:
    return case.option("offers", "answers", True)


def kept(case: Case) -> Tally:
    """What is accepted or directed is moved or lent, but for what the table says is broken."""
    tally, told = Tally(), {row.id: row.broken for row in case.rows["agreements"]}
    for kind in ("patients", "staff") if _answers(case) else ():
        for some in together(case, kind):
            broken = sum(told.get(line.code, 0) for line in some.lines)
            where = (kind, *(line.code for line in some.lines))
            tally.at_most(where, Fraction(some.agreed - some.done - broken, MICRO), 0, allowance(whole=kind == "staff"))
    return tally


def no_more(case: Case) -> Tally:
    """Where something is agreed or countered, no more is moved or lent than the lines for it amount to."""
    tally = Tally()
    more = case.option("offers", "add_to_accepted", False)
    for kind in ("patients", "staff") if _answers(case) else ():
        for some in together(case, kind):
            if some.countered or (some.agreed and not more):
                whole = kind == "staff"
                amounts = [amount for _, amount in some.by_block] if whole else [some.done]
                for amount in amounts:
                    found, limit = Fraction(amount, MICRO), Fraction(some.total, MICRO)
                    tally.at_most((kind, some.lines[0].code), found, limit, allowance(whole=whole))
    return tally


def limit(case: Case) -> Tally:
    """No region sends, takes, lends or borrows more than it offers."""
    tally = Tally()
    for offer in case.situation.offers if case.option("offers", "limits", True) else ():
        give, where = offer.side == "give", (offer.region, offer.side, offer.what, offer.from_h, offer.to_h)
        most, moved = Fraction(offer.amount_micro, MICRO), 0
        for row in case.rows["transfers"]:
            here, there = (row.from_region, row.to_region) if give else (row.to_region, row.from_region)
            bed = case.situation.categories[case.category[row.category]].bed_type
            meant = offer.what == bed or covers(case, offer.what, row.category)
            if here == offer.region != there and meant and departs(case, row.period, offer.from_h, offer.to_h):
                moved += row.patients
        tally.at_most(where, Fraction(moved, MICRO), most, allowance())
        for d in blocks(case, offer.from_h, offer.to_h):
            lent = sum(
                people[d]
                for (profession, lender, borrower), people in case.lent.items()
                if profession == offer.what and (lender if give else borrower) == offer.region
            )
            tally.at_most((*where, "block", d), lent, most, allowance(whole=True))
    return tally


def declined(case: Case) -> Tally:
    """Nobody is moved or lent where it has been declined."""
    tally = Tally()
    refused = [line for line in case.situation.agreements if line.state == "declined"] if _answers(case) else []
    for line in refused:
        for row in case.rows["transfers"] if line.kind == "patients" else ():
            there = row.from_site in line.from_sites and row.to_site in line.to_sites
            asked = (
                there and covers(case, line.what, row.category) and departs(case, row.period, line.from_h, line.to_h)
            )
            tally.holds(("transfers", row.id), not asked, f"nothing of what {line.code} declines", row.id)
        for key, people in case.lent.items() if line.kind == "staff" else ():
            wanted = (line.what, line.from_region, line.to_region)
            if all(one in (other, "all", "") for one, other in zip(wanted, key, strict=True)):
                for d in blocks(case, line.from_h, line.to_h):
                    tally.equal((line.code, *key, "block", d), 0, people[d])
    return tally


def reported(case: Case) -> Tally:
    """Every line of the scenario stands in the table, with what is kept of it, what is not, and why not."""
    tally = Tally()
    lines = {line.code: line for line in case.situation.agreements}
    stated = {row.id: row for row in case.rows["agreements"]}
    tally.equal(("agreements",), sorted(lines), sorted(stated))
    parts = {line.code: part for kind in ("patients", "staff") for some in together(case, kind)
             for line, part in some.parts()}  # fmt: skip
    for code, row in stated.items():
        if code not in lines:
            continue
        line = lines[code]
        for column in ("state", "kind", "what", "vehicle_type", "from_h", "to_h", "reason", "legal_basis"):
            tally.equal((code, column), getattr(line, column), getattr(row, column))
        for column, sites in (("sender", line.from_sites), ("receiver", line.to_sites)):
            tally.equal((code, column), _place(case, sites), getattr(row, column))
        tally.equal_micro((code, "amount"), line.amount_micro, row.amount)
        part = parts.get(code, 0)
        tally.equal_micro((code, "kept"), part, row.kept)
        broken = line.amount_micro - part if line.state in BINDING and _answers(case) else 0
        tally.equal_micro((code, "broken"), broken, row.broken)
        tally.holds((code, "why"), bool(row.why) == (row.broken > 0), "a reason where something is broken", row.why)
    return tally


def _place(case: Case, sites: tuple[str, ...]) -> str:
    """A line's place: the one site, the region of all of them, or all."""
    if len(sites) == 1:
        return sites[0]
    regions = {case.situation.sites[case.site[code]].region for code in sites}
    return regions.pop() if len(regions) == 1 else "all"


def agreements_broken(case: Case, goal: Mapping[str, Any]) -> Fraction:
    """What is accepted or directed and neither moved nor lent."""
    if not _answers(case) or "offers" not in case.families:
        return Fraction(0)
    some = [*together(case, "patients"), *together(case, "staff")]
    agreed = [(line, part) for one in some for line, part in one.parts() if line.state in BINDING]
    return Fraction(sum(line.amount_micro - part for line, part in agreed), MICRO)


RULES_HERE: Mapping[str, Rule] = (
    {
        "allowed_pairs.listed": Rule(
            listed,
            "allowed_pairs",
            "patients move only between pairs that are allowed",
            "patienter flyttas bara mellan tillåtna par",
        ),
        "offers.kept": Rule(
            kept,
            "offers",
            "what is agreed is kept, or told to be broken",
            "det överenskomna hålls, eller sägs inte kunna hållas",
        ),
        "offers.no_more": Rule(
            no_more,
            "offers",
            "no more than is agreed",
            "inte mer än det överenskomna",
        ),
        "offers.limit": Rule(
            limit,
            "offers",
            "no region gives or takes more than it offers",
            "ingen region ger eller tar emot mer än den erbjuder",
        ),
        "offers.declined": Rule(
            declined,
            "offers",
            "nothing that has been declined",
            "inget av det som har avböjts",
        ),
        "offers.reported": Rule(
            reported,
            "offers",
            "every line is reported, with what is kept of it and why not all",
            "varje rad redovisas, med vad som hålls av den och varför inte allt",
            owns=("agreements",),
        ),
    }
    | batches.RULES_HERE
    | changes.RULES_HERE
)
GOALS_HERE: Mapping[str, Value] = {"agreements_broken": agreements_broken} | changes.GOALS_HERE
