"""What a scenario file may say, a module per subject: one model per table; an unknown key is an error.

Hours count from ``start``; a window runs from ``from_h`` up to, not including, ``to_h``. Every
figure carries a ``basis`` and a ``source``, as the figures of the reference package do.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from nspl_opt.scenario.fields import (
    Code,
    Factor,
    FileName,
    Flag,
    Hour,
    Line,
    Moment,
    Name,
    Paragraph,
    Share,
    refuse,
    whole,
)
from nspl_opt.scenario.grid import LONGEST_PERIOD_H, MOST_DAYS, MOST_PERIODS, growing_grid
from nspl_opt.scenario.schema.agreements import AgreementTables
from nspl_opt.scenario.schema.care import CareTables
from nspl_opt.scenario.schema.part import MOST_ENTRIES, Part, Sourced
from nspl_opt.scenario.schema.places import PlaceTables
from nspl_opt.scenario.schema.stocks import StockTables

MARKINGS = {
    "exercise": ("ÖVNING", "EXERCISE"),
    "open": ("ÖPPEN", "OPEN"),
    "internal": ("INTERN", "INTERNAL"),
    "secrecy": ("SEKRETESS", "SECRECY"),
    "restricted": ("BEGRÄNSAT HEMLIG", "RESTRICTED"),
    "confidential": ("KONFIDENTIELL", "CONFIDENTIAL"),
    "secret": ("HEMLIG", "SECRET"),
    "top_secret": ("KVALIFICERAT HEMLIG", "TOP SECRET"),
}
"""Marking -> what every page shows, Swedish and English. Set by people, never inferred."""

LEVELS = ("region", "hospital")
EVERYWHERE = "all"

LONGEST_HORIZON_H = 9_600

Marking = Literal["exercise", "open", "internal", "secrecy", "restricted", "confidential", "secret", "top_secret"]


def _grid(value: Any) -> Any:
    rule = "must be a list of period lengths in hours, or of pairs [length in hours, number of periods]"
    remedy = "write grid = [[6, 28]] for 28 periods of 6 h, or [[6, 8], [12, 4], [24, 3]]"
    if not isinstance(value, list | tuple) or not value:
        raise refuse(rule, remedy)
    lengths: list[int] = []
    for entry in value:
        pair = tuple(entry) if isinstance(entry, list | tuple) else (entry, 1)
        if len(pair) != 2 or not all(isinstance(part, int) and not isinstance(part, bool) for part in pair):
            raise refuse(rule, remedy)
        length, count = pair
        if not 1 <= length <= LONGEST_PERIOD_H or not 1 <= count <= MOST_PERIODS:
            raise refuse(f"a period lasts 1 to {LONGEST_PERIOD_H} h and there are at most {MOST_PERIODS}", remedy)
        lengths.extend([length] * count)
        if len(lengths) > MOST_PERIODS or sum(lengths) > LONGEST_HORIZON_H:
            raise refuse(
                f"must have at most {MOST_PERIODS} periods and last at most {LONGEST_HORIZON_H // 24} days",
                "use fewer or shorter periods",
            )
    return tuple(lengths)


Grid = Annotated[
    tuple[int, ...],
    BeforeValidator(_grid),
    WithJsonSchema(
        {
            "type": "array",
            "minItems": 1,
            "items": {
                "anyOf": [
                    {"type": "integer", "minimum": 1, "maximum": LONGEST_PERIOD_H},
                    {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2, "maxItems": 2},
                ]
            },
        }
    ),
]


class CategoryChange(Sourced):
    """Another figure for a care category than the reference package has."""

    category: Code = Field(description="care category")
    mean_stay_h: whole(1, 9_600, "hours") | None = Field(None, description="mean stay [h]")
    longest_journey_min: whole(1, 10_080, "minutes") | None = Field(None, description="longest journey [min]")
    severity_weight: whole(1, 1_000, "weight") | None = Field(None, description="severity weight")


class Demand(Sourced):
    """Patients who come, from a CSV file: from_h, to_h, place, category, patients, origin_class."""

    file: FileName = Field(description="CSV file beside scenario.toml")


class Ordinary(Sourced):
    """Everyday care that goes on: holds a constant share of the staffed beds not in planned care."""

    category: Code = Field(description="care category; its bed type is the one that is held")
    occupancy_share: Share = Field(description="share of the staffed beds less the planned ones")
    places: tuple[Code, ...] = Field((), max_length=MOST_ENTRIES, description="regions or sites; none: everywhere")


class Initial(Sourced):
    """Patients already present and cared for at the start, from a CSV file: place, category, patients."""

    file: FileName = Field(description="CSV file beside scenario.toml")


class BedsFactor(Part):
    """Multiplies staffed and surge beds, rounded down to whole beds at each hospital."""

    place: Code = Field(EVERYWHERE, description="region or site, or all")
    bed_type: Code = Field(EVERYWHERE, description="bed type, or all")
    factor: Factor = Field(description="0 closes them all")


class StaffFactor(Part):
    """Multiplies people, rounded down to whole people at each hospital."""

    place: Code = Field(EVERYWHERE, description="region or site, or all")
    profession: Code = Field(EVERYWHERE, description="profession, or all")
    factor: Factor = Field(description="0.9 means one in ten is missing")


class FleetFactor(Part):
    """Multiplies vehicles that may be used, rounded down to whole vehicles in each pool."""

    vehicle_type: Code | None = Field(None, description="all pools of a vehicle type")
    pool: Code | None = Field(None, description="or one pool")
    factor: Factor = Field(description="0 grounds them all")


class ArrivalsFactor(Part):
    """Multiplies all arrivals, those of everyday care and of other injects included."""

    place: Code = Field(EVERYWHERE, description="region or site, or all")
    category: Code = Field(EVERYWHERE, description="care category, or all")
    factor: Factor = Field(description="1.5 means half as many again")


class Window(Part):
    """A named stretch of time; ``active = false`` takes it back without deleting it."""

    name: Name = Field(description="name, unique in the scenario")
    from_h: Hour = Field(description="first hour")
    to_h: Hour = Field(description="first hour after it")
    active: Flag = Field(True, description="false takes it back")
    note_sv: Paragraph | None = Field(None, description="explanation in Swedish")
    note_en: Paragraph | None = Field(None, description="explanation in English")


class Inject(Window):
    """A dated patch that is taken back when its window ends. Exactly one kind of change each."""

    beds_factor: BedsFactor | None = None
    staff_factor: StaffFactor | None = None
    fleet_factor: FleetFactor | None = None
    arrivals_factor: ArrivalsFactor | None = None
    arrivals: Demand | None = None


INJECT_KINDS = ("arrivals", "arrivals_factor", "beds_factor", "fleet_factor", "staff_factor")


class Closing(Window):
    """What cannot be used: links or ferry lines, whole modes, places, areas with all that lies in them."""

    links: tuple[Code, ...] = Field((), max_length=MOST_ENTRIES, description="road or rail links, ferry lines")
    modes: tuple[Code, ...] = Field((), max_length=MOST_ENTRIES, description="modes of transport")
    places: tuple[Code, ...] = Field((), max_length=MOST_ENTRIES, description="regions, sites, airfields, nodes")
    areas: tuple[Code, ...] = Field((), max_length=MOST_ENTRIES, description="areas, as grouping.area")


class SurgeChange(Part):
    """Another lead time for a stage of surge beds than the reference package has."""

    bed_type: Code = Field(description="bed type")
    stage: whole(0, 99, "stages") = Field(description="stage")
    lead_h: Hour = Field(description="hours after the start until it is open [h]")
    places: tuple[Code, ...] = Field((), max_length=MOST_ENTRIES, description="regions or sites; none: everywhere")


class MobilisationChange(Part):
    """Another mobilisation time for a vehicle type than the reference package has."""

    vehicle_type: Code = Field(description="vehicle type")
    mobilisation_min: whole(0, 576_000, "minutes") = Field(description="minutes after the start [min]")


class ScenarioFile(CareTables, StockTables, AgreementTables, PlaceTables, Part):
    """``scenario.toml``, whole."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["days"]}, {"required": ["grid"]}]})

    name: Name = Field(description="name of the scenario")
    title_sv: Line = Field(description="title in Swedish")
    title_en: Line = Field(description="title in English")
    marking: Marking = Field(description="marking on every page; exercise is shown as ÖVNING")
    start: Moment = Field(description="local date and time, whole hour, no zone")
    days: whole(1, MOST_DAYS, "days") | None = Field(None, description="days planned, on a growing grid")
    grid: Grid = Field((), validate_default=True, description="days = 7, or grid = [[length in hours, number], ...]")
    level: Literal["region", "hospital"] = Field("region", description="what a site is")
    categories: tuple[Code, ...] = Field(min_length=1, max_length=100, description="care categories that occur")
    assumptions_sv: tuple[Paragraph, ...] = Field((), max_length=100, description="assumptions in Swedish")
    assumptions_en: tuple[Paragraph, ...] = Field((), max_length=100, description="assumptions in English")
    category_changes: tuple[CategoryChange, ...] = Field((), max_length=MOST_ENTRIES)
    demand: tuple[Demand, ...] = Field((), max_length=100)
    ordinary: tuple[Ordinary, ...] = Field((), max_length=MOST_ENTRIES)
    initial: tuple[Initial, ...] = Field((), max_length=100)
    injects: tuple[Inject, ...] = Field((), max_length=MOST_ENTRIES)
    closures: tuple[Closing, ...] = Field((), max_length=MOST_ENTRIES)
    surge_changes: tuple[SurgeChange, ...] = Field((), max_length=MOST_ENTRIES)
    mobilisation_changes: tuple[MobilisationChange, ...] = Field((), max_length=MOST_ENTRIES)

    @field_validator("grid", mode="wrap")
    @classmethod
    def _either(cls, value: Any, read: Any, info: ValidationInfo) -> tuple[int, ...]:
        """Periods from ``grid``, else those of a growing grid of so many ``days``; exactly one is given."""
        if value != ():
            if info.data.get("days") is not None:
                raise refuse("days and grid are both given", "keep days for a growing grid, or grid for your own")
            return read(value)
        if "days" not in info.data:
            return ()  # what is wrong with days is told there
        if info.data["days"] is None:
            raise PydanticCustomError("missing", "neither days nor grid is given")
        return growing_grid(24 * info.data["days"])

    @property
    def horizon_h(self) -> int:
        """Hours from the start to the end of the last period."""
        return sum(self.grid)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of ``scenario.toml``, for editors and other programs."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ScenarioFile.model_json_schema()}
