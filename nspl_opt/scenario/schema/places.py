"""Tables of ``scenario.toml`` about places abroad, entry points, what is known when, and reception limits."""

from __future__ import annotations

from pydantic import Field

from nspl_opt.scenario.fields import Code, Hour, Line, Name, whole
from nspl_opt.scenario.schema.part import MOST_ENTRIES, Part, Sourced, TableFile

MOST_MINUTES = 10_080


class ExternalPlace(Sourced):
    """A place abroad that offers beds: a hospital, or several as one."""

    code: Name = Field(description="name in the tables, as no-oslo")
    name: Line = Field(description="name for people")
    country: Code = Field(description="the country, as NO")
    node: Code = Field(description="node of the network from which one gets there")
    access_min: whole(0, MOST_MINUTES, "minutes") = Field(description="by road from the node to the door [min]")
    capabilities: tuple[Code, ...] = Field((), max_length=100, description="special care that it can give")
    beds: dict[Code, whole(1, 10_000, "beds")] = Field(
        min_length=1, max_length=100, description="bed type -> beds offered with their staff"
    )
    from_h: Hour = Field(0, description="first hour in which they may be used")
    to_h: Hour | None = Field(None, description="first hour after that; none: to the end")


class EntryPoint(Sourced):
    """A place without beds where patients only arrive: an airport, a port, a border station."""

    code: Name = Field(description="name in the tables, as karlstad-flyg")
    name: Line = Field(description="name for people")
    region: Code = Field(description="the region it lies in")
    node: Code = Field(description="node of the network from which one gets there")
    access_min: whole(0, MOST_MINUTES, "minutes") = Field(description="by road from the node to the door [min]")


class PlaceTables(Part):
    """The tables of this subject, mixed into ``ScenarioFile``."""

    external: tuple[ExternalPlace, ...] = Field((), max_length=MOST_ENTRIES, description="places abroad with beds")
    entries: tuple[EntryPoint, ...] = Field((), max_length=MOST_ENTRIES, description="where patients only arrive")
    known_at_h: Hour | None = Field(
        None, description="the hour whose knowledge counts: patients told of later are left out; none: all are known"
    )
    reception_limits: tuple[TableFile, ...] = Field(
        (), max_length=100, description="how many patients a day places can take in"
    )
