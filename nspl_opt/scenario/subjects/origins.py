"""Who the patients are that come: shares of what comes, by class of origin. They change no plan."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from nspl_opt.reference.reference import CareCategory
from nspl_opt.scenario.arrivals import arrivals_by_hospital
from nspl_opt.scenario.extra import Scene
from nspl_opt.scenario.injects import known_rows, unknown_micro
from nspl_opt.scenario.scenario import Arrivals, Scenario
from nspl_opt.scenario.shares import share_out

CIVILIAN = "civilian"


def fill(scene: Scene) -> dict[str, Any]:
    """``unknown_patients``, and ``origin_micro`` where others than civilians come: class -> (category, site, period).

    Each class is worked out by itself as all arrivals are; what rounding leaves is shared out, so that the classes
    add up to the arrivals exactly. Everyday care and groups are civilian.
    """
    found: dict[str, Any] = {"unknown_patients": unknown_micro(scene.scenario)}
    classes = sorted({row.origin_class for row in known_rows(scene.scenario)} | {CIVILIAN})
    if classes == [CIVILIAN]:
        return found
    first = [one for one in scene.categories if one.takes_arrivals]
    plain = [_as_stated(one) for one in first]
    alone = [arrivals_by_hospital(_only(scene.scenario, one), scene.geography, plain, scene.periods) for one in classes]
    rows = [scene.categories.index(one) for one in first]
    whole = scene.by_hospital["arrivals_micro"]
    by_class = _shared(whole, rows, np.stack(alone), classes.index(CIVILIAN))
    return found | {"origin_micro": {one: scene.to_sites(by_class[n]) for n, one in enumerate(classes)}}


def _as_stated(category: CareCategory) -> CareCategory:
    """The category that the tables name, of one that may be its first stage."""
    return dataclasses.replace(category, code=category.parent, parent="", stage=None) if category.stage else category


def _only(scenario: Scenario, origin: str) -> Scenario:
    """The scenario with the patients of one class alone; everyday care is civilian."""

    def of_class(rows: tuple[Arrivals, ...]) -> tuple[Arrivals, ...]:
        return tuple(row for row in rows if row.origin_class == origin)

    changed = {} if origin == CIVILIAN else {"ordinary": ()}
    injected = {name: of_class(rows) for name, rows in scenario.inject_arrivals.items()}
    return dataclasses.replace(
        scenario.with_file(**changed), demand=of_class(scenario.demand), inject_arrivals=injected
    )


def _shared(whole: np.ndarray, rows: list[int], alone: np.ndarray, civilian: int) -> np.ndarray:
    """(class, category, hospital, period) of all arrivals, by what each class is alone (its categories are ``rows``);
    where nothing is known of who comes they are civilian."""
    found = np.zeros((len(alone), *whole.shape), dtype=np.int64)
    found[civilian] = whole
    for n, k in enumerate(rows):
        others = alone[:, n].sum(axis=0) - alone[civilian, n]
        for h, t in np.argwhere((others > 0) & (whole[k] > 0)).tolist():
            found[:, k, h, t] = share_out(int(whole[k, h, t]), [int(part) for part in alone[:, n, h, t]])
    return found
