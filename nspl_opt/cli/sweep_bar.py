"""The progress of a sweep on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from typing import Any, TextIO

from nspl_opt.cli.texts import say

WIDTH = 30
PLAIN_EVERY_S = 5.0


class NoBar:
    """Shows nothing."""

    def __enter__(self) -> Any:
        return None

    def __exit__(self, *_: object) -> None:
        return None


class SweepBar:
    """Told how many cases are done, of how many, and which was the last."""

    def __init__(self, language: str, stream: TextIO) -> None:
        self.language, self.stream = language, stream
        self.live = stream.isatty()
        self.started = self.printed = time.monotonic()

    def __enter__(self) -> SweepBar:
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            print(file=self.stream, flush=True)

    def __call__(self, done: int, total: int, last: str) -> None:
        now = time.monotonic()
        if not self.live and done < total and now - self.printed < PLAIN_EVERY_S:
            return
        self.printed = now
        filled = WIDTH * done // max(total, 1)
        bar = "#" * filled + "." * (WIDTH - filled)
        line = f"{now - self.started:7.1f} s  [{bar}] {done}/{total} {say('cases', self.language)}  {last[:40]:<40}"
        print(f"\r{line}" if self.live else line.rstrip(), end="" if self.live else "\n", file=self.stream, flush=True)
