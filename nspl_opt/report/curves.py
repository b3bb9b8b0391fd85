"""Load curves as small drawings: need, care and beds over time, per region and per area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from nspl_opt.plan.facts import load_if_nobody_moved
from nspl_opt.report.sheets import Source

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 240.0, 118.0, 30.0, 8.0, 16.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and what it says."""

    at: float
    text: str


@dataclass(frozen=True)
class Panel:
    """One small drawing; the paths are SVG path data in WIDTH x HEIGHT units."""

    name: str
    peak: str
    over: bool
    label: str
    cared: str
    unmet: str
    need: str
    alone: str
    staffed: str
    surge: str
    free: str
    ticks_x: tuple[Tick, ...]
    ticks_y: tuple[Tick, ...]


@dataclass(frozen=True)
class CurveSet:
    """All panels of one bed type; panels with the highest load first."""

    bed_type: str
    name: str
    free_text: str
    areas: tuple[Panel, ...]
    regions: tuple[Panel, ...]


def make_curves(source: Source, bed_types: tuple[tuple[str, str], ...]) -> tuple[CurveSet, ...]:
    """Panels for the bed types given, in their order. Areas are those of the grouping the model watches."""
    alone = load_if_nobody_moved(source.plan, source.situation)
    areas = _areas(source)
    sets = []
    for code, name in bed_types:
        free = _free_share(source, code)
        tables = [frame[frame["bed_type"] == code] for frame in (source.table("load"), alone)]
        one = [(source.names.regions[region.code], (region.code,)) for region in source.situation.regions]
        panels = [[_panel(source, title, regions, tables, free) for title, regions in group] for group in (areas, one)]
        ranked = [tuple(panel for _, panel in sorted(part, key=lambda item: item[0])) for part in map(_some, panels)]
        text = source.words("page.curve_free", share=source.words.percent(free)) if free else ""
        sets.append(CurveSet(code, name, text, *ranked))
    return tuple(sets)


def _some(panels: list) -> list:
    return [panel for panel in panels if panel is not None]


def _areas(source: Source) -> list[tuple[str, tuple[str, ...]]]:
    groupings = source.situation.groupings
    watched = source.plan.model.get("families", {}).get("reserve", {}).get("grouping", "")
    key = watched if watched in groupings else next(iter(sorted(groupings)), "")
    return [(area.name, area.regions) for area in groupings.get(key, ())]


def _free_share(source: Source, bed_type: str) -> float:
    """Free-capacity line: what the model reserves, else 20 per cent for the beds of intensive-care patients."""
    reserve = source.plan.model.get("families", {}).get("reserve", {})
    icu = {item.bed_type for item in source.situation.categories if item.patient_kind == "icu"}
    if bed_type in reserve.get("bed_types", ()):
        return float(reserve.get("free_share", 0.2))
    return 0.2 if bed_type in icu else 0.0


def _panel(source: Source, name: str, regions: tuple[str, ...], tables: list[pd.DataFrame], free: float):
    """((minus the peak load, name), panel), or None where there are neither beds nor need."""
    load, alone = (_series(source, table, regions) for table in tables)
    beds = load["staffed"] + load["surge"]
    top = max(float(series.max()) for series in (beds, load["present"], alone["present"]))
    if top <= 0:
        return None
    share = np.divide(load["present"], beds, out=np.where(load["present"] > 0, 99.0, 0.0), where=beds > 0)
    axis = _Axis(source, top)
    unmet = np.maximum(load["present"] - load["cared"], 0)
    words, peak = source.words, int(np.argmax(np.round(share, 6)))
    text = "page.curve_peak"
    panel = Panel(
        name=name,
        peak=words(text, share=words.percent(share[peak])) if share[peak] < 90 else words("page.legend_none"),
        over=bool(share[peak] > 1.0005 or unmet.max() > 0.05),
        label=words("page.curve_label", name=name, need=words.number(load["present"][peak], 1),
                    beds=words.number(beds[peak], 1), unmet=words.number(unmet.max(), 1)),
        cared=axis.area(load["cared"]),
        unmet=axis.band(load["cared"], load["present"]) if unmet.max() > 0.005 * top else "",
        need=axis.line(load["present"]), alone=axis.line(alone["present"]), staffed=axis.line(load["staffed"]),
        surge=axis.line(beds) if float(load["surge"].max()) > 0 else "",
        free=axis.line((1 - free) * beds) if free else "",
        ticks_x=axis.days(), ticks_y=axis.levels(),
    )  # fmt: skip
    return (-round(float(share[peak]), 6), name), panel


def _series(source: Source, table: pd.DataFrame, regions: tuple[str, ...]) -> dict[str, np.ndarray]:
    mine = table[table["region"].isin(regions)].groupby("period")[["present", "cared", "staffed", "surge"]].sum()
    mine = mine.reindex(range(len(source.situation.periods)), fill_value=0)
    return {column: mine[column].to_numpy(dtype=float) for column in mine.columns}


class _Axis:
    """Hours to the right, patients and beds upwards; a figure holds during its whole period."""

    def __init__(self, source: Source, top: float) -> None:
        self.source = source
        self.periods = source.situation.periods
        self.hours = self.periods[-1].start_h + self.periods[-1].length_h
        self.top = top * 1.06

    def x(self, hour: float) -> float:
        return LEFT + (WIDTH - LEFT - 4) * hour / self.hours

    def y(self, value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.top)

    def _steps(self, values: np.ndarray) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for period, value in zip(self.periods, values, strict=True):
            height = round(self.y(float(value)), 1)
            start, end = self.x(period.start_h), self.x(period.start_h + period.length_h)
            if points and points[-1][1] == height:
                points[-1] = (end, height)
            else:
                points += [(start, height), (end, height)]
        return points

    def line(self, values: np.ndarray) -> str:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in self._steps(values))

    def area(self, values: np.ndarray) -> str:
        return f"{self.line(values)}V{self.y(0):.1f}H{LEFT:.1f}Z"

    def band(self, low: np.ndarray, high: np.ndarray) -> str:
        back = "L".join(f"{x:.1f} {y:.1f}" for x, y in reversed(self._steps(low)))
        return f"{self.line(high)}L{back}Z"

    def days(self) -> tuple[Tick, ...]:
        """A mark at every midnight; text on at most eight of them."""
        start = self.source.situation.start
        midnight = (start + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        first = (midnight - start).total_seconds() / 3600
        marks = list(np.arange(first, self.hours + 1e-9, 24.0))
        every = max(1, -(-len(marks) // 7))
        texts = []
        for number, hour in enumerate(marks):
            day = start + timedelta(hours=float(hour))
            shown = number % every == 0 and self.x(hour) < WIDTH - 8
            texts.append(Tick(round(self.x(float(hour)), 1), f"{day.day}/{day.month}" if shown else ""))
        return tuple(texts if every < 4 else texts[::every])

    def levels(self) -> tuple[Tick, ...]:
        step = 10.0 ** np.floor(np.log10(self.top))
        for factor in (0.2, 0.5, 1.0, 2.0, 5.0):
            if self.top / (step * factor) <= 4:
                step *= factor
                break
        values = np.arange(0, self.top, step)
        decimals = 0 if step >= 1 else 1
        return tuple(Tick(round(self.y(v), 1), self.source.words.number(float(v), decimals)) for v in values)
