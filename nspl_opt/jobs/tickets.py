"""What comes of handing in a job: a ticket, or no room."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
