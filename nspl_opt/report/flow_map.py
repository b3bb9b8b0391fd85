"""The map: load of every region and period as a colour class, flows of patients as curved arrows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from nspl_opt.plan.facts import beds_open, flows, load_if_nobody_moved, load_share, worst_period
from nspl_opt.report.geometry import Point, Shapes
from nspl_opt.report.sheets import Source

CLASS_LIMITS = (0.6, 0.8, 1.0, 1.2, 1.5)
"""Load [share] at which the colour changes; 0.8 is the 20 per cent free-capacity line."""

NO_BEDS, NO_LIMIT = -1, 9999
"""Load values in per cent that stand for: no such beds and no need, need without any bed."""

WIDEST, NARROWEST = 14.0, 1.6
"""Width of the largest and the least flow [drawing units]."""

THIN = 5.0
"""Below this width the line itself is broken to show the way; above it a broken line runs inside."""

LABELLED, LEAST_LABELLED = 9, 0.25
"""Flows with a figure: so many at most, and none below this share of the largest."""

LARGEST_NAME, SMALLEST_NAME = 9.5, 6.5
"""Size of the regions' names [drawing units]."""

FIGURE_ROOM = 9.0
"""Room between flows of one pair for the figure on the next one [drawing units]."""

WAYS = {"road": "land", "rail": "land", "ferry": "sea", "fixed_wing": "air", "helicopter": "air"}


@dataclass(frozen=True, slots=True)
class Arrow:
    """A drawn flow. ``way`` is land, sea or air; ``label`` is empty on small flows."""

    way: str
    path: str
    head: str
    width: float
    label: str
    x: float
    y: float
    title: str


@dataclass(frozen=True)
class FlowMap:
    """Everything the template draws. ``period`` -1 stands for all periods."""

    shapes: Shapes
    bed_types: tuple[tuple[str, str], ...]
    load: Mapping[str, list[list[int]]]
    """Bed type -> per period (the last entry: the highest of all) -> per cent per region."""
    arrows: Mapping[int, tuple[Arrow, ...]]
    lists: Mapping[int, tuple[tuple[str, str], ...]]
    """Per period the largest flows in words: who to whom, how many and how."""
    scale: Mapping[str, tuple[tuple[str, float], ...]]
    """Legend of widths, ``one`` for a single period and ``all``: text and width."""
    name_sizes: Mapping[str, float]
    worst: int


def make_map(source: Source, shapes: Shapes) -> FlowMap:
    """Aggregate the plan to regions and lay it out."""
    per = flows(_with_way(source), ["period", "from_region", "to_region", "way"])
    total = flows(_with_way(source), ["from_region", "to_region", "way"])
    top_one, top_all = (float(table["patients"].max()) if len(table) else 0.0 for table in (per, total))
    whole = source.table("transfers").groupby("period")["whole"].all().to_dict()
    arrows, lists = {}, {}
    for period in (-1, *(item.index for item in source.situation.periods)):
        part = total if period < 0 else per[per["period"] == period]
        part = part[part["patients"] >= 0.05]
        firm = all(whole.values()) if period < 0 else bool(whole.get(period, True))
        arrows[period] = _arrows(source, shapes, part, top_all if period < 0 else top_one, firm)
        lists[period] = _list(source, part, firm)
    kinds = _ordered_bed_types(source)
    return FlowMap(
        shapes=shapes,
        bed_types=tuple((code, source.names.bed_types[code]) for code in kinds),
        load={code: _load_classes(source, code) for code in kinds},
        arrows=arrows,
        lists=lists,
        scale={"one": _scale(source, top_one), "all": _scale(source, top_all)},
        name_sizes={code: _name_size(name, shapes.rooms[code]) for code, name in source.names.regions.items()},
        worst=worst_period(source.plan, source.situation),
    )


def load_class(percent: int) -> int:
    """Colour class 0 to 5 of a load in per cent; -1 where there are no such beds."""
    return -1 if percent < 0 else sum(percent > 100 * limit + 1e-9 for limit in CLASS_LIMITS)


def _name_size(name: str, room: float) -> float:
    """A letter is a little more than half as wide as the text is high; names may reach over the free circle."""
    return round(min(LARGEST_NAME, max(SMALLEST_NAME, 2.5 * room / (0.55 * len(name)))), 1)


def _with_way(source: Source) -> pd.DataFrame:
    table = source.table("transfers")
    modes = table["vehicle_type"].map(source.names.modes)
    return table.assign(way=modes.map(WAYS).fillna("land") if len(table) else pd.Series(dtype=object))


