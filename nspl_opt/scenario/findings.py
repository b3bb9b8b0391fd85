"""What may be wrong in any table of a scenario: codes that do not exist, windows, figures too fine to keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nspl_opt.problems import Problem, did_you_mean
from nspl_opt.scenario.fields import exact
from nspl_opt.tables import Row


def unknown(code: str, where: str, kind: str, value: str, known: Iterable[str]) -> Iterator[Problem]:
    """A problem ``code`` when ``value`` is no ``kind`` of those known."""
    names = set(known)
    if value not in names:
        padded = [name for name in sorted(names) if name.lstrip("0") == value]
        remedy = f"did you mean '{padded[0]}'?" if padded else did_you_mean(value, names)
        yield Problem(code, where, f"no {kind} '{value}' in the reference package", remedy)


def window(where: str, from_h: int, to_h: int, horizon: int) -> Iterator[Problem]:
    """``S201``: it ends before it begins; ``S202``: it leaves the horizon. ``where`` ends in a dot or a space."""
    if from_h >= to_h:
        what = f"{to_h}: the window ends at or before its begin, {from_h}"
        yield Problem("S201", f"{where}to_h", what, f"write an hour after {from_h}")
    elif to_h > horizon:
        field, value = ("from_h", from_h) if from_h >= horizon else ("to_h", to_h)
        what = f"{value}: lies outside the horizon, hours 0 to {horizon}"
        yield Problem("S202", f"{where}{field}", what, "shorten the window or lengthen the horizon")


def millionths(row: Row, column: str, problems: list[Problem]) -> int:
    """A figure in millionths; more than six decimals cannot be kept exactly, so they are refused (``S110``)."""
    figure = exact(row[column]) * 1_000_000
    if figure.denominator != 1:
        what = f"{row[column]!r}: {column} have at most six decimals"
        problems.append(Problem("S110", row.at(column), what, f"write {float(round(figure)) / 1e6:g}"))
    return round(figure)
