"""Surge beds as units: opened and closed whole, after notice, for so long, and not again at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, Index
from nspl_opt.formulation.extra import add_right, add_terms
from nspl_opt.formulation.family import Family, Options, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance
from nspl_opt.scenario.parts import SurgeUnit

CRISIS = "crisis"


class SurgeOptions(Options):
    """When units can open, and how long they may stay so."""

    notice_h: float = Field(0, ge=0, le=500, description="from the decision until the lead time begins [h]")
    longest_factor: float = Field(1.0, gt=0, le=10, description="times the longest time that a unit may be open")
    teardown_factor: float = Field(1.0, ge=0, le=10, description="times the time from closing until it can open again")
    stay_open: bool = Field(False, description="a unit that has opened stays open to the end")


@dataclass(frozen=True)
class Units:
    """Lines of units of a situation: where they are, and what each of them adds."""

    inst: Instance
    lines: tuple[SurgeUnit, ...]
    bed: np.ndarray
    site: np.ndarray
    """(line,) bed type and site."""

    def ready(self) -> np.ndarray:
        """(line, period) whether the line counts among the surge beds of the period."""
        periods, unlocked = self.inst.situation.periods, self.inst.situation.crisis_open
        found = np.array([[line.lead_h <= period.start_h for period in periods] for line in self.lines])
        for u, line in enumerate(self.lines):
            if line.standard == CRISIS:
                found[u] &= unlocked[self.site[u]] if unlocked is not None else False
        return found

    def beds(self) -> np.ndarray:
        """(line, period) beds that one unit adds, as the surge beds are now: lines of a place share what changes."""
        surge, ready = self.inst.situation.surge_beds, self.ready()
        stated = np.array([line.beds for line in self.lines], dtype=float)
        known = np.zeros(surge.shape)
        np.add.at(known, (self.bed, self.site), np.where(ready, stated, 0.0))
        now = np.divide(surge, known, out=np.zeros(surge.shape), where=known > 0)[self.bed, self.site]
        return np.where(ready, stated * now, 0.0) / np.array([line.units for line in self.lines])[:, None]


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: SurgeOptions) -> None:
    """Units open, opened and closed, by line and staff block; the beds of the rule beds.capacity."""
    lines = inst.situation.surge_units
    sites = {site.code: i for i, site in enumerate(inst.situation.sites)}
    types = {bed.code: b for b, bed in enumerate(inst.situation.bed_types)}
    bed, site = (np.array(found, dtype=np.int64) for found in (
        [types[line.bed_type] for line in lines], [sites[line.site] for line in lines]
    ))  # fmt: skip
    add_right(m, "beds.capacity", lambda: -inst.situation.surge_beds.astype(float))
    block.options = options
    if not lines:
        m.notes.append("surge.no_units")
        return
    units = block.units = Units(inst, lines, bed, site)
    exists, unlocked = _may_open(units, options)
    u, d = np.nonzero(exists)
    index, first = Index(u, d), inst.block_start[d]
    most = np.array([line.units for line in lines], dtype=float)
    block.open = Columns(index, first, np.where(unlocked[u, d], most[u], 0.0), whole=True, roundable=True)
    block.opened, block.closed = Columns(index, first), Columns(index, first)
    at, t = np.nonzero(inst.block == d[:, None])
    add_terms(
        m, "beds.capacity",
        lambda: [Term(-units.beds()[u[at], t], block.open, (bed[u[at]], site[u[at]], t), at, follows=True)],
    )  # fmt: skip
    _add_rules(block, units, options, index)


def _may_open(units: Units, options: SurgeOptions) -> tuple[np.ndarray, np.ndarray]:
    """(line, block) whether its units are ready when the block begins; whether they may be open all through it."""
    inst, ready = units.inst, units.ready()
    starts = np.array([period.start_h for period in inst.situation.periods])[inst.block_start]
    lead = np.array([line.lead_h + options.notice_h for line in units.lines])
    through = np.stack([ready[:, inst.block == d].all(axis=1) for d in range(len(starts))], axis=1)
    return lead[:, None] <= starts[None, :], through


def _add_rules(block: pyo.Block, units: Units, options: SurgeOptions, index: Index) -> None:
    lines, hours = units.lines, units.inst.block_hours
    start = np.cumsum(hours) - hours
    most = np.array([line.units for line in lines], dtype=float)
    longest = [np.inf if line.longest_h is None else line.longest_h * options.longest_factor for line in lines]
    teardown = np.array([line.teardown_h * options.teardown_factor for line in lines])
    limited = np.flatnonzero(np.isfinite(longest)[index.axes[0]])
    torn = np.flatnonzero(teardown[index.axes[0]] > 0)

    def within(sign: float, columns: Columns, counts: Callable[[int, int, int], bool]) -> Term:
        """What happened in a block e that counts in a block d from it on; ``counts(line, e, d)``."""
        pairs = [(n, d) for n, (u, e) in enumerate(zip(*index.axes, strict=True)) for d in range(e, len(hours))
                 if counts(u, e, d)]  # fmt: skip
        at, later = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return Term(sign, columns, (index.axes[0][at], later), at)

    @rule(block, index, "units")
    def course(u: np.ndarray, d: np.ndarray) -> Said:
        r"""Units that are open were open before or have just opened.

        .. math:: O_{ud} = O_{u,d-1} + o_{ud} - c_{ud}
        """
        before = Term(-1.0, block.open, (u, d + 1))
        return [Term(1.0, block.open, (u, d)), before, Term(-1.0, block.opened, (u, d)),
                Term(1.0, block.closed, (u, d))], "==", 0.0  # fmt: skip

    @rule(block, _some(index, limited), "units")
    def longest_time(u: np.ndarray, d: np.ndarray) -> Said:
        r"""No unit is open longer than it may be.

        .. math:: O_{ud} \le \sum_{e \le d:\ e = d\ \lor\ \mathrm{end}(d) - \mathrm{start}(e) \le \lambda_u} o_{ue}
        """
        recent = within(-1.0, block.opened, lambda u, e, d: e == d or start[d] + hours[d] - start[e] <= longest[u])
        return [Term(1.0, block.open, index.axes), recent], "<=", 0.0

    @rule(block, _some(index, torn), "units")
    def teardown_time(u: np.ndarray, d: np.ndarray) -> Said:
        r"""A unit that has closed does not open again at once.

        .. math:: O_{ud} + \sum_{e \le d:\ \mathrm{start}(d) - \mathrm{start}(e) < \theta_u} c_{ue} \le \bar O_u
        """
        recent = within(1.0, block.closed, lambda u, e, d: start[d] - start[e] < teardown[u])
        return [Term(1.0, block.open, index.axes), recent], "<=", most[u]

    @rule(block, _some(index, np.arange(index.count if options.stay_open else 0)), "units")
    def stays(u: np.ndarray, d: np.ndarray) -> Said:
        r"""What has opened stays open.

        .. math:: O_{u,d-1} \le O_{ud}
        """
        lines, blocks = index.axes
        now = Term(-1.0, block.open, (lines, blocks), follows=True)
        return [Term(1.0, block.open, (lines, blocks + 1)), now], "<=", 0.0


def _some(index: Index, numbers: np.ndarray) -> Index:
    return Index(*(axis[numbers] for axis in index.axes))


FAMILY = Family(
    "surge",
    "Extra vårdplatser i enheter",
    "Surge units",
    SurgeOptions,
    build,
    symbols=(
        Symbol(r"O_{ud}", "units of line u that are open in staff block d, whole (`open`)", "units", "variable"),
        Symbol(r"o_{ud}", "of them opened at its start (`opened`)", "units", "variable"),
        Symbol(r"c_{ud}", "closed at its start (`closed`)", "units", "variable"),
        Symbol(r"\bar O_u", "units of the line", "units", "data"),
        Symbol(r"\lambda_u", "longest time open times `longest_factor`", "h", "data"),
        Symbol(r"\theta_u", "teardown time times `teardown_factor`", "h", "data"),
        Symbol(r"\beta_{ut}", "beds that a unit adds in t: E_ut / Ō_u · Q_bit / Σ_u' E_u't", "beds per unit", "data"),
    ),
    notes=(
        "In **beds.capacity** the surge beds Q_bit are replaced by Σ_u β_ut O_u,d(t), u the lines of the bed type at "
        "the site. E_ut are the beds of all units of the line, injects applied; the sum in β is over the lines of the "
        "same bed type and site that are ready in t (lead time passed when t begins; crisis standard unlocked), and is "
        "Q_bit unless a what-if changes Q. β is exact, not rounded.",
        "O_ud is 0 in a block that begins before lead time + `notice_h`, and for units of crisis standard in a block "
        "with a period in which it is not unlocked. Before the first block nothing is open.",
        "**longest_time** counts openings in d itself always, and in an earlier block e where end(d) − start(e) ≤ λ; "
        "it binds lines with a longest time only. A unit may close and open in the same block unless **teardown_time** "
        "forbids it: closings in e count in d where start(d) − start(e) < θ. **stays** only with `stay_open`.",
        "Reserves count every surge bed that may be open, opened or not. Care in opened beds takes staff as any other.",
    ),
    requires=("beds",),
)