def _ordered_bed_types(source: Source) -> list[str]:
    """Bed types in use, the one with the largest want of beds (if nobody moved) first."""
    alone = load_if_nobody_moved(source.plan, source.situation)
    over = (alone["present"] - beds_open(alone)).clip(lower=0).groupby(alone["bed_type"]).sum().round(3)
    need = alone.groupby("bed_type")["present"].max()
    used = [item.code for item in source.situation.bed_types if float(need.get(item.code, 0.0)) > 0]
    return sorted(used, key=lambda code: (-float(over[code]), used.index(code)))


def _load_classes(source: Source, bed_type: str) -> list[list[int]]:
    table = source.table("load")
    table = table[table["bed_type"] == bed_type]
    table = table.assign(percent=[_percent(share) for share in load_share(table)])
    grid = table.pivot(index="period", columns="region", values="percent")
    codes = [region.code for region in source.situation.regions]
    rows = [[int(grid.at[period.index, code]) for code in codes] for period in source.situation.periods]
    return [*rows, [max(column) for column in zip(*rows, strict=True)]]


def _percent(share: float) -> int:
    if math.isnan(share):
        return NO_BEDS
    return NO_LIMIT if math.isinf(share) else min(NO_LIMIT, round(100 * share))


def _arrows(source: Source, shapes: Shapes, part: pd.DataFrame, top: float, firm: bool) -> tuple[Arrow, ...]:
    drawn: list[Arrow] = []
    beside: dict[tuple[str, str], list[float]] = {}
    largest = float(part["patients"].max()) if len(part) else 0.0
    for place, row in enumerate(part.itertuples()):
        pair = (row.from_region, row.to_region)
        width = max(NARROWEST, WIDEST * row.patients / top)
        widths = beside.setdefault(pair, [])
        path, head, middle = _curve(shapes.seats[pair[0]], shapes.seats[pair[1]], width, widths)
        widths.append(width)
        text = source.words.quantity(row.patients, firm)
        title = f"{source.names.regions[pair[0]]} → {source.names.regions[pair[1]]}: {text}"
        title += f", {source.words(f'page.legend_{row.way}')}"
        label = text if place < LABELLED and row.patients >= LEAST_LABELLED * largest else ""
        drawn.append(Arrow(row.way, path, head, round(width, 1), label, *middle, title))
    return tuple(reversed(drawn))  # the largest are drawn last, on top


def _curve(start: Point, end: Point, width: float, beside: Sequence[float]) -> tuple[str, str, Point]:
    """A curve that bends to its right, so that opposing flows part; those ``beside`` it lie within its bend."""
    length = max(math.dist(start, end), 1.0)
    along = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    across = (-along[1], along[0])
    # The middle of a curve lies half as far out as its control point; a figure needs room as well.
    sag = length * 0.16 + 6
    for inner, outer in pairwise([*beside, width]):
        sag += max(0.17 * length, inner + outer + 2 * FIGURE_ROOM)
    control = tuple((start[n] + end[n]) / 2 + across[n] * sag for n in (0, 1))
    away = math.dist(control, end) or 1.0
    toward = tuple((end[n] - control[n]) / away for n in (0, 1))
    size = 5 + 1.1 * width
    neck = tuple(end[n] - toward[n] * min(size, 0.6 * length) for n in (0, 1))
    wing = (-toward[1] * (2.6 + 0.85 * width), toward[0] * (2.6 + 0.85 * width))
    head = [end, (neck[0] + wing[0], neck[1] + wing[1]), (neck[0] - wing[0], neck[1] - wing[1])]
    middle = tuple(round((start[n] + 2 * control[n] + neck[n]) / 4, 1) for n in (0, 1))
    path = f"M{_xy(start)}Q{_xy(control)} {_xy(neck)}"
    return path, "M" + "L".join(_xy(point) for point in head) + "Z", middle


def _xy(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _list(source: Source, part: pd.DataFrame, firm: bool) -> tuple[tuple[str, str], ...]:
    words, rows = source.words, []
    for row in part.head(LABELLED).itertuples():
        who = f"{source.names.regions[row.from_region]} → {source.names.regions[row.to_region]}"
        what = f"{words.count('patient', row.patients, firm)}, {words(f'page.legend_{row.way}')}"
        rows.append((who, what))
    return tuple(rows)


def _scale(source: Source, top: float) -> tuple[tuple[str, float], ...]:
    if top <= 0:
        return ()
    step = 10 ** math.floor(math.log10(top))
    largest = max(value * step for value in (1, 2, 5) if value * step <= top)
    steps = [value for value in (largest / 5, largest / 2, largest) if value >= 1 or value == largest]
    decimals = 0 if all(value == round(value) for value in steps) else 1
    return tuple(
        (source.words.number(value, decimals), round(max(NARROWEST, WIDEST * value / top), 1)) for value in steps
    )
