"""Runs of vehicles: from the base with whom to where and back, minute by minute; and when they may start."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nspl_opt.dispatch.seats import Load, assign_seats, gravity
from nspl_opt.dispatch.slots import Job
from nspl_opt.dispatch.stands import Stands
from nspl_opt.dispatch.wishes import Case, Group, Left, Rider, TripRow
from nspl_opt.network.modes import FERRY_UNLOADING_SHARE
from nspl_opt.reference.reference import MICRO

LONGEST_WAIT_MIN = 240
"""No patient waits longer than this at a terminal, before the trip or after it [min]."""


@dataclass(frozen=True)
class Drive:
    """One whole trip of the plan with whom it carries: not yet a time, nor a vehicle."""

    key: str
    row: TripRow
    group: Group
    load: Load

    @property
    def line_min(self) -> int:
        """Minutes from loading to unloaded [min]."""
        return max(rider.line for rider, _ in self.load)

    def best_start(self, earliest: int, latest: int) -> int | None:
        """Late if patients must first be driven to it, in the middle if also from it; else None, early."""
        before, after = (any(getattr(rider, end) for rider, _ in self.load) for end in ("before", "after"))
        return (latest if not after else (earliest + latest) // 2) if before else None


@dataclass(frozen=True)
class Run:
    """What one vehicle does at one go, in minutes after the start [min].

    ``kind`` is trip, sailing, to_terminal or from_terminal. It leaves where it stands at ``leave``,
    takes patients on board from ``loading``, drives with them from ``depart`` to ``arrive``, has them
    off at ``unloaded`` and is back and ready at ``ready``. ``serves`` is the key of the trip that a
    feeder run belongs to.
    """

    key: str
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
    load: Load
    trip: str = ""
    serves: str = ""


def fill(case: Case, groups: tuple[Group, ...], left: list[Left]) -> tuple[list[Drive], bool]:
    """Every whole trip with its patients, and whether no more could be seated; the rest goes to ``left``."""
    drives, proven = [], True
    for group in groups:
        slots = sorted(
            ((row, n) for row in group.trips for n in range(row.trips)), key=lambda slot: (slot[0].minutes, slot[0].id)
        )
        loads, best = assign_seats(group.riders, len(slots), case.vehicles[group.vehicle_type].capacity)
        proven &= best
        for (row, n), load in zip(slots, loads, strict=True):
            if load:
                drives.append(Drive(f"{row.id}/{n + 1}", row, group, load))
            else:
                left.append(Left("trips", row.id, "empty", MICRO))
        for rider in group.riders:
            seated = sum(number for load in loads for other, number in load if other.id == rider.id)
            if seated < rider.patients:
                left.append(Left("patients", rider.id, "no_seat", (rider.patients - seated) * MICRO))
    return drives, proven


def loading_window(case: Case, drive: Drive) -> tuple[int, int]:
    """First and last minute at which loading may begin [min].

    Patients leave their site in the period of the plan and reach the other one in the period of the
    plan. Where the passengers of one trip cannot all keep the latter, only the former is kept.
    """
    begin, end = case.span(drive.group.period)
    riders = [rider for rider, _ in drive.load]
    earliest = max(begin + rider.before for rider in riders)
    latest = min(end - 1 + rider.before for rider in riders)
    there = [case.span(rider.arrival_period) for rider in riders]
    onward = [drive.line_min + rider.after for rider in riders]
    kept = max(earliest, *(first - rest for (first, _), rest in zip(there, onward, strict=True)))
    last = min(latest, *(after - 1 - rest for (_, after), rest in zip(there, onward, strict=True)))
    return (kept, last) if kept <= last else (earliest, latest)


def drive_job(case: Case, stands: Stands, drive: Drive) -> Job:
    """The trip as something a vehicle of its pool is busy with, from leaving to ready."""
    first, last = loading_window(case, drive)
    ahead = stands.positioning(drive.group, drive.row.pool, drive.load[0][0])
    earliest, latest = max(first - ahead, 0), last - ahead
    wish = drive.best_start(earliest, latest)
    return Job(drive.key, earliest, latest, drive.row.minutes, gravity(drive.load), wish)


def made_run(case: Case, stands: Stands, drive: Drive, leave: int, vehicle: int) -> Run:
    """The trip with its minutes."""
    group, loading_min = drive.group, case.vehicles[drive.group.vehicle_type].loading_min
    loading = leave + stands.positioning(group, drive.row.pool, drive.load[0][0])
    unloaded = loading + drive.line_min
    return Run(
        drive.key, "trip", group.period, drive.row.pool, vehicle, group.vehicle_type, "",
        group.from_terminal, group.to_terminal, leave, loading, loading + loading_min, unloaded - loading_min,
        unloaded, leave + drive.row.minutes, drive.load, trip=drive.row.id,
    )  # fmt: skip


def sailing_runs(case: Case, stands: Stands, drives: list[Drive], left: list[Left]) -> list[Run]:
    """Scheduled trips on departures of their timetable, each departure once.

    Patients must be able to leave their site in the period and be at the port when loading begins.
    Among those departures: first those that bring them there in the period of the plan, late ones first.
    """
    lines = {line.code: line for line in case.reference.ferries}
    taken: set[tuple[str, str, int]] = set()
    runs = []
    for drive in sorted(drives, key=lambda drive: (-gravity(drive.load), drive.key)):
        group, line = drive.group, lines[drive.group.line]
        begin, _ = case.span(group.period)
        ashore = line.minutes + math.ceil(line.loading_min * FERRY_UNLOADING_SHARE)
        before = min(rider.before for rider, _ in drive.load)
        offered = [
            at
            for at in stands.sailings(line.code, group.period)
            if at - line.loading_min - before >= begin and (line.code, group.from_terminal, at) not in taken
        ]
        if not offered:
            left += not_driven(drive, "no_sailing_in_time", (begin, begin))
            continue
        kept = [at for at in offered if _keeps(case, drive, at + ashore)]
        at = max(kept or offered)
        taken.add((line.code, group.from_terminal, at))
        loading, unloaded = at - line.loading_min, at + ashore
        runs.append(Run(
            drive.key, "sailing", group.period, "", 0, group.vehicle_type, line.code,
            group.from_terminal, group.to_terminal, loading, loading, at, at + line.minutes, unloaded, unloaded,
            drive.load, trip=drive.row.id,
        ))  # fmt: skip
    return runs


def _keeps(case: Case, drive: Drive, unloaded: int) -> bool:
    return all(case.period_at(unloaded + rider.after) == rider.arrival_period for rider, _ in drive.load)


def not_driven(drive: Drive, reason: str, window: tuple[int, int] | None = None) -> list[Left]:
    """A trip that is not made, and its patients."""
    trip = Left("trips", drive.row.id, reason, MICRO, window, drive.row.minutes)
    return [trip, *(left_behind(rider, number, reason, window) for rider, number in drive.load)]


def left_behind(rider: Rider, number: int, reason: str, window: tuple[int, int] | None = None) -> Left:
    """Patients of a row of the plan who are not driven."""
    return Left("patients", rider.id, reason, number * MICRO, window, rider.before + rider.line + rider.after)
