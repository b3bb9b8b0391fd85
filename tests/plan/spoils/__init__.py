"""Spoiled plans, family by family: each module spoils a plan of its own that uses its tables.

A module has ``KINDS_HERE`` (name -> spoil: a cell or a row), ``DEEP_HERE`` (name -> spoil and the rule that
must tell: a decision) and ``sound() -> (plan, situation, travel)``: a plan that the checker accepts, in which
every kind of the module has something to spoil. Their tools are in ``..spoiling`` and ``.making``.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

NAMES: tuple[str, ...] = (
    "agreements",
    "care",
    "batching",
    "origins",
    "places",
    "stocks",
    "surge",
    "groups",
)
"""One module per line."""

MODULES: tuple[ModuleType, ...] = tuple(import_module(f".{name}", __name__) for name in NAMES)
KINDS_HERE = {kind: spoil for module in MODULES for kind, spoil in module.KINDS_HERE.items()}
DEEP_HERE = {kind: both for module in MODULES for kind, both in module.DEEP_HERE.items()}
HOME = {kind: module for module in MODULES for kind in (*module.KINDS_HERE, *module.DEEP_HERE)}
"""Kind -> the module whose plan it spoils; a kind that is not here spoils the plan for the island."""
