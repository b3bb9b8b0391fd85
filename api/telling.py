"""A line of help in the two forms it is told in: with everything, and as one party sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nspl_opt.store.lines import Line, Said

from .answers.lines import DirectedShown, LineSeen, LineWhole, OwnAnswer, OwnProposal, OwnSaid, OwnWhy, SaidWhole

FIGURES = {
    "sender": {
        "sender_present": "present", "sender_need_without": "need_without", "sender_beds": "beds",
        "sender_unmet": "unmet", "sender_unmet_without": "unmet_without",
    },
    "receiver": {"receiver_free_before": "free_before", "receiver_free_after": "free_after", "receiver_beds": "beds"},
    "carrier": {"minutes": "minutes", "trips": "trips"},
}  # fmt: skip
"""Part -> name on the card -> name in the answer. What is not named here does not leave."""
WORDS = {
    "sender": (
        "Hos er utan flytten: {need_without} patienter, {beds} platser; utan plats {unmet_without}, med den {unmet}.",
        "You without it: {need_without} patients, {beds} beds; without a bed {unmet_without}, with it {unmet}.",
    ),
    "receiver": (
        "Hos er: {free_before} lediga platser av {beds} före, {free_after} efter.",
        "With you: {free_before} free beds of {beds} before, {free_after} after.",
    ),
    "carrier": ("Er transport: {minutes} minuter, {trips} turer.", "Your transport: {minutes} minutes, {trips} trips."),
}
MADE_HERE = frozenset(
    {"why", "answers", "noted", "proposals", "parts", "own_site", "directed", "version", "changed_at"}
)
"""Fields of an answer that are not the line's own."""
LOAN = ("Lån av personal mellan regionerna.", "A loan of staff between the regions.")


def whole(line: Line) -> LineWhole:
    """With everything, for the secretariat."""
    names = set(LineWhole.model_fields) - MADE_HERE
    version, changed_at = line.last_change(None)
    return LineWhole(
        **{name: getattr(line, name) for name in names},
        version=version,
        changed_at=changed_at,
        directed=_directed(line),
        why=dict(line.card),
        answers=tuple(_said(party, said) for party, said in sorted(line.answers.items())),
        noted=tuple(_said(party, said) for party, said in sorted(line.noted.items())),
    )


def seen(line: Line, region: str) -> LineSeen:
    """As a party of the region sees it."""
    parts = line.roles_of(region)
    names = set(LineSeen.model_fields) - MADE_HERE
    version, changed_at = line.last_change(region)
    own = line.from_site if "sender" in parts else line.to_site if "receiver" in parts else ""
    answers = ((party, said) for party, said in sorted(line.answers.items()) if party in parts)
    proposed = ((party, said) for party, said in sorted(line.proposed.items()) if party in parts)
    return LineSeen(
        **{name: getattr(line, name) for name in names},
        parts=parts,
        own_site=own,
        version=version,
        changed_at=changed_at,
        directed=_directed(line),
        why=tuple(_why(line, part, region) for part in parts),
        answers=tuple(OwnAnswer(**_own(region, party, said), on_behalf=said.on_behalf) for party, said in answers),
        proposals=tuple(OwnProposal(**_own(region, party, said), holder=said.holder) for party, said in proposed),
    )


def _directed(line: Line) -> DirectedShown | None:
    if line.directed is None:
        return None
    return DirectedShown(**{name: getattr(line.directed, name) for name in DirectedShown.model_fields})


def _own(region: str, party: str, said: Said) -> dict[str, Any]:
    names = set(OwnSaid.model_fields) - {"region", "party", "counter"}
    counter = None if said.counter is None else dict(said.counter)
    return {name: getattr(said, name) for name in names} | {"region": region, "party": party, "counter": counter}


def _said(party: str, said: Said) -> SaidWhole:
    names = set(SaidWhole.model_fields) - {"party", "counter"}
    counter = None if said.counter is None else dict(said.counter)
    return SaidWhole(**{name: getattr(said, name) for name in names}, party=party, counter=counter)


def _why(line: Line, part: str, region: str) -> OwnWhy:
    card: Mapping[str, Any] = line.card.get(part, {})
    figures = {name: card[key] for key, name in FIGURES[part].items() if card.get(key) is not None}
    losses = {name: card.get(name) for name in ("own_h_if_no", "country_h_if_no")}
    losses["country_h_without_line"] = line.card.get("no", {}).get("unmet_h")
    shown = {name: f"{value:g}" for name, value in figures.items()}
    sv, en = WORDS[part] if set(FIGURES[part].values()) <= set(shown) else LOAN if line.kind == "staff" else ("", "")
    return OwnWhy(region=region, **figures, **losses, text_sv=sv.format(**shown), text_en=en.format(**shown))
