"""Families that decide which transfers are offered at all: journeys, capability, borders."""

from __future__ import annotations

from typing import Any, Literal

import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.family import Family, NoOptions, Options, RuleText, Symbol


class TravelTimeOptions(Options):
    """How long a journey may take, and how many destinations are considered."""

    longest_journey_factor: float = Field(1.0, gt=0, le=10, description="times the category's longest journey")
    nearest: int = Field(6, ge=1, le=1000, description="nearest destinations kept per category and origin")
    largest: int = Field(3, ge=0, le=1000, description="destinations with most beds kept besides")


class AreaOptions(Options):
    """Whether borders between areas are open."""

    grouping: str = Field(
        "civil_area", description='grouping that is watched, or "region"', json_schema_extra={"codes": "groupings"}
    )
    border: Literal["open", "closed"] = Field("open", description="closed: no transfer and no loan leaves its area")


def _offers_only(block: pyo.Block, m: pyo.ConcreteModel, inst: Any, options: Any) -> None:
    """Nothing to add: the family acts by what is offered (``instance.arcs``)."""


LONGEST = RuleText(
    "travel_time.longest_journey", "No journey is longer than is safe for the patient.",
    r"\mathrm{minutes}_e \le \lfloor f\, T_k \rfloor", "min",
)  # fmt: skip
CAPABLE = RuleText(
    "capability.capable", "Care is given, and patients are sent, only where capability and level exist.",
    r"s^g_{kit} = 0,\ x_{et} = 0 \quad \mathrm{unless\ } i \mathrm{\ can}", "patients",
)  # fmt: skip
BORDER = RuleText(
    "areas.border", "While the border is closed, no transfer and no loan leaves its area.",
    r"x_{et} = 0,\ L_{crqd} = 0 \quad \mathrm{across\ areas}", "patients",
)  # fmt: skip

TRAVEL_TIME = Family(
    "travel_time",
    "Restid",
    "Travel time",
    TravelTimeOptions,
    _offers_only,
    (LONGEST,),
    symbols=(
        Symbol(r"f", "`longest_journey_factor`", "share", "option"),
        Symbol(r"T_k", "longest journey of the category, `longest_journey_min`", "min", "data"),
    ),
    notes=("**longest_journey** minutes_e ≤ longest_journey_k × `longest_journey_factor` (rounded down).",),
)
CAPABILITY = Family(
    "capability",
    "Förmåga",
    "Capability",
    NoOptions,
    _offers_only,
    (CAPABLE,),
    notes=(
        "**capable** s_kit = 0 and no transfer into i unless the site has the category's capability and at least "
        "its `minimum_level`.",
    ),
)
AREAS = Family(
    "areas",
    "Områden",
    "Areas",
    AreaOptions,
    _offers_only,
    (BORDER,),
    notes=(
        '**border** with `border = "closed"`, no transfer and no loan between regions that share no area of '
        '`grouping`. `grouping = "region"`: each region alone.',
    ),
)
FAMILIES_HERE = (TRAVEL_TIME, CAPABILITY, AREAS)
