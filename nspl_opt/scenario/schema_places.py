"""Tables of ``scenario.toml`` about places abroad, entry points and reception limits."""

from __future__ import annotations

from nspl_opt.scenario.schema_part import Part


class PlaceTables(Part):
    """The tables of this subject, mixed into ``ScenarioFile``."""
