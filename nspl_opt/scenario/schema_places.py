"""Tables of ``scenario.toml`` about places abroad, entry points and reception limits."""

from __future__ import annotations

from pydantic import Field

from nspl_opt.scenario.schema_part import Part, TableFile


class PlaceTables(Part):
    """The tables of this subject, mixed into ``ScenarioFile``."""

    reception_limits: tuple[TableFile, ...] = Field(
        (), max_length=100, description="how many patients a day places can take in"
    )
