"""What every table of ``scenario.toml`` is made of."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from nspl_opt.scenario.fields import Day, FileName, Line

MOST_ENTRIES = 1_000

Basis = Literal["published", "estimate", "mixed", "recalled", "deduced", "assumed", "invented"]


class Part(BaseModel):
    """A table of the file: immutable, with no other keys than its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sourced(Part):
    """A figure with its origin."""

    basis: Basis = Field(description="how the figure came about")
    source: Line = Field(description="where it comes from")
    as_of: Day | None = Field(None, description="the day the figure describes")


class TableFile(Sourced):
    """A CSV file beside ``scenario.toml``, with the columns of its contract."""

    file: FileName = Field(description="CSV file beside scenario.toml")
