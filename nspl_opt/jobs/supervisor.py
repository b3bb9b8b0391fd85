"""The supervisor of jobs: a bounded queue, one process per running job, and nothing left behind.

    with Jobs(folder, ended=store_it) as jobs:
        ticket = jobs.submit(Job(scenario="scenario"), "kansli-03", files={"scenario/scenario.toml": b"..."})
        jobs.subscribe(ticket.id, print)
        jobs.cancel(ticket.id)          # the best plan so far is kept

Only ``wait`` and ``close`` wait for a job; all other calls may be made from an event loop.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from nspl_opt.jobs.board import Board
from nspl_opt.jobs.job import ENDED, JOB, TEMPORARY, Job, write_files
from nspl_opt.jobs.leftovers import found_in, own
from nspl_opt.jobs.process import CHILD, Limits, Process
from nspl_opt.jobs.records import Record
from nspl_opt.jobs.result import Result, classify, write_ended
from nspl_opt.jobs.tickets import Full, Ticket, refuse_without_room

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")
MOST_ENDED = 200
"""Ended jobs that are remembered; older ones are forgotten, their folders stay until ``forget``."""
LOG = logging.getLogger("nspl_opt.jobs")


class Jobs(Board):
    """Jobs in folders below ``root``; one supervisor per root and process."""

    def __init__(
        self,
        root: Path,
        running: int = 1,
        queue: int = 20,
        per_holder: int = 2,
        kept: int = 0,
        *,
        ended: Callable[[str, Result], None] | None = None,
        limits: Limits | None = None,
        command: Sequence[str] = CHILD,
    ) -> None:
        """Take the root, end what an earlier supervisor left at work, and be ready.

        Parameters
        ----------
        running
            Most processes at a time.
        queue, per_holder
            Most jobs that wait or run, in all and per holder.
        kept
            Places of the queue that no region's what-if may take; at most half of them.
        ended
            Called with id and result of each job that ends here, in the job's own thread, before the next begins.
        command
            The child's command line without its folder; for tests of how children fail.

        Raises
        ------
        InUse
            Another supervisor has this root.
        NotOurs
            It holds other things than jobs.
        """
        self.root, self.running, self.queue, self.per_holder = Path(root).absolute(), running, queue, per_holder
        self.kept = min(kept, queue // 2)
        self._ended, self._limits, self._command = ended, limits or Limits(), tuple(command)
        self._owned: int | None = own(self.root)
        super().__init__()
        self._closing = False
        self.found = found_in(self.root)
        """Id -> result of every job that earlier supervisors left and nobody has forgotten; those that had not ended
        are ``interrupted``. Whoever keeps a book of jobs enters them there and forgets them here."""
        for name, result in self.found.items():
            self._records[name] = Record(name, "", None, self.root / name, result.state, result)

    def reserve(self, holder: str) -> str:
        """Keep a place for a job of this holder, for ``submit``, or to be given back; ``Full`` at once without one."""
        place = f"place {uuid4().hex}"
        with self._change:
            self._refuse_if_full(holder)
            self._coming[place] = holder
        return place

    def release(self, place: str) -> None:
        """Give a place back; nothing when a job has taken it."""
        with self._change:
            self._coming.pop(place, None)

    def submit(
        self, job: Job, holder: str, files: Mapping[str, bytes] | None = None, id: str | None = None, place: str = ""
    ) -> Ticket:
        """Take in a job; it begins when its turn comes: plans, what-ifs of no region, what-ifs of regions.

        Parameters
        ----------
        holder
            Who asked: counts for ``per_holder``.
        files
            Written to the job's folder first: paths of the job may lead to them.
        id
            Lower-case letters, digits and hyphens; None makes one.
        place
            Kept for it by ``reserve``.

        Raises
        ------
        Full
            Too many jobs, in all or of this holder, or the supervisor is closing. Nothing was written.
        ValueError
            The id, or a name among the files, is not allowed.
        FileExistsError
            There is a job of that id.
        OSError
            The folder cannot be written. Nothing is left behind.
        """
        name = f"job-{uuid4().hex}" if id is None else id
        if not NAME.fullmatch(name):
            raise ValueError(f"'{name[:100]}' is no id of a job")
        folder = self.root / name
        with self._change:
            if self._closing or self._coming.pop(place, None) is None:
                self._refuse_if_full(holder)
            if job.region:  # where it has a place too: who took that did not say what for
                refuse_without_room(self._holders(), self.queue - self.kept)
            folder.mkdir(mode=0o700)
            self._coming[name] = holder  # its place is kept while its files are written
        try:
            write_files(folder, files or {})
            (folder / JOB).write_text(job.model_dump_json(), encoding="utf-8")
            with self._change:
                return self._take_in(Record(name, holder, job, folder))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            with self._change:
                self._coming.pop(name, None)

    def _take_in(self, record: Record) -> Ticket:
        if self._closing:
            raise Full("closed", 0)
        del self._coming[record.id]
        self._records[record.id] = record
        before = self._before(record.job)
        ticket = Ticket(record.id, record.folder, before + len(self._at_work))
        record.become("queued")
        self._waiting.insert(before, record)
        self._begin_next()
        return ticket

    def _refuse_if_full(self, holder: str) -> None:
        if self._closing:
            raise Full("closed", 0)
        refuse_without_room(self._holders(), self.queue, holder, self.per_holder)

    def cancel(self, id: str) -> bool:
        """Ask a job to end and keep its best plan; False when it has ended already. ``KeyError`` when it is not known.

        One that waits ends at once. One that runs is asked, then told (SIGTERM), then killed.
        """
        with self._change:
            record = self._records[id]
            if record.over:
                return False
            if record in self._waiting:
                self._waiting.remove(record)
                self._in_thread(record, lambda: self._end(record, Result("cancelled", "stopped before it began")))
            record.cancelled.set()
            return True

    def forget(self, id: str) -> bool:
        """Remove an ended job and its folder; False when it has not ended. ``KeyError`` when there is no such job."""
        with self._change:
            record, folder = self._records.get(id), self.root / id
            if record is None and not (NAME.fullmatch(id) and (folder / ENDED).is_file()):
                raise KeyError(id)
            if record is not None and not record.over:
                return False
            self._records.pop(id, None)
            self.found.pop(id, None)
        shutil.rmtree(folder, ignore_errors=True)
        return True

    def close(self) -> None:
        """End every job as ``interrupted``, its best plan kept, and give the root back. Takes some seconds at most."""
        with self._change:
            self._closing = True
            waiting, self._waiting = list(self._waiting), deque()
            for record in self._records.values():
                record.closing = not record.over and not record.cancelled.is_set()
                record.cancelled.set()
        for record in waiting:
            self._end(record, Result("interrupted", "the service was stopped before the job began"))
        while threads := self._busy():
            for thread in threads:
                thread.join()
        with self._change:
            owned, self._owned = self._owned, None
        if owned is not None:
            os.close(owned)

    def __enter__(self) -> Jobs:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin_next(self) -> None:
        while self._waiting and len(self._at_work) < self.running:
            record = self._waiting.popleft()
            self._at_work.add(record.id)
            try:
                self._in_thread(record, lambda record=record: self._run(record))
            except RuntimeError:  # no thread to be had: it begins when the next job comes or goes
                self._at_work.discard(record.id)
                self._waiting.appendleft(record)
                return
            record.become("running")

    def _in_thread(self, record: Record, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            finally:
                with self._change:
                    self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=run, name=record.id, daemon=True)
        thread.start()
        self._threads.add(thread)

    def _run(self, record: Record) -> None:
        """One job from its start to its end, in a thread of its own: on Linux the child dies with that thread."""
        try:
            result = self._outcome(record)
        except Exception as error:  # whatever it is: no job stays running
            LOG.exception("job %s", record.id)
            result = Result("internal_error", f"the job could not be watched: {type(error).__name__}: {error}")
        try:
            self._end(record, result)
        finally:
            with self._change:
                self._at_work.discard(record.id)
                self._begin_next()

    def _outcome(self, record: Record) -> Result:
        try:
            process = Process(record.folder, self._limits.wall_s(record.job), self._command)
        except OSError as error:
            return Result("internal_error", f"the process of the job could not be started: {error.strerror}")
        with self._change:
            record.pid = process.child.pid

        def tell(news: dict[str, Any]) -> None:
            with self._change:
                record.hear(news)

        ending = process.watch(self._limits, record.cancelled, lambda: self._patience(record), tell)
        return classify(record.folder, ending, record.closing)

    def _patience(self, record: Record) -> float:
        """How long a job that shall stop may take to bring its plan in order [s]; a what-if has none."""
        if record.job.kind == "what_if":
            return 0.0
        return min(self._limits.stop_s, self._limits.close_s) if record.closing else self._limits.stop_s

    def _end(self, record: Record, result: Result) -> None:
        """Keep the result, hand it on, then let everybody know."""
        shutil.rmtree(record.folder / TEMPORARY, ignore_errors=True)
        with suppress(OSError):  # a full disk: it is known here until we end, and interrupted after that
            write_ended(record.folder, result)
        if self._ended is not None:
            try:
                self._ended(record.id, result)
            except Exception:  # any: it is the caller's code, and the next job has to begin
                LOG.exception("job %s has ended, which could not be handed on", record.id)
        with self._change:
            record.result = result
            record.become(result.state, result.status)
            record.hearers.clear()
            over = [one.id for one in self._records.values() if one.over]
            for name in over[: max(0, len(over) - MOST_ENDED)]:
                del self._records[name]
            self._change.notify_all()
