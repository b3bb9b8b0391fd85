"""What later families add to a plan: their decisions read off, put back into the clean point, told in tables.

Each module of ``NAMES`` has

* ``read(m, inst, value_of) -> dict``: family -> what it decides, cleaned (``plan.cleaning``). ``value_of(columns)``
  gives the solver's values of a ``Columns`` in the order of its variables, 0 where the model has no such column.
  It goes into ``Decisions.more``; families that are off say nothing.
* ``put(m, inst, decisions, put)``: ``put(columns, values)`` writes the values into the clean point. Called when all
  decisions and what follows from them are settled.
* ``rows(m, inst, decisions, model) -> dict``: table -> frame, only of families that are on.

The contracts of the tables stand in ``tables_*.py`` as plain data, for the checker reads them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

NAMES: tuple[str, ...] = ("care", "stocks", "surge", "groups", "agreements", "places")


def parts() -> tuple[Any, ...]:
    """The modules, imported when a plan is made: what only reads tables needs none of them."""
    return tuple(import_module(f"nspl_opt.plan.parts.{name}") for name in NAMES)
