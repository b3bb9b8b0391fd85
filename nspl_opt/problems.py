"""What is wrong with an input, said once, in words a planner can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    ``where`` is the address as the author wrote it (``scenario.toml: injects[2].site`` or
    ``demand.csv, row 14, column patients``), ``what`` names the value and the rule it breaks,
    ``remedy`` says what to do. ``code`` is stable: R.. reference, S.. scenario, M.. model file,
    N.. network, P.. plan folder, U.. usage.
    """

    code: str
    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.code}  {self.where}: {self.what}\n      {self.remedy}"


class InvalidInput(Exception):
    """Input that is refused. Carries every problem found, never only the first."""

    def __init__(self, subject: str, problems: Iterable[Problem]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        super().__init__(subject, self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{self.subject}: {count} problem{'s' if count != 1 else ''}"
        return "\n".join([head, *(str(problem) for problem in self.problems)])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy for a name that is not known: the nearest one, else the list of all."""
    import difflib

    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"known: {shown}" if names else "none is known here"
