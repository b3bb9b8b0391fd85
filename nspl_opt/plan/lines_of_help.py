"""Lines of help in words: places, what they are about, why one is not kept; and their lines of the summary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nspl_opt.plan.facts import Names, names_of
from nspl_opt.plan.next_lines import place
from nspl_opt.plan.plan import Plan
from nspl_opt.plan.words import Words
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Agreement
from nspl_opt.scenario.situation import Situation

LEAST, SHOWN = 0.05, 4
BINDING = ("accepted", "directed")


def called_line_place(names: Names, words: Words, code: str) -> str:
    """A hospital, a region or everywhere, by the code in a table."""
    if code in ("", "all"):
        return words("agreed.everywhere")
    return names.regions.get(code) or names.sites.get(code, code)


def called_what(names: Names, words: Words, kind: str, what: str) -> str:
    """The category or profession that a line is about."""
    things = names.categories if kind == "patients" else names.professions
    return words(f"agreed.all_{kind}") if what == "all" else things.get(what, what)


def why_words(words: Words, row: Any) -> str:
    """Why a line of the table of agreements is not kept, or was declined."""
    if row.state == "declined":
        return words.known("answer", row.reason, row.reason) if row.reason else ""
    return words.known("pruned", row.why.replace(" ", "_"), row.why) if row.why else ""


def line_labels(situation: Situation, language: str = "sv") -> dict[str, str]:
    """Code of a line of help -> what it says: its state, how much of what, whence and whither."""
    words = Words(language)
    names = names_of(situation, words)
    return {line.code: _label(line, situation, names, words) for line in situation.agreements}


def _label(line: Agreement, situation: Situation, names: Names, words: Words) -> str:
    ends = [called_line_place(names, words, place(situation, sites)) for sites in (line.from_sites, line.to_sites)]
    thing, amount = called_what(names, words, line.kind, line.what).lower(), line.amount_micro / MICRO
    if line.state != "declined":
        thing = f"{_figure(words, amount)} {thing}"
    state = words.known("state", line.state)
    return words("agreed.label", line=line.code, state=state, amount=thing, origin=ends[0], destination=ends[1])


def help_lines(plan: Plan, situation: Situation, names: Names, words: Words) -> dict[str, str]:
    """Topic -> text: what is agreed and what of it is broken; what differs from the earlier plan."""
    found = {}
    if len(plan.table("agreements")):
        found["agreements"] = _agreements(plan, names, words)
    if len(plan.table("changes")) and situation.agreements:
        found["changes"] = _changes(plan, names, words)
    return {topic: text for topic, text in found.items() if text}


def _agreements(plan: Plan, names: Names, words: Words) -> str:
    table = plan.table("agreements")
    binding = table[table["state"].isin(BINDING)]
    if binding.empty:
        return words("line.agreements_none", lines=words.count("line", len(table)))
    broken = binding[binding["broken"] > LEAST].sort_values(["broken", "id"], ascending=[False, True])
    if broken.empty:
        return words("line.agreements_kept", lines=words.count("line", len(binding)))
    items = [
        words(
            "line.agreements_item", line=row.id, broken=_figure(words, row.broken), amount=_figure(words, row.amount),
            what=called_what(names, words, row.kind, row.what).lower(), why=why_words(words, row),
            origin=called_line_place(names, words, row.sender),
            destination=called_line_place(names, words, row.receiver),
        )
        for row in broken.itertuples()
    ]  # fmt: skip
    return words("line.agreements_broken", number=words.number(len(broken)), lines=words.count("line", len(binding)),
                 items=_some(items, words))  # fmt: skip


def _changes(plan: Plan, names: Names, words: Words) -> str:
    table = plan.table("changes")
    old = table[table["agreement"] != ""]
    less, more = -old["change"].clip(upper=0).sum(), old["change"].clip(lower=0).sum()
    new = table[table["agreement"] == ""]
    fresh = new["change"].sum()
    if max(less, more, fresh) < LEAST:
        return words("line.changes_none")
    figures = {"less": less, "more": more, "fresh": fresh}
    told = {name: words.count("patient", value, whole=value < LEAST) for name, value in figures.items()}
    text = words("line.changes_some", **told)
    flows = new.groupby(["from_region", "to_region"], as_index=False)["change"].sum()
    flows = flows.sort_values(["change", "from_region", "to_region"], ascending=[False, True, True])
    items = [
        f"{names.regions[row.from_region]} → {names.regions[row.to_region]} {words.quantity(row.change)}"
        for row in flows[flows["change"] > LEAST].itertuples()
    ]
    return f"{text} {words('line.changes_new', items=_some(items, words))}" if items else text


def _figure(words: Words, value: float) -> str:
    return words.quantity(value, abs(value - round(value)) < 1e-6)


def _some(items: Sequence[str], words: Words) -> str:
    more = len(items) - SHOWN
    return "; ".join(items[:SHOWN]) + ("; " + words("line.more", number=words.number(more)) if more > 0 else "")
