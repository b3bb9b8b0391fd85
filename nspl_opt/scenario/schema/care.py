"""Tables of ``scenario.toml`` about care: stays, paths, other beds, crisis standard, discharge-ready."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nspl_opt.scenario.fields import Code, Hour, Line, Paragraph, Share, number, whole
from nspl_opt.scenario.schema.part import MOST_ENTRIES, Part, Sourced, TableFile


class CrisisUnlock(Part):
    """Where and when a person with the right to do so has unlocked the crisis standard of care."""

    places: tuple[Code, ...] = Field(min_length=1, max_length=MOST_ENTRIES, description="regions or sites, or all")
    from_h: Hour = Field(description="first hour")
    to_h: Hour = Field(description="first hour after it")
    unlocked_by: Line = Field(description="the function that unlocked it, never a name")
    note_sv: Paragraph | None = Field(None, description="explanation in Swedish")
    note_en: Paragraph | None = Field(None, description="explanation in English")


class Stay(Sourced):
    """How long patients of a category stay, other than geometrically: so long all of them, or by a curve."""

    category: Code = Field(description="care category")
    kind: Literal["fixed", "curve"] = Field(description="fixed: all stay as long; curve: shares that are still there")
    hours: whole(1, 9_600, "hours") | None = Field(None, description="fixed: length of the stay [h]")
    stages: whole(1, 99, "stages") | None = Field(None, description="fixed: stages that the stay is divided into")
    stage_h: whole(1, 9_600, "hours") | None = Field(None, description="curve: length of a stage [h]")
    points: tuple[Annotated[tuple[Hour, Share], Field(strict=False)], ...] = Field(
        (), max_length=MOST_ENTRIES, description="curve: [hours after arrival, share still there], in order"
    )


class CarePathEntry(Sourced):
    """What share of those who leave a category goes on to another at the same place."""

    from_category: Code = Field(alias="from", description="care category that they leave")
    to: Code = Field(description="care category that they come to")
    share: Share = Field(description="share of those who leave")


class BedSubstituteEntry(Sourced):
    """Beds of one type that may hold patients who need another."""

    gives: Code = Field(description="bed type that gives")
    serves: Code = Field(description="bed type that the patients need")
    beds_per_patient: number(1, 4, "beds") = Field(1.0, description="beds that such a patient takes [beds]")
    places: tuple[Code, ...] = Field((), max_length=MOST_ENTRIES, description="regions or sites; none: everywhere")


class ReadyEntry(Sourced):
    """What share of those who leave a category for good needs a municipal place."""

    category: Code = Field(description="care category")
    share: Share = Field(description="share of those who leave care")


class CareTables(Part):
    """The tables of this subject, mixed into ``ScenarioFile``."""

    stays: tuple[Stay, ...] = Field((), max_length=MOST_ENTRIES)
    care_paths: tuple[CarePathEntry, ...] = Field((), max_length=MOST_ENTRIES)
    bed_substitutes: tuple[BedSubstituteEntry, ...] = Field((), max_length=MOST_ENTRIES)
    discharge_ready: tuple[ReadyEntry, ...] = Field((), max_length=MOST_ENTRIES)
    municipal_places: tuple[TableFile, ...] = Field(
        (), max_length=100, description="patients a day whom the municipalities of a region can take"
    )
    crisis: tuple[CrisisUnlock, ...] = Field((), max_length=MOST_ENTRIES)
