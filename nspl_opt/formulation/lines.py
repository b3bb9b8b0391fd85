"""What agreements, offers and pairs stand for in an instance: categories, sites, cells."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from nspl_opt.scenario.situation import Situation

ALL = "all"


def categories_of(situation: Situation, what: str) -> np.ndarray:
    """(category,) bool: those of this code, its stages and groups, or all."""
    return np.array([what in (ALL, one.code, one.parent) for one in situation.categories], dtype=bool)


def sites_in(situation: Situation, codes: Collection[str]) -> np.ndarray:
    """(site,) bool: those of these codes."""
    return np.array([site.code in codes for site in situation.sites], dtype=bool)
