"""What can be asked about jobs: where they stand, their news, what came of them. Nothing here changes a job."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from nspl_opt.jobs.job import Job
from nspl_opt.jobs.records import Hear, News, Record
from nspl_opt.jobs.result import Result
from nspl_opt.jobs.tickets import rank


class Board:
    """The jobs that are known, behind one lock."""

    def __init__(self) -> None:
        self._change = threading.Condition(threading.RLock())
        self._records: dict[str, Record] = {}
        self._waiting: deque[Record] = deque()
        self._at_work: set[str] = set()
        self._coming: dict[str, str] = {}
        """Places that are kept: name -> holder."""
        self._threads: set[threading.Thread] = set()

    def progress(self, id: str) -> News:
        """The latest news of a job; ``KeyError`` when it is not known."""
        with self._change:
            record = self._records[id]
            return record.news[-1] if record.news else News(0, record.state, status=_status(record.result))

    def news(self, id: str, after: int = 0) -> tuple[News, ...]:
        """News of a job with a larger ``seq``, oldest first; of many the last. ``KeyError`` when it is not known."""
        with self._change:
            return tuple(one for one in self._records[id].news if one.seq > after)

    def subscribe(self, id: str, hear: Hear, after: int = 0) -> Callable[[], None]:
        """Have ``hear`` called with the news after ``after``, those there are at once, then each as it comes.

        It is called from other threads, one piece at a time and in order, and must return at once: hand the news
        on (``loop.call_soon_threadsafe``). One that raises is called no more. Of a job that has ended it hears at
        least how.
        ``KeyError`` when the job is not known.

        Returns
        -------
        What ends the subscription.
        """
        with self._change:
            record = self._records[id]
            for one in self.news(id, after) or ((self.progress(id),) if record.over else ()):
                hear(one)
            record.hearers.append(hear)

        def leave() -> None:
            with self._change, suppress(ValueError):
                record.hearers.remove(hear)

        return leave

    def result(self, id: str) -> Result | None:
        """What came of a job; None until it has ended. ``KeyError`` when it is not known."""
        with self._change:
            return self._records[id].result

    def ahead(self, id: str) -> int:
        """How many jobs go before it, those that run included; 0 for one that runs or has ended."""
        with self._change:
            record = self._records[id]
            return self._waiting.index(record) + len(self._at_work) if record in self._waiting else 0

    def process_of(self, id: str) -> int | None:
        """The number of the job's process while it runs. ``KeyError`` when the job is not known."""
        with self._change:
            record = self._records[id]
            return None if record.over else record.pid

    def open_jobs(self) -> list[Job]:
        """What is asked of the jobs that wait or run."""
        with self._change:
            return [record.job for record in self._records.values() if not record.over and record.job is not None]

    def counts(self) -> dict[str, int]:
        """How many jobs wait and how many run."""
        with self._change:
            return {"queued": len(self._waiting), "running": len(self._at_work)}

    def _holders(self) -> list[str]:
        """Whose each job is that waits or runs, and each place that is kept."""
        return [*(one.holder for one in self._records.values() if not one.over), *self._coming.values()]

    def _before(self, job: Job | None) -> int:
        """How many of those that wait go before a job that comes now."""
        return sum(rank(one.job) <= rank(job) for one in self._waiting)

    def _busy(self) -> list[threading.Thread]:
        with self._change:
            return list(self._threads)

    def wait(self, id: str, timeout: float | None = None) -> Result | None:
        """Wait until a job has ended [s]; None when it has not by then. ``KeyError`` when it is not known."""
        with self._change:
            record = self._records[id]
            self._change.wait_for(lambda: record.over, timeout)
            return record.result


def _status(result: Result | None) -> str | None:
    return None if result is None else result.status
