"""From the solver's figures to millionths: it is right only within tolerances, so dust is dropped."""

from __future__ import annotations

import numpy as np

from nspl_opt.reference.reference import MICRO

DUST_MICRO = 100
"""Expected values below this many millionths are solver noise: they are taken as nothing."""


def millionths(values: np.ndarray, whole: np.ndarray | bool = False) -> np.ndarray:
    """Millionths (int64): whole figures exactly, expected ones rounded, dust dropped."""
    units = np.rint(values).astype(np.int64) * MICRO
    expected = np.rint(values * MICRO).astype(np.int64)
    expected[expected < DUST_MICRO] = 0
    return np.where(whole, units, expected)
