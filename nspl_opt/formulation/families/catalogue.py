"""All constraint families, listed once, in the order in which they are built."""

from __future__ import annotations

from importlib import import_module

from nspl_opt.formulation.family import Family

MODULES: tuple[str, ...] = (
    "care_paths",
    "eligibility",
    "discharge_ready",
    "elective",  # early: beds and staff count what it frees
    "bed_substitution",  # its share counts the beds that elective frees
    "staff_loans",  # before staff, which counts who is away
    "surge",  # its beds are those of the rule beds.capacity
    "equipment",
    "supplies",
    "endurance",
    "beds",
    "staff",
    "transports",
    "limits",  # travel_time, capability, areas
    "allowed_pairs",
    "reception",
    "external",
    "reserve",
    "offers",
    "single_source",
    "batching",
    "stability",
)
"""Modules of ``formulation.families``, each with its ``FAMILY``, or ``FAMILIES_HERE`` when it has several.

A family that gives another something to count (``formulation.extra``) stands before it."""


def _families() -> dict[str, Family]:
    modules = [import_module(f"nspl_opt.formulation.families.{name}") for name in MODULES]
    found = [getattr(module, "FAMILIES_HERE", None) or (module.FAMILY,) for module in modules]
    return {family.name: family for families in found for family in families}


FAMILIES: dict[str, Family] = _families()
