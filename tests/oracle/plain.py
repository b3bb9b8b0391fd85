"""A case as plain data: what goes to the oracle's process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from typing import Any

import numpy as np

from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.scenario.situation import Situation

from .cases import TinyTravel


def as_plain(situation: Situation, travel: TinyTravel, model: Mapping[str, Any]) -> dict[str, Any]:
    """The case as plain JSON data: the oracle reads this and nothing of the product."""
    arrays = ("beds", "surge_beds", "planned_beds", "staff", "planned_staff", "arrivals_micro", "initial_micro",
              "pool_quantity")  # fmt: skip
    tuples = ("sites", "periods", "bed_types", "professions", "categories", "vehicle_types", "pools", "regions")
    return {
        **{name: getattr(situation, name).tolist() for name in arrays},
        **{name: [asdict(one) for one in getattr(situation, name)] for name in tuples},
        **{name: _plain(getattr(situation, name)) for name in LATER},
        "leaves_micro": situation.leaves().tolist(),
        "groupings": {name: [asdict(area) for area in areas] for name, areas in situation.groupings.items()},
        "timetables": {line: asdict(table) for line, table in situation.timetables.items()},
        "journeys": [{"state": key[0], **asdict(journey)} for key, journey in sorted(travel.by_key.items())],
        "trips": [[*key, minutes] for key, minutes in sorted(travel.trips.items())],
        "model": model_from_dict(model, "random").as_dict(),
    }


def _plain(value: Any) -> Any:
    """Numbers, texts, lists and tables with texts for keys."""
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(map(_plain, value))
    return [_plain(one) for one in value] if isinstance(value, (tuple, list)) else value


LATER = tuple(one.name for one in fields(Situation) if one.default is not MISSING or one.default_factory is not MISSING)
"""The parts of a situation that only some scenarios have."""
