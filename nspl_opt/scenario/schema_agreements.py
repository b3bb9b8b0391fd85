"""Tables of ``scenario.toml`` about agreements, offers and pairs."""

from __future__ import annotations

from nspl_opt.scenario.schema_part import Part


class AgreementTables(Part):
    """The tables of this subject, mixed into ``ScenarioFile``."""
