"""When trips start: first as their own pools allow, then moved so that feeder vehicles can keep up.

Trips that patients are driven to and from by few vehicles must leave those time at both ends, and
not all at once. Trips that lose patients are moved, one after the other, to the start that loses
least in all; the number of starts tried is counted, so every run is the same.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nspl_opt.dispatch.feeders import Leg, legs_of, settle
from nspl_opt.dispatch.runs import Drive, Run, drive_job, made_run
from nspl_opt.dispatch.slots import Job, Placed, free_starts, numbered, place_jobs
from nspl_opt.dispatch.stands import Stands, feeder_pools
from nspl_opt.dispatch.wishes import Case

STEP_MIN = 10
"""Starts tried lie so far apart [min]."""
MOST_TRIED = 3_000
"""Starts tried in all."""
PASSES = 3
"""How often every trip that loses patients is looked at."""


class Timing:
    """The trips of pools that do not feed, and their times; what feeder vehicles make of them.

    ``leaves`` maps a trip to the minute its vehicle leaves; trips without one have no vehicle.
    ``proven`` says per pool that none of the others could have had one.
    """

    def __init__(self, case: Case, stands: Stands, drives: list[Drive], sailings: list[Run]) -> None:
        self.case, self.stands, self.sailings = case, stands, sailings
        feeding = set(feeder_pools(case).values())
        self.drives = {drive.key: drive for drive in drives}
        self.jobs = {drive.key: drive_job(case, stands, drive) for drive in drives}
        self.vehicles = {pool: stands.vehicles(pool) for pool in {*feeding, *(drive.row.pool for drive in drives)}}
        self.feeding: dict[str, list[Job]] = {pool: [] for pool in sorted(feeding)}
        self.leaves: dict[str, int] = {}
        self.proven: dict[str, bool] = {}
        for drive in drives:
            if drive.row.pool in feeding:
                self.feeding[drive.row.pool].append(self.jobs[drive.key])
        for pool in sorted({drive.row.pool for drive in drives} - feeding):
            mine = [self.jobs[drive.key] for drive in drives if drive.row.pool == pool]
            placed = place_jobs(mine, self.vehicles[pool])
            self.leaves |= placed.starts
            self.proven[pool] = placed.proven
        self._sailing_legs = [leg for run in sailings for leg in legs_of(case, run)]
        self._legs: dict[tuple[str, int], list[Leg]] = {}
        self._placed: dict[tuple[str, tuple[Job, ...]], Placed] = {}
        self._tried = 0

    def tune(self) -> None:
        """Move trips that lose patients to where fewer are lost, as long as any move helps."""
        worth, losses = self._judge(self.leaves)
        for _ in range(PASSES):
            before = worth
            for key in sorted(losses, key=lambda key: (-losses[key], key)):
                if key not in self.leaves:
                    continue
                for start in self._starts(key):
                    if self._tried == MOST_TRIED:
                        return
                    self._tried += 1
                    there = self.leaves | {key: start}
                    better, lost = self._judge(there)
                    if better > worth:
                        worth, losses, self.leaves = better, lost, there
            if worth == before:
                return

    def runs(self) -> list[Run]:
        """The trips with their times and vehicles, in order of pool and time."""
        by_pool: dict[str, dict[str, tuple[int, int]]] = {}
        for key, leave in sorted(self.leaves.items()):
            by_pool.setdefault(self.drives[key].row.pool, {})[key] = (leave, self.jobs[key].minutes)
        return [
            made_run(self.case, self.stands, self.drives[key], leave, number)
            for _, spans in sorted(by_pool.items())
            for key, number in numbered(spans).items()
            for leave in (spans[key][0],)
        ]

    def _starts(self, key: str) -> list[int]:
        """Starts that the trip's own pool leaves it, far enough apart, both ends among them."""
        job, pool = self.jobs[key], self.drives[key].row.pool
        left = self.vehicles[pool].copy()
        for other, leave in self.leaves.items():
            if other != key and self.drives[other].row.pool == pool:
                left[leave : leave + self.jobs[other].minutes] -= 1
        free = free_starts(job, left)
        wanted = np.unique([*free[(free - free[0]) % STEP_MIN == 0], free[-1]])
        return [int(start) for start in wanted if start != self.leaves[key]]

    def _legs_at(self, key: str, leave: int) -> list[Leg]:
        if (key, leave) not in self._legs:
            run = made_run(self.case, self.stands, self.drives[key], leave, 0)
            self._legs[key, leave] = legs_of(self.case, run)
        return self._legs[key, leave]

    def _judge(self, leaves: Mapping[str, int]) -> tuple[int, dict[str, int]]:
        """Worth of all that feeder pools can drive, less what trips and sailings lose; what each of them loses."""
        legs = list(self._sailing_legs)
        for key, leave in sorted(leaves.items()):
            legs += self._legs_at(key, leave)
        settled = settle(legs, self.feeding, self._quickly)
        losses: dict[str, int] = {}
        for leg in settled.stranded.values():
            losses[leg.serves] = losses.get(leg.serves, 0) + leg.rider.weight
        own = [
            job.worth for pool, jobs in self.feeding.items() for job in jobs if job.key in settled.placed[pool].starts
        ]
        return sum(own) - sum(losses.values()), losses

    def _quickly(self, pool: str, jobs: tuple[Job, ...]) -> Placed:
        if (pool, jobs) not in self._placed:
            self._placed[pool, jobs] = place_jobs(jobs, self.vehicles[pool], exact=False)
        return self._placed[pool, jobs]
