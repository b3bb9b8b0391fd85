"""Lines of help as they are told: whole to the secretariat, the own side of it to each party."""

from __future__ import annotations

from typing import Any, ClassVar

from .base import BOTH, REGION, SECRETARIAT, Answer, Own


class SaidWhole(Answer):
    """What a party answered."""

    party: str
    answer: str
    amount: int | None
    counter: dict[str, Any] | None
    reason: str
    legal_basis: str
    at: str
    holder: str
    on_behalf: str


class DirectedShown(Answer):
    """By which decision a line was directed, and which function noted that."""

    audiences: ClassVar[frozenset[str]] = BOTH
    amount: int
    legal_basis: str
    at: str
    holder: str


class Named(Answer):
    """What the codes of a line are called, and the whole of it in a sentence. Carriers ``national`` have a name too."""

    audiences: ClassVar[frozenset[str]] = BOTH
    from_name: str
    to_name: str
    carrier_name: str
    what_sv: str
    what_en: str
    state_sv: str
    state_en: str
    text_sv: str
    text_en: str


class LineWhole(Named):
    """A line of help with everything known of it. ``noted``: told by telephone, awaits a second person."""

    audiences: ClassVar[frozenset[str]] = SECRETARIAT
    id: str
    plan_id: str
    kind: str
    from_region: str
    to_region: str
    carrier: str
    from_site: str
    to_site: str
    what: str
    vehicle_type: str
    from_h: int
    to_h: int
    from_time: str
    to_time: str
    amount: int
    agreed: int | None
    answer_by: str
    version: int
    state: str
    changed_at: str
    directed: DirectedShown | None
    why: dict[str, Any]
    answers: tuple[SaidWhole, ...]
    noted: tuple[SaidWhole, ...]


class LinesWhole(Answer):
    """Lines in which a region has a part, in the order they were offered."""

    region: str
    realm: str
    lines: tuple[LineWhole, ...]
    next: str | None


class OwnSaid(Own):
    """What the region itself says, in one of its parts."""

    party: str
    answer: str
    amount: int | None
    counter: dict[str, Any] | None
    reason: str
    legal_basis: str
    at: str


class OwnAnswer(OwnSaid):
    """What the region answered. ``on_behalf``: the region, where the secretariat noted it by telephone; else empty."""

    on_behalf: str


class OwnProposal(OwnSaid):
    """What an operator of the region proposes to answer. It counts for nothing until the decision-maker answers."""

    holder: str


class OwnWhy(Own):
    """Why, at the region's own end: figures of its own beds, and what its no costs itself and the country.

    Beds and patients of the category's bed type; hours are patient-hours without a bed. ``country_h_without_line`` is
    without this line, ``country_h_if_no`` if the region helped nobody. None is not nought: it was not reckoned in time,
    and the words say so. What a no costs stands in the words of the region's first part.
    """

    present: float | None = None
    need_without: float | None = None
    beds: float | None = None
    unmet: float | None = None
    unmet_without: float | None = None
    free_before: float | None = None
    free_after: float | None = None
    minutes: float | None = None
    trips: float | None = None
    own_h_if_no: float | None = None
    country_h_if_no: float | None = None
    country_h_without_line: float | None = None
    text_sv: str
    text_en: str


class LineSeen(Named):
    """A line of help as one of its parties sees it. Of the others only who they are; sites only the region's own.

    ``parts``: sender, receiver, carrier, whichever the region is. ``from_h``, ``to_h``: hours from the plan's start, as
    a counter-offer gives them. ``version`` goes into ``If-Match`` of an answer.
    """

    audiences: ClassVar[frozenset[str]] = REGION
    id: str
    plan_id: str
    kind: str
    parts: tuple[str, ...]
    from_region: str
    to_region: str
    carrier: str
    own_site: str
    what: str
    vehicle_type: str
    from_h: int
    to_h: int
    from_time: str
    to_time: str
    amount: int
    agreed: int | None
    answer_by: str
    version: int
    state: str
    changed_at: str
    directed: DirectedShown | None
    why: tuple[OwnWhy, ...]
    answers: tuple[OwnAnswer, ...]
    proposals: tuple[OwnProposal, ...]

    def may_see(self, region: str) -> bool:
        return region in (self.from_region, self.to_region, self.carrier)


class LinesSeen(Own):
    """The caller's lines, in the order they were offered."""

    realm: str
    lines: tuple[LineSeen, ...]
    next: str | None


class CapacityShown(Own):
    """A region's own figure, and what is left of it. ``side`` give: send or lend; take: receive or borrow."""

    audiences: ClassVar[frozenset[str]] = BOTH
    side: str
    what: str
    version: int
    amount: int
    promised: int
    left: int
    from_time: str
    to_time: str
    source: str
    at: str


class Capacities(Own):
    """The figures of a region that count now."""

    audiences: ClassVar[frozenset[str]] = BOTH
    capacities: tuple[CapacityShown, ...]
