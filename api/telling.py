"""A line of help in the two forms it is told in: with everything, and as one party sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nspl_opt.store.errors import state_word
from nspl_opt.store.lines import Line, Said

from .answers.lines import DirectedShown, LineSeen, LineWhole, Named, OwnAnswer, OwnProposal, OwnSaid, OwnWhy, SaidWhole
from .names import Names
from .wording import LANGUAGES, line_words, why_words

FIGURES = {
    "sender": {
        "sender_present": "present", "sender_need_without": "need_without", "sender_beds": "beds",
        "sender_unmet": "unmet", "sender_unmet_without": "unmet_without",
    },
    "receiver": {"receiver_free_before": "free_before", "receiver_free_after": "free_after", "receiver_beds": "beds"},
    "carrier": {"minutes": "minutes", "trips": "trips"},
}  # fmt: skip
"""Part -> name on the card -> name in the answer. What is not named here does not leave."""
MADE_HERE = frozenset(
    {"why", "answers", "noted", "proposals", "parts", "own_site", "directed", "version", "changed_at"}
) | frozenset(Named.model_fields)
"""Fields of an answer that are not the line's own."""


def whole(line: Line, names: Names) -> LineWhole:
    """With everything, for the secretariat."""
    version, changed_at = line.last_change(None)
    return LineWhole(
        **{name: getattr(line, name) for name in set(LineWhole.model_fields) - MADE_HERE},
        **_named(line, names),
        version=version,
        changed_at=changed_at,
        directed=_directed(line),
        why=dict(line.card),
        answers=tuple(_said(party, said) for party, said in sorted(line.answers.items())),
        noted=tuple(_said(party, said) for party, said in sorted(line.noted.items())),
    )


def seen(line: Line, region: str, names: Names) -> LineSeen:
    """As a party of the region sees it."""
    parts = line.roles_of(region)
    version, changed_at = line.last_change(region)
    own = line.from_site if "sender" in parts else line.to_site if "receiver" in parts else ""
    answers = ((party, said) for party, said in sorted(line.answers.items()) if party in parts)
    proposed = ((party, said) for party, said in sorted(line.proposed.items()) if party in parts)
    return LineSeen(
        **{name: getattr(line, name) for name in set(LineSeen.model_fields) - MADE_HERE},
        **_named(line, names),
        parts=parts,
        own_site=own,
        version=version,
        changed_at=changed_at,
        directed=_directed(line),
        why=tuple(_why(line, part, region, part == parts[0]) for part in parts),
        answers=tuple(OwnAnswer(**_own(region, party, said), on_behalf=said.on_behalf) for party, said in answers),
        proposals=tuple(OwnProposal(**_own(region, party, said), holder=said.holder) for party, said in proposed),
    )


def _named(line: Line, names: Names) -> dict[str, Any]:
    """What its codes are called, and the whole of it in a sentence."""
    what, state = names.thing(line.what), [state_word(line.state, language) for language in LANGUAGES]
    return line_words(line, names) | {
        "from_name": names.region(line.from_region)[0],
        "to_name": names.region(line.to_region)[0],
        "carrier_name": names.region(line.carrier)[0],
        "what_sv": what[0],
        "what_en": what[1],
        "state_sv": state[0],
        "state_en": state[1],
    }


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


def _why(line: Line, part: str, region: str, first: bool) -> OwnWhy:
    card: Mapping[str, Any] = line.card.get(part, {})
    figures = {name: card[key] for key, name in FIGURES[part].items() if card.get(key) is not None}
    losses = {name: card.get(name) for name in ("own_h_if_no", "country_h_if_no")}
    without = line.card.get("no", {})
    hangs = without.get("found") == "none"
    losses["country_h_without_line"] = None if hangs else without.get("unmet_h")
    sv, en = why_words(part, line.kind, figures, losses, first, hangs)
    return OwnWhy(region=region, **figures, **losses, text_sv=sv, text_en=en)
