"""Tables of ``scenario.toml`` about care: stays, paths, other beds, crisis standard, discharge-ready."""

from __future__ import annotations

from pydantic import Field

from nspl_opt.scenario.fields import Code, Hour, Line, Paragraph
from nspl_opt.scenario.schema_part import MOST_ENTRIES, Part


class CrisisUnlock(Part):
    """Where and when a person with the right to do so has unlocked the crisis standard of care."""

    places: tuple[Code, ...] = Field(min_length=1, max_length=MOST_ENTRIES, description="regions or sites, or all")
    from_h: Hour = Field(description="first hour")
    to_h: Hour = Field(description="first hour after it")
    unlocked_by: Line = Field(description="the function that unlocked it, never a name")
    note_sv: Paragraph | None = Field(None, description="explanation in Swedish")
    note_en: Paragraph | None = Field(None, description="explanation in English")


class CareTables(Part):
    """The tables of this subject, mixed into ``ScenarioFile``."""

    crisis: tuple[CrisisUnlock, ...] = Field((), max_length=MOST_ENTRIES)
