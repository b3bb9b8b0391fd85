"""What is seen while a plan is made: a live line on a terminal, plain lines elsewhere, on standard error.

Everything takes objects with the fields of ``nspl_opt.pipeline.Progress`` (stage, goal, value,
bound, gap), so that nothing of the pipeline is imported to show it. The time shown is since the start.
"""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

from nspl_opt.cli.texts import call_it, say

PLAIN_EVERY_S = 5.0
"""Plain lines about one and the same goal come at most this often [s]."""


def figure(value: float | None) -> str:
    """A value as short as it is told apart: thousands apart, three decimals for small ones."""
    if value is None or value != value or value in (float("inf"), float("-inf")):
        return "-"
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 3
    text = f"{value:,.{digits}f}".replace(",", " ")
    return text.rstrip("0").rstrip(".") if "." in text else text


def gap_text(gap: float | None) -> str:
    """A gap in per cent; "-" where none is known."""
    if gap is None or not 0 <= gap < 1e6:
        return "-"
    return f"{100 * gap:.2f} %"


class Quiet:
    """Shows nothing."""

    def __enter__(self) -> Quiet:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, progress: Any) -> None:
        """One step of progress."""

    def note(self, text: str) -> None:
        """A remark of the command's own."""


class Plain(Quiet):
    """One line per stage, and per goal when it is new, five seconds older, or the next one begins."""

    def __init__(self, language: str, stream: TextIO | None = None) -> None:
        self.language = language
        self.stream = stream or sys.stderr
        self.last: Any = None
        self.printed: Any = None
        self.started = time.monotonic()
        self.printed_at = 0.0

    def __call__(self, progress: Any) -> None:
        new = self.last is None or _subject(progress) != _subject(self.last)
        if new:
            self.flush()
        self.last = progress
        if new or time.monotonic() - self.printed_at > PLAIN_EVERY_S:
            self._print()

    def __exit__(self, *_: object) -> None:
        self.flush()

    def flush(self) -> None:
        """Print how a goal ended, if that was not printed yet."""
        if self.last is not None and self.last is not self.printed and self.last.goal:
            self._print()

    def note(self, text: str) -> None:
        print(text, file=self.stream, flush=True)

    def _print(self) -> None:
        now = time.monotonic()
        print(line(self.last, self.language, now - self.started), file=self.stream, flush=True)
        self.printed, self.printed_at = self.last, now


class Live(Quiet):
    """A spinner with the present line; what is done stays above it."""

    def __init__(self, language: str) -> None:
        from rich.console import Console

        self.language = language
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self.status = self.console.status(say("starting", language), spinner="line")
        self.last: Any = None
        self.started = time.monotonic()

    def __enter__(self) -> Live:
        self.status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._keep()
        self.status.stop()

    def __call__(self, progress: Any) -> None:
        if self.last is not None and _subject(progress) != _subject(self.last):
            self._keep()
        self.last = progress
        self.status.update(self._line())

    def note(self, text: str) -> None:
        self.console.print(text, markup=False)

    def _keep(self) -> None:
        if self.last is not None:
            self.console.print(self._line(), markup=False)
            self.last = None

    def _line(self) -> str:
        return line(self.last, self.language, time.monotonic() - self.started)


def _subject(progress: Any) -> str:
    """What a step is about: the goal while goals are solved for, else the stage."""
    return progress.goal or progress.stage


def line(progress: Any, language: str, seconds: float) -> str:
    """One step of progress as a line of columns, ``seconds`` [s] after the start."""
    name = progress.stage.rpartition(": ")[2]  # "solve: search" is one step within the solve
    stage = say(f"stage.{name}", language, default=name)
    if progress.goal is None:
        share = "" if progress.value is None else f"  {100 * progress.value:3.0f} %"  # of what is to be done
        return f"{seconds:7.1f} s  {stage}{share}"
    goal = call_it("goal", progress.goal, language)
    value = f"{say('value', language)} {figure(progress.value):>11}"
    bound = f"{say('bound', language)} {figure(progress.bound):>11}"
    gap = f"{say('gap', language)} {gap_text(progress.gap):>8}"
    return f"{seconds:7.1f} s  {stage:<8} {goal:<28} {value}  {bound}  {gap}"


def choose(language: str, quiet: bool) -> Quiet:
    """The display that fits: nothing when quiet, live on a terminal, plain lines otherwise."""
    if quiet:
        return Quiet()
    return Live(language) if sys.stderr.isatty() else Plain(language)
