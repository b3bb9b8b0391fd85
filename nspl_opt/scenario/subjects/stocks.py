"""Equipment and supplies: ``[[stocks]]`` with the tables of what places hold and what is delivered."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from nspl_opt.problems import Problem, did_you_mean
from nspl_opt.reference.reference import MICRO, Reference
from nspl_opt.scenario.extra import Scene
from nspl_opt.scenario.extras.stocks import NATIONAL, Holding, Release
from nspl_opt.scenario.fields import exact
from nspl_opt.scenario.findings import unknown
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.parts import Stock
from nspl_opt.scenario.scenario import Scenario


def check(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    """``S420`` no such stock, ``S421`` a floor above what is there, ``S422`` a stock twice, ``S423`` a delivery
    after the horizon, ``S424`` no such place, ``S425`` no such category."""
    entries = scenario.file.stocks
    codes, categories = [entry.code for entry in entries], [category.code for category in reference.categories]
    for n, entry in enumerate(entries):
        where = f"{scenario.file_name}: stocks[{n}]"
        if entry.code in codes[:n]:
            yield Problem("S422", f"{where}.code", f"'{entry.code}' stands twice", "remove one or give it another code")
        for category in entry.use:
            yield from unknown("S425", f"{where}.use", "care category", category, categories)
    places = Geography.of(reference).known()
    for row in scenario.extra.get("stock_holdings", ()):
        yield from _row(row, codes, places)
        if row.floor_micro > row.quantity_micro:
            what = f"{row.floor_micro / MICRO:g}: more than there is, {row.quantity_micro / MICRO:g}"
            yield Problem("S421", f"{row.where}, column floor", what, "write the quantity or less")
    for row in scenario.extra.get("stock_releases", ()):
        yield from _row(row, codes, [*places, NATIONAL])
        if row.at_h >= scenario.file.horizon_h:
            what = f"{row.at_h}: outside the horizon, hours 0 to {scenario.file.horizon_h}"
            yield Problem("S423", f"{row.where}, column at_h", what, "leave the row out or lengthen the horizon")


def _row(row: Holding | Release, codes: list[str], places: list[str]) -> Iterator[Problem]:
    if row.stock not in codes:
        what = f"'{row.stock}': no [[stocks]] of this code"
        yield Problem("S420", f"{row.where}, column stock", what, did_you_mean(row.stock, codes))
    yield from unknown("S424", f"{row.where}, column place", "region or site", row.place, places)


def fill(scene: Scene) -> dict[str, Any]:
    """The field ``stocks``, sorted by code. A clone of a category uses what the category uses."""
    entries = sorted(scene.scenario.file.stocks, key=lambda entry: entry.code)
    parents = {category.code: category.parent for category in scene.categories}
    found = []
    for entry in entries:
        use = {code: _used(entry.use, parents, code) for code in parents}
        kept = {code: round(units * MICRO) for code, units in use.items() if units}
        names = entry.code, entry.name_sv, entry.name_en, entry.unit, entry.kind
        found.append(Stock(*names, kept, *_amounts(scene, entry.code)))
    return {"stocks": tuple(found)} if found else {}


def _used(use: dict[str, float], parents: dict[str, str], code: str) -> Fraction:
    """Units for a category: its own figure, else that of the one it was made from."""
    while code and code not in use:
        code = parents.get(code, "")
    return exact(use[code]) if code else Fraction(0)


def _amounts(scene: Scene, stock: str) -> tuple[np.ndarray, ...]:
    """(region,) held, (region,) floor, (region, period) delivered, (period,) national [units / 1e6], read-only."""
    region = {code: r for r, code in enumerate(region.code for region in scene.reference.regions)}
    held, floor = np.zeros(len(region), dtype=np.int64), np.zeros(len(region), dtype=np.int64)
    delivered = np.zeros((len(region), len(scene.periods)), dtype=np.int64)
    national = np.zeros(len(scene.periods), dtype=np.int64)

    def home(place: str) -> int:
        return region[place if place in region else scene.geography.hospitals_of(place)[0].region]

    for row in scene.rows("stock_holdings"):
        if row.stock == stock:
            held[home(row.place)] += row.quantity_micro
            floor[home(row.place)] += row.floor_micro
    starts = np.array([period.start_h for period in scene.periods])
    for row in scene.rows("stock_releases"):
        if row.stock == stock:
            period = int(np.searchsorted(starts, row.at_h, side="right")) - 1
            where = national if row.place == NATIONAL else delivered[home(row.place)]
            where[period] += row.quantity_micro
    for array in (held, floor, delivered, national):
        array.setflags(write=False)
    return held, floor, delivered, national
