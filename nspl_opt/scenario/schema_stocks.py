"""Tables of ``scenario.toml`` about equipment, supplies, groups and costs."""

from __future__ import annotations

from nspl_opt.scenario.schema_part import Part


class StockTables(Part):
    """The tables of this subject, mixed into ``ScenarioFile``."""
