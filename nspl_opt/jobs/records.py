"""A job as its supervisor knows it: its state, its news, who listens."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nspl_opt.jobs.job import Job
from nspl_opt.jobs.result import Result

MOST_NEWS = 500
"""Pieces of news kept of a job; the oldest go first."""
LONGEST_TEXT = 80


@dataclass(frozen=True, slots=True)
class News:
    """Where a job stands: its state, and while it runs its stage and how far the goal at hand is.

    ``seq`` counts up from 1 within a job. ``value``, ``bound`` (in the goal's unit) and ``gap`` (a share) are None
    where there is none; ``seconds`` is since the job was taken in.
    """

    seq: int
    state: str
    stage: str = ""
    goal: str | None = None
    value: float | None = None
    bound: float | None = None
    gap: float | None = None
    seconds: float = 0.0
    status: str | None = None
    """How the job ended; None until then."""


Hear = Callable[[News], None]


@dataclass(eq=False)
class Record:
    """One job. Whoever changes it holds the supervisor's lock."""

    id: str
    holder: str
    job: Job | None
    folder: Path
    state: str = "queued"
    result: Result | None = None
    pid: int | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    closing: bool = False
    """Whether it is to stop because its supervisor ends, and not because somebody asked."""
    began: float = field(default_factory=time.monotonic)
    news: deque[News] = field(default_factory=lambda: deque(maxlen=MOST_NEWS))
    hearers: list[Hear] = field(default_factory=list)
    count: int = 0

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.result is not None

    def become(self, state: str, status: str | None = None) -> None:
        """Another state, and everybody told."""
        self.state = state
        self._tell(News(self._next(), state, seconds=self._seconds(), status=status))

    def hear(self, news: Mapping[str, Any]) -> None:
        """What the child said, each part of its type; a child that has ended has nothing more to say."""
        if self.over:
            return
        goal = news.get("goal")
        self._tell(
            News(
                self._next(),
                self.state,
                news["stage"][:LONGEST_TEXT],
                goal[:LONGEST_TEXT] if isinstance(goal, str) else None,
                *(_number(news.get(name)) for name in ("value", "bound", "gap")),
                self._seconds(),
            )
        )

    def _next(self) -> int:
        self.count += 1
        return self.count

    def _seconds(self) -> float:
        return round(time.monotonic() - self.began, 3)

    def _tell(self, news: News) -> None:
        self.news.append(news)
        for hear in tuple(self.hearers):
            try:
                hear(news)
            except Exception:  # any: it is the caller's code, and the job matters more than who listens
                with suppress(ValueError):
                    self.hearers.remove(hear)


def _number(value: Any) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return float(value) if good and math.isfinite(value) else None
