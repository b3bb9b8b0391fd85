"""What the independent checker found, and the small ledger each of its rules fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap

from nspl_opt.reference.reference import MICRO

Exact = Fraction | int

TOLERANCE = 100
"""Millionths by which expected values may break a row whose coefficients are at most one."""

WIDTH = 100
"""Characters that a line of words may be wide."""


def allowance(largest: Fraction | int = 1, whole: bool = False) -> Fraction:
    """How far a row may be broken, in its own unit: nothing when all in it is whole.

    The solver's tolerance and the rounding to six decimals grow with the ``largest`` coefficient
    of the row, so the allowance does too.
    """
    return Fraction(0) if whole else Fraction(TOLERANCE, MICRO) * max(Fraction(1), Fraction(largest))


def show(value: object) -> str:
    """A number with at most six decimals, anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        return str(value)
    text = f"{float(value):.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


@dataclass(frozen=True, slots=True)
class Violation:
    """One row of one rule that the plan breaks."""

    rule: str
    where: str
    expected: str
    found: str
    words_en: str
    words_sv: str


class Tally:
    """Rows looked at and rows broken, for one rule. Places are tuples, made into text only if broken."""

    __slots__ = ("breaches", "rows")

    def __init__(self) -> None:
        self.rows = 0
        self.breaches: list[tuple[str, str, str]] = []

    def breach(self, where: tuple[object, ...], expected: object, found: object) -> None:
        """Note a broken row that was already counted."""
        self.breaches.append((" ".join(str(part) for part in where), show(expected), show(found)))

    def equal(self, where: tuple[object, ...], expected: object, found: object) -> None:
        """The two must be the same."""
        self.rows += 1
        if expected != found:
            self.breach(where, expected, found)

    def equal_micro(self, where: tuple[object, ...], expected: int, found: int) -> None:
        """The two, both in millionths, must be the same."""
        self.rows += 1
        if expected != found:
            self.breach(where, Fraction(expected, MICRO), Fraction(found, MICRO))

    def at_most(self, where: tuple[object, ...], found: Exact, limit: Exact, allowed: Fraction) -> None:
        """``found`` must not exceed ``limit`` by more than what is allowed."""
        self.rows += 1
        if found > limit and found > limit + allowed:
            self.breach(where, f"at most {show(limit)}", found)

    def holds(self, where: tuple[object, ...], true: bool, expected: object, found: object) -> None:
        """The statement must be true."""
        self.rows += 1
        if not true:
            self.breach(where, expected, found)


@dataclass(frozen=True)
class CheckReport:
    """The outcome of one verification.

    ``checked`` counts, per rule, the rows looked at; ``left_out`` says why a rule was not applied:
    ``off`` (its family is not in the model file) or ``form`` (the tables could not be read).
    """

    checked: Mapping[str, int]
    left_out: Mapping[str, str]
    violations: tuple[Violation, ...]

    @property
    def ok(self) -> bool:
        """Whether every rule that was applied holds, and none had to be left out for bad tables."""
        return not self.violations and "form" not in self.left_out.values()

    @property
    def broken(self) -> Mapping[str, int]:
        """Rule -> rows broken, for the rules that are broken."""
        counts: dict[str, int] = {}
        for violation in self.violations:
            counts[violation.rule] = counts.get(violation.rule, 0) + 1
        return counts

    def text(self, language: str = "sv", shown: int = 5) -> str:
        """Plain text for people; ``shown`` violations per rule are written out."""
        swedish = language == "sv"
        rules, rows = len(self.checked), sum(self.checked.values())
        broken = self.broken
        if swedish:
            head = f"{rules - len(broken)} av {rules} regler håller ({rows} rader räknade om utan lösaren)"
        else:
            head = f"{rules - len(broken)} of {rules} rules hold ({rows} rows computed anew, without the solver)"
        lines = [head]
        for rule, count in broken.items():
            words = ("rad bruten", "rader brutna") if swedish else ("row broken", "rows broken")
            lines.append(f"  {rule}: {count} {words[count > 1]}")
            mine = [v for v in self.violations if v.rule == rule]
            lines += [f"    {v.words_sv if swedish else v.words_en}" for v in mine[:shown]]
            if len(mine) > shown:
                lines.append(f"    ... {len(mine) - shown} {'till' if swedish else 'more'}")
        off = sorted({rule.partition(".")[0] for rule, why in self.left_out.items() if why == "off"})
        if off:
            told = f"{'inte i modellen' if swedish else 'not in the model'}: {', '.join(off)}"
            lines += wrap(told, WIDTH, initial_indent="  ", subsequent_indent="    ")
        unread = [rule for rule, why in self.left_out.items() if why == "form"]
        if unread:
            why = "inte prövade, tabellerna går inte att läsa" if swedish else "not tried, the tables cannot be read"
            lines.append(f"  {why}: {', '.join(unread)}")
        return "\n".join(lines)
