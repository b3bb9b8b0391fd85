"""Tables of ``scenario.toml`` about agreements, offers and pairs."""

from __future__ import annotations

from pydantic import Field

from nspl_opt.scenario.schema.part import Part, TableFile

MOST_FILES = 100


class AgreementTables(Part):
    """The tables of this subject, mixed into ``ScenarioFile``."""

    agreements: tuple[TableFile, ...] = Field((), max_length=MOST_FILES, description="lines of help and their answers")
    offers: tuple[TableFile, ...] = Field((), max_length=MOST_FILES, description="what regions offer to give and take")
    pairs: tuple[TableFile, ...] = Field((), max_length=MOST_FILES, description="lists of pairs of places")
