"""Answers kept for those who ask again and again: good until anything is written, or a line's time to answer is over.

Every change appends to the audit, so its newest number says whether anything has changed since.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

MOST = 2_000


@dataclass(frozen=True, slots=True)
class Poll:
    """An answer as it was sent: after which row of the audit it was made, and until when it holds (UTC text)."""

    seq: int
    until: str
    content: bytes


class Polls:
    """Answers by what was asked and for which audience and region. Safe between threads; the oldest goes first."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple, Poll] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, asked: tuple, seq: int, now: str) -> bytes | None:
        """The answer that still holds; None otherwise."""
        with self._lock:
            poll = self._found.get(asked)
        return poll.content if poll is not None and poll.seq == seq and now < poll.until else None

    def keep(self, asked: tuple, poll: Poll) -> None:
        """Keep an answer."""
        with self._lock:
            self._found[asked] = poll
            self._found.move_to_end(asked)
            while len(self._found) > MOST:
                self._found.popitem(last=False)
