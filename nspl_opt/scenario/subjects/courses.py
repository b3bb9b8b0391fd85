"""The course of a stay that is not geometric: its stages, how long each lasts, who goes on from each to the next."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.fields import exact
from nspl_opt.scenario.schema.care import Stay
from nspl_opt.scenario.shares import half_even

MOST_STAGES = 14


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a stay.

    ``mean_h`` is how long who is in it stays in it, on the average [h]; ``on_micro`` the share of those who leave it
    that goes on to the next; ``there`` how many of a steady census are in it, relative to the other stages.
    """

    mean_h: Fraction
    on_micro: int
    there: Fraction

    def leaves_micro(self, length_h: int) -> int:
        """Share of the cared-for in the stage that leaves it during a period, rounded half to even [1e-6]."""
        return half_even(min(Fraction(1), length_h / self.mean_h) * MICRO) if self.mean_h else MICRO


def stages_of(stay: Stay) -> tuple[Stage, ...]:
    """The stages of a stay that has been checked.

    A fixed stay has stages of one length, and all go on until the last. By a curve S, of those who leave a stage the
    share S(end) / S(begin) goes on; the last stage is left as the rest of the curve says: of the share S at its begin
    S - S(end) leave in the length of a stage, so its mean is that length times S / (S - S(end)), at least the length.
    """
    if stay.kind == "fixed":
        length, last = Fraction(stay.hours, stay.stages), stay.stages - 1
        return tuple(Stage(length, MICRO if number < last else 0, length) for number in range(stay.stages))
    shares = _shares(stay)
    found = []
    for number, (begin, end) in enumerate(pairwise(shares)):
        length, last = Fraction(stay.stage_h), number == len(shares) - 2
        mean = length * begin / (begin - end) if last and end else length
        found.append(Stage(mean, 0 if last else half_even(end / begin * MICRO), begin * mean))
    return tuple(found)


def shortest_stage_h(stay: Stay) -> Fraction:
    """Length of its stages [h]: no period may be longer."""
    return Fraction(stay.hours, stay.stages) if stay.kind == "fixed" else Fraction(stay.stage_h)


def everyday_micro(stay: Stay, length_h: int) -> int:
    """Share of a steady everyday census that comes, and leaves, during a period [1e-6]."""
    stages = stages_of(stay)
    return half_even(length_h * stages[0].there / stages[0].mean_h / sum(stage.there for stage in stages) * MICRO)


def _shares(stay: Stay) -> list[Fraction]:
    """Share still there at the begin of every stage and at the end of the last; those with nobody are left out."""
    points = [(0, Fraction(1)), *((hour, exact(share)) for hour, share in stay.points)]
    shares = []
    for hour in range(0, points[-1][0] + 1, stay.stage_h):
        n = next(n for n, (at, _) in enumerate(points) if at >= hour)
        (before, high), (after, low) = points[max(n - 1, 0)], points[n]
        shares.append(low if after == hour else high + (low - high) * Fraction(hour - before, after - before))
    while len(shares) > 2 and not shares[-2]:
        shares.pop()
    return shares
