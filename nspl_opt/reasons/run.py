"""One run for reasons: its time, how far each part came, and what was found. Two hands may work in it at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from nspl_opt.pipeline import Progress, Tell
from nspl_opt.plan.parts.tables_reasons import KEYS_HERE

SHARES = {"alternatives": 1.0, "prices": 0.4, "if_no": 0.85, "values": 1.0}
"""Share of the time by whose end each part ends at the latest; what one leaves over the next may use."""
BESIDE = 0.6
"""How much of that the others have where what must give way is looked for too: that has the rest."""
ALIVE_S = 0.5
"""How often it is told how far the other hand is [s]."""


@dataclass
class Run:
    """Time, progress and what has been found: table -> rows; part -> (asked, reached).

    ``conflict``: whether what must give way is looked for too; ``found`` is that then, empty where nothing must.

    Parts with a time are told by ``news``; only one hand tells, so that displays need not know of two.
    """

    seconds: float
    tell: Tell | None
    stop: threading.Event | None
    conflict: bool = False
    began: float = field(default_factory=time.perf_counter)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in KEYS_HERE})
    reached: dict[str, tuple[int, int]] = field(default_factory=dict)
    found: dict[str, Any] | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def left(self, part: str) -> float:
        """Seconds that the part still has."""
        if self.stopped():
            return 0.0
        share = 1.0 if part == "conflict" else SHARES[part]
        if self.conflict and part not in ("conflict", "alternatives"):
            share *= BESIDE
        return self.began + share * self.seconds - time.perf_counter()

    def stopped(self) -> bool:
        """Whether nobody waits for more."""
        return self.over.is_set() or (self.stop is not None and self.stop.is_set())

    def each(
        self, part: str, items: Iterable[Any], asked: int, work: Callable[[Any], bool | None], tell: bool = True
    ) -> None:
        """Do the work for each item while there is time; told is how many of those asked for were reached.

        ``work`` gives False where the clock cut the item itself short: that was not reached.
        """
        _, done = self.reached.get(part, (asked, 0))
        self.reached[part] = asked, done
        for item in items:
            if self.left(part) <= 0:
                break
            done += work(item) is not False
            self.reached[part] = asked, done
            if tell:
                self.news(part)

    def news(self, part: str) -> None:
        """Tell how far a part is."""
        if self.tell:
            asked, done = self.reached.get(part, (0, 0))
            share = done / asked if asked and done else None
            self.tell(Progress(f"reasons: {part}", value=share, seconds=time.perf_counter() - self.began))

    def beside(self, other: Callable[[], None], own: Callable[[], None]) -> None:
        """Do both at once: most of the time goes into solves, and those do not hold up the other hand.

        Raises
        ------
        Exception
            What either of them raises; then the other ends as soon as it can.
        """
        raised: list[BaseException] = []

        def work() -> None:
            try:
                other()
            except BaseException as problem:  # handed to who waits
                raised.append(problem)
                self.over.set()

        hand = threading.Thread(target=work, name="reasons", daemon=True)
        hand.start()
        try:
            own()
        except BaseException:
            self.over.set()
            raise
        finally:
            while hand.is_alive():
                hand.join(ALIVE_S)
                if hand.is_alive():
                    self.news("alternatives")
        if raised:
            raise raised[0]
