"""Goals of nearness: few trips, and help from within before help from outside."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import numpy as np
import pyomo.environ as pyo
from pydantic import AfterValidator, BeforeValidator, Field

from nspl_opt.formulation.arrays import Entries
from nspl_opt.formulation.goal import Goal, GoalOptions, sum_of
from nspl_opt.instance.instance import Instance
from nspl_opt.scenario.situation import Situation

RINGS = OWN, AREA, NEIGHBOUR, NATION, ABROAD = range(5)
"""Rings around a region, the nearest first."""


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _rising(weights: tuple[float, ...]) -> tuple[float, ...]:
    if len(weights) != len(RINGS):
        raise ValueError(f"there are {len(RINGS)} rings, so {len(RINGS)} weights")
    if any(one > other for one, other in pairwise(weights)):
        raise ValueError("a ring farther away may not weigh less")
    if any(0 < weight < 0.001 for weight in weights):
        raise ValueError("a weight is 0, or 0.001 at least")
    return weights


Weight = Annotated[float, Field(ge=0, le=1000)]
Weights = Annotated[tuple[Weight, ...], BeforeValidator(_as_tuple), AfterValidator(_rising)]


class RingOptions(GoalOptions):
    """What a transfer weighs, by how far outside it goes."""

    grouping: str = Field(
        "civil_area", description='grouping whose areas are the rings, or "region"',
        json_schema_extra={"codes": "groupings"},
    )  # fmt: skip
    weights: Weights = Field(
        (0.0, 1.0, 3.0, 9.0, 27.0),
        description="weight of a patient moved within the region, within the area, to a neighbouring area, "
        "elsewhere in the nation, abroad; none less than the one before",
    )


def ring_of(situation: Situation, grouping: str, one: str, other: str) -> int:
    """The nearest ring around region ``one`` in which region ``other`` lies."""
    if one == other:
        return OWN
    if {one, other} & situation.external_regions:
        return ABROAD
    if situation.same_area(grouping, one, other):
        return AREA
    beside = situation.neighbours.get(grouping, frozenset())
    homes = [_areas(situation, grouping, code) for code in (one, other)]
    return NEIGHBOUR if any((a, b) in beside for a in homes[0] for b in homes[1]) else NATION


def _areas(situation: Situation, grouping: str, region: str) -> list[str]:
    """The areas of the grouping that hold the region; of ``"region"`` the region itself."""
    if grouping == "region":
        return [region]
    return [area.code for area in situation.groupings.get(grouping, ()) if region in area.regions]


def _inside_first(m: pyo.ConcreteModel, inst: Instance, options: RingOptions) -> list[Entries]:
    r"""Patients moved, each by the weight of the ring in which the receiver lies.

    .. math:: \sum_e \omega_{\mathrm{ring}(e)} x_{et}
    """
    codes, moves = [region.code for region in inst.situation.regions], inst.moves
    rings = [[ring_of(inst.situation, options.grouping, one, other) for other in codes] for one in codes]
    weight = np.array(options.weights)[np.array(rings, dtype=np.int64)]
    weights = weight[inst.site_region[moves.origin], inst.site_region[moves.destination]]
    some = np.flatnonzero(weights)
    return [sum_of(m.move, weights[some], some)]


def _trips(m: pyo.ConcreteModel, inst: Instance, _: GoalOptions) -> list[Entries]:
    r"""Trips made by vehicles of all pools and by scheduled lines.

    .. math:: \sum_{q,p,t} y_{qpt}
    """
    transports = m.component("transports")
    if transports is None:
        return []
    # A run with an implied trip makes as many trips as it has patients, whoever drives them.
    by_patient = np.zeros((len(inst.runs), len(inst.hours)), dtype=bool)
    made, moves = inst.made, inst.moves
    by_patient[made.run[made.implied], made.period[made.implied]] = True
    (own,) = transports.trips.axes
    counted = np.flatnonzero(~by_patient[made.run[own], made.period[own]])
    riding = np.flatnonzero(by_patient[moves.run, moves.period])
    return [sum_of(transports.trips, 1.0, counted), sum_of(m.move, 1.0, riding)]


GOALS_HERE = (
    Goal(
        "trips",
        "Turer",
        "Trips",
        "trips",
        0.5,
        GoalOptions,
        _trips,
        notes=(
            "Σ trips of all pools and scheduled lines, as they stand in the table trips. Where the first pool of a run "
            "has no column its trips are the patients of the run less the trips of other pools, so the run's trips "
            "are its patients. 0 without the family transports.",
        ),
    ),
    Goal(
        "inside_first",
        "Inom området först",
        "Inside first",
        "weighted patients",
        0.5,
        RingOptions,
        _inside_first,
        notes=(
            "Σ `weights`[ring] x_et. Ring 0: sender and receiver in one region; 1: their regions share an area of "
            "`grouping`; 2: some area of the one is a neighbour of some area of the other; 3: elsewhere in the nation; "
            "4: either is a place abroad and the other is not in it. A region in two areas counts by the nearest ring. "
            "Areas are neighbours when "
            'a road, a rail link or a ferry line joins nodes of their regions; with `grouping` "region" each region '
            "is an area of its own.",
        ),
    ),
)
