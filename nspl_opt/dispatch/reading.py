"""A stored dispatch as the checker reads it: exact numbers, minutes after the start, runs put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from nspl_opt.dispatch.tables import COLUMNS, REASONS, Tables
from nspl_opt.plan.checks.report import Tally
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation

KINDS = ("trip", "sailing", "to_terminal", "from_terminal")
TIMES = ("leave", "loading", "depart", "arrive", "unloaded", "ready")
_OF_THE_RUN = tuple(name for name, _ in COLUMNS["dispatch"][:17])


@dataclass(frozen=True)
class Boarded:
    """Patients of one transfer on board of one run."""

    transfer: str
    category: str
    from_site: str
    to_site: str
    patients: int
    late_periods: int


@dataclass(frozen=True)
class Ride:
    """One run as its rows state it; times in minutes after the start [min]."""

    run: str
    kind: str
    period: int
    pool: str
    vehicle: int
    vehicle_type: str
    line: str
    from_place: str
    to_place: str
    leave: int
    loading: int
    depart: int
    arrive: int
    unloaded: int
    ready: int
    trip: str
    serves: str
    boarded: tuple[Boarded, ...]


@dataclass(frozen=True)
class Unplaced:
    """What is stated not to be driven [millionths]."""

    what: str
    id: str
    amount_micro: int


@dataclass(frozen=True)
class Away:
    """A crew, or people who go with patients, away for some time."""

    run: str
    region: str
    who: str
    number: Fraction
    transfer: str
    start: int
    end: int


class _Reader:
    """Cells as values; what is none is tallied and read as nothing."""

    def __init__(self, situation: Situation, tally: Tally) -> None:
        self.situation, self.tally = situation, tally

    def whole(self, where: tuple, text: str) -> int:
        good = text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) < 10
        self.tally.holds(where, good, "a whole number", text)
        return int(text) if good else 0

    def minute(self, where: tuple, text: str) -> int:
        try:
            after = datetime.fromisoformat(text) - self.situation.start
            minutes = Fraction(after.days * 86_400 + after.seconds, 60)
        except (TypeError, ValueError):
            minutes = Fraction(1, 2)
        self.tally.holds(where, minutes.denominator == 1, "a time with whole minutes", text)
        return int(minutes)

    def exact(self, where: tuple, text: str) -> Fraction:
        """A number above nothing, with at most six decimals."""
        plain = text.replace(".", "", 1)
        good = plain.isascii() and plain.isdigit() and len(text) < 20
        value = Fraction(text) if good else Fraction(0)
        good = good and value > 0 and (value * MICRO).denominator == 1
        self.tally.holds(where, good, "a number above nothing with at most six decimals", text)
        return value if good else Fraction(0)

    def one_of(self, where: tuple, text: str, known: tuple[str, ...]) -> str:
        self.tally.holds(where, text in known, " or ".join(known), text)
        return text


def read_rides(tables: Tables, situation: Situation, tally: Tally) -> tuple[Ride, ...]:
    """The runs, in order; rows of one run must agree about it."""
    read = _Reader(situation, tally)
    periods = len(situation.periods)
    heads: dict[str, dict] = {}
    boarded: dict[str, list[Boarded]] = {}
    for number, row in enumerate(tables["dispatch"], start=2):
        where = ("dispatch", "row", number)
        head = {name: row[name] for name in _OF_THE_RUN}
        tally.equal((*where, "run"), heads.setdefault(row["run"], head), head)
        patients = read.whole((*where, "patients"), row["patients"])
        tally.holds((*where, "patients"), patients > 0, "more than nobody", patients)
        late = read.whole((*where, "late_periods"), row["late_periods"])
        boarded.setdefault(row["run"], []).append(
            Boarded(row["transfer"], row["category"], row["from_site"], row["to_site"], patients, late)
        )
    rides = []
    for run, head in heads.items():
        where = ("dispatch", "run", run)
        read.one_of((*where, "kind"), head["kind"], KINDS)
        period = read.whole((*where, "period"), head["period"])
        tally.holds((*where, "period"), 0 <= period < periods, f"0 to {periods - 1}", period)
        times = {name: read.minute((*where, name), head[name]) for name in TIMES}
        vehicle = read.whole((*where, "vehicle"), head["vehicle"])
        numbers = {"period": min(max(period, 0), periods - 1), "vehicle": vehicle}
        rides.append(Ride(**(head | numbers | times), boarded=tuple(boarded[run])))
    return tuple(rides)


def read_unplaced(tables: Tables, situation: Situation, tally: Tally) -> tuple[Unplaced, ...]:
    """What is left out, with a reason that is known."""
    read, found = _Reader(situation, tally), []
    for number, row in enumerate(tables["dispatch_unplaced"], start=2):
        where = ("dispatch_unplaced", "row", number)
        read.one_of((*where, "what"), row["what"], ("trips", "patients"))
        read.one_of((*where, "reason"), row["reason"], REASONS)
        amount = read.exact((*where, "amount"), row["amount"])
        found.append(Unplaced(row["what"], row["id"], int(amount * MICRO)))
    return tuple(found)


def read_away(tables: Tables, situation: Situation, tally: Tally) -> tuple[Away, ...]:
    """Crews and those who go with patients."""
    read, found = _Reader(situation, tally), []
    for number, row in enumerate(tables["dispatch_crews"], start=2):
        where = ("dispatch_crews", "row", number)
        amount = read.exact((*where, "number"), row["number"])
        start, end = (read.minute((*where, name), row[name]) for name in ("start", "end"))
        found.append(Away(row["run"], row["region"], row["who"], amount, row["transfer"], start, end))
    return tuple(found)
