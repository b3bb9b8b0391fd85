"""Tables that a scenario may have besides demand and initial, a module per subject."""

from __future__ import annotations

from importlib import import_module

from nspl_opt.scenario.extra import Extra

MODULES: tuple[str, ...] = (
    "agreements",
    "municipal",
    "groups",
    "offers",
    "pairs",
    "reception",
    "stocks",
)
"""Modules of this package, each with its ``EXTRAS_HERE``, a tuple of ``Extra``."""

EXTRAS: tuple[Extra, ...] = tuple(
    extra for name in MODULES for extra in import_module(f"nspl_opt.scenario.extras.{name}").EXTRAS_HERE
)
