"""When equal vehicles drive: jobs with windows, no more under way than there are vehicles.

First one job after the other at its earliest free minute, in several orders. If that places every
job it is the best there is. Otherwise a whole-number program decides who is left out: jobs start
at minutes that are the beginning of a window or follow on other jobs (any placing can be pushed
to the left until that is so), and the number under way is carried from minute to minute.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nspl_opt.dispatch.program import maximise

MOST_COLUMNS = 60_000
"""A program with more columns is not tried: the placing one by one stands, unproven."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something one vehicle does for ``minutes``, starting at ``earliest`` to ``latest`` [min after the start].

    ``worth`` is lost if it is left out. Its start comes as near to ``wish`` as the others let it;
    None: as early as can be.
    """

    key: str
    earliest: int
    latest: int
    minutes: int
    worth: int
    wish: int | None = None


@dataclass(frozen=True)
class Placed:
    """Start of each job that has one, vehicle (1, 2, ...) of each, and whether none can place more worth."""

    starts: Mapping[str, int]
    vehicles: Mapping[str, int]
    proven: bool


def place_jobs(jobs: Sequence[Job], vehicles: np.ndarray, exact: bool = True) -> Placed:
    """Place as much worth as possible.

    Parameters
    ----------
    vehicles
        (minute,) vehicles there are; must reach beyond the end of every job.
    exact
        False: be quick and try no program where the placing one by one leaves something out.
    """
    able = [job for job in jobs if job.earliest <= job.latest and job.worth > 0]
    best = max((_one_by_one(order, vehicles) for order in _orders(able)), key=lambda s: _worth(able, s))
    proven = len(best) == len(able)
    if exact and not proven:
        best, proven = _better(able, vehicles, best)
    best = _moved(able, vehicles, best)
    return Placed(best, numbered({job.key: (best[job.key], job.minutes) for job in able if job.key in best}), proven)


def _worth(jobs: Iterable[Job], starts: Mapping[str, int]) -> int:
    return sum(job.worth for job in jobs if job.key in starts)


def _orders(jobs: list[Job]) -> list[list[Job]]:
    return [
        sorted(jobs, key=lambda job: (job.latest, job.earliest, -job.minutes, job.key)),
        sorted(jobs, key=lambda job: (job.latest + job.minutes, -job.minutes, job.key)),
        sorted(jobs, key=lambda job: (job.earliest, job.latest, -job.minutes, job.key)),
        sorted(jobs, key=lambda job: (-job.worth / max(job.minutes, 1), job.latest, job.key)),
    ]


def free_starts(job: Job, left: np.ndarray) -> np.ndarray:
    """Minutes of the window from which a vehicle is free for the whole job."""
    none = np.concatenate([[0], np.cumsum(left[job.earliest : job.latest + job.minutes] <= 0)])
    room = none[job.minutes :] - none[: len(none) - job.minutes] == 0
    return job.earliest + np.flatnonzero(room[: job.latest - job.earliest + 1])


def _one_by_one(jobs: Iterable[Job], vehicles: np.ndarray) -> dict[str, int]:
    left, starts = vehicles.copy(), {}
    for job in jobs:
        free = free_starts(job, left)
        if len(free):
            starts[job.key] = int(free[0])
            left[free[0] : free[0] + job.minutes] -= 1
    return starts


def _better(jobs: list[Job], vehicles: np.ndarray, known: dict[str, int]) -> tuple[dict[str, int], bool]:
    """The best placing by a whole-number program; the known one if that finds none better."""
    alike: dict[tuple[int, int, int, int], list[Job]] = {}
    for job in sorted(jobs, key=lambda job: job.key):
        alike.setdefault((job.earliest, job.latest, job.minutes, job.worth), []).append(job)
    sorts = sorted(alike)
    changes = [int(minute) + 1 for minute in np.flatnonzero(np.diff(vehicles))]
    starts = _left_shifted(sorts, changes)
    columns = [
        (n, minute)
        for n, (earliest, latest, *_) in enumerate(sorts)
        for minute in starts
        if earliest <= minute <= latest
    ]
    if len(columns) > MOST_COLUMNS:
        return known, False
    moments = sorted({*(minute for _, minute in columns), *changes})
    first = len(columns)
    gain = [float(sorts[n][3]) for n, _ in columns] + [0.0] * len(moments)
    most = [float(len(alike[sorts[n]])) for n, _ in columns] + [float(max(vehicles[at], 0)) for at in moments]
    best = maximise(gain, most, _rows(sorts, alike, columns, moments, first))
    if best.values is None:
        return known, False
    found: dict[str, int] = {}
    waiting = {sort: list(members) for sort, members in alike.items()}
    for (n, minute), number in zip(columns, best.values[:first], strict=True):
        for _ in range(int(number)):
            found[waiting[sorts[n]].pop(0).key] = minute
    better = _worth(jobs, found) >= _worth(jobs, known)
    return (found if better else known), best.proven and better


def _rows(sorts: list, alike: Mapping, columns: list[tuple[int, int]], moments: list[int], first: int) -> list:
    """No job twice; under way at a moment = before, plus who starts, less who ended since."""
    rows = []
    for n, sort in enumerate(sorts):
        mine = [(column, 1.0) for column, (other, _) in enumerate(columns) if other == n]
        rows.append((mine, 0.0, float(len(alike[sort]))))
    flow: list[list[tuple[int, float]]] = [[(first + place, -1.0)] for place in range(len(moments))]
    for place in range(1, len(moments)):
        flow[place].append((first + place - 1, 1.0))
    for column, (n, minute) in enumerate(columns):
        begins = bisect.bisect_left(moments, minute)
        ends = bisect.bisect_left(moments, minute + sorts[n][2])
        if ends > begins:
            flow[begins].append((column, 1.0))
            if ends < len(moments):
                flow[ends].append((column, -1.0))
    return rows + [(terms, 0.0, 0.0) for terms in flow]


def _left_shifted(sorts: Sequence[tuple[int, int, int, int]], changes: Iterable[int]) -> list[int]:
    """Minutes at which a job may start when every job is as early as those before it let it be."""
    ahead = {earliest for earliest, *_ in sorts} | set(changes)
    seen: set[int] = set()
    while ahead:
        minute = min(ahead)
        ahead.discard(minute)
        seen.add(minute)
        for earliest, latest, minutes, _ in sorts:
            if earliest <= minute <= latest and minute + minutes not in seen:
                ahead.add(minute + minutes)
    return sorted(seen)


def _moved(jobs: list[Job], vehicles: np.ndarray, starts: Mapping[str, int]) -> dict[str, int]:
    """The same jobs, those that have a wish as near to it as can be, last ones first."""
    left, moved = vehicles.copy(), dict(starts)
    by_key = {job.key: job for job in jobs}
    for key, start in moved.items():
        left[start : start + by_key[key].minutes] -= 1
    for key in sorted(moved, key=lambda key: (-moved[key], key)):
        job = by_key[key]
        if job.wish is not None:
            left[moved[key] : moved[key] + job.minutes] += 1
            free = free_starts(job, left)
            moved[key] = int(free[np.argmin(np.abs(free - job.wish))])
            left[moved[key] : moved[key] + job.minutes] -= 1
    return moved


def numbered(spans: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Vehicle of each job, given (start, minutes): the first by number that is back.

    Spans of which never more than N run at one time need N numbers.
    """
    ends: Counter[int] = Counter()
    found = {}
    for key in sorted(spans, key=lambda key: (spans[key][0], key)):
        start, minutes = spans[key]
        number = next(n for n in range(1, len(ends) + 2) if ends[n] <= start)
        ends[number] = start + minutes
        found[key] = number
    return found
