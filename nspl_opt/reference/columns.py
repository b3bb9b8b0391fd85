"""Columns that several tables of a reference package share."""

from __future__ import annotations

from nspl_opt.tables import Field

BASES = ("published", "mixed", "estimate", "recalled", "deduced", "assumed")
SCOPES = ("region", "national", "scheduled")
VEHICLE_MODES = ("road", "rail", "ferry", "fixed_wing", "helicopter")

CODE = Field("code", "code", meaning="code, unique in this table")
SV = Field("name_sv", "text", meaning="name in Swedish")
EN = Field("name_en", "text", meaning="name in English")
NAME = Field("name", "text", meaning="name")
REGION = Field("region", "code", meaning="code in regions")
SITE = Field("site", "code", meaning="code in sites")
NODE = Field("node", "code", meaning="code in nodes")
NOTE = Field("note", "text", meaning="remark", required=False)
PLACE = (
    Field("lat", "number", "degrees", "latitude, WGS 84", minimum=-90, maximum=90),
    Field("lon", "number", "degrees", "longitude, WGS 84", minimum=-180, maximum=180),
)
ORIGIN = (
    Field("basis", "text", meaning="what the figures of the row rest on", choices=BASES),
    Field("source", "code_list", meaning="keys in sources, separated by ';'"),
)


def count(name: str, unit: str, meaning: str, maximum: int, minimum: int = 0) -> Field:
    """A column of whole numbers from ``minimum`` to ``maximum``."""
    return Field(name, "whole", unit, meaning, minimum=minimum, maximum=maximum)
