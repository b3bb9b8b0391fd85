"""What a model file says about which transfers are offered, and which care paths bind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nspl_opt.instance.paths import Step


@dataclass(frozen=True, slots=True)
class Offer:
    """What one family says about the transfers offered, by number of category, sending and receiving site.

    ``refuse(k, i, j)`` is the reason why such a transfer is not offered, "" where it is; ``refuse_cell(k, i, j, t)``
    the same for departures in one period. Both None: nothing is refused. Destinations in ``keep`` stay whatever
    their distance and size, vehicle types in ``ways`` (k, i, j, v) whatever others can do; of both it is told why
    they are not offered (``Instance.why_not``).
    """

    refuse: Callable[[int, int, int], str] | None = None
    refuse_cell: Callable[[int, int, int, int], str] | None = None
    keep: frozenset[tuple[int, int, int]] = frozenset()
    ways: frozenset[tuple[int, int, int, int]] = frozenset()


def joined(offers: Iterable[Offer]) -> Offer:
    """What several offers say together: the first reason of any, and all that any keeps."""
    some = tuple(offers)
    asked = tuple(one.refuse for one in some if one.refuse is not None)
    asked_cell = tuple(one.refuse_cell for one in some if one.refuse_cell is not None)
    keep, ways = (frozenset().union(*(getattr(one, name) for one in some)) for name in ("keep", "ways"))
    return Offer(_first_reason(asked), _first_reason(asked_cell), keep, ways)


def _first_reason(asked: tuple[Callable[..., str], ...]) -> Callable[..., str] | None:
    if len(asked) < 2:
        return asked[0] if asked else None
    return lambda *key: next((reason for one in asked if (reason := one(*key))), "")


@dataclass(frozen=True, slots=True)
class ArcRules:
    """What limits the transfers offered.

    ``longest_journey_factor`` scales the categories' longest journeys (None: no limit);
    ``need_capability`` honours capability and level of the receiver; ``closed_grouping`` keeps
    transfers inside its areas; ``nearest`` and ``largest`` destinations are kept per category
    and origin; ``vehicles``: whether vehicles must carry the transfer; ``offer`` what families say besides.
    ``lent`` are (bed type, site) with beds of another type that may serve it; ``steps`` the care paths that bind.
    """

    longest_journey_factor: float | None
    need_capability: bool
    closed_grouping: str
    nearest: int
    largest: int
    vehicles: bool
    offer: Offer = Offer()
    lent: frozenset[tuple[int, int]] = frozenset()
    steps: tuple[Step, ...] = ()
