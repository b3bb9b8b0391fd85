"""Answers kept for those who ask again and again: good until something is written that may change them, or time does.

Every change appends to the audit, so what was written since an answer was made stands there.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

MOST = 2_000
FOR_GOOD = "9999"
"""Until when an answer holds that has no end of its own."""
QUIET = frozenset(
    {
        "add_help_request", "add_key", "add_model", "add_scenario", "ask_what_if", "cancel_run", "cancel_what_if",
        "compare_plans", "end_what_if", "export_plan", "list_capacity", "list_recommendations", "read_national",
        "read_report", "read_scenario", "read_table", "read_what_if", "revoke_key", "start_run", "state_capacity",
        "step_help_request",
    }
)  # fmt: skip
"""What the audit tells of that changes no plan and no line."""


@dataclass(frozen=True, slots=True)
class Holds:
    """How long an answer holds: until a time (UTC text), and through writes of these names."""

    until: str = FOR_GOOD
    through: frozenset[str] = QUIET


@dataclass(frozen=True, slots=True)
class Poll:
    """An answer as it was sent, its ETag, how long it holds, and the row of the audit after which it was right."""

    seq: int
    holds: Holds
    content: bytes
    tag: str


def tag_of(content: bytes) -> str:
    """The ETag of an answer."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


class Polls:
    """Answers by what was asked and for which audience and region. Safe between threads; the oldest goes first."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple, Poll] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, asked: tuple, seq: int, now: str, since: Callable[[int], frozenset[str]]) -> Poll | None:
        """The answer that still holds; None otherwise.

        Parameters
        ----------
        seq
            The newest row of the audit.
        since
            Names of what was changed after a row of the audit; asked only where there is a newer one.
        """
        with self._lock:
            poll = self._found.get(asked)
        if poll is None or now >= poll.holds.until or seq < poll.seq:
            return None
        if seq > poll.seq:
            if not since(poll.seq) <= poll.holds.through:
                return None
            self.keep(asked, replace(poll, seq=seq))
        return poll

    def keep(self, asked: tuple, poll: Poll) -> None:
        """Keep an answer."""
        with self._lock:
            self._found[asked] = poll
            self._found.move_to_end(asked)
            while len(self._found) > MOST:
                self._found.popitem(last=False)
