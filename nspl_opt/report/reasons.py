"""The reasons of a plan on its report: cards of the first transfers, refusals, values, prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nspl_opt.plan.card import explain_transfer
from nspl_opt.plan.why_all import Part, reason_parts
from nspl_opt.report.sheets import Source

if TYPE_CHECKING:
    from nspl_opt.network.travel import TravelTimes

CARDS = 20
"""Transfers whose cards stand on the page; all have one in ``nspl-opt explain``."""


@dataclass(frozen=True, slots=True)
class CardText:
    """One transfer: what is recommended, and why."""

    transfer: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    """What the page tells of reasons."""

    cards: tuple[CardText, ...]
    parts: tuple[Part, ...]
    how: str

    @property
    def any(self) -> bool:
        """Whether there is something to tell."""
        return bool(self.cards or self.parts)


def make_reasons(source: Source, travel: TravelTimes) -> Reasons:
    """Cards of the first transfers to be executed, else of the first expected ones; nothing where not asked for."""
    plan, words = source.plan, source.words
    if "alternatives" not in plan.tables:
        return Reasons((), (), "")
    table = plan.tables["transfers"]
    first = table[table["whole"].astype(bool)] if table["whole"].any() else table
    first = first.sort_values(["period", "from_region", "to_region", "id"], kind="stable").head(CARDS)
    label, cards = words("reason.label"), []
    for transfer in first["id"]:
        card = explain_transfer(plan, source.situation, travel, transfer, words.language)
        said = (*(line for line in card.sentences[1:-1] if line != label),)
        cards.append(CardText(transfer, card.sentences[0], said))
    return Reasons(tuple(cards), reason_parts(plan, source.situation, words.language), label)
