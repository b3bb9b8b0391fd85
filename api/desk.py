"""Where runs and what-ifs are handed in: each becomes a job in a process of its own, and its end is stored.

The service never solves in its own process. What a job leaves is checked and stored when it ends; what an earlier
server left behind is stored at start or told as interrupted.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nspl_opt.jobs.job import Job
from nspl_opt.jobs.records import News
from nspl_opt.jobs.result import Result
from nspl_opt.jobs.supervisor import Full, Jobs
from nspl_opt.store import plans, runs, what_ifs
from nspl_opt.store.actor import SYSTEM
from nspl_opt.store.errors import Busy, NotThere, StoreError
from nspl_opt.store.errors import Full as NoRoom
from nspl_opt.store.store import Store

from .faults import NO_ROOM, refusal_of_disk
from .limits import wait_header
from .problems import Refusal
from .settings import Settings
from .unpacked import MOST, Unpacked

log = logging.getLogger("nspl_opt.api")

KEPT = 20
"""Ended jobs whose folder and news stay for who still looks."""
TRIES, PAUSE_S = 6, 2.0
"""How often an end is stored, and how long after one that failed [s]. While the service is served there is no limit:
a full disk has to be waited for, or a plan would be lost."""
WHAT_IF = "whatif"
"""Beginning of the ids of what-ifs."""
UNFIT = Result("numerical_suspect", "the plan did not pass the last check")


class Desk:
    """One server's desk. ``start`` before anything is handed in, ``stop`` at the end."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings, self.store = settings, store
        self.plans = Unpacked(settings.work_dir / "plans", store, self._at_work)
        """Plans that what-ifs are about, as folders."""
        self._jobs: Jobs | None = None
        self._lock = threading.Lock()
        self._over: deque[str] = deque()
        self._served = threading.Event()
        self._leaving = threading.Event()

    def start(self) -> None:
        """Take the folder of jobs; store what earlier servers left, and tell what was lost. Once is enough."""
        if self._jobs is not None:
            return
        given = self.settings
        _get_ready()
        root, counts = given.work_dir / "jobs", (given.running, given.queue, given.per_holder, given.queue_kept)
        jobs = Jobs(root, *counts, ended=self._ended)
        self._jobs = jobs
        self._leaving.clear()
        self.plans.clear()
        for name, result in list(jobs.found.items()):
            if self._store_end(name, result):
                jobs.forget(name)
        for run in self.store.run_read(runs.unfinished):
            if run.id not in jobs.found:
                self._store_end(run.id, Result("interrupted", "the service was stopped before the run ended"))
        for what_if in self.store.run_read(what_ifs.unfinished):
            if what_if.id not in jobs.found:
                self._store_end(what_if.id, Result("interrupted", "the service was stopped before the answer came"))
        for plan in self.store.run_read(lambda read: plans.all_plans(read, states=(plans.PUBLISHED,), limit=MOST)):
            self.get_ready(plan.id)
        self._served.set()

    def get_ready(self, plan_id: str) -> None:
        """Unpack and read a published plan before anybody asks about it; what hinders is told to who asks."""
        try:
            self.plans.known(plan_id)
        except (OSError, StoreError) as error:
            log.warning("%s is not made ready for what-ifs: %s", plan_id, error)

    def stop(self) -> None:
        """End every job, its best plan kept and stored."""
        self._served.clear()
        self._leaving.set()
        if self._jobs is not None:
            self._jobs.close()
            self._jobs = None

    @property
    def jobs(self) -> Jobs:
        """The supervisor of the jobs.

        Raises
        ------
        Refusal
            ``busy`` before ``start`` and after ``stop``.
        """
        if self._jobs is None:
            raise Refusal("busy", headers=wait_header(5))
        return self._jobs

    @contextmanager
    def place(self, holder: str) -> Iterator[str]:
        """A place in the queue while a job is made ready, for ``hand_in``; who has none is told so at once.

        Raises
        ------
        Refusal
            ``full``: too many wait; ``own_places``: this holder's places are taken; ``busy``: it is closing.
        """
        jobs = self._jobs
        if jobs is None:  # told when it is handed in
            yield ""
            return
        try:
            kept = jobs.reserve(holder)
        except Full as full:
            raise _refusal_of(full) from None
        try:
            yield kept
        finally:
            jobs.release(kept)

    def hand_in(self, job_id: str, job: Job, holder: str, files: Mapping[str, bytes], place: str = "") -> None:
        """Hand in a job under the id of its run or what-if, to a place that was kept.

        Raises
        ------
        Refusal
            ``full``, ``own_places``, ``busy`` as ``place``. ``no_room`` or ``busy``: its files cannot be written.
        """
        try:
            self.jobs.submit(job, holder, files, id=job_id, place=place)
        except Full as full:
            raise _refusal_of(full) from None
        except OSError as error:
            raise refusal_of_disk(error) from error

    def drop(self, job_id: str) -> None:
        """Forget a job that was handed in for nothing: what it belongs to was not stored."""
        try:
            self.jobs.cancel(job_id)
        except KeyError:
            return

    def cancel(self, job_id: str) -> bool:
        """Ask a job to end and keep its best plan; False when it has ended or is not known."""
        try:
            return self.jobs.cancel(job_id)
        except KeyError:
            return False

    def news(self, job_id: str, after: int = 0) -> tuple[News, ...]:
        """News of a job after a number; none of one that is not known any more."""
        try:
            return self._jobs.news(job_id, after) if self._jobs is not None else ()
        except KeyError:
            return ()

    def latest(self, job_id: str) -> News | None:
        """The latest news of a job; None of one that is not known any more."""
        try:
            return self._jobs.progress(job_id) if self._jobs is not None else None
        except KeyError:
            return None

    def _at_work(self) -> set[str]:
        """Ids of the plans that what-ifs which wait or run are about."""
        return {Path(job.plan).name for job in self._jobs.open_jobs() if job.plan} if self._jobs is not None else set()

    def load(self) -> dict[str, int]:
        """How many wait and how many run."""
        return dict(self._jobs.counts()) if self._jobs is not None else {}

    def _ended(self, job_id: str, result: Result) -> None:
        """In the job's own thread: the next one begins when this is stored."""
        if not self._store_end(job_id, result):
            return  # its folder stays: the next start finds it there
        with self._lock:
            self._over.append(job_id)
            old = self._over.popleft() if len(self._over) > KEPT else None
        if old is not None and self._jobs is not None:
            try:
                self._jobs.forget(old)
            except KeyError:
                log.info("job %s was forgotten already", old)

    def _store_end(self, job_id: str, result: Result) -> bool:
        """Whether the end is stored, or there is nothing that it is the end of."""
        tries, checked = 0, None
        while True:
            tries += 1
            try:
                if checked is None and result.plan is not None:
                    checked = plans.check_plan(Path(result.plan))
                self._store_once(job_id, result, checked)
                return True
            except NotThere:
                return True  # handed in for something that was never stored
            except Exception as error:  # whatever it is: no run stays without an end
                passing = _passing(error)
                if tries == 1 or not passing:
                    log.error("the end of %s is not stored: %s", job_id, error)
                if (result is UNFIT and not passing) or (tries >= TRIES and not self._served.is_set()):
                    return False
                if passing:
                    self._leaving.wait(PAUSE_S)
                else:
                    result, checked = UNFIT, None

    def _store_once(self, job_id: str, result: Result, checked: plans.CheckedPlan | None) -> None:
        if job_id.startswith(WHAT_IF):
            self._store_answer(job_id, result)
            return
        with self.store.write(SYSTEM, "end_run", job_id) as work:
            run = runs.find(work.connection, job_id)
            if run.state not in runs.OPEN:
                return
            if run.state == "queued" and result.state == "done":
                runs.tell(work, job_id, "running")
            if checked is not None:
                plans.add_plan(work, job_id, checked)
            why = _plain(result)
            runs.tell(work, job_id, result.state, status=result.status, why=why, conflict=result.conflict)

    def _store_answer(self, job_id: str, result: Result) -> None:
        with self.store.write(SYSTEM, "end_what_if", job_id) as work:
            if what_ifs.find(work.connection, job_id).state not in runs.OPEN:
                return
            if result.state == "done":
                what_ifs.tell(work, job_id, "running")
            told = dict(result.what_if or {}) | {"status": result.status, "why": _plain(result)}
            what_ifs.tell(work, job_id, result.state, told)


