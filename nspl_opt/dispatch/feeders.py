"""Feeder runs: a road vehicle brings each patient to the terminal before the trip, another one takes him on after it.

As in the plan each patient has a run of his own, out and back and one loading. Legs to a terminal
may be driven ahead and legs from it later, within ``LONGEST_WAIT_MIN``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nspl_opt.dispatch.runs import LONGEST_WAIT_MIN, Run, left_behind
from nspl_opt.dispatch.seats import Load
from nspl_opt.dispatch.slots import Job, Placed
from nspl_opt.dispatch.stands import feeder_pools
from nspl_opt.dispatch.wishes import Case, Left, Rider

Patient = tuple[str, int]
"""Key of a trip or sailing, number of the patient on it."""


@dataclass(frozen=True)
class Leg:
    """One patient between site and terminal: what a vehicle of ``pool`` must do, and for which trip."""

    job: Job
    pool: str
    kind: str
    serves: str
    rider: Rider
    number: int

    @property
    def patient(self) -> Patient:
        """Who it is for."""
        return self.serves, self.number


def legs_of(case: Case, run: Run) -> list[Leg]:
    """The legs that a trip or sailing needs, one per patient and end with a feeder leg."""
    pools, found = feeder_pools(case), []
    begin, _ = case.span(run.period)
    number = 0
    for rider, patients in run.load:
        windows = []
        if rider.before:
            pool = pools[rider.from_region, rider.kind]
            loading = _loading(case, pool)
            latest = run.loading - rider.before - loading
            earliest = max(begin - loading, latest - LONGEST_WAIT_MIN, 0)
            windows.append(("to_terminal", pool, earliest, latest, 2 * rider.before + loading))
        if rider.after:
            pool = pools[rider.to_region, rider.kind]
            earliest = max(run.unloaded - rider.after, 0)
            latest = earliest + LONGEST_WAIT_MIN
            if run.kind == "trip":
                latest = min(latest, max(case.span(rider.arrival_period)[1] - 1 - 2 * rider.after, earliest))
            windows.append(("from_terminal", pool, earliest, latest, 2 * rider.after + _loading(case, pool)))
        for _ in range(patients):
            number += 1
            for kind, pool, earliest, latest, minutes in windows:
                key = f"{run.key}/{kind}/{number:03d}"
                wish = latest if kind == "to_terminal" else None
                job = Job(key, earliest, latest, minutes, rider.weight, wish)
                found.append(Leg(job, pool, kind, run.key, rider, number))
    return found


def _loading(case: Case, pool: str) -> int:
    return case.vehicles[case.pools[pool].vehicle_type].loading_min


def leg_run(case: Case, leg: Leg, leave: int, vehicle: int, served: Run) -> Run:
    """The leg with its minutes."""
    loading, rider = _loading(case, leg.pool), leg.rider
    if leg.kind == "to_terminal":
        arrive = leave + loading + rider.before
        places, times = (rider.from_site, served.from_place), (leave, leave, leave + loading, arrive, arrive)
    else:
        pick = leave + rider.after
        home = pick + rider.after
        places, times = (served.to_place, rider.to_site), (leave, pick, pick, home, home + loading)
    return Run(
        leg.job.key, leg.kind, served.period, leg.pool, vehicle, case.pools[leg.pool].vehicle_type, "",
        *places, *times, leave + leg.job.minutes, ((rider, 1),), serves=served.key,
    )  # fmt: skip


@dataclass(frozen=True)
class Settled:
    """What feeder pools drive: a placing per pool, who is stranded and by which leg, proofs per pool."""

    placed: Mapping[str, Placed]
    stranded: Mapping[Patient, Leg]
    proven: Mapping[str, bool]


def settle(
    legs: Iterable[Leg], own: Mapping[str, Sequence[Job]], place: Callable[[str, tuple[Job, ...]], Placed]
) -> Settled:
    """Place all legs beside the pools' own trips; whoever lacks a leg at one end gives back the other one.

    First those who cannot be brought to the terminal, then those who cannot be fetched from the other.
    A pool is proven if at no step another choice would have carried more severity.
    """
    waiting = list(legs)
    stranded: dict[Patient, Leg] = {}
    proven = dict.fromkeys(own, True)
    while True:
        placed = {}
        for pool, jobs in own.items():
            placed[pool] = place(pool, (*jobs, *(leg.job for leg in waiting if leg.pool == pool)))
            proven[pool] &= placed[pool].proven
        missing = [leg for leg in waiting if leg.job.key not in placed[leg.pool].starts]
        if not missing:
            return Settled(placed, stranded, proven)
        first = [leg for leg in missing if leg.kind == "to_terminal"]
        for leg in first or missing:
            stranded.setdefault(leg.patient, leg)
        waiting = [leg for leg in waiting if leg.patient not in stranded]


def without_the_stranded(run: Run, stranded: Iterable[Leg]) -> tuple[Load, list[Left]]:
    """Who is still on board of a trip, and who is left behind and why."""
    lost: dict[tuple[str, str], list[Leg]] = {}
    for leg in stranded:
        if leg.serves == run.key:
            lost.setdefault((leg.rider.id, leg.kind), []).append(leg)
    fewer = Counter()
    left = []
    for (name, kind), legs in sorted(lost.items()):
        fewer[name] += len(legs)
        window = (legs[0].job.earliest, legs[0].job.latest)
        left.append(left_behind(legs[0].rider, len(legs), f"no_feeder_{kind}", window))
    load = tuple((rider, number - fewer[rider.id]) for rider, number in run.load)
    return tuple((rider, number) for rider, number in load if number), left
