"""What breaks first: the cases of a sweep by how much they cost, as rows and as a file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from nspl_opt.sweep.run import Found, Sweep

COLUMNS = ("marking", "rank", "case", "kind", "what", "name", "status", "bound", "value", "change", "worst_regions")
WORST = 3
"""Regions named per case."""
LEAST = 0.05
"""Smaller changes are not told apart from none [unit of the goal, relative to which tolerances are 1]."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case: bound and value of the first goal, its change against the base, who is worse off by how much."""

    rank: int
    found: Found
    change: float | None
    worst: tuple[tuple[str, float], ...]


def ranked(sweep: Sweep) -> tuple[Row, ...]:
    """The cases by their change of the first goal, worst first, ties by code; unsolved ones first of all.

    The change is that of the value where whole plans were made, else that of the bound.
    """
    rows = [(found, _change(sweep, found)) for found in sweep.cases]
    rows.sort(key=lambda row: (row[1] is not None, -(row[1] or 0.0), row[0].code))
    return tuple(
        Row(rank, found, change, _worst(sweep, found)) for rank, (found, change) in enumerate(rows, start=1)
    )  # fmt: skip


def write_table(sweep: Sweep, marking: str, folder: Path) -> Path:
    """Write ``sweep.csv``: UTF-8, one row per case in rank order, the marking in each row."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sweep.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in ranked(sweep):
            case, found = row.found.case, row.found
            worst = ";".join(f"{code}:{amount:.1f}" for code, amount in row.worst)
            figures = [_text(number) for number in (found.bound, found.value, row.change)]
            writer.writerow(
                [marking, row.rank, case.code, case.kind, case.what, case.name, found.status, *figures, worst]
            )
    return path


def _change(sweep: Sweep, found: Found) -> float | None:
    name = "value" if sweep.whole else "bound"
    before, after = getattr(sweep.base, name), getattr(found, name)
    if before is None or after is None:
        return None
    change = round(after - before, 6)
    return 0.0 if abs(change) < LEAST else change


def _worst(sweep: Sweep, found: Found) -> tuple[tuple[str, float], ...]:
    """Regions whose unmet care grows most [weighted patient-hours]."""
    if sweep.base.unmet is None or found.unmet is None:
        return ()
    more = [
        (round(after - before, 6), code)
        for code, before, after in zip(sweep.regions, sweep.base.unmet, found.unmet, strict=True)
    ]
    return tuple(
        (code, amount) for amount, code in sorted(more, key=lambda one: (-one[0], one[1]))[:WORST] if amount >= LEAST
    )


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:.6g}" if abs(number) < 1e6 else f"{number:.0f}"
