"""What if: one thing otherwise than in the scenario, and what it does to the amounts of a situation.

Amounts are worked out hospital by hospital, as injects are, and added up to the sites of the plan:
at region level a lost hospital takes its share of the region's beds with it. A change that holds
during a share of a period counts there by that share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from nspl_opt.reference.reference import MICRO, CareCategory
from nspl_opt.scenario.grid import holds_middle
from nspl_opt.scenario.schema import EVERYWHERE
from nspl_opt.scenario.shares import overlap, share_out
from nspl_opt.scenario.situation import Period, Situation

SIDES = ("receive", "send", "help")
"""What a region may decline: to take patients in, to send any out, to help (take patients in, lend people)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From hour to hour after the start [h]; without ``to_h`` to the end."""

    from_h: int = 0
    to_h: int | None = None

    def hours_in(self, period: Period) -> int:
        """Hours of the period that lie in the window [h]."""
        end = period.start_h + period.length_h
        return overlap(self.from_h, end if self.to_h is None else self.to_h, period.start_h, end)

    def covers(self, period: Period) -> bool:
        """Whether the middle of the period, where journeys start, lies in the window."""
        end = period.start_h + period.length_h + 1 if self.to_h is None else self.to_h
        return holds_middle(self.from_h, end, period.start_h, period.length_h)


@dataclass(frozen=True, slots=True)
class Amount:
    """Times ``factor``, or ``added`` to what there is, or ``number`` instead of it; exactly one is given."""

    factor: Fraction | None = None
    added: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Beds(Window):
    """Beds of a hospital or region. A factor scales staffed and surge beds; what is added is staffed."""

    place: str
    bed_type: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Staff(Window):
    """People of a hospital or region."""

    place: str
    profession: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Arrivals(Window):
    """Patients who come to a hospital or region. What is added comes evenly over the window."""

    place: str
    category: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Vehicles(Window):
    """Vehicles of a pool, in the periods in which it has any."""

    pool: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class LostHospital(Window):
    """A hospital is lost: its beds, surge beds and planned care are gone, nobody is sent there.

    Who lies there is moved or goes without; its people work on in the region.
    """

    hospital: str


@dataclass(frozen=True, slots=True)
class ClosedLink(Window):
    """A road, railway or ferry line is closed. No detour is looked for: an upper estimate of the need."""

    link: str


@dataclass(frozen=True, slots=True)
class Declines(Window):
    """A region declines to ``receive``, to ``send``, or to ``help``: then it lends nobody either."""

    region: str
    side: str = "help"
    category: str = EVERYWHERE


WhatIf = Beds | Staff | Arrivals | Vehicles | LostHospital | ClosedLink | Declines


@dataclass(frozen=True)
class Amounts:
    """What there is, by site and period. Shapes and units are those of ``Situation``; ``planned_beds`` has periods."""

    beds: np.ndarray
    surge_beds: np.ndarray
    planned_beds: np.ndarray
    staff: np.ndarray
    arrivals_micro: np.ndarray
    pool_quantity: np.ndarray

    @classmethod
    def of(cls, situation: Situation) -> Amounts:
        """Those of a situation, as new arrays."""
        planned = np.repeat(situation.planned_beds[:, :, None], len(situation.periods), axis=2)
        names = ("beds", "surge_beds", "staff", "arrivals_micro", "pool_quantity")
        return cls(planned_beds=planned, **{name: getattr(situation, name).copy() for name in names})


@dataclass(frozen=True)
class Detail:
    """A situation beside the same one hospital by hospital; at hospital level both are one."""

    situation: Situation
    hospitals: Situation

    def amounts(self, what_ifs: Sequence[WhatIf]) -> Amounts:
        """The amounts of the situation when these things are otherwise, one after the other."""
        now = Amounts.of(self.hospitals)
        for one in what_ifs:
            now = _changed(self.hospitals, now, one)
        if self.hospitals is self.situation:
            return now
        owner = {code: n for n, site in enumerate(self.situation.sites) for code in site.hospitals}
        group = np.array([owner[site.code] for site in self.hospitals.sites], dtype=np.int64)
        return replace(now, **{name: self._summed(getattr(now, name), group) for name in BY_SITE})

    def _summed(self, array: np.ndarray, group: np.ndarray) -> np.ndarray:
        out = np.zeros((array.shape[0], len(self.situation.sites), array.shape[2]), dtype=array.dtype)
        np.add.at(out, (slice(None), group), array)
        return out


BY_SITE = ("beds", "surge_beds", "planned_beds", "staff", "arrivals_micro")


def _changed(hospitals: Situation, now: Amounts, one: WhatIf) -> Amounts:
    if isinstance(one, Beds):
        rows, at = _rows(hospitals.bed_types, one.bed_type), _hospitals(hospitals, one.place)
        changed = {"beds": _sized(now.beds, rows, at, one, hospitals)}
        if one.amount.factor is not None:
            changed["surge_beds"] = _sized(now.surge_beds, rows, at, one, hospitals)
        return replace(now, **changed)
    if isinstance(one, Staff):
        rows, at = _rows(hospitals.professions, one.profession), _hospitals(hospitals, one.place)
        return replace(now, staff=_sized(now.staff, rows, at, one, hospitals))
    if isinstance(one, Arrivals):
        kinds = hospitals.categories
        rows = [k for k, kind in enumerate(kinds) if kind.takes_arrivals and _means(one.category, kind)]
        at = _hospitals(hospitals, one.place)
        sized = _come if one.amount.added is not None else _sized
        return replace(now, arrivals_micro=sized(now.arrivals_micro, rows, at, one, hospitals))
    if isinstance(one, Vehicles):
        return replace(now, pool_quantity=_driven(now.pool_quantity, one, hospitals))
    if isinstance(one, LostHospital):
        at = _hospitals(hospitals, one.hospital)
        gone = Beds(one.hospital, EVERYWHERE, Amount(factor=Fraction(0)), from_h=one.from_h, to_h=one.to_h)
        names = ("beds", "surge_beds", "planned_beds")
        rows = range(len(hospitals.bed_types))
        return replace(now, **{name: _sized(getattr(now, name), rows, at, gone, hospitals) for name in names})
    return now


def _rows(things: Sequence, wanted: str) -> list[int]:
    return [n for n, thing in enumerate(things) if wanted in (EVERYWHERE, thing.code)]


def _means(wanted: str, category: CareCategory) -> bool:
    return wanted == EVERYWHERE or category.is_called(wanted)


def _hospitals(hospitals: Situation, place: str) -> list[int]:
    """Indices of the hospitals that a place stands for: one, those of a region, or all."""
    home = {site.code: "" if site.region in hospitals.external_regions else EVERYWHERE for site in hospitals.sites}
    names = [(site.code, site.region, home[site.code], *site.hospitals) for site in hospitals.sites]
    exact = [n for n, known in enumerate(names) if place == known[0]]
    return exact or [n for n, known in enumerate(names) if place in known]


def _sized(
    stock: np.ndarray, rows: Sequence[int], at: Sequence[int], one: Beds | Staff | Arrivals, case: Situation
) -> np.ndarray:
    """Whole units, rounded down as injects are; what is added is shared by what is there, never below nothing."""
    new = stock.copy()
    for period in case.periods:
        share = Fraction(one.hours_in(period), period.length_h)
        if not share:
            continue
        cell = np.ix_(rows, at, [period.index])
        if one.amount.factor is not None:
            scale = 1 + share * (one.amount.factor - 1)
            new[cell] = stock[cell] * scale.numerator // scale.denominator
        else:
            for row in rows:
                there = stock[row, at, period.index]
                parts = share_out(abs(round(one.amount.added * share)), [int(n) for n in there])
                sign = 1 if one.amount.added > 0 else -1
                new[row, at, period.index] = np.maximum(there + sign * np.array(parts, dtype=np.int64), 0)
    return new


def _come(stock: np.ndarray, rows: Sequence[int], at: Sequence[int], one: Arrivals, case: Situation) -> np.ndarray:
    """So many patients more in all, by the hospitals' beds of the type and by the hours of the window."""
    new = stock.copy()
    hours = [one.hours_in(period) for period in case.periods]
    kinds = [bed.code for bed in case.bed_types]
    for k in rows:
        beds = case.beds[kinds.index(case.categories[k].bed_type), at, 0]
        for i, part in zip(at, share_out(abs(one.amount.added) * MICRO, [int(n) for n in beds]), strict=True):
            more = np.array(share_out(part, hours) if any(hours) else [0] * len(hours), dtype=np.int64)
            new[k, i] = np.maximum(stock[k, i] + (more if one.amount.added > 0 else -more), 0)
    return new


def _driven(stock: np.ndarray, one: Vehicles, case: Situation) -> np.ndarray:
    """Vehicles of the pool; before mobilisation there are none, whatever is changed."""
    new = stock.copy()
    p = [pool.code for pool in case.pools].index(one.pool)
    for period in case.periods:
        there = int(stock[p, period.index])
        share = Fraction(one.hours_in(period), period.length_h)
        if share and there:
            amount = one.amount
            if amount.factor is not None:
                wanted = there * amount.factor
            else:
                wanted = Fraction(amount.number if amount.number is not None else there + amount.added)
            new[p, period.index] = max((there + share * (wanted - there)).__floor__(), 0)
    return new
