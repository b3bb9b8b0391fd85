"""Families of the oracle, one module each, written from ``docs/mathematics.md`` and not from the formulation.

A module ``parts/FAMILY.py`` has

``NAME``
    The family that it is about.
``draw(rng, situation, travel, model)``
    The same three with the family on, and with what it acts on in the situation; here, with the product at hand.
    Figures are friendly to integers: patients come whole, shares are halves and quarters, all or nobody leaves.
``add(oracle)``
    Its columns and rows, in the oracle's own process, where nothing of the product is.
    ``oracle.c`` is the case (``plain.as_plain``); ``m`` the programme; ``n``, ``s``, ``x``, ``z``, ``lent``, ``begun``
    its columns, ``n`` and ``s`` in parts of ``grid``; ``le`` and ``eq`` write a row. What it puts into other rows:
    ``more["beds.capacity"][b, i, t]``, ``more["staff.region"][c, r, t]``, ``more["staff.site"][c, i, t]`` and
    ``more["reserve.used"][b, i, t]`` take (coefficient, column) on the side of the need, ``room[...][...]`` a number on
    the other side; ``unmet`` takes (weighted hours, column), ``ahead`` (parts of ``grid``, column): minimised first.

and may have

``prepare(oracle)``
    Before there are columns: ``refuse`` takes ``(k, journey, t) -> bool`` of transfers that are not offered,
    ``refuse_loan`` ``(c, r, q, d) -> bool``, ``shut`` ``(r, q) -> bool`` of borders that nothing crosses,
    ``serves`` (giving bed type, bed type, site) of beds that may hold others,
    ``flows[k]`` (category, share of those who leave it who come to k).
``tell(oracle, value)``
    What was decided, as plain data: it comes back as ``answer["more"][NAME]``, and as ``Decisions.more[NAME]``.
``tables(maker)``
    Table -> rows, from ``maker.d.more[NAME]``; ``maker`` is ``assemble``'s, ``maker.s`` the situation.
``lies(maker)``
    lent, borrowed or housed -> (bed type, site, period) -> beds; once the census is there, before other tables.
``unmet(maker)``
    Weighted hours that it adds to the goal unmet_care.
``GOALS_HERE``
    Goal -> ``(maker, rows, goal) -> value``.
``used(answer)``
    Whether what it lets do is done: in five cases at least it must be.
``ALWAYS``
    True if it adds its rows without being asked for in a model: what comes with the data and binds.

At the top a module imports the standard library and other parts, nothing else: both processes read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

NAMES: tuple[str, ...] = (
    "travel_time",
    "external",  # first: a region is abroad for all that follow
    "single_source",  # early: categories for all that follow
    "staff",
    "areas",
    "allowed_pairs",
    "care_paths",
    "eligibility",
    "discharge_ready",
    "bed_substitution",
    "surge",
    "endurance",
    "reception",
    "equipment",
    "supplies",
    "offers",
    "batching",
    "stability",
    "reserve",  # last: it counts what others put into "reserve.used"
)
"""One module per line, in the order in which they draw and add."""

MODULES: tuple[ModuleType, ...] = tuple(import_module(f".{name}", __name__) for name in NAMES)


def parts_of(model: Mapping[str, Any]) -> tuple[ModuleType, ...]:
    """The modules that take part in a case with this model."""
    return tuple(part for part in MODULES if part.NAME in model["families"] or getattr(part, "ALWAYS", False))
