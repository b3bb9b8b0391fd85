"""Care paths that bind: who leaves one category and goes on to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation


@dataclass(frozen=True, slots=True)
class Step:
    """Of those who leave ``category``, ``share_micro`` go on to ``next``: indices as in the situation."""

    category: int
    next: int
    share_micro: int


def binding_paths(situation: Situation, families: Mapping[str, Any]) -> tuple[Step, ...]:
    """The paths that bind in a model with these families (name -> options, or a mapping of them), sorted.

    Stages of a stay always bind; other paths with the family care_paths, times its ``share_factor``, rounded half
    to even to millionths.
    """
    index = {category.code: k for k, category in enumerate(situation.categories)}
    options = families.get("care_paths")
    if options is None:
        factor = Fraction(0)
    else:
        named = options if isinstance(options, Mapping) else options.model_dump()
        factor = Fraction(str(named.get("share_factor", 1)))
    found = []
    for path in situation.paths:
        share = path.share_micro if path.stage else round(path.share_micro * factor)
        if share:
            found.append(Step(index[path.category], index[path.next], share))
    return tuple(sorted(found, key=lambda step: (step.category, step.next)))


def stepped(gone: np.ndarray, steps: tuple[Step, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Who goes on, of those who leave [1e-6]: who steps in and who steps out, (category, ...) as ``gone``.

    Each path takes its share, rounded half to even; where the shares together exceed those who leave, by
    rounding, the last path gives way.
    """
    into, out = np.zeros_like(gone), np.zeros_like(gone)
    for step in steps:
        some = half_even(gone[step.category] * step.share_micro)
        some = np.minimum(some, gone[step.category] - out[step.category])
        out[step.category] += some
        into[step.next] += some
    return into, out


def half_even(product: np.ndarray) -> np.ndarray:
    """Millionths of millionths to millionths, halves to the even neighbour."""
    whole, rest = np.divmod(product, MICRO)
    up = (2 * rest > MICRO) | ((2 * rest == MICRO) & (whole % 2 == 1))
    return whole + up
