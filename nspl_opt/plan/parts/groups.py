"""Groups in a plan: where each went, from the transfers of its category."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.instance.instance import Instance
from nspl_opt.plan.parts.tables_stocks import TABLES_HERE
from nspl_opt.reference.reference import MICRO


def read(m: Any, inst: Instance, value_of: Callable[[Any], np.ndarray]) -> dict[str, Any]:
    """Nothing: what groups do stands in the transfers."""
    return {}


def settle(m: Any, inst: Instance, decisions: Any) -> None:
    """Groups that go, go whole to the last millionth: what the solver's tolerance leaves is put right in the largest
    of the transfers. Called before anything follows from the transfers."""
    if m.component("single_source") is None:
        return
    for (g, _, _), cells in _cells(inst).items():
        patients, here = inst.situation.groups[g].patients_micro, decisions.move[cells]
        if 2 * int(here.sum()) < patients:
            decisions.move[cells] = 0
        else:
            decisions.move[cells[int(np.argmax(here))]] += patients - int(here.sum())


def put(m: Any, inst: Instance, decisions: Any, put: Callable[[Any, np.ndarray], None]) -> None:
    """1 where a group goes."""
    block = m.component("single_source")
    if block is not None and hasattr(block, "goes"):
        gone = _gone(inst, decisions)
        put(block.goes, np.array([float(key in gone) for key in block.goes]))


def rows(m: Any, inst: Instance, decisions: Any, model: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The table ``groups``."""
    if m.component("single_source") is None:
        return {}
    sites, where = inst.situation.sites, {g: (j, t) for g, j, t in _gone(inst, decisions)}
    found = []
    for g, group in enumerate(inst.situation.groups):
        j, t = where.get(g, (None, None))
        site = "" if j is None else sites[j].code
        found.append((group.code, group.category, group.site, site, t, group.patients_micro / MICRO))
    frame = pd.DataFrame(found, columns=[column.name for column in TABLES_HERE["groups"]])
    return {"groups": frame.astype({"period": object}).where(frame.notna(), None)}


def _gone(inst: Instance, decisions: Any) -> set[tuple[int, int, int]]:
    """(group, destination, period) of transfers of groups."""
    return {key for key, cells in _cells(inst).items() if decisions.move[cells].any()}


def _cells(inst: Instance) -> dict[tuple[int, int, int], list[int]]:
    """(group, destination, period) -> its possible transfers."""
    category = {one.code: k for k, one in enumerate(inst.situation.categories)}
    group = {category[one.category]: g for g, one in enumerate(inst.situation.groups)}
    found: dict[tuple[int, int, int], list[int]] = {}
    moves = inst.moves
    for n in np.flatnonzero(np.isin(moves.category, list(group))).tolist():
        key = group[int(moves.category[n])], int(moves.destination[n]), int(moves.period[n])
        found.setdefault(key, []).append(n)
    return found
