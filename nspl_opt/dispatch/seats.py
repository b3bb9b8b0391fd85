"""Who sits where: whole patients in whole trips, as many as fit, the gravest first.

A trip holds patients of several kinds if their shares of its room, one over the capacity for
their kind, sum to one at most. Which mixtures fill a vehicle is listed once; how many trips take
each mixture is a whole-number program of a few columns, so the answer is the best there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product

from nspl_opt.dispatch.program import maximise
from nspl_opt.dispatch.wishes import Rider

Load = tuple[tuple[Rider, int], ...]
"""Patients on board of one trip: rider and number."""


def assign_seats(riders: tuple[Rider, ...], trips: int, capacity: Mapping[str, int]) -> tuple[list[Load], bool]:
    """One load per trip, fullest in severity first and empty ones last, and whether none can seat more.

    Most severity-weighted patients are seated, then in as few trips as can be. Riders who find no
    seat are in no load.
    """
    waiting = tuple(rider for rider in riders if rider.patients)
    if not trips or not waiting:
        return [()] * trips, True
    kinds = sorted({rider.kind for rider in waiting})
    asked = {kind: sum(rider.patients for rider in waiting if rider.kind == kind) for kind in kinds}
    mixtures = list(_mixtures([min(capacity.get(kind, 0), asked[kind]) for kind in kinds], kinds, capacity))
    chosen, proven = _choose(waiting, trips, kinds, mixtures)
    queues = {kind: _queue(waiting, kind) for kind in kinds}
    loads = []
    for mixture, number in zip(mixtures, chosen, strict=True):
        for _ in range(number):
            loads.append(_draw(queues, dict(zip(kinds, mixture, strict=True))))
    loads.sort(key=lambda load: (-gravity(load), [rider.id for rider, _ in load]))
    return loads + [()] * (trips - len(loads)), proven


def gravity(load: Load) -> int:
    """Severity-weighted patients on board."""
    return sum(rider.weight * number for rider, number in load)


def _mixtures(most: list[int], kinds: list[str], capacity: Mapping[str, int]) -> Iterator[tuple[int, ...]]:
    """Numbers of each kind that fit together and leave no room for one more; the last kind fills what is left."""
    for numbers in product(*(range(limit, -1, -1) for limit in most[:-1])):
        room = 1 - sum(Fraction(n, capacity[kind]) for n, kind in zip(numbers, kinds, strict=False) if n)
        if room >= 0:
            last = min(most[-1], int(room * capacity[kinds[-1]])) if most[-1] else 0
            if any(numbers) or last:
                yield (*numbers, last)


def _choose(
    riders: tuple[Rider, ...], trips: int, kinds: list[str], mixtures: list[tuple[int, ...]]
) -> tuple[list[int], bool]:
    """Trips of each mixture: most severity seated, then fewest trips."""
    if not mixtures:
        return [], True
    seated = range(len(mixtures), len(mixtures) + len(riders))
    gain = [-1.0] * len(mixtures) + [float((trips + 1) * rider.weight) for rider in riders]
    most = [float(trips)] * len(mixtures) + [float(rider.patients) for rider in riders]
    rows = [([(m, 1.0) for m in range(len(mixtures))], 0.0, float(trips))]
    for place, kind in enumerate(kinds):
        seats = [(m, -float(mixture[place])) for m, mixture in enumerate(mixtures) if mixture[place]]
        takers = [(column, 1.0) for column, rider in zip(seated, riders, strict=True) if rider.kind == kind]
        rows.append((seats + takers, -float("inf"), 0.0))
    best = maximise(gain, most, rows)
    if best.values is None:
        raise RuntimeError("seating nobody is a solution, so there must be one")
    return [int(number) for number in best.values[: len(mixtures)]], best.proven


def _queue(riders: tuple[Rider, ...], kind: str) -> list[list]:
    """Who of the kind waits, gravest first, those for the same place together."""
    mine = [rider for rider in riders if rider.kind == kind]
    mine.sort(key=lambda rider: (-rider.weight, rider.to_site, rider.from_site, rider.id))
    return [[rider, rider.patients] for rider in mine]


def _draw(queues: Mapping[str, list[list]], seats: Mapping[str, int]) -> Load:
    taken: dict[str, list] = {}
    for kind, number in seats.items():
        for entry in queues[kind]:
            take = min(number, entry[1])
            if take:
                entry[1] -= take
                number -= take
                taken.setdefault(entry[0].id, [entry[0], 0])[1] += take
    return tuple((rider, number) for _, (rider, number) in sorted(taken.items()))
