"""Families that decide which transfers are offered at all: journeys, capability, borders."""

from __future__ import annotations

import pyomo.environ as pyo
from pydantic import Field
from typing import Any, Literal

from nspl_opt.formulation.family import Family, NoOptions, Options


class TravelTimeOptions(Options):
    """How long a journey may take, and how many destinations are considered."""

    longest_journey_factor: float = Field(1.0, gt=0, le=10, description="times the category's longest journey")
    nearest: int = Field(6, ge=1, le=1000, description="nearest destinations kept per category, origin and vehicle type")
    largest: int = Field(3, ge=0, le=1000, description="destinations with most beds kept besides")


class AreaOptions(Options):
    """Whether borders between areas are open."""

    grouping: str = Field("civil_area", description='grouping that is watched, or "region"')
    border: Literal["open", "closed"] = Field("open", description="closed: no transfer and no loan leaves its area")


def _offers_only(block: pyo.Block, m: pyo.ConcreteModel, inst: Any, options: Any) -> None:
    """Nothing to add: the family acts by what is offered (``instance.arcs``)."""


TRAVEL_TIME = Family("travel_time", "Restid", "Travel time", TravelTimeOptions, _offers_only)
CAPABILITY = Family("capability", "Förmåga", "Capability", NoOptions, _offers_only)
AREAS = Family("areas", "Områden", "Areas", AreaOptions, _offers_only)