def _refusal_of(full: Full) -> Refusal:
    code = {"queue": "full", "holder": "own_places"}.get(full.why, "busy")
    return Refusal(code, headers=wait_header(full.retry_after_s))


def _get_ready() -> None:
    """Do at once what else the first request would do by writing files, and never again once a full disk forbade it."""
    import nspl_opt.formulation.catalogue  # noqa: F401  (Pyomo makes a semaphore)

    tempfile.gettempdir()


def _passing(error: Exception) -> bool:
    """Whether it may be otherwise soon: the database does not answer, or the disk is full."""
    return isinstance(error, Busy | NoRoom) or (isinstance(error, OSError) and error.errno in NO_ROOM)


def _plain(result: Result) -> str:
    """Why, in one line and without places in the file system."""
    if result.problems:
        return "; ".join(f"{one['code']} {one['what']}" for one in result.problems)[:480]
    return result.why.split("\n")[0][:480]


def job_of_run(settings: Settings, run: Any, reasons: bool = True) -> Job:
    """The job of a run; its files are ``scenario/...`` and ``model.toml``."""
    wanted = settings.reasons_time_s if reasons else 0.0
    return Job(
        scenario="scenario",
        model="model.toml",
        level=run.level,
        overrides=run.overrides,
        reference=None if settings.reference is None else str(settings.reference.absolute()),
        reasons_time_s=wanted or None,
        time_limit_s=run.time_limit_s,
        memory_limit_mb=settings.memory_limit_mb,
    )
