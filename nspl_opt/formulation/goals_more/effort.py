"""What is done that no other goal counts: so that nothing is moved, worked or opened for nothing. Put it last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Entries
from nspl_opt.formulation.family import Symbol
from nspl_opt.formulation.goal import Goal, GoalOptions, sum_of
from nspl_opt.instance.instance import Instance

Part = Literal["stocks", "extra_hours", "surge_units", "other_beds"]
PARTS: tuple[Part, ...] = ("stocks", "extra_hours", "surge_units", "other_beds")


class EffortOptions(GoalOptions):
    """What counts."""

    parts: tuple[Part, ...] = Field(
        PARTS, strict=False, min_length=1, description="what counts: " + ", ".join(PARTS)
    )  # fmt: skip


def _effort(m: pyo.ConcreteModel, inst: Instance, options: EffortOptions) -> list[Entries]:
    r"""Units of stocks moved, extra hours, surge units opened and open, patients in beds of another type.

    .. math:: \sum (y_{grqt} + v_{grt}) + \sum v_{crd} B_d / 24 + \sum (o_{ud} + O_{ud} B_d / 24)
              + \sum o_{pit} \Delta_t / 24
    """
    return [one for part in PARTS if part in options.parts for one in _OF[part](m, inst)]


def _stocks(m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
    stores = [getattr(m.component(name), "store", None) for name in ("equipment", "supplies")]
    return [sum_of(columns, 1.0) for store in stores if store for columns in (store.sent, store.given)]


def _extra_hours(m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
    endurance = m.component("endurance")
    return [] if endurance is None else [sum_of(endurance.extra, inst.block_hours[endurance.extra.axes[2]] / 24)]


def _surge_units(m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
    surge = m.component("surge")
    if surge is None or not hasattr(surge, "open"):
        return []
    return [sum_of(surge.opened, 1.0), sum_of(surge.open, inst.block_hours[surge.open.axes[1]] / 24)]


def _other_beds(m: pyo.ConcreteModel, inst: Instance) -> list[Entries]:
    lent = m.component("bed_substitution")
    return [] if lent is None else [sum_of(lent.other, inst.hours[lent.other.axes[2]] / 24)]


_OF: dict[str, Callable[[Any, Instance], list[Entries]]] = {
    "stocks": _stocks, "extra_hours": _extra_hours, "surge_units": _surge_units, "other_beds": _other_beds,
}  # fmt: skip

GOALS_HERE = (
    Goal(
        "effort",
        "Insatser i övrigt",
        "Effort besides",
        "units and days",
        0.5,
        EffortOptions,
        _effort,
        symbols=(
            Symbol(r"y_{grqt}, v_{grt}", "units of stocks sent, and given by the nation", "units", "variable"),
            Symbol(r"v_{crd}", "people's worth of extra hours in a staff block", "people", "variable"),
            Symbol(r"o_{ud}, O_{ud}", "surge units opened, and open, in a staff block", "units", "variable"),
            Symbol(r"o_{pit}", "patients in beds of another type", "patients", "variable"),
        ),
        notes=(
            "`stocks`: units sent or given, from the national stock too (equipment and supplies). `extra_hours`: "
            "days of people's worth of extra hours (endurance). `surge_units`: openings, and days that units are open "
            "(surge). `other_beds`: days of patients in beds of another type (bed_substitution). Each unit and each "
            "day counts as one; a family that is not in the model counts nothing.",
            "No other goal counts these unless they have a price: without it units could go back and forth, and hours "
            "be worked that nobody needs. Put it last: then it decides nothing but that.",
        ),
    ),
)
