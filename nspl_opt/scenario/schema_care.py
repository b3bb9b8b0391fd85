"""Tables of ``scenario.toml`` about care: stays, paths, other beds, crisis standard, discharge-ready."""

from __future__ import annotations

from nspl_opt.scenario.schema_part import Part


class CareTables(Part):
    """The tables of this subject, mixed into ``ScenarioFile``."""
