"""Equipment and supplies: what each region holds, sends and receives, computed anew from the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from nspl_opt.plan.checks.case import Case, half_even, share
from nspl_opt.plan.checks.report import Tally, allowance
from nspl_opt.plan.checks.rule import Rule
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import arrival_period

EQUIPMENT, SUPPLIES = "equipment", "supplies"
KIND = {EQUIPMENT: "equipment", SUPPLIES: "supply"}
TABLES = ("stocks", "stock_moves")
LONGEST = 1000
"""Days left beyond these are not told."""

Place = tuple[str, str, int]
"""(stock, region, period)."""


@dataclass(frozen=True)
class Book:
    """The stocks of a kind by place, in millionths of a unit: figures that do not stand are nought."""

    case: Case
    family: str
    stocks: Mapping[str, object]
    regions: tuple[str, ...]
    came: Mapping[Place, int]
    """Delivered; at the start what is there."""
    given: Mapping[Place, int]
    left: Mapping[Place, int]
    entered: Mapping[Place, int]

    def places(self) -> Iterator[Place]:
        """Every stock, region at home and period."""
        for code in self.stocks:
            for region in self.regions:
                for t in range(len(self.case.situation.periods)):
                    yield code, region, t

    def days(self, t: int) -> Fraction:
        """What a patient of the period takes: once of equipment, by the day of supplies."""
        return Fraction(self.case.situation.periods[t].length_h, 24) if self.family == SUPPLIES else Fraction(1)

    def units(self, code: str, region: str, of: Callable[[int, int], int]) -> Fraction:
        """Units for the patients ``of(category, site)`` in a region [millionths]."""
        total, use = 0, self.stocks[code].use_micro
        for k, category in enumerate(self.case.situation.categories):
            if category.code in use:
                total += use[category.code] * sum(of(k, i) for i in self.case.region_sites[region])
        return Fraction(total, MICRO)

    def in_care(self, place: Place) -> Fraction:
        """Units that care takes."""
        return self.units(*place[:2], lambda k, i: self.case.cared(k, i, place[2]))

    def own(self) -> dict[Place, Fraction]:
        """Units that the own patients would take; of supplies in a day."""
        need = self.case.own_patients()
        return {
            (code, region, t): self.units(code, region, lambda k, i, t=t: need[k][i][t])
            for code, region, t in self.places()
        }

    def held(self) -> dict[Place, int]:
        """What is there at the end of each period."""
        found: dict[Place, int] = {}
        for place in self.places():
            code, region, t = place
            before = found.get((code, region, t - 1), 0)
            used = half_even(self.in_care(place) * self.days(t)) if self.family == SUPPLIES else 0
            change = self.came[place] + self.given[place] + self.entered[place] - self.left[place]
            found[place] = before + change - used
        return found

    def so_far(self, amounts: Mapping[Place, int], place: Place) -> int:
        """The sum over the period and all before it."""
        return sum(amounts[*place[:2], t] for t in range(place[2] + 1))

    def option(self, name: str, default: object) -> Fraction:
        """An option of the family, exactly."""
        return share(self.case.option(self.family, name, default))

    def room(self, code: str) -> Fraction:
        """What a row of this stock may be broken by [millionths]."""
        return MICRO * allowance(Fraction(max(self.stocks[code].use_micro.values(), default=0), MICRO))


def _book(case: Case, family: str) -> Book:
    situation = case.situation
    stocks = {stock.code: stock for stock in situation.stocks if stock.kind == KIND[family]}
    home = [r.code for r in situation.regions if case.region_sites[r.code] and r.code not in situation.external_regions]
    came: dict[Place, int] = defaultdict(int)
    for code, stock in stocks.items():
        for r, region in enumerate(situation.regions):
            came[code, region.code, 0] += int(stock.held_micro[r])
            for t, amount in enumerate(stock.delivered_micro[r].tolist()):
                came[code, region.code, t] += amount
    given, left, entered = (defaultdict(int) for _ in range(3))
    for row in case.rows["stock_moves"]:
        if row.from_region:
            left[row.stock, row.from_region, row.period] += row.amount
            entered[row.stock, row.to_region, row.arrival_period] += row.amount
        else:
            given[row.stock, row.to_region, row.period] += row.amount
    return Book(case, family, stocks, tuple(home), came, given, left, entered)


def _stated(book: Book) -> dict[Place, object]:
    return {(row.stock, row.region, row.period): row for row in book.case.rows["stocks"] if row.stock in book.stocks}


def stock(book: Book) -> Tally:
    """What a region holds and uses is what the moves and the care make of it; figures beside them follow."""
    tally, rows, own = Tally(), _stated(book), book.own()
    places = set(book.places())
    for place, held in book.held().items():
        used = half_even(book.in_care(place) * book.days(place[2]))
        need = own[place] * book.days(place[2])
        row, where = rows.get(place), ("stocks", *place)
        if row is None:
            tally.holds(where, not (held or used or half_even(need)), "a row", "none")
            continue
        tally.equal_micro((*where, "held"), held, row.held)
        tally.equal_micro((*where, "used"), used, row.used)
        near = abs(row.own_need - need) <= 1
        tally.holds((*where, "own need"), near, float(need / MICRO), row.own_need / MICRO)
        short = max(Fraction(0), need - held - (used if book.family == SUPPLIES else 0))
        tally.holds((*where, "short"), abs(row.short - short) <= 1, float(short / MICRO), row.short / MICRO)
        _days_left(tally, book, place, max(held, 0), used, row.days_left)
    for place in set(rows) - places:
        tally.breach(("stocks", *place), "no such row", "a row")
    return tally


def _days_left(tally: Tally, book: Book, place: Place, held: int, used: int, stated: int | None) -> None:
    days = held * book.days(place[2]) / used if used and book.family == SUPPLIES else None
    days = None if days is not None and days > LONGEST else days
    same = stated is None if days is None else stated is not None and abs(stated - days * MICRO) <= 1
    tally.holds(("stocks", *place, "days left"), same, "nothing" if days is None else float(days), stated)


def enough(book: Book) -> Tally:
    """Care takes no more units than there are."""
    tally, held = Tally(), book.held()
    for place in book.places():
        needed = book.in_care(place) if book.family == EQUIPMENT else 0
        tally.at_most(place, needed, held[place], book.room(place[0]))
    return tally


def floor(book: Book) -> Tally:
    """What never leaves is there: of equipment a share, of supplies the own need of some days."""
    tally, held, own = Tally(), book.held(), book.own()
    index = {region.code: r for r, region in enumerate(book.case.situation.regions)}
    for place in book.places():
        code, region, t = place
        stated = int(book.stocks[code].floor_micro[index[region]])
        if book.family == EQUIPMENT:
            start = int(book.stocks[code].held_micro[index[region]])
            least = max(Fraction(stated), book.option("floor_share", "0.25") * start)
            tally.at_most(place, least, held[place], book.room(code))
            continue
        used = sum(own[code, region, u] * book.days(u) for u in range(t + 1))
        stays = max(Fraction(stated), book.option("floor_days", 3) * own[place])
        spare = max(Fraction(0), book.so_far(book.came, place) - used - stays)
        received = book.so_far(book.entered, place) + book.so_far(book.given, place)
        tally.at_most(place, book.so_far(book.left, place), received + spare, book.room(code))
    return tally


def own_first(book: Book) -> Tally:
    """A region keeps what its own patients need of its own equipment, and sends nothing while short."""
    tally, held, own = Tally(), book.held(), book.own()
    for place in book.places():
        mine, room = book.so_far(book.came, place), book.room(place[0])
        tally.at_most(place, min(own[place], Fraction(mine)), held[place], room)
        short = own[place] > mine + room
        tally.holds((*place, "sent"), not (short and book.left[place]), "nothing while short", book.left[place])
    return tally


def locked(book: Book) -> Tally:
    """What has been received stays for a while, and nothing is sent before it is there."""
    tally, held = Tally(), book.held()
    starts = [period.start_h for period in book.case.situation.periods]
    hours = book.option("locked_h", 72) if book.family == EQUIPMENT else 0
    for place in book.places():
        code, region, t = place
        recent = sum(book.entered[code, region, u] for u in range(t) if starts[t] - starts[u] < hours)
        there = held.get((code, region, t - 1), 0) + book.came[place] + book.given[place]
        if book.left[place]:
            tally.at_most(place, book.left[place] + recent, there, book.room(code))
    return tally


def national(book: Book) -> Tally:
    """No more is given from the national stock than has been released."""
    tally = Tally()
    for code, one in book.stocks.items():
        given = released = 0
        for t, amount in enumerate(one.national_micro.tolist()):
            given += sum(book.given[code, region, t] for region in book.regions)
            released += amount
            tally.at_most((code, "period", t), given, released, book.room(code))
    return tally


def partners(book: Book) -> Tally:
    """Units go between nearest regions, over open borders, and arrive when the road and the handling are done."""
    tally, case = Tally(), book.case
    known = {one.code for one in case.situation.stocks if KIND[EQUIPMENT] == one.kind and EQUIPMENT in case.families}
    known |= {one.code for one in case.situation.stocks if KIND[SUPPLIES] == one.kind and SUPPLIES in case.families}
    for table in TABLES:
        for row in case.rows[table]:
            tally.holds((table, row.stock), row.stock in known, "a stock of a family that is on", row.stock)
    near = _nearest(book) if case.option(book.family, "moves", True) else {}
    delay = half_even(60 * book.option("delay_h", 24))
    for row in case.rows["stock_moves"]:
        if row.stock not in book.stocks:
            continue
        where = ("stock_moves", row.id)
        tally.holds((*where, "amount"), row.amount > 0, "more than nought", row.amount)
        tally.holds((*where, "to"), row.to_region in book.regions, "a region at home", row.to_region)
        if not row.from_region:
            tally.equal((*where, "arrival"), row.period, row.arrival_period)
            continue
        minutes = near.get(row.from_region, {}).get(row.to_region)
        tally.holds((*where, "to"), minutes is not None, f"a partner of {row.from_region}", row.to_region)
        if minutes is not None:
            arrives = arrival_period(case.situation.periods, row.period, minutes + delay)
            tally.equal((*where, "arrival"), arrives, row.arrival_period)
    return tally


def _nearest(book: Book) -> dict[str, dict[str, int]]:
    """Region -> partner -> minutes."""
    case = book.case
    closed = case.option("areas", "border", "open") == "closed"
    grouping = case.option("areas", "grouping", "civil_area")
    found = {}
    for region in book.regions:
        others = [other for other in book.regions if other != region]
        if closed:
            others = [other for other in others if case.situation.same_area(grouping, region, other)]
        minutes = [(case.travel.region_minutes(region, other), other) for other in others]
        reached = sorted((time, other) for time, other in minutes if time is not None)
        found[region] = {other: time for time, other in reached[: int(book.option("partners", 6))]}
    return found


def _rule(check: Callable[[Book], Tally], family: str, english: str, swedish: str) -> Rule:
    def anew(case: Case) -> Tally:
        return check(_book(case, family))

    anew.__doc__ = check.__doc__
    return Rule(anew, family, english, swedish, owns=TABLES)


_WORDS: Mapping[str, tuple[Callable[[Book], Tally], str, str]] = {
    "stock": (stock, "what regions hold follows from moves and care", "det regionerna har följer av flyttar och vård"),
    "enough": (enough, "care takes no more units than there are", "vården använder inte mer än det som finns"),
    "floor": (floor, "what never leaves a region stays", "det som aldrig lämnar en region är kvar"),
    "own_first": (own_first, "a region's own need comes first", "regionens eget behov går först"),
    "locked": (locked, "what is received stays for a while", "det mottagna stannar en tid"),
    "national": (national, "no more is given than was released", "inte mer ges än det som har släppts"),
    "partners": (partners, "units go between partners, in time", "enheter går mellan grannar och kommer i tid"),
}
RULES_HERE: Mapping[str, Rule] = {
    f"{family}.{name}": _rule(check, family, english, swedish)
    for family in KIND
    for name, (check, english, swedish) in _WORDS.items()
    if (family, name) != (SUPPLIES, "own_first")
}
