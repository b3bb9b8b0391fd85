"""From the plan's first hours to vehicle runs: seats, then times pool by pool, then feeder legs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nspl_opt.dispatch.feeders import leg_run, legs_of, settle, without_the_stranded
from nspl_opt.dispatch.runs import Drive, Run, drive_job, fill, made_run, not_driven, sailing_runs
from nspl_opt.dispatch.slots import place_jobs
from nspl_opt.dispatch.stands import Stands
from nspl_opt.dispatch.timing import Timing
from nspl_opt.dispatch.wishes import Case, Left, read_wishes
from nspl_opt.reference.reference import MICRO


@dataclass(frozen=True)
class Dispatch:
    """Runs in order of pool or line and time, what is left out, and what is proven.

    ``seats_proven``: no more patients fit into the trips of the plan. ``proven`` per pool: as the
    other pools' times stand, no other choice of its runs carries more severity.
    """

    runs: tuple[Run, ...]
    left: tuple[Left, ...]
    seats_proven: bool
    proven: Mapping[str, bool]


def assemble_dispatch(case: Case) -> Dispatch:
    """The vehicle runs of the plan's first ``case.hours`` hours: every period that starts in them.

    Every whole trip and whole patient of the plan is in the runs or in what is left, with the reason.
    Equal inputs give equal runs. The plan must have passed its checks.
    """
    groups, left = read_wishes(case)
    drives, seats_proven = fill(case, groups, left)
    stands = Stands(case)
    sailings = sailing_runs(case, stands, [drive for drive in drives if not drive.row.pool], left)
    pooled = [drive for drive in drives if drive.row.pool]
    timing = Timing(case, stands, pooled, sailings)
    timing.tune()
    runs, behind, proven = _fed(case, stands, timing, [*sailings, *timing.runs()])
    left += behind
    timed = {run.key for run in runs} | set(timing.leaves)
    for drive in pooled:
        if drive.key not in timed:
            left += _without_vehicle(case, stands, drive)
    runs.sort(key=lambda run: (run.pool or run.line, run.leave, run.vehicle, run.key))
    return Dispatch(tuple(runs), _summed(left), seats_proven, dict(sorted(proven.items())))


def _fed(case: Case, stands: Stands, timing: Timing, trips: list[Run]) -> tuple[list[Run], list[Left], dict[str, bool]]:
    """All runs, those of feeder pools among them; who could not be brought or fetched; proofs of all pools."""
    legs = [leg for run in trips for leg in legs_of(case, run)]
    settled = settle(legs, timing.feeding, lambda pool, jobs: place_jobs(jobs, timing.vehicles[pool]))
    used = {pool for pool, placed in settled.placed.items() if placed.starts} | {leg.pool for leg in legs}
    proven = timing.proven | {pool: settled.proven[pool] for pool in used}
    runs, left = [], []
    for run in trips:
        load, behind = without_the_stranded(run, settled.stranded.values())
        left += behind
        if load:
            runs.append(replace(run, load=load))
        else:
            left.append(Left("trips", run.trip, "no_feeder", MICRO, None, run.ready - run.leave))
    for pool, jobs in timing.feeding.items():
        placed = settled.placed[pool]
        for job in jobs:
            if job.key in placed.starts:
                start = placed.starts[job.key], placed.vehicles[job.key]
                runs.append(made_run(case, stands, timing.drives[job.key], *start))
    served = {run.key: run for run in trips}
    for leg in legs:
        if leg.patient not in settled.stranded:
            placed = settled.placed[leg.pool]
            start = placed.starts[leg.job.key], placed.vehicles[leg.job.key]
            runs.append(leg_run(case, leg, *start, served[leg.serves]))
    return runs, left, proven


def _without_vehicle(case: Case, stands: Stands, drive: Drive) -> list[Left]:
    job = drive_job(case, stands, drive)
    return not_driven(drive, "no_vehicle_time", (job.earliest, max(job.latest, job.earliest)))


def _summed(left: list[Left]) -> tuple[Left, ...]:
    """One entry per row of the plan and reason, with the first window met."""
    found: dict[tuple[str, str, str], Left] = {}
    for one in left:
        key = (one.what, one.id, one.reason)
        amount = one.amount_micro + (found[key].amount_micro if key in found else 0)
        first = found.get(key, one)
        found[key] = Left(one.what, one.id, one.reason, amount, first.window, first.minutes)
    return tuple(found[key] for key in sorted(found))
