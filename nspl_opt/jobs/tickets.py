"""What comes of handing in a job: a ticket, or no room."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nspl_opt.jobs.job import Job

RETRY_AFTER_S = 15


class Full(Exception):
    """No room for another job: ``why`` is queue, holder or closed; try again after ``retry_after_s``."""

    def __init__(self, why: str, most: int) -> None:
        self.why, self.most, self.retry_after_s = why, most, RETRY_AFTER_S
        words = {
            "queue": f"{most} jobs wait or run",
            "holder": f"the holder has {most} jobs",
            "closed": "it is closing",
        }
        super().__init__(f"no more jobs are taken in: {words[why]}")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A job taken in: its id, its folder, and how many jobs go before it."""

    id: str
    folder: Path
    ahead: int


def rank(job: Job | None) -> int:
    """Where a job stands among those that wait: plans first, then what-ifs of no region, then those of regions."""
    return 0 if job is None or job.kind == "plan" else 2 if job.region else 1


def refuse_without_room(holders: list[str], most: int, holder: str = "", per_holder: int = 0) -> None:
    """``Full`` when the holder has its share of the places already, or all that there are for such a job are taken."""
    if holder and holders.count(holder) >= per_holder:
        raise Full("holder", per_holder)
    if len(holders) >= most:
        raise Full("queue", most)
