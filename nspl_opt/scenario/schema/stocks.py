"""Tables of ``scenario.toml`` about equipment, supplies, groups and costs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nspl_opt.scenario.fields import Code, Line, Name, number
from nspl_opt.scenario.schema.part import MOST_ENTRIES, Part, Sourced, TableFile

MOST_FILES = 100
MOST_UNITS = 1_000_000
"""Of a stock in one row; what care takes is 0.01 to 1000 units, so no coefficient is too small or too large."""

Units = number(0.01, 1_000, "units")
Price = number(0, 1e9, "currency")


class StockEntry(Sourced):
    """Equipment that care needs, or supplies that care uses up."""

    code: Name = Field(description="name in the tables of holdings and releases")
    kind: Literal["equipment", "supply"] = Field(description="equipment is used and comes back; supplies are used up")
    name_sv: Line = Field(description="name in Swedish")
    name_en: Line = Field(description="name in English")
    unit: Line = Field(description="what one of it is called")
    use: dict[Code, Units] = Field(
        min_length=1, max_length=100,
        description="care category -> units per patient cared for (equipment), or per patient and day (supply)",
    )  # fmt: skip


class CostTable(Sourced):
    """What things cost. What is left out costs nothing."""

    currency: Line = Field("SEK", description="currency of all figures")
    vehicle_hour: dict[Code, Price] = Field({}, max_length=100, description="vehicle type -> one vehicle, one hour")
    loan_day: dict[Code, Price] = Field({}, max_length=100, description="profession -> one person away, one day")
    stock_move: dict[Code, Price] = Field({}, max_length=100, description="stock -> one unit moved")
    surge_bed_day: Price = Field(0.0, description="one bed of an open surge unit, one day")
    postponed_bed_day: Price = Field(0.0, description="one bed of planned care postponed, one day")
    journey_hour: Price = Field(0.0, description="one patient, one hour on the way")


class StockTables(Part):
    """The tables of this subject, mixed into ``ScenarioFile``."""

    stocks: tuple[StockEntry, ...] = Field((), max_length=MOST_ENTRIES)
    stock_holdings: tuple[TableFile, ...] = Field(
        (), max_length=MOST_FILES, description="what places hold at the start"
    )
    stock_releases: tuple[TableFile, ...] = Field((), max_length=MOST_FILES, description="what is delivered, and when")
    groups: tuple[TableFile, ...] = Field((), max_length=MOST_FILES, description="groups that move together")
    costs: CostTable | None = Field(None, description="what things cost, for the goal cost")
