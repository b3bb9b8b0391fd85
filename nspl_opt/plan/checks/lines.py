"""Lines of help as the scenario states them, and what the plan's transfers and loans make of them. Exact numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nspl_opt.plan.checks.case import Case
from nspl_opt.plan.checks.report import TOLERANCE
from nspl_opt.reference.reference import MICRO

FIRST = {"directed": 0, "accepted": 1, "countered": 2, "offered": 3, "proposed": 4}
"""Whose part of what is moved comes first."""
BINDING = ("directed", "accepted")


@dataclass(frozen=True, slots=True)
class Together:
    """Lines for quite the same journeys or loans, first come first kept, and what the plan has of them [millionths].

    Of staff, ``by_block`` are the people lent in each staff block of the window, and ``done`` the fewest of them.
    """

    lines: tuple[Any, ...]
    done: int
    by_block: tuple[tuple[int, int], ...] = ()

    @property
    def agreed(self) -> int:
        """What is accepted or directed."""
        return sum(line.amount_micro for line in self.lines if line.state in BINDING)

    @property
    def countered(self) -> bool:
        """Whether a party has said what it would do at most."""
        return any(line.state == "countered" for line in self.lines)

    @property
    def total(self) -> int:
        """What all of the lines amount to."""
        return sum(line.amount_micro for line in self.lines)

    def parts(self) -> list[tuple[Any, int]]:
        """Each line and what is kept of it: all of it where less than what a row may be broken by is wanting."""
        left, found = self.done, []
        for line in self.lines:
            part = min(left, line.amount_micro)
            left -= part
            found.append((line, line.amount_micro if part and line.amount_micro - part < TOLERANCE else part))
        return found

    @property
    def beyond(self) -> int:
        """What the plan has beyond the lines, if it is more than what a row may be broken by."""
        more = self.done - self.total
        return more if more >= TOLERANCE else 0


def covers(case: Case, what: str, category: str) -> bool:
    """Whether a code that a scenario names is the category, the one it is a stage or group of, or all."""
    one = case.situation.categories[case.category[category]]
    return what in ("all", one.code, one.parent)


def departs(case: Case, period: int, from_h: int, to_h: int) -> bool:
    """Whether the middle of the period lies in the window."""
    one = case.situation.periods[period]
    return 2 * from_h <= 2 * one.start_h + one.length_h < 2 * to_h


def is_on(case: Case, row: Any, line: Any) -> bool:
    """Whether a transfer is one of those that a line of patients is about."""
    return (
        row.from_site in line.from_sites
        and row.to_site in line.to_sites
        and covers(case, line.what, row.category)
        and line.vehicle_type in ("", row.vehicle_type)
        and departs(case, row.period, line.from_h, line.to_h)
    )


def blocks(case: Case, from_h: int, to_h: int) -> list[int]:
    """Staff blocks that start in the window."""
    return [d for d, start in enumerate(case.block_starts) if from_h <= start < to_h]


def together(case: Case, kind: str) -> list[Together]:
    """The standing lines of a kind, those for the same journeys or loans as one."""
    groups: dict[tuple, list[Any]] = {}
    for line in case.situation.agreements:
        if line.kind == kind and line.state in FIRST:
            key = line.from_sites, line.to_sites, line.what, line.vehicle_type, line.from_h, line.to_h
            groups.setdefault(key, []).append(line)
    found = []
    for lines in groups.values():
        ordered = tuple(sorted(lines, key=lambda line: (FIRST[line.state], line.code)))
        found.append(_moved(case, ordered) if kind == "patients" else _lent(case, ordered))
    return found


def _moved(case: Case, lines: tuple[Any, ...]) -> Together:
    return Together(lines, sum(row.patients for row in case.rows["transfers"] if is_on(case, row, lines[0])))


def _lent(case: Case, lines: tuple[Any, ...]) -> Together:
    line = lines[0]
    people = case.lent.get((line.what, line.from_region, line.to_region), [0] * len(case.block_hours))
    found = tuple((d, people[d] * MICRO) for d in blocks(case, line.from_h, line.to_h))
    return Together(lines, min((amount for _, amount in found), default=0), found)
